#include "core/fleet/fleet_store.h"

#include "core/fleet/store_access.h"

#include <algorithm>

namespace percept::fleet {

namespace fs = std::filesystem;

bool isRing(std::string_view ring) { return std::find(std::begin(kRings), std::end(kRings), ring) != std::end(kRings); }

FleetStore::FleetStore(dataset::ProjectLock lock, std::unique_ptr<Connection> connection, fs::path folder)
    : m_lock(std::move(lock))
    , m_connection(std::move(connection))
    , m_folder(std::move(folder))
{
}

base::Result<std::unique_ptr<FleetStore>> FleetStore::open(const fs::path& folder, const std::string& programName)
{
    std::error_code error;
    fs::create_directories(folder / "samples", error);
    fs::create_directories(folder / "packages", error);
    if (!error)
        fs::permissions(folder, fs::perms::owner_all, error); // secrets and pictures: what lies in it is for this user only
    if (error)
        return base::failed("The folder " + folder.string() + " cannot be made: " + error.message() + ".");
    if (const auto network = dataset::checkFileSystem(folder); network.hasError())
        return base::refused(folder.string() + " lies on a network folder, where nothing can be kept safely. Give a folder of "
            "this computer with --state.", network.error().message);
    PERCEPT_ASSIGN(lock, dataset::ProjectLock::take(folder, programName));
    PERCEPT_ASSIGN(connection, openFleetDatabase(folder));
    return std::unique_ptr<FleetStore>(new FleetStore(std::move(lock), std::move(connection), folder));
}

base::Result<std::optional<std::string>> FleetStore::readSetting(const std::string& name) const
{
    return read([&](Connection& db) -> base::Result<std::optional<std::string>> {
        Query query(db, "SELECT value FROM setting WHERE name = ?");
        query.bind(name);
        return query.next() ? std::optional(query.text(0)) : std::nullopt;
    });
}

base::Result<void> FleetStore::writeSetting(const std::string& name, const std::string& value)
{
    return change([&](Connection& db) -> base::Result<void> {
        putSetting(db, name, value);
        return {};
    });
}

void putSetting(Connection& db, const std::string& name, const std::string& value)
{
    runSql(db, "INSERT OR REPLACE INTO setting(name, value) VALUES(?, ?)", name, value);
}

base::Result<bool> FleetStore::raiseAlert(const std::string& device, const std::string& kind, const std::string& text, std::int64_t sinceMs)
{
    return change([&](Connection& db) -> base::Result<bool> {
        runSql(db, "INSERT INTO alert(device, kind, since_ms, text) SELECT id, ?, ?, ? FROM device WHERE name = ? "
                   "ON CONFLICT DO NOTHING", kind, sinceMs, text, device);
        return db.changes() > 0;
    });
}

base::Result<bool> FleetStore::endAlert(const std::string& device, const std::string& kind, std::int64_t nowMs)
{
    return change([&](Connection& db) -> base::Result<bool> {
        runSql(db, "UPDATE alert SET ended_ms = ? WHERE kind = ? AND ended_ms = 0 "
                   "AND device = (SELECT id FROM device WHERE name = ?)", nowMs, kind, device);
        return db.changes() > 0;
    });
}

std::vector<Alert> listAlerts(Connection& db, bool onlyOpen)
{
    Query query(db, "SELECT alert.id, device.name, kind, text, since_ms, ended_ms FROM alert JOIN device ON device.id = device "
                    "WHERE ended_ms = 0 OR ? = 0 ORDER BY alert.id DESC LIMIT 10000");
    query.bindAll(onlyOpen);
    std::vector<Alert> alerts;
    while (query.next())
        alerts.push_back({ query.integer(0), query.text(1), query.text(2), query.text(3), query.integer(4), query.integer(5) });
    return alerts;
}

base::Result<std::vector<Alert>> FleetStore::readAlerts(bool onlyOpen) const
{
    return read([&](Connection& db) -> base::Result<std::vector<Alert>> { return listAlerts(db, onlyOpen); });
}

}
