#include "core/device/enrolment.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/device/state_lock.h"
#include "core/packaging/package.h"
#include "core/transport/certificate_request.h"
#include "core/transport/http_client.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace percept::device {

namespace fs = std::filesystem;
using transport::HttpClient;

namespace {

constexpr std::size_t kMaxAnswerBytes = 1u << 20;

base::Result<void> makePrivateFolder(const fs::path& folder)
{
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (!problem)
        fs::permissions(folder, fs::perms::owner_all, problem);
    if (problem)
        return base::failed(fmt::format("The folder {} cannot be used: {}.", folder.string(), base::describeErrno(problem.value())));
    return {};
}

// The folder keeps others out while the file gets its permissions.
base::Result<void> writePrivate(const fs::path& path, const std::string& text)
{
    PERCEPT_TRY(base::atomicWrite(path, std::string_view(text)));
    std::error_code problem;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, problem);
    if (problem)
        return base::failed(fmt::format("{} cannot be kept from others: {}.", path.string(), base::describeErrno(problem.value())));
    return {};
}

base::Result<protocol::EnrolLine> lineOf(const EnrolOptions& options)
{
    if (options.line.find('/') != std::string::npos)
        return protocol::parseEnrolLine(options.line);
    if (options.hub.empty())
        return base::usage("A token alone does not say where the hub is. Paste the whole line of `percept fleet enroll`, or give --hub.");
    if (options.hub.starts_with("https://") && options.authority.empty())
        return base::usage("With https the hub's certificate has to be known: give --authority FILE, or paste the whole line of `percept fleet enroll`.");
    return protocol::EnrolLine { options.hub, options.device, options.line, {} };
}

// The certificate of the authority that the hub must have been certified by; empty for a hub without TLS.
base::Result<std::string> authorityFor(const protocol::EnrolLine& line, const EnrolOptions& options)
{
    if (!line.server.starts_with("https://"))
        return std::string();
    if (!options.authority.empty())
        return base::readTextFile(options.authority, kMaxAnswerBytes);
    HttpClient::Options http;
    http.checksServer = false; // its hash is checked
    http.readSeconds = 10;
    http.maxAnswerBytes = kMaxAnswerBytes;
    PERCEPT_ASSIGN(answer, HttpClient(line.server, http).get("/authority"));
    if (answer.status != 200 || base::sha256Hex(answer.body) != line.authoritySha256)
        return base::refused(fmt::format("{} is not the hub that this line was made by. Nothing was told to it.", line.server));
    return answer.body;
}

base::Error whyNot(const transport::HttpAnswer& answer, const std::string& server)
{
    const auto body = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    const bool hasSentence = body.is_object() && body.contains("error") && body["error"].is_string();
    const std::string sentence = hasSentence ? body["error"].get<std::string>() : fmt::format("{} answers with status {}.", server, answer.status);
    if (answer.status == 403)
        return base::refused(sentence + " Make a new token with `percept fleet enroll`.");
    return answer.status == 400 ? base::refused(sentence) : base::failed(sentence);
}

base::Result<protocol::EnrolAnswer> ask(const protocol::EnrolLine& line, const std::string& request, const fs::path& caFile)
{
    HttpClient::Options http;
    http.caFile = caFile;
    http.readSeconds = 30;
    http.maxAnswerBytes = kMaxAnswerBytes;
    PERCEPT_ASSIGN(answer, HttpClient(line.server, http).post("/enrol", protocol::encode(protocol::EnrolRequest { line.token, line.device, request })));
    if (answer.status != 200)
        return whyNot(answer, line.server);
    PERCEPT_ASSIGN(enrolled, protocol::decodeEnrolAnswer(answer.body));
    for (const auto& key : enrolled.trust)
        if (packaging::publicKeyFromText(key).hasError())
            return base::refused("The hub's answer names a key to trust that is none.");
    if (!caFile.empty() && enrolled.certificate.empty())
        return base::refused("The hub's answer has no certificate for this device.");
    return enrolled;
}

base::Result<void> checkPlace(const EnrolOptions& options)
{
    if (options.replaces)
        return {};
    PERCEPT_ASSIGN(known, readEnrolment(options.state));
    if (known)
        return base::refused(fmt::format("The state folder {} is in a fleet already, as \"{}\". With --replace it joins another one.",
            options.state.string(), known->device));
    return {};
}

