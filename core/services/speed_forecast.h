#pragma once

#include "core/fleet/hub_client.h"
#include "core/fleet/rollout_view.h"
#include "core/services/check_package.h"

#include <filesystem>
#include <string>
#include <vector>

// Whether what is about to be rolled out answers more slowly than what runs, before a device finds out. Nothing is forbidden for it.
namespace percept::services {

// Of a device that runs the package before, as it last told.
struct DeviceSpeed {
    std::string name;
    double framesPerSecond = 0; // that it answers
    double answerMs = 0;        // of one answer
};
// Devices that run the package with this hash and have told how fast they are.
std::vector<DeviceSpeed> speedsOf(const fleet::FleetState& fleet, const std::string& sha256);

struct SpeedForecast {
    double times = 1;     // how many times as long an answer takes
    bool mayBeRefused = false; // by devices, as too slow
    std::string words;    // what to know; empty: it is not clearly slower
};
// The work of a network goes with the area of the pictures that it looks at, and all our models are of one family: so by the picture sizes
// of the two packages. A measurement on this computer would say the same with noise.
SpeedForecast forecastSpeed(const PackageFacts& now, const PackageFacts& against, const std::vector<DeviceSpeed>& devices);

// Of a package that is about to be rolled out, against what most devices of a fleet run, whose hub keeps its packages in `hubFolder`. Nothing is said
// where that cannot be told: it holds no roll-out up.
// `isOwn`: which models it may be compared with; empty: all of its name.
SpeedForecast forecastRollout(
    const std::filesystem::path& package, const fleet::FleetState& fleet, const std::filesystem::path& hubFolder, const fleet::IsOwn& isOwn = {});

// The same before anything is trained: a network that sees `longSide` pixels beside a version that sees `againstSide`. Empty: not clearly slower.
std::string slowerWords(int longSide, int againstSide, const std::string& againstVersion);

}
