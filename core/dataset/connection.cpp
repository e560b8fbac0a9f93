#include "core/dataset/connection.h"

#include <sqlite3.h>

namespace percept::dataset {

namespace {
constexpr int kBusyTimeoutMs = 5000;
constexpr std::size_t kMaxStatements = 200; // filters of a gallery make statements of their own

// Only letters and digits and a few marks stay: '?', '#' and '%' in a folder name have a meaning in a URI.
std::string fileUri(const std::filesystem::path& file, const char* options)
{
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string uri = "file:";
    for (const unsigned char c : file.string()) {
        if (std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_') {
            uri += static_cast<char>(c);
        } else {
            uri += '%';
            uri += kHex[c >> 4];
            uri += kHex[c & 15];
        }
    }
    return uri + options;
}

const char* optionsOf(Connection::Mode mode)
{
    switch (mode) {
    case Connection::Mode::ReadOnly:
        return "?mode=ro";
    case Connection::Mode::Immutable:
        return "?mode=ro&immutable=1";
    case Connection::Mode::ReadWrite:
        return "?mode=rw";
    case Connection::Mode::Create:
        return "?mode=rwc";
    }
    return "";
}

int flagsOf(Connection::Mode mode)
{
    switch (mode) {
    case Connection::Mode::ReadWrite:
        return SQLite::OPEN_READWRITE | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX;
    case Connection::Mode::Create:
        return SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX;
    default:
        return SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX;
    }
}
}

namespace {
// SQLite counts every allocation under one lock, which nobody asks about and which takes a tenth of an import. Before its first use.
const std::filesystem::path& withoutAllocationCount(const std::filesystem::path& database)
{
    [[maybe_unused]] static const int kDone = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return database;
}
}

Connection::Connection(const std::filesystem::path& database, Mode mode)
    : m_file(withoutAllocationCount(database))
    , m_database(fileUri(database, optionsOf(mode)), flagsOf(mode), kBusyTimeoutMs)
{
    sqlite3_extended_result_codes(m_database.getHandle(), 1);
    sqlite3_db_config(m_database.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
}

void Connection::harden()
{
    execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;"
            "PRAGMA recursive_triggers=OFF; PRAGMA temp_store=MEMORY;");
}

void Connection::makeDurable()
{
    const std::string mode = m_database.execAndGet("PRAGMA journal_mode=WAL").getString();
    // Room for the indexes that an import fills in random order; taken only when it is used.
    execute("PRAGMA cache_size=-32768");
    // 16 MiB of log before it is moved into the database, not 4: the chunks of an import change the same pages again and again,
    // and each is moved once. The commit that moves them takes some 30 ms.
    execute("PRAGMA wal_autocheckpoint=4000");
    const int foreignKeys = m_database.execAndGet("PRAGMA foreign_keys").getInt();
    if (mode != "wal" || foreignKeys != 1)
        throw std::runtime_error("SQLite runs with journal " + mode + ": edits would not be safe on disk");
    setDurability(Durability::Full);
}

Connection::UncheckedReferences::UncheckedReferences(Connection& connection)
    : m_connection(connection)
{
    m_connection.execute("PRAGMA foreign_keys=OFF");
}

Connection::UncheckedReferences::~UncheckedReferences() { m_connection.database().tryExec("PRAGMA foreign_keys=ON"); }

void Connection::setDurability(Durability durability)
{
    if (m_durability == durability)
        return;
    m_durability.reset();
    const bool isFull = durability == Durability::Full;
    execute(isFull ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    const int synchronous = m_database.execAndGet("PRAGMA synchronous").getInt();
    if (synchronous != (isFull ? 2 : 1))
        throw std::runtime_error("SQLite runs with synchronous " + std::to_string(synchronous) + ": edits would not be safe on disk");
    m_durability = durability;
}

KeptStatement& Connection::prepared(std::string_view sql)
{
    if (const auto found = m_statements.find(sql); found != m_statements.end()) {
        if (found->second->inUse)
            throw std::logic_error("a statement is used twice at once: " + found->first);
        return *found->second;
    }
    std::string key(sql);
    if (m_statements.size() >= kMaxStatements)
        std::erase_if(m_statements, [](const auto& entry) { return !entry.second->inUse; });
    auto kept = std::make_unique<KeptStatement>(KeptStatement { SQLite::Statement(m_database, key) });
    return *m_statements.emplace(std::move(key), std::move(kept)).first->second;
}

bool Connection::inTransaction() const { return sqlite3_get_autocommit(m_database.getHandle()) == 0; }

void Connection::checkpoint(Checkpoint kind)
{
    constexpr int kPatienceMs = 200; // for a reader that is in the middle of something
    sqlite3_busy_timeout(m_database.getHandle(), kPatienceMs);
    // What it says does not matter: a checkpoint that fails loses nothing.
    sqlite3_wal_checkpoint_v2(m_database.getHandle(), nullptr, kind == Checkpoint::Passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(m_database.getHandle(), kBusyTimeoutMs);
}

std::unique_ptr<Connection> openForReading(const std::filesystem::path& database)
{
    try {
        auto connection = std::make_unique<Connection>(database, Connection::Mode::ReadOnly);
        connection->database().execAndGet("PRAGMA schema_version");
        return connection;
    } catch (const SQLite::Exception&) {
        std::error_code error;
        const auto logSize = std::filesystem::file_size(database.string() + "-wal", error);
        if (!error && logSize > 0)
            throw; // immutable would hide the last changes
        return std::make_unique<Connection>(database, Connection::Mode::Immutable);
    }
}

Transaction::Transaction(Connection& connection, Kind kind, Connection::Durability durability)
    : m_connection(connection)
{
    if (connection.inTransaction()) {
        if (kind == Kind::Write)
            throw std::logic_error("a write transaction is already open");
        return;
    }
    if (kind == Kind::Write)
        connection.setDurability(durability);
    connection.execute(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN");
    m_open = true;
}

Transaction::~Transaction()
{
    // SQLite may have rolled back by itself (disk full, I/O error).
    if (m_open && m_connection.inTransaction())
        m_connection.database().tryExec("ROLLBACK");
}

void Transaction::commit()
{
    if (!m_open)
        return;
    m_connection.execute("COMMIT");
    m_open = false;
}

base::Error describeSqliteCode(int code, const std::filesystem::path& database, const std::string& detail)
{
    const std::string project = database.parent_path().string();
    switch (code & 0xff) {
    case SQLITE_FULL:
        return base::failed(
            "The disk is full: the change to " + project + " was not saved. Free some space and try again.", detail);
    case SQLITE_READONLY:
        return base::failed(project
                + " cannot be written. Check the permissions of the folder, or copy the project to a folder of yours.",
            detail);
    case SQLITE_CANTOPEN:
        return base::failed(
            database.string() + " cannot be opened. Check that the folder is there and that you may read it.", detail);
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return base::failed("You have no permission to use " + database.string() + ".", detail);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return { base::ErrorCode::Conflict, project + " is in use by another program. Close it there and try again.",
            detail };
    case SQLITE_NOTADB:
        return base::refused(
            project + " is not a Percept project: " + database.filename().string() + " is a file of another kind.",
            detail);
    case SQLITE_CORRUPT:
        return base::refused(
            database.string() + " is damaged. Nothing was changed. Restore one of the backups of the project.", detail);
    case SQLITE_IOERR:
        return base::failed(
            "Reading or writing " + database.string() + " failed. Check the disk; the last change was not saved.",
            detail);
    case SQLITE_NOMEM:
        return base::failed(
            "There is not enough memory to work on " + project + ". Close other programs and try again.", detail);
    case SQLITE_CONSTRAINT:
        return base::refused("The change does not fit the project " + project + " and was not made.", detail);
    default:
        return base::failed("The project " + project + " could not be used.", detail);
    }
}

base::Error describeSqlite(const SQLite::Exception& exception, const std::filesystem::path& database)
{
    return describeSqliteCode(exception.getErrorCode(), database, exception.what());
}

}
