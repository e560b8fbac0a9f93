#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace percept::fleet {

inline constexpr const char* kHubUser = "hub";

// mosquitto as a hub wants it: nobody without a name, nothing retained or kept on disk, messages bounded before they are
// read, each name one client, each device confined to its own topics.
struct BrokerSettings {
    std::filesystem::path folder; // passwd and acl lie there
    int port = 0;                 // of 127.0.0.1, by password
    struct Outside {
        std::string host = "0.0.0.0";
        int port = 8883;
        std::filesystem::path caFile, certificateFile, keyFile;
    };
    std::optional<Outside> outside; // TLS, by certificate: its name is the user
};

std::string brokerConfig(const BrokerSettings& settings, const std::string& systemUser);

struct BrokerUser {
    std::string name, device; // a device on another machine is known to the broker by the name in its certificate
};
// `hub`: the name under which the hub is known there.
std::string accessList(const std::vector<BrokerUser>& users, const std::string& hub = kHubUser);

}
