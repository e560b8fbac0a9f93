#pragma once

#include "core/base/cancel.h"
#include "core/dataset/field_samples.h"
#include "core/dataset/project_reader.h"

#include <functional>
#include <span>
#include <variant>

namespace percept::dataset {

// The class of a box that comes with the class itself: label `newLabel(0)` is the first AddLabel before it in the same list
// of edits, newLabel(1) the second.
constexpr LabelId newLabel(int nth) { return { -1 - nth }; }

// One change to the labels of an item; a list of them is one undo step.
struct AddAnnotation { domain::Annotation annotation; };           // id 0: the store gives one
struct UpdateAnnotation { domain::Annotation annotation; };        // by id: label, box, flags, origin
struct DeleteAnnotation { AnnotationId id; };
struct SetItemState { ItemId item; domain::ItemState state; };
struct SetItemSet { ItemId item; domain::SplitSet set; };
struct SetItemTrashed { ItemId item; bool trashed = true; };
struct AddLabel { domain::Label label; };                          // id 0: the store gives one
struct UpdateLabel { domain::Label label; };                       // rename, colour, key, place
struct DeleteLabel { LabelId id; bool withBoxes = false; };        // without: Refused while boxes use it, those in the trash too
struct MergeLabels { LabelId from, into; };                        // all boxes of `from`, those in the trash too; `from` goes
// Only what is given changes. Refused: the trash, for a run that a model version stands on.
struct EditRun {
    std::string run; // "r0002"
    std::optional<std::string> name {}, note {};
    std::optional<bool> trashed {};
};
struct SetRunThresholds {
    std::string run;
    RunThresholds thresholds;
    std::vector<double> before; // those of the network until now: what undo goes back to
};
// A picture that a device sent home joins the project with its first boxes. Taking a sample that is in the project changes nothing;
// undo puts it into the trash. Samples of one moment (kMomentMs) are one group, and beside one that tests none learns: the others are
// put into the reserve, in the same step. Conflict: while an import is under way, or when another item has the same bytes.
struct FieldPictureFile {
    std::filesystem::path file; // absolute
    std::string name, contentHash;
    std::int64_t sizeBytes = 0;
    int width = 0, height = 0;
};
struct TakeFieldSample {
    FieldSample sample;
    FieldPictureFile picture;
    domain::ItemState state = domain::ItemState::ToDo;
    domain::SplitSet set = domain::SplitSet::None;
    std::vector<domain::Annotation> boxes; // their item is the new one
};
using Edit = std::variant<AddAnnotation, UpdateAnnotation, DeleteAnnotation, SetItemState, SetItemSet, SetItemTrashed,
    AddLabel, UpdateLabel, DeleteLabel, MergeLabels, EditRun, SetRunThresholds, TakeFieldSample>;

// What a committed change did. The number is on disk (WAL, synchronous=FULL) when this exists.
struct Committed {
    ChangeId change;
    std::vector<AnnotationId> added; // ids given to AddAnnotation, in order
    std::vector<LabelId> addedLabels;
    std::vector<ItemId> touchedItems;
    bool labelsChanged = false, itemsChanged = false;
    std::vector<std::string> touchedRuns {};
};

// An item as an importer brings it. Equal path and hash is the same item; equal boxes are skipped and counted.
struct ImportBox { std::string label; domain::Box box; domain::AnnotationFlags flags; };
struct ImportItem {
    std::filesystem::path file; // absolute
    std::string name;
    std::string contentHash;    // may be empty: the store hashes later
    std::int64_t sizeBytes = 0;
    int width = 0, height = 0;
    domain::SplitSet set = domain::SplitSet::None; // the source's own split
    std::string groupKey;       // equal keys share a group; empty: by equal bytes only
    bool labeled = false;       // came with annotations, or listed by an annotated set: counts as done
    std::vector<ImportBox> boxes;
};
// Where the file of an item is.
struct ItemFile { ItemId item; std::filesystem::path file; };
// A content hash that was read after its import. The fact names the last import that left some to be read; empty or absent: none
// is missing.
struct ItemHash { ItemId item; std::string sha256; };
constexpr const char* kMissingHashesFact = "hashes.missing";
// duplicateBoxes: left out as equal to one that was there before, or (repeatedBoxes of them) to another of the same import.
struct ImportTotals { std::int64_t items = 0, newItems = 0, annotations = 0, duplicateBoxes = 0, emptyAreaBoxes = 0, repeatedBoxes = 0; };

struct SplitOptions {
    double validation = 0.2, test = 0.2;
    std::uint64_t seed = 0;
    bool onlyUnassigned = true; // a set that came with the data or was given before is never changed
    std::map<std::string, std::string> groupOfName {}; // item name -> group key, from a CSV
};
// An item of a group that has a set already goes there too, except into validation or test that came with the data: it
// stays without a set then. tornGroups: groups that lie in several sets since before (see readTornGroups).
struct SplitResult { std::map<domain::SplitSet, std::int64_t> assigned; std::int64_t groups = 0, tornGroups = 0; };

// What is wrong with a run or package lies in its files, which no backup of the database holds.
struct CheckFinding {
    std::string what;
    bool isError = true;
    enum class In { Database, Run, Package } in = In::Database;
};

// The one read-write connection of a project, held with its lock file (which names the program, host and process).
// Lives on one thread (services::ProjectSession gives it one). Every edit is one committed transaction and one row of the
// append-only change log; a transaction rolls back unless it commits.
class ProjectStore : public ProjectReader {
public:
    static base::Result<std::unique_ptr<ProjectStore>> create(
        const std::filesystem::path& project, const std::string& name, domain::Task task, const std::vector<std::string>& labels);
    // Takes the lock, migrates (after a backup), removes unfinished batches. Conflict: names who has it open.
    static base::Result<std::unique_ptr<ProjectStore>> open(const std::filesystem::path& project, const std::string& programName);

