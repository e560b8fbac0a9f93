#include "tests/app/studio/shot_checks.h"

#include "app/studio/validate/scored_run.h"
#include "core/dataset/project_reader.h"
#include "core/report/collect.h"
#include "core/runs/run_store.h"

#include <algorithm>
#include <cstdio>

namespace percept::test {
namespace {

bool hasCurveAndPictures(const runs::RunInfo& run)
{
    std::uint64_t offset = 0;
    const auto metrics = runs::readMetrics(run.folder, offset);
    const auto samples = runs::readSamples(run.folder);
    return metrics.hasValue() && samples.hasValue() && !samples->empty()
        && std::any_of(metrics->begin(), metrics->end(), [](const auto& metric) { return metric.name == "val/map50" && metric.value; });
}

bool isScored(const std::filesystem::path& project, const runs::RunInfo& run)
{
    const auto scored = studio::readModelOnSet(project, run.id, domain::SplitSet::Validation, 2).scored;
    if (scored.hasError())
        std::fprintf(stderr, "%s: %s\n", run.id.c_str(), scored.error().message.c_str());
    return scored.hasValue()
        && std::any_of(scored->table->images().begin(), scored->table->images().end(),
            [](const auto& image) { return !image.truths.empty(); })
        && std::any_of(scored->curves.begin(), scored->curves.end(), [](const auto& curve) { return !curve.empty(); });
}

std::string reportGap(const dataset::ProjectReader& reader, const std::filesystem::path& project)
{
    const auto versions = reader.readModelVersions();
    if (versions.hasError() || versions->empty())
        return "Report: no version is packaged yet";
    const auto data = report::collectReport(reader, project);
    if (data.hasError())
        return "Report: " + data.error().message;
    return data->hasModel && !data->versions.empty() ? "" : "Report: no version has been scored on the test set yet";
}

}

std::string emptyPage(const std::filesystem::path& project)
{
    auto reader = dataset::ProjectReader::open(project);
    if (reader.hasError())
        return "Start: " + reader.error().message;
    const auto counts = (*reader)->readCounts();
    if (counts.hasError() || counts->items == 0)
        return "Gather: the project has no pictures";
    if (counts->boxes == 0)
        return "Label: no picture has a box";
    const auto all = runs::readAllRuns(project);
    if (std::none_of(all.begin(), all.end(), hasCurveAndPictures))
        return "Train: no run has a curve and pictures yet";
    if (std::none_of(all.begin(), all.end(), [&](const auto& run) { return isScored(project, run); }))
        return "Validate: no run is scored on the validation set yet";
    return reportGap(**reader, project);
}

}
