#include "core/training/pace.h"

#include <algorithm>

namespace percept::training {

namespace {
constexpr double kWeight = 0.03; // of the newest step: the last thirty or so count
constexpr std::int64_t kUsefulSteps = 5;
}

void Pace::start(double secondsPerStep, double secondsPerValidation)
{
    m_step = secondsPerStep;
    m_validation = secondsPerValidation;
    m_steps = secondsPerStep > 0 ? kUsefulSteps : 0;
}

void Pace::stepTook(double seconds)
{
    const double weight = std::max(kWeight, 1.0 / static_cast<double>(++m_steps));
    m_deviation += weight * (std::abs(seconds - m_step) - m_deviation);
    m_step += weight * (seconds - m_step);
}

void Pace::validationTook(double seconds)
{
    m_validation = seconds;
}

Pace::Left Pace::left(const Plan& plan, std::int64_t step, double exportSeconds) const
{
    if (m_steps < kUsefulSteps)
        return {};
    const auto steps = static_cast<double>(std::max<std::int64_t>(0, plan.steps() - step));
    const double validations = std::ceil(steps / static_cast<double>(plan.stepsPerEpoch * plan.validateEvery));
    const double likely = steps * m_step + validations * m_validation + exportSeconds;
    const double spread = std::clamp(m_step > 0 ? m_deviation / m_step : 0.3, 0.05, 0.5);
    return { likely, likely * (1 - spread), likely * (1 + 1.5 * spread) };
}

}
