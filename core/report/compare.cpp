#include "core/report/compare.h"

#include "core/evaluation/uncertainty.h"
#include "core/report/stored_model.h"
#include "core/report/wording.h"
#include "core/runs/run_store.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unordered_set>

namespace percept::report {

namespace {

using Images = std::vector<evaluation::EvaluationImage>;

base::Result<ModelName> nameOf(const dataset::ProjectReader& reader, const std::filesystem::path& project, const std::string& wanted)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    for (const auto& v : versions)
        if (v.version == wanted)
            return ModelName { v.version, v.run, v.file, v.timeMs };
    for (auto v = versions.rbegin(); v != versions.rend(); ++v)
        if (v->run == wanted)
            return ModelName { v->version, v->run, v->file, v->timeMs };
    PERCEPT_ASSIGN(run, runs::findRun(project, wanted));
    return ModelName { {}, run.id, {}, run.endedMs, run.name };
}

base::Result<Images> fieldImages(const dataset::ProjectReader& reader, const Images& images)
{
    PERCEPT_ASSIGN(samples, reader.readFieldSamples());
    std::unordered_set<std::int64_t> random;
    for (const auto& stored : samples)
        if (stored.sample.isRandom())
            random.insert(stored.item.value);
    Images chosen;
    std::copy_if(images.begin(), images.end(), std::back_inserter(chosen), [&](const auto& image) { return random.contains(image.item); });
    return chosen;
}

// Whether it may decide anything.
bool counts(const Comparison& c) { return c.present && !c.isCircular(); }

std::string sentenceOf(const Comparison& c, const char* where)
{
    if (!c.present)
        return fmt::format("{} there are no pictures that both have answered. ", where);
    if (c.isCircular())
        return fmt::format("{} most labels ({:.0f} of 100) are a model's answers that somebody accepted as they were, which decides nothing (AP50 {:+.1f} points, {}). ", where,
            100 * c.accepted, c.points.value, counted(c.pictures, "picture", "pictures"));
    if (!c.canTell())
        return fmt::format("{} there are too few pictures to tell (AP50 {:+.1f} points, {}). ", where, c.points.value, counted(c.pictures, "picture", "pictures"));
    const auto interval = fmt::format("AP50 {:+.1f} points, {:+.1f} to {:+.1f}, {}", c.points.value, c.points.low, c.points.high,
        counted(c.pictures, "picture", "pictures"));
    const char* verdict = !c.isProven() ? "no difference can be told" : c.points.low > 0 ? "it is better" : "it is worse";
    return fmt::format("{} {} ({}). ", where, verdict, interval);
}

const char* verdictOf(const evaluation::Interval& difference)
{
    return difference.low > 0 ? "more beyond chance" : difference.high < 0 ? "fewer beyond chance" : "that may be chance";
}

// What AP50 does not know: the thresholds that each model ships with decide what people get to see.
std::string shippedSentence(const Comparison& c)
{
    if (!counts(c) || !std::isfinite(c.found.low) || !std::isfinite(c.falseAlarms.low))
        return {};
    return fmt::format("At its own thresholds it finds {:.1f} of 100 objects, the other {:.1f} ({} points, {} to {}: {}), with {:.0f} false alarms on 100 pictures, the other {:.0f} ({}). ",
        100 * c.now.found, 100 * c.before.found, signedPoints(c.found.value), signedPoints(c.found.low), signedPoints(c.found.high), verdictOf(c.found),
        100 * c.now.falsePerPicture, 100 * c.before.falsePerPicture, verdictOf(c.falseAlarms));
}

std::string adviceOf(const ModelComparison& c)
{
    if (c.isWorse())
        return "Keep the one that runs.";
    if (c.shipsWorse())
        return "As it is it would show people less than the one that runs: choose its thresholds on Validate and package it again before it takes over.";
    if (c.isBetter() || c.shipsBetter())
        return "Roll it out.";
    if (!(counts(c.test) && c.test.canTell()) && !(counts(c.field) && c.field.canTell()))
        return "Label more test pictures, of other moments and by hand, to tell.";
    return "Both are as good as far as can be told; more labeled test pictures would tell.";
}

}

OwnPoint ownPoint(const StoredModel& model, const Images& images)
{
    const auto point = evaluation::MatchTable(model.answered(images), static_cast<int>(model.thresholds.size())).at(model.thresholds);
    if (point.truths == 0 || images.empty())
        return {};
    return { static_cast<double>(point.found) / static_cast<double>(point.truths),
        static_cast<double>(point.falseAlarms + point.wrongClass) / static_cast<double>(images.size()) };
}

Comparison compareStored(const StoredModel& before, const StoredModel& now, const TestSet& test, const Images& images)
{
    Images shared;
    std::copy_if(images.begin(), images.end(), std::back_inserter(shared),
        [&](const auto& image) { return before.hasAnswered(image) && now.hasAnswered(image); });
    const auto paired = evaluation::compareMap50(
        before.answered(shared), now.answered(shared), static_cast<int>(now.thresholds.size()), drawsFor(shared.size()), kDrawSeed);
    const auto& d = paired.difference;
    if (paired.pictures == 0 || !std::isfinite(d.value))
        return {};
    const int classes = static_cast<int>(now.thresholds.size());
    const auto own = evaluation::compareShares({ before.answered(shared), classes }, before.thresholds, { now.answered(shared), classes }, now.thresholds,
        drawsFor(shared.size()), kDrawSeed);
    const auto hundredths = [](const evaluation::Interval& i) { return evaluation::Interval { 100 * i.value, 100 * i.low, 100 * i.high }; };
    return { true, before.name.forPeople(), hundredths(d), paired.pictures, ownPoint(before, shared), ownPoint(now, shared), hundredths(own.found), own.falseAlarms,
        acceptedShare(test, shared) };
}

bool ModelComparison::isWorse() const
{
    return (counts(test) && test.points.high < 0) || (counts(field) && field.points.high < 0);
}

bool ModelComparison::isBetter() const
{
    return !isWorse() && ((counts(test) && test.points.low > 0) || (counts(field) && field.points.low > 0));
}

bool ModelComparison::shipsWorse() const { return (counts(test) && test.isWorse()) || (counts(field) && field.isWorse()); }

bool ModelComparison::shipsBetter() const { return !shipsWorse() && ((counts(test) && test.isBetter()) || (counts(field) && field.isBetter())); }

base::Result<ModelComparison> compareModels(const dataset::ProjectReader& reader, const std::filesystem::path& project, const std::string& before,
    const std::string& now)
{
    PERCEPT_ASSIGN(beforeName, nameOf(reader, project, before));
    PERCEPT_ASSIGN(nowName, nameOf(reader, project, now));
    PERCEPT_ASSIGN(test, readTestSet(reader));
    PERCEPT_ASSIGN(old, readStoredModel(project, beforeName, test.labels));
    PERCEPT_ASSIGN(fresh, readStoredModel(project, nowName, test.labels));
    PERCEPT_ASSIGN(field, fieldImages(reader, test.images));
    ModelComparison comparison { versionForPeople(beforeName.forPeople()), versionForPeople(nowName.forPeople()),
        compareStored(old, fresh, test, test.images), compareStored(old, fresh, test, field), {} };
    std::string first = comparison.now;
    first[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(first[0])));
    comparison.words = fmt::format("{} against {}: ", first, comparison.before) + sentenceOf(comparison.test, "on the test set") + shippedSentence(comparison.test);
    comparison.words += sentenceOf(comparison.field, "On pictures that devices chose by chance") + shippedSentence(comparison.field) + adviceOf(comparison);
    return comparison;
}

}
