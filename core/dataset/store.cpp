#include "core/dataset/store.h"

#include "core/base/time.h"
#include "core/dataset/backups.h"
#include "core/dataset/edits.h"
#include "core/dataset/groups.h"
#include "core/dataset/run_records.h"
#include "core/dataset/split.h"
#include "core/dataset/versions.h"

#include <algorithm>

namespace percept::dataset {

namespace {
Committed committedOf(const EntityWriter& writer)
{
    Committed committed;
    committed.change.value = writer.change();
    committed.touchedItems.assign(writer.touchedItems().begin(), writer.touchedItems().end());
    committed.labelsChanged = writer.labelsChanged();
    committed.itemsChanged = writer.itemsChanged();
    for (const std::int64_t run : writer.touchedRuns())
        committed.touchedRuns.push_back(runIdOf(run));
    return committed;
}
}

Store::Store(ProjectLock lock, std::unique_ptr<Connection> connection, const std::filesystem::path& project,
    const std::string& program)
    : m_lock(std::move(lock))
    , m_connection(std::move(connection))
    , m_project(project)
    , m_queries(*m_connection, project)
    , m_paths(project)
    , m_log(*m_connection, userName(), program)
    , m_importBoxes(*m_connection)
{
}

// SQLite does this only when the last of all connections closes, and not when that one can only read: those of the readers stay open
// a little longer than the store. A copy of project.db alone would be the project as it was made.
Store::~Store() { m_connection->checkpoint(Connection::Checkpoint::EmptyLog); }

base::Result<Committed> Store::apply(std::span<const Edit> edits, const std::string& title)
{
    return guarded(m_connection->file(), [&]() -> base::Result<Committed> {
        Transaction transaction(*m_connection, Transaction::Kind::Write);
        const std::int64_t last = readLastChange(*m_connection), now = base::nowMs();
        EntityWriter writer(*m_connection, m_log.append(ChangeKind::Edit, title, now), now);
        EditApplier applier(*m_connection, writer, m_paths);
        PERCEPT_TRY(applier.apply(edits));
        if (applier.details().empty()) { // nothing is different: no step to undo
            Committed same;
            same.change.value = last;
            return same;
        }
        m_log.appendDetails(writer.change(), applier.details());
        m_log.pushStep(writer.change());
        writer.finish();
        transaction.commit();
        Committed committed = committedOf(writer);
        committed.added = applier.added();
        committed.addedLabels = applier.addedLabels();
        return committed;
    });
}

base::Result<std::optional<Committed>> Store::undo() { return travel(/*forward=*/false); }
base::Result<std::optional<Committed>> Store::redo() { return travel(/*forward=*/true); }

base::Result<std::optional<Committed>> Store::travel(bool forward)
{
    return transact([&]() -> base::Result<std::optional<Committed>> {
        try {
            return takeStep(forward);
        } catch (const HistoryMismatch& exception) { // no failure that may pass: whoever waits for it waits for ever
            return base::refused("The history of " + m_project.string()
                    + " does not fit its content, so this step cannot be " + (forward ? "redone" : "undone")
                    + ". Nothing was changed. Run percept check.",
                exception.what());
        }
    });
}

std::optional<Committed> Store::takeStep(bool forward)
{
    // A step whose items were all removed from the trash for good has nothing left: go on to the next.
    while (const auto step = forward ? readFirstUndone(*m_connection) : readLastDone(*m_connection)) {
        const std::int64_t now = base::nowMs();
        const std::int64_t change
            = m_log.append(forward ? ChangeKind::Redo : ChangeKind::Undo, step->title, now, step->change);
        EntityWriter writer(*m_connection, change, now);
        if (step->kind == ChangeKind::Import) {
            applyImport(*m_connection, writer, step->change, forward);
        } else {
            auto details = readDetails(*m_connection, step->change);
            if (!forward)
                std::reverse(details.begin(), details.end());
            for (const Detail& detail : details)
                applyDetail(writer, detail, forward);
        }
        m_log.setUndone(*step, !forward);
        writer.finish();
        if (!writer.touchedItems().empty() || writer.itemsChanged() || writer.labelsChanged() || !writer.touchedRuns().empty())
            return committedOf(writer);
    }
    return std::nullopt;
}

base::Result<SplitResult> Store::split(const SplitOptions& options)
{
    return guarded(m_connection->file(), [&]() -> base::Result<SplitResult> {
        Transaction transaction(*m_connection, Transaction::Kind::Write);
        const std::int64_t now = base::nowMs();
        EntityWriter writer(
            *m_connection, m_log.append(ChangeKind::Edit, "Split into train, validation and test", now), now);
        std::vector<Detail> details;
        PERCEPT_ASSIGN(result, splitItems(*m_connection, writer, options, details));
        if (details.empty())
            return result;
        m_log.appendDetails(writer.change(), details);
        m_log.pushStep(writer.change());
        writer.finish();
        transaction.commit();
        return result;
    });
}

base::Result<DatasetVersion> Store::freezeVersion()
{
    return transact([&]() -> base::Result<DatasetVersion> { return freeze(*m_connection, base::nowMs()); });
}

base::Result<void> Store::emptyTrash()
{
    return transact([&]() -> base::Result<void> {
        std::vector<Detail> details;
        {
            Query query(*m_connection, "SELECT id, path, content_hash FROM item WHERE trashed = 1 AND id < ?");
            query.bindAll(readPending(*m_connection).firstItem);
            while (query.next()) {
                const nlohmann::json before { { "path", query.text(1) }, { "hash", query.text(2) } };
                details.push_back({ Entity::Item, query.integer(0),
                    before.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), std::nullopt });
            }
        }
        if (details.empty())
            return {};
        const std::int64_t change = m_log.append(ChangeKind::EmptyTrash, "Emptied the trash", base::nowMs());
        m_log.appendDetails(change, details);
        m_log.dropUndone();
        for (const Detail& detail : details) {
            runSql(*m_connection, "DELETE FROM annotation WHERE item = ?", detail.id);
            runSql(*m_connection, "DELETE FROM field_sample WHERE item = ?", detail.id);
            runSql(*m_connection, "DELETE FROM item WHERE id = ?", detail.id);
        }
        CounterDelta counters;
        counters.add(Counter::Trashed, 0, domain::SplitSet::None, -static_cast<std::int64_t>(details.size()));
        counters.write(*m_connection);
        return {};
    });
}

