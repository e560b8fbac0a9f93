// Interaction: what lies where, and boxes that move and grow.
#include "widgets/canvas/interaction.h"

#include <algorithm>
#include <cmath>

namespace percept::canvas {

namespace {
    double clampedStep(double step, double low, double high, double limit)
    {
        // A box that sticks out already may move inwards or stay, not further out.
        const double least = std::min(-low, 0.0), most = std::max(limit - high, 0.0);
        return std::clamp(step, least, most);
    }
}

QPointF clampedMove(const std::vector<domain::Box>& boxes, double dx, double dy, QSizeF picture)
{
    for (const domain::Box& b : boxes) {
        dx = clampedStep(dx, b.x, b.right(), picture.width());
        dy = clampedStep(dy, b.y, b.bottom(), picture.height());
    }
    return { dx, dy };
}

domain::Box resized(const domain::Box& box, Handle handle, QPointF to, QSizeF picture)
{
    double x0 = box.x, y0 = box.y, x1 = box.right(), y1 = box.bottom();
    const double x = std::clamp(to.x(), 0.0, picture.width()), y = std::clamp(to.y(), 0.0, picture.height());
    if (handle.left)
        x0 = x;
    if (handle.right)
        x1 = x;
    if (handle.top)
        y0 = y;
    if (handle.bottom)
        y1 = y;
    return domain::boxFromCorners(x0, y0, x1, y1);
}

domain::Box moved(const domain::Box& box, double dx, double dy, QSizeF picture)
{
    const QPointF step = clampedMove({ box }, dx, dy, picture);
    return { box.x + step.x(), box.y + step.y(), box.w, box.h };
}

domain::Box grown(const domain::Box& box, double dx, double dy, QSizeF picture)
{
    domain::Box b = box;
    b.w = std::clamp(b.w + dx, 1.0, std::max(picture.width() - b.x, 1.0));
    b.h = std::clamp(b.h + dy, 1.0, std::max(picture.height() - b.y, 1.0));
    return b;
}

std::vector<BoxChange> Interaction::nudged(double dx, double dy) const
{
    std::vector<AnnotationId> ids;
    std::vector<domain::Box> boxes;
    for (AnnotationId id : m_scene.selection())
        if (const Shape* shape = m_scene.find(id); !shape->locked) {
            ids.push_back(id);
            boxes.push_back(shape->box);
        }
    const QPointF step = clampedMove(boxes, dx, dy, m_scene.pictureSize());
    std::vector<BoxChange> changes;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const domain::Box& b = boxes[i];
        changes.push_back({ ids[i], { b.x + step.x(), b.y + step.y(), b.w, b.h } });
    }
    return changes;
}

std::vector<BoxChange> Interaction::grown(double dx, double dy) const
{
    std::vector<BoxChange> changes;
    for (AnnotationId id : m_scene.selection())
        if (const Shape* shape = m_scene.find(id); !shape->locked)
            changes.push_back({ id, canvas::grown(shape->box, dx, dy, m_scene.pictureSize()) });
    return changes;
}

std::optional<AnnotationId> Interaction::hit(QPointF view) const
{
    return m_scene.hitTest(m_view.imageFromView(view), kHitTolerance / m_view.scale());
}

std::vector<std::pair<Handle, QPointF>> Interaction::handlesOf(const QRectF& r)
{
    const double mx = r.center().x(), my = r.center().y();
    return { { { true, true, false, false }, r.topLeft() }, { { false, true, true, false }, r.topRight() },
        { { false, false, true, true }, r.bottomRight() }, { { true, false, false, true }, r.bottomLeft() },
        { { false, true, false, false }, { mx, r.top() } }, { { false, false, true, false }, { r.right(), my } },
        { { false, false, false, true }, { mx, r.bottom() } }, { { true, false, false, false }, { r.left(), my } } };
}

Handle Interaction::handleOf(const domain::Box& box, QPointF view) const
{
    const QRectF rect = m_view.viewFromImage(box);
    // On small boxes the reach shrinks, so that the middle still moves them; corners come first.
    const double reachX = std::clamp(rect.width() / 4, 3.0, kHandleReach), reachY = std::clamp(rect.height() / 4, 3.0, kHandleReach);
    for (const auto& [handle, centre] : handlesOf(rect)) {
        const QPointF d = view - centre;
        if (std::abs(d.x()) <= reachX && std::abs(d.y()) <= reachY)
            return handle;
    }
    return {};
}

Handle Interaction::handleAt(QPointF view) const
{
    if (m_scene.selection().size() != 1)
        return {};
    const Shape* shape = m_scene.find(m_scene.selection().front());
    return shape->hidden || shape->locked ? Handle {} : handleOf(shape->box, view);
}

std::optional<Interaction::Grip> Interaction::gripAt(QPointF view) const
{
    const auto highlighted = m_scene.highlightedProposal();
    if (const Proposal* p = highlighted && m_scene.selection().empty() ? m_scene.findProposal(*highlighted) : nullptr; p && !p->shownOnly && !p->fixed)
        if (const Handle handle = handleOf(p->box, view); handle.isValid())
            return Grip { p->key, handle }; // its handles are seen, and reach further than its line
    if (const auto id = hit(view); id && m_scene.isSelected(*id))
        return std::nullopt; // what is selected is meant
    const auto key = m_scene.proposalAt(m_view.imageFromView(view), kHitTolerance / m_view.scale());
    if (!key)
        return std::nullopt;
    const Proposal* p = m_scene.findProposal(*key);
    return Grip { *key, p->fixed ? Handle {} : handleOf(p->box, view) };
}

namespace {
    Qt::CursorShape cursorOf(const Handle& h)
    {
        if ((h.left && h.top) || (h.right && h.bottom))
            return Qt::SizeFDiagCursor;
        if ((h.right && h.top) || (h.left && h.bottom))
            return Qt::SizeBDiagCursor;
        return h.left || h.right ? Qt::SizeHorCursor : Qt::SizeVerCursor;
    }
}

Qt::CursorShape Interaction::cursorAt(const Pointer& pointer) const
{
    if (m_state == State::Panning)
        return Qt::ClosedHandCursor;
    if (pointer.panHeld)
        return Qt::OpenHandCursor;
    if (m_state == State::Moving)
        return Qt::SizeAllCursor;
    if (!isBusy() && draws(pointer.modifiers))
        return Qt::BlankCursor; // the crosshair is drawn
    if (isDrawing() || m_state == State::PressedToDraw)
        return Qt::BlankCursor;
    if (const Handle h = m_state == State::Resizing ? m_handle : handleAt(pointer.view); h.isValid())
        return cursorOf(h);
    if (const auto grip = pointer.modifiers & Qt::ShiftModifier ? std::nullopt : gripAt(pointer.view)) {
        const bool isNext = m_scene.highlightedProposal() == grip->proposal && !m_scene.findProposal(grip->proposal)->fixed;
        return grip->handle.isValid() ? cursorOf(grip->handle) : isNext ? Qt::SizeAllCursor : Qt::PointingHandCursor;
    }
    if (const auto id = hit(pointer.view))
        return m_scene.isSelected(*id) ? Qt::SizeAllCursor : Qt::PointingHandCursor;
    return Qt::ArrowCursor;
}

}
