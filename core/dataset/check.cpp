// checkStore: proves that a project's parts agree with each other.
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/dataset/change_log.h"
#include "core/dataset/run_records.h"
#include "core/dataset/schema.h"
#include "core/dataset/versions.h"

#include "core/dataset/media_paths.h"
#include "core/dataset/project_store.h"

#include <unordered_map>
#include <unordered_set>

namespace percept::dataset {

namespace {
constexpr std::size_t kMaxFindings = 200; // of one kind; the rest is counted

class Checker
{
public:
    Checker(Connection& connection, const std::filesystem::path& project, const base::ProgressFn& progress,
        const base::CancelToken& cancel)
        : m_connection(connection)
        , m_paths(project)
        , m_progress(progress)
        , m_cancel(cancel)
    {
    }
    std::vector<CheckFinding> run(bool readMedia);

private:
    using Check = void (Checker::*)();
    void step(const char* what, Check check);
    void find(const std::string& what, bool isError = true);
    void flush(const char* what);

    void checkPages();
    void checkForeignKeys();
    void checkCounters();
    void checkBoxCounts();
    void checkHistoryLine();
    void checkLog();
    void checkOrphans();
    void checkVersions();
    void checkMedia();

    void replay();
    void replayDetails(std::int64_t change, bool forward);
    void compareAnnotations();
    void compareItems();
    void compareLabels();
    void compareRuns();

