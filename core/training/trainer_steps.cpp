#include "core/training/trainer_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <thread>
#include <torch/torch.h>

namespace percept::training {

namespace {

constexpr std::int64_t kMetricPoints = 4000;
constexpr std::uint64_t kLineRoom = 1 << 16;

}

StepLosses Trainer::backward(TrainingState& state, Execution& execution, const Batch& batch)
{
    const auto& config = state.network.config();
    // The pixels outlive the step; the tensor only looks at them. As planes they lie channels last.
    auto* pixels = const_cast<float*>(batch.pixels.data());
    const auto images = torch::from_blob(pixels, { batch.images, config.canvasHeight, config.canvasWidth, 3 }).permute({ 0, 3, 1, 2 });
    const auto output = state.network.forward(execution, images);
    StepLosses losses { detectionLoss(output, m_points, batch.truths), 0 };
    state.optimizer->zeroGradients();
    losses.loss.total.backward();
    losses.gradientNorm = state.optimizer->gradientNorm();
    return losses;
}

// Of the step that is being made. Where a picture could not be read, another took its place.
std::string Trainer::picturesOfStep() const
{
    const auto& items = m_run.train;
    const auto order = epochOrder(m_run.config.seed, m_state->step / m_plan.stepsPerEpoch, items.size());
    const auto first = static_cast<std::size_t>(m_state->step % m_plan.stepsPerEpoch * m_plan.batchSize);
    std::string names;
    for (std::size_t i = first; i < std::min(order.size(), first + static_cast<std::size_t>(m_plan.batchSize)); ++i)
        names += (names.empty() ? "" : ", ") + std::filesystem::path(items[order[i]].path).filename().string();
    return names;
}

base::Error Trainer::brokenAt(const std::string& what) const
{
    return base::failed(fmt::format("Training broke down at step {} of {}: {} is no longer a finite number. The last good checkpoint "
                                    "is kept. Start a new run with a lower learning rate, or look at the pictures of that step: {}.",
        m_state->step + 1, m_plan.steps(), what, picturesOfStep()));
}

base::Result<void> Trainer::trainStep()
{
    const auto batch = m_loader->take();
    if (!batch.has_value())
        return base::refused("None of the training pictures can be read any more; is their disk still there?");
    const double before = base::monotonicSeconds();
    const auto losses = backward(*m_state, *m_execution, *batch);
    if (!std::isfinite(losses.loss.total.item<double>()))
        return brokenAt("the loss");
    if (!std::isfinite(losses.gradientNorm))
        return brokenAt(m_state->firstBrokenGradient());
    const double rate = learningRateAt(m_plan, m_state->step, m_run.config.learningRate);
    // As planned at first: a change of plan leaves the average as it is.
    m_state->optimizer->step(rate, averageDecayFor(m_plan.stages.front().steps), losses.gradientNorm);
    if (!m_state->isFinite())
        return brokenAt(m_state->firstBroken());
    ++m_state->step;
    m_pace.stepTook(base::monotonicSeconds() - before);
    return reportStep(losses, rate);
}

base::Result<void> Trainer::metric(const std::string& name, double value)
{
    protocol::MetricMessage message { name, m_state->step, epochNow(), std::nullopt };
    if (std::isfinite(value))
        message.value = value;
    m_reporter.send(message);
    return whenThereIsRoom(kLineRoom, [&] { return m_metrics.append(message); });
}

base::Result<void> Trainer::reportStep(const StepLosses& losses, double rate)
{
    updateElapsed();
    reportProgress();
    const std::int64_t every = std::max<std::int64_t>(1, m_plan.stages.front().steps / kMetricPoints);
    if (m_state->step % every != 0)
        return {};
    PERCEPT_TRY(metric("train/loss", losses.loss.total.item<double>()));
    PERCEPT_TRY(metric("train/loss_class", losses.loss.classes));
    PERCEPT_TRY(metric("train/loss_box", losses.loss.boxes));
    PERCEPT_TRY(metric("train/loss_dfl", losses.loss.bins));
    return metric("train/lr", rate);
}

void Trainer::reportProgress()
{
    protocol::ProgressMessage progress;
    progress.epoch = static_cast<int>((m_state->step + m_plan.stepsPerEpoch - 1) / m_plan.stepsPerEpoch);
    progress.epochs = m_plan.epochs();
    progress.step = m_state->step;
    progress.steps = m_plan.steps();
    const double step = m_pace.secondsPerStep(); // 0: none was measured yet
    progress.imagesPerSecond = step > 0 ? m_plan.batchSize / step : 0;
    const auto left = m_pace.left(m_plan, m_state->step, kExportSeconds);
    progress.secondsLeft = left.likely;
    progress.secondsLeftLow = left.low;
    progress.secondsLeftHigh = left.high;
    m_reporter.progress(progress);
}

void Trainer::updateElapsed()
{
    m_state->elapsedSeconds = m_elapsedBefore + base::monotonicSeconds() - m_sittingStart - m_paused;
}

void Trainer::waitWhilePaused()
{
    const double before = base::monotonicSeconds();
    while (m_control.isPaused() && !m_control.leaving())
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    m_paused += base::monotonicSeconds() - before;
}

base::Result<void> Trainer::save(bool wait)
{
    if (!m_state->isFinite())
        return brokenAt(m_state->firstBroken());
    updateElapsed();
    m_lastSave = base::monotonicSeconds();
    auto bytes = m_state->encode(m_run.labels);
    m_checkpointBytes = bytes.size();
    const auto before = m_store.waitForWriter();
    if (before.hasValue() && !wait) {
        m_store.writeInBackground(m_state->step, std::move(bytes));
        return {};
    }
    if (before.hasError())
        spdlog::warn("{} A newer one takes its place.", before.error().message);
    return whenThereIsRoom(bytes.size(), [&] { return m_store.write(m_state->step, bytes); });
}

base::Result<Ending> Trainer::train()
{
    m_reporter.phase("training");
    reportProgress();
    m_loader->startAt(m_state->step);
    m_lastSave = base::monotonicSeconds();
    m_mayWait = true;
    while (!m_control.leaving()) {
        if (isEpochEnd() && m_state->closedStep < m_state->step) {
            PERCEPT_TRY(closeEpoch());
            continue;
        }
        if (m_state->step >= m_plan.steps())
            break;
        waitWhilePaused();
        if (m_control.leaving())
            break;
        PERCEPT_TRY(trainStep());
        const bool isDue = base::monotonicSeconds() - m_lastSave >= m_run.tuning.checkpointSeconds;
        if (m_control.takeCheckpointRequest() || isDue || m_store.hasFailed())
            PERCEPT_TRY(save(false));
    }
    PERCEPT_TRY(save(true));
    spdlog::info("Waited {:.1f} s for data in {:.0f} s", m_loader->waitedSeconds(), base::monotonicSeconds() - m_sittingStart);
    if (!m_control.leaving())
        return Ending::Complete;
    return m_control.parentGone() ? Ending::ParentGone : Ending::Stopped;
}

}
