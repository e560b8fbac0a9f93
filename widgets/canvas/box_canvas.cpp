#include "widgets/canvas/box_canvas.h"

#include "widgets/canvas/live_painter.h"

#include <QPaintEvent>
#include <QPainter>
#include <algorithm>

namespace percept::canvas {

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
    constexpr int kMany = 64; // from here the whole is cheaper than a region of so many pieces
    const Shape* shape = m_scene.find(id);
    if (!shape)
        return;
    if (!m_scene.isSelected(id))
        m_layer.invalidateOutline(shape->box); // what is selected does not rest there
    if (++m_invalidated > kMany)
        update();
    else
        update(outlineRegion(shape->box, m_view, size(), 1));
}

void BoxCanvas::updateShapes(const std::vector<Shape>& shapes)
{
    bool any = false;
    for (const Shape& shape : shapes) {
        const Shape* known = m_scene.find(shape.id);
        if (known && *known == shape)
            continue; // the hand that moved it has shown it already
        invalidate(shape.id);
        m_scene.upsert(shape);
        invalidate(shape.id);
        any = true;
    }
    if (any)
        refreshLive();
}

void BoxCanvas::removeShape(AnnotationId id)
{
    const bool selected = m_scene.isSelected(id);
    invalidate(id);
    m_scene.remove(id);
    refreshLive();
    if (selected)
        emit selectionChanged();
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
}

void BoxCanvas::restingChanged(const std::vector<AnnotationId>& before)
{
    for (const auto* ids : { &before, &m_scene.selection() })
        for (AnnotationId id : *ids) {
            if (const Shape* shape = m_scene.find(id))
                m_layer.invalidateOutline(shape->box);
            invalidate(id);
        }
    refreshLive();
}

void BoxCanvas::setSelection(std::vector<AnnotationId> ids)
{
    const auto before = m_scene.selection();
    if (!m_scene.select(std::move(ids)))
        return;
    restingChanged(before);
    emit selectionChanged();
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

bool BoxCanvas::stepBack()
{
    const bool was = m_interaction.stepBack();
    if (was) {
        m_pointsTold = pointsDrawn();
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
    state.handles = !m_interaction.draws(m_modifiers);
    const bool draws = m_interaction.tool() != Tool::Select && !m_readOnly && !m_panHeld
        && (m_interaction.isBusy() || m_interaction.draws(m_modifiers));
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
    m_invalidated = 0;
}

}
