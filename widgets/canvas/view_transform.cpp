#include "widgets/canvas/view_transform.h"

#include <algorithm>
#include <cmath>

namespace percept::canvas {

namespace {
    constexpr double kMaxFitScale = 8;

    QPointF centre(QSizeF size) { return { size.width() / 2, size.height() / 2 }; }

    double fitScale(QSizeF content, QSizeF view, double margin)
    {
        if (content.isEmpty())
            return 1;
        const double w = std::max(view.width() - 2 * margin, 1.0), h = std::max(view.height() - 2 * margin, 1.0);
        return std::min(w / content.width(), h / content.height());
    }
}

QRectF ViewTransform::viewFromImage(const domain::Box& box) const
{
    return { viewFromImage(QPointF(box.x, box.y)), QSizeF(box.w * m_scale, box.h * m_scale) };
}

domain::Box ViewTransform::imageFromView(const QRectF& rect) const
{
    const QPointF topLeft = imageFromView(rect.topLeft());
    return { topLeft.x(), topLeft.y(), rect.width() / m_scale, rect.height() / m_scale };
}

ViewTransform ViewTransform::fitted(QSizeF picture, QSizeF view, double margin)
{
    const double scale = std::min(fitScale(picture, view, margin), kMaxFitScale);
    return centredOn(centre(picture), scale, view);
}

ViewTransform ViewTransform::centredOn(QPointF image, double scale, QSizeF view)
{
    ViewTransform t;
    t.m_scale = scale;
    t.m_offset = centre(view) - image * scale;
    return t;
}

ViewTransform ViewTransform::framing(const domain::Box& box, QSizeF view, double margin)
{
    const double scale = std::min(fitScale(QSizeF(box.w, box.h), view, margin), kMaxScale);
    return centredOn({ box.x + box.w / 2, box.y + box.h / 2 }, scale, view);
}

ViewTransform ViewTransform::zoomedAt(QPointF viewPoint, double factor, QSizeF picture) const
{
    const double longSide = std::max({ picture.width(), picture.height(), 1.0 });
    const double smallest = std::min(kMinLongSide / longSide, 1.0);
    const QPointF anchor = imageFromView(viewPoint);
    ViewTransform t = *this;
    t.m_scale = std::clamp(m_scale * factor, smallest, kMaxScale);
    t.m_offset = viewPoint - anchor * t.m_scale;
    return t;
}

ViewTransform ViewTransform::panned(QPointF viewDelta) const
{
    ViewTransform t = *this;
    t.m_offset += viewDelta;
    return t;
}

ViewTransform ViewTransform::keptInView(QSizeF picture, QSizeF view, double visible) const
{
    const auto keep = [visible](double offset, double length, double room) {
        const double need = std::min({ visible, length, room });
        return std::clamp(offset, need - length, std::max(room - need, need - length));
    };
    ViewTransform t = *this;
    t.m_offset = { keep(m_offset.x(), picture.width() * m_scale, view.width()),
        keep(m_offset.y(), picture.height() * m_scale, view.height()) };
    return t;
}

ViewTransform ViewTransform::snapped(double devicePixelRatio) const
{
    const auto snap = [devicePixelRatio](double v) { return std::round(v * devicePixelRatio) / devicePixelRatio; };
    ViewTransform t = *this;
    t.m_offset = { snap(m_offset.x()), snap(m_offset.y()) };
    return t;
}

}
