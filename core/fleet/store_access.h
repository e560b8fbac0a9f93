#pragma once

#include "core/fleet/fleet_database.h"
#include "core/fleet/fleet_store.h"

#include <optional>
#include <string>

// For the files that FleetStore consists of.
namespace percept::fleet {

using dataset::Connection;
using dataset::Query;
using dataset::readInteger;
using dataset::runSql;

template <typename Work>
auto FleetStore::read(Work work) const -> decltype(work(std::declval<Connection&>()))
{
    std::lock_guard lock(m_mutex);
    return guardedFleet(m_connection->file(), [&] { return work(*m_connection); });
}

template <typename Work>
auto FleetStore::change(Work work) -> decltype(work(std::declval<Connection&>()))
{
    std::lock_guard lock(m_mutex);
    return guardedFleet(m_connection->file(), [&]() -> decltype(work(*m_connection)) {
        dataset::Transaction transaction(*m_connection, dataset::Transaction::Kind::Write);
        auto result = work(*m_connection);
        if (result.hasValue())
            transaction.commit();
        return result;
    });
}

struct DeviceRow {
    std::int64_t id = 0;
    protocol::DesiredState desired;
};

base::Error noSuchDevice(const std::string& name);
std::vector<Device> listDevices(Connection& db);            // without the removed ones, by name
std::vector<Alert> listAlerts(Connection& db, bool onlyOpen); // newest first
StoredSamples listSamples(Connection& db, const std::filesystem::path& folder, const SampleQuery& wanted); // newest first
// Refused: one runs that is not to be replaced. Conflict: another one runs than that.
base::Result<void> checkNothingElseRuns(const std::optional<Rollout>& now, std::int64_t replaces);
void putSetting(Connection& db, const std::string& name, const std::string& value);
std::vector<Rollout> listRollouts(Connection& db);          // newest first
// Conflict: `now` is not what was seen. Nothing: none stands any more.
base::Result<void> checkSeen(const SeenRollout& seen, const std::optional<Rollout>& now);
// Nothing for a removed one too.
base::Result<std::optional<DeviceRow>> findDevice(Connection& db, const std::string& name);
base::Result<protocol::DesiredState> applyToDesired(Connection& db, const std::string& device, const nlohmann::json& patch);
// What a device of this ring is to run by the roll-outs so far; nothing: none has reached it.
std::optional<protocol::DesiredPackage> packageForRing(Connection& db, const std::string& ring);
bool wasTakenBack(Connection& db, const std::string& sha256);
nlohmann::json desiredJson(const protocol::DesiredPackage& package); // as a change of a desired state has it

}
