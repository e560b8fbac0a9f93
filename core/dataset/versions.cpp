#include "core/dataset/versions.h"

#include "core/base/hash.h"
#include "core/dataset/queries.h"

#include <nlohmann/json.hpp>

namespace percept::dataset {

using nlohmann::json;

namespace {
struct Content
{
    std::int64_t id = 0, boxes = 0;
    std::string sha256;
};

std::string encodeBoxes(const std::vector<domain::Annotation>& annotations)
{
    json boxes = json::array();
    for (const domain::Annotation& a : annotations)
        boxes.push_back({ a.id.value, a.label.value, a.box.x, a.box.y, a.box.w, a.box.h, static_cast<int>(a.origin),
            flagsToInt(a.flags), a.score, a.revision });
    return boxes.dump();
}

std::string labelLine(const domain::Label& label)
{
    return "label "
        + json { label.id.value, label.name, label.color, static_cast<int>(label.key), label.position }.dump() + "\n";
}

// One line of the manifest. Paths are part of it only while the content hash is not known yet: a moved project keeps
// its versions.
std::string itemLine(const domain::Item& item, const std::string& contentSha256)
{
    const std::string file
        = item.contentHash.empty() ? item.path + ":" + std::to_string(item.sizeBytes) : item.contentHash;
    return "item "
        + json { item.id.value, file, item.width, item.height, static_cast<int>(item.set), item.group.value,
              contentSha256 }
              .dump(-1, ' ', false, json::error_handler_t::replace)
        + "\n";
}

class Freezer
{
public:
    explicit Freezer(Connection& connection)
        : m_connection(connection)
        , m_pending(readPending(connection))
        , m_last(readInteger(connection, "SELECT coalesce(max(id), 0) FROM version", 0))
    {
    }
    DatasetVersion freeze(std::int64_t timeMs);

private:
    struct Row
    {
        domain::Item item;
        std::int64_t touched = 0;
        Content content;
    };
    void gatherLabels();
    void gatherItems();
    Content contentOf(ItemId item, std::int64_t touched);
    Content store(const std::vector<domain::Annotation>& annotations);
    void write(VersionId version);

