#pragma once

#include "core/fleet/fleet_store.h"

namespace percept::fleet {

// Stops the running roll-out when too many of the devices that it reached refuse the package: one of up to ten, else a tenth. What only
// keeps it from a device (see protocol::isVerdict()) does not count.
base::Result<void> stopRefusedRollout(FleetStore& store);
// Whether that is why a roll-out was stopped.
bool wasStoppedForRefusals(const Rollout& rollout);

inline constexpr const char* kPromotionSetting = "promotion"; // of one roll-out at a time, as only one is running
// A roll-out that goes on by itself: to the next ring, each time the one before has run the package for so long without trouble. 0
// minutes: people promote.
base::Result<void> planPromotion(FleetStore& store, std::int64_t rollout, int minutes);
std::string promotionPlan(std::int64_t rollout, int minutes); // as it is kept
base::Result<int> readPlannedPromotion(const FleetStore& store, std::int64_t rollout);
// Whether the running roll-out is to go to its next ring now: its time is up; at least one device runs the package; every device that
// it reached and that is there runs it; none refused it or could not get it, and none has fallen silent since it was reached.
base::Result<bool> hasProvenItself(const FleetStore& store, std::int64_t nowMs);

}
