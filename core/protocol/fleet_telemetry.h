#pragma once

#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace percept::protocol {

// What a device has to tell waits in an outbox on its disk and is numbered there: 1, 2, 3, ... in one stream. The stream's
// name is random and made with the outbox. The hub takes a stream's entries strictly in order and each once, commits, and
// answers with the last number it has (Acknowledgement); the device then forgets up to that number, and sends again, from
// the number after it, what was not acknowledged in time. A broker's own acknowledgement means nothing here.
// An acknowledged number that is higher than the device's last one says that the outbox is an old copy: the device then
// begins a new stream. One that is lower than what was acknowledged before says that the hub has lost its memory (or is
// another one): what still waits goes on as a new stream.

struct ClassCount {
    static constexpr std::size_t kScoreBins = 20; // of equal width over 0 .. 1
    std::string label;
    std::int64_t count = 0;
    std::array<std::int64_t, kScoreBins> scores {};
    bool operator==(const ClassCount&) const = default;
};

// How one property of the pictures was spread over a window.
struct InputSpread {
    static constexpr std::size_t kBins = 16;
    double mean = 0, deviation = 0;
    std::array<std::int64_t, kBins> bins {};
    bool operator==(const InputSpread&) const = default;
};

// What a device saw between two moments with one model. Never holds pictures; never dropped.
struct TelemetryWindow {
    static constexpr std::size_t kMostClasses = 1000;
    std::int64_t fromMs = 0, toMs = 0; // of the device's clock, which may be wrong by years
    double seconds = 0;                // by a clock that only goes forward
    std::string packageSha256, packageVersion;
    std::int64_t frames = 0, emptyFrames = 0, failedFrames = 0; // empty: answered, nothing found
    double latencyP50Ms = 0, latencyP95Ms = 0;
    std::vector<ClassCount> classes;
    std::optional<InputSpread> brightness; // mean luma 0 .. 1 of a frame; bins over 0 .. 1
    std::optional<InputSpread> sharpness;  // log10(1 + variance of the Laplacian of 8-bit luma); bins over 0 .. 5
    bool operator==(const TelemetryWindow&) const = default;
};

// In the place of samples that had to make room on the device's disk. The numbers of the stream stay without gaps.
struct DroppedSample {
    bool operator==(const DroppedSample&) const = default;
};

using TelemetryEntry = std::variant<TelemetryWindow, DroppedSample>;

// Device -> hub. entries[i] has the number first + i.
struct TelemetryBatch {
    static constexpr std::size_t kMostEntries = 500;
    std::string stream; // 32 hex digits
    std::int64_t first = 1;
    std::vector<TelemetryEntry> entries;
};

// Hub -> device, after its commit, for every batch and sample, also for those that it had already: all of the stream up
// to and with `sequence`. 0: nothing yet.
struct Acknowledgement {
    std::string stream;
    std::int64_t sequence = 0;
    bool operator==(const Acknowledgement&) const = default;
};

std::string encode(const TelemetryBatch& batch);
std::string encode(const Acknowledgement& ack);
base::Result<TelemetryBatch> decodeTelemetryBatch(std::string_view text);
base::Result<Acknowledgement> decodeAcknowledgement(std::string_view text);
// One window as it waits in an outbox or in the hub's store.
std::string encode(const TelemetryWindow& window);
base::Result<TelemetryWindow> decodeTelemetryWindow(std::string_view text);

}