    Connection& m_connection;
    Pending m_pending;
    std::int64_t m_last;
    base::Sha256 m_manifest;
    std::vector<domain::Label> m_labels;
    std::vector<Row> m_rows;
};

void Freezer::gatherLabels()
{
    static const std::string kSql = "SELECT " + kLabelColumns + " FROM label WHERE batch <> ? ORDER BY position, id";
    Query query(m_connection, kSql);
    query.bindAll(m_pending.batch);
    while (query.next()) {
        m_labels.push_back(labelFromRow(query));
        m_manifest.add(labelLine(m_labels.back()));
    }
}

void Freezer::gatherItems()
{
    static const std::string kSql = "SELECT " + kItemColumns
        + ", i.touched FROM item i WHERE i.trashed = 0 AND i.state = 2 AND i.id < ? ORDER BY i.id";
    Query query(m_connection, kSql);
    query.bindAll(m_pending.firstItem);
    while (query.next()) {
        Row row { itemFromRow(query), query.integer(12), {} };
        row.content = contentOf(row.item.id, row.touched);
        m_manifest.add(itemLine(row.item, row.content.sha256));
        m_rows.push_back(std::move(row));
    }
}

// An item that no change touched since the last version has the boxes of that version.
Content Freezer::contentOf(ItemId item, std::int64_t touched)
{
    {
        Query same(m_connection,
            "SELECT c.id, c.boxes, c.sha256 FROM version_item v JOIN version_content c ON c.id = v.content "
            "WHERE v.version = ? AND v.item = ? AND v.touched = ?");
        same.bindAll(m_last, item.value, touched);
        if (same.next())
            return { same.integer(0), same.integer(1), same.text(2) };
    }
    static const std::string kSql = "SELECT " + kAnnotationColumns
        + " FROM annotation a WHERE a.item = ? AND a.batch <> ? AND a.w > 0 AND a.h > 0 ORDER BY a.id";
    std::vector<domain::Annotation> annotations;
    Query query(m_connection, kSql);
    query.bindAll(item.value, m_pending.batch);
    while (query.next())
        annotations.push_back(annotationFromRow(query));
    return store(annotations);
}

Content Freezer::store(const std::vector<domain::Annotation>& annotations)
{
    const std::string body = encodeBoxes(annotations);
    Content content { 0, static_cast<std::int64_t>(annotations.size()), base::sha256Hex(std::string_view(body)) };
    content.id = readInteger(m_connection, "SELECT id FROM version_content WHERE sha256 = ?", 0, content.sha256);
    if (content.id == 0) {
        runSql(m_connection, "INSERT INTO version_content(sha256, boxes, body) VALUES(?, ?, ?)", content.sha256,
            content.boxes, body);
        content.id = m_connection.lastInsertId();
    }
    return content;
}

void Freezer::write(VersionId version)
{
    for (const domain::Label& label : m_labels)
        runSql(m_connection, "INSERT INTO version_label VALUES(?, ?, ?, ?, ?, ?)", version.value, label.id.value,
            label.name, label.color, static_cast<int>(label.key), label.position);
    Query insert(m_connection, "INSERT INTO version_item VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const Row& row : m_rows) {
        const domain::Item& item = row.item;
        insert.again();
        insert
            .bindAll(version.value, item.id.value, item.path, item.name, item.contentHash, item.sizeBytes, item.width,
                item.height, item.state, item.set, item.group.value, row.touched, row.content.id)
            .run();
    }
}

DatasetVersion Freezer::freeze(std::int64_t timeMs)
{
    m_manifest.add("percept dataset manifest 1\n");
    gatherLabels();
    gatherItems();
    DatasetVersion version { {}, timeMs, m_manifest.hexDigest(), static_cast<std::int64_t>(m_rows.size()), 0 };
    for (const Row& row : m_rows)
        version.boxes += row.content.boxes;
    {
        Query last(m_connection, "SELECT id, time_ms FROM version WHERE id = ? AND manifest_sha256 = ?");
        last.bindAll(m_last, version.manifestSha256);
        if (last.next()) {
            version.id.value = last.integer(0);
            version.timeMs = last.integer(1);
            return version;
        }
    }
    runSql(m_connection, "INSERT INTO version(time_ms, manifest_sha256, items, boxes) VALUES(?, ?, ?, ?)", timeMs,
        version.manifestSha256, version.items, version.boxes);
    version.id.value = m_connection.lastInsertId();
    write(version.id);
    return version;
}

// Columns of kItemColumns, from the rows of a version.
const std::string kRestOfColumns = ", v.name, v.content_hash, v.size_bytes, v.width, v.height, v.state, v.split_set, v.group_id, c.boxes, ''";
const std::string kVersionItemColumns = "v.item, v.path" + kRestOfColumns;
}

std::vector<domain::Annotation> decodeBoxes(ItemId item, const std::string& body)
{
    std::vector<domain::Annotation> annotations;
    for (const json& box : json::parse(body)) {
        domain::Annotation a;
        a.id.value = box.at(0).get<std::int64_t>();
        a.item = item;
        a.label.value = box.at(1).get<std::int64_t>();
        a.box = { box.at(2).get<double>(), box.at(3).get<double>(), box.at(4).get<double>(), box.at(5).get<double>() };
        a.origin = static_cast<domain::Origin>(box.at(6).get<int>());
        a.flags = flagsFromInt(box.at(7).get<int>());
        a.score = box.at(8).get<double>();
        a.revision = box.at(9).get<std::int64_t>();
        annotations.push_back(a);
    }
    return annotations;
}

DatasetVersion freeze(Connection& connection, std::int64_t timeMs) { return Freezer(connection).freeze(timeMs); }

std::string manifestOfVersion(Connection& connection, VersionId version)
{
    base::Sha256 manifest;
    manifest.add("percept dataset manifest 1\n");
    {
        Query labels(connection,
            "SELECT label, name, color, key, position FROM version_label WHERE version = ? ORDER BY position, label");
        labels.bindAll(version.value);
        while (labels.next())
            manifest.add(labelLine(labelFromRow(labels)));
    }
    Query items(connection,
        "SELECT " + kVersionItemColumns
            + ", c.body FROM version_item v JOIN version_content c ON c.id = v.content WHERE v.version = ? ORDER BY "
              "v.item");
    items.bindAll(version.value);
    while (items.next())
        manifest.add(itemLine(itemFromRow(items), base::sha256Hex(std::string_view(items.text(12)))));
    return manifest.hexDigest();
}

base::Result<std::vector<DatasetVersion>> Queries::readVersions() const
{
    return snapshot([&]() -> base::Result<std::vector<DatasetVersion>> {
        std::vector<DatasetVersion> versions;
        Query query(m_connection, "SELECT id, time_ms, manifest_sha256, items, boxes FROM version ORDER BY id");
        while (query.next())
            versions.push_back({ VersionId { query.integer(0) }, query.integer(1), query.text(2), query.integer(3),
                query.integer(4) });
        return versions;
    });
}

base::Result<std::vector<VersionItem>> Queries::readVersionItems(
    VersionId version, std::optional<domain::SplitSet> set) const
{
    return snapshot([&]() -> base::Result<std::vector<VersionItem>> {
        if (readInteger(m_connection, "SELECT 1 FROM version WHERE id = ?", 0, version.value) == 0)
            return base::notFound("The project has no dataset version " + std::to_string(version.value) + ".");
        std::vector<VersionItem> items;
        // The content is what was frozen; where its file lies is today's matter, for pictures move.
        Query query(m_connection,
            "SELECT v.item, COALESCE(i.path, v.path)" + kRestOfColumns
                + ", c.body FROM version_item v JOIN version_content c ON c.id = v.content "
                  "LEFT JOIN item i ON i.id = v.item AND i.content_hash = v.content_hash "
                  "WHERE v.version = ? AND (? < 0 OR v.split_set = ?) ORDER BY v.item");
        const std::int64_t wanted = set ? static_cast<std::int64_t>(*set) : -1;
        query.bindAll(version.value, wanted, wanted);
        while (query.next()) {
            VersionItem item { itemFromRow(query), {} };
            item.annotations = decodeBoxes(item.item.id, query.text(12));
            items.push_back(std::move(item));
        }
        return items;
    });
}

base::Result<std::vector<domain::Label>> Queries::readVersionLabels(VersionId version) const
{
    return snapshot([&]() -> base::Result<std::vector<domain::Label>> {
        if (readInteger(m_connection, "SELECT 1 FROM version WHERE id = ?", 0, version.value) == 0)
            return base::notFound("The project has no dataset version " + std::to_string(version.value) + ".");
        std::vector<domain::Label> labels;
        Query query(m_connection,
            "SELECT label, name, color, key, position FROM version_label WHERE version = ? ORDER BY position, label");
        query.bindAll(version.value);
        while (query.next())
            labels.push_back(labelFromRow(query));
        return labels;
    });
}

}
