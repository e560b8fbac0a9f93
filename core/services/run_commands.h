#pragma once

#include "core/services/project_session.h"

#include <filesystem>
#include <string>
#include <vector>

// What people do with runs and their models beside training them. Edits go through ProjectSession::apply, so that undo takes
// them back; whoever makes one calls these from a worker thread, as they read files.
namespace percept::services {

// A model that can be looked at: the draft of a run.
struct ModelInfo {
    std::string run, name;  // name: what people call the run; may be empty
    std::string version;    // that the run was packaged as last; empty: not yet
    bool isAsPackaged = false; // the draft is what that version ships; false: thresholds were moved, or it was trained on
};
// Newest first.
base::Result<std::vector<ModelInfo>> listModels(const dataset::ProjectReader& reader);

// Thresholds of a run's draft, in class order, as a step of the history. The draft follows when it is committed, undone or redone.
// Failed: the model was not checked yet. Usage: not one for each class, or outside of 0..1.
base::Result<dataset::Edit> chooseThresholds(const std::filesystem::path& project, const std::string& run, const std::vector<double>& thresholds);

// Puts a run into the trash. Refused: a model version stands on it, it is being trained, or another run that is not done starts
// from it.
base::Result<dataset::Edit> trashRun(const dataset::ProjectReader& reader, const std::string& run);

struct TrashedRuns { std::int64_t runs = 0; std::uint64_t bytes = 0; };
base::Result<TrashedRuns> readTrashedRuns(const dataset::ProjectReader& reader);
// Deletes the folders of the runs in the trash for good: weights, curves, scores. Blocks; not to be undone.
base::Result<TrashedRuns> removeTrashedRuns(ProjectSession& session);

}
