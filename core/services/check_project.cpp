#include "core/base/files.h"
#include "core/evaluation/evaluation_document.h"
#include "core/runs/run_status.h"
#include "core/services/draft_model.h"
#include "core/services/model_scoring.h"

#include <fmt/format.h>

namespace percept::services {

namespace fs = std::filesystem;
using dataset::CheckFinding;

namespace {

void checkPredictions(const fs::path& project, const runs::RunInfo& run, std::vector<CheckFinding>& findings)
{
    for (const auto set : { domain::SplitSet::Validation, domain::SplitSet::Test }) {
        const auto images = readPredictions(project, run.id, set);
        if (images.hasError() && images.error().code != base::ErrorCode::NotFound)
            findings.push_back({ fmt::format("Run {}: {}", run.id, images.error().message), true });
    }
}

// What a run's programs left about its end: readers fall back to something else when it is damaged, and people should know.
void checkStatus(const runs::RunInfo& run, std::vector<CheckFinding>& findings)
{
    std::error_code ec;
    if (fs::exists(run.folder / "finished.json", ec) && !runs::readTrainerEnd(run.folder))
        findings.push_back({ fmt::format("Run {}: {} is damaged, so it does not say how the training ended.", run.id,
                                 (run.folder / "finished.json").string()), true });
    if (fs::exists(run.folder / "metrics.jsonl", ec) && !fs::is_regular_file(run.folder / "metrics.jsonl", ec))
        findings.push_back({ fmt::format("Run {}: {} is not a regular file, so its curves cannot be read.", run.id, (run.folder / "metrics.jsonl").string()), true });
    if (const auto status = runs::readStatus(run.folder); status.hasError() && fs::exists(run.folder / "status.json", ec))
        findings.push_back({ fmt::format("Run {}: {}", run.id, status.error().message), true });
    else if (run.status == "crashed")
        findings.push_back({ fmt::format("Run {} ended before it was done; it can be continued with `percept resume`.", run.id), false });
}

void checkRun(const fs::path& project, const runs::RunInfo& run, std::vector<CheckFinding>& findings)
{
    const auto model = readRunModel(project, run.id);
    if (model.hasError()) {
        findings.push_back({ fmt::format("Run {}: {}", run.id, model.error().message), true });
        return;
    }
    std::error_code ec;
    if (fs::is_regular_file(model->model() / "manifest.json", ec))
        if (const auto draft = packaging::Package::open(model->model()); draft.hasError())
            findings.push_back({ fmt::format("Run {}: {}", run.id, draft.error().message), true });
    checkStatus(run, findings);
    checkPredictions(project, run, findings);
}

void checkPackage(const fs::path& project, const dataset::ProjectReader::ModelVersion& version, std::vector<CheckFinding>& findings)
{
    std::error_code ec;
    if (!fs::is_directory(runs::runFolder(project, version.run), ec))
        findings.push_back({ fmt::format("Version {}: the folder of run {}, which it was made of, is gone, and with it the record of its scores.",
                                 version.version, version.run), false });
    const auto package = packaging::Package::open(project / version.file);
    if (package.hasError())
        findings.push_back({ fmt::format("Version {}: {}", version.version, package.error().message), true });
    else if (package->manifest().version != version.version || package->manifest().run != version.run)
        findings.push_back({ fmt::format("Version {}: {} is the package of version {} of run {}.", version.version, version.file,
                                 package->manifest().version, package->manifest().run), true });
}

}

base::Result<std::vector<CheckFinding>> checkProject(const fs::path& project, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(findings, dataset::checkStore(project, /*readMedia=*/true, progress, cancel));
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(all, listRuns(*reader));
    PERCEPT_ASSIGN(versions, reader->readModelVersions());
    const auto total = static_cast<std::int64_t>(all.size() + versions.size());
    std::int64_t done = 0;
    const auto step = [&](const char* what) {
        if (progress)
            progress({ ++done, total, what });
    };
    for (const auto& run : all) {
        if (cancel.isCancelled())
            return base::cancelled();
        step("Checking runs");
        checkRun(project, run, findings);
    }
    for (const auto& version : versions) {
        if (cancel.isCancelled())
            return base::cancelled();
        step("Checking packages");
        checkPackage(project, version, findings);
    }
    if (cancel.isCancelled())
        return base::cancelled();
    return findings;
}

}
