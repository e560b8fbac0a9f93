#include "core/report/stored_model.h"

#include "core/base/files.h"
#include "core/evaluation/evaluation_document.h"
#include "core/packaging/package.h"
#include "core/runs/run_store.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace percept::report {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kMaxDocumentBytes = 64ull << 20;
constexpr int kPage = 500;

struct ModelClass { LabelId id; std::string name; double threshold = 0.5; };

base::Result<json> readJson(const fs::path& file)
{
    PERCEPT_ASSIGN(text, base::readTextFile(file, kMaxDocumentBytes));
    json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object())
        return base::failed(file.string() + " is damaged. Evaluate the run again to write it anew.");
    return document;
}

double numberOr(const json& object, const char* key, double fallback)
{
    const auto at = object.find(key);
    return at != object.end() && at->is_number() ? at->get<double>() : fallback;
}

std::vector<ModelClass> classesOf(const protocol::ModelSpec& spec)
{
    std::vector<ModelClass> classes;
    for (const auto& label : spec.labels)
        classes.push_back({ label.id, label.name, label.threshold });
    return classes;
}

// The draft's specification with the thresholds of now, else as the trainer wrote it.
std::optional<protocol::ModelSpec> readDraftSpec(const fs::path& run)
{
    if (const auto manifest = readJson(run / "model" / "manifest.json"); manifest.hasValue() && manifest->contains("spec"))
        if (auto spec = protocol::modelSpecFromJson((*manifest)["spec"]); spec.hasValue())
            return std::move(spec).value();
    if (const auto plain = readJson(run / "model" / "spec.json"); plain.hasValue())
        if (auto spec = protocol::modelSpecFromJson(*plain); spec.hasValue())
            return std::move(spec).value();
    return std::nullopt;
}

// Ids from the specification; thresholds as the model was scored with, which for a version are those that it ships with.
base::Result<std::vector<ModelClass>> readClasses(
    const fs::path& project, const ModelName& name, const fs::path& run, const json& document)
{
    const auto scoredModel = document.find("model");
    const bool scoredAsThis = scoredModel != document.end() && scoredModel->is_string() && *scoredModel == name.version;
    if (!name.version.empty() && !scoredAsThis && !name.package.empty()) {
        // The run was packaged or scored again since: the package itself knows.
        PERCEPT_ASSIGN(file, base::safePath(project, name.package.string()));
        PERCEPT_ASSIGN(package, packaging::Package::open(file));
        return classesOf(package.manifest().spec);
    }
    std::vector<ModelClass> classes;
    if (const auto spec = readDraftSpec(run))
        classes = classesOf(*spec);
    const auto rows = document.find("per_class");
    for (std::size_t i = 0; rows != document.end() && rows->is_array() && i < rows->size(); ++i) {
        const json& row = (*rows)[i];
        if (!row.is_object() || !row.contains("label") || !row["label"].is_string())
            continue;
        if (i >= classes.size())
            classes.push_back({ {}, row["label"].get<std::string>() });
        if (!name.version.empty() || !std::as_const(classes)[i].id.isValid())
            classes[i].threshold = numberOr(row, "threshold", classes[i].threshold);
    }
    if (classes.empty())
        return base::failed("The classes of run " + name.run + " cannot be read. Evaluate it again.");
    return classes;
}

// Place of each of the model's classes among the project's; -1 for a class that is gone.
std::vector<int> placesOf(const std::vector<ModelClass>& classes, const std::vector<domain::Label>& labels)
{
    std::vector<int> places;
    for (const ModelClass& c : classes) {
        int place = -1;
        for (std::size_t i = 0; i < labels.size() && place < 0; ++i)
            if (c.id.isValid() ? labels[i].id == c.id : labels[i].name == c.name)
                place = static_cast<int>(i);
        places.push_back(place);
    }
    return places;
}

base::Result<void> readAnswers(const fs::path& file, const std::vector<int>& places, StoredModel& model)
{
    std::error_code ec;
    std::ifstream in;
    if (fs::is_regular_file(file, ec)) // a pipe by that name would be waited for without end
        in.open(file, std::ios::binary);
    if (!in.is_open())
        return base::failed(file.string() + " cannot be read. Evaluate the run again to write it anew.");
    for (std::string line; std::getline(in, line);) {
        if (line.empty())
            continue;
        PERCEPT_ASSIGN(image, evaluation::decodeImageLine(line));
        if (line.starts_with(evaluation::kLaterMark))
            model.later.insert(image.item);
        auto& answers = model.answers[image.item];
        answers.clear();
        for (domain::Detection& d : image.detections) {
            const int place = static_cast<std::size_t>(d.label) < places.size() ? places[static_cast<std::size_t>(d.label)] : -1;
            if (place < 0)
                continue;
            d.label = place;
            answers.push_back(d);
        }
    }
    return {};
}

}

