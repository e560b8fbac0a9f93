#include "core/dataset/imports.h"

#include "core/dataset/edits.h"
#include "core/dataset/groups.h"

#include <algorithm>
#include <cmath>

namespace percept::dataset {

base::Result<void> checkImportItems(std::span<const ImportItem> items)
{
    for (const ImportItem& item : items) {
        if (!item.file.is_absolute())
            return base::usage("The file " + item.file.string() + " must be given with its whole path.");
        for (const ImportBox& box : item.boxes) {
            if (!box.box.isFinite())
                return base::refused(
                    "A box of " + item.name + " has a position or size that is not a number. It was not imported.");
        }
    }
    return {};
}

BatchId Importer::begin(const std::string& title, std::int64_t timeMs)
{
    m_firstItem = m_nextItem = readInteger(m_connection, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'item'", 1);
    runSql(m_connection, "INSERT INTO batch(title, started_ms, state, first_item) VALUES(?, ?, 0, ?)", title, timeMs,
        m_firstItem);
    m_batch.value = m_connection.lastInsertId();
    m_wasEmpty = readInteger(m_connection, "SELECT 1 FROM item LIMIT 1", 0) == 0;
    return m_batch;
}

void Importer::add(std::span<const ImportItem> items, std::int64_t timeMs)
{
    m_boxes.rows.clear(); // of a chunk that failed
    if (const std::int64_t change = readLastChange(m_connection); std::exchange(m_seenChange, change) != change)
        std::erase_if(m_labels, [this](const auto& known) { // an edit may have deleted one
            return readInteger(m_connection, "SELECT 1 FROM label WHERE id = ?", 0, known.second.value) == 0;
        });
    for (const ImportItem& item : items) {
        ++m_totals.items;
        const std::string path = m_paths.stored(item.file);
        if (isSurelyNew(path))
            addNew(item, path, timeMs);
        else if (const auto known = find(path))
            addKnown(item, *known, timeMs);
        else
            addNew(item, path, timeMs);
    }
    writeBoxes();
}

// In a project that was empty, what this import did not bring itself: nobody else adds items meanwhile.
bool Importer::isSurelyNew(const std::string& path)
{
    return m_wasEmpty && m_pathHashes.insert(std::hash<std::string>()(path)).second;
}

bool Importer::SeenBoxes::insert(const Key& key)
{
    if (m_many.empty() && std::find(m_few.begin(), m_few.end(), key) != m_few.end())
        return false;
    if (m_few.size() < kFew) {
        m_few.push_back(key);
        return true;
    }
    if (m_many.empty())
        m_many.insert(m_few.begin(), m_few.end());
    return m_many.insert(key).second;
}

bool Importer::SeenBoxes::contains(const Key& key) const
{
    return m_many.empty() ? std::find(m_few.begin(), m_few.end(), key) != m_few.end() : m_many.contains(key);
}

std::optional<Importer::Known> Importer::find(const std::string& path)
{
    Query query(m_connection,
        "SELECT id, state, split_set, set_source, group_id, trashed, done_ms, content_hash, width FROM item WHERE path "
        "= ?");
    query.bindAll(path);
    if (!query.next())
        return std::nullopt;
    Known known;
    known.id = query.integer(0);
    known.status = { static_cast<domain::ItemState>(query.integer(1)), static_cast<domain::SplitSet>(query.integer(2)),
        static_cast<SetSource>(query.integer(3)), GroupId { query.integer(4) }, query.integer(5) != 0,
        query.integer(6) };
    known.contentHash = query.text(7);
    known.width = static_cast<int>(query.integer(8));
    return known;
}

void Importer::addNew(const ImportItem& item, const std::string& path, std::int64_t timeMs)
{
    const std::int64_t id = m_nextItem++;
    ItemStatus status;
    status.state = item.labeled ? domain::ItemState::Done : domain::ItemState::ToDo;
    status.set = item.set;
    status.source = item.set == domain::SplitSet::None ? SetSource::None : SetSource::Imported;
    status.group = groupOf(item, id);
    status.doneMs = item.labeled ? timeMs : 0;
    SeenBoxes present;
    const int flagged = takeBoxes(item, {}, present);
    runSql(m_connection,
        "INSERT INTO item(id, path, name, content_hash, size_bytes, width, height, state, split_set, set_source, "
        "group_id, batch, box_count, flagged_count, gathered_ms, labeled_ms, done_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?)",
        id, path, item.name.empty() ? item.file.filename().string() : item.name, item.contentHash, item.sizeBytes,
        item.width, item.height, status.state, status.set, status.source, status.group.value, m_batch.value,
        m_added.size(), flagged, timeMs, m_added.empty() ? 0 : timeMs, status.doneMs);
    ++m_totals.newItems;
    m_lacksHashes = m_lacksHashes || item.contentHash.empty();
    m_counters.addItem(status, 1);
    queueBoxes(id);
    countNewBoxes(id, status.set, /*isFirst=*/true);
}

void Importer::addKnown(const ImportItem& item, const Known& known, std::int64_t timeMs)
{
    writeBoxes(); // some may be of this item
    updateFile(item, known);
    SeenBoxes before, present;
    {
        Query query(m_connection, "SELECT label, x, y, w, h, batch FROM annotation WHERE item = ?");
        query.bindAll(known.id);
        while (query.next())
            (query.integer(5) == m_batch.value ? present : before).insert({ query.integer(0), query.real(1), query.real(2), query.real(3), query.real(4) });
    }
    const int flagged = takeBoxes(item, before, present);
    const auto boxes = static_cast<int>(m_added.size());
    queueBoxes(known.id);
    writeBoxes();
    if (known.id >= m_firstItem) { // the source lists it twice
        countNewBoxes(known.id, known.status.set, /*isFirst=*/false);
        completeNew(item, known, timeMs);
        if (boxes > 0)
            runSql(m_connection,
                "UPDATE item SET box_count = box_count + ?, flagged_count = flagged_count + ?, "
                "labeled_ms = CASE WHEN labeled_ms = 0 THEN gathered_ms ELSE labeled_ms END WHERE id = ?",
                boxes, flagged, known.id);
        return;
    }
    const bool finishes = item.labeled && known.status.state == domain::ItemState::ToDo;
    const bool assigns = item.set != domain::SplitSet::None && known.status.set == domain::SplitSet::None;
    if (!item.groupKey.empty()) {
        const GroupId group = groupOf(item, known.id);
        if (group != known.status.group)
            m_merges.push_back({ group, known.status.group });
    }
    if (boxes == 0 && !finishes && !assigns && !known.status.trashed)
        return;
    runSql(m_connection, "INSERT OR IGNORE INTO batch_item(batch, item) VALUES(?, ?)", m_batch.value, known.id);
    Wish& wish = m_wishes[ItemId { known.id }];
    wish.labeled = wish.labeled || item.labeled;
    if (wish.set == domain::SplitSet::None)
        wish.set = item.set;
}

// State and set of a new item from its second listing, where the first left them open.
void Importer::completeNew(const ImportItem& item, const Known& known, std::int64_t timeMs)
{
    ItemStatus after = known.status;
    if (item.labeled && after.state == domain::ItemState::ToDo) {
        after.state = domain::ItemState::Done;
        after.doneMs = timeMs;
    }
    if (item.set != domain::SplitSet::None && after.set == domain::SplitSet::None) {
        after.set = item.set;
        after.source = SetSource::Imported;
    }
    if (after == known.status)
        return;
    const ScanScope itself { ScanScope::Kind::Range, known.id, known.id };
    m_counters.add(scanCounters(m_connection, itself, /*withPending=*/true), -1);
    runSql(m_connection, "UPDATE item SET state = ?, split_set = ?, set_source = ?, done_ms = ? WHERE id = ?",
        after.state, after.set, after.source, after.doneMs, known.id);
    m_counters.add(scanCounters(m_connection, itself, /*withPending=*/true), +1);
}

int Importer::takeBoxes(const ImportItem& item, const SeenBoxes& before, SeenBoxes& present)
{
    m_added.clear();
    int flagged = 0;
    for (const ImportBox& box : item.boxes) {
        domain::Annotation annotation;
        annotation.label = labelId(box.label);
        annotation.box = box.box;
        annotation.flags = box.flags;
        annotation.origin = domain::Origin::Imported;
        const SeenBoxes::Key key { annotation.label.value, box.box.x, box.box.y, box.box.w, box.box.h };
        const bool wasThere = before.contains(key);
        if (wasThere || !present.insert(key)) {
            ++m_totals.duplicateBoxes;
            m_totals.repeatedBoxes += wasThere ? 0 : 1;
            continue;
        }
        flagged += box.box.hasArea() ? 0 : 1;
        m_added.push_back(annotation);
    }
    m_totals.annotations += static_cast<std::int64_t>(m_added.size());
    m_totals.emptyAreaBoxes += flagged;
    return flagged;
}

void Importer::queueBoxes(std::int64_t item)
{
    for (const domain::Annotation& box : m_added)
        m_boxes.rows.push_back({ item, box.label.value, box.box, static_cast<std::int64_t>(box.origin), flagsToInt(box.flags) });
}

void Importer::writeBoxes()
{
    if (m_boxes.rows.empty())
        return;
    runSql(m_connection,
        "INSERT INTO annotation(item, label, x, y, w, h, origin, flags, score, revision, batch) "
        "SELECT item, label, x, y, w, h, origin, flags, 0.0, 0, ? FROM import_box",
        m_batch.value);
    m_boxes.rows.clear();
}

// Counters of an item of this batch, when the boxes in m_added were just written.
void Importer::countNewBoxes(std::int64_t item, domain::SplitSet set, bool isFirst)
{
    std::vector<LabelId> labels;
    for (const domain::Annotation& box : m_added) {
        m_counters.addBox(box, set, 1);
        labels.push_back(box.label);
    }
    std::sort(labels.begin(), labels.end());
    for (auto from = labels.begin(); from != labels.end();) {
        const LabelId label = *from;
        const auto end = std::upper_bound(from, labels.end(), label);
        const std::int64_t n = end - std::exchange(from, end);
        const bool isNewLabel = isFirst
            || readInteger(m_connection, "SELECT count(*) FROM annotation WHERE label = ? AND item = ?", 0, label.value, item) == n;
        if (isNewLabel)
            m_counters.add(Counter::LabelItems, label.value, set, 1);
    }
}

LabelId Importer::labelId(const std::string& name)
{
    if (const auto found = m_labels.find(name); found != m_labels.end())
        return found->second;
    std::string clean = cleanLabelName(name);
    if (clean.empty())
        clean = "unnamed";
    LabelId id { readInteger(m_connection, "SELECT id FROM label WHERE name = ?", 0, clean) };
    if (!id.isValid()) {
        const int key = firstFreeKey(m_connection);
        runSql(m_connection,
            "INSERT INTO label(name, color, key, position, batch) VALUES(?, -1, ?, (SELECT coalesce(max(position) + 1, "
            "0) FROM label), ?)",
            clean, key, m_batch.value);
        id.value = m_connection.lastInsertId();
    }
    m_labels.emplace(name, id);
    return id;
}

// The group that `item` belongs to by its key or by equal bytes; that of its own id when by neither.
GroupId Importer::groupOf(const ImportItem& item, std::int64_t id)
{
    std::optional<GroupId> byKey;
    if (!item.groupKey.empty()) {
        const auto known = m_groupKeys.find(item.groupKey);
        byKey = known != m_groupKeys.end() ? std::optional(known->second) : readGroupOfKey(m_connection, item.groupKey);
    }
    const auto byHash = readGroupOfHash(m_connection, item.contentHash, id);
    if (byKey && byHash && *byKey != *byHash)
        m_merges.push_back({ *byKey, *byHash });
    const GroupId group = byKey ? *byKey : byHash ? *byHash : GroupId { id };
    if (!item.groupKey.empty())
        m_groupKeys.emplace(item.groupKey, group);
    return group;
}

// Facts about the file that may have changed since it came in; they are true whatever becomes of the import. An import that
// leaves the hash for later cannot tell whether the bytes are the same, so the hash is to be read again.
void Importer::updateFile(const ImportItem& item, const Known& known)
{
    const bool otherBytes = item.contentHash != known.contentHash;
    const bool newSize = item.width > 0 && known.width == 0;
    if (otherBytes)
        runSql(m_connection, "UPDATE item SET content_hash = ?, size_bytes = ? WHERE id = ?", item.contentHash,
            item.sizeBytes, known.id);
    if (otherBytes && item.contentHash.empty() && !m_lacksHashes)
        noteMissingHash();
    if ((otherBytes && item.width > 0) || newSize)
        runSql(m_connection, "UPDATE item SET width = ?, height = ? WHERE id = ?", item.width, item.height, known.id);
}

void Importer::noteMissingHash()
{
    m_lacksHashes = true;
    runSql(m_connection,
        "INSERT INTO fact(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        std::string(kMissingHashesFact), std::to_string(m_batch.value));
}

}
