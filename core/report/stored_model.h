#pragma once

#include "core/dataset/project_reader.h"
#include "core/evaluation/detection_metrics.h"
#include "core/report/report.h"

#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

// Inside of core/report: today's test set, and what stored models answered on it. Not for other folders.
namespace percept::report {

// The same draws as `evaluate` makes, so that both say the same; fewer for sets where intervals are narrow anyway.
inline constexpr std::uint64_t kDrawSeed = 0;
constexpr int drawsFor(std::size_t pictures) { return pictures > 2000 ? 500 : 2000; }

// Finished pictures of the test set with their labels of today. A truth's label is the class's place in `labels`.
struct TestSet {
    std::vector<domain::Label> labels;
    std::vector<evaluation::EvaluationImage> images;
    std::int64_t objects = 0;
    std::unordered_map<std::int64_t, std::int64_t> accepted {}; // by item: labels that are a model's answers as they were
};
base::Result<TestSet> readTestSet(const dataset::ProjectReader& reader);

// Which model: a version with its package, or the draft of a run (version empty).
struct ModelName {
    std::string version, run;
    std::filesystem::path package; // relative to the project; empty for a draft
    std::int64_t timeMs = 0;
    std::string title {}; // what people call the run; empty: its number
    // "1.1", "draft of run 2" or "draft Night shift"
    std::string forPeople() const;
};

// "run 2" for r0002; a name of another form as it is.
std::string runForPeople(const std::string& run);

// Its answers by item, classes and thresholds in the order of TestSet::labels.
struct StoredModel {
    ModelName name;
    std::unordered_map<std::int64_t, std::vector<domain::Detection>> answers;
    std::vector<double> thresholds;
    std::vector<bool> knows; // per class: the model was trained with it
    std::int64_t skipped = 0; // pictures that could not be read when it was scored
    std::unordered_set<std::int64_t> later {}; // items that it was shown after it was scored, for a comparison

    bool hasAnswered(const evaluation::EvaluationImage& image) const { return answers.count(image.item) > 0; }
    // The pictures of `images` that it was asked about, with its answers.
    std::vector<evaluation::EvaluationImage> answered(const std::vector<evaluation::EvaluationImage>& images) const;
    // Those of `images` that its score is of, with its answers: what it says of itself does not depend on what it was asked since. All that
    // it has answered, where it was scored on none of them.
    std::vector<evaluation::EvaluationImage> scored(const std::vector<evaluation::EvaluationImage>& images) const;
};
// NotFound: it was not scored on a test set yet.
base::Result<StoredModel> readStoredModel(
    const std::filesystem::path& project, const ModelName& name, const std::vector<domain::Label>& labels);

// At its own thresholds.
OwnPoint ownPoint(const StoredModel& model, const std::vector<evaluation::EvaluationImage>& images);
// Share of the labels on `images` that are a model's answers as they were.
double acceptedShare(const TestSet& test, const std::vector<evaluation::EvaluationImage>& images);
// On those of `images`, which are of `test`, that both have answered; not present without any.
Comparison compareStored(const StoredModel& before, const StoredModel& now, const TestSet& test, const std::vector<evaluation::EvaluationImage>& images);

}
