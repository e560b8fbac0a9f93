#pragma once

#include "core/dataset/connection.h"
#include "core/dataset/rows.h"

namespace percept::dataset {

// Groups are numbers that items share; a group is named after the first item that was in it.
std::optional<GroupId> readGroupOfKey(Connection& connection, const std::string& key);
std::optional<GroupId> readGroupOfHash(Connection& connection, const std::string& contentHash, std::int64_t beforeItem);
void writeGroupKey(Connection& connection, const std::string& key, GroupId group);
// Puts the items of both into the group with the smaller number, which is returned.
GroupId mergeGroups(Connection& connection, GroupId a, GroupId b);

}
