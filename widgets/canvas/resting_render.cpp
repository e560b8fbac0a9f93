// The pixels of the resting layer: the picture, then the boxes on it. Runs on any thread.
#include "widgets/canvas/picture_sampler.h"
#include "widgets/canvas/resting_layer.h"
#include "widgets/canvas/span_raster.h"

#include <cmath>

namespace percept::canvas {

namespace {
    constexpr double kHaloWidth = 3.5, kLineWidth = 1.5, kHaloOpacity = 0.35, kDimmedOpacity = 0.3, kLockedOpacity = 0.45;
    constexpr double kDotBelow = 3, kNoHaloBelow = 9; // view pixels
    constexpr double kNearestFrom = 3; // device pixels per picture pixel: from here single pixels are shown
    constexpr QRgb kError = 0xFFF0695E, kWarning = 0xFFE8A93B;

    QRectF onPixels(const QRectF& r)
    {
        const auto snap = [](double v) { return std::floor(v) + 0.5; };
        const QPointF a(snap(r.left()), snap(r.top())), b(snap(r.right()), snap(r.bottom()));
        return { a, b };
    }

    void drawShape(SpanRaster& raster, const RestingLayer::Resting& shape, const RestingLayer::Spec& spec)
    {
        const QRectF view = spec.transform.viewFromImage(shape.box);
        const QRectF device(view.topLeft() * spec.dpr, view.size() * spec.dpr);
        const double opacity = shape.dimmed ? kDimmedOpacity : shape.locked ? kLockedOpacity : 1;
        const double small = std::max(view.width(), view.height());
        if (small < kDotBelow) {
            const QPointF c = device.center();
            raster.fill({ c.x() - spec.dpr, c.y() - spec.dpr, 2 * spec.dpr, 2 * spec.dpr }, shape.color, 0.9 * opacity);
            return;
        }
        const QRectF r = onPixels(device);
        if (shape.missed) {
            raster.dashedOutline(r, 2 * spec.dpr, 3 * spec.dpr, 3 * spec.dpr, kError, opacity);
        } else {
            if (small >= kNoHaloBelow && !shape.dimmed) // a pale box on a pale cell needs its dark border most
                raster.outline(r, kHaloWidth * spec.dpr, 0xFF000000, kHaloOpacity);
            raster.outline(r, (small >= kNoHaloBelow ? kLineWidth : 1) * spec.dpr, shape.color, opacity);
        }
        if (shape.flagged) {
            const double d = 4 * spec.dpr;
            raster.fill({ r.right() - d, r.top() - d, 2 * d, 2 * d }, kWarning, opacity);
        }
    }

    void drawPicture(QImage& image, const QRect& clip, const RestingLayer::Spec& spec, const PictureLevels& picture)
    {
        const double scale = spec.transform.scale() * spec.dpr;
        double factor = 1;
        const QImage& level = picture.levelFor(scale, factor);
        const QRectF placed(spec.transform.offset() * spec.dpr, QSizeF(picture.size()) * scale);
        samplePicture(image, clip, placed, level, /*smooth=*/scale < kNearestFrom);
    }
}

void renderResting(QImage& image, const QRect& clip, const RestingLayer::Spec& spec, const PictureLevels* picture,
    const std::vector<RestingLayer::Resting>& shapes)
{
    SpanRaster raster(image, clip);
    raster.fill(QRectF(clip), spec.surround, 1);
    if (picture && !picture->isNull())
        drawPicture(image, clip, spec, *picture);
    for (const auto& shape : shapes)
        drawShape(raster, shape, spec);
}

}
