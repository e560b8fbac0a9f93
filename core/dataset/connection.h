#pragma once

#include "core/base/result.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace percept::dataset {

// A prepared statement and whether a Query uses it now.
struct KeptStatement
{
    SQLite::Statement statement;
    bool inUse = false;
};

// One SQLite connection with its prepared statements. Methods throw SQLite::Exception; `guarded` at the edge of the
// store turns that into an Error. One thread at a time.
class Connection
{
public:
    enum class Mode { ReadOnly, Immutable, ReadWrite, Create };

    Connection(const std::filesystem::path& database, Mode mode);

    // Pragmas of a connection to a file that may come from a stranger: no mapped memory, checked cells, schema not
    // trusted.
    void harden();
    // WAL with synchronous=FULL, read back. Throws when SQLite answers anything else: nothing may be called saved then.
    void makeDurable();
    // Full: a commit is on disk before it returns. InOrder: commits reach the disk in their order, with the next Full one at the
    // latest; a power cut takes the last of them. Of each write transaction; throws when SQLite does otherwise.
    enum class Durability { Full, InOrder };
    void setDurability(Durability durability);

    // While it lives, SQLite does not look whether the rows that a new row refers to are there: for bulk work that has just made
    // or read them itself. Outside of transactions only.
    class UncheckedReferences
    {
    public:
        explicit UncheckedReferences(Connection& connection);
        ~UncheckedReferences();
        UncheckedReferences(const UncheckedReferences&) = delete;
        UncheckedReferences& operator=(const UncheckedReferences&) = delete;

    private:
        Connection& m_connection;
    };

    SQLite::Database& database() { return m_database; }
    const std::filesystem::path& file() const { return m_file; }
    // A prepared statement, kept for the next time; reset by Query.
    KeptStatement& prepared(std::string_view sql);
    void execute(const std::string& sql) { m_database.exec(sql); }
    bool inTransaction() const;
    // Moves what was committed from the log into the database itself, both on disk, and where nobody reads the log, empties it. What
    // readers hold back stays in the log, where it is as safe.
    enum class Checkpoint { Passive, EmptyLog };
    void checkpoint(Checkpoint kind);
    std::int64_t lastInsertId() const { return m_database.getLastInsertRowid(); }
    int changes() const { return m_database.getChanges(); }

private:
    std::filesystem::path m_file;
    SQLite::Database m_database;
    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_map<std::string, std::unique_ptr<KeptStatement>, TextHash, std::equal_to<>> m_statements;
    std::optional<Durability> m_durability; // nothing: unknown
};

// Read-only, beside a writer or alone; in a folder that cannot be written too, where SQLite cannot make the memory that
// readers of a write-ahead log share.
std::unique_ptr<Connection> openForReading(const std::filesystem::path& database);

// One use of a prepared statement: binds in order, steps, and resets it at the end of its scope.
class Query
{
public:
    Query(Connection& connection, std::string_view sql)
        : m_kept(connection.prepared(sql))
        , m_statement(m_kept.statement)
    {
        m_kept.inUse = true;
    }
    ~Query()
    {
        m_statement.tryReset();
        m_kept.inUse = false;
    }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    Query& bind(std::int64_t value)
    {
        m_statement.bind(m_next++, value);
        return *this;
    }
    Query& bind(double value)
    {
        m_statement.bind(m_next++, value);
        return *this;
    }
    Query& bind(const std::string& value)
    {
        m_statement.bind(m_next++, value);
        return *this;
    }
    Query& bind(const std::optional<std::string>& value)
    {
        if (value)
            m_statement.bind(m_next++, *value);
        else
            m_statement.bind(m_next++);
        return *this;
    }
    template <typename... Values>
    Query& bindAll(const Values&... values)
    {
        (bindOne(values), ...);
        return *this;
    }

    bool next() { return m_statement.executeStep(); }
    void run()
    {
        while (m_statement.executeStep()) { }
    }
    // For a statement that is run many times with other values.
    void again()
    {
        m_statement.reset();
        m_next = 1;
    }

    std::int64_t integer(int column) const { return m_statement.getColumn(column).getInt64(); }
    double real(int column) const { return m_statement.getColumn(column).getDouble(); }
    std::string text(int column) const { return m_statement.getColumn(column).getString(); }
    bool isNull(int column) const { return m_statement.getColumn(column).isNull(); }
    std::optional<std::string> optionalText(int column) const
    {
        return isNull(column) ? std::nullopt : std::optional(text(column));
    }

private:
    template <typename Value>
    void bindOne(const Value& value)
    {
        if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>)
            bind(static_cast<std::int64_t>(value));
        else if constexpr (std::is_floating_point_v<Value>)
            bind(static_cast<double>(value));
        else
            bind(value);
    }

    KeptStatement& m_kept;
    SQLite::Statement& m_statement;
    int m_next = 1;
};

// The first column of the first row; `fallback` without a row.
template <typename... Values>
std::int64_t readInteger(Connection& connection, std::string_view sql, std::int64_t fallback, const Values&... values)
{
    Query query(connection, sql);
    query.bindAll(values...);
    return query.next() ? query.integer(0) : fallback;
}

template <typename... Values>
void runSql(Connection& connection, std::string_view sql, const Values&... values)
{
    Query query(connection, sql);
    query.bindAll(values...).run();
}

// Rolls back unless it was committed. Reading ones give several statements one snapshot; inside another one they do
// nothing.
class Transaction
{
public:
    enum class Kind { Read, Write };
    Transaction(Connection& connection, Kind kind, Connection::Durability durability = Connection::Durability::Full);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Connection& m_connection;
    bool m_open = false;
};

// A sentence for people for what SQLite said about `database`.
base::Error describeSqlite(const SQLite::Exception& exception, const std::filesystem::path& database);
base::Error describeSqliteCode(int code, const std::filesystem::path& database, const std::string& detail);

// Runs `work` and turns exceptions into Errors: the edge between SQLite and the rest of Percept.
template <typename Work>
auto guarded(const std::filesystem::path& database, Work work) -> decltype(work())
{
    try {
        return work();
    } catch (const SQLite::Exception& exception) {
        return describeSqlite(exception, database);
    } catch (const std::exception& exception) {
        return base::failed(
            "The project " + database.parent_path().string() + " could not be used: an unexpected error.",
            exception.what());
    }
}

}
