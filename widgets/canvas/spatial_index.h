#pragma once

#include "core/domain/geometry.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace percept::canvas {

// Which boxes lie near a place, for hit tests and culling: a uniform grid over the picture. Boxes that would fill more than
// kMaxCells cells are kept in a short list that every query looks at. Keys are the caller's (row numbers or ids).
// Frame: picture pixels. Boxes outside the picture are found too (border cells take them).
class SpatialIndex {
public:
    using Key = std::int64_t;

    // Clears. `expected` boxes decide the cell size.
    void reset(double width, double height, std::size_t expected);
    void insert(Key key, const domain::Box& box);
    void remove(Key key);
    void update(Key key, const domain::Box& box);
    std::size_t size() const { return m_boxes.size(); }

    // Keys of all boxes that touch `area` (borders included), each once, ascending.
    std::vector<Key> query(const domain::Box& area) const;

private:
    static constexpr int kMaxCells = 64;
    struct Range { int x0, y0, x1, y1; };
    // The box stands beside its key, so that a query follows no pointer; x0, y0: the first of its cells.
    struct Entry { Key key; domain::Box box; int x0, y0; };
    using Cell = std::vector<Entry>;
    Range cellsOf(const domain::Box& box) const;
    static int count(const Range& r) { return (r.x1 - r.x0 + 1) * (r.y1 - r.y0 + 1); }
    Cell& cell(int x, int y) { return m_cells[static_cast<std::size_t>(y) * m_columns + x]; }
    const Cell& cell(int x, int y) const { return m_cells[static_cast<std::size_t>(y) * m_columns + x]; }

    double m_cellWidth = 1, m_cellHeight = 1;
    int m_columns = 1, m_rows = 1;
    std::vector<Cell> m_cells { 1 };
    Cell m_large;
    std::unordered_map<Key, domain::Box> m_boxes;
};

}
