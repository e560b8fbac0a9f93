#include "core/dataset/field_samples.h"

#include "core/dataset/edits.h"
#include "core/dataset/groups.h"
#include "core/dataset/queries.h"

#include <algorithm>

namespace percept::dataset {

using nlohmann::json;

namespace {

std::string toJson(const std::vector<FieldAnswer>& answers)
{
    json list = json::array();
    for (const FieldAnswer& a : answers)
        list.push_back({ { "label", a.label }, { "score", a.score }, { "box", { a.box.x, a.box.y, a.box.w, a.box.h } } });
    return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<FieldAnswer> answersOf(const std::string& text)
{
    std::vector<FieldAnswer> answers;
    for (const json& a : json::parse(text)) {
        const json& box = a.at("box");
        answers.push_back({ a.at("label").get<std::string>(), a.at("score").get<double>(),
            { box.at(0).get<double>(), box.at(1).get<double>(), box.at(2).get<double>(), box.at(3).get<double>() } });
    }
    return answers;
}

bool isSampleId(const std::string& id)
{
    return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

base::Result<void> checkSample(const TakeFieldSample& edit)
{
    if (!isSampleId(edit.sample.id))
        return base::refused("A picture from a device has a name of 32 hexadecimal digits. Nothing was changed.");
    if (!edit.picture.file.is_absolute() || edit.picture.contentHash.empty() || edit.picture.width <= 0 || edit.picture.height <= 0)
        return base::usage("A picture from a device must be read before it joins the project.");
    const bool isFinite = std::all_of(edit.sample.answers.begin(), edit.sample.answers.end(),
        [](const FieldAnswer& a) { return a.box.isFinite() && std::isfinite(a.score); });
    return isFinite ? base::Result<void>() : base::refused("An answer of the device is not a number. Nothing was changed.");
}

}

// The row of a picture that joins the project, in the trash: facts about its file, which no history knows. The edit then takes it
// out of there, so that undo has somewhere to put it.
ItemId EditApplier::writeTrashedItem(const FieldPictureFile& picture)
{
    const std::string path = m_paths.stored(picture.file);
    const std::int64_t known = readInteger(m_connection, "SELECT id FROM item WHERE path = ?", 0, path);
    if (known != 0)
        return ItemId { known };
    ItemStatus status;
    status.trashed = true;
    const auto group = readGroupOfHash(m_connection, picture.contentHash, INT64_MAX);
    runSql(m_connection,
        "INSERT INTO item(path, name, content_hash, size_bytes, width, height, state, split_set, set_source, group_id, trashed, batch, "
        "gathered_ms) VALUES(?, ?, ?, ?, ?, ?, 0, 0, 0, ?, 1, 0, ?)",
        path, picture.name, picture.contentHash, picture.sizeBytes, picture.width, picture.height, group.value_or(GroupId()).value,
        m_writer.timeMs());
    const ItemId item { m_connection.lastInsertId() };
    if (!group)
        runSql(m_connection, "UPDATE item SET group_id = id WHERE id = ?", item.value);
    m_writer.counters().addItem(status, 1);
    return item;
}

// Equal bytes in another set than `set`: the picture would test what was learned from it.
base::Result<void> EditApplier::checkNotElsewhere(const TakeFieldSample& edit) const
{
    Query same(m_connection, "SELECT name, split_set FROM item WHERE content_hash = ? AND trashed = 0 AND path <> ? LIMIT 1");
    same.bindAll(edit.picture.contentHash, m_paths.stored(edit.picture.file));
    if (!same.next())
        return {};
    return base::Error { base::ErrorCode::Conflict, "The project has this very picture already, as " + same.text(0) + ". It was not taken a second time.", {} };
}

bool EditApplier::isOneMoment(GroupId a, GroupId b, std::int64_t timeMs) const
{
    Query span(m_connection, "SELECT min(f.time_ms), max(f.time_ms) FROM field_sample f JOIN item i ON i.id = f.item "
                             "WHERE i.group_id IN (?, ?) AND i.trashed = 0 AND f.time_ms > 0");
    span.bindAll(a.value, b.value);
    return span.next() && std::max(span.integer(1), timeMs) - std::min(span.integer(0), timeMs) <= kLongestMomentMs;
}

// The picture shares a group with those of the same device just before and after it, nearest first, as long as that makes no moment
// that is too long. A device without a clock tells no time.
GroupId EditApplier::joinMoment(const FieldSample& sample, ItemId item)
{
    GroupId group { readInteger(m_connection, "SELECT group_id FROM item WHERE id = ?", item.value, item.value) };
    if (sample.timeMs <= 0)
        return group;
    std::vector<GroupId> neighbours;
    {
        Query query(m_connection,
            "SELECT i.group_id FROM field_sample f JOIN item i ON i.id = f.item "
            "WHERE f.device = ? AND f.item <> ? AND i.trashed = 0 AND f.time_ms BETWEEN ? AND ? GROUP BY i.group_id ORDER BY min(abs(f.time_ms - ?))");
        query.bindAll(sample.device, item.value, sample.timeMs - kMomentMs, sample.timeMs + kMomentMs, sample.timeMs);
        while (query.next())
            neighbours.push_back({ query.integer(0) });
    }
    for (const GroupId neighbour : neighbours)
        if (isOneMoment(group, neighbour, sample.timeMs))
            group = mergeGroups(m_connection, group, neighbour);
    return group;
}

// Those just before and after it are of its moment also where a group would have become too long.
EditApplier::Moment EditApplier::readMoment(const FieldSample& sample, GroupId group, ItemId except) const
{
    Moment moment;
    Query query(m_connection,
        "SELECT f.item, i.split_set FROM field_sample f JOIN item i ON i.id = f.item WHERE i.trashed = 0 AND f.item <> ? "
        "AND (i.group_id = ? OR (? > 0 AND f.device = ? AND f.time_ms BETWEEN ? AND ?))");
    query.bindAll(except.value, group.value, sample.timeMs, sample.device, sample.timeMs - kMomentMs, sample.timeMs + kMomentMs);
    while (query.next()) {
        const auto set = static_cast<domain::SplitSet>(query.integer(1));
        moment.tests = moment.tests || set == domain::SplitSet::Test;
        if (set != domain::SplitSet::Test && set != domain::SplitSet::Reserve)
            moment.learning.push_back({ query.integer(0) });
    }
    return moment;
}

// What chance chose tests. Its neighbours show the same scene, so a model that learned from them would have seen the test; and they were
// chosen for being hard, so in the test set they would bend it. They go to the reserve: labeled, kept, and used for neither.
base::Result<void> EditApplier::applyOne(const TakeFieldSample& edit)
{
    PERCEPT_TRY(checkSample(edit));
    if (m_writer.pending().batch > 0)
        return base::Error { base::ErrorCode::Conflict, "An import is under way. Take the pictures of devices when it has finished; nothing was changed.", {} };
    PERCEPT_TRY(checkNotElsewhere(edit));
    const ItemId item = writeTrashedItem(edit.picture);
    const auto before = m_writer.readStatus(item);
    if (before && !before->trashed) // taken before: whatever has become of it since stays
        return {};
    const FieldSample& s = edit.sample;
    runSql(m_connection,
        "INSERT INTO field_sample(id, item, device, version, package, reason, time_ms, predictions) VALUES(?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(id) DO UPDATE SET item = excluded.item",
        s.id, item.value, s.device, s.version, s.packageSha256, s.reason, s.timeMs, toJson(s.answers));
    PERCEPT_TRY(dropBoxes(item)); // from before it was in the trash
    const Moment moment = readMoment(s, joinMoment(s, item), item);
    const bool learns = edit.set != domain::SplitSet::Test && edit.set != domain::SplitSet::Reserve;
    const domain::SplitSet set = moment.tests && learns ? domain::SplitSet::Reserve : edit.set;
    if (set == domain::SplitSet::Test)
        for (const ItemId other : moment.learning)
            PERCEPT_TRY(applyOne(SetItemSet { other, domain::SplitSet::Reserve }));
    PERCEPT_TRY(changeStatus(item, [&](ItemStatus& status) {
        status.trashed = false;
        status.state = edit.state;
        status.doneMs = edit.state == domain::ItemState::Done ? m_writer.timeMs() : 0;
        status.set = set;
        status.source = set == domain::SplitSet::None ? SetSource::None : SetSource::User;
    }));
    for (domain::Annotation box : edit.boxes) {
        box.item = item;
        PERCEPT_TRY(applyOne(AddAnnotation { box }));
    }
    return {};
}

base::Result<void> EditApplier::dropBoxes(ItemId item)
{
    std::vector<AnnotationId> boxes;
    {
        Query query(m_connection, "SELECT id FROM annotation WHERE item = ?");
        query.bindAll(item.value);
        while (query.next())
            boxes.push_back({ query.integer(0) });
    }
    for (const AnnotationId box : boxes)
        PERCEPT_TRY(applyOne(DeleteAnnotation { box }));
    return {};
}

base::Result<std::vector<StoredFieldSample>> Queries::readFieldSamples() const
{
    return snapshot([&]() -> base::Result<std::vector<StoredFieldSample>> {
        std::vector<StoredFieldSample> samples;
        Query query(m_connection,
            "SELECT f.id, f.device, f.version, f.package, f.reason, f.time_ms, f.predictions, f.item, i.state, i.split_set, i.trashed "
            "FROM field_sample f JOIN item i ON i.id = f.item ORDER BY f.time_ms, f.id");
        while (query.next())
            samples.push_back({ { query.text(0), query.text(1), query.text(2), query.text(3), query.text(4), query.integer(5),
                                    answersOf(query.text(6)) },
                ItemId { query.integer(7) }, static_cast<domain::ItemState>(query.integer(8)),
                static_cast<domain::SplitSet>(query.integer(9)), query.integer(10) != 0 });
        return samples;
    });
}

base::Result<std::optional<FieldSample>> Queries::readFieldSample(ItemId item) const
{
    return snapshot([&]() -> base::Result<std::optional<FieldSample>> {
        Query query(m_connection, "SELECT id, device, version, package, reason, time_ms, predictions FROM field_sample WHERE item = ?");
        query.bindAll(item.value);
        if (!query.next())
            return std::optional<FieldSample>();
        return std::optional(FieldSample { query.text(0), query.text(1), query.text(2), query.text(3), query.text(4), query.integer(5),
            answersOf(query.text(6)) });
    });
}

}
