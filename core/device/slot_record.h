#pragma once

#include "core/device/refusal.h"

#include <array>
#include <optional>
#include <vector>

namespace percept::device {

// What one of the two slots holds.
struct SlotPackage {
    std::string sha256, name, version;
    std::int64_t releaseCounter = 0;
    bool isHealthy = false; // it was served through its grace time
    bool operator==(const SlotPackage&) const = default;
};

// The truth about a state folder, one small file: replacing it is what switches slots.
struct SlotRecord {
    std::array<std::optional<SlotPackage>, 2> slots; // a, b
    int active = 0;
    int starts = 0;                // of percept-edge, with an active package that is not healthy yet
    std::int64_t releaseFloor = 0; // the highest release counter that became healthy
    std::string givenSha256;       // the last package that was given by hand at the start
    std::vector<std::string> trusted;
    std::optional<Refusal> lastRefusal;
    bool operator==(const SlotRecord&) const = default;

    const std::optional<SlotPackage>& running() const { return slots[static_cast<std::size_t>(active)]; }
    const std::optional<SlotPackage>& other() const { return slots[static_cast<std::size_t>(1 - active)]; }
    bool isTrial() const { return running().has_value() && !running()->isHealthy; }
};
std::string_view slotName(int slot); // "a", "b"

// {"sha256","name","version","releaseCounter","healthy"}
nlohmann::json toJson(const SlotPackage& package);

// With a checksum over it, so that a damaged record is known as one.
std::string textOf(const SlotRecord& record);
base::Result<SlotRecord> slotRecordFromText(std::string_view text);

}
