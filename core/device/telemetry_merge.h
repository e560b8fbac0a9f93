#pragma once

#include "core/protocol/fleet_telemetry.h"

namespace percept::device {

// Two neighbouring windows of one model as one: counts and times add up, nothing that was counted is lost. Latencies are
// weighted by answers, which is near enough for percentiles of neighbours; spreads (mean, deviation) are exact.
// Nothing when they are of different packages, or would count more than one window may.
std::optional<protocol::TelemetryWindow> mergedWindows(
    const protocol::TelemetryWindow& older, const protocol::TelemetryWindow& newer);

}