    Connection& m_connection;
    MediaPaths m_paths;
    const base::ProgressFn& m_progress;
    const base::CancelToken& m_cancel;
    bool m_readMedia = false;
    std::int64_t m_stepsDone = 0;
    std::size_t m_found = 0; // of the kind at hand
    std::vector<CheckFinding> m_findings;
    // What the log says that each thing is now; nullopt: it is gone.
    using State = std::unordered_map<std::int64_t, std::optional<std::string>>;
    State m_annotations, m_items, m_labels, m_runs, m_thresholds;
    std::unordered_set<std::int64_t> m_removedItems;
};

void Checker::find(const std::string& what, bool isError)
{
    if (++m_found <= kMaxFindings)
        m_findings.push_back({ what, isError });
}

void Checker::flush(const char* what)
{
    if (m_found > kMaxFindings)
        m_findings.push_back(
            { std::string(what) + ": and " + std::to_string(m_found - kMaxFindings) + " more of the same.", true });
    m_found = 0;
}

void Checker::step(const char* what, Check check)
{
    constexpr std::int64_t kSteps = 9;
    if (m_cancel.isCancelled())
        return;
    if (m_progress)
        m_progress({ m_stepsDone++, kSteps, what });
    try {
        (this->*check)();
    } catch (const SQLite::Exception& exception) {
        find(std::string(what) + " could not be finished: " + exception.what() + ".");
    } catch (const nlohmann::json::exception& exception) {
        find(std::string(what) + " met an entry that cannot be read: " + exception.what() + ".");
    } catch (const std::runtime_error& exception) {
        find(std::string(what) + " met an entry that cannot be read: " + exception.what() + ".");
    }
    flush(what);
}

void Checker::checkPages()
{
    Query query(m_connection, "PRAGMA integrity_check(100)");
    while (query.next()) {
        if (query.text(0) != "ok")
            find("The database is damaged: " + query.text(0) + ".");
    }
}

void Checker::checkForeignKeys()
{
    Query query(m_connection, "PRAGMA foreign_key_check");
    while (query.next())
        find("Row " + query.text(1) + " of " + query.text(0) + " refers to a row of " + query.text(2)
            + " that is not there.");
}

void Checker::checkCounters()
{
    CounterDelta difference = readAllCounters(m_connection);
    difference.add(scanCounters(m_connection, {}), -1);
    for (const auto& [key, n] : difference.changes()) {
        if (n != 0)
            find("A counter is wrong by " + std::to_string(n) + " (kind "
                + std::to_string(static_cast<int>(std::get<0>(key))) + ", key " + std::to_string(std::get<1>(key))
                + ", set '" + std::string(domain::toString(std::get<2>(key))) + "').");
    }
}

void Checker::checkBoxCounts()
{
    Query query(m_connection,
        "SELECT i.id, i.name, i.box_count, count(a.id), i.flagged_count, coalesce(sum(NOT (a.w > 0 AND a.h > 0)), 0) "
        "FROM item i "
        "LEFT JOIN annotation a ON a.item = i.id AND a.batch <> ? WHERE i.id < ? GROUP BY i.id "
        "HAVING i.box_count <> count(a.id) OR i.flagged_count <> coalesce(sum(NOT (a.w > 0 AND a.h > 0)), 0)");
    const Pending pending = readPending(m_connection);
    query.bindAll(pending.batch, pending.firstItem);
    while (query.next())
        find(query.text(1) + " says it has " + query.text(2) + " boxes and has " + query.text(3) + ".");
}

void Checker::checkHistoryLine()
{
    Query query(m_connection, "SELECT position, undone FROM history ORDER BY position");
    std::int64_t expected = 1;
    bool undone = false;
    while (query.next()) {
        if (query.integer(0) != expected)
            find("The line of undo has a gap before step " + query.text(0) + ".");
        expected = query.integer(0) + 1;
        if (undone && query.integer(1) == 0)
            find("Step " + query.text(0) + " of the history is done, but one before it is not.");
        undone = query.integer(1) != 0;
    }
}

void Checker::replayDetails(std::int64_t change, bool forward)
{
    std::vector<Detail> details = readDetails(m_connection, change);
    if (!forward)
        std::reverse(details.begin(), details.end());
    for (const Detail& detail : details) {
        const auto& to = forward ? detail.after : detail.before;
        switch (detail.entity) {
        case Entity::Annotation:
            m_annotations[detail.id] = to;
            break;
        case Entity::Item:
            m_items[detail.id] = to;
            break;
        case Entity::Label:
            m_labels[detail.id] = to;
            break;
        case Entity::Run:
            m_runs[detail.id] = to;
            break;
        case Entity::RunThresholds:
            m_thresholds[detail.id] = to;
            break;
        }
    }
}

void Checker::replay()
{
    std::vector<std::tuple<std::int64_t, ChangeKind, std::int64_t>> changes;
    {
        Query query(m_connection, "SELECT id, kind, target FROM change ORDER BY id");
        while (query.next())
            changes.emplace_back(query.integer(0), static_cast<ChangeKind>(query.integer(1)), query.integer(2));
    }
    const auto replayBatch = [&](std::int64_t change, bool forward) {
        Query query(m_connection,
            "SELECT i.item, i.before, i.after FROM batch b JOIN batch_item i ON i.batch = b.id WHERE b.change = ? AND "
            "i.before <> ''");
        query.bindAll(change);
        while (query.next())
            m_items[query.integer(0)] = query.text(forward ? 2 : 1);
        Query fresh(m_connection,
            "SELECT i.id FROM batch b JOIN item i ON i.id BETWEEN b.first_item AND b.last_item WHERE b.change = ?");
        fresh.bindAll(change);
        while (fresh.next()) {
            const auto known = m_items.find(fresh.integer(0));
            if (known == m_items.end() || !known->second)
                continue;
            ItemStatus status = statusFromJson(*known->second);
            status.trashed = !forward;
            known->second = toJson(status);
        }
    };
    for (const auto& [id, kind, target] : changes) {
        const bool isTravel = kind == ChangeKind::Undo || kind == ChangeKind::Redo;
        const std::int64_t change = isTravel ? target : id;
        const bool forward = kind != ChangeKind::Undo;
        if (isTravel && (target <= 0 || target >= id))
            find("Entry " + std::to_string(id) + " of the change log undoes one that is not there.");
        const bool isImport = readInteger(m_connection, "SELECT kind FROM change WHERE id = ?", 0, change)
            == static_cast<int>(ChangeKind::Import);
        if (kind == ChangeKind::EmptyTrash) {
            for (const Detail& detail : readDetails(m_connection, change))
                m_removedItems.insert(detail.id);
        } else if (isImport) {
            replayBatch(change, forward);
        } else {
            replayDetails(change, forward);
        }
    }
}

void Checker::compareAnnotations()
{
    const Pending pending = readPending(m_connection);
    std::size_t seen = 0;
    {
        Query query(m_connection, "SELECT " + kAnnotationColumns + ", a.batch FROM annotation a WHERE a.batch <> ?");
        query.bindAll(pending.batch);
        while (query.next()) {
            const domain::Annotation annotation = annotationFromRow(query);
            const auto logged = m_annotations.find(annotation.id.value);
            if (logged == m_annotations.end()) {
                if (query.integer(11) == 0)
                    find("Box " + query.text(0) + " is not in the change log.");
                continue;
            }
            ++seen;
            if (!logged->second)
                find("Box " + query.text(0) + " is there, but the change log says that it was deleted.");
            else if (annotationFromJson(annotation.id, *logged->second) != std::pair(annotation, query.integer(11)))
                find("Box " + query.text(0) + " is not what the change log says.");
        }
    }
    for (const auto& [id, state] : m_annotations) {
        if (!state)
            continue;
        const bool removed = m_removedItems.contains(annotationFromJson(AnnotationId { id }, *state).first.item.value);
        const bool parked = readInteger(m_connection, "SELECT 1 FROM parked_annotation WHERE id = ?", 0, id) == 1;
        if (!removed && !parked && readInteger(m_connection, "SELECT 1 FROM annotation WHERE id = ?", 0, id) == 0)
            find("Box " + std::to_string(id) + " is lost: the change log says that it is there.");
    }
}

void Checker::compareItems()
{
    const EntityWriter reader(m_connection, 0, 0);
    for (const auto& [id, state] : m_items) {
        if (!state || m_removedItems.contains(id))
            continue;
        ItemStatus logged = statusFromJson(*state);
        const auto stored = reader.readStatus(ItemId { id });
        if (!stored) {
            find("Item " + std::to_string(id) + " is lost: the change log knows it.");
            continue;
        }
        logged.group = stored->group; // groups also grow without a change
        if (*stored != logged)
            find("The state or set of item " + std::to_string(id) + " is not what the change log says.");
    }
}

void Checker::compareLabels()
{
    const EntityWriter reader(m_connection, 0, 0);
    for (const auto& [id, state] : m_labels) {
        const auto stored = reader.readLabel(LabelId { id });
        const auto logged = state ? std::optional(labelFromJson(LabelId { id }, *state)) : std::nullopt;
        if (stored != logged)
            find("Class " + std::to_string(id) + " is not what the change log says.");
    }
}

void Checker::compareRuns()
{
    const EntityWriter reader(m_connection, 0, 0);
    for (const auto& [id, state] : m_runs)
        if (const auto stored = reader.readRun(id); stored && *stored != runFromJson(state.value_or("")))
            find("Run " + std::to_string(id) + " is not what the change log says.");
    for (const auto& [id, state] : m_thresholds) {
        const auto stored = reader.readThresholds(id);
        const RunThresholds logged = thresholdsFromJson(state.value_or(""));
        if (!stored || (stored->network == logged.network && *stored != logged))
            find("The thresholds of run " + std::to_string(id) + " are not what the change log says.");
    }
}

void Checker::checkLog()
{
    replay();
    compareAnnotations();
    compareItems();
    compareLabels();
    compareRuns();
    Query query(
        m_connection, "SELECT count(*) FROM annotation WHERE revision > (SELECT coalesce(max(id), 0) FROM change)");
    if (query.next() && query.integer(0) > 0)
        find(query.text(0) + " boxes have a revision that the change log does not know.");
}

void Checker::checkOrphans()
{
    const auto count = [&](std::string_view sql, const char* what) {
        if (const std::int64_t n = readInteger(m_connection, sql, 0); n > 0)
            find(std::to_string(n) + " " + what + ".");
    };
    count("SELECT count(*) FROM batch WHERE state = 1 AND change NOT IN (SELECT id FROM change WHERE kind = 2)",
        "imports are not in the change log");
    count("SELECT count(*) FROM item WHERE batch NOT IN (SELECT id FROM batch) AND NOT (batch = 0 AND id IN (SELECT item FROM field_sample))",
        "items belong to no import and came from no device");
    count("SELECT count(*) FROM field_sample WHERE item NOT IN (SELECT id FROM item)", "pictures of devices have no item");
    count("SELECT count(*) FROM annotation WHERE batch <> 0 AND batch NOT IN (SELECT id FROM batch)",
        "boxes belong to no import");
    count("SELECT count(*) FROM history WHERE change NOT IN (SELECT id FROM change)",
        "steps of the history are not in the change log");
    count("SELECT count(*) FROM annotation WHERE NOT (abs(x) < 9e999 AND abs(y) < 9e999 AND abs(w) < 9e999 AND abs(h) "
          "< 9e999)",
        "boxes have a position or size that is not a number");
}

void Checker::checkVersions()
{
    std::vector<std::pair<VersionId, std::string>> versions;
    {
        Query query(m_connection, "SELECT id, manifest_sha256 FROM version ORDER BY id");
        while (query.next())
            versions.emplace_back(VersionId { query.integer(0) }, query.text(1));
    }
    for (const auto& [version, sha256] : versions) {
        if (manifestOfVersion(m_connection, version) != sha256)
            find("Dataset version " + std::to_string(version.value) + " is not what it was when it was frozen.");
    }
}

void Checker::checkMedia()
{
    Query query(
        m_connection, "SELECT path, size_bytes, content_hash FROM item WHERE trashed = 0 AND id < ? ORDER BY id");
    query.bindAll(readPending(m_connection).firstItem);
    std::int64_t unread = 0;
    while (query.next() && !m_cancel.isCancelled()) {
        const std::filesystem::path file = m_paths.absolute(query.text(0));
        std::error_code error;
        const auto size = std::filesystem::file_size(file, error);
        if (error)
            find("The file " + file.string() + " is not there: " + error.message() + ".");
        else if (query.integer(1) > 0 && static_cast<std::int64_t>(size) != query.integer(1))
            find("The file " + file.string() + " has another size than when it came in.");
        else if (m_readMedia && !query.text(2).empty()) {
            const auto hash = base::sha256OfFile(file);
            if (hash.hasError())
                find(hash.error().message);
            else if (*hash != query.text(2))
                find("The file " + file.string() + " has other bytes than when it came in.");
        }
        unread += m_readMedia && query.text(2).empty() ? 1 : 0;
    }
    if (unread > 0)
        find(std::to_string(unread) + (unread == 1 ? " picture was" : " pictures were")
                + " not read as a whole yet, so changes of their bytes would not show. That happens while the project is open in the studio, "
                  "and before a split or a training.",
            /*isError=*/false);
}

std::vector<CheckFinding> Checker::run(bool readMedia)
{
    m_readMedia = readMedia;
    step("Checking the database", &Checker::checkPages);
    step("Checking references", &Checker::checkForeignKeys);
    step("Checking counters", &Checker::checkCounters);
    step("Checking box counts", &Checker::checkBoxCounts);
    step("Checking the history", &Checker::checkHistoryLine);
    step("Checking the change log", &Checker::checkLog);
    step("Checking imports", &Checker::checkOrphans);
    step("Checking dataset versions", &Checker::checkVersions);
    step("Checking files", &Checker::checkMedia);
    return m_findings;
}
}

base::Result<std::vector<CheckFinding>> checkStore(
    const std::filesystem::path& project, bool readMedia, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    return guarded(project / kDatabaseName, [&]() -> base::Result<std::vector<CheckFinding>> {
        // Also says whether it is a project at all, and of which format.
        PERCEPT_TRY(ProjectReader::open(project));
        const auto connection = openForReading(project / kDatabaseName);
        connection->harden();
        Transaction transaction(*connection, Transaction::Kind::Read);
        auto findings = Checker(*connection, project, progress, cancel).run(readMedia);
        if (cancel.isCancelled())
            return base::cancelled();
        return findings;
    });
}

}
