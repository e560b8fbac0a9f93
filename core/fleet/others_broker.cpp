#include "core/fleet/others_broker.h"

#include "core/base/files.h"
#include "core/transport/http_server.h"
#include "core/transport/openssl_handles.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace percept::fleet {

namespace fs = std::filesystem;
using transport::MqttProblem;

namespace {

constexpr std::size_t kMaxAuthorityBytes = 65536, kMaxPasswordBytes = 256; // as in an enrolment
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

struct Address {
    bool usesTls = true;
    transport::HttpAddress at;
};

base::Result<Address> parseUrl(const std::string& url)
{
    const base::Error wrong = base::usage(fmt::format("--broker {} names no broker: use mqtts://HOST:PORT, or mqtt://HOST:PORT on this machine.", url));
    const bool usesTls = url.starts_with("mqtts://");
    if (!usesTls && !url.starts_with("mqtt://"))
        return wrong;
    const std::string rest = url.substr(url.find("//") + 2);
    if (rest.find('@') != std::string::npos)
        return base::usage("A password in --broker is for everybody on this machine to read. Use --broker-user and --broker-password-file.");
    const auto at = transport::parseHttpAddress(rest);
    if (at.hasError() || at->port == 0)
        return wrong;
    return Address { usesTls, at.value() };
}

base::Result<std::string> readPassword(const fs::path& file, const char* option)
{
    if (file.empty())
        return std::string();
    PERCEPT_ASSIGN(text, base::readTextFile(file, kMaxAuthorityBytes));
    const std::string line = text.substr(0, text.find_first_of("\r\n"));
    if (line.empty() || line.size() > kMaxPasswordBytes)
        return base::usage(fmt::format("{} {} has no password in its first line, of 1 to {} bytes.", option, file.string(), kMaxPasswordBytes));
    return line;
}

base::Result<void> checkTogether(const OthersBrokerOptions& o, const Address& address)
{
    if (o.certificateFile.empty() != o.keyFile.empty())
        return base::usage("A certificate and its key belong together: give --broker-cert and --broker-key.");
    if (o.user.empty() != o.passwordFile.empty() || o.deviceUser.empty() != o.devicePasswordFile.empty())
        return base::usage("A name and its password belong together: --broker-user and --broker-password-file, --device-user and --device-password-file.");
    if (o.user.empty() && o.certificateFile.empty())
        return base::usage("How is the hub to show the broker who it is? Give --broker-user and --broker-password-file, or --broker-cert and --broker-key.");
    if (!address.usesTls && !(o.caFile.empty() && o.certificateFile.empty()))
        return base::usage(fmt::format("Certificates are for brokers with TLS: {} has none. Use mqtts://.", o.url));
    if (!address.usesTls && !address.at.isLoopback() && !o.allowsNoTls)
        return base::usage(fmt::format("{} is on another machine, and without TLS anybody on the way could read counts, pictures and passwords, and speak as "
                                       "device or hub. Use mqtts://, or accept that with --broker-without-tls.", o.url));
    return {};
}

base::Result<std::string> readAuthority(const fs::path& file)
{
    if (file.empty())
        return std::string();
    const auto text = base::readTextFile(file, kMaxAuthorityBytes);
    if (text.hasError() && text.error().code == base::ErrorCode::Refused)
        return base::usage(fmt::format("--broker-ca {} is larger than 64 KiB: name the one authority that has certified the broker, or leave it out where "
                                       "it is one that every system trusts.", file.string()));
    PERCEPT_TRY(text);
    if (text->find("BEGIN CERTIFICATE") == std::string::npos)
        return base::usage(fmt::format("--broker-ca {} holds no certificate (PEM).", file.string()));
    return text.value();
}

// What the broker calls the hub when it goes by its certificate; empty without one. Read here, because TLS would only say that
// something is wrong with the files.
base::Result<std::string> nameInCertificate(const OthersBrokerOptions& options)
{
    if (options.certificateFile.empty())
        return std::string();
    PERCEPT_TRY(base::readTextFile(options.keyFile, kMaxAuthorityBytes));
    PERCEPT_ASSIGN(text, base::readTextFile(options.certificateFile, kMaxAuthorityBytes));
    const transport::openssl::Certificate certificate(PEM_read_bio_X509(transport::openssl::bioOf(text).get(), nullptr, nullptr, nullptr));
    std::array<char, 257> name {};
    if (!certificate || X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), static_cast<int>(name.size())) < 0)
        return base::usage(fmt::format("--broker-cert {} is no certificate (PEM) with a name.", options.certificateFile.string()));
    return std::string(name.data());
}

}

