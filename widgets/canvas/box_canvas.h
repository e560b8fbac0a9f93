#pragma once

#include "widgets/canvas/interaction.h"
#include "widgets/canvas/resting_layer.h"

#include <QWidget>

namespace percept::canvas {

class LivePainter;

// The picture with its boxes, where annotators spend their day. Holds values only: the owner sets shapes by id, listens to
// the signals, and writes what they carry. A finished move or resize is shown at once and stays until the owner says
// otherwise (updateShape, setShapes). Interface thread. Coordinates in signals are picture pixels.
// Keys that it takes itself when it has the focus: Space (held: pan; tapped: spaceTapped), Esc and Backspace while
// something is under way, arrows with a selection (Shift: 10 px, Ctrl: grow, Alt: shrink).
class BoxCanvas : public QWidget {
    Q_OBJECT
public:
    explicit BoxCanvas(QWidget* parent = nullptr);
    ~BoxCanvas() override;

    // A new picture is shown whole; with keepView the place and zoom stay (the same picture again, or a series).
    void setPicture(std::shared_ptr<const PictureLevels> picture, QSizeF pictureSize, bool keepView = false);
    // The same picture, better known: everything on it stays.
    void replacePicture(std::shared_ptr<const PictureLevels> picture);
    void setShapes(std::vector<Shape> shapes);
    void updateShape(const Shape& shape) { updateShapes({ shape }); }
    void updateShapes(const std::vector<Shape>& shapes); // adds those whose ids are new
    void removeShape(AnnotationId id);
    // A box that got its stored id; keeps selection and hover.
    void replaceId(AnnotationId from, AnnotationId to);
    void setSelection(std::vector<AnnotationId> ids);
    void setHovered(AnnotationId id);
    void setProposals(std::vector<Proposal> proposals);
    void setHighlightedProposal(std::optional<int> key);
    void setShapesHidden(bool hidden);
    bool shapesHidden() const { return m_shapesHidden; }

    const BoxScene& scene() const { return m_scene; }
    const ViewTransform& view() const { return m_view; }
    Tool tool() const { return m_interaction.tool(); }
    void setTool(Tool tool);
    void setArmedColor(QRgb color);
    void setSurround(QColor color);
    void setAccent(QColor color);
    void setReadOnly(bool readOnly); // looking only: no drawing, moving or nudging

    bool isBusy() const { return m_interaction.isBusy(); }
    bool isDrawing() const { return m_interaction.isDrawing(); }
    bool isDrawingByDrag() const { return m_interaction.state() == Interaction::State::DrawingByDrag; }
    bool cancelInteraction();
    bool stepBack(); // takes back the last point of a box that is drawn by several; else as cancelInteraction()
    std::size_t pointsDrawn() const { return m_interaction.points().size(); }
    // Held Space: a drag pans. `tapped` tells on release whether nothing was panned meanwhile.
    void setPanHeld(bool held);
    bool pannedWhileHeld() const { return m_pannedWhileHeld; }
    bool nudgeSelection(double dx, double dy); // false without a selection
    bool growSelection(double dx, double dy);

    void fitPicture();
    void showActualSize();
    void zoomBy(double factor); // about the middle
    void frame(AnnotationId id); // zooms to the box
    void bringIntoView(const domain::Box& box); // pans (and zooms out) only when needed
    bool isFitted() const { return m_fitted; }
    std::optional<QPointF> cursorOnPicture() const; // in its pixels; none while the pointer is elsewhere

    bool waitUntilSharp(int timeoutMs) { return m_layer.waitUntilSharp(timeoutMs); }
    bool isSharp() const { return m_layer.isSharp(); }

    QSize minimumSizeHint() const override { return { 200, 150 }; }

signals:
    void boxDrawn(percept::domain::Box box);
    void boxesChanged(std::vector<percept::canvas::BoxChange> changes); // one undo step
    void selectionChanged();
    void hoveredChanged(percept::AnnotationId id);
    void proposalClicked(int key); // when it is pressed: a move may follow
    void proposalChanged(percept::canvas::ProposalChange change); // moved or resized by hand
    void cursorMoved(QPointF image, bool inside);
    void viewChanged(double scale);
    void interactionChanged(); // drawing began, went on, ended, was given up: for hints
    void spaceTapped();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override { mousePressEvent(event); }
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    Interaction::Pointer pointerOf(const QMouseEvent& event) const;
    void take(const Outcome& outcome);
    void setView(const ViewTransform& view);
    void restingChanged(const std::vector<AnnotationId>& before);
    void invalidate(AnnotationId id);
    void updateHover(QPointF view, Qt::KeyboardModifiers modifiers);
    void refreshLive(); // repaints where live things were and are
    void updateCursor();
    LivePainter livePainter() const;

    BoxScene m_scene;
    ViewTransform m_view;
    Interaction m_interaction { m_scene, m_view };
    RestingLayer m_layer { m_scene };
    QRegion m_liveRegion;
    int m_invalidated = 0; // outlines since the last painting
    std::optional<QPointF> m_cursor; // view pixels, while the pointer is over the canvas
    Qt::KeyboardModifiers m_modifiers;
    QRgb m_armedColor = 0xFFE7E9EC, m_accent = 0xFF7B9AFF;
    bool m_fitted = true, m_panHeld = false, m_pannedWhileHeld = false, m_shapesHidden = false, m_readOnly = false;
    bool m_wasBusy = false;
    std::size_t m_pointsTold = 0;
};

}
