#pragma once

#include <QPointF>
#include <QVector>

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
// A range with round ends around the values' central 98 %, so that one spike does not flatten the rest.
Range robustRange(const QVector<Points>& curves, bool logarithmic);

// Moves label positions apart by at least `gap`, keeping their order and their mean.
QVector<double> pushedApart(QVector<double> positions, double gap, double low, double high);

}
