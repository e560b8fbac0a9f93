#include "core/device/fleet_access.h"

#include "core/device/enrolment.h"
#include "core/protocol/fleet_state.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/http_server.h"

#include <cstdlib>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::device {

namespace fs = std::filesystem;
using transport::MqttOptions;

namespace {

// A device whose power or network is cut says no goodbye: the broker speaks its will after one and a half times this. 1,000 devices ask it 67 times a
// second then, two bytes each.
constexpr int kKeepAliveSeconds = 15;
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

base::Error needsTls(const std::string& url)
{
    return base::usage(fmt::format("{} is on another machine, and without TLS anybody on the way could read along and pass for "
                                   "the hub. Use mqtts:// and https://.", url));
}

struct BrokerUrl {
    bool usesTls = false;
    std::string user, password;
    transport::HttpAddress address;
};

base::Result<BrokerUrl> parseBroker(const std::string& url)
{
    BrokerUrl broker { url.starts_with("mqtts://"), {}, {}, {} };
    if (!broker.usesTls && !url.starts_with("mqtt://"))
        return base::usage(fmt::format("\"{}\" is no broker: use mqtts://HOST:PORT, or mqtt://HOST:PORT on this machine.", url));
    std::string rest = url.substr(url.find("//") + 2);
    if (const std::size_t at = rest.rfind('@'); at != std::string::npos) {
        broker.user = rest.substr(0, at);
        rest = rest.substr(at + 1);
        if (const std::size_t colon = broker.user.find(':'); colon != std::string::npos) {
            broker.password = broker.user.substr(colon + 1);
            broker.user.resize(colon);
        }
    }
    PERCEPT_ASSIGN(address, transport::parseHttpAddress(rest));
    broker.address = address;
    if (!broker.usesTls && !address.isLoopback())
        return needsTls(url);
    if (const char* password = std::getenv("PERCEPT_MQTT_PASSWORD")) // not for everybody to read in the list of processes
        broker.password = password;
    return broker;
}

base::Result<void> checkServer(const std::string& server)
{
    if (server.starts_with("https://"))
        return {};
    if (!server.starts_with("http://"))
        return base::usage(fmt::format("\"{}\" is no server for packages: use https://HOST:PORT.", server));
    PERCEPT_ASSIGN(address, transport::parseHttpAddress(server.substr(7)));
    if (!address.isLoopback())
        return needsTls(server);
    return {};
}

// A broker that is not the hub's own. Without TLS beyond this machine it is spoken to as well: whoever runs the hub has accepted that, and
// what comes from there is data that is checked.
void useOthersBroker(FleetAccess& access, const protocol::BrokerOfOthers& broker, const fs::path& folder)
{
    access.mqtt.userName = broker.user;
    access.mqtt.password = broker.password;
    if (!broker.usesTls) {
        access.mqtt.tls.reset();
        if (!transport::HttpAddress { access.mqtt.host, access.mqtt.port }.isLoopback())
            spdlog::warn("the broker {}:{} is spoken to without TLS, as the hub said: others on the way can read along", access.mqtt.host, access.mqtt.port);
        return;
    }
    if (!access.mqtt.tls)
        access.mqtt.tls.emplace(); // else with the certificate of the fleet, for a broker that asks for one
    access.mqtt.tls->caFile = broker.authority.empty() ? fs::path(kSystemAuthorities) : folder / "broker-ca.crt";
}

base::Result<FleetAccess> enrolledAccess(const protocol::EnrolAnswer& enrolled, const fs::path& folder)
{
    FleetAccess access { enrolled.device, {}, enrolled.packageServer, enrolled.secret, {}, enrolled.trust, enrolled.othersBroker.has_value() };
    access.mqtt.host = enrolled.brokerHost;
    access.mqtt.port = enrolled.brokerPort;
    if (enrolled.certificate.empty()) {
        access.mqtt.userName = enrolled.device;
        access.mqtt.password = enrolled.secret;
        if (!enrolled.othersBroker && !transport::HttpAddress { enrolled.brokerHost, enrolled.brokerPort }.isLoopback())
            return needsTls(enrolled.brokerHost);
    } else {
        access.authority = folder / "ca.crt";
        access.mqtt.tls = transport::MqttTls { folder / "ca.crt", folder / "device.crt", folder / "device.key" };
    }
    if (enrolled.othersBroker)
        useOthersBroker(access, *enrolled.othersBroker, folder);
    PERCEPT_TRY(checkServer(access.packageServer));
    return access;
}

base::Result<void> useBroker(FleetAccess& access, const FleetOptions& options)
{
    PERCEPT_ASSIGN(broker, parseBroker(options.broker));
    access.isOthersBroker = true;
    access.mqtt.host = broker.address.host;
    access.mqtt.port = broker.address.port;
    if (!broker.user.empty()) {
        access.mqtt.userName = broker.user;
        access.mqtt.password = broker.password;
    }
    if (!broker.usesTls)
        access.mqtt.tls.reset();
    else if (!access.mqtt.tls || !options.authority.empty())
        access.mqtt.tls = transport::MqttTls { options.authority.empty() ? fs::path(kSystemAuthorities) : options.authority, {}, {} };
    return {};
}

// What is said to the broker about who we are and what we want to hear.
void introduce(FleetAccess& access)
{
    using protocol::FleetTopic;
    access.mqtt.clientId = access.device;
    access.mqtt.filters = { protocol::allToDevice(access.device) };
    access.mqtt.will = transport::MqttMessage { protocol::fleetTopic(access.device, FleetTopic::Presence),
        protocol::encode(protocol::Presence { false }) };
    access.mqtt.maxMessageBytes = protocol::kMaxFieldSampleBytes;
    access.mqtt.keepAliveSeconds = kKeepAliveSeconds;
}

}

