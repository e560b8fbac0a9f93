#include "core/base/files.h"
#include "core/base/time.h"
#include "core/runs/run_status.h"
#include "core/runs/run_store.h"
#include "core/services/picture_hashes.h"
#include "core/services/training_data.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace percept::services {

namespace fs = std::filesystem;
using domain::SplitSet;
using nlohmann::json;

namespace {

base::Result<void> checkRequest(const TrainRequest& request)
{
    if (request.recipe == "quick")
        return base::usage("The recipe 'quick' is not for detection; use --recipe full.");
    if (request.recipe != "full")
        return base::usage(fmt::format("There is no recipe '{}'; detection has 'full'.", request.recipe));
    if (request.epochs && (*request.epochs < 1 || *request.epochs > 100'000))
        return base::usage("The number of epochs must lie between 1 and 100,000.");
    if (request.timeLimitMinutes && !(*request.timeLimitMinutes > 0 && *request.timeLimitMinutes <= 60 * 24 * 365))
        return base::usage("The time limit must be a number of minutes above 0.");
    if (request.threads < 0 || request.threads > 1024)
        return base::usage("The number of threads must lie between 1 and 1024.");
    if (request.longSide && (*request.longSide < 64 || *request.longSide > 4096))
        return base::usage("The size of the model's picture must lie between 64 and 4096 pixels.");
    return {};
}

base::Result<void> splitWhatHasNoSet(ProjectSession& session, const dataset::ProjectReader& reader, std::uint64_t seed)
{
    PERCEPT_ASSIGN(done, readDoneItems(reader));
    PERCEPT_ASSIGN(options, splitForTraining(reader, done));
    if (!options)
        return {};
    options->seed = seed;
    return session.call([&](dataset::ProjectStore& store) -> base::Result<void> {
        PERCEPT_TRY(store.split(*options));
        return store.writeFact(kSplitByPerceptFact, "yes");
    });
}

// Where a run that continues another one takes its weights from: the folder, because a run that is being trained replaces its
// checkpoints.
base::Result<fs::path> weightsOfRun(const fs::path& project, const std::string& run)
{
    if (!runs::isRunId(run))
        return base::notFound(fmt::format("'{}' is neither a run of this project nor a package.", run));
    PERCEPT_ASSIGN(info, runs::findRun(project, run));
    std::error_code ec;
    for (fs::directory_iterator it(info.folder / "checkpoints", ec), end; !ec && it != end; it.increment(ec))
        if (it->path().extension() == ".ckpt")
            return fs::absolute(info.folder / "checkpoints");
    return base::failed(fmt::format("Run {} has left no checkpoint to start from.", run));
}

base::Result<std::string> startFrom(const fs::path& project, const std::string& from)
{
    if (from.empty())
        return std::string();
    std::string run = from;
    if (std::error_code ec; fs::is_regular_file(from, ec)) {
        PERCEPT_ASSIGN(package, packaging::Package::open(from));
        run = package.manifest().run;
        if (!fs::is_directory(runs::runFolder(project, run), ec))
            return base::refused(fmt::format("{} was trained in another project; training can go on only where its run {} is.", from, run));
    }
    PERCEPT_ASSIGN(weights, weightsOfRun(project, run));
    return weights.string();
}

struct Snapshot { std::string labels, items, version; };

json labelsOf(const std::vector<domain::Label>& labels)
{
    json list = json::array();
    for (const auto& label : labels)
        list.push_back({ { "id", label.id.value }, { "name", label.name } });
    return list;
}

// Classes without a single box are left out: the network would spend an output on what it cannot learn.
std::vector<domain::Label> usedLabels(std::vector<domain::Label> labels, const std::vector<dataset::VersionItem>& items)
{
    std::set<LabelId> used;
    for (const auto& item : items)
        for (const auto& annotation : item.annotations)
            if (annotation.box.hasArea() && annotation.box.isFinite())
                used.insert(annotation.label);
    std::erase_if(labels, [&](const domain::Label& label) { return !used.contains(label.id); });
    std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) { return std::tie(a.position, a.id) < std::tie(b.position, b.id); });
    return labels;
}

protocol::SnapshotItem snapshotItem(const dataset::VersionItem& from, const fs::path& file, const std::map<LabelId, int>& indexOf)
{
    const auto& item = from.item;
    protocol::SnapshotItem to { item.id.value, item.group.value, fs::absolute(file).string(), item.contentHash, item.set, item.width, item.height, {} };
    for (const auto& annotation : from.annotations)
        if (annotation.box.hasArea() && annotation.box.isFinite())
            to.boxes.push_back({ indexOf.at(annotation.label), annotation.box, annotation.flags.crowd, annotation.flags.difficult });
    return to;
}

base::Result<Snapshot> makeSnapshot(const dataset::ProjectReader& reader, const dataset::DatasetVersion& version)
{
    PERCEPT_ASSIGN(items, reader.readVersionItems(version.id, std::nullopt));
    PERCEPT_ASSIGN(allLabels, reader.readVersionLabels(version.id));
    const auto labels = usedLabels(std::move(allLabels), items);
    std::map<LabelId, int> indexOf;
    for (const auto& label : labels)
        indexOf.emplace(label.id, static_cast<int>(indexOf.size()));
    std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.item.id < b.item.id; });
    Snapshot snapshot;
    std::map<SplitSet, int> count;
    for (const auto& item : items) {
        if (item.item.state != domain::ItemState::Done || (item.item.set != SplitSet::Train && item.item.set != SplitSet::Validation))
            continue;
        ++count[item.item.set];
        snapshot.items += protocol::toJson(snapshotItem(item, reader.mediaPath(item.item), indexOf)).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    }
    if (count[SplitSet::Train] == 0 || count[SplitSet::Validation] == 0)
        return base::refused("After the split no finished picture is left for training or for validation. Finish more pictures, or move some between the sets.");
    snapshot.labels = labelsOf(labels).dump(1) + "\n";
    snapshot.version = json { { "version", version.id.value }, { "manifestSha256", version.manifestSha256 } }.dump() + "\n";
    return snapshot;
}

