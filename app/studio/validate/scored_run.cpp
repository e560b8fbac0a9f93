#include "app/studio/validate/scored_run.h"

#include "core/base/files.h"
#include "core/protocol/json_fields.h"
#include "core/protocol/model_spec.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"

#include <algorithm>

namespace percept::studio {

namespace {

constexpr int kDraws = 2000, kBandDraws = 400; // a band is drawn, not read
constexpr std::uint64_t kSeed = 0;

}

PointIntervals pointIntervals(const evaluation::MatchTable& table, const std::vector<double>& thresholds, double missCost, int draws)
{
    return { evaluation::shareIntervals(table, thresholds, draws, kSeed), evaluation::costInterval(table, thresholds, missCost, draws, kSeed) };
}

int drawsOf(const nlohmann::json& evaluation)
{
    const auto draws = evaluation.find("draws");
    return draws != evaluation.end() && draws->is_number_integer() ? static_cast<int>(std::clamp<std::int64_t>(draws->get<std::int64_t>(), 1, 10 * kDraws)) : kDraws;
}

void priceMistakes(ScoredRun& scored, double missCost)
{
    scored.missCost = missCost;
    scored.costs = evaluation::costCurve(*scored.table, missCost);
    scored.cheapest = evaluation::cheapestThresholds(*scored.table, missCost);
}

namespace {

base::Result<protocol::ModelSpec> readSpec(const std::filesystem::path& runFolder)
{
    PERCEPT_ASSIGN(text, base::readTextFile(runFolder / "model" / "spec.json", 1 << 24));
    PERCEPT_ASSIGN(json, protocol::parseJson(text, "The model's description"));
    return protocol::modelSpecFromJson(json);
}

base::Result<ScoredRun> readScoredRun(const std::filesystem::path& project, const std::string& run, domain::SplitSet set, double missCost,
    const protocol::ModelSpec& spec, std::vector<double> thresholds)
{
    const std::filesystem::path folder = runs::runFolder(project, run);
    PERCEPT_ASSIGN(images, services::readPredictions(project, run, set));
    PERCEPT_ASSIGN(text, base::readTextFile(folder / ("evaluation-" + std::string(domain::toString(set)) + ".json"), 1 << 26));
    PERCEPT_ASSIGN(document, protocol::parseJson(text, "The evaluation of the run"));

    ScoredRun scored;
    scored.run = run;
    scored.set = set;
    scored.document = std::move(document);
    scored.thresholds = std::move(thresholds);
    for (const auto& label : spec.labels) {
        scored.labels.push_back(label.name);
        scored.labelIds.push_back(label.id);
    }
    const int classes = static_cast<int>(scored.labels.size());
    for (int label = 0; label < classes; ++label) {
        scored.curves.push_back(evaluation::precisionRecall(images, label));
        scored.bands.push_back(evaluation::precisionBand(images, label, kBandDraws, kSeed));
    }
    scored.table = std::make_shared<evaluation::MatchTable>(std::move(images), classes);
    priceMistakes(scored, missCost);
    return scored;
}

}

ModelOnSet readModelOnSet(const std::filesystem::path& project, const std::string& run, domain::SplitSet set, double missCost)
{
    const auto spec = readSpec(runs::runFolder(project, run));
    if (spec.hasError())
        return { {}, false, spec.error() };
    std::vector<LabelId> labelIds;
    for (const auto& label : spec->labels)
        labelIds.push_back(label.id);
    auto thresholds = services::readThresholds(project, run);
    if (thresholds.hasError())
        return { std::move(labelIds), false, thresholds.error() };
    return { std::move(labelIds), true, readScoredRun(project, run, set, missCost, spec.value(), std::move(thresholds).value()) };
}

}
