// Packages and roll-outs.
#include "core/fleet/own_packages.h"
#include "core/fleet/rollout_watch.h"
#include "core/fleet/store_access.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace percept::fleet {

namespace {

constexpr const char* kRolloutColumns = "SELECT rollout.id, sha256, bytes, name, version, release_counter, signer, coalesce(previous, ''), "
                                        "ring, state, note, started_ms, changed_ms FROM rollout JOIN package ON sha256 = package";

Rollout rolloutFrom(const Query& query)
{
    Rollout rollout;
    rollout.id = query.integer(0);
    rollout.package = { query.text(1), query.integer(2), query.text(3), query.text(4), query.integer(5), query.text(6) };
    rollout.previous = query.text(7);
    rollout.ring = query.text(8);
    rollout.state = query.text(9);
    rollout.note = query.text(10);
    rollout.startedMs = query.integer(11);
    rollout.changedMs = query.integer(12);
    return rollout;
}

std::optional<Rollout> findRollout(Connection& db, const std::string& condition)
{
    Query query(db, std::string(kRolloutColumns) + " WHERE " + condition + " ORDER BY rollout.id DESC LIMIT 1");
    return query.next() ? std::optional(rolloutFrom(query)) : std::nullopt;
}

std::optional<StoredPackage> findPackage(Connection& db, const std::string& sha256)
{
    Query query(db, "SELECT sha256, bytes, name, version, release_counter, signer FROM package WHERE sha256 = ?");
    query.bind(sha256);
    if (!query.next())
        return std::nullopt;
    return StoredPackage { query.text(0), query.integer(1), query.text(2), query.text(3), query.integer(4), query.text(5) };
}

std::size_t ringIndex(std::string_view ring)
{
    for (std::size_t i = 0; i < std::size(kRings); ++i)
        if (ring == kRings[i])
            return i;
    return 0;
}

protocol::DesiredPackage desiredOf(const StoredPackage& package)
{
    return { package.sha256, package.bytes, "/packages/" + package.sha256, package.name, package.version, package.releaseCounter };
}

// Every device of the rings up to `ring`, and every one that was to run `instead`, is to run this.
base::Result<std::vector<std::string>> setPackage(Connection& db, const std::string& ring, const StoredPackage& package, const std::string& instead = {})
{
    std::vector<std::string> devices;
    {
        Query query(db, "SELECT name, ring, desired FROM device WHERE removed_ms = 0 ORDER BY name");
        while (query.next()) {
            const auto desired = protocol::decodeDesiredState(query.text(2));
            const std::string has = desired.hasValue() && desired->package ? desired->package->sha256 : std::string();
            const bool isMeant = ringIndex(query.text(1)) <= ringIndex(ring) || (!instead.empty() && has == instead);
            if (isMeant && has != package.sha256)
                devices.push_back(query.text(0));
        }
    }
    for (const auto& device : devices)
        PERCEPT_TRY(applyToDesired(db, device, { { "package", desiredJson(desiredOf(package)) } }));
    return devices;
}

void updateRollout(Connection& db, Rollout& rollout, std::int64_t nowMs)
{
    rollout.changedMs = nowMs;
    runSql(db, "UPDATE rollout SET ring = ?, state = ?, note = ?, changed_ms = ? WHERE id = ?", rollout.ring, rollout.state, rollout.note,
        nowMs, rollout.id);
}

std::int64_t newestRelease(Connection& db)
{
    return readInteger(db, "SELECT coalesce(max(release_counter), -1) FROM rollout JOIN package ON sha256 = package", -1);
}

bool isRun(const std::vector<Device>& devices, const std::string& sha256)
{
    return std::any_of(devices.begin(), devices.end(),
        [&](const Device& device) { return device.reported && device.reported->running && device.reported->running->sha256 == sha256; });
}

// As whichever release. Of packages that are not on the shelf any more the names tell.
bool isSameModel(const std::filesystem::path& shelf, const StoredPackage& a, const StoredPackage& b)
{
    if (a.name != b.name || a.version != b.version)
        return false;
    const std::string first = modelKeyOf(shelf / (a.sha256 + ".ppkg")), second = modelKeyOf(shelf / (b.sha256 + ".ppkg"));
    return first.empty() || second.empty() || first == second;
}

// What a roll-back of `next` brings: the newest release that reached all rings; where none has, the newest that a device really runs now
// though its roll-out was stopped (another one takes its place), unless devices refused it: one that did not, in a tenth of a fleet, makes
// it no better. Not what was taken back, nor the same model once more.
std::optional<StoredPackage> releaseBefore(Connection& db, const StoredPackage& next)
{
    const auto devices = listDevices(db);
    const auto shelf = db.file().parent_path() / "packages";
    std::optional<StoredPackage> stopped;
    for (const Rollout& rollout : listRollouts(db)) { // newest first
        if (isSameModel(shelf, rollout.package, next))
            continue;
        if (rollout.state == "done")
            return rollout.package;
        if (!stopped && rollout.state == "stopped" && !wasStoppedForRefusals(rollout) && isRun(devices, rollout.package.sha256))
            stopped = rollout.package;
    }
    return stopped;
}

base::Error noneRunning() { return base::notFound("No roll-out is running."); }

}

