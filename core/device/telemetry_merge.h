#pragma once

#include "core/protocol/fleet_telemetry.h"

#include <nlohmann/json_fwd.hpp>

namespace percept::device {

// Two neighbouring windows of one model as one: counts and times add up, nothing that was counted is lost. Latencies are
// weighted by answers, which is near enough for percentiles of neighbours; spreads (mean, deviation) are exact.
// Nothing when they are of different packages, or would count more than one window may.
std::optional<protocol::TelemetryWindow> mergedWindows(
    const protocol::TelemetryWindow& older, const protocol::TelemetryWindow& newer);

// The same for bodies as they wait in an outbox.
nlohmann::json bodyOf(const protocol::TelemetryWindow& window);
std::optional<nlohmann::json> mergedBodies(const nlohmann::json& older, const nlohmann::json& newer);

}
