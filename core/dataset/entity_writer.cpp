#include "core/dataset/entity_writer.h"

namespace percept::dataset {

EntityWriter::EntityWriter(Connection& connection, std::int64_t change, std::int64_t timeMs)
    : m_connection(connection)
    , m_change(change)
    , m_timeMs(timeMs)
    , m_pending(readPending(connection))
{
}

std::optional<StoredAnnotation> EntityWriter::readAnnotation(AnnotationId id) const
{
    static const std::string kSql = "SELECT " + kAnnotationColumns + ", a.batch FROM annotation a WHERE a.id = ?";
    Query query(m_connection, kSql);
    query.bindAll(id.value);
    if (!query.next() || query.integer(11) == m_pending.batch)
        return std::nullopt;
    return StoredAnnotation { annotationFromRow(query), query.integer(11) };
}

std::optional<ItemStatus> EntityWriter::readStatus(ItemId id) const
{
    Query query(m_connection,
        "SELECT state, split_set, set_source, group_id, trashed, done_ms FROM item WHERE id = ? AND id < ?");
    query.bindAll(id.value, m_pending.firstItem);
    if (!query.next())
        return std::nullopt;
    return ItemStatus { static_cast<domain::ItemState>(query.integer(0)),
        static_cast<domain::SplitSet>(query.integer(1)), static_cast<SetSource>(query.integer(2)),
        GroupId { query.integer(3) }, query.integer(4) != 0, query.integer(5) };
}

std::optional<domain::Label> EntityWriter::readLabel(LabelId id) const
{
    static const std::string kSql = "SELECT " + kLabelColumns + " FROM label WHERE id = ? AND batch <> ?";
    Query query(m_connection, kSql);
    query.bindAll(id.value, m_pending.batch);
    return query.next() ? std::optional(labelFromRow(query)) : std::nullopt;
}

AnnotationId EntityWriter::writeAnnotation(
    const std::optional<StoredAnnotation>& before, const std::optional<StoredAnnotation>& after)
{
    if (before) {
        // Counted out while the row is there or gone alike: hasOther looks only at the others.
        countBox(*before, -1);
        if (!after)
            runSql(m_connection, "DELETE FROM annotation WHERE id = ?", before->annotation.id.value);
    }
    if (!after)
        return before->annotation.id;
    StoredAnnotation stored = *after;
    const domain::Annotation& a = stored.annotation;
    if (before) {
        runSql(m_connection,
            "UPDATE annotation SET label = ?, x = ?, y = ?, w = ?, h = ?, origin = ?, flags = ?, score = ?, revision = "
            "? WHERE id = ?",
            a.label.value, a.box.x, a.box.y, a.box.w, a.box.h, a.origin, flagsToInt(a.flags), a.score, a.revision,
            a.id.value);
    } else {
        Query insert(m_connection,
            "INSERT INTO annotation(id, item, label, x, y, w, h, origin, flags, score, revision, batch) "
            "VALUES(nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insert
            .bindAll(a.id.value, a.item.value, a.label.value, a.box.x, a.box.y, a.box.w, a.box.h, a.origin,
                flagsToInt(a.flags), a.score, a.revision, stored.batch)
            .run();
        stored.annotation.id.value = m_connection.lastInsertId();
    }
    countBox(stored, +1);
    return stored.annotation.id;
}

bool EntityWriter::hasOther(const domain::Annotation& annotation) const
{
    return readInteger(m_connection,
               "SELECT 1 FROM annotation WHERE label = ? AND item = ? AND id <> ? AND batch <> ? LIMIT 1", 0,
               annotation.label.value, annotation.item.value, annotation.id.value, m_pending.batch)
        == 1;
}

void EntityWriter::countBox(const StoredAnnotation& box, int sign)
{
    const domain::Annotation& a = box.annotation;
    const int flagged = a.box.hasArea() ? 0 : sign;
    runSql(m_connection,
        "UPDATE item SET box_count = box_count + ?, flagged_count = flagged_count + ?, "
        "labeled_ms = CASE WHEN labeled_ms = 0 AND ? > 0 THEN ? ELSE labeled_ms END WHERE id = ?",
        sign, flagged, sign, m_timeMs, a.item.value);
    m_touched.insert(a.item);
    const auto status = readStatus(a.item);
    if (!status || status->trashed)
        return;
    m_counters.addBox(a, status->set, sign);
    if (!hasOther(a))
        m_counters.add(Counter::LabelItems, a.label.value, status->set, sign);
}

void EntityWriter::countItemWithBoxes(ItemId id, const ItemStatus& status, int sign)
{
    m_counters.addItem(status, sign);
    if (status.trashed)
        return;
    Query query(m_connection,
        "SELECT label, origin, NOT (w > 0 AND h > 0), count(*) FROM annotation WHERE item = ? AND batch <> ? GROUP BY "
        "1, 2, 3");
    query.bindAll(id.value, m_pending.batch);
    std::set<std::int64_t> labels;
    while (query.next()) {
        const std::int64_t n = sign * query.integer(3);
        m_counters.add(Counter::Boxes, query.integer(0), status.set, n);
        m_counters.add(Counter::Origins, query.integer(1), status.set, n);
        if (query.integer(2) != 0)
            m_counters.add(Counter::EmptyArea, 0, status.set, n);
        if (labels.insert(query.integer(0)).second)
            m_counters.add(Counter::LabelItems, query.integer(0), status.set, sign);
    }
}

void EntityWriter::writeStatus(ItemId id, const ItemStatus& before, const ItemStatus& after)
{
    const bool boxesMove = before.set != after.set || before.trashed != after.trashed;
    if (boxesMove) {
        countItemWithBoxes(id, before, -1);
        countItemWithBoxes(id, after, +1);
    } else {
        m_counters.addItem(before, -1);
        m_counters.addItem(after, +1);
    }
    runSql(m_connection,
        "UPDATE item SET state = ?, split_set = ?, set_source = ?, group_id = ?, trashed = ?, done_ms = ? WHERE id = ?",
        after.state, after.set, after.source, after.group.value, after.trashed ? 1 : 0, after.doneMs, id.value);
    m_touched.insert(id);
    m_itemsChanged = true;
}

LabelId EntityWriter::writeLabel(const std::optional<domain::Label>& before, const std::optional<domain::Label>& after)
{
    m_labelsChanged = true;
    if (!after) {
        runSql(m_connection, "DELETE FROM label WHERE id = ?", before->id.value);
        return before->id;
    }
    if (before) {
        runSql(m_connection, "UPDATE label SET name = ?, color = ?, key = ?, position = ? WHERE id = ?", after->name,
            after->color, static_cast<int>(after->key), after->position, after->id.value);
        return after->id;
    }
    runSql(m_connection, "INSERT INTO label(id, name, color, key, position) VALUES(nullif(?, 0), ?, ?, ?, ?)",
        after->id.value, after->name, after->color, static_cast<int>(after->key), after->position);
    return LabelId { m_connection.lastInsertId() };
}

void EntityWriter::finish()
{
    m_counters.write(m_connection);
    Query touch(m_connection, "UPDATE item SET touched = ? WHERE id = ?");
    for (const ItemId item : m_touched) {
        touch.again();
        touch.bindAll(m_change, item.value).run();
    }
}

}
