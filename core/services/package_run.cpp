#include "core/base/files.h"
#include "core/base/fresh_names.h"
#include "core/base/time.h"
#include "core/services/draft_model.h"
#include "core/services/model_card.h"
#include "core/services/model_scoring.h"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <string_view>

namespace percept::services {

namespace fs = std::filesystem;
using domain::SplitSet;
using nlohmann::json;
using Files = std::map<std::string, std::vector<std::uint8_t>>;
using ModelVersion = dataset::ProjectReader::ModelVersion;

namespace {

// What ships of a draft: the network and its golden pictures. The specification travels in the manifest.
base::Result<Files> shippedFiles(const packaging::Package& draft)
{
    Files files;
    for (const auto& entry : draft.manifest().files) {
        if (entry.name != "model.onnx" && !entry.name.starts_with("golden/"))
            continue;
        PERCEPT_ASSIGN(bytes, draft.file(entry.name));
        files.emplace(entry.name, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
    }
    return files;
}

std::string nextVersion(const std::vector<ModelVersion>& versions)
{
    int major = 1, minor = -1;
    for (const auto& version : versions) {
        int a = 0, b = 0;
        if (std::sscanf(version.version.c_str(), "%d.%d", &a, &b) == 2 && std::pair(a, b) > std::pair(major, minor))
            std::tie(major, minor) = std::pair(a, b);
    }
    return fmt::format("{}.{}", major, minor + 1);
}

// "blood cells-1.0.ppkg", whatever the project is called.
std::string packageName(std::string name, const std::string& version)
{
    for (char& c : name)
        if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
            c = '_';
    if (name.starts_with('.'))
        name[0] = '_';
    return name + "-" + version + ".ppkg";
}

std::string nameOfParent(const std::vector<ModelVersion>& versions, const protocol::RunConfig& config)
{
    for (auto it = versions.rbegin(); it != versions.rend(); ++it)
        if (config.startFrom.find("/runs/" + it->run + "/") != std::string::npos)
            return it->version;
    return {};
}

std::int64_t nextReleaseCounter(const fs::path& project, const std::vector<ModelVersion>& versions)
{
    std::int64_t counter = static_cast<std::int64_t>(versions.size());
    for (const auto& version : versions)
        if (const auto package = packaging::Package::open(project / version.file); package.hasValue())
            counter = std::max(counter, package->manifest().releaseCounter);
    return counter + 1;
}

struct Packaging {
    const dataset::ProjectReader& reader;
    const RunModel& run;
    const base::ProgressFn& progress;
    const base::CancelToken& cancel;
    packaging::Manifest manifest;
    Files files;
    packaging::SigningKey key;
    double testBeganAsProposal = -1;
    std::vector<std::pair<ScoredSet, json>> scores {};

    base::Result<void> scoreAsShipped(const fs::path& candidate);
    base::Result<void> scoreSet(runs::EdgeProcess& edge, SplitSet set);
};

// The candidate is the very package but for its own score; percept-edge runs it from the file.
base::Result<void> Packaging::scoreAsShipped(const fs::path& candidate)
{
    manifest.metrics = json::object();
    PERCEPT_TRY(packaging::writePackage(candidate, manifest, files, key));
    PERCEPT_ASSIGN(edge, runs::EdgeProcess::start());
    PERCEPT_TRY(edge->load(fs::absolute(candidate)));
    PERCEPT_TRY(checkGolden(*edge));
    PERCEPT_TRY(scoreSet(*edge, SplitSet::Validation));
    return scoreSet(*edge, SplitSet::Test);
}

constexpr std::string_view kCandidate = ".candidate-";

// Under a name that nothing else has; what a crash has left of earlier ones goes, as only one is packaged at a time.
base::Result<void> scoreCandidate(Packaging& work, const fs::path& packages)
{
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(packages, ec))
        if (entry.path().filename().string().starts_with(kCandidate)) {
            std::error_code ignored;
            fs::remove_all(entry.path(), ignored);
        }
    PERCEPT_ASSIGN(folder, base::makeFreshFolder(packages / kCandidate));
    auto scored = work.scoreAsShipped(folder / "candidate.ppkg");
    fs::remove_all(folder, ec);
    return scored;
}

base::Result<void> Packaging::scoreSet(runs::EdgeProcess& edge, SplitSet set)
{
    const VersionId version { manifest.datasetVersion };
    PERCEPT_ASSIGN(items, truthOfVersion(reader, version, set));
    if (items.empty()) {
        if (set == SplitSet::Validation)
            return base::refused("The run's dataset version has no validation picture, so what ships cannot be scored.");
        return {};
    }
    if (set == SplitSet::Test)
        testBeganAsProposal = shareBeganAsProposal(items);
    PERCEPT_ASSIGN(labels, reader.readVersionLabels(version));
    PERCEPT_ASSIGN(scored, scoreItems(edge, manifest.spec, reader, items, labels, set, progress, cancel));
    auto document = scoreDocument(scored, thresholdsOf(manifest.spec), { manifest.run, manifest.version, manifest.datasetVersion },
        cancel);
    if (cancel.isCancelled())
        return base::cancelled();
    scores.emplace_back(std::move(scored), document);
    document.erase("skipped"); // paths of this desk do not travel
    manifest.metrics[std::string(domain::toString(set))] = std::move(document);
    return {};
}

// The same run, unchanged since it was packaged: its file again, not a second number for the same model.
// One that another key signed (the project came from somebody else) is none: no device of this user takes it.
std::optional<ModelVersion> alreadyPackaged(const fs::path& project, const std::vector<ModelVersion>& versions, const packaging::Package& draft, const Files& files,
    const std::string& key)
{
    for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
        if (it->run != draft.manifest().run)
            continue;
        const auto package = packaging::Package::open(project / it->file);
        if (package.hasError() || package->manifest().publicKey != key || !(package->manifest().spec == draft.manifest().spec))
            return std::nullopt;
        const auto model = package->file("model.onnx");
        if (model.hasValue() && std::equal(model->begin(), model->end(), files.at("model.onnx").begin(), files.at("model.onnx").end()))
            return *it;
        return std::nullopt;
    }
    return std::nullopt;
}

// Versions of this run whose stored file is of no use any more: people may count on them.
std::vector<std::string> damagedVersions(const fs::path& project, const std::vector<ModelVersion>& versions, const std::string& run, const std::string& key)
{
    std::vector<std::string> notes;
    for (const auto& version : versions)
        if (version.run == run) {
            const auto package = packaging::Package::open(project / version.file);
            if (package.hasError())
                notes.push_back(fmt::format("The stored file of version {} cannot be used: {} A new version takes its place.",
                    version.version, package.error().message));
            else if (package->manifest().publicKey != key)
                notes.push_back(fmt::format("Version {} is signed with another key, so your devices would refuse it. The new version is signed with yours.", version.version));
        }
    return notes;
}

// To the user's place, or where there is none the project's own file.
base::Result<PackageReport> handOver(const fs::path& from, const fs::path& out, const std::string& version)
{
    if (!out.empty()) {
        PERCEPT_ASSIGN(bytes, base::readFile(from));
        PERCEPT_TRY(base::atomicWrite(out, bytes));
    }
    const auto& file = out.empty() ? from : out;
    PERCEPT_ASSIGN(package, packaging::Package::open(file));
    return PackageReport { file, version, package.manifest().metrics, {} };
}

base::Result<void> makeFolder(const fs::path& folder)
{
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec)
        return base::failed(fmt::format("{} cannot be made: {}.", folder.string(), base::describeErrno(ec.value())));
    return {};
}

}

