#include "core/base/files.h"
#include "core/evaluation/evaluation_document.h"
#include "core/runs/run_status.h"
#include "core/services/draft_model.h"
#include "core/services/model_scoring.h"

#include <fmt/format.h>
#include <set>

namespace percept::services {

namespace fs = std::filesystem;
using dataset::CheckFinding;

namespace {

void checkPredictions(const fs::path& project, const runs::RunInfo& run, std::vector<CheckFinding>& findings)
{
    for (const auto set : { domain::SplitSet::Validation, domain::SplitSet::Test }) {
        const auto images = readPredictions(project, run.id, set);
        if (images.hasError() && images.error().code != base::ErrorCode::NotFound)
            findings.push_back({ fmt::format("Run {}: {}", run.id, images.error().message), true, CheckFinding::In::Run });
    }
}

// What a run's programs left about its end: readers fall back to something else when it is damaged, and people should know.
void checkStatus(const runs::RunInfo& run, std::vector<CheckFinding>& findings)
{
    std::error_code ec;
    if (fs::exists(run.folder / "finished.json", ec) && !runs::readTrainerEnd(run.folder))
        findings.push_back({ fmt::format("Run {}: {} is damaged, so it does not say how the training ended.", run.id,
                                 (run.folder / "finished.json").string()), true, CheckFinding::In::Run });
    if (fs::exists(run.folder / "metrics.jsonl", ec) && !fs::is_regular_file(run.folder / "metrics.jsonl", ec))
        findings.push_back({ fmt::format("Run {}: {} is not a regular file, so its curves cannot be read.", run.id, (run.folder / "metrics.jsonl").string()), true, CheckFinding::In::Run });
    if (const auto status = runs::readStatus(run.folder); status.hasError() && fs::exists(run.folder / "status.json", ec))
        findings.push_back({ fmt::format("Run {}: {}", run.id, status.error().message), true, CheckFinding::In::Run });
    else if (run.status == "crashed")
        findings.push_back({ fmt::format("Run {} ended before it was done; it can be continued with `percept resume`.", run.id), false, CheckFinding::In::Run });
}

void checkRun(const fs::path& project, const runs::RunInfo& run, std::vector<CheckFinding>& findings)
{
    const auto model = readRunModel(project, run.id);
    if (model.hasError()) {
        findings.push_back({ fmt::format("Run {}: {}", run.id, model.error().message), true, CheckFinding::In::Run });
        return;
    }
    std::error_code ec;
    if (fs::is_regular_file(model->model() / "manifest.json", ec))
        if (const auto draft = packaging::Package::open(model->model()); draft.hasError())
            findings.push_back({ fmt::format("Run {}: {}", run.id, draft.error().message), true, CheckFinding::In::Run });
    checkStatus(run, findings);
    checkPredictions(project, run, findings);
}

void checkPackage(const fs::path& project, const dataset::ProjectReader::ModelVersion& version, std::vector<CheckFinding>& findings)
{
    std::error_code ec;
    if (!fs::is_directory(runs::runFolder(project, version.run), ec))
        findings.push_back({ fmt::format("Version {}: the folder of run {}, which it was made of, is gone, and with it the record of its scores.",
                                 version.version, version.run), false, CheckFinding::In::Package });
    const auto package = packaging::Package::open(project / version.file);
    if (package.hasError())
        findings.push_back({ fmt::format("Version {}: {}", version.version, package.error().message), true, CheckFinding::In::Package });
    else if (package->manifest().version != version.version || package->manifest().run != version.run)
        findings.push_back({ fmt::format("Version {}: {} is the package of version {} of run {}.", version.version, version.file,
                                 package->manifest().version, package->manifest().run), true, CheckFinding::In::Package });
}

// A database that has lost its last changes agrees with itself: only what stands on them shows that they are missing.
constexpr const char* kLost = "`percept backups` lists what the database can be taken back to with `percept restore`.";

void checkKnownVersion(const runs::RunInfo& run, const std::set<std::int64_t>& known, std::vector<CheckFinding>& findings)
{
    if (run.config.datasetVersion > 0 && !known.contains(run.config.datasetVersion))
        findings.push_back({ fmt::format("Run {} was trained on dataset version {}, which the project does not know: its database has lost what came last. {}",
                                 run.id, run.config.datasetVersion, kLost), true });
}

void checkStrayPackages(const fs::path& project, const std::vector<dataset::ProjectReader::ModelVersion>& versions, std::vector<CheckFinding>& findings)
{
    std::set<std::string> known, strays;
    for (const auto& version : versions)
        known.insert(fs::path(version.file).filename().string());
    std::error_code ec;
    for (fs::directory_iterator it(project / "packages", ec), end; !ec && it != end; it.increment(ec)) {
        const auto name = it->path().filename().string();
        if (it->path().extension() == ".ppkg" && !name.starts_with('.') && !known.contains(name))
            strays.insert(name);
    }
    for (const auto& name : strays)
        findings.push_back({ fmt::format("packages/{} is of no version that the project knows: its database has lost what came last, or the packaging was broken off. {} "
                                         "After a packaging that was broken off, package the run again.", name, kLost), true });
}

}

base::Result<std::vector<CheckFinding>> checkProject(const fs::path& project, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(findings, dataset::checkStore(project, /*readMedia=*/true, progress, cancel));
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(all, listRuns(*reader));
    PERCEPT_ASSIGN(versions, reader->readModelVersions());
    PERCEPT_ASSIGN(frozen, reader->readVersions());
    std::set<std::int64_t> known;
    for (const auto& version : frozen)
        known.insert(version.id.value);
    checkStrayPackages(project, versions, findings);
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
        checkKnownVersion(run, known, findings);
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