// All at once in the place of what was there.
base::Result<void> putInPlace(const fs::path& fresh, const fs::path& folder)
{
    std::error_code problem;
    const unsigned flags = fs::exists(folder, problem) ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, folder.c_str(), flags) != 0)
        return base::failed(fmt::format("{} cannot be written: {}.", folder.string(), base::describeErrno(errno)));
    fs::remove_all(fresh, problem); // what was there before
    return {};
}

// How this device is known at a broker that is not the hub's own.
struct BrokerLogin {
    std::string user, password;
};

base::Result<BrokerLogin> brokerLogin(const EnrolOptions& options)
{
    if (options.brokerUser.empty() != options.brokerPasswordFile.empty())
        return base::usage("A name and its password belong together: --broker-user and --broker-password-file.");
    if (options.brokerUser.empty())
        return BrokerLogin();
    PERCEPT_ASSIGN(text, base::readTextFile(options.brokerPasswordFile, kMaxAnswerBytes));
    const BrokerLogin login { options.brokerUser, text.substr(0, text.find_first_of("\r\n")) };
    if (login.password.empty())
        return base::usage(fmt::format("{} has no password in its first line.", options.brokerPasswordFile.string()));
    return login;
}

base::Result<protocol::EnrolAnswer> askWithKey(const fs::path& folder, const protocol::EnrolLine& line, const std::string& authority)
{
    PERCEPT_ASSIGN(made, transport::makeCertificateRequest(line.device.empty() ? "device" : line.device));
    PERCEPT_TRY(writePrivate(folder / "device.key", made.key));
    PERCEPT_TRY(writePrivate(folder / "ca.crt", authority));
    PERCEPT_ASSIGN(answer, ask(line, made.request, folder / "ca.crt"));
    PERCEPT_TRY(writePrivate(folder / "ca.crt", answer.authority));
    PERCEPT_TRY(writePrivate(folder / "device.crt", answer.certificate));
    return answer;
}

base::Result<protocol::EnrolAnswer> enrolIn(
    const fs::path& folder, const protocol::EnrolLine& line, const std::string& authority, const BrokerLogin& login)
{
    auto asked = authority.empty() ? ask(line, {}, {}) : askWithKey(folder, line, authority);
    PERCEPT_TRY(asked);
    protocol::EnrolAnswer answer = std::move(asked).value();
    if (auto& broker = answer.othersBroker) {
        if (!login.user.empty()) {
            broker->user = login.user;
            broker->password = login.password;
        }
        if (!broker->authority.empty())
            PERCEPT_TRY(writePrivate(folder / "broker-ca.crt", broker->authority));
    } else if (!login.user.empty()) { // the token is used up: not for that is it to be an error
        spdlog::warn("the broker is the hub's own and knows this device as it is: --broker-user is not used");
    }
    PERCEPT_TRY(writePrivate(folder / "enrolment.json", protocol::encode(answer) + "\n"));
    return answer;
}

}

fs::path fleetFolder(const fs::path& state) { return state / "fleet"; }

base::Result<protocol::EnrolAnswer> enrol(const EnrolOptions& options)
{
    PERCEPT_ASSIGN(line, lineOf(options));
    PERCEPT_ASSIGN(login, brokerLogin(options));
    PERCEPT_ASSIGN(lock, StateLock::take(options.state));
    PERCEPT_TRY(checkPlace(options));
    PERCEPT_ASSIGN(authority, authorityFor(line, options));
    const fs::path folder = fleetFolder(options.state), fresh = folder.string() + ".new";
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    PERCEPT_TRY(makePrivateFolder(fresh));
    const auto answer = enrolIn(fresh, line, authority, login);
    if (answer.hasError()) {
        fs::remove_all(fresh, ignored);
        return answer.error();
    }
    PERCEPT_TRY(putInPlace(fresh, folder));
    return answer;
}

base::Result<std::optional<protocol::EnrolAnswer>> readEnrolment(const fs::path& state)
{
    const fs::path path = fleetFolder(state) / "enrolment.json";
    const auto text = base::readTextFile(path, kMaxAnswerBytes);
    if (text.hasError()) {
        if (text.error().code == base::ErrorCode::NotFound)
            return std::optional<protocol::EnrolAnswer>();
        return text.error();
    }
    const auto answer = protocol::decodeEnrolAnswer(text.value());
    if (answer.hasError())
        return base::refused(fmt::format("{} is damaged: {} Enrol this device again with --replace.", path.string(), answer.error().message));
    return std::optional(answer.value());
}

}
