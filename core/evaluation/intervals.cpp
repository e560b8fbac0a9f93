#include "core/base/random.h"
#include "core/evaluation/detection_metrics.h"
#include "core/evaluation/group_draws.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace percept::evaluation {
namespace detail {

GroupDraws::GroupDraws(const std::vector<EvaluationImage>& images, std::uint64_t seed)
    : m_seed(seed)
    , m_weights(images.size())
{
    std::unordered_map<std::int64_t, std::uint32_t> known;
    std::uint32_t groups = 0;
    for (const EvaluationImage& image : images) {
        if (image.group == 0)
            m_groupOfImage.push_back(groups++);
        else if (const auto [at, isNew] = known.try_emplace(image.group, groups); isNew)
            m_groupOfImage.push_back(groups++);
        else
            m_groupOfImage.push_back(at->second);
    }
    m_groupWeights.resize(groups);
}

const std::vector<std::uint32_t>& GroupDraws::weights(int draw)
{
    constexpr std::uint64_t kStream = 0xB007; // keeps these draws apart from other uses of the seed
    base::Random random(m_seed, kStream, static_cast<std::uint64_t>(draw));
    std::fill(m_groupWeights.begin(), m_groupWeights.end(), 0u);
    for (std::size_t i = 0; i < m_groupWeights.size(); ++i)
        ++m_groupWeights[random.below(m_groupWeights.size())];
    for (std::size_t i = 0; i < m_weights.size(); ++i)
        m_weights[i] = m_groupWeights[m_groupOfImage[i]];
    return m_weights;
}

Interval undefinedInterval()
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return { nan, nan, nan };
}

namespace {

double quantile(const std::vector<double>& sorted, double q)
{
    const double at = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const auto above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}

Interval percentileInterval(double value, std::vector<double>& samples)
{
    std::erase_if(samples, [](double s) { return !std::isfinite(s); });
    if (samples.empty() || !std::isfinite(value))
        return { value, undefinedInterval().low, undefinedInterval().high };
    std::sort(samples.begin(), samples.end());
    return { value, quantile(samples, 0.025), quantile(samples, 0.975) };
}

Interval wider(const Interval& a, const Interval& b)
{
    // fmin and fmax pass over a NaN
    return { a.value, std::fmin(a.low, b.low), std::fmax(a.high, b.high) };
}

}

Interval wilson(std::int64_t k, std::int64_t n)
{
    if (n <= 0)
        return detail::undefinedInterval();
    constexpr double z = 1.959963984540054; // 97.5 % of the normal distribution
    const auto count = static_cast<double>(n);
    const double p = static_cast<double>(k) / count;
    const double scale = 1 + z * z / count;
    const double middle = (p + z * z / (2 * count)) / scale;
    const double half = z * std::sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / scale;
    // At the ends the formula gives 0 and 1 but for rounding.
    return { p, k == 0 ? 0 : std::max(0.0, middle - half), k == n ? 1 : std::min(1.0, middle + half) };
}

}
