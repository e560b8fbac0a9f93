#pragma once

#include "widgets/canvas/interaction.h"

#include <QFont>
#include <QPainter>
#include <QRegion>

namespace percept::canvas {

// What moves, drawn over the resting layer each frame: hover, selection with handles, what is drawn or dragged, proposals,
// tags and the crosshair. Line widths and tags are view pixels at any zoom. Tags that would cover another are dropped,
// the most important first.
class LivePainter {
public:
    struct State {
        const BoxScene* scene = nullptr;
        const Interaction* interaction = nullptr;
        ViewTransform transform;
        QSize view;
        QFont font;                     // 11 px is set on it
        std::optional<QPointF> crosshair; // view pixels
        QRgb armedColor = 0xFFFFFFFF;
        QRgb accent = 0xFF7B9AFF;
        bool shapesHidden = false;
        bool handles = true;            // of a single selected box; not where a press would draw
    };

    explicit LivePainter(const State& state);
    void paint(QPainter& painter) const;
    // All view pixels that paint() touches.
    QRegion region() const;

private:
    struct Tag { QRectF rect; QString text; QColor background, ink; int weight; };
    void layOutTags();
    void addTag(const QRectF& box, const QString& text, QRgb color, bool solid);
    void addSizeTag(const QRectF& rect, const domain::Box& box);
    bool placeTag(Tag tag);
    QRectF liveRect(AnnotationId id, domain::Box* box = nullptr) const;
    domain::Box boxOf(const Proposal& proposal) const; // where it is now, dragged or not
    QRectF rectOf(const Proposal& proposal) const { return m_state.transform.viewFromImage(boxOf(proposal)); }

    void paintHover(QPainter& painter) const;
    void paintProposals(QPainter& painter) const;
    void paintProposal(QPainter& painter, const Proposal& proposal, const QRectF& rect) const;
    void paintHandles(QPainter& painter, const QRectF& rect) const;
    void paintSelection(QPainter& painter) const;
    void paintDraft(QPainter& painter) const;
    void paintTags(QPainter& painter) const;
    void paintCrosshair(QPainter& painter) const;

    State m_state;
    QFont m_font;
    std::vector<std::pair<AnnotationId, domain::Box>> m_selected; // as they are now, dragged or not, only visible ones
    std::vector<Tag> m_tags;
};

}
