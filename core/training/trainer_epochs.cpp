#include "core/training/trainer_run.h"

#include <algorithm>
#include <cmath>
#include <spdlog/spdlog.h>

namespace percept::training {

namespace {
constexpr std::uint64_t kFileRoom = 1 << 20; // a plan, a sample
}

bool Trainer::isEpochEnd() const
{
    return m_state->step > 0 && (m_state->step % m_plan.stepsPerEpoch == 0 || m_state->step >= m_plan.steps());
}

base::Result<void> Trainer::validate()
{
    m_reporter.phase("validating");
    const double before = base::monotonicSeconds();
    const auto values = m_state->averageValues();
    auto result = m_validation->run(m_state->network, values, [this] { return !m_control.leaving(); });
    if (!result.has_value())
        return {}; // asked to leave; done again when the run goes on
    m_state->closedStep = m_state->step;
    m_pace.validationTook(base::monotonicSeconds() - before);
    PERCEPT_TRY(metric("val/loss", result->loss));
    PERCEPT_TRY(metric("val/map50", result->map50 < 0 ? NAN : result->map50));
    PERCEPT_TRY(metric("val/map", result->map < 0 ? NAN : result->map));
    m_state->lastScore = result->map;
    if (result->map > m_state->best.score)
        m_state->best = { result->map, m_state->step, values.flat().narrow(0, 0, values.layout().movingCount()).clone() };
    result->sample.epoch = static_cast<int>(std::llround(std::ceil(epochNow())));
    m_reporter.send(result->sample);
    return whenThereIsRoom(kFileRoom, [&] { return writeSample(m_run, result->sample); });
}

// With a time limit the machine may turn out faster or slower than it was at the start: what is left of the plan is made to fit.
base::Result<void> Trainer::changePlan()
{
    constexpr double kTolerance = 0.05;
    if (!m_run.config.timeLimitMinutes.has_value() || m_plan.stages.back().from >= m_state->step || m_state->step >= m_plan.steps())
        return {};
    const double left = *m_run.config.timeLimitMinutes * 60 - m_state->elapsedSeconds - kExportSeconds;
    auto steps = m_state->step + stepsThatFit(left, m_pace.secondsPerStep(), m_pace.secondsPerValidation(), m_plan.stepsPerEpoch,
                                     m_plan.validateEvery);
    if (m_run.config.epochs.has_value())
        steps = std::min(steps, *m_run.config.epochs * m_plan.stepsPerEpoch);
    const auto before = static_cast<double>(m_plan.steps() - m_state->step);
    if (std::abs(static_cast<double>(steps - m_plan.steps())) <= std::max(2.0, kTolerance * before))
        return {};
    spdlog::warn("The plan changes at step {}: {} steps instead of {}, to end within {} minutes", m_state->step, steps, m_plan.steps(),
        *m_run.config.timeLimitMinutes);
    m_plan.stages.push_back({ m_state->step, steps });
    return whenThereIsRoom(kFileRoom, [&] { return writePlan(m_run, m_plan); });
}

base::Result<void> Trainer::closeEpoch()
{
    const auto epoch = m_state->step / m_plan.stepsPerEpoch;
    const bool isDue = epoch % m_plan.validateEvery == 0 || m_state->step >= m_plan.steps();
    if (isDue && !m_validation->isEmpty()) {
        PERCEPT_TRY(validate());
        if (m_control.leaving())
            return {};
        m_reporter.phase("training");
    }
    m_state->closedStep = m_state->step;
    updateElapsed();
    return changePlan();
}

}
