#include "core/training/trainer.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/training/batch_loader.h"
#include "core/training/checkpoint_store.h"
#include "core/training/exporter.h"
#include "core/training/pace.h"
#include "core/training/run_folder.h"
#include "core/training/training_state.h"
#include "core/training/validation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <malloc.h>
#include <memory>
#include <opencv2/core/utility.hpp>
#include <spdlog/spdlog.h>
#include <sched.h>
#include <thread>
#include <torch/torch.h>

namespace percept::training {

namespace {

constexpr double kExportSeconds = 4;      // kept free at the end of a time limit
constexpr double kBestMargin = 0.005;     // the best average must beat the last one by this much to be taken instead
constexpr std::int64_t kMetricPoints = 4000;
constexpr std::size_t kGoldenPictures = 2;

enum class Ending { Complete, Stopped, ParentGone };

int usableCores()
{
    cpu_set_t set;
    const int count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return std::clamp(count, 1, 32);
}

struct StepLosses { DetectionLoss loss; double gradientNorm = 0; };

class Trainer {
public:
    Trainer(RunFolder run, std::string version, Reporter& reporter, Control& control)
        : m_run(std::move(run))
        , m_version(std::move(version))
        , m_reporter(reporter)
        , m_control(control)
        , m_store(m_run.checkpoints())
    {
    }

    base::Result<void> prepare();
    base::Result<Ending> train();
    base::Result<void> exportResult(Ending ending);
    void abandon() { static_cast<void>(m_store.waitForWriter()); }

private:
    void loadPictures();
    base::Result<void> buildState();
    base::Result<void> loadStart();
    base::Result<bool> resume();
    base::Result<void> decidePlan();
    double measureStep();

    StepLosses backward(TrainingState& state, Execution& execution, const Batch& batch);
    base::Result<void> trainStep();
    base::Result<void> closeEpoch();
    base::Result<void> validate();
    base::Result<void> changePlan();
    base::Result<void> save(bool wait);
    base::Result<void> metric(const std::string& name, double value);
    base::Result<void> reportStep(const StepLosses& losses, double rate);
    void reportProgress();
    void waitWhilePaused();
    void updateElapsed();
    bool isEpochEnd() const;
    double epochNow() const { return static_cast<double>(m_state->step) / static_cast<double>(m_plan.stepsPerEpoch); }
    base::Error brokenAt(const char* what) const;
    std::vector<cv::Mat> goldenPictures();
    protocol::ModelSpec spec() const;

