#include "widgets/canvas/box_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace percept::canvas {

namespace {
    domain::Box around(QPointF p, double tolerance)
    {
        return { p.x() - tolerance, p.y() - tolerance, 2 * tolerance, 2 * tolerance };
    }

    bool isOutOfReach(const Shape& shape) { return shape.dimmed || shape.locked; }

    // Ranks what lies under the cursor: borders before insides, then nearer, then smaller.
    struct Rank {
        bool inside = true;
        double distance = std::numeric_limits<double>::max(), area = std::numeric_limits<double>::max();
        bool operator<(const Rank& o) const
        {
            if (inside != o.inside)
                return !inside;
            return distance != o.distance ? distance < o.distance : area < o.area;
        }
    };

    std::optional<Rank> rankOf(const domain::Box& box, QPointF p, double tolerance)
    {
        const double distance = distanceToBorder(box, p);
        if (distance <= tolerance)
            return Rank { false, distance, box.area() };
        if (box.contains(p.x(), p.y()))
            return Rank { true, 0, box.area() };
        return std::nullopt;
    }
}

double distanceToBorder(const domain::Box& box, QPointF p)
{
    const double dx = std::max({ box.x - p.x(), 0.0, p.x() - box.right() });
    const double dy = std::max({ box.y - p.y(), 0.0, p.y() - box.bottom() });
    if (dx > 0 || dy > 0)
        return std::hypot(dx, dy);
    return std::min({ p.x() - box.x, box.right() - p.x(), p.y() - box.y, box.bottom() - p.y() });
}

void BoxScene::reset(QSizeF picture, std::vector<Shape> shapes)
{
    m_picture = picture;
    m_shapes.clear();
    m_index.reset(picture.width(), picture.height(), shapes.size());
    for (Shape& shape : shapes) {
        m_index.insert(shape.id.value, shape.box);
        m_shapes.insert_or_assign(shape.id, std::move(shape));
    }
    select(m_selection);
    if (!find(m_hovered))
        m_hovered = {};
}

void BoxScene::upsert(const Shape& shape)
{
    m_index.update(shape.id.value, shape.box);
    m_shapes.insert_or_assign(shape.id, shape);
}

void BoxScene::remove(AnnotationId id)
{
    m_index.remove(id.value);
    m_shapes.erase(id);
    if (m_selected.erase(id))
        std::erase(m_selection, id);
    if (m_hovered == id)
        m_hovered = {};
}

const Shape* BoxScene::find(AnnotationId id) const
{
    const auto it = m_shapes.find(id);
    return it == m_shapes.end() ? nullptr : &it->second;
}

std::vector<AnnotationId> BoxScene::ids() const
{
    std::vector<AnnotationId> ids;
    ids.reserve(m_shapes.size());
    for (const auto& entry : m_shapes)
        ids.push_back(entry.first);
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::vector<const Shape*> BoxScene::touching(const domain::Box& area) const
{
    std::vector<const Shape*> found;
    for (SpatialIndex::Key key : m_index.query(area)) {
        const Shape& shape = m_shapes.at(AnnotationId { key });
        if (!shape.hidden)
            found.push_back(&shape);
    }
    return found;
}

std::optional<AnnotationId> BoxScene::hitTest(QPointF image, double tolerance) const
{
    std::optional<AnnotationId> best;
    Rank bestRank;
    for (const Shape* shape : touching(around(image, tolerance))) {
        if (isOutOfReach(*shape))
            continue;
        const auto rank = rankOf(shape->box, image, tolerance);
        // Not "<": of equal boxes the last drawn lies on top.
        if (rank && (!best || !(bestRank < *rank))) {
            best = shape->id;
            bestRank = *rank;
        }
    }
    return best;
}

std::vector<AnnotationId> BoxScene::allHits(QPointF image, double tolerance) const
{
    std::vector<std::pair<Rank, AnnotationId>> found;
    for (const Shape* shape : touching(around(image, tolerance)))
        if (const auto rank = isOutOfReach(*shape) ? std::nullopt : rankOf(shape->box, image, tolerance))
            found.emplace_back(*rank, shape->id);
    std::reverse(found.begin(), found.end()); // of equal boxes the last drawn lies on top
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<AnnotationId> ids;
    for (const auto& entry : found)
        ids.push_back(entry.second);
    return ids;
}

bool BoxScene::overlaps(const domain::Box& box, double leastIou) const
{
    const auto near = m_index.query(box);
    return std::any_of(near.begin(), near.end(), [&](SpatialIndex::Key key) { return domain::iou(m_shapes.at({ key }).box, box) >= leastIou; });
}

std::vector<AnnotationId> BoxScene::inBand(const domain::Box& band) const
{
    std::vector<AnnotationId> found;
    for (const Shape* shape : touching(band))
        if (!isOutOfReach(*shape) && band.contains(shape->box.x + shape->box.w / 2, shape->box.y + shape->box.h / 2))
            found.push_back(shape->id);
    return found;
}

bool BoxScene::select(std::vector<AnnotationId> ids)
{
    std::unordered_set<AnnotationId> seen;
    std::erase_if(ids, [&](AnnotationId id) { return !find(id) || !seen.insert(id).second; });
    if (ids == m_selection)
        return false;
    m_selection = std::move(ids);
    m_selected = std::move(seen);
    return true;
}

bool BoxScene::toggleSelected(AnnotationId id)
{
    std::vector<AnnotationId> ids = m_selection;
    if (isSelected(id))
        std::erase(ids, id);
    else
        ids.push_back(id);
    return select(std::move(ids));
}

void BoxScene::setProposals(std::vector<Proposal> proposals)
{
    m_proposals = std::move(proposals);
    if (m_highlighted && !findProposal(*m_highlighted))
        m_highlighted.reset();
}

const Proposal* BoxScene::findProposal(int key) const
{
    const auto it = std::find_if(m_proposals.begin(), m_proposals.end(), [key](const Proposal& p) { return p.key == key; });
    return it == m_proposals.end() ? nullptr : &*it;
}

std::optional<int> BoxScene::proposalAt(QPointF image, double tolerance) const
{
    std::optional<int> best;
    Rank bestRank;
    for (const Proposal& proposal : m_proposals) {
        if (proposal.shownOnly)
            continue;
        const auto rank = rankOf(proposal.box, image, tolerance);
        if (rank && (!best || *rank < bestRank)) {
            best = proposal.key;
            bestRank = *rank;
        }
    }
    const auto covers = [&](const Shape* shape) {
        const auto rank = isOutOfReach(*shape) ? std::nullopt : rankOf(shape->box, image, tolerance);
        return rank && !(bestRank < *rank);
    };
    const auto here = best ? touching(around(image, tolerance)) : std::vector<const Shape*>();
    return std::any_of(here.begin(), here.end(), covers) ? std::nullopt : best;
}

}
