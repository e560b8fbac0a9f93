#include "core/services/draft_model.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/runs/run_store.h"
#include "core/services/model_scoring.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace percept::services {

namespace fs = std::filesystem;
using nlohmann::json;

base::Result<RunModel> readRunModel(const fs::path& project, const std::string& run)
{
    PERCEPT_ASSIGN(info, runs::findRun(project, run));
    RunModel model;
    model.folder = info.folder;
    model.config = info.config;
    const auto text = base::readTextFile(model.folder / "snapshot" / "version.json", 1 << 20);
    if (text.hasValue())
        if (const auto version = json::parse(text.value(), nullptr, false); version.is_object() && version.contains("manifestSha256") && version["manifestSha256"].is_string())
            model.datasetManifestSha256 = version["manifestSha256"].get<std::string>();
    return model;
}

base::Result<protocol::ModelSpec> readTrainedSpec(const RunModel& run)
{
    const auto file = run.model() / "spec.json";
    std::error_code ec;
    if (!fs::is_regular_file(file, ec))
        return base::failed(fmt::format("Run {} has no model yet. Let the training finish, or continue it with `percept resume`.", run.folder.filename().string()));
    PERCEPT_ASSIGN(text, base::readTextFile(file, 16 << 20));
    const auto parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded())
        return base::refused(file.string() + " is damaged. Continue the run with `percept resume` to write it anew.");
    return protocol::modelSpecFromJson(parsed);
}

base::Result<void> signRunDraft(const RunModel& run, const std::string& projectName, protocol::ModelSpec spec, json metrics)
{
    PERCEPT_ASSIGN(key, packaging::loadOrMakeUserKey());
    packaging::Manifest manifest;
    manifest.name = projectName;
    manifest.version = "draft";
    manifest.spec = std::move(spec);
    manifest.metrics = std::move(metrics);
    manifest.datasetVersion = run.config.datasetVersion;
    manifest.datasetManifestSha256 = run.datasetManifestSha256;
    manifest.run = run.folder.filename().string();
    manifest.createdMs = base::nowMs();
    return packaging::signDraft(run.model(), std::move(manifest), key);
}

void withdrawDraft(const RunModel& run)
{
    std::error_code ec;
    fs::remove(run.model() / "manifest.json", ec);
    fs::remove(run.model() / "signature", ec);
}

base::Result<packaging::Package> openDraft(const RunModel& run)
{
    const auto name = run.folder.filename().string();
    const auto unchecked = base::failed(fmt::format("The model of run {} was not checked yet. `percept resume PROJECT --run {}` does that.", name, name));
    std::error_code ec;
    if (!fs::is_regular_file(run.model() / "manifest.json", ec)) {
        PERCEPT_TRY(readTrainedSpec(run)); // says when there is no model at all
        return unchecked;
    }
    PERCEPT_ASSIGN(draft, packaging::Package::open(run.model()));
    if (!draft.manifest().metrics.contains("validation")) // signed for the check itself, which did not come to its end
        return unchecked;
    return draft;
}

bool isModelDamaged(const RunModel& run)
{
    std::error_code ec;
    if (const auto spec = readTrainedSpec(run); spec.hasError() && fs::exists(run.model() / "spec.json", ec))
        return true;
    // A list of files that cannot be read says nothing about them; it is made anew without training.
    return packaging::readManifest(run.model()).hasValue() && packaging::Package::open(run.model()).hasError();
}

bool hasCheckpoint(const RunModel& run)
{
    std::error_code ec;
    for (fs::directory_iterator it(run.folder / "checkpoints", ec), end; !ec && it != end; it.increment(ec))
        if (it->path().extension() == ".ckpt")
            return true;
    return false;
}

std::string networkOf(const packaging::Manifest& draft)
{
    for (const auto& file : draft.files)
        if (file.name == "model.onnx")
            return file.sha256;
    return {};
}

std::string matchDrafts(const dataset::ProjectReader& reader, const std::vector<std::string>& runs)
{
    const auto records = reader.readRunRecords();
    if (records.hasError())
        return records.error().message;
    std::string problem;
    for (const auto& [run, record] : records.value()) {
        if (!record.thresholds || record.removed || (!runs.empty() && std::find(runs.begin(), runs.end(), run) == runs.end()))
            continue;
        const auto draft = packaging::readManifest(runs::runFolder(reader.folder(), run) / "model");
        if (draft.hasError() || networkOf(draft.value()) != record.thresholds->network || thresholdsOf(draft->spec) == record.thresholds->values)
            continue; // another network's, or in line already
        if (const auto written = writeThresholds(reader.folder(), run, record.thresholds->values); written.hasError())
            problem = fmt::format("The thresholds of run {} are stored, but its model does not use them yet. {}", run, written.error().message);
    }
    return problem;
}

base::Result<std::vector<double>> readThresholds(const fs::path& project, const std::string& run)
{
    PERCEPT_ASSIGN(model, readRunModel(project, run));
    PERCEPT_ASSIGN(draft, openDraft(model));
    return thresholdsOf(draft.manifest().spec);
}

base::Result<void> writeThresholds(const fs::path& project, const std::string& run, const std::vector<double>& thresholds)
{
    PERCEPT_ASSIGN(model, readRunModel(project, run));
    PERCEPT_ASSIGN(draft, openDraft(model));
    auto spec = draft.manifest().spec;
    if (thresholds.size() != spec.labels.size())
        return base::usage(fmt::format("The model has {} classes, but {} thresholds were given.", spec.labels.size(), thresholds.size()));
    for (std::size_t i = 0; i < thresholds.size(); ++i) {
        if (!(thresholds[i] >= 0 && thresholds[i] <= 1))
            return base::usage("A threshold must lie between 0 and 1.");
        spec.labels[i].threshold = thresholds[i];
    }
    return signRunDraft(model, draft.manifest().name, std::move(spec), draft.manifest().metrics);
}

}
