#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace percept::fleet {

inline constexpr std::int64_t kFleetBackupIntervalMs = 3600 * 1000;

struct FleetBackup { std::filesystem::path file; std::int64_t timeMs = 0; };

// The newest in FOLDER/backups; nullopt: there is none.
std::optional<FleetBackup> newestFleetBackup(const std::filesystem::path& folder);

// Writes a checked copy of FOLDER/fleet.db to FOLDER/backups when the newest there is older than an hour, and keeps two. Beside the
// hub that writes, through a connection of its own.
base::Result<void> backUpFleet(const std::filesystem::path& folder, std::int64_t nowMs);

}
