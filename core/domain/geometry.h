#pragma once

#include <algorithm>
#include <cmath>

namespace percept::domain {

// Frame of reference of all boxes in Percept: pixels of the picture after EXIF rotation, 0-based, continuous (pixel-edge:
// the top-left corner of the top-left pixel is (0,0)), x right, y down. w and h are lengths, so right = x + w.
struct Box {
    double x = 0, y = 0, w = 0, h = 0;

    double right() const { return x + w; }
    double bottom() const { return y + h; }
    double area() const { return std::max(w, 0.0) * std::max(h, 0.0); }
    bool hasArea() const { return w > 0 && h > 0; }
    bool isFinite() const { return std::isfinite(x) && std::isfinite(y) && std::isfinite(w) && std::isfinite(h); }
    bool contains(double px, double py) const { return px >= x && py >= y && px <= right() && py <= bottom(); }
    bool operator==(const Box&) const = default;
};

inline Box boxFromCorners(double x0, double y0, double x1, double y1)
{
    return { std::min(x0, x1), std::min(y0, y1), std::abs(x1 - x0), std::abs(y1 - y0) };
}

inline Box clipped(const Box& b, double width, double height)
{
    const double x0 = std::clamp(b.x, 0.0, width), y0 = std::clamp(b.y, 0.0, height);
    const double x1 = std::clamp(b.right(), 0.0, width), y1 = std::clamp(b.bottom(), 0.0, height);
    return { x0, y0, x1 - x0, y1 - y0 };
}

inline double intersectionArea(const Box& a, const Box& b)
{
    const double w = std::min(a.right(), b.right()) - std::max(a.x, b.x);
    const double h = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

// Intersection over union; 0 when both are empty.
inline double iou(const Box& a, const Box& b)
{
    const double inter = intersectionArea(a, b);
    const double all = a.area() + b.area() - inter;
    return all > 0 ? inter / all : 0;
}

}
