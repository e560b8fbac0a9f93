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

Range robustRange(const QVector<Points>& curves, bool logarithmic)
{
    QVector<double> values;
    for (const Points& curve : curves)
        for (const QPointF& p : curve)
            if (std::isfinite(p.y()) && (!logarithmic || p.y() > 0))
                values.append(p.y());
    if (values.isEmpty())
        return logarithmic ? Range { 0.1, 1 } : Range { 0, 1 };
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) { return values[static_cast<qsizetype>(share * static_cast<double>(values.size() - 1))]; };
    double low = at(0.01), high = at(0.99);
    if (logarithmic)
        return { low / 1.15, high * 1.15 + (high == low ? high : 0) };
    const double margin = std::max((high - low) * 0.08, 1e-6);
    return { low - margin, high + margin };
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
