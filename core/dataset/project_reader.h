#pragma once

#include "core/base/result.h"
#include "core/dataset/field_samples.h"
#include "core/domain/annotation.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <unordered_set>

namespace percept::dataset {

struct ProjectInfo {
    std::string name;
    domain::Task task = domain::Task::Detection;
    std::int64_t createdMs = 0;
    std::string lastRun;      // newest run id, empty if none
};

// Which items a gallery shows. Empty lists mean "any".
struct ItemFilter {
    std::vector<domain::ItemState> states {};
    std::vector<domain::SplitSet> sets {};  // SplitSet::None = not assigned
    std::vector<LabelId> labels {};         // has at least one box of one of these
    bool noObjects = false;              // instead of labels: items without boxes
    bool flaggedBoxes = false;           // has a box without area
    bool unreadable = false;             // has a problem
    std::string nameContains {};
    bool inTrash = false;
    bool operator==(const ItemFilter&) const = default;
};

struct Counts {
    std::int64_t items = 0, boxes = 0, emptyAreaBoxes = 0, trashed = 0;
    std::map<domain::ItemState, std::int64_t> byState;
    std::map<domain::SplitSet, std::int64_t> bySet;
    struct PerLabel { std::int64_t boxes = 0, items = 0; std::map<domain::SplitSet, std::int64_t> boxesBySet; };
    std::map<LabelId, PerLabel> byLabel;
    std::map<domain::Origin, std::int64_t> testBoxesByOrigin;
};

struct ChangeEntry {
    ChangeId id;
    std::int64_t timeMs = 0;
    std::string who;
    std::string title;  // "Deleted 3 boxes"
    bool undone = false;
};

struct DatasetVersion {
    VersionId id;
    std::int64_t timeMs = 0;
    std::string manifestSha256;
    std::int64_t items = 0, boxes = 0;
};

// One labeled item of a frozen version: what trains, so boxes without area are left out.
struct VersionItem {
    domain::Item item;
    std::vector<domain::Annotation> annotations; // as they were
};

struct LabelingDay { std::string day; std::int64_t gathered = 0, labeled = 0, done = 0; };

// Thresholds that somebody chose for the model of a run, in class order. They belong to one network (sha256 of its model.onnx):
// a run that is trained on makes another one.
struct RunThresholds {
    std::string network;
    std::vector<double> values;
    bool operator==(const RunThresholds&) const = default;
};
// What people say about a run; the rest of it stands in its folder.
struct RunRecord {
    std::string name, note; // empty: none
    bool trashed = false;
    bool removed = false; // its folder was deleted for good
    std::optional<RunThresholds> thresholds {}; // nullopt: those that its check chose
    bool operator==(const RunRecord&) const = default;
};

// Read-only view of a project: its own connection (mode=ro), so it may be opened beside the one writer by any program
// and any thread. One thread at a time uses one reader. Every call is one consistent snapshot.
class ProjectReader {
public:
    // Opens PROJECT (the folder name.percept). Refused: not a Percept project, newer schema; the sentence says which.
    static base::Result<std::unique_ptr<ProjectReader>> open(const std::filesystem::path& project);
    virtual ~ProjectReader() = default;

    virtual const std::filesystem::path& folder() const = 0;
    virtual base::Result<ProjectInfo> readInfo() const = 0;
    virtual base::Result<std::vector<domain::Label>> readLabels() const = 0;
    virtual base::Result<Counts> readCounts() const = 0;

    // Keyset paging: up to `limit` items with id > after, ascending. Cost does not depend on how deep.
    virtual base::Result<std::vector<domain::Item>> readItems(const ItemFilter& filter, ItemId after, int limit) const = 0;
    // All ids that match, ascending: what a gallery of 100,000 items holds (8 bytes each).
    virtual base::Result<std::vector<ItemId>> readItemIds(const ItemFilter& filter) const = 0;
    virtual base::Result<std::optional<domain::Item>> readItem(ItemId id) const = 0;
    virtual base::Result<std::vector<domain::Annotation>> readAnnotations(ItemId item) const = 0;
    // Absolute path of an item's file.
    virtual std::filesystem::path mediaPath(const domain::Item& item) const = 0;

    virtual base::Result<std::int64_t> readRevision() const = 0; // number of the last committed change
    virtual base::Result<std::vector<ChangeEntry>> readHistory(int limit) const = 0;
    virtual base::Result<std::optional<std::string>> undoTitle() const = 0;
    virtual base::Result<std::optional<std::string>> redoTitle() const = 0;

    virtual base::Result<std::vector<DatasetVersion>> readVersions() const = 0;
    virtual base::Result<std::vector<VersionItem>> readVersionItems(VersionId version, std::optional<domain::SplitSet> set) const = 0;
    virtual base::Result<std::vector<domain::Label>> readVersionLabels(VersionId version) const = 0;
    virtual base::Result<std::vector<LabelingDay>> readLabelingDays() const = 0;
    // Groups that lie in more than one of train, validation, test: a leak. Pairs of (group, item ids).
    virtual base::Result<std::vector<std::pair<GroupId, std::vector<ItemId>>>> readTornGroups() const = 0;
    // A small fact that a service wrote with writeFact; nullopt: never written.
    virtual base::Result<std::optional<std::string>> readFact(const std::string& name) const = 0;
    // Packaged models of the project, by version number "1.0"...; file relative to the project folder.
    struct ModelVersion { std::string version; std::string run; std::string file; std::int64_t timeMs = 0; };
    virtual base::Result<std::vector<ModelVersion>> readModelVersions() const = 0;
    // Pictures that devices sent home, those in the trash included; oldest first. And the one that an item came as.
    virtual base::Result<std::vector<StoredFieldSample>> readFieldSamples() const = 0;
    virtual base::Result<std::optional<FieldSample>> readFieldSample(ItemId item) const = 0;
    // For telling equal files, the trash aside: sizes in bytes of those whose content is known, and an item with this content (SHA-256).
    virtual base::Result<std::unordered_set<std::int64_t>> readContentSizes() const = 0;
    virtual base::Result<std::optional<domain::Item>> findItemByContent(const std::string& sha256) const = 0;
    // By run id; runs that nobody said anything about are not there.
    virtual base::Result<std::map<std::string, RunRecord>> readRunRecords() const = 0;
};

}
