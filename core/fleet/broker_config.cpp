#include "core/fleet/broker_config.h"

#include "core/protocol/fleet_topics.h"

#include <fmt/format.h>

namespace percept::fleet {

namespace {

// A sample with its topic and headers.
constexpr std::size_t kMaxPacketBytes = protocol::kMaxFieldSampleBytes + 4096;

}

std::string brokerConfig(const BrokerSettings& settings, const std::string& systemUser)
{
    auto text = fmt::format("# Written by percept fleet serve at every start.\n"
                            "user {0}\n"
                            "per_listener_settings false\n"
                            "allow_anonymous false\n"
                            "password_file {1}/passwd\n"
                            "acl_file {1}/acl\n"
                            "persistence false\n"
                            "retain_available false\n"
                            "max_packet_size {2}\n"
                            "message_size_limit {2}\n"
                            "max_inflight_messages 100\n"
                            "max_queued_messages 10000\n"
                            "sys_interval 0\n"
                            "set_tcp_nodelay true\n"
                            "log_dest stderr\n"
                            "log_type error\nlog_type warning\nlog_type notice\n"
                            "listener {3} 127.0.0.1\n"
                            "use_username_as_clientid true\n",
        systemUser, settings.folder.string(), kMaxPacketBytes, settings.port);
    if (settings.outside)
        text += fmt::format("listener {} {}\n"
                            "use_username_as_clientid true\n"
                            "cafile {}\ncertfile {}\nkeyfile {}\n"
                            "tls_version tlsv1.2\n"
                            "require_certificate true\n"
                            "use_identity_as_username true\n",
            settings.outside->port, settings.outside->host, settings.outside->caFile.string(), settings.outside->certificateFile.string(),
            settings.outside->keyFile.string());
    return text;
}

// Users by name, not by pattern: whose name is not here may do nothing, whatever certificate it holds.
std::string accessList(const std::vector<BrokerUser>& users, const std::string& hub)
{
    std::string text = fmt::format("user {}\ntopic read {}\ntopic write percept/1/devices/+/down/#\n", hub, protocol::allFromDevices());
    for (const auto& user : users)
        text += fmt::format("\nuser {}\ntopic write percept/1/devices/{}/up/#\ntopic read {}\n", user.name, user.device, protocol::allToDevice(user.device));
    return text;
}

}
