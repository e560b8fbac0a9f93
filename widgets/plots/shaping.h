#pragma once

#include <QPointF>
#include <QVector>
#include <optional>

// What plots do to numbers before they draw them: plain functions, tested without a window.
namespace percept::plots {

using Points = QVector<QPointF>;

// Exponential moving average along x with bias correction (as Adam's): the first points are not dragged to zero.
// `span` is the number of points that the average reaches back to, about. Points that are not finite break nothing: they are skipped.
Points smoothed(const Points& points, double span);

// At most 2 * buckets points: smallest and largest of each bucket, so that no spike is lost.
Points thinned(const Points& points, int buckets);

// y at x by linear interpolation; NaN outside.
double valueAt(const Points& points, double x);

struct Range {
    double low = 0, high = 1;
};
// A range around the values without those few (at most a tenth, or one) that stand so far off that they would flatten the
// rest: further from the nearest other value than twice the span of all others. On a logarithmic axis in decades.
Range robustRange(const QVector<Points>& curves, bool logarithmic);

// A range for scores from 0 to 1: all of them, however far apart. A score that stands off is the one that is looked for.
Range scoreRange(const QVector<Points>& curves);

// The points of a curve above `high`, which a plot up to there does not show.
struct Beyond {
    QPointF highest;
    int count = 0;
};
std::optional<Beyond> pointsAbove(const Points& points, double high);

// Moves label positions apart by at least `gap`, keeping their order and their mean.
QVector<double> pushedApart(QVector<double> positions, double gap, double low, double high);

}
