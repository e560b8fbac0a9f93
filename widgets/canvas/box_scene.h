#pragma once

#include "core/base/ids.h"
#include "widgets/canvas/spatial_index.h"

#include <QColor>
#include <QPointF>
#include <QSizeF>
#include <QString>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace percept::canvas {

// One box as the canvas shows it. Ids of boxes that are not stored yet may be negative.
struct Shape {
    AnnotationId id;
    domain::Box box;        // picture pixels
    QRgb color = 0xFF45C8FF; // bright row of the palette
    QString name;           // the class, for the tag
    bool hidden = false;
    bool missed = false;    // an object that the model did not find (validation)
    bool dimmed = false;    // drawn pale, cannot be hit
    QString problem {};     // what is wrong with it, for a tooltip: an amber mark at its corner
    bool locked = false;    // drawn pale, cannot be hit and stays where it is
    bool operator==(const Shape&) const = default;
};

// A box that a model proposes. `key` is the caller's.
struct Proposal {
    int key = 0;
    domain::Box box;
    QRgb color = 0xFF45C8FF;
    QString tag; // "RBC 0.94"
    bool shownOnly = false; // what a model said, to look at: a click does not take it
    bool fixed = false;     // a click highlights it, but it cannot be moved
    bool operator==(const Proposal&) const = default;
};

struct BoxChange {
    AnnotationId id;
    domain::Box box;
    bool operator==(const BoxChange&) const = default;
};

// What lies on the picture: boxes by id with selection and hover, proposals with the one that Enter takes. Values only;
// owned by the canvas, interface thread. Frame: picture pixels.
class BoxScene {
public:
    void reset(QSizeF picture, std::vector<Shape> shapes);
    QSizeF pictureSize() const { return m_picture; }

    void upsert(const Shape& shape);
    void remove(AnnotationId id); // also from selection and hover
    const Shape* find(AnnotationId id) const;
    std::size_t size() const { return m_shapes.size(); }
    std::vector<AnnotationId> ids() const; // ascending

    // Visible shapes that touch `area`, in drawing order.
    std::vector<const Shape*> touching(const domain::Box& area) const;
    // A border within `tolerance` picture pixels wins (the nearest); else the smallest box that contains the point.
    std::optional<AnnotationId> hitTest(QPointF image, double tolerance) const;
    // All that hitTest() would choose from, its choice first.
    std::vector<AnnotationId> allHits(QPointF image, double tolerance) const;
    // Is there a box, shown or hidden, that overlaps this one so much (intersection over union)?
    bool overlaps(const domain::Box& box, double leastIou) const;
    // Visible boxes whose centre lies in `band`.
    std::vector<AnnotationId> inBand(const domain::Box& band) const;

    const std::vector<AnnotationId>& selection() const { return m_selection; }
    bool isSelected(AnnotationId id) const { return m_selected.count(id) > 0; }
    // Keeps only ids that exist. True when the selection changed.
    bool select(std::vector<AnnotationId> ids);
    bool toggleSelected(AnnotationId id);

    AnnotationId hovered() const { return m_hovered; }
    void setHovered(AnnotationId id) { m_hovered = id; }

    void setProposals(std::vector<Proposal> proposals);
    const std::vector<Proposal>& proposals() const { return m_proposals; }
    std::optional<int> highlightedProposal() const { return m_highlighted; }
    void setHighlightedProposal(std::optional<int> key) { m_highlighted = key; }
    const Proposal* findProposal(int key) const;
    // By the rules of hitTest(), unless a box that lies there goes before it.
    std::optional<int> proposalAt(QPointF image, double tolerance) const;

private:
    QSizeF m_picture;
    std::unordered_map<AnnotationId, Shape> m_shapes;
    SpatialIndex m_index;
    std::vector<AnnotationId> m_selection; // in the order of selecting
    std::unordered_set<AnnotationId> m_selected;
    AnnotationId m_hovered;
    std::vector<Proposal> m_proposals;
    std::optional<int> m_highlighted;
};

// Distance of a point to the border of a box, picture pixels.
double distanceToBorder(const domain::Box& box, QPointF image);

}
