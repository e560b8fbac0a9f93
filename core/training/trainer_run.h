#pragma once

#include "core/training/batch_loader.h"
#include "core/training/checkpoint_store.h"
#include "core/training/pace.h"
#include "core/training/reporter.h"
#include "core/training/run_folder.h"
#include "core/training/training_state.h"
#include "core/training/validation.h"

#include "core/base/time.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace percept::training {

enum class Ending { Complete, Stopped, ParentGone };

inline constexpr double kExportSeconds = 4; // kept free at the end of a time limit

struct StepLosses { DetectionLoss loss; double gradientNorm = 0; };

// One run from its folder to its model: prepare(), train(), exportResult(), in this order, on one thread. What each of them
// does lies in a file of its own: trainer_prepare.cpp, trainer_steps.cpp, trainer_epochs.cpp, trainer_room.cpp (a full
// disk), trainer_export.cpp.
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
    std::optional<CheckpointStore::Found> lastCheckpoint();
    void warnOfCheckpoint(const std::string& sentence);
    base::Result<void> decidePlan();
    double measureStep();

    StepLosses backward(TrainingState& state, Execution& execution, const Batch& batch);
    base::Result<void> trainStep();
    base::Result<void> closeEpoch();
    base::Result<void> validate();
    base::Result<void> changePlan();
    base::Result<void> save(bool wait);
    base::Result<void> checkRoomAhead() const;
    base::Result<void> whenThereIsRoom(std::uint64_t bytes, const std::function<base::Result<void>()>& write);
    bool waitForRoom(std::uint64_t bytes);
    base::Result<void> metric(const std::string& name, double value);
    base::Result<void> reportStep(const StepLosses& losses, double rate);
    void reportProgress();
    void waitWhilePaused();
    void updateElapsed();
    bool isEpochEnd() const;
    double epochNow() const { return static_cast<double>(m_state->step) / static_cast<double>(m_plan.stepsPerEpoch); }
    base::Error brokenAt(const std::string& what) const;
    std::string picturesOfStep() const;
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
    std::uint64_t m_checkpointBytes = 0;
    bool m_mayWait = false; // for room on the disk: once training has begun, before that a full disk is said at once
};

}
