#include "core/training/trainer.h"

#include "core/training/trainer_run.h"

#include <fmt/format.h>
#include <malloc.h>
#include <opencv2/core/utility.hpp>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

namespace percept::training {

namespace {

using protocol::TrainerExit;

// Tells the parent and the run's directory how it ended; one of them may be gone.
class Ender {
public:
    Ender(std::filesystem::path run, Reporter& reporter)
        : m_run(std::move(run))
        , m_reporter(reporter)
    {
        removeFinished(m_run);
    }

    TrainerExit end(const protocol::FinishedMessage& message, TrainerExit exit)
    {
        if (const auto written = writeFinished(m_run, message); written.hasError())
            spdlog::warn("{}", written.error().message);
        m_reporter.finish(message);
        return exit;
    }
    // Left by its parent or ended by a signal: the run is not finished, it can be continued.
    TrainerExit leave()
    {
        m_reporter.finish({ "stopped", "A checkpoint was written; the run can be resumed." });
        return TrainerExit::Ok;
    }
    TrainerExit fail(const base::Error& error)
    {
        spdlog::error("{} {}", error.message, error.detail);
        return end({ "failed", error.message }, error.code == base::ErrorCode::Usage ? TrainerExit::BadConfig : TrainerExit::Failed);
    }
    TrainerExit fault(const std::string& what, bool noMemory)
    {
        spdlog::error("{}", what);
        if (noMemory)
            return end({ "failed", "There is not enough memory for this training. Use a smaller batch size or a smaller picture size." },
                TrainerExit::OutOfMemory);
        return end({ "failed", "The training program met a fault of its own; the last checkpoint is kept. Details are in log.txt." },
            TrainerExit::Failed);
    }

private:
    const std::filesystem::path m_run;
    Reporter& m_reporter;
};

TrainerExit runGuarded(Trainer& trainer, Ender& ender)
{
    const auto fail = [&](const base::Error& error) {
        trainer.abandon();
        return ender.fail(error);
    };
    if (const auto ready = trainer.prepare(); ready.hasError())
        return fail(ready.error());
    const auto ending = trainer.train();
    if (ending.hasError())
        return fail(ending.error());
    if (*ending == Ending::ParentGone)
        return ender.leave();
    if (const auto exported = trainer.exportResult(*ending); exported.hasError()) {
        if (*ending == Ending::Stopped && exported.error().code == base::ErrorCode::NotFound) // nothing was learned
            return ender.end({ "stopped", exported.error().message }, TrainerExit::Ok);
        return fail(exported.error());
    }
    if (*ending == Ending::Stopped)
        return ender.end({ "stopped", "Stopped; the model is what was learned so far." }, TrainerExit::Ok);
    return ender.end({ "ok", "The training is complete." }, TrainerExit::Ok);
}

bool isOutOfMemory(const std::string& what)
{
    return what.find("not enough memory") != std::string::npos || what.find("allocate memory") != std::string::npos
        || what.find("out of memory") != std::string::npos;
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
    return readTrainerTuning(runFolder).heartbeatSeconds;
}

protocol::TrainerExit runTrainer(const TrainerOptions& options, Reporter& reporter, Control& control)
{
    Ender ender(options.runFolder, reporter);
    auto run = readRunFolder(options.runFolder);
    if (run.hasError()) {
        reporter.send(protocol::HelloMessage { options.version, "cpu", 0 });
        return ender.end({ "failed", run.error().message }, TrainerExit::BadConfig);
    }
    try {
        Trainer trainer(std::move(run).value(), options.version, reporter, control);
        return runGuarded(trainer, ender);
    } catch (const std::bad_alloc& error) {
        return ender.fault(error.what(), true);
    } catch (const std::exception& error) {
        return ender.fault(error.what(), isOutOfMemory(error.what()));
    }
}

}
