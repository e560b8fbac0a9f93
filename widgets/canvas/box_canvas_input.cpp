// BoxCanvas: pointer, wheel and keys.
#include "widgets/canvas/box_canvas.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <cmath>

namespace percept::canvas {

namespace {
    constexpr double kZoomStep = 1.2; // per notch of the wheel
}

Interaction::Pointer BoxCanvas::pointerOf(const QMouseEvent& event) const
{
    return { event.position(), event.button(), event.modifiers(), m_panHeld };
}

void BoxCanvas::take(const Outcome& outcome)
{
    if (!outcome.panned.isNull()) {
        m_fitted = false;
        m_pannedWhileHeld = true;
        setView(m_view.panned(outcome.panned));
    }
    for (const BoxChange& change : outcome.changed) {
        invalidate(change.id);
        Shape shape = *m_scene.find(change.id);
        shape.box = change.box;
        m_scene.upsert(shape);
        invalidate(change.id);
    }
    refreshLive();
    if (outcome.selectionChanged || outcome.selectedAgain)
        emit selectionChanged();
    if (!outcome.changed.empty())
        emit boxesChanged(outcome.changed);
    if (outcome.proposalClicked)
        emit proposalClicked(*outcome.proposalClicked);
    if (outcome.proposalChanged)
        emit proposalChanged(*outcome.proposalChanged);
    if (outcome.drawn)
        emit boxDrawn(*outcome.drawn);
    if (m_wasBusy != m_interaction.isDrawing() || m_pointsTold != pointsDrawn()) {
        m_wasBusy = m_interaction.isDrawing();
        m_pointsTold = pointsDrawn();
        emit interactionChanged();
    }
}

void BoxCanvas::mousePressEvent(QMouseEvent* event)
{
    m_modifiers = event->modifiers();
    if (m_scene.pictureSize().isEmpty())
        return;
    if (m_readOnly && event->button() == Qt::LeftButton && m_interaction.tool() != Tool::Select)
        return;
    const auto before = m_scene.selection();
    const Outcome outcome = m_interaction.press(pointerOf(*event));
    if (outcome.selectionChanged)
        restingChanged(before);
    take(outcome);
    updateCursor();
}

void BoxCanvas::mouseMoveEvent(QMouseEvent* event)
{
    m_modifiers = event->modifiers();
    m_cursor = event->position();
    const Outcome outcome = m_interaction.move(pointerOf(*event));
    if (m_readOnly && (m_interaction.state() == Interaction::State::Moving || m_interaction.state() == Interaction::State::Resizing))
        m_interaction.cancel();
    if (!m_interaction.isBusy())
        updateHover(event->position(), event->modifiers());
    take(outcome);
    updateCursor();
    const QPointF image = m_view.imageFromView(event->position());
    emit cursorMoved(image, QRectF(QPointF(), m_scene.pictureSize()).contains(image));
}

void BoxCanvas::mouseReleaseEvent(QMouseEvent* event)
{
    m_modifiers = event->modifiers();
    const auto before = m_scene.selection();
    const Outcome outcome = m_interaction.release(pointerOf(*event));
    if (outcome.selectionChanged)
        restingChanged(before);
    take(outcome);
    updateCursor();
}

void BoxCanvas::updateHover(QPointF view, Qt::KeyboardModifiers modifiers)
{
    const bool selects = !m_interaction.draws(modifiers);
    const auto hit = selects && !m_panHeld && !m_shapesHidden
        ? m_scene.hitTest(m_view.imageFromView(view), Interaction::kHitTolerance / m_view.scale())
        : std::nullopt;
    const AnnotationId id = hit.value_or(AnnotationId {});
    if (id == m_scene.hovered())
        return;
    m_scene.setHovered(id);
    emit hoveredChanged(id);
}

void BoxCanvas::wheelEvent(QWheelEvent* event)
{
    const QPoint delta = event->angleDelta();
    event->accept();
    if (m_scene.pictureSize().isEmpty())
        return;
    m_fitted = false;
    if (event->modifiers() & Qt::ShiftModifier) {
        // Some platforms turn Shift+wheel into a horizontal delta themselves.
        setView(m_view.panned({ double(delta.y() != 0 ? delta.y() : delta.x()) / 2, 0 }));
        return;
    }
    if (delta.y() != 0)
        setView(m_view.zoomedAt(event->position(), std::pow(kZoomStep, delta.y() / 120.0), m_scene.pictureSize()));
    else if (delta.x() != 0)
        setView(m_view.panned({ delta.x() / 2.0, 0 }));
}

void BoxCanvas::updateCursor()
{
    if (m_readOnly && !m_panHeld) {
        setCursor(Qt::ArrowCursor);
        return;
    }
    Interaction::Pointer pointer { m_cursor.value_or(QPointF(-1, -1)), Qt::NoButton, m_modifiers, m_panHeld };
    const Qt::CursorShape shape = m_interaction.cursorAt(pointer);
    if (cursor().shape() != shape)
        setCursor(shape);
}

void BoxCanvas::keyPressEvent(QKeyEvent* event)
{
    m_modifiers = event->modifiers();
    const double step = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
    const auto arrow = [&](double dx, double dy) {
        const bool grows = event->modifiers() & Qt::ControlModifier, shrinks = event->modifiers() & Qt::AltModifier;
        const double sign = shrinks ? -1 : 1;
        return grows || shrinks ? growSelection(sign * std::abs(dx), sign * std::abs(dy)) : nudgeSelection(dx, dy);
    };
    bool taken = false;
    switch (event->key()) {
    case Qt::Key_Space:
        if (!event->isAutoRepeat())
            setPanHeld(true);
        taken = true;
        break;
    case Qt::Key_Escape: taken = cancelInteraction(); break;
    case Qt::Key_Backspace: taken = stepBack(); break;
    case Qt::Key_Left: taken = arrow(-step, 0); break;
    case Qt::Key_Right: taken = arrow(step, 0); break;
    case Qt::Key_Up: taken = arrow(0, -step); break;
    case Qt::Key_Down: taken = arrow(0, step); break;
    case Qt::Key_Control:
    case Qt::Key_Shift:
        m_modifiers |= event->key() == Qt::Key_Shift ? Qt::ShiftModifier : Qt::ControlModifier;
        updateCursor();
        refreshLive();
        break;
    default: break;
    }
    if (!taken)
        QWidget::keyPressEvent(event);
}

void BoxCanvas::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat() && m_panHeld) {
        setPanHeld(false);
        if (!m_pannedWhileHeld)
            emit spaceTapped();
        return;
    }
    if (event->key() == Qt::Key_Control || event->key() == Qt::Key_Shift) {
        m_modifiers &= ~Qt::KeyboardModifiers(event->key() == Qt::Key_Shift ? Qt::ShiftModifier : Qt::ControlModifier);
        updateCursor();
        refreshLive();
    }
    QWidget::keyReleaseEvent(event);
}

// What is wrong with the box under the pointer.
bool BoxCanvas::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto id = m_shapesHidden ? std::nullopt : m_scene.hitTest(m_view.imageFromView(QPointF(help->pos())), Interaction::kHitTolerance / m_view.scale());
    const Shape* shape = id ? m_scene.find(*id) : nullptr;
    QToolTip::showText(help->globalPos(), shape ? shape->problem : QString(), this);
    return true;
}

void BoxCanvas::leaveEvent(QEvent*)
{
    m_cursor.reset();
    if (!m_interaction.isBusy())
        setHovered({});
    refreshLive();
    emit cursorMoved({}, false);
}

std::optional<QPointF> BoxCanvas::cursorOnPicture() const
{
    if (!m_cursor)
        return {};
    const QPointF image = m_view.imageFromView(*m_cursor);
    return QRectF(QPointF(), m_scene.pictureSize()).contains(image) ? std::optional(image) : std::nullopt;
}

void BoxCanvas::focusOutEvent(QFocusEvent* event)
{
    // A release that goes to another window would leave the pan stuck.
    setPanHeld(false);
    QWidget::focusOutEvent(event);
}

}
