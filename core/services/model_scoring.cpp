#include "core/services/model_scoring.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/evaluation/evaluation_document.h"

#include <cmath>
#include <fmt/format.h>

namespace percept::services {

namespace fs = std::filesystem;
using dataset::VersionItem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kSeed = 0;
constexpr std::size_t kManyImages = 2000; // beyond, half as many draws: a minute instead of two
constexpr std::size_t kSkippedNamed = 100;

// Class of a truth: the model's, or one behind them when the model does not know it (it can only miss those).
class TruthClasses {
public:
    TruthClasses(const protocol::ModelSpec& spec, const std::vector<domain::Label>& projectLabels)
    {
        for (const auto& label : spec.labels)
            add(label.id, label.name);
        for (const auto& label : projectLabels)
            m_names.emplace(label.id, label.name);
    }
    int indexOf(LabelId id)
    {
        const auto found = m_index.find(id);
        if (found != m_index.end())
            return found->second;
        const auto name = m_names.find(id);
        return add(id, name == m_names.end() ? fmt::format("class {}", id.value) : name->second);
    }
    const std::vector<std::string>& labels() const { return m_labels; }

private:
    int add(LabelId id, const std::string& name)
    {
        m_labels.push_back(name);
        return m_index.emplace(id, static_cast<int>(m_labels.size()) - 1).first->second;
    }
    std::map<LabelId, int> m_index;
    std::map<LabelId, std::string> m_names;
    std::vector<std::string> m_labels;
};

base::Result<void> checkSameFile(const fs::path& file, const domain::Item& item)
{
    if (item.contentHash.empty())
        return {};
    PERCEPT_ASSIGN(hash, base::sha256OfFile(file));
    if (hash != item.contentHash)
        return base::failed(fmt::format("{} has changed since it was labeled.", file.string()));
    return {};
}

evaluation::EvaluationImage imageOf(const VersionItem& item, TruthClasses& classes)
{
    evaluation::EvaluationImage image;
    image.item = item.item.id.value;
    image.group = item.item.group.value;
    image.name = item.item.name;
    image.width = item.item.width;
    image.height = item.item.height;
    for (const auto& annotation : item.annotations)
        if (annotation.box.hasArea() && annotation.box.isFinite())
            image.truths.push_back({ classes.indexOf(annotation.label), annotation.box, annotation.flags.crowd });
    return image;
}

base::Result<std::vector<domain::Detection>> detectionsOf(runs::EdgeProcess& edge, const fs::path& file, const domain::Item& item, double floor)
{
    PERCEPT_TRY(checkSameFile(file, item));
    PERCEPT_ASSIGN(result, edge.predict(fs::absolute(file), floor));
    if (item.width > 0 && (result.width != item.width || result.height != item.height))
        return base::failed(fmt::format("{} is {} x {} pixels now; it was {} x {} when it was labeled.", file.string(), result.width, result.height, item.width, item.height));
    std::vector<domain::Detection> detections;
    for (const auto& p : result.predictions)
        detections.push_back({ p.labelIndex, p.score, p.box });
    return detections;
}

}

base::Result<std::vector<VersionItem>> truthOfVersion(const dataset::ProjectReader& reader, VersionId version, domain::SplitSet set)
{
    PERCEPT_ASSIGN(items, reader.readVersionItems(version, set));
    std::erase_if(items, [](const VersionItem& item) { return item.item.state != domain::ItemState::Done; });
    return items;
}

base::Result<std::vector<VersionItem>> truthOfToday(const dataset::ProjectReader& reader, domain::SplitSet set)
{
    dataset::ItemFilter filter;
    filter.states = { domain::ItemState::Done };
    filter.sets = { set };
    std::vector<VersionItem> truth;
    ItemId after;
    while (true) {
        PERCEPT_ASSIGN(items, reader.readItems(filter, after, 500));
        if (items.empty())
            return truth;
        after = items.back().id;
        for (auto& item : items) {
            PERCEPT_ASSIGN(annotations, reader.readAnnotations(item.id));
            truth.push_back({ std::move(item), std::move(annotations) });
        }
    }
}

