#pragma once

#include "core/fleet/fleet_store.h"

namespace percept::fleet {

// Stops the running roll-out when too many of the devices that it reached refuse the package: one of up to ten, else a tenth.
base::Result<void> stopRefusedRollout(FleetStore& store);

}