base::Result<void> Store::writeContentHashes(std::span<const ItemHash> hashes)
{
    const auto write = [&](const ItemHash& hash) {
        const std::int64_t group = readInteger(*m_connection, "SELECT group_id FROM item WHERE id = ?", 0, hash.item.value);
        if (group == 0)
            return; // removed from the trash for good meanwhile
        const auto same = readGroupOfHash(*m_connection, hash.sha256, INT64_MAX);
        runSql(*m_connection, "UPDATE item SET content_hash = ? WHERE id = ?", hash.sha256, hash.item.value);
        if (same)
            mergeGroups(*m_connection, *same, GroupId { group });
    };
    return transact(
        [&]() -> base::Result<void> {
            std::for_each(hashes.begin(), hashes.end(), write);
            return {};
        },
        Connection::Durability::InOrder);
}

base::Result<std::vector<ItemFile>> Store::moveItemFiles(std::span<const ItemFile> files)
{
    return transact([&]() -> base::Result<std::vector<ItemFile>> {
        std::vector<ItemFile> before;
        Query read(*m_connection, "SELECT path FROM item WHERE id = ?");
        for (const ItemFile& moved : files) {
            read.again();
            read.bind(moved.item.value);
            if (!read.next())
                continue;
            const std::string was = read.text(0), now = m_paths.stored(moved.file);
            if (was == now || readInteger(*m_connection, "SELECT id FROM item WHERE path = ?", 0, now) != 0)
                continue;
            runSql(*m_connection, "UPDATE item SET path = ?, problem = '' WHERE id = ?", now, moved.item.value);
            before.push_back({ moved.item, m_paths.absolute(was) });
        }
        return before;
    });
}

base::Result<void> Store::writeItemProblem(ItemId item, const std::string& problem)
{
    return transact([&]() -> base::Result<void> {
        runSql(*m_connection, "UPDATE item SET problem = ? WHERE id = ?", problem, item.value);
        if (m_connection->changes() == 0)
            return base::notFound("The picture is no longer in the project.");
        return {};
    });
}

base::Result<void> Store::writeFact(const std::string& name, const std::string& value)
{
    return transact([&]() -> base::Result<void> {
        runSql(*m_connection,
            "INSERT INTO fact(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value", name,
            value);
        return {};
    });
}

