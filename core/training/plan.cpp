#include "core/training/plan.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

namespace percept::training {

namespace {

// Share of the cosine that is done at `step`, 0 at the end of the warm-up, 1 at the end of the last stage.
double cosineShare(const Plan& plan, double warmUp, double step)
{
    double share = 0;
    for (std::size_t k = 0; k < plan.stages.size(); ++k) {
        const double begin = std::max(static_cast<double>(plan.stages[k].from), warmUp);
        const double next = k + 1 < plan.stages.size() ? static_cast<double>(plan.stages[k + 1].from) : INFINITY;
        const double end = std::min(step, next);
        const double length = static_cast<double>(plan.stages[k].steps) - begin;
        if (end > begin && length > 0)
            share += (1 - share) * std::min(1.0, (end - begin) / length);
    }
    return share;
}

}

nlohmann::json toJson(const Plan& plan)
{
    nlohmann::json stages = nlohmann::json::array();
    for (const auto& stage : plan.stages)
        stages.push_back({ { "from", stage.from }, { "steps", stage.steps } });
    return { { "stages", stages }, { "stepsPerEpoch", plan.stepsPerEpoch }, { "validateEvery", plan.validateEvery },
        { "threads", plan.threads }, { "device", plan.device }, { "canvas", { plan.canvasWidth, plan.canvasHeight } },
        { "batchSize", plan.batchSize }, { "secondsPerStep", plan.secondsPerStep },
        { "secondsPerValidation", plan.secondsPerValidation } };
}

base::Result<Plan> planFromJson(const nlohmann::json& json)
{
    const base::Error error = base::refused("The plan in config.json cannot be read; start a new run.");
    try {
        Plan plan;
        for (const auto& stage : json.at("stages"))
            plan.stages.push_back({ stage.at("from").get<std::int64_t>(), stage.at("steps").get<std::int64_t>() });
        plan.stepsPerEpoch = json.at("stepsPerEpoch").get<std::int64_t>();
        plan.validateEvery = json.at("validateEvery").get<int>();
        plan.threads = json.at("threads").get<int>();
        plan.device = json.at("device").get<std::string>();
        plan.canvasWidth = json.at("canvas").at(0).get<int>();
        plan.canvasHeight = json.at("canvas").at(1).get<int>();
        plan.batchSize = json.at("batchSize").get<int>();
        plan.secondsPerStep = json.value("secondsPerStep", 0.0);
        plan.secondsPerValidation = json.value("secondsPerValidation", 0.0);
        const bool sound = !plan.stages.empty() && plan.stages.front().from == 0 && plan.steps() > 0 && plan.stepsPerEpoch > 0
            && plan.validateEvery > 0 && plan.threads > 0 && plan.threads <= 1024 && plan.batchSize > 0 && plan.batchSize <= 4096;
        if (!sound)
            return error;
        return plan;
    } catch (const nlohmann::json::exception&) {
        return error;
    }
}

double learningRateAt(const Plan& plan, std::int64_t step, double peak, const ScheduleOptions& options)
{
    const double warmUp = std::max(1.0, std::floor(options.warmUpShare * static_cast<double>(plan.stages.front().steps)));
    const auto at = static_cast<double>(step);
    if (at < warmUp)
        return peak * (options.warmUpStart + (1 - options.warmUpStart) * at / warmUp);
    const double share = cosineShare(plan, warmUp, at);
    return peak * (options.end + (1 - options.end) * 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

double averageDecayFor(std::int64_t steps)
{
    constexpr double kShare = 0.125, kShortest = 20, kLongest = 2000;
    return 1.0 - 1.0 / std::clamp(kShare * static_cast<double>(steps), kShortest, kLongest);
}

std::int64_t stepsThatFit(double seconds, double secondsPerStep, double secondsPerValidation, std::int64_t stepsPerEpoch,
    int validateEvery)
{
    const double perStep = std::max(secondsPerStep, 1e-6)
        + secondsPerValidation / (static_cast<double>(stepsPerEpoch) * static_cast<double>(validateEvery));
    return std::max<std::int64_t>(1, static_cast<std::int64_t>((seconds - secondsPerValidation) / perStep));
}

int chooseValidateEvery(double secondsPerEpoch, double secondsPerValidation)
{
    const double epochs = 4.0 * secondsPerValidation / std::max(secondsPerEpoch, 1e-6);
    return std::clamp(static_cast<int>(std::ceil(epochs)), 1, 1000);
}

}