base::Result<TestSet> readTestSet(const dataset::ProjectReader& reader)
{
    TestSet set;
    PERCEPT_ASSIGN(labels, reader.readLabels());
    set.labels = std::move(labels);
    std::unordered_map<LabelId, int> places;
    for (std::size_t i = 0; i < set.labels.size(); ++i)
        places.emplace(set.labels[i].id, static_cast<int>(i));
    dataset::ItemFilter filter;
    filter.states = { domain::ItemState::Done };
    filter.sets = { domain::SplitSet::Test };
    for (ItemId after;;) {
        PERCEPT_ASSIGN(items, reader.readItems(filter, after, kPage));
        if (items.empty())
            return set;
        after = items.back().id;
        for (const domain::Item& item : items) {
            PERCEPT_ASSIGN(annotations, reader.readAnnotations(item.id));
            evaluation::EvaluationImage image { item.id.value, item.group.value, item.name, {}, {}, item.width, item.height };
            for (const domain::Annotation& a : annotations) {
                const auto place = places.find(a.label);
                if (place == places.end() || !a.box.hasArea() || !a.box.isFinite())
                    continue;
                image.truths.push_back({ place->second, a.box, a.flags.crowd });
                set.objects += a.flags.crowd ? 0 : 1;
                if (!a.flags.crowd && a.origin == domain::Origin::ProposalAccepted)
                    ++set.accepted[item.id.value];
            }
            set.images.push_back(std::move(image));
        }
    }
}

std::string runForPeople(const std::string& run)
{
    const bool isNumbered = run.size() > 1 && run[0] == 'r' && run.find_first_not_of("0123456789", 1) == std::string::npos;
    const auto digits = isNumbered ? run.find_first_not_of('0', 1) : std::string::npos;
    return "run " + (digits == std::string::npos ? run : run.substr(digits));
}

std::string ModelName::forPeople() const
{
    if (!version.empty())
        return version;
    return title.empty() ? "draft of " + runForPeople(run) : "draft " + title;
}

std::vector<evaluation::EvaluationImage> StoredModel::answered(const std::vector<evaluation::EvaluationImage>& images) const
{
    std::vector<evaluation::EvaluationImage> result;
    for (const auto& image : images)
        if (const auto at = answers.find(image.item); at != answers.end()) {
            result.push_back(image);
            result.back().detections = at->second;
        }
    return result;
}

std::vector<evaluation::EvaluationImage> StoredModel::scored(const std::vector<evaluation::EvaluationImage>& images) const
{
    auto all = answered(images);
    const auto isLater = [this](const auto& image) { return later.contains(image.item); };
    if (!std::all_of(all.begin(), all.end(), isLater))
        std::erase_if(all, isLater);
    return all;
}

double acceptedShare(const TestSet& test, const std::vector<evaluation::EvaluationImage>& images)
{
    std::int64_t all = 0, accepted = 0;
    for (const auto& image : images) {
        all += std::count_if(image.truths.begin(), image.truths.end(), [](const auto& truth) { return !truth.crowd; });
        if (const auto at = test.accepted.find(image.item); at != test.accepted.end())
            accepted += at->second;
    }
    return all > 0 ? static_cast<double>(accepted) / static_cast<double>(all) : 0;
}

base::Result<StoredModel> readStoredModel(const fs::path& project, const ModelName& name, const std::vector<domain::Label>& labels)
{
    // Run ids come from files that may have been written by anybody.
    if (name.run.empty() || name.run.find_first_of("/\\") != std::string::npos || name.run.starts_with('.'))
        return base::refused("The project names a run that cannot be one: " + name.run + ".");
    const fs::path run = runs::runFolder(project, name.run);
    std::error_code ec;
    if (!fs::is_regular_file(run / "evaluation-test.json", ec))
        return base::notFound(fmt::format("The model of run {} has not been scored on the test set yet.", name.run));
    PERCEPT_ASSIGN(document, readJson(run / "evaluation-test.json"));
    PERCEPT_ASSIGN(classes, readClasses(project, name, run, document));
    StoredModel model;
    model.name = name;
    model.thresholds.assign(labels.size(), 0.5);
    model.knows.assign(labels.size(), false);
    const std::vector<int> places = placesOf(classes, labels);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (places[i] >= 0) {
            model.thresholds[static_cast<std::size_t>(places[i])] = classes[i].threshold;
            model.knows[static_cast<std::size_t>(places[i])] = true;
        }
    if (const auto skipped = document.find("skippedCount"); skipped != document.end() && skipped->is_number_integer())
        model.skipped = skipped->get<std::int64_t>();
    PERCEPT_TRY(readAnswers(run / "predictions-test.jsonl", places, model));
    return model;
}

}
