#pragma once

#include "core/dataset/change_log.h"
#include "core/dataset/import_boxes.h"
#include "core/dataset/media_paths.h"
#include "core/dataset/project_store.h"

#include <set>
#include <unordered_map>
#include <unordered_set>

namespace percept::dataset {

// One import under way. Its rows carry its batch and are invisible until finish(); what is needed to make them visible
// in one step (counters of the new items, groups that grow together) is gathered here, since an import does not outlive
// its process.
class Importer
{
public:
    Importer(Connection& connection, MediaPaths& paths, ImportBoxes& boxes)
        : m_connection(connection)
        , m_paths(paths)
        , m_boxes(boxes)
    {
    }

    // Each of these is used inside a write transaction of its own.
    BatchId begin(const std::string& title, std::int64_t timeMs);
    void add(std::span<const ImportItem> items, std::int64_t timeMs);
    // True when the import changed something; false: it left no trace.
    bool finish(ChangeLog& log, std::int64_t timeMs);

    BatchId batch() const { return m_batch; }
    const ImportTotals& totals() const { return m_totals; }

private:
    struct Wish
    { // what the import makes of an item that was there before
        bool labeled = false;
        domain::SplitSet set = domain::SplitSet::None;
    };
    struct Known
    { // an item that is there
        std::int64_t id = 0;
        ItemStatus status;
        std::string contentHash;
        int width = 0;
    };
    // Boxes of one item, to leave out equal ones. Most items have a few, which are looked through faster than sorted.
    class SeenBoxes
    {
    public:
        using Key = std::tuple<std::int64_t, double, double, double, double>; // label, x, y, w, h
        bool insert(const Key& key); // false: it was there
        bool contains(const Key& key) const;

    private:
        static constexpr std::size_t kFew = 32;
        std::vector<Key> m_few;
        std::set<Key> m_many;
    };

    std::optional<Known> find(const std::string& path);
    bool isSurelyNew(const std::string& path);
    void addNew(const ImportItem& item, const std::string& path, std::int64_t timeMs);
    void addKnown(const ImportItem& item, const Known& known, std::int64_t timeMs);
    void completeNew(const ImportItem& item, const Known& known, std::int64_t timeMs);
    // Takes the boxes that are neither in `before` (the import) nor in `present` into m_added; returns how many of them have no area.
    int takeBoxes(const ImportItem& item, const SeenBoxes& before, SeenBoxes& present);
    void queueBoxes(std::int64_t item);
    void writeBoxes(); // those that are queued
    // `isFirst`: the item had no boxes before.
    void countNewBoxes(std::int64_t item, domain::SplitSet set, bool isFirst);
    LabelId labelId(const std::string& name);
    GroupId groupOf(const ImportItem& item, std::int64_t id);
    void updateFile(const ImportItem& item, const Known& known);
    void noteMissingHash();
    void writeWishes(std::int64_t timeMs);
    void growGroups();

    Connection& m_connection;
    MediaPaths& m_paths;
    ImportBoxes& m_boxes;
    BatchId m_batch;
    std::int64_t m_firstItem = 0, m_nextItem = 0;
    ImportTotals m_totals;
    CounterDelta m_counters; // of the new items
    std::unordered_map<std::string, LabelId> m_labels;
    std::map<std::string, GroupId> m_groupKeys;
    std::vector<std::pair<GroupId, GroupId>> m_merges;
    std::map<ItemId, Wish> m_wishes;
    std::vector<domain::Annotation> m_added; // boxes of the item at hand
    bool m_lacksHashes = false;
    std::int64_t m_seenChange = -1; // that m_labels holds for
    bool m_wasEmpty = false; // the project, before
    std::unordered_set<std::size_t> m_pathHashes; // of the new items, when it was
};

// Removes a batch that was not finished, and everything it brought.
void removeUnfinishedBatch(Connection& connection, std::int64_t batch);
// What undo and redo of an import mean: its items go to the trash and come back; boxes that it brought to older items
// are parked and come back; the status of older items follows.
void applyImport(Connection& connection, EntityWriter& writer, std::int64_t change, bool forward);
// Box counts of the older items of a batch, after boxes came or went by the batch.
void recountBatchItems(Connection& connection, std::int64_t batch, std::int64_t change, std::int64_t timeMs);
// A sentence when a box cannot be stored.
base::Result<void> checkImportItems(std::span<const ImportItem> items);

}