base::Result<std::optional<FleetAccess>> findFleet(const fs::path& state, const FleetOptions& options)
{
    PERCEPT_ASSIGN(enrolled, readEnrolment(state));
    if (!enrolled && options.broker.empty()) {
        if (!options.device.empty() || !options.packages.empty() || options.collects)
            return base::usage("This state folder is in no fleet. Enrol it with `percept-edge enroll`, or give --mqtt and --device.");
        return std::optional<FleetAccess>();
    }
    FleetAccess access;
    if (enrolled) {
        PERCEPT_ASSIGN(known, enrolledAccess(*enrolled, fleetFolder(state)));
        access = known;
    }
    if (!options.device.empty())
        access.device = options.device;
    if (!protocol::isDeviceName(access.device))
        return base::usage(access.device.empty() ? "With --mqtt a device needs its name: give --device."
                                                 : fmt::format("\"{}\" cannot be the name of a device: use 1 to 64 letters, digits, - and _.", access.device));
    if (!options.broker.empty())
        PERCEPT_TRY(useBroker(access, options));
    if (!options.packages.empty()) {
        PERCEPT_TRY(checkServer(options.packages));
        access.packageServer = options.packages;
        access.authority = !options.authority.empty() || !access.authority.empty() ? (options.authority.empty() ? access.authority : options.authority)
                                                                                   : fs::path(kSystemAuthorities);
    }
    introduce(access);
    PERCEPT_TRY(access.mqtt.check());
    return std::optional(std::move(access));
}

std::string adviceOn(const transport::MqttProblem& problem, const FleetAccess& access)
{
    using Kind = transport::MqttProblem::Kind;
    const std::string what = transport::describe(problem, fmt::format("{}:{}", access.mqtt.host, access.mqtt.port), access.mqtt.userName);
    switch (problem.kind) {
    case Kind::Certificate:
        return what + " Check the clock of this device; where the broker has another authority now, enrol it again with --replace.";
    case Kind::Tls:
    case Kind::Credentials:
    case Kind::Filter:
        return what + (access.isOthersBroker ? " Give the broker what `percept fleet acl` prints at the hub; it is tried again."
                                             : " If it was thrown out of the fleet, enrol it again with --replace; it is tried again.");
    case Kind::Unreachable:
        break;
    }
    return what + " It is tried again.";
}

}
