#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace percept::fleet {

// Where a hub of this user keeps its things: PERCEPT_FLEET_DIR, else XDG_DATA_HOME/percept/fleet, else
// ~/.local/share/percept/fleet.
std::filesystem::path defaultFleetFolder();

// How studio and command line reach the hub of a folder: FOLDER/hub.json, in a folder that only its owner can read.
struct HubAddress {
    std::string server, token;
    int processId = 0;
};
base::Result<void> writeHubAddress(const std::filesystem::path& folder, const HubAddress& address);
void removeHubAddress(const std::filesystem::path& folder);
base::Result<HubAddress> readHubAddress(const std::filesystem::path& folder); // NotFound: none runs

}
