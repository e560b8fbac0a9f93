#pragma once

#include "core/packaging/package.h"
#include "core/protocol/run_config.h"
#include "core/services/loop.h"

#include <filesystem>

namespace percept::services {

// What stands in a run's folder about the model and the data it came from.
struct RunModel {
    std::filesystem::path folder; // runs/ID
    protocol::RunConfig config;
    std::string datasetManifestSha256;
    std::filesystem::path model() const { return folder / "model"; }
};
// NotFound: no such run.
base::Result<RunModel> readRunModel(const std::filesystem::path& project, const std::string& run);

// The specification as the trainer wrote it (model/spec.json), before thresholds were chosen.
base::Result<protocol::ModelSpec> readTrainedSpec(const RunModel& run);
// Signs runs/ID/model/ as a draft with the user's key.
base::Result<void> signRunDraft(const RunModel& run, const std::string& projectName, protocol::ModelSpec spec, nlohmann::json metrics);
// Takes the signature away: what lies there is no model to use.
void withdrawDraft(const RunModel& run);
// The verified draft; Failed with a sentence when training or finishRun() is not through.
base::Result<packaging::Package> openDraft(const RunModel& run);

// The files of a trained model are not those that were written: the trainer has to write them anew.
bool isModelDamaged(const RunModel& run);
// From which the trainer can do that.
bool hasCheckpoint(const RunModel& run);

// The network of a draft: sha256 of its model.onnx.
std::string networkOf(const packaging::Manifest& draft);
// Brings the drafts of `runs` (all, when empty) in line with the thresholds that the history holds for their networks. Returns
// the sentence of the last failure, or nothing.
std::string matchDrafts(const dataset::ProjectReader& reader, const std::vector<std::string>& runs);

}
