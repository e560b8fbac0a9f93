#include "core/fleet/fleet_database.h"

#include "core/base/time.h"
#include "core/fleet/fleet_backups.h"
#include "embedded_percept_fleet.h"

#include <sqlite3.h>

namespace percept::fleet {

namespace fs = std::filesystem;
using dataset::Connection;

namespace {

constexpr int kApplicationId = 0x50657246; // "PerF"
constexpr int kSchemaVersion = 1;

std::string fingerprint(Connection& connection)
{
    std::string text;
    dataset::Query query(connection, "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name");
    while (query.next())
        text += query.text(0) + '|' + query.text(1) + '|' + query.text(2) + '\n';
    return text;
}

std::string expectedFingerprint()
{
    Connection memory(":memory:", Connection::Mode::Create);
    memory.execute(std::string(embedded::k_fleet_0001_sql));
    return fingerprint(memory);
}

int pragma(Connection& connection, const char* name)
{
    return connection.database().execAndGet(std::string("PRAGMA ") + name).getInt();
}

// One transaction: a hub that is killed here leaves an empty file, which the next one fills.
void createTables(Connection& connection)
{
    dataset::Transaction transaction(connection, dataset::Transaction::Kind::Write);
    connection.execute("PRAGMA application_id=" + std::to_string(kApplicationId));
    connection.execute(std::string(embedded::k_fleet_0001_sql));
    connection.execute("PRAGMA user_version=" + std::to_string(kSchemaVersion));
    transaction.commit();
}

base::Result<void> checkSchema(Connection& connection)
{
    const std::string file = connection.file().string();
    if (pragma(connection, "application_id") != kApplicationId)
        return base::refused(file + " belongs to another program. Nothing was changed.");
    if (pragma(connection, "user_version") > kSchemaVersion)
        return base::refused(file + " was written by a newer Percept. Update Percept to use it. Nothing was changed.");
    if (fingerprint(connection) != expectedFingerprint())
        return base::refused(file + " is damaged or was changed by another program: its tables are not those of a fleet.");
    return {};
}

base::Result<void> checkTables(Connection& connection)
{
    PERCEPT_TRY(checkSchema(connection));
    const std::string answer = connection.database().execAndGet("PRAGMA quick_check(1)").getString();
    if (answer != "ok")
        return base::refused(connection.file().string() + " is damaged. Nothing was changed.", answer);
    return {};
}

// A new fleet would know none of the devices, and none of them it: where packages lie, there was one.
base::Result<void> checkIsNoLostFleet(const fs::path& folder)
{
    std::error_code error;
    bool hasPackages = false;
    for (fs::directory_iterator entry(folder / "packages", error), end; !error && entry != end; entry.increment(error))
        hasPackages = hasPackages || (entry->path().extension() == ".ppkg" && entry->path().filename() != "incoming.ppkg");
    if (!hasPackages)
        return {};
    const std::string file = (folder / kFleetDatabaseName).string(), lost = file + " is missing or empty, though packages of a fleet lie beside it: "
        "what the hub knew of its devices and roll-outs is lost. No new fleet is begun in its place. ";
    const std::string anew = "To begin anew, so that every device has to be enrolled again, move " + (folder / "packages").string() + " away or give another folder with --state.";
    if (const auto backup = newestFleetBackup(folder))
        return base::refused(lost + "Its newest backup is of " + base::isoUtc(backup->timeMs) + ": `cp '" + backup->file.string() + "' '" + file
            + "'` brings that back. " + anew);
    return base::refused(lost + "Put " + std::string(kFleetDatabaseName) + " back from a backup of this computer. " + anew);
}

}

base::Result<std::unique_ptr<Connection>> openFleetDatabase(const fs::path& folder)
{
    const fs::path file = folder / kFleetDatabaseName;
    std::error_code error;
    if (!fs::exists(file, error) || fs::file_size(file, error) == 0)
        PERCEPT_TRY(checkIsNoLostFleet(folder));
    return guardedFleet(file, [&]() -> base::Result<std::unique_ptr<Connection>> {
        auto connection = std::make_unique<Connection>(file, Connection::Mode::Create);
        connection->harden();
        if (connection->database().execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0 && pragma(*connection, "application_id") == 0) {
            PERCEPT_TRY(checkIsNoLostFleet(folder));
            createTables(*connection);
        }
        PERCEPT_TRY(checkTables(*connection));
        connection->makeDurable();
        return connection;
    });
}

base::Result<std::unique_ptr<Connection>> openFleetForReading(const fs::path& folder)
{
    const fs::path file = folder / kFleetDatabaseName;
    std::error_code error;
    if (!fs::is_regular_file(file, error))
        return base::notFound("There is no fleet in " + folder.string() + ". Start a hub with `percept fleet serve`.");
    return guardedFleet(file, [&]() -> base::Result<std::unique_ptr<Connection>> {
        auto connection = dataset::openForReading(file);
        connection->harden();
        PERCEPT_TRY(checkSchema(*connection));
        return connection;
    });
}

base::Error describeFleetError(const SQLite::Exception& exception, const fs::path& database)
{
    switch (exception.getErrorCode() & 0xff) {
    case SQLITE_NOTADB:
        return base::refused(database.string() + " is a file of another kind. Nothing was changed.", exception.what());
    case SQLITE_CORRUPT:
        return base::refused(database.string() + " is damaged. Nothing was changed.", exception.what());
    case SQLITE_CONSTRAINT:
        return base::refused("The change does not fit the fleet in " + database.parent_path().string() + " and was not made.", exception.what());
    default:
        return dataset::describeSqlite(exception, database);
    }
}

}
