#include "core/dataset/counters.h"

namespace percept::dataset {

void CounterDelta::addItem(const ItemStatus& status, std::int64_t n)
{
    if (status.trashed)
        add(Counter::Trashed, 0, domain::SplitSet::None, n);
    else
        add(Counter::Items, static_cast<std::int64_t>(status.state), status.set, n);
}

void CounterDelta::addBox(const domain::Annotation& box, domain::SplitSet set, std::int64_t n)
{
    add(Counter::Boxes, box.label.value, set, n);
    add(Counter::Origins, static_cast<std::int64_t>(box.origin), set, n);
    if (!box.box.hasArea())
        add(Counter::EmptyArea, 0, set, n);
}

void CounterDelta::add(const CounterDelta& other, int sign)
{
    for (const auto& [key, n] : other.m_changes)
        m_changes[key] += sign * n;
}

void CounterDelta::write(Connection& connection)
{
    Query upsert(connection,
        "INSERT INTO counter(kind, key, split_set, n) VALUES(?, ?, ?, ?) "
        "ON CONFLICT(kind, key, split_set) DO UPDATE SET n = n + excluded.n");
    for (const auto& [key, n] : m_changes) {
        if (n == 0)
            continue;
        upsert.again();
        upsert.bindAll(std::get<0>(key), std::get<1>(key), std::get<2>(key), n).run();
    }
    m_changes.clear();
}

CounterDelta readAllCounters(Connection& connection)
{
    CounterDelta all;
    Query query(connection, "SELECT kind, key, split_set, n FROM counter WHERE n <> 0");
    while (query.next())
        all.add(static_cast<Counter>(query.integer(0)), query.integer(1),
            static_cast<domain::SplitSet>(query.integer(2)), query.integer(3));
    return all;
}

Counts readCounters(Connection& connection)
{
    Counts counts;
    const CounterDelta all = readAllCounters(connection);
    for (const auto& [key, n] : all.changes()) {
        const auto& [counter, id, set] = key;
        switch (counter) {
        case Counter::Items:
            counts.items += n;
            counts.byState[static_cast<domain::ItemState>(id)] += n;
            counts.bySet[set] += n;
            break;
        case Counter::Trashed:
            counts.trashed += n;
            break;
        case Counter::Boxes:
            counts.boxes += n;
            counts.byLabel[LabelId { id }].boxes += n;
            counts.byLabel[LabelId { id }].boxesBySet[set] += n;
            break;
        case Counter::LabelItems:
            counts.byLabel[LabelId { id }].items += n;
            break;
        case Counter::Origins:
            if (set == domain::SplitSet::Test)
                counts.testBoxesByOrigin[static_cast<domain::Origin>(id)] += n;
            break;
        case Counter::EmptyArea:
            counts.emptyAreaBoxes += n;
            break;
        }
    }
    return counts;
}

namespace {
std::string scopeSql(ScanScope::Kind kind)
{
    switch (kind) {
    case ScanScope::Kind::Visible:
    case ScanScope::Kind::Range:
        return "i.id BETWEEN ? AND ?";
    case ScanScope::Kind::BatchItems:
        return "i.id IN (SELECT item FROM batch_item WHERE batch BETWEEN ? AND ?)";
    }
    return {};
}
}

CounterDelta scanCounters(Connection& connection, const ScanScope& scope, bool withPending)
{
    const Pending pending = withPending ? Pending {} : readPending(connection);
    const bool visible = scope.kind == ScanScope::Kind::Visible, batch = scope.kind == ScanScope::Kind::BatchItems;
    const std::int64_t first = visible ? 0 : scope.first;
    const std::int64_t last = visible ? pending.firstItem - 1 : batch ? scope.first : scope.last;
    const std::string where = scopeSql(scope.kind);
    CounterDelta scan;
    {
        Query items(connection,
            "SELECT i.trashed, i.state, i.split_set, count(*) FROM item i WHERE " + where + " GROUP BY 1, 2, 3");
        items.bindAll(first, last);
        while (items.next()) {
            ItemStatus status;
            status.trashed = items.integer(0) != 0;
            status.state = static_cast<domain::ItemState>(items.integer(1));
            status.set = static_cast<domain::SplitSet>(items.integer(2));
            scan.addItem(status, items.integer(3));
        }
    }
    const std::string boxes
        = " FROM item i JOIN annotation a ON a.item = i.id WHERE " + where + " AND i.trashed = 0 AND a.batch <> ?";
    {
        Query query(connection,
            "SELECT a.label, i.split_set, a.origin, NOT (a.w > 0 AND a.h > 0), count(*)" + boxes
                + " GROUP BY 1, 2, 3, 4");
        query.bindAll(first, last, pending.batch);
        while (query.next()) {
            const auto set = static_cast<domain::SplitSet>(query.integer(1));
            scan.add(Counter::Boxes, query.integer(0), set, query.integer(4));
            scan.add(Counter::Origins, query.integer(2), set, query.integer(4));
            if (query.integer(3) != 0)
                scan.add(Counter::EmptyArea, 0, set, query.integer(4));
        }
    }
    Query labels(connection, "SELECT a.label, i.split_set, count(DISTINCT a.item)" + boxes + " GROUP BY 1, 2");
    labels.bindAll(first, last, pending.batch);
    while (labels.next())
        scan.add(Counter::LabelItems, labels.integer(0), static_cast<domain::SplitSet>(labels.integer(1)),
            labels.integer(2));
    return scan;
}

Pending readPending(Connection& connection)
{
    Query query(connection, "SELECT id, first_item FROM batch WHERE state = 0");
    return query.next() ? Pending { query.integer(0), query.integer(1) } : Pending {};
}

}
