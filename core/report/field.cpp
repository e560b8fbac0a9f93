#include "core/report/field.h"

#include "core/report/report.h"
#include "core/report/stored_model.h"
#include "core/report/wording.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <unordered_map>

namespace percept::report {

namespace {

using Images = std::vector<evaluation::EvaluationImage>;
struct VersionImages {
    Images images;
    std::int64_t fromMs = 0, toMs = 0;
};

// A class that the project no longer has is nobody's: the answer counts as one of a class of its own, which is wrong.
std::vector<domain::Detection> answersOf(const dataset::FieldSample& sample, const std::vector<domain::Label>& labels)
{
    std::vector<domain::Detection> detections;
    for (const auto& answer : sample.answers) {
        const auto at = std::find_if(labels.begin(), labels.end(), [&](const domain::Label& label) { return label.name == answer.label; });
        detections.push_back({ static_cast<int>(at - labels.begin()), answer.score, answer.box });
    }
    return detections;
}

FieldVersion measure(const std::string& version, const VersionImages& of, const TestSet& test)
{
    const int places = static_cast<int>(test.labels.size()) + 1;
    const std::vector<double> all(static_cast<std::size_t>(places), 0.0); // the device has applied its thresholds
    const evaluation::MatchTable table(of.images, places);
    const auto point = table.at(all);
    const auto shares = evaluation::shareIntervals(table, all, drawsFor(of.images.size()), kDrawSeed);
    return { version, static_cast<std::int64_t>(of.images.size()), point.truths, point.marks, shares.found, shares.marksRight, of.fromMs, of.toMs,
        acceptedShare(test, of.images) };
}

}

base::Result<FieldAccuracy> readFieldAccuracy(const dataset::ProjectReader& reader)
{
    FieldAccuracy accuracy;
    PERCEPT_ASSIGN(samples, reader.readFieldSamples());
    PERCEPT_ASSIGN(test, readTestSet(reader));
    std::unordered_map<std::int64_t, const evaluation::EvaluationImage*> truths;
    for (const auto& image : test.images)
        truths.emplace(image.item, &image);
    std::map<std::string, VersionImages> byVersion;
    for (const auto& stored : samples) {
        if (!stored.sample.isRandom() || stored.trashed)
            continue;
        const auto truth = truths.find(stored.item.value);
        if (truth == truths.end()) {
            accuracy.unfinished += stored.state != domain::ItemState::Done ? 1 : 0;
            continue;
        }
        VersionImages& of = byVersion[stored.sample.version];
        if (of.images.empty())
            of.fromMs = stored.sample.timeMs; // samples come oldest first
        of.toMs = stored.sample.timeMs;
        of.images.push_back(*truth->second);
        of.images.back().detections = answersOf(stored.sample, test.labels);
        ++accuracy.pictures;
    }
    for (const auto& [version, of] : byVersion)
        accuracy.versions.push_back(measure(version, of, test));
    std::stable_sort(accuracy.versions.begin(), accuracy.versions.end(), [](const auto& a, const auto& b) { return a.fromMs < b.fromMs; });
    return accuracy;
}

std::string inWords(const FieldVersion& version)
{
    if (version.pictures == 0)
        return {};
    const auto pictures = counted(version.pictures, "picture", "pictures");
    if (!std::isfinite(version.found.value))
        return fmt::format("In the field version {} was asked about {} by chance, with nothing to find on them.", version.version, pictures);
    auto text = fmt::format("In the field version {} finds {:.0f} of 100 objects ({:.0f} to {:.0f}; {} chosen by chance).", version.version,
        100 * version.found.value, 100 * version.found.low, 100 * version.found.high, pictures);
    if (version.accepted >= Comparison::kMostAccepted)
        text += fmt::format(" {} of the labels there are a model's answers that somebody accepted as they were: that it finds those is no news.",
            version.accepted >= 1 ? "All" : fmt::format("{:.0f} of 100", 100 * version.accepted));
    return text;
}

}
