// Making and opening projects.
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/dataset/backups.h"
#include "core/dataset/edits.h"
#include "core/dataset/schema.h"
#include "core/dataset/store.h"

#include <algorithm>
#include <array>

namespace percept::dataset {

namespace fs = std::filesystem;

namespace {
constexpr std::array kFolders { "runs", "packages", "cache", "backups" };
// Above this a reader leaves the check of every page to the writer, so that it opens at once.
constexpr std::uint64_t kReaderCheckBytes = 16 << 20;

fs::path cleanPath(const fs::path& project)
{
    std::error_code error;
    fs::path path = fs::weakly_canonical(project, error);
    if (error)
        path = fs::absolute(project, error).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

base::Result<void> checkFolder(const fs::path& project)
{
    std::error_code error;
    if (!fs::exists(project, error))
        return base::notFound("There is no project " + project.string() + (error ? ": " + error.message() + "." : "."));
    const fs::path database = project / kDatabaseName;
    if (!fs::is_directory(project, error) || !fs::is_regular_file(database, error))
        return base::refused(project.string() + " is not a Percept project: it has no " + kDatabaseName + ".");
    if (fs::file_size(database, error) == 0)
        return base::refused(project.string() + " is not a Percept project: its " + kDatabaseName + " is empty.");
    return {};
}

// Looks at the file without a lock or a change, so that what is not ours stays as it is.
base::Result<void> probe(const fs::path& project)
{
    PERCEPT_TRY(checkFolder(project));
    return guarded(project / kDatabaseName, [&]() -> base::Result<void> {
        const auto connection = openForReading(project / kDatabaseName);
        connection->harden();
        PERCEPT_TRY(checkSchema(*connection));
        return {};
    });
}

// Of another version of Percept: then no backup is what helps.
bool isOfAnotherVersion(const fs::path& database)
{
    const auto version = guarded(database, [&]() -> base::Result<int> {
        const auto connection = openForReading(database);
        return connection->database().execAndGet("PRAGMA user_version").getInt();
    });
    return version.hasValue() && version.value() > 0 && version.value() != schemaVersion();
}

// A project that cannot be opened any more and has a backup is not at its end: the newest is named, with the command.
base::Error withBackup(base::Error error, const fs::path& project)
{
    if (error.code != base::ErrorCode::Refused || isOfAnotherVersion(project / kDatabaseName))
        return error;
    const auto backups = listBackups(project).valueOr({});
    const auto found = std::find_if(backups.begin(), backups.end(), [](const BackupInfo& b) { return b.reason != "damaged"; });
    if (found == backups.end())
        return error;
    const BackupInfo& newest = *found;
    error.message += " Its newest backup is of " + base::isoUtc(newest.timeMs) + ": `percept restore '" + project.string() + "' "
        + newest.file.filename().string() + "` takes the project back to it; `percept backups` lists the others.";
    return error;
}

class Reader final : public WithQueries<ProjectReader>
{
public:
    Reader(std::unique_ptr<Connection> connection, const fs::path& project)
        : m_connection(std::move(connection))
        , m_queries(*m_connection, project)
    {
    }

private:
    const Queries& queries() const override { return m_queries; }
    std::unique_ptr<Connection> m_connection;
    Queries m_queries;
};

base::Result<void> upgrade(Connection& connection, const fs::path& project)
{
    PERCEPT_TRY(writeBackup(connection, project, "before-upgrade", base::nowMs()));
    migrate(connection);
    return {};
}

base::Result<std::unique_ptr<ProjectStore>> openLocked(
    const fs::path& project, const std::string& program, ProjectLock lock)
{
    return guarded(project / kDatabaseName, [&]() -> base::Result<std::unique_ptr<ProjectStore>> {
        auto connection = std::make_unique<Connection>(project / kDatabaseName, Connection::Mode::ReadWrite);
        connection->harden();
        PERCEPT_ASSIGN(state, checkSchema(*connection));
        PERCEPT_TRY(quickCheck(*connection));
        if (state == SchemaState::Older)
            PERCEPT_TRY(upgrade(*connection, project));
        connection->makeDurable();
        std::error_code error;
        for (const char* folder : kFolders)
            fs::create_directory(project / folder, error); // one that is missing is made when it is needed
        if (const Pending pending = readPending(*connection); pending.batch > 0) {
            Transaction transaction(*connection, Transaction::Kind::Write);
            removeUnfinishedBatch(*connection, pending.batch);
            transaction.commit();
        }
        return std::unique_ptr<ProjectStore>(
            std::make_unique<Store>(std::move(lock), std::move(connection), project, program));
    });
}

base::Result<void> makeFolder(const fs::path& project)
{
    std::error_code error;
    if (fs::exists(project, error)) {
        const bool isEmpty = fs::is_directory(project, error) && fs::is_empty(project, error);
        if (!isEmpty)
            return base::refused(project.string() + " is there already. Choose another name.");
    }
    fs::create_directories(project, error);
    if (!fs::is_directory(project))
        return base::failed("The folder " + project.string() + " could not be made: " + error.message() + ".");
    return {};
}

// Classes that the project is born with: in the log, but no step that could be undone.
base::Result<void> writeFirstLabels(Connection& connection, const std::vector<std::string>& labels)
{
    ChangeLog log(connection, userName(), "percept");
    EntityWriter writer(connection, log.append(ChangeKind::Edit, "Created the project", base::nowMs()), base::nowMs());
    std::vector<Edit> edits;
    for (const std::string& label : labels)
        edits.emplace_back(AddLabel { { {}, label } });
    MediaPaths paths(connection.file().parent_path());
    EditApplier applier(connection, writer, paths);
    PERCEPT_TRY(applier.apply(edits));
    log.appendDetails(writer.change(), applier.details());
    writer.finish();
    return {};
}

// The tables and the first labels, in a file that gets its name when it is complete.
base::Result<void> writeDatabase(
    const fs::path& project, const std::string& name, domain::Task task, const std::vector<std::string>& labels)
{
    const fs::path fresh = project / (std::string(kDatabaseName) + ".new");
    PERCEPT_TRY(guarded(fresh, [&]() -> base::Result<void> {
        Connection connection(fresh, Connection::Mode::Create);
        connection.harden();
        createSchema(connection);
        Transaction transaction(connection, Transaction::Kind::Write);
        PERCEPT_TRY(writeFirstLabels(connection, labels));
        runSql(connection, "INSERT INTO project(id, name, task, created_ms) VALUES(1, ?, ?, ?)", name,
            std::string(domain::toString(task)), base::nowMs());
        transaction.commit();
        return {};
    }));
    PERCEPT_TRY(syncFile(fresh));
    std::error_code error;
    fs::rename(fresh, project / kDatabaseName, error);
    if (error)
        return base::failed("The project " + project.string() + " could not be made: " + error.message() + ".");
    return syncFolder(project);
}
}

namespace {

base::Result<std::unique_ptr<ProjectReader>> openReader(const fs::path& folder)
{
    PERCEPT_TRY(checkFolder(folder));
    return guarded(folder / kDatabaseName, [&]() -> base::Result<std::unique_ptr<ProjectReader>> {
        auto connection = openForReading(folder / kDatabaseName);
        connection->harden();
        PERCEPT_ASSIGN(state, checkSchema(*connection));
        PERCEPT_TRY(quickCheck(*connection, kReaderCheckBytes));
        if (state == SchemaState::Older)
            return base::refused(folder.string()
                + " was made by an older Percept. Open it once in the studio, or import into it, to bring it up to "
                  "date.");
        return std::unique_ptr<ProjectReader>(std::make_unique<Reader>(std::move(connection), folder));
    });
}

base::Result<std::unique_ptr<ProjectStore>> openStore(const fs::path& folder, const std::string& programName)
{
    PERCEPT_TRY(probe(folder));
    PERCEPT_TRY(checkFileSystem(folder));
    PERCEPT_ASSIGN(lock, ProjectLock::take(folder, programName));
    return openLocked(folder, programName, std::move(lock));
}

}

base::Result<std::unique_ptr<ProjectReader>> ProjectReader::open(const fs::path& project)
{
    const fs::path folder = cleanPath(project);
    auto opened = openReader(folder);
    if (opened.hasError())
        return withBackup(opened.error(), folder);
    return opened;
}

base::Result<std::unique_ptr<ProjectStore>> ProjectStore::open(const fs::path& project, const std::string& programName)
{
    const fs::path folder = cleanPath(project);
    auto opened = openStore(folder, programName);
    if (opened.hasError())
        return withBackup(opened.error(), folder);
    return opened;
}

base::Result<std::unique_ptr<ProjectStore>> ProjectStore::create(
    const fs::path& project, const std::string& name, domain::Task task, const std::vector<std::string>& labels)
{
    const fs::path folder = cleanPath(project);
    PERCEPT_TRY(makeFolder(folder));
    PERCEPT_TRY(checkFileSystem(folder));
    if (auto written = writeDatabase(folder, name, task, labels); written.hasError()) {
        std::error_code ignored;
        fs::remove(folder / (std::string(kDatabaseName) + ".new"), ignored);
        fs::remove(folder, ignored); // only when it is empty
        return written.error();
    }
    return open(folder, "percept");
}

}
