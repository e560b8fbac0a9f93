#include "core/dataset/item_filter.h"

#include <algorithm>

namespace percept::dataset {

namespace {
constexpr std::array kAllStates { domain::ItemState::ToDo, domain::ItemState::ToReview, domain::ItemState::Done };
constexpr std::array kAllSets { domain::SplitSet::None, domain::SplitSet::Train, domain::SplitSet::Validation,
    domain::SplitSet::Test, domain::SplitSet::Reserve };

template <typename Value, std::size_t N>
std::vector<Value> chosenOrAll(const std::vector<Value>& chosen, const std::array<Value, N>& all)
{
    std::vector<Value> values(all.begin(), all.end());
    if (!chosen.empty())
        std::erase_if(
            values, [&](Value value) { return std::find(chosen.begin(), chosen.end(), value) == chosen.end(); });
    return values;
}

// '%' and '_' of a name mean themselves.
std::string likePattern(const std::string& text)
{
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern + '%';
}

// What is asked beside state, set, trash and classes. Values are appended in the order of the text.
std::string conditions(const ItemFilter& filter, ItemQuery& query)
{
    std::string sql;
    if (filter.noObjects)
        sql += " AND i.box_count = 0";
    if (filter.flaggedBoxes)
        sql += " AND i.flagged_count > 0";
    if (filter.unreadable)
        sql += " AND i.problem <> ''";
    if (!filter.nameContains.empty()) {
        sql += " AND i.name LIKE ? ESCAPE '\\'";
        query.values.emplace_back(likePattern(filter.nameContains));
    }
    return sql;
}

bool hasLabels(const ItemFilter& filter) { return !filter.noObjects && !filter.labels.empty(); }

std::string hasOneOfLabels(const ItemFilter& filter, const Pending& pending, ItemQuery& query)
{
    std::string sql = " AND EXISTS(SELECT 1 FROM annotation a WHERE a.item = i.id AND a.batch <> ? AND a.label IN (";
    query.values.emplace_back(pending.batch);
    for (std::size_t n = 0; n < filter.labels.size(); ++n) {
        sql += n == 0 ? "?" : ",?";
        query.values.emplace_back(filter.labels[n].value);
    }
    return sql + "))";
}

bool contains(const auto& chosen, auto value)
{
    return chosen.empty() || std::find(chosen.begin(), chosen.end(), value) != chosen.end();
}

// Are there fewer items with the classes of the filter than with its states and sets?
bool labelsAreFewer(Connection& connection, const ItemFilter& filter)
{
    std::int64_t ofLabels = 0, ofStates = 0;
    const CounterDelta counters = readAllCounters(connection);
    for (const auto& [key, n] : counters.changes()) {
        const auto& [counter, id, set] = key;
        if (counter == Counter::LabelItems && contains(filter.labels, LabelId { id }))
            ofLabels += n;
        else if (counter == Counter::Items && contains(filter.states, static_cast<domain::ItemState>(id))
            && contains(filter.sets, set))
            ofStates += n;
    }
    return ofLabels < ofStates;
}

template <typename Value>
std::string oneOf(const char* column, const std::vector<Value>& chosen)
{
    std::string sql = std::string(" AND ") + column + " IN (";
    for (std::size_t n = 0; n < chosen.size(); ++n) // numbers of an enumeration
        sql += (n == 0 ? "" : ",") + std::to_string(static_cast<int>(chosen[n]));
    return chosen.empty() ? std::string() : sql + ")";
}

ItemQuery queryByLabels(const ItemFilter& filter, const Pending& pending, std::int64_t after, std::int64_t limit)
{
    ItemQuery query;
    for (const LabelId label : filter.labels) {
        query.sql += query.sql.empty() ? "SELECT DISTINCT id FROM (" : " UNION ALL ";
        query.sql += "SELECT * FROM (SELECT DISTINCT a.item AS id FROM annotation a CROSS JOIN item i ON i.id = a.item "
                     "WHERE a.label = ? AND a.item > ? AND a.item < ? AND a.batch <> ? AND i.trashed = 0";
        query.values.insert(query.values.end(), { label.value, after, pending.firstItem, pending.batch });
        query.sql += oneOf("i.state", filter.states) + oneOf("i.split_set", filter.sets) + conditions(filter, query);
        query.sql += " ORDER BY a.item LIMIT ?)";
        query.values.emplace_back(limit);
    }
    query.sql += ") ORDER BY 1 LIMIT ?";
    query.values.emplace_back(limit);
    return query;
}
}

void ItemQuery::bindTo(Query& query) const
{
    for (const auto& value : values)
        std::visit([&](const auto& one) { query.bindAll(one); }, value);
}

ItemQuery itemQuery(
    Connection& connection, const ItemFilter& filter, const Pending& pending, std::int64_t after, std::int64_t limit)
{
    if (hasLabels(filter) && !filter.inTrash && labelsAreFewer(connection, filter))
        return queryByLabels(filter, pending, after, limit);
    ItemQuery query;
    for (const domain::ItemState state : chosenOrAll(filter.states, kAllStates)) {
        for (const domain::SplitSet set : chosenOrAll(filter.sets, kAllSets)) {
            query.sql += query.sql.empty() ? "" : " UNION ALL ";
            query.sql += "SELECT * FROM (SELECT i.id FROM item i WHERE i.trashed = ? AND i.state = ? AND i.split_set = "
                         "? AND i.id > ? AND i.id < ?";
            query.values.emplace_back(std::int64_t { filter.inTrash ? 1 : 0 });
            query.values.emplace_back(static_cast<std::int64_t>(state));
            query.values.emplace_back(static_cast<std::int64_t>(set));
            query.values.emplace_back(after);
            query.values.emplace_back(pending.firstItem);
            query.sql += conditions(filter, query);
            if (hasLabels(filter))
                query.sql += hasOneOfLabels(filter, pending, query);
            query.sql += " ORDER BY i.id LIMIT ?)";
            query.values.emplace_back(limit);
        }
    }
    query.sql += " ORDER BY 1 LIMIT ?";
    query.values.emplace_back(limit);
    return query;
}

}
