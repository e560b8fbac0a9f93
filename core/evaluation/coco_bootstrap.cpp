#include "core/evaluation/coco_match.h"
#include "core/evaluation/group_draws.h"
#include "core/evaluation/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace percept::evaluation {
namespace {

using namespace detail;

struct ClassScores { double map, map50, map75; };

// One class, matched once; a draw only weighs its sorted marks anew.
struct PreparedClass {
    std::vector<SweepMark> marks;
    std::vector<TruthCount> truths;

    // NaN when no truth of the class was drawn.
    ClassScores score(PrecisionSweep& sweep, const std::uint32_t* weights) const
    {
        std::int64_t count = 0;
        for (const TruthCount& t : truths)
            count += static_cast<std::int64_t>(weights ? weights[t.image] : 1) * t.truths;
        if (count == 0)
            return { undefinedInterval().value, undefinedInterval().value, undefinedInterval().value };
        const auto ap = sweep.run(marks, count, weights);
        double sum = 0;
        for (const double v : ap)
            sum += v;
        return { sum / kIouCount, ap[0], ap[5] };
    }
};

// The scores of one draw: per class, and their means over the classes that were drawn.
struct DrawScores {
    std::vector<ClassScores> classes;
    ClassScores mean { 0, 0, 0 };
};

DrawScores scoreDraw(const std::vector<PreparedClass>& classes, PrecisionSweep& sweep, const std::uint32_t* weights)
{
    DrawScores result;
    int n = 0;
    for (const PreparedClass& prepared : classes) {
        const ClassScores s = prepared.score(sweep, weights);
        result.classes.push_back(s);
        if (std::isnan(s.map))
            continue;
        ++n;
        result.mean.map += s.map;
        result.mean.map50 += s.map50;
        result.mean.map75 += s.map75;
    }
    const double by = n > 0 ? n : undefinedInterval().value;
    result.mean = { result.mean.map / by, result.mean.map50 / by, result.mean.map75 / by };
    return result;
}

// Collects one figure over the draws.
struct Samples {
    double value = 0;
    std::vector<double> draws;
    Interval interval() { return percentileInterval(value, draws); }
};

struct ScoreSamples {
    Samples map, map50, map75;

    void setValue(const ClassScores& s)
    {
        map.value = s.map;
        map50.value = s.map50;
        map75.value = s.map75;
    }
    void add(const ClassScores& s)
    {
        map.draws.push_back(s.map);
        map50.draws.push_back(s.map50);
        map75.draws.push_back(s.map75);
    }
};

std::vector<PreparedClass> prepare(const std::vector<EvaluationImage>& images, int classes)
{
    std::vector<PreparedClass> prepared;
    for (CocoClass& matches : matchCoco(images, classes))
        prepared.push_back({ sweepMarks(matches, 0), std::move(matches.truthsPerImage) });
    return prepared;
}

bool sameTruths(const EvaluationImage& a, const EvaluationImage& b)
{
    return std::equal(a.truths.begin(), a.truths.end(), b.truths.begin(), b.truths.end(), [](const auto& s, const auto& t) {
        return s.label == t.label && s.box == t.box && s.crowd == t.crowd;
    });
}

// Places in `a` and in `b` of the pictures that both hold with the same truths, in the order of `a`.
std::vector<std::pair<std::size_t, std::size_t>> pairedPictures(
    const std::vector<EvaluationImage>& a, const std::vector<EvaluationImage>& b)
{
    std::unordered_map<std::int64_t, std::size_t> placeInB;
    for (std::size_t i = 0; i < b.size(); ++i)
        placeInB.emplace(b[i].item, i);
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (const auto at = placeInB.find(a[i].item); at != placeInB.end() && sameTruths(a[i], b[at->second]))
            pairs.emplace_back(i, at->second);
    return pairs;
}

}

BootstrapResult bootstrapCoco(const std::vector<EvaluationImage>& images, int classes, int draws, std::uint64_t seed,
    const base::CancelToken& cancel)
{
    const std::vector<PreparedClass> prepared = prepare(images, classes);
    PrecisionSweep sweep;
    ScoreSamples mean;
    std::vector<ScoreSamples> perClass(prepared.size());
    const DrawScores whole = scoreDraw(prepared, sweep, nullptr);
    mean.setValue(whole.mean);
    for (std::size_t c = 0; c < perClass.size(); ++c)
        perClass[c].setValue(whole.classes[c]);

    BootstrapResult result;
    GroupDraws groupDraws(images, seed);
    for (; result.draws < draws && !cancel.isCancelled(); ++result.draws) {
        const DrawScores scores = scoreDraw(prepared, sweep, groupDraws.weights(result.draws).data());
        mean.add(scores.mean);
        for (std::size_t c = 0; c < perClass.size(); ++c)
            perClass[c].add(scores.classes[c]);
    }
    result.map = mean.map.interval();
    result.map50 = mean.map50.interval();
    result.map75 = mean.map75.interval();
    for (ScoreSamples& samples : perClass) {
        result.mapPerClass.push_back(samples.map.interval());
        result.map50PerClass.push_back(samples.map50.interval());
    }
    return result;
}

Map50Difference compareMap50(const std::vector<EvaluationImage>& a, const std::vector<EvaluationImage>& b, int classes, int draws,
    std::uint64_t seed)
{
    std::vector<EvaluationImage> sharedA, sharedB;
    for (const auto& [inA, inB] : pairedPictures(a, b)) {
        sharedA.push_back(a[inA]);
        sharedB.push_back(b[inB]);
        sharedB.back().group = sharedA.back().group;
    }
    const auto preparedA = prepare(sharedA, classes), preparedB = prepare(sharedB, classes);
    PrecisionSweep sweep;
    const auto map50 = [&](const std::vector<PreparedClass>& prepared, const std::uint32_t* weights) {
        return scoreDraw(prepared, sweep, weights).mean.map50;
    };
    Map50Difference result;
    result.pictures = static_cast<std::int64_t>(sharedA.size());
    const double whole = map50(preparedB, nullptr) - map50(preparedA, nullptr);
    // The same pictures are drawn for both: what is hard for both cancels out.
    GroupDraws groupDraws(sharedA, seed);
    std::vector<double> samples;
    for (int draw = 0; draw < draws && groupDraws.groups() >= kFewestGroups; ++draw) {
        const std::uint32_t* weights = groupDraws.weights(draw).data();
        samples.push_back(map50(preparedB, weights) - map50(preparedA, weights));
    }
    result.difference = percentileInterval(whole, samples);
    return result;
}

}
