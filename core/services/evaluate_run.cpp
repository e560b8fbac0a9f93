#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/services/draft_model.h"
#include "core/services/later_answers.h"
#include "core/services/model_scoring.h"

#include <fmt/format.h>

namespace percept::services {

namespace fs = std::filesystem;
using domain::SplitSet;
using nlohmann::json;

namespace {

std::string runName(const RunModel& run) { return run.folder.filename().string(); }

// Loads the run's model into percept-edge and scores it on a set of its dataset version.
base::Result<ScoredSet> scoreRun(const dataset::ProjectReader& reader, const RunModel& run, runs::EdgeProcess& edge, const protocol::ModelSpec& spec,
    SplitSet set, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    const VersionId version { run.config.datasetVersion };
    PERCEPT_ASSIGN(items, truthOfVersion(reader, version, set));
    if (items.empty())
        return base::failed(fmt::format("Dataset version {} of run {} has no finished picture in the {} set, so there is nothing to score on.",
            version.value, runName(run), domain::toString(set)));
    PERCEPT_ASSIGN(labels, reader.readVersionLabels(version));
    return scoreItems(edge, spec, reader, items, labels, set, progress, cancel);
}

// A version's name belongs to what it ships: a draft whose thresholds were moved since is a draft again.
base::Result<std::string> modelName(const dataset::ProjectReader& reader, const std::string& run, const protocol::ModelSpec& spec)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
        if (version->run != run)
            continue;
        const auto package = packaging::Package::open(reader.folder() / version->file);
        if (package.hasValue() && package->manifest().spec == spec)
            return version->version;
    }
    return std::string("draft");
}

json metricsForManifest(json document)
{
    document.erase("skipped"); // paths of this desk do not travel
    return document;
}

}

base::Result<json> evaluateRun(const fs::path& project, const std::string& run, SplitSet set, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(model, readRunModel(project, run));
    PERCEPT_ASSIGN(draft, openDraft(model));
    PERCEPT_ASSIGN(edge, runs::EdgeProcess::start());
    PERCEPT_TRY(edge->load(fs::absolute(model.model())));
    PERCEPT_ASSIGN(scored, scoreRun(*reader, model, *edge, draft.manifest().spec, set, progress, cancel));
    PERCEPT_ASSIGN(name, modelName(*reader, run, draft.manifest().spec));
    if (progress)
        progress({ 0, 0, "Computing intervals" });
    const auto document = scoreDocument(scored, thresholdsOf(draft.manifest().spec), { run, name, model.config.datasetVersion }, cancel);
    if (cancel.isCancelled())
        return base::cancelled();
    PERCEPT_TRY(writeScore(model.folder, scored, document));
    return document;
}

base::Result<void> finishRun(const fs::path& project, const std::string& run, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(info, reader->readInfo());
    PERCEPT_ASSIGN(model, readRunModel(project, run));
    PERCEPT_ASSIGN(spec, readTrainedSpec(model));
    PERCEPT_TRY(signRunDraft(model, info.name, spec, json::object()));
    PERCEPT_ASSIGN(edge, runs::EdgeProcess::start());
    PERCEPT_TRY(edge->load(fs::absolute(model.model())));
    if (const auto golden = checkGolden(*edge); golden.hasError()) {
        if (golden.error().code == base::ErrorCode::Refused)
            withdrawDraft(model);
        return golden.error();
    }
    PERCEPT_ASSIGN(scored, scoreRun(*reader, model, *edge, spec, SplitSet::Validation, progress, cancel));
    if (progress)
        progress({ 0, 0, "Choosing thresholds" });
    constexpr double kMissCost = 2; // DESIGN 5
    auto thresholds = evaluation::cheapestThresholds(evaluation::MatchTable(scored.images, static_cast<int>(scored.labels.size())), kMissCost);
    thresholds.resize(spec.labels.size(), 0.5);
    PERCEPT_ASSIGN(network, base::sha256OfFile(model.model() / "model.onnx"));
    PERCEPT_ASSIGN(records, reader->readRunRecords());
    // Somebody has chosen for this very network before: checking it again is no reason to forget that.
    if (const auto& chosen = records[run].thresholds; chosen && chosen->network == network && chosen->values.size() == thresholds.size())
        thresholds = chosen->values;
    for (std::size_t i = 0; i < thresholds.size(); ++i)
        spec.labels[i].threshold = thresholds[i];
    const auto document = scoreDocument(scored, thresholds, { run, "draft", model.config.datasetVersion }, cancel);
    if (cancel.isCancelled())
        return base::cancelled();
    PERCEPT_TRY(signRunDraft(model, info.name, spec, { { "validation", metricsForManifest(document) } }));
    return writeScore(model.folder, scored, document);
}

base::Result<std::vector<evaluation::EvaluationImage>> readPredictions(const fs::path& project, const std::string& run, SplitSet set)
{
    PERCEPT_ASSIGN(model, readRunModel(project, run));
    const std::string name { domain::toString(set) };
    std::error_code ec;
    if (!fs::is_regular_file(model.folder / ("evaluation-" + name + ".json"), ec))
        return base::notFound(fmt::format("Run {} was not scored on the {} set yet.", run, name));
    PERCEPT_ASSIGN(text, base::readTextFile(model.folder / ("predictions-" + name + ".jsonl"), 4ull << 30));
    std::vector<evaluation::EvaluationImage> images;
    PERCEPT_TRY(eachAnswerLine(text, [&](evaluation::EvaluationImage image, bool isLater) {
        if (!isLater)
            images.push_back(std::move(image));
    }));
    if (images.empty()) // it was only asked about pictures that came later
        return base::notFound(fmt::format("Dataset version {} of run {} has no finished picture in the {} set.", model.config.datasetVersion, run, name));
    return images;
}

}
