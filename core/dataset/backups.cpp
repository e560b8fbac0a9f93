#include "core/dataset/backups.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/dataset/project_lock.h"
#include "core/dataset/schema.h"

#include <SQLiteCpp/Backup.h>
#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <map>
#include <set>
#include <unistd.h>

namespace percept::dataset {

namespace fs = std::filesystem;

namespace {
constexpr const char* kFolder = "backups";

// "20261124T162802.123Z-hourly.db"
std::string backupName(std::int64_t timeMs, const std::string& reason)
{
    const std::time_t seconds = static_cast<std::time_t>(timeMs / 1000);
    std::tm utc {};
    gmtime_r(&seconds, &utc);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &utc);
    std::string slug;
    for (const char c : reason)
        slug += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::tolower(c)) : '-';
    const std::string millis = std::to_string(1000 + timeMs % 1000).substr(1);
    return std::string(text, size) + "." + millis + "Z-" + (slug.empty() ? "manual" : slug.substr(0, 40)) + ".db";
}

std::optional<BackupInfo> parseName(const fs::path& file)
{
    const std::string name = file.filename().string();
    std::tm utc {};
    int millis = 0, end = 0;
    if (file.extension() != ".db"
        || std::sscanf(name.c_str(), "%4d%2d%2dT%2d%2d%2d.%3dZ-%n", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
               &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &millis, &end)
            != 7
        || end == 0)
        return std::nullopt;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    const std::string reason
        = name.substr(static_cast<std::size_t>(end), name.size() - static_cast<std::size_t>(end) - 3);
    return BackupInfo { file, static_cast<std::int64_t>(timegm(&utc)) * 1000 + millis, reason };
}

base::Result<void> syncPath(const fs::path& path, int flags)
{
    const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0)
        return base::failed(path.string() + " cannot be opened: " + base::describeErrno(errno) + ".");
    const int failure = fsync(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    if (failure != 0)
        return base::failed(path.string() + " could not be put on disk: " + base::describeErrno(failure) + ".");
    return {};
}

// A copy that is a single file, whatever journal the source uses.
base::Result<void> copyDatabase(Connection& source, const fs::path& target)
{
    std::error_code ignored;
    fs::remove(target, ignored);
    return guarded(target, [&]() -> base::Result<void> {
        Connection copy(target, Connection::Mode::Create);
        SQLite::Backup backup(copy.database(), source.database());
        backup.executeStep(-1);
        copy.execute("PRAGMA journal_mode=DELETE");
        return quickCheck(copy);
    });
}
}

base::Result<void> syncFolder(const fs::path& folder) { return syncPath(folder, O_RDONLY | O_DIRECTORY); }
base::Result<void> syncFile(const fs::path& file) { return syncPath(file, O_RDONLY); }

base::Result<fs::path> writeBackup(
    Connection& connection, const fs::path& project, const std::string& reason, std::int64_t timeMs)
{
    const fs::path folder = project / kFolder;
    std::error_code error;
    fs::create_directories(folder, error);
    fs::path file = folder / backupName(timeMs, reason);
    while (fs::exists(file, error))
        file = folder / backupName(++timeMs, reason);
    const fs::path unfinished = file.string() + ".part";
    const auto giveUp = [&](base::Error failure) {
        fs::remove(unfinished, error);
        failure.message = "The backup " + file.string() + " could not be written. " + failure.message;
        return failure;
    };
    if (auto copied = copyDatabase(connection, unfinished); copied.hasError())
        return giveUp(copied.error());
    if (auto synced = syncFile(unfinished); synced.hasError())
        return giveUp(synced.error());
    fs::rename(unfinished, file, error);
    if (error)
        return giveUp(base::failed("Renaming failed: " + error.message() + "."));
    PERCEPT_TRY(syncFolder(folder));
    return file;
}

