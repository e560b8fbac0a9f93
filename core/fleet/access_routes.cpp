#include "core/fleet/api_route.h"
#include "core/fleet/broker_config.h"
#include "core/protocol/fleet_topics.h"

#include <fmt/format.h>

namespace percept::fleet {

using nlohmann::json;

namespace {

std::string sharedAccess(const std::string& user)
{
    return fmt::format("\nuser {}\ntopic write {}\ntopic read percept/1/devices/+/down/#\n", user, protocol::allFromDevices());
}

// Lines as mosquitto reads them: {"broker","acl","passwords"}; passwords as hashes, empty where all devices share one name.
base::Result<json> describeAccess(HubCore& core)
{
    if (!core.othersBroker)
        return base::refused("The hub runs a broker of its own, which knows its devices: there is nothing to tell it.");
    const auto& broker = *core.othersBroker;
    if (!broker.deviceUser().empty())
        return json { { "broker", broker.url() }, { "acl", accessList({}, broker.hubUser()) + sharedAccess(broker.deviceUser()) }, { "passwords", "" } };
    PERCEPT_ASSIGN(devices, core.store.readBrokerAccess());
    std::vector<BrokerUser> users;
    std::string passwords;
    for (const auto& device : devices) {
        passwords += fmt::format("{}:{}\n", device.device, device.passwordHash);
        users.push_back({ device.device, device.device });
        if (core.authority) // a broker that asks for the certificates of the fleet knows it by that name
            users.push_back({ device.certificateName, device.device });
    }
    return json { { "broker", broker.url() }, { "acl", accessList(users, broker.hubUser()) }, { "passwords", std::move(passwords) } };
}

}

void addAccessRoutes(transport::HttpServer& server, HubCore& core)
{
    server.get("/api/acl", guarded(core, [&core](const transport::HttpRequest&) { return describeAccess(core); }));
}

}