base::Result<std::string> Store::nextRunId()
{
    return transact([&]() -> base::Result<std::string> {
        std::int64_t number = readInteger(
            *m_connection, "SELECT CAST(substr(value, 2) AS INTEGER) FROM fact WHERE name = 'run.last'", 0);
        std::string id;
        std::error_code error;
        do { // a restored backup may be behind the folders
            ++number;
            id = runIdOf(number);
        } while (std::filesystem::exists(m_project / "runs" / id, error));
        runSql(*m_connection,
            "INSERT INTO fact(name, value) VALUES('run.last', ?) ON CONFLICT(name) DO UPDATE SET value = "
            "excluded.value",
            id);
        return id;
    });
}

base::Result<Store::ModelVersion> Store::addModelVersion(const std::string& run, const std::string& file, const std::string& expected)
{
    return transact([&]() -> base::Result<ModelVersion> {
        const std::int64_t minor = readInteger(*m_connection, "SELECT coalesce(max(id), 0) FROM model_version", 0);
        const ModelVersion version { "1." + std::to_string(minor), run, file, base::nowMs() };
        if (!expected.empty() && version.version != expected) // the file says another number: as a version it would be a lie
            return base::Error { base::ErrorCode::Conflict,
                "The package was written as version " + expected + ", but the project counts " + version.version + ". Package the model again.", file };
        runSql(*m_connection, "INSERT INTO model_version(version, run, file, time_ms) VALUES(?, ?, ?, ?)",
            version.version, run, file, version.timeMs);
        return version;
    });
}

base::Result<std::vector<std::string>> Store::removeTrashedRuns()
{
    return transact([&]() -> base::Result<std::vector<std::string>> {
        runSql(*m_connection, "UPDATE run_record SET removed = 1 WHERE trashed = 1");
        std::vector<std::string> runs;
        Query query(*m_connection, "SELECT run FROM run_record WHERE removed = 1 ORDER BY run");
        while (query.next())
            runs.push_back(runIdOf(query.integer(0)));
        return runs;
    });
}

base::Result<void> Store::updateModelVersionFile(const std::string& version, const std::string& file)
{
    return transact([&]() -> base::Result<void> {
        runSql(*m_connection, "UPDATE model_version SET file = ? WHERE version = ?", file, version);
        if (m_connection->changes() == 0)
            return base::notFound("The project has no model version " + version + ".");
        return {};
    });
}

base::Result<std::filesystem::path> Store::backup(const std::string& reason)
{
    PERCEPT_ASSIGN(file, writeBackup(*m_connection, m_project, reason, base::nowMs()));
    PERCEPT_TRY(transact([&]() -> base::Result<void> {
        runSql(*m_connection,
            "INSERT INTO fact(name, value) VALUES('backup.revision', ?) ON CONFLICT(name) DO UPDATE SET value = "
            "excluded.value",
            std::to_string(readLastChange(*m_connection)));
        return {};
    }));
    pruneBackups(m_project);
    return file;
}

// The log of a day of labelling does not reach the size at which SQLite moves it by itself.
void Store::checkpointNowAndThen(std::int64_t nowMs)
{
    constexpr std::int64_t kEveryMs = 5 * 60 * 1000;
    if (nowMs >= m_lastCheckpointMs && nowMs - m_lastCheckpointMs < kEveryMs)
        return;
    if (m_lastCheckpointMs != 0)
        m_connection->checkpoint(Connection::Checkpoint::Passive);
    m_lastCheckpointMs = nowMs;
}

base::Result<std::optional<std::filesystem::path>> Store::maybeHourlyBackup()
{
    const std::int64_t now = base::nowMs();
    checkpointNowAndThen(now);
    // A clock that was ahead for a while must not keep backups away until it would have been right.
    if (now < m_nextBackupCheckMs && m_nextBackupCheckMs <= now + kBackupIntervalMs)
        return std::optional<std::filesystem::path>();
    PERCEPT_ASSIGN(backups, listBackups(m_project));
    PERCEPT_ASSIGN(info, readInfo());
    std::erase_if(backups, [now](const BackupInfo& backup) { return backup.timeMs > now; });
    std::int64_t last = backups.empty() ? info.createdMs : backups.front().timeMs;
    if (last > now)
        last = 0;
    if (now - last < kBackupIntervalMs) {
        m_nextBackupCheckMs = last + kBackupIntervalMs;
        return std::optional<std::filesystem::path>();
    }
    PERCEPT_ASSIGN(saved, readFact("backup.revision"));
    PERCEPT_ASSIGN(revision, readRevision());
    if (saved == std::to_string(revision))
        return std::optional<std::filesystem::path>();
    PERCEPT_ASSIGN(file, backup("hourly"));
    return std::optional(file);
}

}