base::Result<std::vector<BackupInfo>> listBackups(const fs::path& project)
{
    std::vector<BackupInfo> backups;
    std::error_code error;
    for (fs::directory_iterator entry(project / kFolder, error), end; !error && entry != end; entry.increment(error)) {
        if (auto info = parseName(entry->path()); info && entry->is_regular_file(error))
            backups.push_back(std::move(*info));
    }
    if (error && error != std::errc::no_such_file_or_directory)
        return base::failed("The backups of " + project.string() + " cannot be listed: " + error.message() + ".");
    std::sort(backups.begin(), backups.end(), [](const BackupInfo& a, const BackupInfo& b) {
        return std::tie(b.timeMs, b.file) < std::tie(a.timeMs, a.file);
    });
    return backups;
}

std::vector<BackupInfo> backupsToRemove(const std::vector<BackupInfo>& backups)
{
    constexpr std::int64_t kHour = 3600 * 1000, kDay = 24 * kHour, kWeek = 7 * kDay;
    constexpr std::size_t kOthers = 10;
    std::set<std::int64_t> hours, days, weeks;
    std::map<std::string, std::size_t> others;
    std::vector<BackupInfo> removed;
    for (const BackupInfo& backup : backups) {
        const auto takes = [&](std::set<std::int64_t>& slots, std::int64_t length, std::size_t limit) {
            return slots.size() < limit && slots.insert(backup.timeMs / length).second;
        };
        bool kept = false;
        if (backup.reason == "hourly") {
            // A backup may stand for its hour, its day and its week at once.
            kept = takes(hours, kHour, 24);
            kept = takes(days, kDay, 7) || kept;
            kept = takes(weeks, kWeek, 4) || kept;
        } else {
            kept = ++others[backup.reason] <= kOthers;
        }
        if (!kept)
            removed.push_back(backup);
    }
    return removed;
}

void pruneBackups(const fs::path& project)
{
    auto backups = listBackups(project);
    if (backups.hasError())
        return; // nothing to tidy that can be seen
    // Those of a clock that was ahead would take the places of all to come; they stay until their time has come.
    constexpr std::int64_t kSoon = 60 * 1000; // names are told apart by milliseconds that have not passed yet
    std::erase_if(*backups, [latest = base::nowMs() + kSoon](const BackupInfo& backup) { return backup.timeMs > latest; });
    std::error_code ignored;
    for (const BackupInfo& backup : backupsToRemove(*backups))
        fs::remove(backup.file, ignored);
    // What a backup that was killed left behind.
    for (fs::directory_iterator entry(project / kFolder, ignored), end; !ignored && entry != end;
         entry.increment(ignored)) {
        if (entry->path().extension() == ".part")
            fs::remove(entry->path(), ignored);
    }
}

namespace {
// Sets the files of the project aside as they are: a damaged database may still be saved by an expert.
base::Result<void> moveAside(const fs::path& project, std::int64_t timeMs)
{
    const fs::path aside = project / kFolder / backupName(timeMs, "damaged");
    for (const char* suffix : { "", "-wal", "-shm" }) {
        const fs::path from = project / (std::string(kDatabaseName) + suffix);
        std::error_code error;
        if (!fs::exists(from, error))
            continue;
        fs::rename(from, aside.string() + suffix, error);
        if (error)
            return base::failed(from.string() + " could not be moved to the backups: " + error.message() + ".");
    }
    return syncFolder(project / kFolder);
}

// Makes a backup of what is there, and leaves one complete file without a write-ahead log, which SQLite would otherwise
// play into the restored one. Error: the database cannot be used.
base::Result<void> putAway(const fs::path& project, std::int64_t timeMs)
{
    return guarded(project / kDatabaseName, [&]() -> base::Result<void> {
        Connection current(project / kDatabaseName, Connection::Mode::ReadWrite);
        PERCEPT_TRY(checkSchema(current));
        PERCEPT_TRY(quickCheck(current));
        PERCEPT_TRY(writeBackup(current, project, "replaced", timeMs));
        current.execute("PRAGMA journal_mode=DELETE");
        return {};
    });
}

base::Result<void> checkBackup(const fs::path& backup)
{
    std::error_code error;
    if (!fs::is_regular_file(backup, error))
        return base::notFound("There is no backup " + backup.string() + ".");
    return guarded(backup, [&]() -> base::Result<void> {
        Connection connection(backup, Connection::Mode::Immutable);
        connection.harden();
        PERCEPT_TRY(checkSchema(connection));
        return quickCheck(connection);
    });
}
}

