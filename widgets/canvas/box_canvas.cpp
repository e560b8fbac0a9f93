#include "widgets/canvas/box_canvas.h"

#include "widgets/canvas/live_painter.h"

#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace percept::canvas {

namespace {
    constexpr double kFitMargin = 10, kKeepVisible = 48;
    constexpr double kZoomStep = 1.2; // per notch of the wheel
}

BoxCanvas::BoxCanvas(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("boxCanvas"));
    setAccessibleName(tr("Picture with boxes"));
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    m_layer.setRests([this](const Shape& s) { return !m_shapesHidden && !m_scene.isSelected(s.id); });
    connect(&m_layer, &RestingLayer::sharpened, this, qOverload<>(&QWidget::update));
}

BoxCanvas::~BoxCanvas() = default;

void BoxCanvas::setPicture(std::shared_ptr<const PictureLevels> picture, QSizeF pictureSize, bool keepView)
{
    m_interaction.cancel();
    const bool sameSize = pictureSize == m_scene.pictureSize();
    m_scene.reset(pictureSize, {});
    m_scene.setProposals({});
    m_layer.setPicture(std::move(picture));
    if (!(keepView && sameSize))
        fitPicture();
    update();
}

void BoxCanvas::replacePicture(std::shared_ptr<const PictureLevels> picture)
{
    m_layer.setPicture(std::move(picture));
    update();
}

void BoxCanvas::setShapes(std::vector<Shape> shapes)
{
    const auto before = m_scene.selection();
    m_scene.reset(m_scene.pictureSize(), std::move(shapes));
    m_layer.invalidateAll();
    if (m_scene.selection() != before)
        emit selectionChanged();
    update();
}

void BoxCanvas::invalidate(AnnotationId id)
{
    if (const Shape* shape = m_scene.find(id))
        m_layer.invalidateOutline(shape->box);
}

void BoxCanvas::updateShape(const Shape& shape)
{
    invalidate(shape.id);
    m_scene.upsert(shape);
    invalidate(shape.id);
    update();
}

void BoxCanvas::removeShape(AnnotationId id)
{
    const bool selected = m_scene.isSelected(id);
    invalidate(id);
    m_scene.remove(id);
    if (selected)
        emit selectionChanged();
    update();
}

void BoxCanvas::replaceId(AnnotationId from, AnnotationId to)
{
    const Shape* found = m_scene.find(from);
    if (!found)
        return;
    Shape shape = *found;
    shape.id = to;
    auto selection = m_scene.selection();
    std::replace(selection.begin(), selection.end(), from, to);
    const bool hovered = m_scene.hovered() == from;
    m_scene.remove(from);
    m_scene.upsert(shape);
    m_scene.select(std::move(selection));
    if (hovered)
        m_scene.setHovered(to);
    update();
}

void BoxCanvas::restingChanged(const std::vector<AnnotationId>& before)
{
    for (AnnotationId id : before)
        invalidate(id);
    for (AnnotationId id : m_scene.selection())
        invalidate(id);
}

void BoxCanvas::setSelection(std::vector<AnnotationId> ids)
{
    const auto before = m_scene.selection();
    if (!m_scene.select(std::move(ids)))
        return;
    restingChanged(before);
    emit selectionChanged();
    update();
}

void BoxCanvas::setHovered(AnnotationId id)
{
    if (id == m_scene.hovered())
        return;
    m_scene.setHovered(id);
    refreshLive();
    emit hoveredChanged(id);
}

void BoxCanvas::setProposals(std::vector<Proposal> proposals)
{
    m_scene.setProposals(std::move(proposals));
    refreshLive();
}

void BoxCanvas::setHighlightedProposal(std::optional<int> key)
{
    m_scene.setHighlightedProposal(key);
    refreshLive();
}

void BoxCanvas::setShapesHidden(bool hidden)
{
    m_shapesHidden = hidden;
    m_layer.invalidateAll();
    update();
}

void BoxCanvas::setTool(Tool tool)
{
    m_interaction.setTool(tool);
    updateCursor();
    refreshLive();
    emit interactionChanged();
}

void BoxCanvas::setArmedColor(QRgb color)
{
    m_armedColor = color;
    refreshLive();
}

void BoxCanvas::setSurround(QColor color)
{
    m_layer.setSurround(color.rgb());
    update();
}

void BoxCanvas::setAccent(QColor color) { m_accent = color.rgb(); }

void BoxCanvas::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    m_interaction.cancel();
    updateCursor();
}

