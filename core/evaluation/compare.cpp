#include "core/evaluation/group_draws.h"
#include "core/evaluation/match_index.h"
#include "core/evaluation/pairing.h"

#include <algorithm>
#include <cmath>

namespace percept::evaluation {
namespace {

// For each picture, which of its truths were found.
std::vector<std::vector<bool>> foundTruths(const MatchTable& table, const std::vector<double>& thresholds)
{
    std::vector<std::vector<bool>> found;
    for (const EvaluationImage& image : table.images())
        found.emplace_back(image.truths.size(), false);
    for (const Judgement& j : table.at(thresholds).judgements)
        if (j.verdict == Verdict::Right)
            found[j.image][static_cast<std::size_t>(j.truth)] = true;
    return found;
}

// Two-sided exact binomial test of k against n/2, k <= n/2.
double mcNemarExact(std::int64_t onlyA, std::int64_t onlyB)
{
    const std::int64_t n = onlyA + onlyB, k = std::min(onlyA, onlyB);
    const auto logChoose = [n](std::int64_t i) {
        return std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(i) + 1)
            - std::lgamma(static_cast<double>(n - i) + 1);
    };
    double tail = 0;
    for (std::int64_t i = 0; i <= k; ++i)
        tail += std::exp(logChoose(i) - static_cast<double>(n) * std::log(2.0));
    return std::min(1.0, 2 * tail);
}

// One picture that both tables hold.
struct Pair { std::int64_t difference = 0, truths = 0; };

}

PairedDifference compareFound(const MatchTable& a, const std::vector<double>& thresholdsA, const MatchTable& b,
    const std::vector<double>& thresholdsB, int draws, std::uint64_t seed)
{
    const auto foundA = foundTruths(a, thresholdsA), foundB = foundTruths(b, thresholdsB);
    PairedDifference result;
    std::vector<Pair> pairs;
    std::vector<EvaluationImage> paired; // groups only
    for (const auto& [i, inTableB] : detail::pairedPictures(a.images(), b.images())) {
        Pair pair;
        for (std::size_t t = 0; t < foundA[i].size(); ++t) {
            if (!detail::countsAsTruth(a.images()[i].truths[t], std::min(a.classes(), b.classes())))
                continue;
            const bool inA = foundA[i][t], inB = foundB[inTableB][t];
            ++pair.truths;
            pair.difference += (inB ? 1 : 0) - (inA ? 1 : 0);
            result.onlyA += inA && !inB;
            result.onlyB += inB && !inA;
        }
        result.truths += pair.truths;
        pairs.push_back(pair);
        paired.emplace_back().group = a.images()[i].group;
    }
    result.pictures = static_cast<std::int64_t>(pairs.size());
    result.pValue = mcNemarExact(result.onlyA, result.onlyB);

    const auto difference = [&](const std::uint32_t* weights) {
        std::int64_t sum = 0, truths = 0;
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            const std::int64_t weight = weights ? weights[i] : 1;
            sum += weight * pairs[i].difference;
            truths += weight * pairs[i].truths;
        }
        return truths > 0 ? static_cast<double>(sum) / static_cast<double>(truths) : detail::undefinedInterval().value;
    };
    detail::GroupDraws groupDraws(paired, seed);
    std::vector<double> samples;
    for (int draw = 0; draw < draws; ++draw)
        samples.push_back(difference(groupDraws.weights(draw).data()));
    result.difference = detail::percentileInterval(difference(nullptr), samples);
    return result;
}

}