base::Result<PackageReport> packageRun(ProjectSession& session, const std::string& run, const fs::path& out, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    const std::unique_lock alone(session.packaging(), std::try_to_lock);
    if (!alone.owns_lock())
        return base::refused("A model of this project is being packaged already. Package this one when that is done.");
    PERCEPT_ASSIGN(reader, session.openReader());
    PERCEPT_ASSIGN(model, readRunModel(session.folder(), run));
    PERCEPT_ASSIGN(draft, openDraft(model));
    PERCEPT_ASSIGN(files, shippedFiles(draft));
    PERCEPT_ASSIGN(versions, reader->readModelVersions());
    PERCEPT_ASSIGN(key, packaging::loadOrMakeUserKey());
    const std::string keyText = packaging::publicKeyText(key.publicKey);
    if (const auto same = alreadyPackaged(session.folder(), versions, draft, files, keyText))
        return handOver(session.folder() / same->file, out, same->version);
    Packaging work { *reader, model, progress, cancel, draft.manifest(), std::move(files), key };
    work.manifest.version = nextVersion(versions);
    work.manifest.parent = nameOfParent(versions, model.config);
    work.manifest.createdMs = base::nowMs();
    work.manifest.releaseCounter = nextReleaseCounter(session.folder(), versions);
    PERCEPT_TRY(makeFolder(session.folder() / "packages"));
    PERCEPT_TRY(scoreCandidate(work, session.folder() / "packages"));
    const auto card = modelCard(work.manifest, work.testBeganAsProposal);
    work.files["model-card.md"] = { card.begin(), card.end() };
    const auto file = fs::path("packages") / packageName(work.manifest.name, work.manifest.version);
    PERCEPT_TRY(packaging::writePackage(session.folder() / file, work.manifest, work.files, key));
    // To the user's place first: a number is given only to a package that was handed over.
    PERCEPT_ASSIGN(report, handOver(session.folder() / file, out, work.manifest.version));
    for (const auto& [scored, document] : work.scores) // before the number is given: a version without its score would stay without
        PERCEPT_TRY(writeScore(model.folder, scored, document));
    PERCEPT_TRY(session.call([&](dataset::ProjectStore& store) { return store.addModelVersion(run, file.string(), work.manifest.version); }));
    report.notes = damagedVersions(session.folder(), versions, run, keyText);
    return report;
}

}
