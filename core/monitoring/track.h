#pragma once

#include "core/monitoring/drift.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace percept::monitoring {

inline constexpr std::int64_t kHourMs = 3'600'000;

// What one device told of one model version, by hours UTC.
struct Track {
    std::string device, version;
    std::map<std::int64_t, Tally> hours; // by the hour's number since 1970
    // Begin of the first window and end of the last one, in ms since 1970; both 0 while it has told nothing.
    std::int64_t firstMs = 0, lastMs = 0;
    // A window that ended at `timeMs`.
    void add(std::int64_t timeMs, const protocol::TelemetryWindow& window);
};

// Every comparison is between windows of the same length, so that night and day, or whatever else comes and goes within it,
// are in both. A day unless told otherwise.
struct WindowRules {
    std::int64_t periodMs = 24 * kHourMs; // a multiple of an hour
    std::int64_t leastPredictions = 500;  // in a window; below that, published thresholds alarm without any drift
    std::int64_t leastFrames = 500;       // enough for what pictures tell without any prediction: a covered camera makes none
    int referenceWindows = 3;             // the first ones of a version on a device
};

// "3 days", "1 week", "2 periods of 6 hours": so many of what is compared.
std::string periodsText(const WindowRules& rules, int count);
// "day", "week", "period of 6 hours".
std::string periodName(const WindowRules& rules);

// What a window has to hold: predictions, for statistics of scores and classes, or predictions or frames, for those of
// pictures (empty ones, light, sharpness).
enum class Enough { Predictions, Frames };
// Whole periods that are over at `nowMs`; one with too little in it is added to the next. A rest that is too small is
// left out.
std::vector<Window> windowsOf(const Track& track, const WindowRules& rules, std::int64_t nowMs, Enough enough = Enough::Predictions);

}
