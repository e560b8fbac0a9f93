#pragma once

#include "core/dataset/change_log.h"
#include "core/dataset/media_paths.h"
#include "core/dataset/project_store.h"

namespace percept::dataset {

// Makes `edits` in order inside the writer's transaction. Edits that change nothing leave no detail. Refused or
// NotFound with a sentence: the caller rolls back all of them.
class EditApplier
{
public:
    EditApplier(Connection& connection, EntityWriter& writer, MediaPaths& paths)
        : m_connection(connection)
        , m_writer(writer)
        , m_paths(paths)
    {
    }
    base::Result<void> apply(std::span<const Edit> edits);

    const std::vector<Detail>& details() const { return m_details; }
    const std::vector<AnnotationId>& added() const { return m_added; }
    const std::vector<LabelId>& addedLabels() const { return m_addedLabels; }

private:
    base::Result<void> applyOne(const AddAnnotation& edit);
    base::Result<void> applyOne(const UpdateAnnotation& edit);
    base::Result<void> applyOne(const DeleteAnnotation& edit);
    base::Result<void> applyOne(const SetItemState& edit);
    base::Result<void> applyOne(const SetItemSet& edit);
    base::Result<void> applyOne(const SetItemTrashed& edit);
    base::Result<void> applyOne(const AddLabel& edit);
    base::Result<void> applyOne(const UpdateLabel& edit);
    base::Result<void> applyOne(const DeleteLabel& edit);
    base::Result<void> applyOne(const MergeLabels& edit);
    base::Result<void> applyOne(const EditRun& edit);
    base::Result<void> applyOne(const SetRunThresholds& edit);
    base::Result<void> applyOne(const TakeFieldSample& edit);

    LabelId storedLabel(LabelId id) const; // what newLabel(n) became
    std::vector<AnnotationId> boxesOf(LabelId label) const; // but for what an import under way has brought
    base::Result<void> checkUnused(const domain::Label& label) const;
    base::Result<void> checkBox(const domain::Annotation& annotation) const;
    base::Result<domain::Label> checkedLabel(domain::Label label) const;
    base::Result<void> checkNotAlike(const domain::Label& label) const;
    ItemId writeTrashedItem(const FieldPictureFile& picture);
    base::Result<void> checkNotElsewhere(const TakeFieldSample& edit) const;
    bool isOneMoment(GroupId a, GroupId b, std::int64_t timeMs) const;
    GroupId joinMoment(const FieldSample& sample, ItemId item);
    struct Moment {
        std::vector<ItemId> learning; // of other samples: train, validate, or have no set yet
        bool tests = false;           // one of them is in the test set
    };
    Moment readMoment(const FieldSample& sample, GroupId group, ItemId except) const;
    base::Result<void> dropBoxes(ItemId item);
    base::Result<void> changeStatus(ItemId id, const std::function<void(ItemStatus&)>& change);

    Connection& m_connection;
    EntityWriter& m_writer;
    MediaPaths& m_paths;
    std::vector<Detail> m_details;
    std::vector<AnnotationId> m_added;
    std::vector<LabelId> m_addedLabels;
};

// The first digit key that no class has, in the order 1..9, 0; 0 when all are taken.
char firstFreeKey(Connection& connection);

}
