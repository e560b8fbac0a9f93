#pragma once

#include "core/dataset/connection.h"
#include "core/dataset/project_reader.h"
#include "core/dataset/rows.h"

#include <tuple>
#include <unordered_map>

namespace percept::dataset {

// The numbers behind readCounts, kept with every commit so that telling them costs as much as there are classes. Only
// visible items count: not in the trash, not of an import under way. Every number is split by set.
enum class Counter {
    Items = 1, // key: state
    Trashed = 2, // key: 0
    Boxes = 3, // key: label
    LabelItems = 4, // key: label; items with at least one box of it
    Origins = 5, // key: origin
    EmptyArea = 6, // key: 0
};

// Changes of counters, gathered in memory and written once at the end of a transaction.
class CounterDelta
{
public:
    using Key = std::tuple<Counter, std::int64_t, domain::SplitSet>;
    void add(Counter counter, std::int64_t key, domain::SplitSet set, std::int64_t n)
    {
        m_changes[{ counter, key, set }] += n;
    }
    void addItem(const ItemStatus& status, std::int64_t n);
    void addBox(const domain::Annotation& box, domain::SplitSet set, std::int64_t n);
    void add(const CounterDelta& other, int sign);
    void write(Connection& connection);
    struct KeyHash
    {
        std::size_t operator()(const Key& key) const
        {
            const auto small = static_cast<std::uint64_t>(std::get<0>(key)) * 16 + static_cast<std::uint64_t>(std::get<2>(key));
            return static_cast<std::size_t>((static_cast<std::uint64_t>(std::get<1>(key)) * 256 + small) * 0x9e3779b97f4a7c15u >> 16);
        }
    };
    using Changes = std::unordered_map<Key, std::int64_t, KeyHash>; // an import changes some of them with every box
    const Changes& changes() const { return m_changes; }

private:
    Changes m_changes;
};

Counts readCounters(Connection& connection);
CounterDelta readAllCounters(Connection& connection);

// The import that is under way: its rows are not there for anybody else yet.
struct Pending
{
    std::int64_t batch = -1; // -1: none
    std::int64_t firstItem = INT64_MAX; // items from this id on are invisible
};
Pending readPending(Connection& connection);

// Which items scanCounters looks at.
struct ScanScope
{
    enum class Kind { Visible, Range, BatchItems } kind = Kind::Visible;
    std::int64_t first = 0, last = 0; // Range: item ids; BatchItems: first is the batch whose older items are meant
};
// The same numbers by looking at every row of `scope`: for Visible, what the counters must be equal to. Boxes of an
// import under way are left out unless `withPending`.
CounterDelta scanCounters(Connection& connection, const ScanScope& scope, bool withPending = false);

}
