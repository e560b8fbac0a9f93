#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace percept::report {

// The devices of a fleet that run a project's models, or were told to.
struct FleetStand {
    bool isKnown = false;  // a hub has run for this user
    bool hubRuns = false;  // else nobody can be heard, and online is 0
    std::int64_t devices = 0, online = 0;
    std::vector<std::pair<std::string, std::int64_t>> versions; // what they say they run, the most frequent one first
};
// Reads the hub's memory, whether it runs or not. `project`: its name, by which packages are called.
base::Result<FleetStand> readFleetStand(const std::filesystem::path& folder, const std::string& project);

// "12 of 14 devices are online; 10 run version 1.1, 2 version 1.0." Empty where no device runs the project's models.
std::string inWords(const FleetStand& fleet);

}