    RunFolder m_run;
    std::string m_version;
    Reporter& m_reporter;
    Control& m_control;
    CheckpointStore m_store;
    MetricsLog m_metrics;
    Plan m_plan;
    std::unique_ptr<PictureCache> m_trainCache, m_validationCache;
    std::unique_ptr<BatchLoader> m_loader;
    std::unique_ptr<TrainingState> m_state;
    std::unique_ptr<Execution> m_execution;
    std::unique_ptr<Validation> m_validation;
    AnchorPoints m_points;
    Pace m_pace;
    double m_sittingStart = base::monotonicSeconds(), m_elapsedBefore = 0, m_paused = 0, m_lastSave = 0;
    double m_lastScore = -1;
    bool m_started = false;
};

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
    const auto found = CheckpointStore(from.filename() == "checkpoints" ? from : from / "checkpoints").newest([](const auto&) {});
    if (!found.has_value())
        return base::refused(fmt::format("startFrom: {} holds no checkpoint that can be read.", from.string()));
    auto taken = m_state->startFrom(found->file, m_run.labels);
    return taken.hasError() ? base::Result<void>(taken.error()) : base::Result<void>();
}

base::Result<bool> Trainer::resume()
{
    if (!m_run.plan.has_value())
        return false;
    const auto found = m_store.newest([this](const std::string& sentence) {
        m_reporter.send(protocol::WarningMessage { "checkpoints", sentence });
    });
    if (!found.has_value())
        return false;
    PERCEPT_TRY(m_state->restore(found->file));
    spdlog::info("Going on from step {}", m_state->step);
    return true;
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
    PERCEPT_TRY(loadStart());
    m_state->startOptimizing();
    PERCEPT_ASSIGN(resumed, resume());
    m_elapsedBefore = m_state->elapsedSeconds;
    if (m_run.plan.has_value())
        m_plan = *m_run.plan;
    else
        PERCEPT_TRY(decidePlan());
    m_pace.start(m_plan.secondsPerStep, m_plan.secondsPerValidation);
    m_execution = makeTrainingExecution(m_state->network, m_state->values);
    PERCEPT_TRY(m_metrics.open(m_run, resumed ? m_state->step : -1, resumed ? m_state->closedStep : -1));
    if (!resumed)
        PERCEPT_TRY(save(true)); // a disk that is full or read-only shows now, not after an hour
    return {};
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
        probe.optimizer->step(1e-6, losses.gradientNorm);
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

base::Error Trainer::brokenAt(const char* what) const
{
    return base::failed(fmt::format("Training broke down at step {} of {}: {} is no longer a finite number. The last good checkpoint "
                                    "is kept. Start a new run with a lower learning rate, or look at the pictures of that step.",
        m_state->step + 1, m_plan.steps(), what));
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
        return brokenAt("the gradient");
    const double rate = learningRateAt(m_plan, m_state->step, m_run.config.learningRate);
    m_state->optimizer->step(rate, losses.gradientNorm);
    if (!m_state->isFinite())
        return brokenAt("a weight");
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
    return m_metrics.append(message);
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
    progress.imagesPerSecond = m_plan.batchSize / std::max(m_pace.secondsPerStep(), 1e-6);
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
        return brokenAt("a weight");
    updateElapsed();
    m_lastSave = base::monotonicSeconds();
    PERCEPT_TRY(m_store.writeInBackground(m_state->step, m_state->encode(m_run.labels)));
    return wait ? m_store.waitForWriter() : base::Result<void>();
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
    m_lastScore = result->map;
    if (result->map > m_state->best.score)
        m_state->best = { result->map, m_state->step, values.flat().narrow(0, 0, values.layout().movingCount()).clone() };
    result->sample.epoch = static_cast<int>(std::llround(std::ceil(epochNow())));
    m_reporter.send(result->sample);
    return writeSample(m_run, result->sample);
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
    return writePlan(m_run, m_plan);
}

bool Trainer::isEpochEnd() const
{
    return m_state->step > 0 && (m_state->step % m_plan.stepsPerEpoch == 0 || m_state->step >= m_plan.steps());
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

base::Result<Ending> Trainer::train()
{
    m_reporter.phase("training");
    reportProgress();
    m_loader->startAt(m_state->step);
    m_lastSave = base::monotonicSeconds();
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
        if (m_control.takeCheckpointRequest() || isDue)
            PERCEPT_TRY(save(false));
    }
    PERCEPT_TRY(save(true));
    spdlog::info("Waited {:.1f} s for data in {:.0f} s", m_loader->waitedSeconds(), base::monotonicSeconds() - m_sittingStart);
    if (!m_control.leaving())
        return Ending::Complete;
    return m_control.parentGone() ? Ending::ParentGone : Ending::Stopped;
}

std::vector<cv::Mat> Trainer::goldenPictures()
{
    std::vector<cv::Mat> pictures;
    for (PictureCache* cache : { m_validationCache.get(), m_trainCache.get() }) {
        Validation source(*cache, m_state->network.config(), domain::PostprocessOptions {});
        for (std::size_t i = 0; i < cache->items().size() && pictures.size() < kGoldenPictures; ++i)
            if (auto canvas = source.canvasOf(i); !canvas.empty())
                pictures.push_back(std::move(canvas));
    }
    return pictures;
}

protocol::ModelSpec Trainer::spec() const
{
    protocol::ModelSpec spec;
    spec.labels = m_run.labels;
    spec.inputWidth = m_plan.canvasWidth;
    spec.inputHeight = m_plan.canvasHeight;
    spec.backbone = m_run.config.backbone;
    const std::filesystem::path weights = m_run.config.weights;
    spec.baseWeights = weights.empty() ? "none"
        : weights.stem() == "efficientnet-lite0" ? "efficientnet-lite0 ImageNet, Apache-2.0" : weights.filename().string();
    return spec;
}

base::Result<void> Trainer::exportResult(Ending ending)
{
    m_reporter.phase("exporting");
    // A run that was cut short has not been validated at its end: the best it has shown is safer than the last.
    const bool takeBest = m_state->best.moving.defined()
        && (ending == Ending::Stopped || m_state->best.score > m_lastScore + kBestMargin);
    const auto values = takeBest ? m_state->bestValues() : m_state->averageValues();
    spdlog::info("The model is the average {}", takeBest ? fmt::format("at step {}", m_state->best.step) : "at the end");
    return exportModel(m_state->network, values, spec(), goldenPictures(), m_run.model());
}

protocol::TrainerExit runGuarded(Trainer& trainer, Reporter& reporter)
{
    const auto fail = [&](const base::Error& error) {
        trainer.abandon();
        spdlog::error("{} {}", error.message, error.detail);
        reporter.finish({ "failed", error.message });
        return error.code == base::ErrorCode::Usage ? protocol::TrainerExit::BadConfig : protocol::TrainerExit::Failed;
    };
    if (const auto ready = trainer.prepare(); ready.hasError())
        return fail(ready.error());
    const auto ending = trainer.train();
    if (ending.hasError())
        return fail(ending.error());
    if (*ending == Ending::ParentGone) {
        reporter.finish({ "stopped", "A checkpoint was written; the run can be resumed." });
        return protocol::TrainerExit::Ok;
    }
    if (const auto exported = trainer.exportResult(*ending); exported.hasError())
        return fail(exported.error());
    if (*ending == Ending::Stopped)
        reporter.finish({ "stopped", "Stopped; the model is what was learnt so far, and the run can be resumed." });
    else
        reporter.finish({ "ok", "The training is complete." });
    return protocol::TrainerExit::Ok;
}

bool isOutOfMemory(const std::string& what)
{
    return what.find("not enough memory") != std::string::npos || what.find("allocate memory") != std::string::npos
        || what.find("out of memory") != std::string::npos;
}

protocol::TrainerExit reportException(Reporter& reporter, const std::string& what, bool noMemory)
{
    spdlog::error("{}", what);
    if (!noMemory) {
        reporter.finish({ "failed", "The training program met a fault of its own; the last checkpoint is kept. Details are in log.txt." });
        return protocol::TrainerExit::Failed;
    }
    reporter.finish({ "failed", "There is not enough memory for this training. Use a smaller batch size or a smaller picture size." });
    return protocol::TrainerExit::OutOfMemory;
}

}

void prepareProcess()
{
    // glibc gives every large activation back to the kernel, and fetching it again costs a third of a training step.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
    at::globalContext().setFlushDenormal(true);
    at::set_num_interop_threads(1);
    cv::setNumThreads(0);
}

double heartbeatSeconds(const std::filesystem::path& runFolder)
{
    const auto run = readRunFolder(runFolder);
    return run.hasValue() ? run->tuning.heartbeatSeconds : TrainerTuning {}.heartbeatSeconds;
}

protocol::TrainerExit runTrainer(const TrainerOptions& options, Reporter& reporter, Control& control)
{
    auto run = readRunFolder(options.runFolder);
    if (run.hasError()) {
        reporter.send(protocol::HelloMessage { options.version, "cpu", 0 });
        reporter.finish({ "failed", run.error().message });
        return protocol::TrainerExit::BadConfig;
    }
    try {
        Trainer trainer(std::move(run).value(), options.version, reporter, control);
        return runGuarded(trainer, reporter);
    } catch (const std::bad_alloc& error) {
        return reportException(reporter, error.what(), true);
    } catch (const std::exception& error) {
        return reportException(reporter, error.what(), isOutOfMemory(error.what()));
    }
}

}
