#pragma once

#include "core/protocol/fleet_telemetry.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace percept::monitoring {

inline constexpr std::size_t kScoreBins = protocol::ClassCount::kScoreBins;
inline constexpr std::size_t kInputBins = protocol::InputSpread::kBins;

struct ClassTally {
    std::int64_t count = 0;
    std::array<std::int64_t, kScoreBins> scores {};
};

// One property of the pictures, over all frames that it was measured on.
struct InputTally {
    std::int64_t frames = 0;
    double sum = 0; // of the frames' values
    std::array<std::int64_t, kInputBins> bins {};
    double mean() const; // NaN without frames
};

// Any number of telemetry windows of one model, added up. Adding is exact for everything but latency: percentiles cannot be
// added, so p50 and p95 of the sum are means of the windows' own, weighted by frames.
struct Tally {
    std::int64_t windows = 0, frames = 0, emptyFrames = 0, failedFrames = 0, predictions = 0;
    double seconds = 0;
    double latencyP50Sum = 0, latencyP95Sum = 0; // ms times frames
    double worstLatencyP95Ms = 0;                // of any one window
    std::map<std::string, ClassTally, std::less<>> classes;
    InputTally brightness, sharpness; // units as in protocol::TelemetryWindow

    void add(const protocol::TelemetryWindow& window);
    void add(const Tally& other);

    std::array<std::int64_t, kScoreBins> scores() const; // of all classes
    double framesPerSecond() const;                      // NaN without time
    double latencyP50Ms() const;                         // NaN without frames
    double latencyP95Ms() const;
};

// Mean of scores that are known by their bin (middle of 1/20): off by less than 0.025, the same on both sides of a
// comparison. NaN without scores.
double meanScore(const std::array<std::int64_t, kScoreBins>& scores);

}
