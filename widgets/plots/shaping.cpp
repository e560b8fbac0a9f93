#include "widgets/plots/shaping.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace percept::plots {

Points smoothed(const Points& points, double span)
{
    const double keep = span > 1 ? 1 - 1 / span : 0;
    Points result;
    result.reserve(points.size());
    double average = 0, weight = 0;
    for (const QPointF& p : points) {
        if (!std::isfinite(p.y()))
            continue;
        average = keep * average + (1 - keep) * p.y();
        weight = keep * weight + (1 - keep);
        result.append({ p.x(), average / weight });
    }
    return result;
}

Points thinned(const Points& points, int buckets)
{
    if (buckets < 1 || points.size() <= 2 * buckets)
        return points;
    Points result;
    result.reserve(2 * buckets);
    for (int b = 0; b < buckets; ++b) {
        const auto first = points.begin() + points.size() * b / buckets;
        const auto last = points.begin() + points.size() * (b + 1) / buckets;
        if (first == last)
            continue;
        auto [low, high] = std::minmax_element(first, last, [](const QPointF& l, const QPointF& r) { return l.y() < r.y(); });
        if (low > high)
            std::swap(low, high);
        result.append(*low);
        if (low != high)
            result.append(*high);
    }
    return result;
}

double valueAt(const Points& points, double x)
{
    const auto after = std::lower_bound(points.begin(), points.end(), x, [](const QPointF& p, double v) { return p.x() < v; });
    if (after == points.end())
        return std::numeric_limits<double>::quiet_NaN();
    if (after->x() == x || after == points.begin())
        return after->x() == x ? after->y() : std::numeric_limits<double>::quiet_NaN();
    const QPointF& before = *(after - 1);
    const double t = (x - before.x()) / (after->x() - before.x());
    return before.y() + t * (after->y() - before.y());
}

namespace {

constexpr double kFarOff = 2;     // spans of the others
constexpr qsizetype kSpared = 10; // one in ten may be left out
constexpr double kSmallestStep = 0.005;  // around a single value: ticks have three decimals
constexpr double kSmallestScores = 0.1;  // of an axis of scores: what differs by less looks alike

// How many of the last of `sorted` (ascending) stand far off. Few values are judged as well as many: one of four can be it.
qsizetype farOff(const QVector<double>& sorted)
{
    const qsizetype n = sorted.size();
    qsizetype result = 0;
    for (qsizetype k = 1; k <= std::max<qsizetype>(1, n / kSpared) && n - k >= 2; ++k) {
        const double last = sorted[n - k - 1], span = last - sorted.first();
        if (span > 0 && sorted[n - k] - last > kFarOff * span)
            result = k;
    }
    return result;
}

QVector<double> mirrored(const QVector<double>& sorted)
{
    QVector<double> result;
    for (auto value = sorted.rbegin(); value != sorted.rend(); ++value)
        result.append(-*value);
    return result;
}

}

Range robustRange(const QVector<Points>& curves, bool logarithmic)
{
    QVector<double> values;
    for (const Points& curve : curves)
        for (const QPointF& p : curve)
            if (std::isfinite(p.y()) && (!logarithmic || p.y() > 0))
                values.append(logarithmic ? std::log(p.y()) : p.y());
    if (values.isEmpty())
        return logarithmic ? Range { 0.1, 1 } : Range { 0, 1 };
    std::sort(values.begin(), values.end());
    const qsizetype above = farOff(values), below = farOff(mirrored(values));
    const double low = values[below], high = values[values.size() - 1 - above];
    if (logarithmic)
        return { std::exp(low) / 1.15, std::exp(high) * (high == low ? 2.15 : 1.15) };
    const double margin = high > low ? (high - low) * 0.08 : std::max(std::abs(high) * 0.1, kSmallestStep);
    return { low - margin, high + margin };
}

Range scoreRange(const QVector<Points>& curves)
{
    Range range { 1, 0 };
    for (const Points& curve : curves)
        for (const QPointF& p : curve)
            if (std::isfinite(p.y()))
                range = { std::min(range.low, p.y()), std::max(range.high, p.y()) };
    if (range.low > range.high)
        return { 0, 1 };
    const double margin = std::max((range.high - range.low) * 0.08, (kSmallestScores - (range.high - range.low)) / 2);
    return { std::max(0.0, range.low - margin), std::min(1.0, range.high + margin) };
}

std::optional<Beyond> pointsAbove(const Points& points, double high)
{
    std::optional<Beyond> beyond;
    for (const QPointF& p : points) {
        if (!std::isfinite(p.y()) || p.y() <= high)
            continue;
        if (!beyond)
            beyond = Beyond { p, 0 };
        if (p.y() > beyond->highest.y())
            beyond->highest = p;
        ++beyond->count;
    }
    return beyond;
}

QVector<double> pushedApart(QVector<double> positions, double gap, double low, double high)
{
    QVector<int> order(positions.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return positions[a] < positions[b]; });
    // Down once, then up once: enough for the handful of labels at the end of a plot.
    for (int i = 1; i < order.size(); ++i)
        positions[order[i]] = std::max(positions[order[i]], positions[order[i - 1]] + gap);
    if (!order.isEmpty())
        positions[order.last()] = std::min(positions[order.last()], high);
    for (int i = static_cast<int>(order.size()) - 2; i >= 0; --i)
        positions[order[i]] = std::min(positions[order[i]], positions[order[i + 1]] - gap);
    if (!order.isEmpty())
        positions[order.first()] = std::max(positions[order.first()], std::min(low, positions[order.first()]));
    return positions;
}

}
