#include "widgets/canvas/interaction.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace percept::canvas {

namespace {
    double length(QPointF p) { return std::hypot(p.x(), p.y()); }
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
    m_points.clear();
    m_grabbed.reset();
    m_liveProposal.reset();
    return busy;
}

bool Interaction::stepBack()
{
    if (m_points.size() < 2)
        return cancel();
    m_points.pop_back();
    return true;
}

QPointF Interaction::pixelAt(QPointF view) const
{
    const QPointF p = m_view.imageFromView(view);
    const QSizeF size = m_scene.pictureSize();
    return { std::clamp(std::round(p.x()), 0.0, size.width()), std::clamp(std::round(p.y()), 0.0, size.height()) };
}

bool Interaction::dragged(QPointF view) const { return length(view - m_pressedView) >= kDragStart; }

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
    if (m_state == State::DrawingByClicks || m_state == State::DrawingByPoints) {
        m_cursor = pixelAt(pointer.view);
        return {}; // the next corner counts where the button is released
    }
    if (isBusy())
        return {};
    m_pressedView = pointer.view;
    if (!draws(pointer.modifiers))
        return pressToSelect(pointer);
    m_anchor = m_cursor = pixelAt(pointer.view);
    m_state = m_tool == Tool::Extremes ? State::DrawingByPoints : State::PressedToDraw;
    return {};
}

bool Interaction::draws(Qt::KeyboardModifiers modifiers) const
{
    return m_tool != Tool::Select && !(modifiers & (Qt::ControlModifier | Qt::ShiftModifier | Qt::AltModifier));
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
    m_handle = {};
    if (!m_adding) {
        m_handle = handleAt(pointer.view);
        if (m_handle.isValid()) {
            m_state = State::Resizing;
            return outcome;
        }
        if (const auto grip = gripAt(pointer.view))
            return pressProposal(*grip);
    }
    const auto id = hit(pointer.view);
    if (!id) {
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

Outcome Interaction::pressProposal(const Grip& grip)
{
    Outcome outcome;
    outcome.proposalClicked = grip.proposal;
    if (m_scene.findProposal(grip.proposal)->fixed)
        return outcome;
    m_grabbed = grip.proposal;
    m_handle = grip.handle;
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
        m_state = m_grabbed && m_handle.isValid() ? State::Resizing : State::Moving;
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
    if (m_grabbed)
        return followProposal(view);
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

void Interaction::followProposal(QPointF view)
{
    if (m_state != State::Moving && m_state != State::Resizing)
        return;
    const Proposal* p = m_scene.findProposal(*m_grabbed);
    if (!p) { // another picture, another model
        cancel();
        return;
    }
    const QPointF delta = (view - m_pressedView) / m_view.scale();
    const QSizeF picture = m_scene.pictureSize();
    m_liveProposal = { p->key, m_state == State::Resizing ? resized(p->box, m_handle, pixelAt(view), picture) : moved(p->box, std::round(delta.x()), std::round(delta.y()), picture) };
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
    if (m_state == State::Idle)
        return outcome; // what was held is gone
    switch (was) {
    case State::DrawingByPoints:
        return addPoint(pointer.view);
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
    m_grabbed.reset();
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

// A point at an extreme of the object; the last one finishes the box around all.
Outcome Interaction::addPoint(QPointF view)
{
    Outcome outcome;
    m_cursor = pixelAt(view);
    if (m_points.empty() || m_points.back() != m_cursor) // a double click is one point
        m_points.push_back(m_cursor);
    if (m_points.size() < kExtremes)
        return outcome;
    const domain::Box box = *draft();
    if (!box.hasArea()) { // all on one line: the last of them was none
        m_points.pop_back();
        return outcome;
    }
    cancel();
    outcome.drawn = box;
    return outcome;
}

Outcome Interaction::finishEdit()
{
    Outcome outcome;
    m_state = State::Idle;
    if (std::exchange(m_grabbed, {})) {
        const auto left = std::exchange(m_liveProposal, {});
        const Proposal* p = left ? m_scene.findProposal(left->key) : nullptr;
        if (p && left->box.hasArea() && left->box != p->box)
            outcome.proposalChanged = left;
        return outcome;
    }
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
    if (m_state != State::DrawingByPoints)
        return domain::boxFromCorners(m_anchor.x(), m_anchor.y(), m_cursor.x(), m_cursor.y());
    QPointF least = m_cursor, most = m_cursor;
    for (const QPointF& p : m_points) {
        least = { std::min(least.x(), p.x()), std::min(least.y(), p.y()) };
        most = { std::max(most.x(), p.x()), std::max(most.y(), p.y()) };
    }
    return domain::boxFromCorners(least.x(), least.y(), most.x(), most.y());
}

std::optional<domain::Box> Interaction::band() const
{
    if (m_state != State::RubberBand)
        return std::nullopt;
    return domain::boxFromCorners(m_anchor.x(), m_anchor.y(), m_cursor.x(), m_cursor.y());
}

}
