// How an import becomes visible, goes away and comes back: finish, abandon, undo, redo.
#include "core/dataset/groups.h"
#include "core/dataset/imports.h"

namespace percept::dataset {

namespace {
// Writes the status of an older item; its counters are counted anew by the caller.
void writePlainStatus(Connection& connection, std::int64_t item, const ItemStatus& status)
{
    runSql(connection,
        "UPDATE item SET state = ?, split_set = ?, set_source = ?, trashed = ?, done_ms = ? WHERE id = ?", status.state,
        status.set, status.source, status.trashed ? 1 : 0, status.doneMs, item);
}

const std::string kColumns = "id, item, label, x, y, w, h, origin, flags, score, revision, batch";
}

void recountBatchItems(Connection& connection, std::int64_t batch, std::int64_t change, std::int64_t timeMs)
{
    runSql(connection,
        "UPDATE item SET box_count = (SELECT count(*) FROM annotation a WHERE a.item = item.id AND a.batch <> ?1), "
        "flagged_count = (SELECT count(*) FROM annotation a WHERE a.item = item.id AND a.batch <> ?1 AND NOT (a.w > 0 "
        "AND a.h > 0)), "
        "touched = ?2 WHERE id IN (SELECT item FROM batch_item WHERE batch = ?3)",
        readPending(connection).batch, change, batch);
    runSql(connection,
        "UPDATE item SET labeled_ms = ? WHERE labeled_ms = 0 AND box_count > 0 AND id IN (SELECT item FROM batch_item "
        "WHERE batch = ?)",
        timeMs, batch);
}

void Importer::writeWishes(std::int64_t timeMs)
{
    EntityWriter reader(m_connection, 0, timeMs); // only to read: nothing of it is finished
    for (const auto& [item, wish] : m_wishes) {
        const auto before = reader.readStatus(item);
        if (!before)
            continue; // removed from the trash for good meanwhile
        ItemStatus after = *before;
        after.trashed = false;
        if (wish.labeled && after.state == domain::ItemState::ToDo) {
            after.state = domain::ItemState::Done;
            after.doneMs = timeMs;
        }
        if (wish.set != domain::SplitSet::None && after.set == domain::SplitSet::None) {
            after.set = wish.set;
            after.source = SetSource::Imported;
        }
        if (after == *before)
            continue;
        writePlainStatus(m_connection, item.value, after);
        runSql(m_connection, "UPDATE batch_item SET before = ?, after = ? WHERE batch = ? AND item = ?",
            toJson(*before), toJson(after), m_batch.value, item.value);
    }
}

void Importer::growGroups()
{
    std::map<GroupId, GroupId> movedTo;
    const auto now = [&](GroupId group) {
        for (auto moved = movedTo.find(group); moved != movedTo.end(); moved = movedTo.find(group))
            group = moved->second;
        return group;
    };
    for (const auto& [a, b] : m_merges) {
        const GroupId first = now(a), second = now(b);
        if (first != second)
            movedTo[std::max(first, second)] = mergeGroups(m_connection, first, second);
    }
    for (const auto& [key, group] : m_groupKeys)
        writeGroupKey(m_connection, key, now(group));
}

bool Importer::finish(ChangeLog& log, std::int64_t timeMs)
{
    if (m_lacksHashes)
        noteMissingHash();
    if (m_totals.newItems == 0 && m_wishes.empty()) {
        growGroups();
        removeUnfinishedBatch(m_connection, m_batch.value);
        return false;
    }
    const std::string title = [&] {
        Query query(m_connection, "SELECT title FROM batch WHERE id = ?");
        query.bindAll(m_batch.value);
        return query.next() ? query.text(0) : std::string();
    }();
    const std::int64_t change = log.append(ChangeKind::Import, title, timeMs);
    const ScanScope older { ScanScope::Kind::BatchItems, m_batch.value };
    m_counters.add(scanCounters(m_connection, older), -1);
    writeWishes(timeMs);
    runSql(m_connection, "UPDATE batch SET state = 1, change = ?, last_item = ? WHERE id = ?", change, m_nextItem - 1,
        m_batch.value);
    recountBatchItems(m_connection, m_batch.value, change, timeMs);
    m_counters.add(scanCounters(m_connection, older), +1);
    m_counters.write(m_connection);
    growGroups();
    log.pushStep(change);
    return true;
}

void removeUnfinishedBatch(Connection& connection, std::int64_t batch)
{
    const std::int64_t first = readInteger(connection, "SELECT first_item FROM batch WHERE id = ?", INT64_MAX, batch);
    runSql(connection, "DELETE FROM annotation WHERE item >= ?", first);
    runSql(connection,
        "DELETE FROM annotation WHERE batch = ? AND item IN (SELECT item FROM batch_item WHERE batch = ?)", batch,
        batch);
    runSql(connection, "DELETE FROM item WHERE id >= ?", first);
    runSql(connection, "DELETE FROM label WHERE batch = ?", batch);
    runSql(connection, "DELETE FROM batch_item WHERE batch = ?", batch);
    runSql(connection, "DELETE FROM batch WHERE id = ?", batch);
}

void applyImport(Connection& connection, EntityWriter& writer, std::int64_t change, bool forward)
{
    std::int64_t batch = 0, first = 0, last = 0;
    {
        Query query(connection, "SELECT id, first_item, last_item FROM batch WHERE change = ? AND state = 1");
        query.bindAll(change);
        if (!query.next())
            throw HistoryMismatch("Import " + std::to_string(change) + " has no batch");
        batch = query.integer(0), first = query.integer(1), last = query.integer(2);
    }
    const ScanScope fresh { ScanScope::Kind::Range, first, last }, older { ScanScope::Kind::BatchItems, batch };
    writer.counters().add(scanCounters(connection, fresh), -1);
    writer.counters().add(scanCounters(connection, older), -1);
    runSql(connection, "UPDATE item SET trashed = ?, touched = ? WHERE id BETWEEN ? AND ?", forward ? 0 : 1,
        writer.change(), first, last);
    const std::string from = forward ? "parked_annotation" : "annotation",
                      to = forward ? "annotation" : "parked_annotation";
    const std::string ours = " WHERE batch = ? AND item IN (SELECT b.item FROM batch_item b JOIN item i ON i.id = "
                             "b.item WHERE b.batch = ?)";
    runSql(connection, "INSERT INTO " + to + "(" + kColumns + ") SELECT " + kColumns + " FROM " + from + ours, batch,
        batch);
    runSql(connection, "DELETE FROM " + from + ours, batch, batch);
    std::vector<std::pair<std::int64_t, ItemStatus>> statuses;
    {
        Query query(connection, "SELECT item, before, after FROM batch_item WHERE batch = ? AND before <> ''");
        query.bindAll(batch);
        while (query.next())
            statuses.emplace_back(query.integer(0), statusFromJson(query.text(forward ? 2 : 1)));
    }
    for (const auto& [item, status] : statuses)
        writePlainStatus(connection, item, status);
    recountBatchItems(connection, batch, writer.change(), writer.timeMs());
    writer.counters().add(scanCounters(connection, fresh), +1);
    writer.counters().add(scanCounters(connection, older), +1);
    writer.setItemsChanged();
    writer.setLabelsChanged();
}

}
