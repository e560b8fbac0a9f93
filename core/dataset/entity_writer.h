#pragma once

#include "core/dataset/connection.h"
#include "core/dataset/counters.h"
#include "core/dataset/project_reader.h"
#include "core/dataset/rows.h"

#include <optional>
#include <set>

namespace percept::dataset {

struct StoredAnnotation
{
    domain::Annotation annotation;
    std::int64_t batch = 0; // the import that brought it; 0: drawn here
    bool operator==(const StoredAnnotation&) const = default;
};

// The only code that changes annotations, the status of items, and labels, for edits, undo and redo alike: it keeps
// counters and box counts right and remembers what it touched. Used inside one write transaction; finish() before its
// commit.
class EntityWriter
{
public:
    EntityWriter(Connection& connection, std::int64_t change, std::int64_t timeMs);

    // Things that an import under way has brought are not there.
    std::optional<StoredAnnotation> readAnnotation(AnnotationId id) const;
    std::optional<ItemStatus> readStatus(ItemId id) const;
    std::optional<domain::Label> readLabel(LabelId id) const;
    // By the number of the run, without its thresholds. A run that nobody spoke of has an empty record; nullopt: removed for
    // good.
    std::optional<RunRecord> readRun(std::int64_t run) const;
    std::optional<RunThresholds> readThresholds(std::int64_t run) const;

    // From one value to another; nullopt: it does not exist. The caller knows that `before` is what is stored.
    // Returns the id: a new one where an annotation or label with id 0 comes into being.
    AnnotationId writeAnnotation(
        const std::optional<StoredAnnotation>& before, const std::optional<StoredAnnotation>& after);
    void writeStatus(ItemId id, const ItemStatus& before, const ItemStatus& after);
    LabelId writeLabel(const std::optional<domain::Label>& before, const std::optional<domain::Label>& after);
    void writeRun(std::int64_t run, const RunRecord& after);
    void writeThresholds(std::int64_t run, const RunThresholds& after);

    // Writes what was gathered: counters, and which items this change touched.
    void finish();

    const std::set<ItemId>& touchedItems() const { return m_touched; }
    const std::set<std::int64_t>& touchedRuns() const { return m_touchedRuns; }
    bool labelsChanged() const { return m_labelsChanged; }
    bool itemsChanged() const { return m_itemsChanged; }
    std::int64_t change() const { return m_change; }
    std::int64_t timeMs() const { return m_timeMs; }
    const Pending& pending() const { return m_pending; }
    CounterDelta& counters() { return m_counters; }
    void setItemsChanged() { m_itemsChanged = true; }
    void setLabelsChanged() { m_labelsChanged = true; }

private:
    void countBox(const StoredAnnotation& box, int sign);
    bool hasOther(const domain::Annotation& annotation) const;
    void countItemWithBoxes(ItemId id, const ItemStatus& status, int sign);

    Connection& m_connection;
    std::int64_t m_change;
    std::int64_t m_timeMs;
    Pending m_pending;
    CounterDelta m_counters;
    std::set<ItemId> m_touched;
    std::set<std::int64_t> m_touchedRuns;
    bool m_labelsChanged = false, m_itemsChanged = false;
};

}
