#include "app/studio/frame/last_run.h"

#include "core/runs/run_status.h"
#include "core/runs/run_store.h"

#include <QCoreApplication>

namespace percept::studio {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("percept", text); }

// By its number, without reading the others: r10000 is newer than r9999.
std::string newestRun(const std::filesystem::path& project)
{
    std::string newest;
    std::error_code error;
    for (std::filesystem::directory_iterator it(project / "runs", error), end; !error && it != end; it.increment(error)) {
        const std::string id = it->path().filename().string();
        if (!id.starts_with('.') && (id.size() > newest.size() || (id.size() == newest.size() && id > newest)))
            newest = id;
    }
    return newest;
}

}

namespace {

LastRun::State stateOf(const runs::RunInfo& run)
{
    if (run.status == "crashed")
        return LastRun::State::Interrupted;
    const auto status = runs::readStatus(run.folder);
    if (run.status == "running")
        return status.hasValue() && status->detached && !runs::isAlive(status->follower) ? LastRun::State::ByItself : LastRun::State::Running;
    std::error_code error;
    const bool ended = (run.status == "ok" || run.status == "stopped") && run.hasModel;
    const bool isSigned = std::filesystem::exists(run.folder / "model" / "signature", error);
    return ended && !isSigned && status.hasValue() && status->detached ? LastRun::State::Unscored : LastRun::State::Nothing;
}

}

LastRun readLastRun(const std::filesystem::path& project)
{
    const std::string id = newestRun(project);
    const auto run = id.empty() ? base::Result<runs::RunInfo>(base::notFound({})) : runs::readRun(runs::runFolder(project, id));
    if (run.hasError())
        return {};
    LastRun last;
    last.state = stateOf(*run);
    last.run = QString::fromStdString(run->id);
    if (run->progress) {
        last.epoch = run->progress->epoch;
        last.epochs = run->progress->epochs;
    }
    return last;
}

QString describeLastRun(const LastRun& run)
{
    const bool counted = run.epochs > 0;
    switch (run.state) {
    case LastRun::State::Nothing:
    case LastRun::State::Unscored:
        break;
    case LastRun::State::Interrupted:
        return counted ? tr("interrupted at epoch %1 of %2").arg(run.epoch).arg(run.epochs) : tr("interrupted before its first epoch");
    case LastRun::State::Running:
    case LastRun::State::ByItself:
        return counted ? tr("in epoch %1 of %2").arg(run.epoch).arg(run.epochs) : tr("just started");
    }
    return {};
}

}
