#include "core/dataset/groups.h"

namespace percept::dataset {

std::optional<GroupId> readGroupOfKey(Connection& connection, const std::string& key)
{
    const std::int64_t group = readInteger(connection, "SELECT group_id FROM group_key WHERE key = ?", 0, key);
    return group != 0 ? std::optional(GroupId { group }) : std::nullopt;
}

std::optional<GroupId> readGroupOfHash(Connection& connection, const std::string& contentHash, std::int64_t beforeItem)
{
    if (contentHash.empty())
        return std::nullopt;
    const std::int64_t group = readInteger(connection,
        "SELECT group_id FROM item WHERE content_hash = ? AND content_hash <> '' AND id < ? LIMIT 1", 0, contentHash,
        beforeItem);
    return group != 0 ? std::optional(GroupId { group }) : std::nullopt;
}

void writeGroupKey(Connection& connection, const std::string& key, GroupId group)
{
    runSql(connection,
        "INSERT INTO group_key(key, group_id) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET group_id = excluded.group_id",
        key, group.value);
}

GroupId mergeGroups(Connection& connection, GroupId a, GroupId b)
{
    const std::int64_t keep = std::min(a.value, b.value), drop = std::max(a.value, b.value);
    if (keep != drop) {
        runSql(connection, "UPDATE item SET group_id = ? WHERE group_id = ?", keep, drop);
        runSql(connection, "UPDATE group_key SET group_id = ? WHERE group_id = ?", keep, drop);
    }
    return GroupId { keep };
}

}