base::Result<ScoredSet> scoreItems(runs::EdgeProcess& edge, const protocol::ModelSpec& spec, const dataset::ProjectReader& reader,
    const std::vector<VersionItem>& items, const std::vector<domain::Label>& projectLabels, domain::SplitSet set,
    const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    ScoredSet scored;
    scored.set = set;
    TruthClasses classes(spec, projectLabels);
    for (const auto& item : items) {
        if (cancel.isCancelled())
            return base::cancelled();
        if (progress)
            progress({ static_cast<std::int64_t>(scored.images.size() + scored.skipped.size()), static_cast<std::int64_t>(items.size()),
                fmt::format("Scoring on the {} set", domain::toString(set)) });
        const auto file = reader.mediaPath(item.item);
        auto detections = detectionsOf(edge, file, item.item, spec.postprocess.scoreFloor);
        if (detections.hasError()) {
            if (detections.error().code == base::ErrorCode::Cancelled)
                return detections.error();
            scored.skipped.push_back({ file.string(), detections.error().message });
            continue;
        }
        auto image = imageOf(item, classes);
        image.detections = std::move(detections).value();
        scored.images.push_back(std::move(image));
    }
    if (scored.images.empty() && !scored.skipped.empty())
        return base::failed(fmt::format("None of the {} pictures of the {} set could be scored. The first: {}", items.size(), domain::toString(set), scored.skipped.front().what));
    scored.labels = classes.labels();
    return scored;
}

json scoreDocument(
    const ScoredSet& scored, const std::vector<double>& thresholds, const ScoreOrigin& origin, const base::CancelToken& cancel)
{
    const int draws = scored.images.size() > kManyImages ? 1000 : 2000;
    json document = evaluation::evaluationDocument(scored.images, scored.labels, thresholds, draws, kSeed, cancel);
    document["run"] = origin.run;
    document["set"] = domain::toString(scored.set);
    document["model"] = origin.model;
    document["datasetVersion"] = origin.datasetVersion;
    json skipped = json::array();
    for (const auto& problem : scored.skipped)
        if (skipped.size() < kSkippedNamed)
            skipped.push_back({ { "file", problem.file }, { "reason", problem.what } });
    document["skipped"] = std::move(skipped);
    document["skippedCount"] = scored.skipped.size();
    return document;
}

base::Result<void> writeScore(const fs::path& runFolder, const ScoredSet& scored, const json& document)
{
    const std::string set { domain::toString(scored.set) };
    std::string lines;
    for (const auto& image : scored.images)
        lines += evaluation::encodeImageLine(image) + "\n";
    // The document last: where it is, its predictions are.
    PERCEPT_TRY(base::atomicWrite(runFolder / ("predictions-" + set + ".jsonl"), lines));
    return base::atomicWrite(runFolder / ("evaluation-" + set + ".json"), document.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

base::Result<void> checkGolden(runs::EdgeProcess& edge)
{
    PERCEPT_ASSIGN(golden, edge.golden());
    // Written so that a NaN fails.
    if (golden.maxScoreDifference <= kGoldenScoreTolerance && golden.maxBoxDifference <= kGoldenBoxTolerance)
        return {};
    return base::refused(fmt::format("The exported model does not answer as it did in training (scores differ by {:.2g}, boxes by {:.2g} pixels; "
        "allowed are {:.0e} and {}), so it must not be used. Please report this with the run's log.txt.",
        golden.maxScoreDifference, golden.maxBoxDifference, kGoldenScoreTolerance, kGoldenBoxTolerance));
}

std::vector<double> thresholdsOf(const protocol::ModelSpec& spec)
{
    std::vector<double> thresholds;
    for (const auto& label : spec.labels)
        thresholds.push_back(label.threshold);
    return thresholds;
}

}
