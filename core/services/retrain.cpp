#include "core/services/retrain.h"

#include "core/dataset/version_changes.h"
#include "core/services/draft_model.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace percept::services {

namespace {
dataset::SetChanges changesOf(const dataset::VersionChanges& all, domain::SplitSet set)
{
    const auto found = all.find(set);
    return found == all.end() ? dataset::SetChanges() : found->second;
}

bool isDue(const RetrainAdvice& advice)
{
    const auto wanted = std::max<double>(kFewestFreshPictures, kFreshShare * static_cast<double>(advice.trainedOn));
    return static_cast<double>(advice.fresh()) >= wanted;
}

std::string pictures(std::int64_t n, const char* what) { return fmt::format("{} {} {}", n, n == 1 ? "picture" : "pictures", what); }
}

base::Result<std::optional<RetrainAdvice>> adviseRetraining(const dataset::ProjectReader& reader)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    if (versions.empty())
        return std::optional<RetrainAdvice>();
    RetrainAdvice advice;
    advice.version = versions.back().version;
    advice.run = versions.back().run;
    PERCEPT_ASSIGN(run, readRunModel(reader.folder(), advice.run));
    PERCEPT_ASSIGN(changes, dataset::readChangesSince(reader.folder(), VersionId { run.config.datasetVersion }));
    const auto train = changesOf(changes, domain::SplitSet::Train);
    advice.trainedOn = train.before;
    advice.added = train.added + changesOf(changes, domain::SplitSet::None).added;
    advice.changed = train.changed;
    advice.removed = train.removed;
    advice.isDue = isDue(advice);
    return std::optional(advice);
}

std::string inWords(const RetrainAdvice& advice)
{
    std::vector<std::string> parts;
    if (advice.added > 0)
        parts.push_back(pictures(advice.added, "labeled"));
    if (advice.changed > 0)
        parts.push_back(pictures(advice.changed, "corrected"));
    if (advice.removed > 0)
        parts.push_back(pictures(advice.removed, "taken out"));
    if (parts.empty())
        return {};
    auto text = fmt::format("Since version {}: {} (it learned from {}).", advice.version, fmt::join(parts, ", "), advice.trainedOn);
    return advice.isDue ? text + " Time to train again." : text;
}

}
