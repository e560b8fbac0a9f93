#include "core/evaluation/coco_match.h"
#include "core/evaluation/group_draws.h"
#include "core/evaluation/uncertainty.h"

#include <algorithm>
#include <cmath>

namespace percept::evaluation {
namespace {

using namespace detail;

// Precision at recall 0, 1/n, ... 1 in one draw; 0 from where the draw finds no more, as COCO counts it.
class WeightedCurve {
public:
    WeightedCurve(const CocoClass& matches, int steps)
        : m_matches(matches)
        , m_steps(steps)
    {
    }
    // Empty when no object of the class was drawn.
    const std::vector<double>& at(const std::vector<std::uint32_t>& weights)
    {
        m_precision.clear();
        std::int64_t truths = 0;
        for (const TruthCount& t : m_matches.truthsPerImage)
            truths += static_cast<std::int64_t>(weights[t.image]) * t.truths;
        if (truths == 0)
            return m_precision;
        std::int64_t right = 0, seen = 0;
        for (const CocoDetection& d : m_matches.detections) {
            if (d.ignored[0] & 1u)
                continue;
            const std::int64_t weight = weights[d.image];
            seen += weight;
            right += d.tp[0] & 1u ? weight : 0;
            if (seen > 0)
                fillTo(static_cast<double>(right) / static_cast<double>(truths), static_cast<double>(right) / static_cast<double>(seen));
        }
        m_precision.resize(static_cast<std::size_t>(m_steps) + 1, 0);
        return m_precision;
    }

private:
    void fillTo(double recall, double precision)
    {
        const auto reached = static_cast<std::size_t>(recall * m_steps + 1e-9);
        while (m_precision.size() <= reached)
            m_precision.push_back(precision);
    }

    const CocoClass& m_matches;
    int m_steps;
    std::vector<double> m_precision;
};

}

std::vector<BandPoint> precisionBand(const std::vector<EvaluationImage>& images, int label, int draws, std::uint64_t seed)
{
    constexpr int kSteps = 100;
    if (label < 0)
        return {};
    const auto classes = matchCoco(images, label + 1, label);
    WeightedCurve curve(classes.back(), kSteps);
    const auto whole = curve.at(std::vector<std::uint32_t>(images.size(), 1));
    std::vector<std::vector<double>> samples(whole.size());
    GroupDraws groupDraws(images, seed);
    for (int draw = 0; draw < draws && !whole.empty(); ++draw) {
        const auto& drawn = curve.at(groupDraws.weights(draw));
        for (std::size_t i = 0; i < drawn.size(); ++i)
            samples[i].push_back(drawn[i]);
    }
    std::vector<BandPoint> band;
    // Where the curve itself has ended there is nothing for a band to lie around.
    for (std::size_t i = 0; i < whole.size() && whole[i] > 0; ++i) {
        const Interval interval = percentileInterval(whole[i], samples[i]);
        band.push_back({ static_cast<double>(i) / kSteps, interval.low, interval.high });
    }
    return band;
}

}
