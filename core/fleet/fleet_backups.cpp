#include "core/fleet/fleet_backups.h"

#include "core/base/files.h"
#include "core/fleet/fleet_database.h"

#include <SQLiteCpp/Backup.h>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <vector>

namespace percept::fleet {

namespace fs = std::filesystem;
using dataset::Connection;

namespace {

constexpr std::size_t kKept = 2;

// Newest first.
std::vector<FleetBackup> listBackups(const fs::path& folder)
{
    std::vector<FleetBackup> backups;
    std::error_code error;
    for (fs::directory_iterator entry(folder / "backups", error), end; !error && entry != end; entry.increment(error)) {
        long long timeMs = 0;
        if (entry->path().extension() == ".db" && std::sscanf(entry->path().filename().c_str(), "fleet-%lld.db", &timeMs) == 1)
            backups.push_back({ entry->path(), timeMs });
    }
    std::sort(backups.begin(), backups.end(), [](const auto& a, const auto& b) { return a.timeMs > b.timeMs; });
    return backups;
}

// Without a moment at which a half one bears the name of a backup.
base::Result<void> copyTo(const fs::path& folder, const fs::path& target)
{
    PERCEPT_ASSIGN(source, openFleetForReading(folder));
    return guardedFleet(target, [&]() -> base::Result<void> {
        Connection copy(target, Connection::Mode::Create);
        SQLite::Backup backup(copy.database(), source->database());
        backup.executeStep(-1);
        copy.execute("PRAGMA journal_mode=DELETE");
        const std::string answer = copy.database().execAndGet("PRAGMA quick_check(1)").getString();
        if (answer != "ok")
            return base::refused(target.string() + " is damaged.", answer);
        return {};
    });
}

}

std::optional<FleetBackup> newestFleetBackup(const fs::path& folder)
{
    const auto backups = listBackups(folder);
    return backups.empty() ? std::nullopt : std::optional(backups.front());
}

base::Result<void> backUpFleet(const fs::path& folder, std::int64_t nowMs)
{
    const auto newest = newestFleetBackup(folder);
    if (newest && newest->timeMs <= nowMs && nowMs - newest->timeMs < kFleetBackupIntervalMs)
        return {};
    std::error_code error;
    fs::create_directories(folder / "backups", error);
    const fs::path file = folder / "backups" / fmt::format("fleet-{}.db", nowMs), unfinished = file.string() + ".part";
    fs::remove(unfinished, error);
    auto written = copyTo(folder, unfinished);
    if (written.hasValue())
        written = base::syncAllUnder(folder / "backups");
    if (written.hasValue())
        fs::rename(unfinished, file, error);
    if (written.hasError() || error) {
        std::error_code ignored;
        fs::remove(unfinished, ignored);
        return written.hasError() ? written : base::failed(fmt::format("{} cannot be written: {}.", file.string(), base::describeErrno(error.value())));
    }
    const auto all = listBackups(folder);
    for (std::size_t i = kKept; i < all.size(); ++i)
        fs::remove(all[i].file, error);
    return base::syncFolder(folder / "backups");
}

}
