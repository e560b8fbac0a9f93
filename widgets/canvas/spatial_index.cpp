#include "widgets/canvas/spatial_index.h"

#include <algorithm>
#include <cmath>

namespace percept::canvas {

namespace {
    bool touches(const domain::Box& a, const domain::Box& b)
    {
        return a.x <= b.right() && b.x <= a.right() && a.y <= b.bottom() && b.y <= a.bottom();
    }
    template <typename Cell>
    void drop(Cell& cell, SpatialIndex::Key key)
    {
        if (auto it = std::find_if(cell.begin(), cell.end(), [key](const auto& e) { return e.key == key; }); it != cell.end()) {
            *it = cell.back();
            cell.pop_back();
        }
    }
    int cellAt(double position, double size, int cells)
    {
        // Not std::clamp on the int: a far-away or huge double must not overflow the conversion.
        return static_cast<int>(std::clamp(std::floor(position / size), 0.0, double(cells - 1)));
    }
}

void SpatialIndex::reset(double width, double height, std::size_t expected)
{
    // About two boxes a cell; more cells cost memory and the walk of large queries.
    const int side = std::clamp(static_cast<int>(std::sqrt(double(expected) / 2)), 4, 128);
    m_columns = m_rows = side;
    m_cellWidth = std::max(width / side, 1e-3);
    m_cellHeight = std::max(height / side, 1e-3);
    m_cells.assign(static_cast<std::size_t>(m_columns) * m_rows, {});
    m_large.clear();
    m_boxes.clear();
}

SpatialIndex::Range SpatialIndex::cellsOf(const domain::Box& box) const
{
    return { cellAt(box.x, m_cellWidth, m_columns), cellAt(box.y, m_cellHeight, m_rows),
        cellAt(box.right(), m_cellWidth, m_columns), cellAt(box.bottom(), m_cellHeight, m_rows) };
}

void SpatialIndex::insert(Key key, const domain::Box& box)
{
    if (!m_boxes.emplace(key, box).second)
        return update(key, box);
    const Range r = cellsOf(box);
    const Entry entry { key, box, r.x0, r.y0 };
    if (count(r) > kMaxCells) {
        m_large.push_back(entry);
        return;
    }
    for (int y = r.y0; y <= r.y1; ++y)
        for (int x = r.x0; x <= r.x1; ++x)
            cell(x, y).push_back(entry);
}

void SpatialIndex::remove(Key key)
{
    const auto it = m_boxes.find(key);
    if (it == m_boxes.end())
        return;
    const Range r = cellsOf(it->second);
    m_boxes.erase(it);
    if (count(r) > kMaxCells)
        return drop(m_large, key);
    for (int y = r.y0; y <= r.y1; ++y)
        for (int x = r.x0; x <= r.x1; ++x)
            drop(cell(x, y), key);
}

void SpatialIndex::update(Key key, const domain::Box& box)
{
    remove(key);
    insert(key, box);
}

std::vector<SpatialIndex::Key> SpatialIndex::query(const domain::Box& area) const
{
    std::vector<Key> found;
    for (const Entry& e : m_large)
        if (touches(e.box, area))
            found.push_back(e.key);
    const Range r = cellsOf(area);
    for (int y = r.y0; y <= r.y1; ++y)
        for (int x = r.x0; x <= r.x1; ++x)
            for (const Entry& e : cell(x, y)) {
                // A box in several cells is taken in the first of them that the query sees.
                const bool first = x == std::max(e.x0, r.x0) && y == std::max(e.y0, r.y0);
                if (first && touches(e.box, area))
                    found.push_back(e.key);
            }
    std::sort(found.begin(), found.end());
    return found;
}

}
