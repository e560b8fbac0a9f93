#pragma once

#include "core/transport/mqtt_client.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace percept::device {

// `percept-edge run`: how it is to reach its fleet. All empty: as it was enrolled.
struct FleetOptions {
    std::string broker;              // "mqtt://127.0.0.1:1883", "mqtts://[NAME[:PASSWORD]@]HOST:PORT"
    std::string device;              // its name there
    std::string packages;            // "https://HOST:PORT" to fetch packages from
    std::filesystem::path authority; // who has certified broker and package server; empty: the system's authorities
    bool collects = false;           // pictures may go home
};

// Where a device finds its fleet, and how it shows who it is.
struct FleetAccess {
    std::string device;
    transport::MqttOptions mqtt;
    std::string packageServer, secret; // empty: no packages can be fetched
    std::filesystem::path authority;   // of the package server
    std::vector<std::string> trust;    // keys to trust, by its enrolment
    bool isOthersBroker = false;       // one that the hub does not run
};

// Nothing: this state folder is in no fleet and none is named. Without TLS only brokers and servers on this machine are
// spoken to: anybody on the way could read the pictures and pass for the hub.
base::Result<std::optional<FleetAccess>> findFleet(const std::filesystem::path& state, const FleetOptions& options);

// A sentence with the next step, for who looks into the log because this device is silent.
std::string adviceOn(const transport::MqttProblem& problem, const FleetAccess& access);

}
