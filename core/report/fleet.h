#pragma once

#include "core/dataset/project_reader.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace percept::report {

// A version that was taken back from the devices, and was not rolled out again since.
struct RolledBack {
    std::string version;
    std::int64_t timeMs = 0;  // of the hub's clock
    std::string replacedBy;   // version; empty: not known
    std::int64_t devices = 0; // that run it all the same: they have not been heard since, or could not take the other one
};

// The devices of a fleet that run a project's models, or were told to.
struct FleetStand {
    bool isKnown = false;  // a hub has run for this user
    bool hubRuns = false;  // else nobody can be heard, and online is 0
    std::int64_t devices = 0, online = 0;
    std::vector<std::pair<std::string, std::int64_t>> versions; // what they say they run, the most frequent one first
    std::vector<RolledBack> rolledBack {}; // newest first
};
// Reads the hub's memory, whether it runs or not, for the models of the project that are its own (see fleet/own_packages.h).
base::Result<FleetStand> readFleetStand(const std::filesystem::path& folder, const dataset::ProjectReader& project);

// "12 of 14 devices are online; 10 run version 1.1, 2 version 1.0." Empty where no device runs the project's models.
std::string inWords(const FleetStand& fleet);
// "Version 1.4 was rolled back on 24 November 2026 and no longer runs; version 1.3 took its place."
std::string inWords(const RolledBack& version);
// Of this version, where it was rolled back.
const RolledBack* findRolledBack(const FleetStand& fleet, const std::string& version);

}
