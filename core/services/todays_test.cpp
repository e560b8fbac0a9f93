// Every version is compared on today's test set: pictures that came after a version was scored are shown to it as well.
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/evaluation/evaluation_document.h"
#include "core/services/draft_model.h"
#include "core/services/later_answers.h"
#include "core/services/model_scoring.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace percept::services {

namespace fs = std::filesystem;
using domain::SplitSet;

namespace {

struct Model { std::string run; fs::path package; };

// The packaged versions, and the newest finished run that was scored on the test set: that is looked at when somebody decides so,
// not by asking for a page.
base::Result<std::vector<Model>> modelsToAsk(const dataset::ProjectReader& reader, const std::vector<std::string>& wanted)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    PERCEPT_ASSIGN(all, listRuns(reader));
    std::map<std::string, fs::path> packageOf; // a run that was packaged again is the same network
    for (const auto& version : versions)
        packageOf[version.run] = reader.folder() / version.file;
    for (const auto& run : all) {
        std::error_code ec;
        if (!run.hasModel || (run.status != "ok" && run.status != "stopped") || !fs::exists(run.folder / "evaluation-test.json", ec))
            continue;
        packageOf.emplace(run.id, run.folder / "model");
        break;
    }
    for (const auto& run : wanted)
        packageOf.emplace(run, runs::runFolder(reader.folder(), run) / "model");
    std::vector<Model> models;
    for (const auto& [run, package] : packageOf)
        models.push_back({ run, package });
    return models;
}

base::Result<std::vector<Model>> namedModels(const dataset::ProjectReader& reader, const std::vector<std::string>& wanted)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    std::map<std::string, fs::path> packageOf;
    for (const auto& name : wanted) {
        const auto version = std::find_if(versions.rbegin(), versions.rend(), [&](const auto& v) { return v.version == name || v.run == name; });
        if (version != versions.rend())
            packageOf.emplace(version->run, reader.folder() / version->file);
        else if (const auto run = runs::findRun(reader.folder(), name); run.hasValue() && run->hasModel)
            packageOf.emplace(name, run->folder / "model");
    }
    std::vector<Model> models;
    for (const auto& [run, package] : packageOf)
        models.push_back({ run, package });
    return models;
}

base::Result<std::set<std::int64_t>> askedItems(const fs::path& predictions)
{
    PERCEPT_ASSIGN(text, base::readTextFile(predictions, 4ull << 30));
    std::set<std::int64_t> items;
    PERCEPT_TRY(eachAnswerLine(text, [&](const evaluation::EvaluationImage& image, bool) { items.insert(image.item); }));
    return items;
}

base::Result<void> askAbout(const dataset::ProjectReader& reader, const Model& model, const std::vector<dataset::VersionItem>& items,
    const fs::path& predictions, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(package, packaging::Package::open(model.package));
    PERCEPT_ASSIGN(edge, runs::EdgeProcess::start());
    PERCEPT_TRY(edge->load(fs::absolute(model.package)));
    PERCEPT_ASSIGN(labels, reader.readLabels());
    PERCEPT_ASSIGN(scored, scoreItems(*edge, package.manifest().spec, reader, items, labels, SplitSet::Test, progress, cancel));
    PERCEPT_ASSIGN(text, base::readTextFile(predictions, 4ull << 30));
    for (const auto& image : scored.images)
        text += encodeLaterAnswer(image) + "\n";
    return base::atomicWrite(predictions, text);
}

// On the test pictures of its dataset version. Of one that was trained before there were any nothing is scored: all that it is asked
// came later.
base::Result<void> scoreAsFrozen(const dataset::ProjectReader& reader, const Model& model, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(run, readRunModel(reader.folder(), model.run));
    PERCEPT_ASSIGN(frozen, truthOfVersion(reader, VersionId { run.config.datasetVersion }, SplitSet::Test));
    if (!frozen.empty()) {
        PERCEPT_TRY(evaluateRun(reader.folder(), model.run, SplitSet::Test, progress, cancel));
        return {};
    }
    PERCEPT_ASSIGN(package, packaging::Package::open(model.package));
    const auto& manifest = package.manifest();
    ScoredSet nothing;
    nothing.set = SplitSet::Test;
    for (const auto& label : manifest.spec.labels)
        nothing.labels.push_back(label.name);
    return writeScore(run.folder, nothing, scoreDocument(nothing, thresholdsOf(manifest.spec), { model.run, manifest.version, run.config.datasetVersion }));
}

base::Result<void> askModel(const dataset::ProjectReader& reader, const Model& model, const std::vector<dataset::VersionItem>& today,
    const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    const auto folder = runs::runFolder(reader.folder(), model.run);
    const auto predictions = folder / "predictions-test.jsonl";
    std::error_code ec;
    if (!fs::is_regular_file(folder / "evaluation-test.json", ec))
        PERCEPT_TRY(scoreAsFrozen(reader, model, progress, cancel));
    PERCEPT_ASSIGN(asked, askedItems(predictions));
    std::vector<dataset::VersionItem> missing;
    for (const auto& item : today)
        if (!asked.contains(item.item.id.value))
            missing.push_back(item);
    return missing.empty() ? base::Result<void>() : askAbout(reader, model, missing, predictions, progress, cancel);
}

base::Result<std::vector<Problem>> askAll(const dataset::ProjectReader& reader, const std::vector<Model>& models, const base::ProgressFn& progress,
    const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(today, truthOfToday(reader, SplitSet::Test));
    std::vector<Problem> problems;
    if (today.empty())
        return problems;
    for (const auto& model : models) {
        const auto asked = askModel(reader, model, today, progress, cancel);
        if (asked.hasValue())
            continue;
        if (asked.error().code == base::ErrorCode::Cancelled)
            return asked.error();
        problems.push_back({ model.run, asked.error().message }); // what comes of it is made of what is there, and says so
    }
    return problems;
}

}

base::Result<std::vector<Problem>> answerTodaysTest(const fs::path& project, const base::ProgressFn& progress, const base::CancelToken& cancel,
    const std::vector<std::string>& runs)
{
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(models, modelsToAsk(*reader, runs));
    return askAll(*reader, models, progress, cancel);
}

base::Result<std::vector<Problem>> answerTodaysTestOf(const fs::path& project, const std::vector<std::string>& models, const base::ProgressFn& progress,
    const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(named, namedModels(*reader, models));
    return askAll(*reader, named, progress, cancel);
}

}
