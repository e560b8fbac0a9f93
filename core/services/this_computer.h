#pragma once

#include "core/base/cancel.h"
#include "core/fleet/hub_client.h"

#include <filesystem>
#include <optional>
#include <string>

// This computer as a device of its user's own fleet: a percept-edge that runs on beside studio and command line, with
// FLEET/this-computer as its state folder. All calls block.
namespace percept::services {

struct ThisComputer {
    std::string device;       // its name in the fleet; empty: it never was a device
    int processId = 0;        // 0: it does not run
    std::string server;       // "http://127.0.0.1:PORT" where it answers pictures; empty while it does not run
    bool isRunning() const { return processId > 0; }
    bool operator==(const ThisComputer&) const = default;
};
ThisComputer readThisComputer(const std::filesystem::path& fleetFolder);

// Enrols this computer in ring test, unless the hub knows it already, starts percept-edge and waits until the hub has heard of
// it. Nothing to do when it runs. What it ran before is what it runs again.
base::Result<ThisComputer> startThisComputer(const fleet::HubClient& hub, const std::filesystem::path& fleetFolder, const base::CancelToken& cancel = {});
// Ends percept-edge in order; the device stays in the fleet, offline.
base::Result<void> stopThisComputer(const std::filesystem::path& fleetFolder);

}
