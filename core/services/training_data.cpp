#include "core/services/training_data.h"

#include "core/base/time.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace percept::services {

namespace {

using dataset::ProjectReader;
using domain::SplitSet;
using Level = DataFinding::Level;

constexpr std::int64_t kFewBoxes = 20;
constexpr std::int64_t kFewValidation = 30;

std::string pictures(std::int64_t n) { return base::groupedCount(n) + (n == 1 ? " picture" : " pictures"); }

base::Result<std::vector<ItemId>> doneIn(const ProjectReader& reader, SplitSet set)
{
    dataset::ItemFilter filter;
    filter.states = { domain::ItemState::Done };
    filter.sets = { set };
    return reader.readItemIds(filter);
}

struct Collector {
    DataCheck& check;
    bool blocked = false;
    void add(Level level, std::string text, std::string link = {})
    {
        blocked |= level == Level::Blocker;
        check.findings.push_back({ level, std::move(text), std::move(link) });
    }
};

void addSetFindings(Collector& out, const DoneItems& done, const std::optional<dataset::SplitOptions>& split)
{
    if (done.total() == 0) {
        out.add(Level::Blocker, "No picture is finished yet. Draw boxes and mark pictures as done; only those are learned from.", "label?state=todo");
        return;
    }
    const auto without = static_cast<std::int64_t>(done.withoutSet.size());
    if (without > 0 && split) {
        out.add(Level::Note,
            fmt::format("{} without a set will be shared out when training starts: {:.0f} % for training, {:.0f} % for validation, {:.0f} % for the test.",
                pictures(without), 100 * (1 - split->validation - split->test), 100 * split->validation, 100 * split->test),
            "gather?set=none");
        if (without < 3 && done.validation.empty())
            out.add(Level::Blocker, "At least 3 finished pictures are needed, so that training, validation and test each get one.", "label?state=todo");
        return;
    }
    if (without > 0)
        out.add(Level::Warning, fmt::format("{} have no set and will not be used: the split came with the data and is not extended by itself.", pictures(without)), "gather?set=none");
    if (done.train.empty())
        out.add(Level::Blocker, "No finished picture is in the training set. Move some there.", "gather?state=done");
    if (done.validation.empty())
        out.add(Level::Blocker, "No finished picture is in the validation set, so nothing could tell whether the model is good. Move some there.", "gather?set=train");
}

void addSizeFindings(Collector& out, const DoneItems& done, bool willSplit)
{
    if (out.blocked)
        return;
    if (!done.train.empty())
        out.add(Level::Good, fmt::format("{} for training, {} for validation, {} for the test.", pictures(static_cast<std::int64_t>(done.train.size())),
            base::groupedCount(static_cast<std::int64_t>(done.validation.size())), base::groupedCount(static_cast<std::int64_t>(done.test.size()))));
    if (willSplit)
        return;
    if (done.test.empty())
        out.add(Level::Warning, "There is no test set: nothing will say how good the model is on pictures that no choice was made on.", "gather?set=none");
    if (static_cast<std::int64_t>(done.validation.size()) < kFewValidation)
        out.add(Level::Note, fmt::format("With {} for validation the score will have a wide interval.", pictures(static_cast<std::int64_t>(done.validation.size()))), "gather?set=validation");
}

base::Result<void> addClassFindings(Collector& out, const ProjectReader& reader, const dataset::Counts& counts, bool willSplit)
{
    PERCEPT_ASSIGN(labels, reader.readLabels());
    bool anyBox = false;
    for (const auto& label : labels) {
        const auto found = counts.byLabel.find(label.id);
        if (found == counts.byLabel.end() || found->second.boxes == 0) {
            out.add(Level::Note, fmt::format("No box is of the class {}; it will not be learned.", label.name), fmt::format("gather?label={}", label.id.value));
            continue;
        }
        anyBox = true;
        const auto inTrain = found->second.boxesBySet.find(SplitSet::Train);
        const auto boxes = willSplit ? found->second.boxes : inTrain == found->second.boxesBySet.end() ? 0 : inTrain->second;
        if (boxes < kFewBoxes)
            out.add(Level::Warning, fmt::format("The class {} has only {} {} to learn from.", label.name, boxes, boxes == 1 ? "box" : "boxes"),
                fmt::format("gather?label={}", label.id.value));
    }
    if (!anyBox && !out.blocked)
        out.add(Level::Blocker, "There is no box yet. Draw some: a model learns from boxes.", "label?state=todo");
    return {};
}

base::Result<void> addFaultFindings(Collector& out, const ProjectReader& reader, const dataset::Counts& counts)
{
    PERCEPT_ASSIGN(torn, reader.readTornGroups());
    if (!torn.empty())
        out.add(Level::Warning, fmt::format("{} {} of pictures that belong together lie in more than one set: the score will look better than the model is.",
            torn.size(), torn.size() == 1 ? "group" : "groups"), "gather?torn=1");
    dataset::ItemFilter unreadable;
    unreadable.unreadable = true;
    PERCEPT_ASSIGN(bad, reader.readItemIds(unreadable));
    if (!bad.empty())
        out.add(Level::Warning, fmt::format("{} cannot be read and will be left out.", pictures(static_cast<std::int64_t>(bad.size()))), "gather?unreadable=1");
    if (counts.emptyAreaBoxes > 0)
        out.add(Level::Note, fmt::format("{} {} without area will not be learned.", base::groupedCount(counts.emptyAreaBoxes), counts.emptyAreaBoxes == 1 ? "box" : "boxes"), "gather?flagged=1");
    const auto open = counts.items - (counts.byState.contains(domain::ItemState::Done) ? counts.byState.at(domain::ItemState::Done) : 0);
    if (open > 0)
        out.add(Level::Note, fmt::format("{} not finished yet; they are left out.", pictures(open)), "label?state=todo");
    return {};
}

}

