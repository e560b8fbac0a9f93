#pragma once

#include "core/dataset/counters.h"
#include "core/dataset/project_reader.h"

#include <string>
#include <variant>
#include <vector>

namespace percept::dataset {

// SQL that gives the ids of the items of a filter, ascending, with what it binds.
struct ItemQuery
{
    std::string sql;
    std::vector<std::variant<std::int64_t, std::string>> values;
    void bindTo(Query& query) const;
};

// Up to `limit` ids > after (limit -1: all). Without classes, each combination of state and set is one walk along an
// index, so that a page costs the same however deep it lies and however few items match. With classes, the walk is
// along those items that are fewer by the counters: the ones of the classes, or the ones of the states and sets.
ItemQuery itemQuery(
    Connection& connection, const ItemFilter& filter, const Pending& pending, std::int64_t after, std::int64_t limit);

}
