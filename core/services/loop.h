#pragma once

#include "core/base/cancel.h"
#include "core/dataset/project_store.h"
#include "core/evaluation/detection_metrics.h"
#include "core/packaging/package.h"
#include "core/protocol/run_config.h"
#include "core/runs/process.h"
#include "core/runs/run_store.h"
#include "core/services/picture_size.h"
#include "core/services/project_session.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

// The steps of the loop as the studio and the command line call them. All block the calling thread (the studio calls them
// from a worker), report progress and poll the cancel token.
namespace percept::services {

struct Problem { std::string file, what; };
// For people: "a.jpg: it is damaged.", or the sentence alone when it names the file itself.
std::string lineOf(const Problem& problem);

struct ImportRequest {
    std::filesystem::path path;        // a folder, a file, an annotated set
    std::string format = "auto";       // "auto", "voc", "coco", "folder"
    std::filesystem::path mediaFolder; // empty: found from path
    std::optional<domain::SplitSet> set; // forces the set of everything that comes in
    std::vector<std::filesystem::path> files {}; // pictures of `path`, read as such in one step; empty: all that is there
};
struct ImportReport {
    std::string format;
    dataset::ImportTotals totals;
    std::vector<std::string> notes;    // conventions chosen, e.g. "Boxes read as 0-based"
    std::vector<Problem> problems;     // what did not come in, and why; of very many the first thousand, and how many more
    std::int64_t numProblems = 0;      // of all
};
base::Result<ImportReport> importData(ProjectSession& session, const ImportRequest& request,
    const base::ProgressFn& progress, const base::CancelToken& cancel);

// Which pictures; of them those that are done go out.
struct ExportScope {
    dataset::ItemFilter filter {};
    std::vector<ItemId> only {}; // of these, ascending; empty: all of the filter
};
struct ExportReport {
    std::int64_t items = 0, annotations = 0;
    std::vector<Problem> problems; // one without a file counts what is not done
};
// Reads back what it wrote and compares before it says done.
base::Result<ExportReport> exportData(const dataset::ProjectReader& reader, const std::filesystem::path& out,
    const std::string& format, const base::ProgressFn& progress, const base::CancelToken& cancel, const ExportScope& scope = {});
// What exportData would write, without looking at the picture files.
struct ExportOutline {
    std::int64_t items = 0, annotations = 0, notDone = 0; // not done: left out
    struct File { std::string path; std::int64_t items = 0, annotations = 0; }; // "images/train/": a folder with a file each
    std::vector<File> files;
};
base::Result<ExportOutline> outlineExport(const dataset::ProjectReader& reader, const std::string& format, const ExportScope& scope,
    const base::CancelToken& cancel = {});

// What stands in the way of a good training, for the wizard's first page and for `train`.
struct DataFinding { enum class Level { Good, Note, Warning, Blocker } level; std::string text; std::string link; }; // link: "gather?set=none", ...
struct DataCheck { std::vector<DataFinding> findings; std::int64_t train = 0, validation = 0, test = 0; bool canTrain = false; PictureSize size = {}; };
base::Result<DataCheck> checkTrainingData(const dataset::ProjectReader& reader);

struct TrainRequest {
    std::string recipe = "full";
    std::optional<int> epochs;
    std::optional<double> timeLimitMinutes;
    std::uint64_t seed = 0;
    int threads = 0;
    std::string from; // run id or .ppkg
    std::optional<int> longSide; // of the network's canvas, pixels; nullopt: choosePictureSize
};
// What `train` does when told neither epochs nor minutes: about 1,600 steps, at least 10 epochs, at most 100.
int defaultEpochs(std::int64_t trainItems, int batchSize = 4);
// Splits what has no set (once, 60/20/20 by group; a split that came with the data is neither extended nor changed), freezes
// a version, writes runs/ID/{config.json,snapshot/}. Returns the run id. Refused: what checkTrainingData calls a blocker.
base::Result<std::string> prepareRun(ProjectSession& session, const TrainRequest& request,
    const base::ProgressFn& progress = {}, const base::CancelToken& cancel = {});
// Before a training goes on: pictures of its snapshot that lie elsewhere now (same content) are written there with their new place.
// Returns how many.
base::Result<int> findMovedPictures(const dataset::ProjectReader& reader, const std::filesystem::path& runFolder);
// All runs but those in the trash, newest first, with the version that each was packaged as and what people say about it.
base::Result<std::vector<runs::RunInfo>> listRuns(const dataset::ProjectReader& reader);
// After the trainer's "finished ok|stopped": golden check by percept-edge, validation score, thresholds (cheapest when a miss
// costs two false alarms), signed draft in runs/ID/model/. May be called again. Refused: the model answers otherwise in
// percept-edge than in training; there is no draft then.
base::Result<void> finishRun(const std::filesystem::path& project, const std::string& run,
    const base::ProgressFn& progress, const base::CancelToken& cancel);

// Predicts with percept-edge on the run's model and scores; writes predictions-SET.jsonl and evaluation-SET.json in the run.
// Truth: the run's dataset version.
base::Result<nlohmann::json> evaluateRun(const std::filesystem::path& project, const std::string& run, domain::SplitSet set,
    const base::ProgressFn& progress, const base::CancelToken& cancel);
// The images of an evaluation as stored; NotFound when `evaluate` has not run for this set.
base::Result<std::vector<evaluation::EvaluationImage>> readPredictions(const std::filesystem::path& project, const std::string& run, domain::SplitSet set);
// Shows every packaged version, and the newest finished run, those pictures of today's test set that it has not answered yet
// (kept in the run's predictions-test.jsonl, marked): what a report compares. `runs`: asked as well, though they were neither packaged
// nor scored. Returns the runs that could not be asked.
base::Result<std::vector<Problem>> answerTodaysTest(const std::filesystem::path& project, const base::ProgressFn& progress,
    const base::CancelToken& cancel, const std::vector<std::string>& runs = {});
// The same for these alone, versions or runs: what is needed to compare two. One that is not known is passed over.
base::Result<std::vector<Problem>> answerTodaysTestOf(const std::filesystem::path& project, const std::vector<std::string>& models,
    const base::ProgressFn& progress, const base::CancelToken& cancel);
// Thresholds of a run's draft model, in class order; writing signs the draft anew.
base::Result<std::vector<double>> readThresholds(const std::filesystem::path& project, const std::string& run);
base::Result<void> writeThresholds(const std::filesystem::path& project, const std::string& run, const std::vector<double>& thresholds);

// Gives the run's draft the project's next version number and writes it into packages/ and, unless that is empty, to `out`.
// What is reported is the score of the written file, by percept-edge. A run that is packaged again unchanged keeps its number,
// unless the stored file of that version is damaged: then the next one takes its place, and a note says so.
// Refused: a gate, or another packaging through this ProjectSession is under way.
struct PackageReport { std::filesystem::path file; std::string version; nlohmann::json metrics; std::vector<std::string> notes = {}; };
base::Result<PackageReport> packageRun(ProjectSession& session, const std::string& run, const std::filesystem::path& out,
    const base::ProgressFn& progress, const base::CancelToken& cancel);

// Store, media, runs and packages. Reads only; works beside a writer.
base::Result<std::vector<dataset::CheckFinding>> checkProject(const std::filesystem::path& project, const base::ProgressFn& progress,
    const base::CancelToken& cancel = {});

// Draws the sample pictures (small parts on a tray: changing light, blur, scale, clutter, overlaps) and a project on them.
// Cancelled: nothing is left of it.
base::Result<void> makeSample(const std::filesystem::path& project, domain::Task task, int items, std::uint64_t seed,
    const base::ProgressFn& progress, const base::CancelToken& cancel = {});

}
