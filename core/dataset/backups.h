#pragma once

#include "core/dataset/connection.h"
#include "core/dataset/project_store.h"

namespace percept::dataset {

constexpr std::int64_t kBackupIntervalMs = 3600 * 1000;

// A consistent copy of the database in `project`/backups by SQLite's backup interface, checked before it gets its name.
base::Result<std::filesystem::path> writeBackup(
    Connection& connection, const std::filesystem::path& project, const std::string& reason, std::int64_t timeMs);
// Which of `backups` (newest first) to remove: of the hourly ones 24 by hour, 7 by day and 4 by week stay, of every
// other reason the newest 10.
std::vector<BackupInfo> backupsToRemove(const std::vector<BackupInfo>& backups);
void pruneBackups(const std::filesystem::path& project);
// Puts a folder's entries on disk: a rename is not safe before.
base::Result<void> syncFolder(const std::filesystem::path& folder);
base::Result<void> syncFile(const std::filesystem::path& file);

}
