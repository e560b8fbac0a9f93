#include "widgets/canvas/interaction.h"

#include <algorithm>
#include <cmath>

namespace percept::canvas {

namespace {
    double length(QPointF p) { return std::hypot(p.x(), p.y()); }

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

void Interaction::setTool(Tool tool)
{
    if (tool == m_tool)
        return;
    cancel();
    m_tool = tool;
}

bool Interaction::cancel()
{
    const bool busy = isBusy();
    m_state = State::Idle;
    m_live.clear();
    return busy;
}

QPointF Interaction::pixelAt(QPointF view) const
{
    const QPointF p = m_view.imageFromView(view);
    const QSizeF size = m_scene.pictureSize();
    return { std::clamp(std::round(p.x()), 0.0, size.width()), std::clamp(std::round(p.y()), 0.0, size.height()) };
}

bool Interaction::dragged(QPointF view) const { return length(view - m_pressedView) >= kDragStart; }

std::optional<AnnotationId> Interaction::hit(QPointF view) const
{
    return m_scene.hitTest(m_view.imageFromView(view), kHitTolerance / m_view.scale());
}

Outcome Interaction::press(const Pointer& pointer)
{
    m_lastView = pointer.view;
    const bool pans = pointer.button == Qt::MiddleButton || (pointer.button == Qt::LeftButton && pointer.panHeld);
    if (pans && !isBusy()) {
        m_state = State::Panning;
        return {};
    }
    if (pointer.button == Qt::LeftButton)
        return pressLeft(pointer);
    if (pointer.button == Qt::RightButton) {
        if (isDrawing()) {
            cancel();
            return {};
        }
        if (!isBusy())
            return pressToSelect(pointer);
    }
    return {};
}

Outcome Interaction::pressLeft(const Pointer& pointer)
{
    if (m_state == State::DrawingByClicks) {
        m_cursor = pixelAt(pointer.view);
        return {}; // the second corner counts where the button is released
    }
    if (isBusy())
        return {};
    m_pressedView = pointer.view;
    if (!draws(pointer.modifiers))
        return pressToSelect(pointer);
    m_anchor = m_cursor = pixelAt(pointer.view);
    m_state = State::PressedToDraw;
    return {};
}

bool Interaction::draws(Qt::KeyboardModifiers modifiers) const
{
    return m_tool == Tool::Box && !(modifiers & (Qt::ControlModifier | Qt::ShiftModifier | Qt::AltModifier));
}

// The next smaller rank under the pointer after the one that is selected, round.
Outcome Interaction::pressBeneath(const Pointer& pointer)
{
    Outcome outcome;
    const auto here = m_scene.allHits(m_view.imageFromView(pointer.view), kHitTolerance / m_view.scale());
    if (here.empty())
        return outcome;
    const auto at = std::find_if(here.begin(), here.end(), [this](AnnotationId id) { return m_scene.isSelected(id); });
    const auto next = at == here.end() || at + 1 == here.end() ? here.begin() : at + 1;
    outcome.selectionChanged = m_scene.select({ *next });
    return outcome;
}

Outcome Interaction::pressToSelect(const Pointer& pointer)
{
    if (pointer.modifiers & Qt::AltModifier)
        return pressBeneath(pointer);
    Outcome outcome;
    m_pressedView = pointer.view;
    m_anchor = m_cursor = m_view.imageFromView(pointer.view);
    m_adding = pointer.modifiers & Qt::ShiftModifier;
    m_keepSelection = false;
    m_toToggle.reset();
    if (!m_adding) {
        m_handle = handleAt(pointer.view);
        if (m_handle.isValid()) {
            m_state = State::Resizing;
            return outcome;
        }
    }
    const auto id = hit(pointer.view);
    if (!id) {
        if ((outcome.proposalClicked = m_scene.proposalAt(m_anchor, kHitTolerance / m_view.scale())))
            return outcome;
        m_state = State::PressedOnNothing;
        return outcome;
    }
    if (m_adding) {
        m_toToggle = id;
        m_state = State::PressedOnNothing; // where boxes lie close a band must be able to begin on one
        return outcome;
    }
    if (!m_scene.isSelected(*id))
        outcome.selectionChanged = m_scene.select({ *id });
    else if (m_scene.selection().size() > 1)
        m_keepSelection = true; // a click (no drag) on one of many selects it alone
    else
        outcome.selectedAgain = true;
    m_state = State::PressedOnShape;
    return outcome;
}

Outcome Interaction::move(const Pointer& pointer)
{
    Outcome outcome;
    if (m_state == State::Panning)
        outcome.panned = pointer.view - m_lastView;
    m_lastView = pointer.view;
    if (m_state == State::PressedToDraw && dragged(pointer.view))
        m_state = State::DrawingByDrag;
    if (m_state == State::PressedOnShape && dragged(pointer.view))
        m_state = State::Moving;
    if (m_state == State::PressedOnNothing && dragged(pointer.view))
        m_state = State::RubberBand;
    follow(pointer.view);
    return outcome;
}

void Interaction::follow(QPointF view)
{
    if (isDrawing())
        m_cursor = pixelAt(view);
    else if (m_state == State::RubberBand)
        m_cursor = m_view.imageFromView(view);
    if (m_state == State::Moving) {
        const QPointF delta = (view - m_pressedView) / m_view.scale();
        m_live = nudged(std::round(delta.x()), std::round(delta.y()));
    } else if (m_state == State::Resizing && !m_scene.selection().empty()) {
        if (m_live.empty() && !dragged(view))
            return;
        const AnnotationId id = m_scene.selection().front();
        m_live = { { id, resized(m_scene.find(id)->box, m_handle, pixelAt(view), m_scene.pictureSize()) } };
    }
}

Outcome Interaction::release(const Pointer& pointer)
{
    Outcome outcome;
    const State was = m_state;
    if (was == State::Panning) {
        m_state = State::Idle;
        return outcome;
    }
    if (pointer.button == Qt::MiddleButton)
        return outcome;
    follow(pointer.view);
    switch (was) {
    case State::PressedToDraw:
        m_state = State::DrawingByClicks;
        break;
    case State::DrawingByDrag:
    case State::DrawingByClicks:
        return finishDrawing(pointer.view);
    case State::Moving:
    case State::Resizing:
        return finishEdit();
    case State::RubberBand: {
        std::vector<AnnotationId> ids = m_adding ? m_scene.selection() : std::vector<AnnotationId>();
        const auto found = m_scene.inBand(*band());
        ids.insert(ids.end(), found.begin(), found.end());
        m_state = State::Idle;
        outcome.selectionChanged = m_scene.select(std::move(ids));
        break;
    }
    case State::PressedOnNothing:
        m_state = State::Idle;
        if (m_toToggle)
            outcome.selectionChanged = m_scene.toggleSelected(*m_toToggle);
        else if (!m_adding)
            outcome.selectionChanged = m_scene.select({});
        break;
    case State::PressedOnShape:
        releaseShape(pointer.view, outcome);
        break;
    default:
        break;
    }
    return outcome;
}

void Interaction::releaseShape(QPointF view, Outcome& outcome)
{
    m_state = State::Idle;
    if (const auto id = hit(view); m_keepSelection && id)
        outcome.selectionChanged = m_scene.select({ *id });
}

Outcome Interaction::finishDrawing(QPointF view)
{
    Outcome outcome;
    m_cursor = pixelAt(view);
    const domain::Box box = domain::boxFromCorners(m_anchor.x(), m_anchor.y(), m_cursor.x(), m_cursor.y());
    // A second click on the first corner (a double click) or along one line is not a box yet: go on drawing.
    if (!box.hasArea() || length(view - m_view.viewFromImage(m_anchor)) < kDragStart) {
        m_state = State::DrawingByClicks;
        return outcome;
    }
    m_state = State::Idle;
    outcome.drawn = box;
    return outcome;
}

Outcome Interaction::finishEdit()
{
    Outcome outcome;
    m_state = State::Idle;
    for (const BoxChange& change : m_live)
        if (const Shape* shape = m_scene.find(change.id); shape && shape->box != change.box && change.box.hasArea())
            outcome.changed.push_back(change);
    m_live.clear();
    return outcome;
}

std::optional<domain::Box> Interaction::draft() const
{
    if (!isDrawing())
        return std::nullopt;
    return domain::boxFromCorners(m_anchor.x(), m_anchor.y(), m_cursor.x(), m_cursor.y());
}

std::optional<domain::Box> Interaction::band() const
{
    if (m_state != State::RubberBand)
        return std::nullopt;
    return domain::boxFromCorners(m_anchor.x(), m_anchor.y(), m_cursor.x(), m_cursor.y());
}

std::vector<BoxChange> Interaction::nudged(double dx, double dy) const
{
    std::vector<domain::Box> boxes;
    for (AnnotationId id : m_scene.selection())
        boxes.push_back(m_scene.find(id)->box);
    const QPointF step = clampedMove(boxes, dx, dy, m_scene.pictureSize());
    std::vector<BoxChange> changes;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const domain::Box& b = boxes[i];
        changes.push_back({ m_scene.selection()[i], { b.x + step.x(), b.y + step.y(), b.w, b.h } });
    }
    return changes;
}

std::vector<BoxChange> Interaction::grown(double dx, double dy) const
{
    const QSizeF size = m_scene.pictureSize();
    std::vector<BoxChange> changes;
    for (AnnotationId id : m_scene.selection()) {
        domain::Box b = m_scene.find(id)->box;
        b.w = std::clamp(b.w + dx, 1.0, std::max(size.width() - b.x, 1.0));
        b.h = std::clamp(b.h + dy, 1.0, std::max(size.height() - b.y, 1.0));
        changes.push_back({ id, b });
    }
    return changes;
}

std::vector<std::pair<Handle, QPointF>> Interaction::handlesOf(const QRectF& r)
{
    const double mx = r.center().x(), my = r.center().y();
    return { { { true, true, false, false }, r.topLeft() }, { { false, true, true, false }, r.topRight() },
        { { false, false, true, true }, r.bottomRight() }, { { true, false, false, true }, r.bottomLeft() },
        { { false, true, false, false }, { mx, r.top() } }, { { false, false, true, false }, { r.right(), my } },
        { { false, false, false, true }, { mx, r.bottom() } }, { { true, false, false, false }, { r.left(), my } } };
}

Handle Interaction::handleAt(QPointF view) const
{
    if (m_scene.selection().size() != 1)
        return {};
    const Shape* shape = m_scene.find(m_scene.selection().front());
    if (shape->hidden)
        return {};
    const QRectF rect = m_view.viewFromImage(shape->box);
    // On small boxes the reach shrinks, so that the middle still moves them; corners come first.
    const double reachX = std::clamp(rect.width() / 4, 3.0, kHandleReach), reachY = std::clamp(rect.height() / 4, 3.0, kHandleReach);
    for (const auto& [handle, centre] : handlesOf(rect)) {
        const QPointF d = view - centre;
        if (std::abs(d.x()) <= reachX && std::abs(d.y()) <= reachY)
            return handle;
    }
    return {};
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
    const Handle h = m_state == State::Resizing ? m_handle : handleAt(pointer.view);
    if (h.isValid()) {
        if ((h.left && h.top) || (h.right && h.bottom))
            return Qt::SizeFDiagCursor;
        if ((h.right && h.top) || (h.left && h.bottom))
            return Qt::SizeBDiagCursor;
        return h.left || h.right ? Qt::SizeHorCursor : Qt::SizeVerCursor;
    }
    if (const auto id = hit(pointer.view))
        return m_scene.isSelected(*id) ? Qt::SizeAllCursor : Qt::PointingHandCursor;
    return Qt::ArrowCursor;
}

}