base::Result<OthersBroker> OthersBroker::read(const OthersBrokerOptions& options)
{
    PERCEPT_ASSIGN(address, parseUrl(options.url));
    PERCEPT_TRY(checkTogether(options, address));
    OthersBroker broker;
    PERCEPT_ASSIGN(password, readPassword(options.passwordFile, "--broker-password-file"));
    PERCEPT_ASSIGN(devicePassword, readPassword(options.devicePasswordFile, "--device-password-file"));
    PERCEPT_ASSIGN(authority, readAuthority(options.caFile));
    PERCEPT_ASSIGN(certified, nameInCertificate(options));
    broker.m_hubUser = options.user.empty() ? certified : options.user;
    broker.m_options = options;
    broker.m_host = address.at.host;
    broker.m_port = address.at.port;
    broker.m_usesTls = address.usesTls;
    broker.m_password = password;
    broker.m_devicePassword = devicePassword;
    broker.m_authority = authority;
    return broker;
}

base::Result<void> OthersBroker::checkHosts(const std::vector<std::string>& hosts) const
{
    const auto isElsewhere = [](const std::string& host) { return !transport::HttpAddress { host, 0 }.isLoopback(); };
    if (transport::HttpAddress { m_host, m_port }.isLoopback() && std::any_of(hosts.begin(), hosts.end(), isElsewhere))
        return base::usage(fmt::format("Devices on other machines do not reach the broker {}. Name it in --broker as they know it.", m_options.url));
    return {};
}

transport::MqttOptions OthersBroker::hubAccess() const
{
    transport::MqttOptions mqtt;
    mqtt.host = m_host;
    mqtt.port = m_port;
    mqtt.userName = m_options.user;
    mqtt.password = m_password;
    if (m_usesTls)
        mqtt.tls = transport::MqttTls { m_options.caFile.empty() ? fs::path(kSystemAuthorities) : m_options.caFile, m_options.certificateFile, m_options.keyFile };
    return mqtt;
}

void OthersBroker::tell(protocol::EnrolAnswer& answer) const
{
    const bool isShared = !m_options.deviceUser.empty();
    answer.brokerHost = m_host;
    answer.brokerPort = m_port;
    answer.othersBroker = protocol::BrokerOfOthers { m_usesTls, m_authority, isShared ? m_options.deviceUser : answer.device,
        isShared ? m_devicePassword : answer.secret };
}

std::string OthersBroker::advice(const MqttProblem& problem) const
{
    const std::string what = transport::describe(problem, m_options.url, m_options.user) + " ";
    switch (problem.kind) {
    case MqttProblem::Kind::Certificate:
        return what + (m_options.caFile.empty() ? std::string("Name its authority with --broker-ca") : fmt::format("Check --broker-ca {}", m_options.caFile.string()))
            + fmt::format(", whether its certificate names {}, and the clock of this computer.", m_host);
    case MqttProblem::Kind::Tls:
        return what + "Check the port, and whether the broker wants a certificate of the hub: --broker-cert and --broker-key.";
    case MqttProblem::Kind::Credentials:
        return what + fmt::format("Check --broker-user{}, and what the broker knows.",
            m_options.passwordFile.empty() ? std::string() : " and the first line of " + m_options.passwordFile.string());
    case MqttProblem::Kind::Filter:
        return what + "Give the broker the access list that `percept fleet acl` prints.";
    case MqttProblem::Kind::Unreachable:
        break;
    }
    return what + "It is tried again; is the broker running, and are host and port right?";
}

}
