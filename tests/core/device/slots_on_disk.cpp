#include "tests/core/device/slots_on_disk.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/device/slots.h"

namespace percept::test {

std::string faultOfSlots(const std::filesystem::path& state)
{
    const auto text = base::readTextFile(state / "slots/record.json");
    if (text.hasError())
        return text.error().message;
    const auto record = device::slotRecordFromText(text.value());
    if (record.hasError())
        return "record.json: " + record.error().message;
    bool hasHealthy = false;
    for (int slot = 0; slot < 2; ++slot) {
        const auto& package = record->slots[static_cast<std::size_t>(slot)];
        if (!package)
            continue;
        const auto hash = base::sha256OfFile(state / "slots" / (std::string(device::slotName(slot)) + ".ppkg"));
        if (hash.valueOr("") != package->sha256)
            return "slot " + std::string(device::slotName(slot)) + " does not hold version " + package->version + ", which the record names";
        hasHealthy = hasHealthy || package->isHealthy;
    }
    if (!record->running())
        return "no package is to run";
    if (!hasHealthy)
        return "no package has been healthy";
    return record->isTrial() && record->starts < 1 ? "a trial runs that is not counted" : "";
}

}
