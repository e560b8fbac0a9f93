// Devices: enrolment, secrets, desired and reported state.
#include "core/base/hash.h"
#include "core/fleet/secrets.h"
#include "core/fleet/store_access.h"
#include "core/protocol/fleet_topics.h"

#include <nlohmann/json.hpp>

namespace percept::fleet {

namespace {

constexpr std::size_t kTokenDigits = 32; // of a secret: short enough for one line to paste, 128 bits

base::Error useless() { return base::refused("This enrolment token is not valid: it was used, is too old, or is for another device."); }

base::Result<void> checkName(const std::string& name)
{
    if (protocol::isDeviceName(name))
        return {};
    return base::usage("\"" + name + "\" cannot be the name of a device: use 1 to 64 letters, digits, - and _.");
}

// A certificate holds for ever, so it names an enrolment: the one of a device that was thrown out must not hold again when its
// name is given to another. No device is called so: '.' is not in their names. A certificate's name has room for 64 characters.
std::string certificateName(const std::string& device, const std::string& secretHash)
{
    return device.substr(0, 47) + "." + secretHash.substr(0, 16);
}

Device deviceFrom(const Query& query)
{
    Device device { query.text(0), query.text(1), query.integer(2), query.integer(3), query.integer(4) != 0, {}, {} };
    if (auto desired = protocol::decodeDesiredState(query.text(5)); desired.hasValue())
        device.desired = std::move(desired).value();
    if (auto reported = protocol::decodeReportedState(query.text(6)); reported.hasValue())
        device.reported = std::move(reported).value();
    return device;
}

constexpr const char* kAllDevices = "SELECT name, ring, enrolled_ms, seen_ms, online, desired, reported FROM device WHERE ";
constexpr const char* kNotRemoved = "removed_ms = 0";

std::optional<Device> findByName(Connection& db, const std::string& name, bool removedToo)
{
    Query query(db, std::string(kAllDevices) + "name = ?" + (removedToo ? "" : std::string(" AND ") + kNotRemoved));
    query.bind(name);
    return query.next() ? std::optional(deviceFrom(query)) : std::nullopt;
}

struct Permission {
    std::string device, ring;
};

// Uses the token up.
base::Result<Permission> takeToken(Connection& db, const std::string& token, const std::string& device, std::int64_t nowMs)
{
    const std::string hash = base::sha256Hex(token);
    Query query(db, "SELECT device, ring FROM enrolment WHERE token_hash = ? AND used_ms = 0 AND expires_ms >= ?");
    query.bindAll(hash, nowMs);
    if (!query.next())
        return useless();
    const Permission permission { query.text(0), query.text(1) };
    if (!permission.device.empty() && !device.empty() && permission.device != device)
        return useless();
    runSql(db, "UPDATE enrolment SET used_ms = ? WHERE token_hash = ?", nowMs, hash);
    return permission;
}

// What a device of this ring is to run. It never takes an older release than it has run: one that runs a newer one keeps that, unless
// it was taken back meanwhile.
nlohmann::json packageFor(Connection& db, const std::string& ring, const Device& before, std::string& note)
{
    const auto package = packageForRing(db, ring);
    if (!package)
        return nullptr;
    const auto& kept = before.desired.package;
    const auto running = before.reported ? before.reported->running : std::nullopt;
    if (!running || running->releaseCounter <= package->releaseCounter || !kept || wasTakenBack(db, kept->sha256))
        return desiredJson(*package);
    note = "It goes on with version " + running->version + " (release " + std::to_string(running->releaseCounter)
        + "): version " + package->version + ", which has reached ring " + ring + ", is an older release (" + std::to_string(package->releaseCounter)
        + "), and no device takes one. It gets what reaches the ring next.";
    return desiredJson(*kept);
}

// Versions go on from those of a removed device of that name: it may come back with its old folder.
base::Result<protocol::DesiredState> firstDesired(Connection& db, const std::string& device, const std::string& ring)
{
    const Device before = findByName(db, device, /*removedToo=*/true).value_or(Device());
    protocol::DesiredState first;
    first.version = before.desired.version;
    std::string note;
    return protocol::patched(first, { { "package", packageFor(db, ring, before, note) } });
}

}

base::Error noSuchDevice(const std::string& name) { return base::notFound("There is no device \"" + name + "\" in this fleet."); }

base::Result<std::optional<DeviceRow>> findDevice(Connection& db, const std::string& name)
{
    Query query(db, "SELECT id, desired FROM device WHERE name = ? AND removed_ms = 0");
    query.bind(name);
    if (!query.next())
        return std::optional<DeviceRow>();
    PERCEPT_ASSIGN(desired, protocol::decodeDesiredState(query.text(1)));
    return std::optional(DeviceRow { query.integer(0), std::move(desired) });
}

base::Result<protocol::DesiredState> applyToDesired(Connection& db, const std::string& device, const nlohmann::json& patch)
{
    PERCEPT_ASSIGN(row, findDevice(db, device));
    if (!row)
        return noSuchDevice(device);
    PERCEPT_ASSIGN(state, protocol::patched(row->desired, patch));
    runSql(db, "UPDATE device SET desired = ? WHERE id = ?", protocol::encode(state), row->id);
    return state;
}

base::Result<std::string> FleetStore::makeToken(
    const std::string& device, const std::string& ring, std::int64_t nowMs, std::int64_t lifetimeMs)
{
    if (!device.empty())
        PERCEPT_TRY(checkName(device));
    if (!isRing(ring))
        return base::usage("A ring is test, part or all.");
    const std::string token = randomSecret().substr(0, kTokenDigits);
    return change([&](Connection& db) -> base::Result<std::string> {
        PERCEPT_ASSIGN(taken, findDevice(db, device));
        if (taken)
            return base::refused("There is a device \"" + device + "\" already. Remove it first, or choose another name.");
        runSql(db, "DELETE FROM enrolment WHERE expires_ms < ?", nowMs);
        runSql(db, "INSERT INTO enrolment(token_hash, device, ring, expires_ms) VALUES(?, ?, ?, ?)", base::sha256Hex(token), device, ring,
            nowMs + lifetimeMs);
        return token;
    });
}

base::Result<Enrolled> FleetStore::enrol(const std::string& token, const std::string& device, std::int64_t nowMs)
{
    return change([&](Connection& db) -> base::Result<Enrolled> {
        PERCEPT_ASSIGN(permission, takeToken(db, token, device, nowMs));
        Enrolled enrolled { permission.device.empty() ? device : permission.device, randomSecret(), {} };
        const std::string secretHash = base::sha256Hex(enrolled.secret);
        enrolled.certificateName = certificateName(enrolled.device, secretHash);
        PERCEPT_TRY(checkName(enrolled.device));
        PERCEPT_ASSIGN(desired, firstDesired(db, enrolled.device, permission.ring));
        if (readInteger(db, "SELECT count(*) FROM device WHERE name = ? AND removed_ms = 0", 0, enrolled.device) > 0)
            return base::refused("There is a device \"" + enrolled.device + "\" already.");
        runSql(db, "INSERT INTO device(name, ring, enrolled_ms, secret_hash, broker_password, desired) VALUES(?, ?, ?, ?, ?, ?) "
                   "ON CONFLICT(name) DO UPDATE SET ring = excluded.ring, enrolled_ms = excluded.enrolled_ms, removed_ms = 0, "
                   "secret_hash = excluded.secret_hash, broker_password = excluded.broker_password, desired = excluded.desired, "
                   "reported = '', seen_ms = 0, online = 0",
            enrolled.device, permission.ring, nowMs, secretHash, brokerPasswordHash(enrolled.secret),
            protocol::encode(desired));
        return enrolled;
    });
}

base::Result<void> FleetStore::removeDevice(const std::string& device, std::int64_t nowMs)
{
    return change([&](Connection& db) -> base::Result<void> {
        runSql(db, "UPDATE alert SET ended_ms = ? WHERE ended_ms = 0 AND device = (SELECT id FROM device WHERE name = ?)", nowMs, device);
        runSql(db, "UPDATE device SET removed_ms = ?, secret_hash = '', broker_password = '', online = 0 WHERE name = ? AND removed_ms = 0",
            nowMs, device);
        if (db.changes() == 0)
            return noSuchDevice(device);
        return {};
    });
}

std::vector<Device> listDevices(Connection& db)
{
    Query query(db, std::string(kAllDevices) + kNotRemoved + " ORDER BY name");
    std::vector<Device> devices;
    while (query.next())
        devices.push_back(deviceFrom(query));
    return devices;
}

base::Result<std::vector<Device>> FleetStore::readAllDevices() const
{
    return read([](Connection& db) -> base::Result<std::vector<Device>> { return listDevices(db); });
}

base::Result<std::optional<Device>> FleetStore::readDevice(const std::string& name) const
{
    return read([&](Connection& db) -> base::Result<std::optional<Device>> {
        return findByName(db, name, /*removedToo=*/false);
    });
}

base::Result<std::optional<std::string>> FleetStore::findDeviceBySecret(const std::string& secret) const
{
    return read([&](Connection& db) -> base::Result<std::optional<std::string>> {
        // By its hash: how long the look-up takes says nothing about the secret.
        Query query(db, "SELECT name FROM device WHERE secret_hash = ? AND removed_ms = 0");
        query.bind(base::sha256Hex(secret));
        return query.next() ? std::optional(query.text(0)) : std::nullopt;
    });
}

base::Result<std::vector<BrokerAccess>> FleetStore::readBrokerAccess() const
{
    return read([&](Connection& db) -> base::Result<std::vector<BrokerAccess>> {
        Query query(db, "SELECT name, broker_password, secret_hash FROM device WHERE removed_ms = 0 ORDER BY name");
        std::vector<BrokerAccess> all;
        while (query.next())
            all.push_back({ query.text(0), query.text(1), certificateName(query.text(0), query.text(2)) });
        return all;
    });
}

base::Result<protocol::DesiredState> FleetStore::changeDesired(const std::string& device, const nlohmann::json& patch)
{
    return change([&](Connection& db) { return applyToDesired(db, device, patch); });
}

base::Result<RingChange> FleetStore::updateRing(const std::string& device, const std::string& ring)
{
    if (!isRing(ring))
        return base::usage("A ring is test, part or all.");
    return change([&](Connection& db) -> base::Result<RingChange> {
        const auto known = findByName(db, device, /*removedToo=*/false);
        if (!known)
            return noSuchDevice(device);
        RingChange moved;
        const auto package = packageFor(db, ring, *known, moved.note);
        runSql(db, "UPDATE device SET ring = ? WHERE name = ? AND removed_ms = 0", ring, device);
        PERCEPT_ASSIGN(desired, applyToDesired(db, device, { { "package", package } }));
        moved.desired = std::move(desired);
        return moved;
    });
}

}
