#include "core/fleet/rollout_watch.h"

#include "core/base/time.h"

#include <fmt/format.h>

namespace percept::fleet {

base::Result<void> stopRefusedRollout(FleetStore& store)
{
    PERCEPT_ASSIGN(rollout, store.readCurrentRollout());
    if (!rollout || rollout->state != "running")
        return {};
    PERCEPT_ASSIGN(devices, store.readAllDevices());
    const std::string& sha256 = rollout->package.sha256;
    std::size_t reached = 0, refused = 0;
    std::string why;
    for (const auto& device : devices) {
        if (!device.desired.package || device.desired.package->sha256 != sha256)
            continue;
        ++reached;
        if (device.reported && device.reported->refusal && device.reported->refusal->sha256 == sha256) {
            ++refused;
            why = device.name + ": " + device.reported->refusal->message;
        }
    }
    if (refused > 0 && refused * 10 >= reached)
        PERCEPT_TRY(store.stopRollout(fmt::format("{} of {} devices refused it. {}", refused, reached, why), base::nowMs()));
    return {};
}

}
