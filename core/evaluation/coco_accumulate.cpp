#include "core/evaluation/coco_match.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace percept::evaluation {
namespace detail {
namespace {

// numpy.linspace(0, 1, 101)
double recallPoint(int i) { return i == kRecallCount - 1 ? 1.0 : i * 0.01; }

// The least number of true positives whose recall reaches `recall`, by the same division as searchsorted sees.
std::int64_t neededFor(double recall, std::int64_t truths)
{
    const auto n = static_cast<double>(truths);
    auto k = static_cast<std::int64_t>(std::ceil(recall * n));
    while (k > 0 && static_cast<double>(k - 1) / n >= recall)
        --k;
    while (static_cast<double>(k) / n < recall)
        ++k;
    return k;
}

}

std::array<double, kIouCount> PrecisionSweep::run(
    std::span<const SweepMark> marks, std::int64_t truths, const std::uint32_t* weights)
{
    std::array<std::int64_t, kIouCount> tp {}, ignored {};
    for (auto& points : m_points)
        points.clear();
    std::int64_t seen = 0;
    for (const SweepMark& mark : marks) {
        const std::int64_t weight = weights ? weights[mark.image] : 1;
        if (weight == 0)
            continue;
        seen += weight;
        for (unsigned bits = mark.ignored; bits != 0; bits &= bits - 1)
            ignored[static_cast<std::size_t>(std::countr_zero(bits))] += weight;
        for (unsigned bits = mark.tp; bits != 0; bits &= bits - 1) {
            const auto t = static_cast<std::size_t>(std::countr_zero(bits));
            tp[t] += weight;
            // Precision rises only here, so its envelope is known from these points. Of a picture drawn several times
            // the copies stand together, and the last of them has the highest precision.
            const auto all = static_cast<double>(seen - ignored[t]) + std::numeric_limits<double>::epsilon();
            m_points[t].push_back({ tp[t], static_cast<double>(tp[t]) / all });
        }
    }
    for (int r = 0; r < kRecallCount; ++r)
        m_needed[static_cast<std::size_t>(r)] = neededFor(recallPoint(r), truths);

    std::array<double, kIouCount> ap {};
    for (std::size_t t = 0; t < kIouCount; ++t) {
        const auto& points = m_points[t];
        double best = 0, sum = 0;
        std::size_t p = points.size();
        for (std::size_t r = kRecallCount; r-- > 0;) {
            while (p > 0 && points[p - 1].tp >= m_needed[r])
                best = std::max(best, points[--p].precision);
            sum += best;
        }
        ap[t] = sum / kRecallCount;
    }
    return ap;
}

}

namespace {

using namespace detail;

double meanOf(const std::array<double, kIouCount>& values)
{
    double sum = 0;
    for (const double v : values)
        sum += v;
    return sum / kIouCount;
}

// Mean over classes that have truths; -1 when none has.
struct ClassMean {
    double sum = 0;
    int n = 0;
    void add(double v)
    {
        sum += v;
        ++n;
    }
    double value() const { return n > 0 ? sum / n : -1; }
};

// Mean over the ten thresholds of the recall that `maxDetections` per picture reach.
double averageRecall(const CocoClass& matches, std::size_t area, std::size_t maxDetections)
{
    std::int64_t hits = 0;
    for (const CocoDetection& d : matches.detections)
        if (d.rank < maxDetections)
            hits += std::popcount(d.tp[area]);
    return static_cast<double>(hits) / static_cast<double>(matches.truths[area]) / kIouCount;
}

struct AreaMeans { ClassMean ap, ar; };

void addPerClass(CocoSummary& summary, bool defined, const std::array<double, kIouCount>& ap)
{
    summary.mapPerClass.push_back(defined ? meanOf(ap) : -1);
    summary.map50PerClass.push_back(defined ? ap[0] : -1);
    summary.map75PerClass.push_back(defined ? ap[5] : -1);
}

}

CocoSummary evaluateCoco(const std::vector<EvaluationImage>& images, int classes)
{
    CocoSummary summary;
    std::array<AreaMeans, kAreaCount> areas;
    ClassMean map50, map75, ar1, ar10;
    PrecisionSweep sweep;
    for (const CocoClass& matches : matchCoco(images, classes)) {
        for (std::size_t a = 0; a < kAreaCount; ++a) {
            std::array<double, kIouCount> ap {};
            const bool defined = matches.truths[a] > 0;
            if (defined) {
                ap = sweep.run(sweepMarks(matches, static_cast<int>(a)), matches.truths[a], nullptr);
                areas[a].ap.add(meanOf(ap));
                areas[a].ar.add(averageRecall(matches, a, kMaxDetections));
            }
            if (a != 0)
                continue;
            addPerClass(summary, defined, ap);
            if (!defined)
                continue;
            map50.add(ap[0]);
            map75.add(ap[5]);
            ar1.add(averageRecall(matches, 0, 1));
            ar10.add(averageRecall(matches, 0, 10));
        }
    }
    summary.map = areas[0].ap.value();
    summary.map50 = map50.value();
    summary.map75 = map75.value();
    summary.mapSmall = areas[1].ap.value();
    summary.mapMedium = areas[2].ap.value();
    summary.mapLarge = areas[3].ap.value();
    summary.ar1 = ar1.value();
    summary.ar10 = ar10.value();
    summary.ar100 = areas[0].ar.value();
    summary.arSmall = areas[1].ar.value();
    summary.arMedium = areas[2].ar.value();
    summary.arLarge = areas[3].ar.value();
    return summary;
}

std::vector<CurvePoint> precisionRecall(const std::vector<EvaluationImage>& images, int label)
{
    std::vector<CurvePoint> curve;
    if (label < 0)
        return curve;
    const auto classes = matchCoco(images, label + 1, label);
    const CocoClass& matches = classes.back();
    std::int64_t tp = 0, seen = 0;
    for (const CocoDetection& d : matches.detections) {
        if (d.ignored[0] & 1u)
            continue;
        ++seen;
        tp += d.tp[0] & 1u;
        const double recall = matches.truths[0] > 0
            ? static_cast<double>(tp) / static_cast<double>(matches.truths[0])
            : std::numeric_limits<double>::quiet_NaN();
        curve.push_back({ recall, static_cast<double>(tp) / static_cast<double>(seen), d.score });
    }
    return curve;
}

}
