#pragma once

#include "core/fleet/fleet_store.h"

#include <nlohmann/json_fwd.hpp>

namespace percept::fleet {

// What studio and command line are told; the keys are documented in resources/help/command-line.md.
nlohmann::json toJson(const Device& device);
nlohmann::json toJson(const Rollout& rollout);
nlohmann::json toJson(const Alert& alert);
nlohmann::json toJson(const DeviceTotals& totals);
nlohmann::json toJson(const StoredPackage& package);

}
