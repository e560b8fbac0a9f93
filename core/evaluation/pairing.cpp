#include "core/evaluation/pairing.h"

#include <algorithm>
#include <unordered_map>

namespace percept::evaluation::detail {
namespace {

bool sameTruths(const EvaluationImage& a, const EvaluationImage& b)
{
    return std::equal(a.truths.begin(), a.truths.end(), b.truths.begin(), b.truths.end(), [](const auto& s, const auto& t) {
        return s.label == t.label && s.box == t.box && s.crowd == t.crowd;
    });
}

}

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