    virtual base::Result<Committed> apply(std::span<const Edit> edits, const std::string& title) = 0;
    virtual base::Result<std::optional<Committed>> undo() = 0; // nullopt: nothing to undo
    virtual base::Result<std::optional<Committed>> redo() = 0;

    // Import: begin, add in chunks (each commits, <= 20 ms), finish makes the batch visible and is one row of the history.
    virtual base::Result<BatchId> beginImport(const std::string& title) = 0;
    virtual base::Result<void> addToImport(BatchId batch, std::span<const ImportItem> items) = 0;
    virtual base::Result<ImportTotals> finishImport(BatchId batch) = 0;
    virtual base::Result<void> abandonImport(BatchId batch) = 0;

    virtual base::Result<SplitResult> split(const SplitOptions& options) = 0;
    virtual base::Result<DatasetVersion> freezeVersion() = 0; // same content as the last one: returns that one
    virtual base::Result<void> emptyTrash() = 0; // items trashed; the only edit that undo cannot bring back
    // No history row. Equal bytes share a group from then on. What a power cut takes is missing again, and read again.
    virtual base::Result<void> writeContentHashes(std::span<const ItemHash> hashes) = 0;
    // The files lie elsewhere now; no history row, as the labels are the same. Returns where they were, so that the same call takes
    // it back. Left out: items that are gone, and a file that another item has already.
    virtual base::Result<std::vector<ItemFile>> moveItemFiles(std::span<const ItemFile> files) = 0;
    virtual base::Result<void> writeItemProblem(ItemId item, const std::string& problem) = 0;
    virtual base::Result<std::string> nextRunId() = 0; // "r0001"
    // The project's next version: 1.0, 1.1, ... Conflict, and nothing is written, when that is not `expected` (empty: any will do).
    virtual base::Result<ModelVersion> addModelVersion(const std::string& run, const std::string& file, const std::string& expected = {}) = 0;
    // Marks the runs in the trash as gone, so that nothing brings them back. Returns all that are: their folders may be deleted.
    virtual base::Result<std::vector<std::string>> removeTrashedRuns() = 0;
    virtual base::Result<void> updateModelVersionFile(const std::string& version, const std::string& file) = 0;
    virtual base::Result<void> writeFact(const std::string& name, const std::string& value) = 0; // no history row
    virtual base::Result<std::filesystem::path> backup(const std::string& reason) = 0;
    // A backup when the project has changed and the last one is an hour old; nullopt: not needed. Cheap to ask.
    virtual base::Result<std::optional<std::filesystem::path>> maybeHourlyBackup() = 0;
};

// backups/ of a project, newest first.
struct BackupInfo { std::filesystem::path file; std::int64_t timeMs = 0; std::string reason; };
base::Result<std::vector<BackupInfo>> listBackups(const std::filesystem::path& project);
// Replaces project.db by a backup; the replaced one becomes a backup itself. The project must not be open.
base::Result<void> restoreBackup(const std::filesystem::path& project, const std::filesystem::path& backup);
// Integrity of the store: SQLite's check, foreign keys, counters against scans, change log against state, media present.
base::Result<std::vector<CheckFinding>> checkStore(const std::filesystem::path& project, bool readMedia, const base::ProgressFn& progress,
    const base::CancelToken& cancel = {});

}