base::Result<void> checkSeen(const SeenRollout& seen, const std::optional<Rollout>& now)
{
    constexpr const char* kNext = " Nothing was changed: look what is rolled out now, and decide anew.";
    const auto conflict = [](std::string what) { return base::Error { base::ErrorCode::Conflict, std::move(what) + kNext, {} }; };
    if (seen.id == 0)
        return {};
    if (!now)
        return conflict("The roll-out that this was about has ended meanwhile.");
    if (now->id != seen.id)
        return conflict("Another roll-out has taken the place of the one that this was about meanwhile, that of version " + now->package.version + ".");
    if (!seen.ring.empty() && now->ring != seen.ring)
        return conflict("The roll-out of version " + now->package.version + " has gone on from ring " + seen.ring + " to ring " + now->ring + " meanwhile.");
    return {};
}

base::Result<void> checkNothingElseRuns(const std::optional<Rollout>& now, std::int64_t replaces)
{
    if (!now || now->state != "running")
        return {};
    if (replaces == 0)
        return base::refused("Version " + now->package.version + " is being rolled out. Promote it to the end, stop it or roll it back first.");
    return checkSeen({ replaces, {} }, now);
}

std::vector<Rollout> listRollouts(Connection& db)
{
    Query query(db, std::string(kRolloutColumns) + " ORDER BY rollout.id DESC");
    std::vector<Rollout> rollouts;
    while (query.next())
        rollouts.push_back(rolloutFrom(query));
    return rollouts;
}

// The newest roll-out that reached the ring and was neither stopped nor taken back; what took the place of one that was is
// a roll-out of its own.
std::optional<protocol::DesiredPackage> packageForRing(Connection& db, const std::string& ring)
{
    Query query(db, std::string(kRolloutColumns) + " WHERE state IN ('running', 'done') ORDER BY rollout.id DESC");
    while (query.next()) {
        const Rollout rollout = rolloutFrom(query);
        if (ringIndex(rollout.ring) >= ringIndex(ring))
            return desiredOf(rollout.package);
    }
    return std::nullopt;
}

bool wasTakenBack(Connection& db, const std::string& sha256)
{
    return readInteger(db, "SELECT count(*) FROM rollout WHERE package = ? AND state = 'rolled-back'", 0, sha256) > 0;
}

nlohmann::json desiredJson(const protocol::DesiredPackage& package)
{
    return { { "sha256", package.sha256 }, { "bytes", package.bytes }, { "path", package.path }, { "name", package.name },
        { "version", package.version }, { "releaseCounter", package.releaseCounter } };
}

base::Result<void> FleetStore::writePackage(const StoredPackage& package, std::int64_t nowMs)
{
    return change([&](Connection& db) -> base::Result<void> {
        runSql(db, "INSERT OR IGNORE INTO package(sha256, bytes, name, version, release_counter, signer, added_ms) VALUES(?, ?, ?, ?, ?, ?, ?)",
            package.sha256, package.bytes, package.name, package.version, package.releaseCounter, package.signer, nowMs);
        return {};
    });
}

base::Result<std::optional<StoredPackage>> FleetStore::readPackage(const std::string& sha256) const
{
    return read([&](Connection& db) -> base::Result<std::optional<StoredPackage>> { return findPackage(db, sha256); });
}

base::Result<std::int64_t> FleetStore::readNewestRelease() const
{
    return read([&](Connection& db) -> base::Result<std::int64_t> { return newestRelease(db); });
}

