#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace percept::training {

// From step `from` on, the run ends at step `steps`.
struct PlanStage {
    std::int64_t from = 0, steps = 0;
    bool operator==(const PlanStage&) const = default;
};

// What was decided once and holds for the rest of the run; stored in config.json under "plan". A run that goes on after a
// crash reads it instead of measuring again: that is what makes its weights equal to those of an undisturbed run.
struct Plan {
    std::vector<PlanStage> stages; // the first from 0; later ones are changes of plan, by step
    std::int64_t stepsPerEpoch = 1;
    int validateEvery = 1; // epochs
    int threads = 1;
    std::string device = "cpu";
    int canvasWidth = 0, canvasHeight = 0;
    int batchSize = 1;
    double secondsPerStep = 0, secondsPerValidation = 0; // as measured before the first step

    std::int64_t steps() const { return stages.back().steps; }
    int epochs() const { return static_cast<int>((steps() + stepsPerEpoch - 1) / stepsPerEpoch); }
    bool operator==(const Plan&) const = default;
};
nlohmann::json toJson(const Plan& plan);
base::Result<Plan> planFromJson(const nlohmann::json& json);

struct ScheduleOptions { double warmUpShare = 0.05, warmUpStart = 0.05, end = 0.02; };
// Linear warm-up over a share of the first stage, then half a cosine down to the end factor. A change of plan stretches or
// squeezes what is left of the cosine from where it stands, without a jump.
double learningRateAt(const Plan& plan, std::int64_t step, double peak, const ScheduleOptions& options = {});

// Decay of the moving average of the weights, for a run that was planned to take `steps`: it looks back over an eighth of the
// run, between 20 and 2,000 steps. An average that looks back over most of a short run still holds what the weights were when
// the learning rate was high (bccd, 816 steps, validation AP: .582 with .998, .603 with .99, .601 without an average).
double averageDecayFor(std::int64_t steps);

// Steps that fit into `seconds`, with a validation every `validateEvery` epochs and one at the end. At least 1.
std::int64_t stepsThatFit(double seconds, double secondsPerStep, double secondsPerValidation, std::int64_t stepsPerEpoch,
    int validateEvery);
// Epochs between validations, so that validating takes at most a fifth of the time.
int chooseValidateEvery(double secondsPerEpoch, double secondsPerValidation);

}
