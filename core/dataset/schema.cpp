#include "core/dataset/schema.h"

#include "embedded_percept_dataset.h"

#include <array>
#include <map>
#include <mutex>

namespace percept::dataset {

namespace {
constexpr std::array kMigrations {
    Migration { 1, embedded::k__0001_project_sql },
    Migration { 2, embedded::k__0002_models_sql },
    Migration { 3, embedded::k__0003_runs_sql },
    Migration { 4, embedded::k__0004_field_sql },
};

// Everything that the schema consists of, as one text. Tables of SQLite itself are left out.
std::string fingerprint(Connection& connection)
{
    std::string text;
    Query query(connection,
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name");
    while (query.next())
        text += query.text(0) + '|' + query.text(1) + '|' + query.text(2) + '|' + query.text(3) + '\n';
    return text;
}

// Made once for each version: a project is checked by everyone who opens it, three times when a session does.
std::string expectedFingerprint(int version)
{
    static std::mutex mutex;
    static std::map<int, std::string> known;
    const std::scoped_lock lock(mutex);
    std::string& text = known[version];
    if (!text.empty())
        return text;
    Connection memory(":memory:", Connection::Mode::Create);
    for (const Migration& migration : kMigrations) {
        if (migration.version <= version)
            memory.execute(std::string(migration.sql));
    }
    text = fingerprint(memory);
    return text;
}

void runMigrations(Connection& connection, int from)
{
    Transaction transaction(connection, Transaction::Kind::Write);
    for (const Migration& migration : kMigrations) {
        if (migration.version > from)
            connection.execute(std::string(migration.sql));
    }
    connection.execute("PRAGMA user_version=" + std::to_string(schemaVersion()));
    transaction.commit();
}

int pragma(Connection& connection, const char* name)
{
    return connection.database().execAndGet(std::string("PRAGMA ") + name).getInt();
}
}

std::span<const Migration> migrations() { return kMigrations; }

int schemaVersion() { return kMigrations.back().version; }

base::Result<SchemaState> checkSchema(Connection& connection)
{
    const std::string project = connection.file().parent_path().string();
    if (pragma(connection, "application_id") != kApplicationId)
        return base::refused(project + " is not a Percept project: its " + connection.file().filename().string()
            + " belongs to another program. Nothing was changed.");
    const int version = pragma(connection, "user_version");
    if (version > schemaVersion())
        return base::refused(project + " was made by a newer Percept (project format " + std::to_string(version)
            + "; this program knows formats up to " + std::to_string(schemaVersion())
            + "). Update Percept to open it. Nothing was changed.");
    if (version < 1 || fingerprint(connection) != expectedFingerprint(version))
        return base::refused(connection.file().string()
            + " is damaged or was changed by another program: its tables are not those of a Percept project. Restore a "
              "backup.");
    return version < schemaVersion() ? SchemaState::Older : SchemaState::Current;
}

void createSchema(Connection& connection)
{
    connection.execute("PRAGMA application_id=" + std::to_string(kApplicationId));
    runMigrations(connection, 0);
}

void migrate(Connection& connection) { runMigrations(connection, pragma(connection, "user_version")); }

base::Result<void> quickCheck(Connection& connection, std::uint64_t maxBytes)
{
    const auto bytes = static_cast<std::uint64_t>(pragma(connection, "page_count"))
        * static_cast<std::uint64_t>(pragma(connection, "page_size"));
    if (bytes > maxBytes)
        return {};
    const std::string answer = connection.database().execAndGet("PRAGMA quick_check(1)").getString();
    if (answer != "ok")
        return base::refused(
            connection.file().string() + " is damaged. Nothing was changed. Restore one of the backups of the project.",
            answer);
    return {};
}

}
