#include "core/dataset/edits.h"

#include "core/domain/class_name.h"

namespace percept::dataset {

namespace {
base::Error noItem() { return base::notFound("The picture is no longer in the project. Nothing was changed."); }
base::Error noBox() { return base::notFound("The box is no longer in the project. Nothing was changed."); }
base::Error noLabel() { return base::notFound("The class is no longer in the project. Nothing was changed."); }
}

char firstFreeKey(Connection& connection)
{
    std::string keys = "1234567890";
    Query query(connection, "SELECT key FROM label WHERE key <> 0");
    while (query.next())
        std::erase(keys, static_cast<char>(query.integer(0)));
    return keys.empty() ? 0 : keys.front();
}

base::Result<void> EditApplier::apply(std::span<const Edit> edits)
{
    for (const Edit& edit : edits)
        PERCEPT_TRY(std::visit([this](const auto& one) { return applyOne(one); }, edit));
    return {};
}

LabelId EditApplier::storedLabel(LabelId id) const
{
    const auto nth = static_cast<std::size_t>(-1 - id.value);
    return id.value < 0 && nth < m_addedLabels.size() ? m_addedLabels[nth] : id;
}

base::Result<void> EditApplier::checkBox(const domain::Annotation& annotation) const
{
    if (!annotation.box.isFinite() || !std::isfinite(annotation.score))
        return base::refused("A box has a position or size that is not a number. Nothing was changed.");
    if (!m_writer.readLabel(annotation.label))
        return noLabel();
    return {};
}

base::Result<void> EditApplier::applyOne(const AddAnnotation& edit)
{
    StoredAnnotation after { edit.annotation, 0 };
    if (after.annotation.id.value != 0)
        return base::usage("A new box must not have an id: the store gives one.");
    if (!m_writer.readStatus(after.annotation.item))
        return noItem();
    after.annotation.label = storedLabel(after.annotation.label);
    PERCEPT_TRY(checkBox(after.annotation));
    after.annotation.revision = m_writer.change();
    after.annotation.id = m_writer.writeAnnotation(std::nullopt, after);
    m_added.push_back(after.annotation.id);
    m_details.push_back({ Entity::Annotation, after.annotation.id.value, std::nullopt, toJson(after.annotation, 0) });
    return {};
}

base::Result<void> EditApplier::applyOne(const UpdateAnnotation& edit)
{
    const auto before = m_writer.readAnnotation(edit.annotation.id);
    if (!before)
        return noBox();
    StoredAnnotation after = *before;
    after.annotation.label = storedLabel(edit.annotation.label);
    after.annotation.box = edit.annotation.box;
    after.annotation.flags = edit.annotation.flags;
    after.annotation.origin = edit.annotation.origin;
    after.annotation.score = edit.annotation.score;
    PERCEPT_TRY(checkBox(after.annotation));
    if (after == *before)
        return {};
    after.annotation.revision = m_writer.change();
    m_writer.writeAnnotation(before, after);
    m_details.push_back({ Entity::Annotation, after.annotation.id.value, toJson(before->annotation, before->batch),
        toJson(after.annotation, after.batch) });
    return {};
}

base::Result<void> EditApplier::applyOne(const DeleteAnnotation& edit)
{
    const auto before = m_writer.readAnnotation(edit.id);
    if (!before)
        return noBox();
    m_writer.writeAnnotation(before, std::nullopt);
    m_details.push_back({ Entity::Annotation, edit.id.value, toJson(before->annotation, before->batch), std::nullopt });
    return {};
}

base::Result<void> EditApplier::changeStatus(ItemId id, const std::function<void(ItemStatus&)>& change)
{
    const auto before = m_writer.readStatus(id);
    if (!before)
        return noItem();
    ItemStatus after = *before;
    change(after);
    if (after == *before)
        return {};
    m_writer.writeStatus(id, *before, after);
    m_details.push_back({ Entity::Item, id.value, toJson(*before), toJson(after) });
    return {};
}

base::Result<void> EditApplier::applyOne(const SetItemState& edit)
{
    return changeStatus(edit.item, [&](ItemStatus& status) {
        if (status.state == edit.state)
            return;
        status.state = edit.state;
        status.doneMs = edit.state == domain::ItemState::Done ? m_writer.timeMs() : 0;
    });
}

base::Result<void> EditApplier::applyOne(const SetItemSet& edit)
{
    return changeStatus(edit.item, [&](ItemStatus& status) {
        if (status.set == edit.set)
            return;
        status.set = edit.set;
        status.source = edit.set == domain::SplitSet::None ? SetSource::None : SetSource::User;
    });
}

base::Result<void> EditApplier::applyOne(const SetItemTrashed& edit)
{
    return changeStatus(edit.item, [&](ItemStatus& status) { status.trashed = edit.trashed; });
}

base::Result<domain::Label> EditApplier::checkedLabel(domain::Label label) const
{
    const std::string name = cleanLabelName(label.name);
    if (name.empty() || name != label.name)
        return base::refused("A class needs a name of 1 to 200 bytes without line breaks, characters that turn its text around, or blanks at its ends.");
    if (label.key != 0 && (label.key < '0' || label.key > '9'))
        return base::refused("The key of a class is a digit.");
    {
        Query query(m_connection, "SELECT id, batch FROM label WHERE name = ? AND id <> ?");
        query.bindAll(label.name, label.id.value);
        if (query.next() && query.integer(1) == m_writer.pending().batch)
            return base::refused(
                "An import that is under way brings a class named " + label.name + ". Wait until it has finished.");
        query.again();
        query.bindAll(label.name, label.id.value);
        if (query.next())
            return base::refused("There is already a class named " + label.name + ".");
    }
    Query query(m_connection, "SELECT name FROM label WHERE key = ? AND key <> 0 AND id <> ?");
    query.bindAll(static_cast<int>(label.key), label.id.value);
    if (query.next())
        return base::refused(std::string("The key ") + label.key + " belongs to the class " + query.text(0) + ".");
    return label;
}

// Two classes that people take for one split the boxes of one thing. Imports keep the names of their source, and what came
// that way may stay: only a name that somebody gives is refused.
base::Result<void> EditApplier::checkNotAlike(const domain::Label& label) const
{
    Query query(m_connection, "SELECT name FROM label WHERE id <> ? AND batch <> ?");
    query.bindAll(label.id.value, m_writer.pending().batch);
    while (query.next())
        if (domain::isSameClassName(query.text(0), label.name))
            return base::refused("There is already a class named " + query.text(0) + ", and " + label.name
                + " differs from it in capitals alone. Take that class, or choose another name.");
    return {};
}

base::Result<void> EditApplier::applyOne(const AddLabel& edit)
{
    if (edit.label.id.value != 0)
        return base::usage("A new class must not have an id: the store gives one.");
    PERCEPT_ASSIGN(label, checkedLabel(edit.label));
    PERCEPT_TRY(checkNotAlike(label));
    if (label.key == 0)
        label.key = firstFreeKey(m_connection);
    if (label.position <= 0)
        label.position
            = static_cast<int>(readInteger(m_connection, "SELECT coalesce(max(position) + 1, 0) FROM label", 0));
    label.id = m_writer.writeLabel(std::nullopt, label);
    m_addedLabels.push_back(label.id);
    m_details.push_back({ Entity::Label, label.id.value, std::nullopt, toJson(label) });
    return {};
}

base::Result<void> EditApplier::applyOne(const UpdateLabel& edit)
{
    const auto before = m_writer.readLabel(edit.label.id);
    if (!before)
        return noLabel();
    PERCEPT_ASSIGN(after, checkedLabel(edit.label));
    if (after == *before)
        return {};
    if (after.name != before->name)
        PERCEPT_TRY(checkNotAlike(after));
    m_writer.writeLabel(before, after);
    m_details.push_back({ Entity::Label, after.id.value, toJson(*before), toJson(after) });
    return {};
}

std::vector<AnnotationId> EditApplier::boxesOf(LabelId label) const
{
    std::vector<AnnotationId> boxes;
    Query query(m_connection, "SELECT id FROM annotation WHERE label = ? AND batch <> ? ORDER BY id");
    query.bindAll(label.value, m_writer.pending().batch);
    while (query.next())
        boxes.push_back({ query.integer(0) });
    return boxes;
}

base::Result<void> EditApplier::checkUnused(const domain::Label& label) const
{
    Query query(m_connection,
        "SELECT count(*), sum(i.trashed), sum(a.batch = ?) FROM annotation a JOIN item i ON i.id = a.item WHERE a.label = ?");
    query.bindAll(m_writer.pending().batch, label.id.value);
    if (!query.next() || query.integer(0) == 0)
        return {};
    const std::int64_t boxes = query.integer(0);
    if (query.integer(2) == boxes)
        return base::refused("An import that is under way brings boxes of the class " + label.name + ". Wait until it has finished.");
    const bool onlyTrash = query.integer(1) == boxes;
    return base::refused("The class " + label.name + " is used by " + std::to_string(boxes) + (boxes == 1 ? " box" : " boxes")
        + (onlyTrash ? " in the trash. Empty the trash first."
                     : ". Merge it into another class, give them another class, or delete them first."));
}

base::Result<void> EditApplier::applyOne(const DeleteLabel& edit)
{
    const auto before = m_writer.readLabel(edit.id);
    if (!before)
        return noLabel();
    if (edit.withBoxes)
        for (const AnnotationId box : boxesOf(edit.id))
            PERCEPT_TRY(applyOne(DeleteAnnotation { box }));
    PERCEPT_TRY(checkUnused(*before));
    m_writer.writeLabel(before, std::nullopt);
    m_details.push_back({ Entity::Label, edit.id.value, toJson(*before), std::nullopt });
    return {};
}

base::Result<void> EditApplier::applyOne(const MergeLabels& edit)
{
    if (edit.from == edit.into)
        return base::usage("A class cannot be merged into itself.");
    if (!m_writer.readLabel(edit.from) || !m_writer.readLabel(edit.into))
        return noLabel();
    for (const AnnotationId box : boxesOf(edit.from)) {
        auto annotation = m_writer.readAnnotation(box)->annotation;
        annotation.label = edit.into;
        PERCEPT_TRY(applyOne(UpdateAnnotation { annotation }));
    }
    return applyOne(DeleteLabel { edit.from });
}

}
