#pragma once

#include "core/base/result.h"
#include "core/evaluation/uncertainty.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace percept::studio {

// Everything that the Validate page shows of one run on one set: stored predictions matched once, curves, the document of
// the evaluation. Values only; made on a background thread, then read by the interface.
struct ScoredRun {
    std::string run;
    domain::SplitSet set = domain::SplitSet::Validation;
    std::vector<std::string> labels;
    std::vector<LabelId> labelIds;
    std::vector<double> thresholds; // stored with the model
    std::shared_ptr<const evaluation::MatchTable> table;
    std::vector<std::vector<evaluation::CurvePoint>> curves; // precision over recall, per class
    std::vector<std::vector<evaluation::BandPoint>> bands;   // 95 % around them
    std::vector<evaluation::CostPoint> costs;
    double missCost = 2;
    std::vector<double> cheapest; // per class
    nlohmann::json document;      // evaluation-SET.json
};

// What is known of the model of a run. It may be used once percept-edge has checked it (services::finishRun).
struct ModelOnSet {
    std::vector<LabelId> labelIds;
    bool isChecked = false;
    base::Result<ScoredRun> scored; // NotFound: not scored on this set yet
};
ModelOnSet readModelOnSet(const std::filesystem::path& project, const std::string& run, domain::SplitSet set, double missCost);

// What is uncertain about one setting of the thresholds.
struct PointIntervals {
    evaluation::ShareIntervals shares;
    evaluation::Interval cost; // per 100 pictures
};
// With as many draws as the evaluation was made with, Report and the command line say the same.
PointIntervals pointIntervals(const evaluation::MatchTable& table, const std::vector<double>& thresholds, double missCost, int draws);
int drawsOf(const nlohmann::json& evaluation);

// Costs anew for another price of a miss.
void priceMistakes(ScoredRun& scored, double missCost);

}
