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
            std::erase_if(values, [&](Value value) { return std::find(chosen.begin(), chosen.end(), value) == chosen.end(); });
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

    // What is asked beside state, set and trash. Values are appended in the order of the text.
    std::string conditions(const ItemFilter& filter, const Pending& pending, ItemQuery& query)
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
        if (!filter.noObjects && !filter.labels.empty()) {
            sql += " AND EXISTS(SELECT 1 FROM annotation a WHERE a.item = i.id AND a.batch <> ? AND a.label IN (";
            query.values.emplace_back(pending.batch);
            for (std::size_t n = 0; n < filter.labels.size(); ++n) {
                sql += n == 0 ? "?" : ",?";
                query.values.emplace_back(filter.labels[n].value);
            }
            sql += "))";
        }
        return sql;
    }
}

void ItemQuery::bindTo(Query& query) const
{
    for (const auto& value : values)
        std::visit([&](const auto& one) { query.bindAll(one); }, value);
}

ItemQuery itemQuery(const ItemFilter& filter, const Pending& pending, std::int64_t after, std::int64_t limit)
{
    ItemQuery query;
    for (const domain::ItemState state : chosenOrAll(filter.states, kAllStates)) {
        for (const domain::SplitSet set : chosenOrAll(filter.sets, kAllSets)) {
            query.sql += query.sql.empty() ? "" : " UNION ALL ";
            query.sql += "SELECT * FROM (SELECT i.id FROM item i WHERE i.trashed = ? AND i.state = ? AND i.split_set = ? AND i.id > ? AND i.id < ?";
            query.values.emplace_back(std::int64_t { filter.inTrash ? 1 : 0 });
            query.values.emplace_back(static_cast<std::int64_t>(state));
            query.values.emplace_back(static_cast<std::int64_t>(set));
            query.values.emplace_back(after);
            query.values.emplace_back(pending.firstItem);
            query.sql += conditions(filter, pending, query) + " ORDER BY i.id LIMIT ?)";
            query.values.emplace_back(limit);
        }
    }
    query.sql += " ORDER BY 1 LIMIT ?";
    query.values.emplace_back(limit);
    return query;
}

}
