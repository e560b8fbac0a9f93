#include "core/training/trainer_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

namespace percept::training {

namespace {

int usableCores()
{
    cpu_set_t set;
    const int count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return std::clamp(count, 1, 32);
}

}

void Trainer::loadPictures()
{
    m_reporter.phase("loading");
    const auto onBad = [this](const protocol::SnapshotItem& item, const std::string& reason) {
        m_reporter.send(protocol::WarningMessage { item.path,
            fmt::format("{} is left out of this training: {}", std::filesystem::path(item.path).filename().string(), reason) });
        spdlog::warn("{} is left out: {}", item.path, reason);
    };
    const auto limit = m_run.tuning.cacheBytes > 0 ? m_run.tuning.cacheBytes : defaultCacheLimit();
    m_trainCache = std::make_unique<PictureCache>(m_run.train, limit / 4 * 3, onBad);
    m_validationCache = std::make_unique<PictureCache>(m_run.validation, limit / 4, onBad);
    const auto quiet = [](std::size_t, std::size_t) {};
    m_trainCache->preload(quiet, m_control.leaving());
    m_validationCache->preload(quiet, m_control.leaving());
}

base::Result<void> Trainer::buildState()
{
    const auto canvas = m_run.plan.has_value() ? CanvasSize { m_run.plan->canvasWidth, m_run.plan->canvasHeight }
                                               : chooseCanvas(m_run.train, m_run.config.longSide);
    NetworkConfig config { m_run.config.backbone, !m_run.config.weights.empty(), static_cast<int>(m_run.labels.size()),
        canvas.width, canvas.height };
    PERCEPT_TRY(checkNetworkConfig(config));
    m_state = std::make_unique<TrainingState>(config, OptimizerOptions {});
    m_points = anchorPoints(config);
    LoaderOptions loading;
    loading.seed = m_run.config.seed;
    loading.batchSize = m_run.plan.has_value() ? m_run.plan->batchSize : m_run.config.batchSize;
    loading.canvas = canvas;
    m_loader = std::make_unique<BatchLoader>(*m_trainCache, loading);
    m_validation = std::make_unique<Validation>(*m_validationCache, config, domain::PostprocessOptions {});
    return {};
}

// Initial values: random, then the backbone's pretrained weights, then another run's.
base::Result<void> Trainer::loadStart()
{
    m_state->network.initialise(m_state->values, m_run.config.seed);
    if (!m_run.config.weights.empty()) {
        PERCEPT_ASSIGN(file, TensorFile::read(m_run.config.weights));
        PERCEPT_TRY(m_state->network.loadBackbone(m_state->values, file));
    }
    if (m_run.config.startFrom.empty())
        return {};
    const std::filesystem::path from = m_run.config.startFrom;
    if (!std::filesystem::is_directory(from)) {
        PERCEPT_ASSIGN(file, CheckpointStore::read(from));
        auto taken = m_state->startFrom(file, m_run.labels);
        return taken.hasError() ? base::Result<void>(taken.error()) : base::Result<void>();
    }
    const auto found = CheckpointStore(from.filename() == "checkpoints" ? from : from / "checkpoints")
                           .newest([this](const auto&, const auto& sentence) { warnOfCheckpoint(sentence); });
    if (!found.has_value())
        return base::refused(fmt::format("startFrom: {} holds no checkpoint that can be read.", from.string()));
    auto taken = m_state->startFrom(found->file, m_run.labels);
    return taken.hasError() ? base::Result<void>(taken.error()) : base::Result<void>();
}

std::optional<CheckpointStore::Found> Trainer::lastCheckpoint()
{
    if (!m_run.plan.has_value())
        return std::nullopt;
    return m_store.newest([this](const std::filesystem::path& damaged, const std::string& sentence) {
        warnOfCheckpoint(sentence);
        std::error_code error; // out of the way, or it would count as one of the two that are kept
        std::filesystem::rename(damaged, damaged.string() + ".damaged", error);
    });
}

void Trainer::warnOfCheckpoint(const std::string& sentence)
{
    m_reporter.send(protocol::WarningMessage { "checkpoints", sentence });
}

base::Result<void> Trainer::prepare()
{
    const int threads = m_run.plan.has_value() ? m_run.plan->threads
        : m_run.config.threads > 0             ? m_run.config.threads
                                               : usableCores();
    at::set_num_threads(threads);
    m_plan.threads = threads;
    m_reporter.send(protocol::HelloMessage { m_version, "cpu", threads });
    loadPictures();
    if (m_trainCache->badCount() == m_run.train.size())
        return base::refused("None of the training pictures can be read; look at the warnings, mend the files and start again.");
    PERCEPT_TRY(buildState());
    // A run that goes on needs nothing of what it began with: that may be gone by now.
    const auto found = lastCheckpoint();
    const bool resumed = found.has_value();
    if (!resumed)
        PERCEPT_TRY(loadStart());
    m_state->startOptimizing();
    if (resumed) {
        PERCEPT_TRY(m_state->restore(found->file));
        spdlog::info("Going on from step {}", m_state->step);
    }
    if (!m_state->isFinite())
        return base::refused(fmt::format("{} of what this run begins with is not a finite number. Start a new run from other weights.",
            m_state->firstBroken()));
    m_elapsedBefore = m_state->elapsedSeconds;
    if (m_run.plan.has_value())
        m_plan = *m_run.plan;
    else
        PERCEPT_TRY(decidePlan());
    m_pace.start(m_plan.secondsPerStep, m_plan.secondsPerValidation);
    m_execution = makeTrainingExecution(m_state->network, m_state->values);
    PERCEPT_TRY(m_metrics.open(m_run, resumed ? m_state->step : -1, resumed ? m_state->closedStep : -1));
    if (resumed)
        return {};
    PERCEPT_TRY(save(true)); // a disk that is full or read-only shows now, not after an hour
    return checkRoomAhead();
}

// Median seconds of a few whole steps on a copy of the network, so that the run itself begins untouched.
double Trainer::measureStep()
{
    constexpr int kWarmUp = 2, kTimed = 5;
    TrainingState probe(m_state->network.config(), OptimizerOptions {});
    {
        torch::NoGradGuard noGrad;
        probe.values.flat().copy_(m_state->values.flat());
    }
    probe.startOptimizing();
    const auto execution = makeTrainingExecution(probe.network, probe.values);
    std::vector<double> seconds;
    for (int i = 0; i < kWarmUp + kTimed && !m_control.leaving(); ++i) {
        const auto batch = m_loader->make(i);
        if (!batch.has_value())
            break;
        const double before = base::monotonicSeconds();
        const auto losses = backward(probe, *execution, *batch);
        probe.optimizer->step(1e-6, averageDecayFor(kTimed), losses.gradientNorm);
        if (i >= kWarmUp)
            seconds.push_back(base::monotonicSeconds() - before);
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds.empty() ? 1.0 : seconds[seconds.size() / 2];
}

base::Result<void> Trainer::decidePlan()
{
    m_plan.stepsPerEpoch = m_loader->stepsPerEpoch();
    m_plan.batchSize = m_loader->batchSize();
    m_plan.canvasWidth = m_state->network.config().canvasWidth;
    m_plan.canvasHeight = m_state->network.config().canvasHeight;
    const auto& config = m_run.config;
    std::int64_t steps = config.epochs.has_value() ? *config.epochs * m_plan.stepsPerEpoch : INT64_MAX;
    if (config.timeLimitMinutes.has_value()) {
        m_reporter.phase("measuring");
        m_plan.secondsPerStep = measureStep();
        m_plan.secondsPerValidation = m_validation->measure(m_state->network, m_state->values);
        m_plan.validateEvery = chooseValidateEvery(m_plan.secondsPerStep * static_cast<double>(m_plan.stepsPerEpoch),
            m_plan.secondsPerValidation);
        updateElapsed();
        const double left = *config.timeLimitMinutes * 60 - m_state->elapsedSeconds - kExportSeconds;
        steps = std::min(steps, stepsThatFit(left, m_plan.secondsPerStep, m_plan.secondsPerValidation, m_plan.stepsPerEpoch,
                                    m_plan.validateEvery));
    }
    m_plan.stages = { { 0, steps } };
    return writePlan(m_run, m_plan);
}

}
