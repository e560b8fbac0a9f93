#include "core/services/run_commands.h"

#include "core/base/files.h"
#include "core/services/draft_model.h"
#include "core/services/loop.h"
#include "core/services/model_scoring.h"

#include <fmt/format.h>

namespace percept::services {

namespace fs = std::filesystem;

namespace {

// The last version of a run.
const dataset::ProjectReader::ModelVersion* versionOf(const std::vector<dataset::ProjectReader::ModelVersion>& versions, const std::string& run)
{
    for (auto version = versions.rbegin(); version != versions.rend(); ++version)
        if (version->run == run)
            return &*version;
    return nullptr;
}

bool isAsPackaged(const fs::path& draftFolder, const fs::path& package)
{
    const auto draft = packaging::readManifest(draftFolder);
    const auto shipped = packaging::readManifest(package);
    return draft.hasValue() && shipped.hasValue() && draft->spec == shipped->spec && networkOf(draft.value()) == networkOf(shipped.value());
}

std::uint64_t bytesBelow(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    std::error_code ec;
    for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
        std::error_code ignored;
        if (const auto size = it->is_regular_file(ignored) ? it->file_size(ignored) : 0; !ignored)
            bytes += size;
    }
    return bytes;
}

}

base::Result<std::vector<ModelInfo>> listModels(const dataset::ProjectReader& reader)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    PERCEPT_ASSIGN(all, listRuns(reader));
    std::vector<ModelInfo> models;
    for (const auto& run : all) {
        if (!run.hasModel)
            continue;
        const auto* version = versionOf(versions, run.id);
        models.push_back({ run.id, run.name, version ? version->version : std::string(),
            version && isAsPackaged(run.folder / "model", reader.folder() / version->file) });
    }
    return models;
}

base::Result<dataset::Edit> chooseThresholds(const fs::path& project, const std::string& run, const std::vector<double>& thresholds)
{
    PERCEPT_ASSIGN(model, readRunModel(project, run));
    PERCEPT_ASSIGN(draft, openDraft(model));
    const auto before = thresholdsOf(draft.manifest().spec);
    if (thresholds.size() != before.size())
        return base::usage(fmt::format("The model has {} classes, but {} thresholds were given.", before.size(), thresholds.size()));
    return dataset::Edit(dataset::SetRunThresholds { run, { networkOf(draft.manifest()), thresholds }, before });
}

base::Result<dataset::Edit> trashRun(const dataset::ProjectReader& reader, const std::string& run)
{
    PERCEPT_ASSIGN(all, listRuns(reader));
    for (const auto& other : all) {
        if (other.id == run && other.status == "running")
            return base::refused("The run is being trained. Stop it first.");
        if (other.id == run && !other.modelVersion.empty())
            return base::refused(fmt::format("Model {} was made of this run, so it cannot be deleted.", other.modelVersion));
        const bool isDone = other.status == "ok" || other.status == "stopped";
        if (!isDone && other.config.startFrom.find("/runs/" + run + "/") != std::string::npos)
            return base::refused(fmt::format("Run {} starts from this run and is not done, so it cannot be deleted.", other.id));
    }
    return dataset::Edit(dataset::EditRun { .run = run, .trashed = true });
}

base::Result<TrashedRuns> readTrashedRuns(const dataset::ProjectReader& reader)
{
    PERCEPT_ASSIGN(records, reader.readRunRecords());
    TrashedRuns trashed;
    for (const auto& [run, record] : records) {
        if (!record.trashed || record.removed)
            continue;
        ++trashed.runs;
        trashed.bytes += bytesBelow(runs::runFolder(reader.folder(), run));
    }
    return trashed;
}

base::Result<TrashedRuns> removeTrashedRuns(ProjectSession& session)
{
    PERCEPT_ASSIGN(reader, session.openReader());
    PERCEPT_ASSIGN(trashed, readTrashedRuns(*reader));
    PERCEPT_ASSIGN(removed, session.call([](dataset::ProjectStore& store) { return store.removeTrashedRuns(); }));
    for (const auto& run : removed) { // also what an earlier try has left
        std::error_code ec;
        const auto folder = runs::runFolder(session.folder(), run);
        fs::remove_all(folder, ec);
        if (ec)
            return base::failed(fmt::format("{} cannot be deleted: {}.", folder.string(), base::describeErrno(ec.value())));
    }
    return trashed;
}

}
