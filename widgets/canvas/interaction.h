#pragma once

#include "widgets/canvas/box_scene.h"
#include "widgets/canvas/view_transform.h"

#include <Qt>
#include <optional>
#include <vector>

namespace percept::canvas {

enum class Tool { Select, Box, Extremes };

// Which edges of a box a handle moves; corners have two.
struct Handle {
    bool left = false, top = false, right = false, bottom = false;
    bool isValid() const { return left || top || right || bottom; }
    bool operator==(const Handle&) const = default;
};

// A proposal as a hand left it.
struct ProposalChange {
    int key = 0;
    domain::Box box;
    bool operator==(const ProposalChange&) const = default;
};

// What a pointer event led to. Only what is set happened.
struct Outcome {
    std::optional<domain::Box> drawn;   // a finished box
    std::vector<BoxChange> changed;     // a finished move, resize or nudge
    bool selectionChanged = false;
    bool selectedAgain = false;         // a click on what was selected already, alone
    std::optional<int> proposalClicked; // pressed, what is to come of it shows later
    std::optional<ProposalChange> proposalChanged; // a finished move or resize of one
    QPointF panned;                     // view pixels
};

// Pointer events to edits, without a window: draw by two clicks, one drag or four points at the extremes, select, rubber band,
// move, resize by eight handles, pan. It reads scene and view and changes only the scene's selection; boxes in the scene stay as they are until
// the caller takes over `changed`. While the box tool is armed existing boxes do not steal clicks: Ctrl or the right
// button selects, Shift adds to the selection, Alt takes what lies beneath what is selected. A proposal is moved and resized like
// a box, without being selected first.
// Handles work, and are shown, only where a press would not draw. Finished coordinates are whole picture pixels inside the picture.
class Interaction {
public:
    enum class State { Idle, PressedToDraw, DrawingByDrag, DrawingByClicks, DrawingByPoints, PressedOnShape, Moving, Resizing, PressedOnNothing,
        RubberBand, Panning };

    struct Pointer {
        QPointF view;
        Qt::MouseButton button = Qt::NoButton;
        Qt::KeyboardModifiers modifiers;
        bool panHeld = false; // Space is down
    };

    Interaction(BoxScene& scene, const ViewTransform& view) : m_scene(scene), m_view(view) { }

    Tool tool() const { return m_tool; }
    void setTool(Tool tool); // cancels what is under way

    Outcome press(const Pointer& pointer);
    Outcome move(const Pointer& pointer);
    Outcome release(const Pointer& pointer);
    // Gives up what is under way (drawing, moving, ...). False when there was nothing.
    bool cancel();
    // Takes back the last point of several; else as cancel().
    bool stepBack();

    State state() const { return m_state; }
    bool isDrawing() const { return m_state == State::DrawingByDrag || m_state == State::DrawingByClicks || m_state == State::DrawingByPoints; }
    bool isBusy() const { return m_state != State::Idle; }
    // The box being drawn, as it would be taken.
    std::optional<domain::Box> draft() const;
    // Of a box that is drawn by its extremes: what was clicked so far.
    const std::vector<QPointF>& points() const { return m_points; }
    std::optional<domain::Box> band() const;
    // Where the boxes being moved or resized are now; empty when nothing moves.
    const std::vector<BoxChange>& liveBoxes() const { return m_live; }
    const std::optional<ProposalChange>& liveProposal() const { return m_liveProposal; }

    // Moves or grows the selection by picture pixels, kept inside the picture.
    std::vector<BoxChange> nudged(double dx, double dy) const;
    std::vector<BoxChange> grown(double dx, double dy) const;

    // Does a press with these modifiers draw?
    bool draws(Qt::KeyboardModifiers modifiers) const;
    // The handle of a single selected box at a view point.
    Handle handleAt(QPointF view) const;
    // The proposal that a press there takes hold of, and by which handle; none of its handles: it is moved.
    struct Grip { int proposal = 0; Handle handle; };
    std::optional<Grip> gripAt(QPointF view) const;
    static std::vector<std::pair<Handle, QPointF>> handlesOf(const QRectF& viewRect);
    Qt::CursorShape cursorAt(const Pointer& pointer) const;

    static constexpr double kDragStart = 4;     // view pixels: less is a click
    static constexpr double kHitTolerance = 5;  // view pixels
    static constexpr double kHandleReach = 7;   // view pixels around a handle's centre
    static constexpr std::size_t kExtremes = 4; // topmost, leftmost, lowest, rightmost point, in any order

private:
    Outcome pressLeft(const Pointer& pointer);
    Outcome pressToSelect(const Pointer& pointer);
    Outcome pressBeneath(const Pointer& pointer);
    Outcome pressProposal(const Grip& grip);
    void releaseShape(QPointF view, Outcome& outcome);
    Outcome finishDrawing(QPointF view);
    Outcome finishEdit();
    Outcome addPoint(QPointF view);
    void follow(QPointF view);
    void followProposal(QPointF view);
    Handle handleOf(const domain::Box& box, QPointF view) const;
    std::optional<AnnotationId> hit(QPointF view) const;
    QPointF pixelAt(QPointF view) const; // whole picture pixels, inside the picture
    bool dragged(QPointF view) const;

    BoxScene& m_scene;
    const ViewTransform& m_view;
    Tool m_tool = Tool::Select;
    State m_state = State::Idle;
    QPointF m_pressedView, m_lastView;
    QPointF m_anchor;          // picture pixels: first corner, start of a band
    QPointF m_cursor;          // picture pixels
    Handle m_handle;
    bool m_adding = false;     // Shift was held when pressed
    std::optional<AnnotationId> m_toToggle; // pressed with Shift: a click toggles it, a drag draws a band
    bool m_keepSelection = false;
    std::vector<BoxChange> m_live;
    std::vector<QPointF> m_points;
    std::optional<int> m_grabbed; // the proposal that is pressed, moved or resized
    std::optional<ProposalChange> m_liveProposal;
};

// `box` with the edges of `handle` moved to `to`, never inside out, inside the picture.
domain::Box resized(const domain::Box& box, Handle handle, QPointF to, QSizeF picture);
// The largest part of (dx, dy) that keeps all boxes inside the picture; boxes that stick out may stay so.
QPointF clampedMove(const std::vector<domain::Box>& boxes, double dx, double dy, QSizeF picture);
domain::Box moved(const domain::Box& box, double dx, double dy, QSizeF picture);
// Its right and lower edge moved, at least a pixel large.
domain::Box grown(const domain::Box& box, double dx, double dy, QSizeF picture);

}
