#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace percept::protocol {

// Hub -> device: which package a device is to run. It is data, not a command: the device fetches `path` from the hub, and
// installs only what has this hash, is signed by a key that it trusts, and is not older than what it runs.
struct DesiredPackage {
    std::string sha256;     // of the .ppkg
    std::int64_t bytes = 0;
    std::string path;       // on the hub's package server: "/packages/SHA256"
    std::string name, version;
    std::int64_t releaseCounter = 0;
    bool operator==(const DesiredPackage&) const = default;
};

// Which pictures come home.
struct SamplingRules {
    double randomShare = 0.01;
    double belowScore = 0; // pictures whose best score is under this, and over half of it; 0: none
    bool eventEdges = true;
    int perDay = 200;
    bool operator==(const SamplingRules&) const = default;
};

// Hub -> device, whole. A higher version replaces a lower one; the same or a lower one is ignored, but for the first after
// a connect: a hub whose memory was put back from a backup is followed as well.
struct DesiredState {
    std::int64_t version = 0;
    std::optional<DesiredPackage> package; // nothing: keep what runs
    SamplingRules sampling;
    int windowSeconds = 60; // length of a window of telemetry; also how often the device reports
    int liveFrames = 10;    // that a new model must answer before it is switched to
    bool operator==(const DesiredState&) const = default;
};

struct RunningModel {
    std::string sha256; // of the package that really runs
    std::string name, version;
    std::string slot; // "a", "b"
    std::int64_t releaseCounter = 0;
    bool operator==(const RunningModel&) const = default;
};

// Why the last candidate was not switched to.
struct Refusal {
    std::int64_t desiredVersion = 0;
    std::string sha256;
    // "fetch": it could not be fetched whole; else a word of core/device: "unreadable", "untrusted", "older", "invalid",
    // "load", "golden", "live", "hang", "crash", "slow", "unhealthy", "by-hand".
    std::string kind;
    std::string message; // a sentence
    std::int64_t timeMs = 0;
    bool operator==(const Refusal&) const = default;
};
// Whether a refusal of this kind says something of the package. The way to it, the room on one device's disk and what that device had
// before do not: they keep it from that device for now, and from no other.
bool isVerdict(std::string_view refusalKind);

// Device -> hub, whole, at least every windowSeconds and at once when something changes. Times are those of the device's
// clock, which may be wrong by years.
struct ReportedState {
    std::int64_t desiredVersion = 0; // of the desired state that was worked through or refused last
    std::string program;             // version of percept-edge
    std::string activity = "idle";   // "idle", "fetching", "checking", "trial"
    std::optional<RunningModel> running;
    std::optional<Refusal> refusal;
    double framesPerSecond = 0, latencyMs = 0;
    std::int64_t memoryBytes = 0;
    std::optional<double> temperatureC;
    std::int64_t outboxEntries = 0, outboxBytes = 0;
    double uptimeSeconds = 0;
    int restarts = 0; // of the serving child since the start
    std::int64_t timeMs = 0;
    bool operator==(const ReportedState&) const = default;
};

struct Presence {
    bool online = false;
};

std::string encode(const DesiredState& state);
std::string encode(const ReportedState& state);
std::string encode(const Presence& presence);
base::Result<DesiredState> decodeDesiredState(std::string_view text);
base::Result<ReportedState> decodeReportedState(std::string_view text);
base::Result<Presence> decodePresence(std::string_view text);

// A change of a desired state as operators write it: members replace, objects are merged, null deletes (back to the
// default). The result is checked like one from the wire, and its version is one higher.
base::Result<DesiredState> patched(const DesiredState& state, const nlohmann::json& patch);

}
