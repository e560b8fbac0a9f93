#pragma once

#include "core/base/cancel.h"
#include "core/dataset/project_reader.h"
#include "core/evaluation/detection_metrics.h"
#include "core/packaging/package.h"
#include "core/runs/process.h"
#include "core/services/loop.h"

#include <nlohmann/json.hpp>

namespace percept::services {

// Pictures with their truth, and what a model answered.
struct ScoredSet {
    domain::SplitSet set = domain::SplitSet::Validation;
    std::vector<evaluation::EvaluationImage> images;
    std::vector<std::string> labels; // of the model, then classes that only the truth has
    std::vector<Problem> skipped;    // pictures that could not be read or are not those that were labeled
};

// Finished pictures of a set, as they were in a dataset version / as they are now.
base::Result<std::vector<dataset::VersionItem>> truthOfVersion(const dataset::ProjectReader& reader, VersionId version, domain::SplitSet set);
base::Result<std::vector<dataset::VersionItem>> truthOfToday(const dataset::ProjectReader& reader, domain::SplitSet set);

// Runs the model that `edge` has loaded over the pictures, every answer above the specification's floor.
base::Result<ScoredSet> scoreItems(runs::EdgeProcess& edge, const protocol::ModelSpec& spec, const dataset::ProjectReader& reader,
    const std::vector<dataset::VersionItem>& items, const std::vector<domain::Label>& projectLabels, domain::SplitSet set,
    const base::ProgressFn& progress, const base::CancelToken& cancel);

// What the score is of; becomes part of the document.
struct ScoreOrigin { std::string run, model; std::int64_t datasetVersion = 0; };
// evaluation-SET.json as documented in core/evaluation/evaluation_document.h.
nlohmann::json scoreDocument(const ScoredSet& scored, const std::vector<double>& thresholds, const ScoreOrigin& origin,
    const base::CancelToken& cancel = {}); // cancelled: of no use
// predictions-SET.jsonl and evaluation-SET.json in the run's folder.
base::Result<void> writeScore(const std::filesystem::path& runFolder, const ScoredSet& scored, const nlohmann::json& document);

// What a model in percept-edge may differ from what training computed (float32).
inline constexpr double kGoldenScoreTolerance = 1e-4, kGoldenBoxTolerance = 0.5;
// Refused when the loaded model misses its golden outputs.
base::Result<void> checkGolden(runs::EdgeProcess& edge);

std::vector<double> thresholdsOf(const protocol::ModelSpec& spec);

}