namespace {
// Of which project a database is: its name and when it was made.
struct Identity
{
    std::string name;
    std::int64_t createdMs = 0;
    bool operator==(const Identity&) const = default;
};

base::Result<Identity> identityOf(const fs::path& database, bool isBackup)
{
    return guarded(database, [&]() -> base::Result<Identity> {
        // A live database may have its newest pages in its log.
        const auto connection = isBackup ? std::make_unique<Connection>(database, Connection::Mode::Immutable) : openForReading(database);
        connection->harden();
        PERCEPT_TRY(checkSchema(*connection));
        Query query(*connection, "SELECT name, created_ms FROM project");
        if (!query.next())
            return base::refused(database.string() + " does not say which project it is of.");
        return Identity { query.text(0), query.integer(1) };
    });
}

// A database of another project would take this one's place together with its pictures, runs and packages. Where this one
// cannot be read any more, its backups say which it is.
base::Result<void> checkIsOfProject(const fs::path& project, const fs::path& backup)
{
    std::error_code error;
    if (fs::equivalent(fs::absolute(backup).parent_path(), project / kFolder, error))
        return {};
    PERCEPT_ASSIGN(given, identityOf(backup, /*isBackup=*/true));
    auto here = identityOf(project / kDatabaseName, /*isBackup=*/false);
    const auto backups = listBackups(project).valueOr({});
    for (auto other = backups.begin(); here.hasError() && other != backups.end(); ++other)
        here = identityOf(other->file, /*isBackup=*/true);
    if (here.hasError() || here.value() == given)
        return {};
    return base::refused(backup.string() + " is of the project \"" + given.name + "\", made at " + base::isoUtc(given.createdMs)
        + ", and no backup of " + project.string() + ", which is \"" + here->name + "\", made at " + base::isoUtc(here->createdMs)
        + ". Nothing was changed. `percept backups` lists the backups of a project.");
}
}

base::Result<void> restoreBackup(const fs::path& project, const fs::path& named)
{
    std::error_code ignored;
    const bool isBareName = !named.has_parent_path() && !fs::exists(named, ignored);
    const fs::path backup = isBareName ? project / kFolder / named : named;
    PERCEPT_TRY(checkBackup(backup));
    PERCEPT_TRY(checkIsOfProject(project, backup));
    PERCEPT_TRY(checkFileSystem(project));
    PERCEPT_ASSIGN(lock, ProjectLock::take(project, "percept restore"));
    const std::int64_t timeMs = base::nowMs();
    const fs::path fresh = project / (std::string(kDatabaseName) + ".new");
    std::error_code error;
    fs::create_directories(project / kFolder, error);
    fs::copy_file(backup, fresh, fs::copy_options::overwrite_existing, error);
    if (error)
        return base::failed(
            "The backup could not be copied to " + fresh.string() + ": " + error.message() + ". Nothing was changed.");
    PERCEPT_TRY(syncFile(fresh));
    if (fs::exists(project / kDatabaseName, error)) {
        const auto putAwayResult = putAway(project, timeMs);
        // Only what SQLite cannot use is set aside; a full disk or a reader that is still there stops here.
        if (putAwayResult.hasError() && putAwayResult.error().code != base::ErrorCode::Refused)
            return putAwayResult.error();
        if (putAwayResult.hasError())
            PERCEPT_TRY(moveAside(project, timeMs));
    }
    fs::rename(fresh, project / kDatabaseName, error);
    if (error)
        return base::failed("The backup could not take the place of " + (project / kDatabaseName).string() + ": "
            + error.message() + ".");
    return syncFolder(project);
}

}
