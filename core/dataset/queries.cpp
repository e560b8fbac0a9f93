#include "core/dataset/queries.h"

#include "core/dataset/change_log.h"
#include "core/dataset/item_filter.h"

namespace percept::dataset {

base::Result<ProjectInfo> Queries::readInfo() const
{
    return snapshot([&]() -> base::Result<ProjectInfo> {
        Query query(m_connection,
            "SELECT name, task, created_ms, (SELECT value FROM fact WHERE name = 'run.last') FROM project");
        if (!query.next())
            return base::refused(
                m_connection.file().string() + " is damaged: it does not say which project it is. Restore a backup.");
        const auto task = domain::taskFromString(query.text(1));
        if (!task)
            return base::refused(
                m_connection.file().string() + " is damaged: it has an unknown task. Restore a backup.", query.text(1));
        return ProjectInfo { query.text(0), *task, query.integer(2), query.optionalText(3).value_or("") };
    });
}

base::Result<std::vector<domain::Label>> Queries::readLabels() const
{
    return snapshot([&]() -> base::Result<std::vector<domain::Label>> {
        static const std::string kSql
            = "SELECT " + kLabelColumns + " FROM label WHERE batch <> ? ORDER BY position, id";
        std::vector<domain::Label> labels;
        const Pending pending = readPending(m_connection);
        Query query(m_connection, kSql);
        query.bindAll(pending.batch);
        while (query.next())
            labels.push_back(labelFromRow(query));
        return labels;
    });
}

base::Result<Counts> Queries::readCounts() const
{
    return snapshot([&]() -> base::Result<Counts> { return readCounters(m_connection); });
}

base::Result<std::vector<domain::Item>> Queries::readItems(const ItemFilter& filter, ItemId after, int limit) const
{
    return snapshot([&]() -> base::Result<std::vector<domain::Item>> {
        const ItemQuery ids = itemQuery(m_connection, filter, readPending(m_connection), after.value, limit);
        std::vector<domain::Item> items;
        Query query(m_connection,
            "SELECT " + kItemColumns + " FROM (" + ids.sql
                + ") page CROSS JOIN item i ON i.id = page.id ORDER BY i.id");
        ids.bindTo(query);
        while (query.next())
            items.push_back(itemFromRow(query));
        return items;
    });
}

base::Result<std::vector<ItemId>> Queries::readItemIds(const ItemFilter& filter) const
{
    return snapshot([&]() -> base::Result<std::vector<ItemId>> {
        const ItemQuery ids = itemQuery(m_connection, filter, readPending(m_connection), 0, -1);
        std::vector<ItemId> found;
        Query query(m_connection, ids.sql);
        ids.bindTo(query);
        while (query.next())
            found.push_back(ItemId { query.integer(0) });
        return found;
    });
}

base::Result<std::optional<domain::Item>> Queries::readItem(ItemId id) const
{
    return snapshot([&]() -> base::Result<std::optional<domain::Item>> {
        static const std::string kSql = "SELECT " + kItemColumns + " FROM item i WHERE i.id = ? AND i.id < ?";
        const Pending pending = readPending(m_connection);
        Query query(m_connection, kSql);
        query.bindAll(id.value, pending.firstItem);
        return query.next() ? std::optional(itemFromRow(query)) : std::nullopt;
    });
}

base::Result<std::unordered_set<std::int64_t>> Queries::readContentSizes() const
{
    return snapshot([&]() -> base::Result<std::unordered_set<std::int64_t>> {
        std::unordered_set<std::int64_t> sizes;
        Query query(m_connection, "SELECT size_bytes FROM item WHERE trashed = 0 AND content_hash <> ''");
        while (query.next())
            sizes.insert(query.integer(0));
        return sizes;
    });
}

base::Result<std::optional<domain::Item>> Queries::findItemByContent(const std::string& sha256) const
{
    return snapshot([&]() -> base::Result<std::optional<domain::Item>> {
        static const std::string kSql = "SELECT " + kItemColumns + " FROM item i WHERE i.content_hash = ? AND i.content_hash <> '' AND i.trashed = 0 AND i.id < ? LIMIT 1";
        const Pending pending = readPending(m_connection);
        Query query(m_connection, kSql);
        query.bindAll(sha256, pending.firstItem);
        return query.next() ? std::optional(itemFromRow(query)) : std::nullopt;
    });
}

base::Result<std::vector<domain::Annotation>> Queries::readAnnotations(ItemId item) const
{
    return snapshot([&]() -> base::Result<std::vector<domain::Annotation>> {
        static const std::string kSql = "SELECT " + kAnnotationColumns
            + " FROM annotation a WHERE a.item = ? AND a.batch <> ? AND a.item < ? ORDER BY a.id";
        std::vector<domain::Annotation> annotations;
        const Pending pending = readPending(m_connection);
        Query query(m_connection, kSql);
        query.bindAll(item.value, pending.batch, pending.firstItem);
        while (query.next())
            annotations.push_back(annotationFromRow(query));
        return annotations;
    });
}

base::Result<std::int64_t> Queries::readRevision() const
{
    return snapshot([&]() -> base::Result<std::int64_t> { return readLastChange(m_connection); });
}

base::Result<std::vector<ChangeEntry>> Queries::readHistory(int limit) const
{
    return snapshot([&]() -> base::Result<std::vector<ChangeEntry>> { return readSteps(m_connection, limit); });
}

base::Result<std::optional<std::string>> Queries::undoTitle() const
{
    return snapshot([&]() -> base::Result<std::optional<std::string>> {
        const auto step = readLastDone(m_connection);
        return step ? std::optional(step->title) : std::nullopt;
    });
}

base::Result<std::optional<std::string>> Queries::redoTitle() const
{
    return snapshot([&]() -> base::Result<std::optional<std::string>> {
        const auto step = readFirstUndone(m_connection);
        return step ? std::optional(step->title) : std::nullopt;
    });
}

base::Result<std::vector<LabelingDay>> Queries::readLabelingDays() const
{
    return snapshot([&]() -> base::Result<std::vector<LabelingDay>> {
        const Pending pending = readPending(m_connection);
        Query query(m_connection,
            "SELECT day, sum(g), sum(l), sum(d) FROM ("
            " SELECT date(gathered_ms / 1000, 'unixepoch', 'localtime') day, 1 g, 0 l, 0 d FROM item WHERE trashed = 0 "
            "AND id < ?1"
            " UNION ALL SELECT date(labeled_ms / 1000, 'unixepoch', 'localtime'), 0, 1, 0 FROM item"
            "  WHERE trashed = 0 AND id < ?1 AND labeled_ms > 0 AND box_count > 0"
            " UNION ALL SELECT date(done_ms / 1000, 'unixepoch', 'localtime'), 0, 0, 1 FROM item WHERE trashed = 0 AND "
            "id < ?1 AND done_ms > 0"
            ") GROUP BY day ORDER BY day");
        query.bindAll(pending.firstItem);
        std::vector<LabelingDay> days;
        while (query.next())
            days.push_back({ query.text(0), query.integer(1), query.integer(2), query.integer(3) });
        return days;
    });
}

base::Result<std::vector<std::pair<GroupId, std::vector<ItemId>>>> Queries::readTornGroups() const
{
    return snapshot([&]() -> base::Result<std::vector<std::pair<GroupId, std::vector<ItemId>>>> {
        const Pending pending = readPending(m_connection);
        Query query(m_connection,
            "SELECT i.group_id, i.id FROM item i WHERE i.trashed = 0 AND i.id < ?1 AND i.split_set IN (1, 2, 3) AND "
            "i.group_id IN ("
            " SELECT group_id FROM item WHERE trashed = 0 AND id < ?1 AND split_set IN (1, 2, 3)"
            " GROUP BY group_id HAVING min(split_set) <> max(split_set)) ORDER BY 1, 2");
        query.bindAll(pending.firstItem);
        std::vector<std::pair<GroupId, std::vector<ItemId>>> torn;
        while (query.next()) {
            const GroupId group { query.integer(0) };
            if (torn.empty() || torn.back().first != group)
                torn.push_back({ group, {} });
            torn.back().second.push_back(ItemId { query.integer(1) });
        }
        return torn;
    });
}

base::Result<std::vector<ProjectReader::ModelVersion>> Queries::readModelVersions() const
{
    return snapshot([&]() -> base::Result<std::vector<ProjectReader::ModelVersion>> {
        std::vector<ProjectReader::ModelVersion> versions;
        Query query(m_connection, "SELECT version, run, file, time_ms FROM model_version ORDER BY id");
        while (query.next())
            versions.push_back({ query.text(0), query.text(1), query.text(2), query.integer(3) });
        return versions;
    });
}

base::Result<std::optional<std::string>> Queries::readFact(const std::string& name) const
{
    return snapshot([&]() -> base::Result<std::optional<std::string>> {
        Query query(m_connection, "SELECT value FROM fact WHERE name = ?");
        query.bindAll(name);
        return query.next() ? std::optional(query.text(0)) : std::nullopt;
    });
}

}
