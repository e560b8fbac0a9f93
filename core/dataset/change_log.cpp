#include "core/dataset/change_log.h"

#include "core/dataset/run_records.h"

#include <array>
#include <pwd.h>
#include <unistd.h>

namespace percept::dataset {

std::string userName()
{
    std::array<char, 4096> buffer {};
    passwd entry {};
    passwd* found = nullptr;
    if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return found->pw_name;
    return "user " + std::to_string(getuid());
}

std::int64_t ChangeLog::append(ChangeKind kind, const std::string& title, std::int64_t timeMs, std::int64_t target)
{
    runSql(m_connection, "INSERT INTO change(time_ms, who, program, kind, title, target) VALUES(?, ?, ?, ?, ?, ?)",
        timeMs, m_who, m_program, kind, title, target);
    return m_connection.lastInsertId();
}

void ChangeLog::appendDetails(std::int64_t change, const std::vector<Detail>& details)
{
    Query insert(m_connection,
        "INSERT INTO change_detail(change, seq, entity, entity_id, before, after) VALUES(?, ?, ?, ?, ?, ?)");
    for (std::size_t seq = 0; seq < details.size(); ++seq) {
        const Detail& detail = details[seq];
        insert.again();
        insert.bindAll(change, seq, detail.entity, detail.id, detail.before, detail.after).run();
    }
}

void ChangeLog::dropUndone()
{
    // Boxes that only a redo could have brought back.
    runSql(m_connection,
        "DELETE FROM parked_annotation WHERE batch IN (SELECT id FROM batch WHERE change IN (SELECT change FROM "
        "history WHERE undone = 1))");
    runSql(m_connection, "DELETE FROM history WHERE undone = 1");
}

void ChangeLog::pushStep(std::int64_t change)
{
    dropUndone();
    runSql(m_connection,
        "INSERT INTO history(position, change) VALUES(coalesce((SELECT max(position) FROM history), 0) + 1, ?)",
        change);
}

void ChangeLog::setUndone(const Step& step, bool undone)
{
    runSql(m_connection, "UPDATE history SET undone = ? WHERE position = ?", undone ? 1 : 0, step.position);
}

std::int64_t readLastChange(Connection& connection)
{
    return readInteger(connection, "SELECT coalesce(max(id), 0) FROM change", 0);
}

namespace {
std::optional<Step> readStep(Connection& connection, std::string_view sql)
{
    Query query(connection, sql);
    if (!query.next())
        return std::nullopt;
    return Step { query.integer(0), query.integer(1), static_cast<ChangeKind>(query.integer(2)), query.text(3) };
}

[[noreturn]] void mismatch(const char* what, std::int64_t id)
{
    throw HistoryMismatch(std::string(what) + " " + std::to_string(id) + " is not what the change log says");
}

void applyAnnotation(
    EntityWriter& writer, AnnotationId id, const std::optional<std::string>& from, const std::optional<std::string>& to)
{
    const auto parse = [&](const std::optional<std::string>& text) -> std::optional<StoredAnnotation> {
        if (!text)
            return std::nullopt;
        const auto [annotation, batch] = annotationFromJson(id, *text);
        return StoredAnnotation { annotation, batch };
    };
    const auto before = parse(from), after = parse(to);
    if (!before && !after)
        mismatch("Box", id.value);
    if (!writer.readStatus((before ? before : after)->annotation.item))
        return; // its item was removed for good
    if (writer.readAnnotation(id) != before)
        mismatch("Box", id.value);
    writer.writeAnnotation(before, after);
}

void applyStatus(EntityWriter& writer, ItemId id, const std::string& from, const std::string& to)
{
    const auto current = writer.readStatus(id);
    if (!current)
        return; // removed for good
    ItemStatus before = statusFromJson(from), after = statusFromJson(to);
    // Groups also grow without a change, when equal files turn up.
    if (before.group == after.group || current->group != before.group)
        before.group = after.group = current->group;
    if (*current != before)
        mismatch("Item", id.value);
    writer.writeStatus(id, before, after);
}

void applyLabel(
    EntityWriter& writer, LabelId id, const std::optional<std::string>& from, const std::optional<std::string>& to)
{
    const auto before = from ? std::optional(labelFromJson(id, *from)) : std::nullopt;
    const auto after = to ? std::optional(labelFromJson(id, *to)) : std::nullopt;
    if ((!before && !after) || writer.readLabel(id) != before)
        mismatch("Class", id.value);
    writer.writeLabel(before, after);
}

void applyRun(EntityWriter& writer, std::int64_t run, const std::string& from, const std::string& to)
{
    const auto current = writer.readRun(run);
    if (!current)
        return; // removed for good
    if (*current != runFromJson(from))
        mismatch("Run", run);
    writer.writeRun(run, runFromJson(to));
}

void applyThresholds(EntityWriter& writer, std::int64_t run, const std::string& from, const std::string& to)
{
    const RunThresholds before = thresholdsFromJson(from), after = thresholdsFromJson(to);
    const auto current = writer.readThresholds(run);
    if (!writer.readRun(run) || !current || current->network != before.network)
        return; // the network that they belong to is gone
    if (*current != before)
        mismatch("Thresholds of run", run);
    writer.writeThresholds(run, after);
}
}

std::optional<Step> readLastDone(Connection& connection)
{
    // Positions have no gaps, and undone steps come last.
    return readStep(connection,
        "SELECT h.position, h.change, c.kind, c.title FROM history h JOIN change c ON c.id = h.change WHERE h.position "
        "= "
        "coalesce((SELECT min(position) FROM history WHERE undone = 1), (SELECT max(position) + 1 FROM history)) - 1");
}

std::optional<Step> readFirstUndone(Connection& connection)
{
    return readStep(connection,
        "SELECT h.position, h.change, c.kind, c.title FROM history h JOIN change c ON c.id = h.change WHERE h.position "
        "= "
        "(SELECT min(position) FROM history WHERE undone = 1)");
}

std::vector<Detail> readDetails(Connection& connection, std::int64_t change)
{
    std::vector<Detail> details;
    Query query(connection, "SELECT entity, entity_id, before, after FROM change_detail WHERE change = ? ORDER BY seq");
    query.bindAll(change);
    while (query.next())
        details.push_back(
            { static_cast<Entity>(query.integer(0)), query.integer(1), query.optionalText(2), query.optionalText(3) });
    return details;
}

std::vector<ChangeEntry> readSteps(Connection& connection, int limit)
{
    std::vector<ChangeEntry> steps;
    Query query(connection,
        "SELECT c.id, c.time_ms, c.who, c.title, h.undone FROM history h JOIN change c ON c.id = h.change ORDER BY "
        "h.position DESC LIMIT ?");
    query.bindAll(limit);
    while (query.next())
        steps.push_back(
            { ChangeId { query.integer(0) }, query.integer(1), query.text(2), query.text(3), query.integer(4) != 0 });
    return steps;
}

void applyDetail(EntityWriter& writer, const Detail& detail, bool forward)
{
    const auto& from = forward ? detail.before : detail.after;
    const auto& to = forward ? detail.after : detail.before;
    switch (detail.entity) {
    case Entity::Annotation:
        return applyAnnotation(writer, AnnotationId { detail.id }, from, to);
    case Entity::Label:
        return applyLabel(writer, LabelId { detail.id }, from, to);
    case Entity::Item:
        if (!from || !to)
            mismatch("Item", detail.id);
        return applyStatus(writer, ItemId { detail.id }, *from, *to);
    case Entity::Run:
        if (!from || !to)
            mismatch("Run", detail.id);
        return applyRun(writer, detail.id, *from, *to);
    case Entity::RunThresholds:
        if (!from || !to)
            mismatch("Thresholds of run", detail.id);
        return applyThresholds(writer, detail.id, *from, *to);
    }
    mismatch("Entry", detail.id);
}

}