base::Result<DoneItems> readDoneItems(const ProjectReader& reader)
{
    DoneItems done;
    for (const auto& [set, items] : { std::pair { SplitSet::Train, &done.train }, { SplitSet::Validation, &done.validation },
             { SplitSet::Test, &done.test }, { SplitSet::None, &done.withoutSet } }) {
        PERCEPT_ASSIGN(ids, doneIn(reader, set));
        *items = std::move(ids);
    }
    return done;
}

base::Result<std::optional<dataset::SplitOptions>> splitForTraining(const ProjectReader& reader, const DoneItems& done)
{
    PERCEPT_ASSIGN(fact, reader.readFact(kSplitByPerceptFact));
    std::optional<dataset::SplitOptions> none;
    if (done.withoutSet.empty())
        return none;
    dataset::SplitOptions options;
    if (!fact) { // a set that is there came with the data or from a person: it is not extended
        options.validation = done.validation.empty() ? options.validation : 0;
        options.test = done.test.empty() && done.validation.empty() ? options.test : 0;
        if (options.validation == 0)
            return none;
    }
    return std::optional(options);
}

base::Result<DataCheck> checkTrainingData(const ProjectReader& reader)
{
    PERCEPT_ASSIGN(done, readDoneItems(reader));
    PERCEPT_ASSIGN(split, splitForTraining(reader, done));
    PERCEPT_ASSIGN(counts, reader.readCounts());
    DataCheck check;
    check.train = static_cast<std::int64_t>(done.train.size());
    check.validation = static_cast<std::int64_t>(done.validation.size());
    check.test = static_cast<std::int64_t>(done.test.size());
    PERCEPT_ASSIGN(size, choosePictureSize(reader));
    check.size = std::move(size);
    Collector out { check };
    addSetFindings(out, done, split);
    PERCEPT_TRY(addClassFindings(out, reader, counts, split.has_value()));
    addSizeFindings(out, done, split.has_value());
    PERCEPT_TRY(addFaultFindings(out, reader, counts));
    if (check.size.longSide != PictureSize {}.longSide)
        out.add(Level::Note, check.size.reason);
    check.canTrain = !out.blocked;
    std::stable_sort(check.findings.begin(), check.findings.end(), [](const auto& a, const auto& b) { return a.level > b.level; });
    return check;
}

int defaultEpochs(std::int64_t trainItems, int batchSize)
{
    constexpr double kSteps = 1600;
    const double stepsPerEpoch = std::max(1.0, static_cast<double>(trainItems) / batchSize);
    return static_cast<int>(std::clamp(std::ceil(kSteps / stepsPerEpoch), 10.0, 100.0));
}

}