bool BoxCanvas::cancelInteraction()
{
    const bool was = m_interaction.cancel();
    if (was) {
        refreshLive();
        emit interactionChanged();
    }
    return was;
}

void BoxCanvas::setPanHeld(bool held)
{
    if (held == m_panHeld)
        return;
    if (held)
        m_pannedWhileHeld = false;
    m_panHeld = held;
    updateCursor();
    refreshLive();
}

bool BoxCanvas::nudgeSelection(double dx, double dy)
{
    if (m_scene.selection().empty() || m_readOnly)
        return false;
    Outcome outcome;
    for (const BoxChange& change : m_interaction.nudged(dx, dy))
        if (m_scene.find(change.id)->box != change.box)
            outcome.changed.push_back(change);
    take(outcome);
    return true;
}

bool BoxCanvas::growSelection(double dx, double dy)
{
    if (m_scene.selection().empty() || m_readOnly)
        return false;
    Outcome outcome;
    for (const BoxChange& change : m_interaction.grown(dx, dy))
        if (m_scene.find(change.id)->box != change.box)
            outcome.changed.push_back(change);
    take(outcome);
    return true;
}

// View.

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

// Painting.

LivePainter BoxCanvas::livePainter() const
{
    LivePainter::State state;
    state.scene = &m_scene;
    state.interaction = &m_interaction;
    state.transform = m_view;
    state.view = size();
    state.font = font();
    state.armedColor = m_armedColor;
    state.accent = m_accent;
    state.shapesHidden = m_shapesHidden;
    const bool draws = m_interaction.tool() == Tool::Box && !m_readOnly && !m_panHeld
        && (m_interaction.isBusy() || !(m_modifiers & (Qt::ControlModifier | Qt::ShiftModifier)));
    if (draws && m_cursor && m_interaction.state() != Interaction::State::Panning)
        state.crosshair = m_cursor;
    return LivePainter(state);
}

void BoxCanvas::refreshLive()
{
    const QRegion now = livePainter().region();
    update(m_liveRegion.united(now));
    m_liveRegion = now;
}

void BoxCanvas::paintEvent(QPaintEvent* event)
{
    m_layer.prepare(m_view, size(), devicePixelRatioF());
    QPainter painter(this);
    m_layer.paint(painter, event->region());
    painter.setClipRegion(event->region());
    const LivePainter live = livePainter();
    live.paint(painter);
    m_liveRegion = live.region();
}

void BoxCanvas::resizeEvent(QResizeEvent*)
{
    if (m_fitted)
        fitPicture();
    else
        setView(m_view);
}

// Pointer.

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
    if (outcome.selectionChanged)
        emit selectionChanged();
    if (!outcome.changed.empty())
        emit boxesChanged(outcome.changed);
    if (outcome.proposalClicked)
        emit proposalClicked(*outcome.proposalClicked);
    if (outcome.drawn)
        emit boxDrawn(*outcome.drawn);
    if (m_wasBusy != m_interaction.isDrawing()) {
        m_wasBusy = m_interaction.isDrawing();
        emit interactionChanged();
    }
}

void BoxCanvas::mousePressEvent(QMouseEvent* event)
{
    m_modifiers = event->modifiers();
    if (m_scene.pictureSize().isEmpty())
        return;
    if (m_readOnly && event->button() == Qt::LeftButton && m_interaction.tool() == Tool::Box)
        return;
    const auto before = m_scene.selection();
    const Outcome outcome = m_interaction.press(pointerOf(*event));
    if (outcome.selectionChanged) {
        restingChanged(before);
        update();
    }
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
    if (outcome.selectionChanged) {
        restingChanged(before);
        update();
    }
    take(outcome);
    updateCursor();
}

void BoxCanvas::updateHover(QPointF view, Qt::KeyboardModifiers modifiers)
{
    const bool selects = m_interaction.tool() == Tool::Select || (modifiers & (Qt::ControlModifier | Qt::ShiftModifier));
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

// Keys.

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
    case Qt::Key_Escape:
    case Qt::Key_Backspace:
        taken = cancelInteraction();
        break;
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

void BoxCanvas::leaveEvent(QEvent*)
{
    m_cursor.reset();
    if (!m_interaction.isBusy())
        setHovered({});
    refreshLive();
    emit cursorMoved({}, false);
}

void BoxCanvas::focusOutEvent(QFocusEvent* event)
{
    // A release that goes to another window would leave the pan stuck.
    setPanHeld(false);
    QWidget::focusOutEvent(event);
}

}
