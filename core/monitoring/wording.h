#pragma once

#include "core/monitoring/overview.h"

// Inside of core/monitoring: what alerts say. Not for other folders.
namespace percept::monitoring::detail {

Alert worded(const DriftAlert& alert, const WindowRules& rules);
Alert offlineAlert(const DeviceState& device, std::int64_t nowMs);
Alert noHubAlert(const std::string& folder);

}
