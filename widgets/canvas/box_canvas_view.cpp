// BoxCanvas: how the picture lies in the view.
#include "widgets/canvas/box_canvas.h"

#include <algorithm>

namespace percept::canvas {

namespace {
    constexpr double kFitMargin = 10, kKeepVisible = 48;
}

void BoxCanvas::setView(const ViewTransform& view)
{
    const ViewTransform next = view.keptInView(m_scene.pictureSize(), size(), kKeepVisible).snapped(devicePixelRatioF());
    if (next == m_view)
        return;
    m_view = next;
    emit viewChanged(m_view.scale());
    update();
}

void BoxCanvas::fitPicture()
{
    m_fitted = true;
    if (!m_scene.pictureSize().isEmpty())
        setView(ViewTransform::fitted(m_scene.pictureSize(), size(), kFitMargin));
}

void BoxCanvas::showActualSize()
{
    m_fitted = false;
    const QPointF middle = m_view.imageFromView(QRectF(rect()).center());
    setView(ViewTransform::centredOn(middle, 1 / devicePixelRatioF(), size()));
}

void BoxCanvas::zoomBy(double factor)
{
    m_fitted = false;
    setView(m_view.zoomedAt(QRectF(rect()).center(), factor, m_scene.pictureSize()));
}

void BoxCanvas::frame(AnnotationId id)
{
    const Shape* shape = m_scene.find(id);
    if (!shape || !shape->box.hasArea())
        return;
    m_fitted = false;
    setView(ViewTransform::framing(shape->box, size(), std::min(width(), height()) / 4.0));
}

void BoxCanvas::bringIntoView(const domain::Box& box)
{
    constexpr double kMargin = 24;
    const QRectF room = QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -kMargin);
    const QRectF now = m_view.viewFromImage(box);
    if (room.contains(now) || m_fitted)
        return;
    ViewTransform view = m_view;
    if (now.width() > room.width() || now.height() > room.height())
        view = ViewTransform::framing(box, size(), kMargin);
    else
        view = ViewTransform::centredOn({ box.x + box.w / 2, box.y + box.h / 2 }, m_view.scale(), size());
    setView(view);
}

void BoxCanvas::resizeEvent(QResizeEvent*)
{
    if (m_fitted)
        fitPicture();
    else
        setView(m_view);
}

}