protocol::RunConfig configOf(const TrainRequest& request, const std::string& run, const dataset::DatasetVersion& version, std::int64_t trainItems)
{
    protocol::RunConfig config;
    config.run = run;
    config.recipe = request.recipe;
    config.datasetVersion = version.id.value;
    config.seed = request.seed;
    config.threads = request.threads;
    config.epochs = request.epochs;
    config.timeLimitMinutes = request.timeLimitMinutes;
    if (!config.epochs && !config.timeLimitMinutes)
        config.epochs = defaultEpochs(trainItems, config.batchSize);
    const auto weights = base::shareFolder() / "weights" / (config.backbone + ".safetensors");
    if (std::error_code ec; fs::is_regular_file(weights, ec))
        config.weights = fs::absolute(weights).string();
    return config;
}

// Under a hidden name first: a run is there whole or not at all.
base::Result<void> writeRunFolder(const fs::path& folder, const protocol::RunConfig& config, const Snapshot& snapshot)
{
    const auto draft = folder.parent_path() / (".new-" + folder.filename().string());
    std::error_code ec;
    fs::remove_all(draft, ec);
    fs::create_directories(draft / "snapshot", ec);
    if (ec)
        return base::failed(fmt::format("{} cannot be made: {}.", draft.string(), base::describeErrno(ec.value())));
    const auto write = [&]() -> base::Result<void> {
        PERCEPT_TRY(base::atomicWrite(draft / "config.json", protocol::toJson(config).dump(1) + "\n"));
        PERCEPT_TRY(base::atomicWrite(draft / "snapshot" / "labels.json", snapshot.labels));
        PERCEPT_TRY(base::atomicWrite(draft / "snapshot" / "items.jsonl", snapshot.items));
        PERCEPT_TRY(base::atomicWrite(draft / "snapshot" / "version.json", snapshot.version));
        runs::RunStatus status;
        status.createdMs = base::nowMs();
        return runs::writeStatus(draft, status);
    };
    auto written = write();
    if (written.hasValue()) {
        fs::rename(draft, folder, ec);
        if (!ec)
            return base::syncFolder(folder.parent_path());
        written = base::failed(fmt::format("{} cannot be made: {}.", folder.string(), base::describeErrno(ec.value())));
    }
    fs::remove_all(draft, ec);
    return written;
}

}

base::Result<std::string> prepareRun(
    ProjectSession& session, const TrainRequest& request, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_TRY(checkRequest(request));
    PERCEPT_ASSIGN(reader, session.openReader());
    PERCEPT_ASSIGN(check, checkTrainingData(*reader));
    if (!check.canTrain)
        return base::refused(check.findings.front().text); // worst first
    PERCEPT_ASSIGN(weights, startFrom(session.folder(), request.from));
    // A version names its pictures by content, and equal ones go to the same set.
    const auto held = session.holdHashes();
    PERCEPT_TRY(readMissingHashes(session, *reader, { .states = { domain::ItemState::Done } }, progress, cancel));
    PERCEPT_TRY(splitWhatHasNoSet(session, *reader, request.seed));
    if (cancel.isCancelled())
        return base::cancelled();
    PERCEPT_ASSIGN(version, session.call([](dataset::ProjectStore& store) { return store.freezeVersion(); }));
    PERCEPT_ASSIGN(snapshot, makeSnapshot(*reader, version));
    PERCEPT_ASSIGN(done, readDoneItems(*reader));
    PERCEPT_ASSIGN(run, session.call([](dataset::ProjectStore& store) { return store.nextRunId(); }));
    auto config = configOf(request, run, version, static_cast<std::int64_t>(done.train.size()));
    config.startFrom = weights;
    if (request.longSide) {
        config.longSide = *request.longSide;
    } else {
        PERCEPT_ASSIGN(size, choosePictureSize(*reader)); // after the split: of what is learned from
        config.longSide = size.longSide;
    }
    PERCEPT_TRY(writeRunFolder(runs::runFolder(session.folder(), run), config, snapshot));
    return run;
}

base::Result<std::vector<runs::RunInfo>> listRuns(const dataset::ProjectReader& reader)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    auto all = runs::readAllRuns(reader.folder());
    PERCEPT_ASSIGN(records, reader.readRunRecords());
    std::erase_if(all, [&](const runs::RunInfo& run) { return records[run.id].trashed || records[run.id].removed; });
    for (auto& run : all) {
        run.name = records[run.id].name;
        run.note = records[run.id].note;
        for (const auto& version : versions)
            if (version.run == run.id)
                run.modelVersion = version.version;
    }
    return all;
}

}
