#pragma once

#include "core/domain/geometry.h"

#include <QPointF>
#include <QRectF>
#include <QSizeF>

namespace percept::canvas {

// How the picture lies in the view. view = image * scale + offset; view is in device-independent pixels of the widget,
// image in picture pixels (pixel-edge frame of domain::Box). A plain value: no widget, no state beside the two numbers.
class ViewTransform {
public:
    static constexpr double kMaxScale = 64;
    static constexpr double kMinLongSide = 32; // a picture never gets smaller than this many view pixels

    double scale() const { return m_scale; }
    QPointF offset() const { return m_offset; }

    QPointF viewFromImage(QPointF image) const { return image * m_scale + m_offset; }
    QPointF imageFromView(QPointF view) const { return (view - m_offset) / m_scale; }
    QRectF viewFromImage(const domain::Box& box) const;
    domain::Box imageFromView(const QRectF& rect) const;

    // The whole picture, centred, `margin` view pixels free on each side. Small pictures are magnified, at most 8 times.
    static ViewTransform fitted(QSizeF picture, QSizeF view, double margin);
    // `scale`, with the image point in the middle of the view.
    static ViewTransform centredOn(QPointF image, double scale, QSizeF view);
    // The image box fills the view but for the margin.
    static ViewTransform framing(const domain::Box& box, QSizeF view, double margin);

    // Zoomed by `factor` with the image point under `viewPoint` staying there.
    ViewTransform zoomedAt(QPointF viewPoint, double factor, QSizeF picture) const;
    ViewTransform panned(QPointF viewDelta) const;
    // Shifted so that at least `visible` view pixels of the picture stay in the view.
    ViewTransform keptInView(QSizeF picture, QSizeF view, double visible) const;
    // Offset rounded to whole device pixels, so that a pan moves pixels and never resamples them.
    ViewTransform snapped(double devicePixelRatio) const;

    bool operator==(const ViewTransform&) const = default;

private:
    double m_scale = 1;
    QPointF m_offset;
};

}
