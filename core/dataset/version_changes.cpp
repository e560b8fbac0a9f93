#include "core/dataset/version_changes.h"

#include "core/dataset/queries.h"
#include "core/dataset/rows.h"
#include "core/dataset/schema.h"
#include "core/dataset/versions.h"

#include <algorithm>

namespace percept::dataset {

namespace {
constexpr int kDone = static_cast<int>(domain::ItemState::Done);

bool trainsAlike(const domain::Annotation& a, const domain::Annotation& b)
{
    return a.id == b.id && a.label == b.label && a.box == b.box && a.flags == b.flags;
}

class Comparison
{
public:
    Comparison(Connection& connection, VersionId version)
        : m_connection(connection)
        , m_version(version)
        , m_pending(readPending(connection))
    {
    }
    VersionChanges read();

private:
    void countVersion();
    void countAdded();
    void countRemoved();
    void compareTouched();
    std::vector<domain::Annotation> boxesOfToday(std::int64_t item) const;
    SetChanges& of(std::int64_t set) { return m_changes[static_cast<domain::SplitSet>(set)]; }

    Connection& m_connection;
    VersionId m_version;
    Pending m_pending;
    VersionChanges m_changes;
};

void Comparison::countVersion()
{
    Query query(m_connection, "SELECT split_set, count(*) FROM version_item WHERE version = ? GROUP BY split_set");
    query.bindAll(m_version.value);
    while (query.next())
        of(query.integer(0)).before = query.integer(1);
}

void Comparison::countAdded()
{
    Query query(m_connection,
        "SELECT i.split_set, count(*), coalesce(sum(i.box_count - i.flagged_count), 0) FROM item i "
        "LEFT JOIN version_item v ON v.version = ? AND v.item = i.id AND v.split_set = i.split_set "
        "WHERE i.trashed = 0 AND i.state = ? AND i.id < ? AND v.item IS NULL GROUP BY i.split_set");
    query.bindAll(m_version.value, kDone, m_pending.firstItem);
    while (query.next()) {
        SetChanges& changes = of(query.integer(0));
        changes.added = query.integer(1);
        changes.addedBoxes = query.integer(2);
    }
}

void Comparison::countRemoved()
{
    Query query(m_connection,
        "SELECT v.split_set, count(*) FROM version_item v LEFT JOIN item i ON i.id = v.item AND i.trashed = 0 "
        "AND i.state = ? AND i.split_set = v.split_set WHERE v.version = ? AND i.id IS NULL GROUP BY v.split_set");
    query.bindAll(kDone, m_version.value);
    while (query.next())
        of(query.integer(0)).removed = query.integer(1);
}

// An item that no change touched since has the boxes of the version; one that was touched may have got them back.
void Comparison::compareTouched()
{
    Query query(m_connection,
        "SELECT i.id, i.split_set, c.body FROM item i JOIN version_item v ON v.version = ? AND v.item = i.id "
        "AND v.split_set = i.split_set JOIN version_content c ON c.id = v.content "
        "WHERE i.trashed = 0 AND i.state = ? AND i.touched <> v.touched");
    query.bindAll(m_version.value, kDone);
    while (query.next()) {
        const auto before = decodeBoxes(ItemId { query.integer(0) }, query.text(2));
        const auto now = boxesOfToday(query.integer(0));
        if (!std::equal(before.begin(), before.end(), now.begin(), now.end(), trainsAlike))
            ++of(query.integer(1)).changed;
    }
}

std::vector<domain::Annotation> Comparison::boxesOfToday(std::int64_t item) const
{
    static const std::string kSql = "SELECT " + kAnnotationColumns
        + " FROM annotation a WHERE a.item = ? AND a.batch <> ? AND a.w > 0 AND a.h > 0 ORDER BY a.id";
    Query query(m_connection, kSql);
    query.bindAll(item, m_pending.batch);
    std::vector<domain::Annotation> boxes;
    while (query.next())
        boxes.push_back(annotationFromRow(query));
    return boxes;
}

VersionChanges Comparison::read()
{
    countVersion();
    countAdded();
    countRemoved();
    compareTouched();
    return m_changes;
}
}

base::Result<VersionChanges> readChangesSince(const std::filesystem::path& project, VersionId version)
{
    return guarded(project / kDatabaseName, [&]() -> base::Result<VersionChanges> {
        const auto connection = openForReading(project / kDatabaseName);
        connection->harden();
        PERCEPT_TRY(checkSchema(*connection));
        Transaction transaction(*connection, Transaction::Kind::Read);
        if (readInteger(*connection, "SELECT 1 FROM version WHERE id = ?", 0, version.value) == 0)
            return base::notFound("The project has no dataset version " + std::to_string(version.value) + ".");
        return Comparison(*connection, version).read();
    });
}

}