base::Result<RolloutChange> FleetStore::beginRollout(const std::string& sha256, std::int64_t nowMs, const BeginOptions& options)
{
    return change([&](Connection& db) -> base::Result<RolloutChange> {
        const auto package = findPackage(db, sha256);
        if (!package)
            return base::notFound("The hub has no package " + sha256 + ".");
        if (auto running = findRollout(db, "state = 'running'")) {
            PERCEPT_TRY(checkNothingElseRuns(running, options.replaces));
            running->state = "stopped";
            running->note = "Version " + package->version + " takes its place.";
            updateRollout(db, *running, nowMs);
        }
        const std::int64_t newest = newestRelease(db);
        if (package->releaseCounter <= newest)
            return base::refused("Release " + std::to_string(package->releaseCounter) + " is not newer than release " + std::to_string(newest)
                + ", which was rolled out already: devices refuse it. Package it again.");
        const auto before = releaseBefore(db, *package);
        runSql(db, "INSERT INTO rollout(package, previous, ring, state, started_ms, changed_ms) VALUES(?, ?, 'test', 'running', ?, ?)", sha256,
            before ? std::optional(before->sha256) : std::nullopt, nowMs, nowMs);
        const auto begun = findRollout(db, "state = 'running'");
        putSetting(db, kPromotionSetting, promotionPlan(begun->id, options.promoteAfterMinutes));
        PERCEPT_ASSIGN(devices, setPackage(db, "test", *package));
        return RolloutChange { *begun, std::move(devices) };
    });
}

base::Result<RolloutChange> FleetStore::promoteRollout(std::int64_t nowMs, const SeenRollout& seen)
{
    return change([&](Connection& db) -> base::Result<RolloutChange> {
        auto rollout = findRollout(db, "state = 'running'");
        PERCEPT_TRY(checkSeen(seen, rollout));
        if (!rollout)
            return noneRunning();
        rollout->ring = kRings[ringIndex(rollout->ring) + 1]; // at the last ring it is not running any more
        if (rollout->ring == "all")
            rollout->state = "done";
        updateRollout(db, *rollout, nowMs);
        PERCEPT_ASSIGN(devices, setPackage(db, rollout->ring, rollout->package));
        return RolloutChange { *rollout, std::move(devices) };
    });
}

base::Result<RolloutChange> FleetStore::stopRollout(const std::string& why, std::int64_t nowMs, const SeenRollout& seen)
{
    return change([&](Connection& db) -> base::Result<RolloutChange> {
        auto rollout = findRollout(db, "state = 'running'");
        PERCEPT_TRY(checkSeen(seen, rollout));
        if (!rollout)
            return noneRunning();
        rollout->state = "stopped";
        rollout->note = why;
        updateRollout(db, *rollout, nowMs);
        return RolloutChange { *rollout, {} };
    });
}

base::Result<RolloutChange> FleetStore::rollBack(const std::string& replacement, const std::string& why, std::int64_t nowMs, const SeenRollout& seen)
{
    return change([&](Connection& db) -> base::Result<RolloutChange> {
        auto rollout = findRollout(db, "state <> 'rolled-back'");
        PERCEPT_TRY(checkSeen(seen, rollout));
        if (!rollout)
            return base::notFound("There is no roll-out to take back.");
        const auto package = findPackage(db, replacement);
        if (!package)
            return base::notFound("The hub has no package " + replacement + ".");
        rollout->state = "rolled-back";
        rollout->note = why;
        updateRollout(db, *rollout, nowMs);
        // What took its place stands as a roll-out of its own, so that devices that enrol later get it too. Nothing is before it:
        // taken back once more (by two people, or in haste) it would bring the bad one again.
        runSql(db, "INSERT INTO rollout(package, previous, ring, state, started_ms, changed_ms, note) VALUES(?, NULL, ?, 'done', ?, ?, ?)", replacement,
            rollout->ring, nowMs, nowMs, "in the place of version " + rollout->package.version);
        PERCEPT_ASSIGN(devices, setPackage(db, rollout->ring, *package, rollout->package.sha256));
        return RolloutChange { *rollout, std::move(devices) };
    });
}

base::Result<std::optional<Rollout>> FleetStore::readCurrentRollout() const
{
    return read([&](Connection& db) -> base::Result<std::optional<Rollout>> { return findRollout(db, "state <> 'rolled-back'"); });
}

base::Result<std::optional<Rollout>> FleetStore::readCurrentRollout(const SeenRollout& seen) const
{
    PERCEPT_ASSIGN(current, readCurrentRollout());
    PERCEPT_TRY(checkSeen(seen, current));
    return current;
}

base::Result<std::vector<Rollout>> FleetStore::readAllRollouts() const
{
    return read([&](Connection& db) -> base::Result<std::vector<Rollout>> { return listRollouts(db); });
}

}
