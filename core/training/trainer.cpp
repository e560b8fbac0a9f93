#include "core/training/trainer.h"

#include "core/training/trainer_run.h"

#include <fmt/format.h>
#include <malloc.h>
#include <opencv2/core/utility.hpp>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

namespace percept::training {

namespace {

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
