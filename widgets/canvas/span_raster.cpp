#include "widgets/canvas/span_raster.h"

#include <algorithm>
#include <cmath>

namespace percept::canvas {

namespace {
    // alpha 0..256
    inline QRgb blend(QRgb under, QRgb over, quint32 alpha)
    {
        const quint32 rest = 256 - alpha;
        const quint32 rb = ((over & 0x00FF00FF) * alpha + (under & 0x00FF00FF) * rest) >> 8;
        const quint32 g = ((over & 0x0000FF00) * alpha + (under & 0x0000FF00) * rest) >> 8;
        return 0xFF000000 | (rb & 0x00FF00FF) | (g & 0x0000FF00);
    }
    inline quint32 alphaOf(double opacity) { return static_cast<quint32>(std::lround(std::clamp(opacity, 0.0, 1.0) * 256)); }
}

SpanRaster::SpanRaster(QImage& target, const QRect& clip)
    : m_bits(target.bits())
    , m_stride(target.bytesPerLine())
    , m_clip(clip.intersected(QRect(QPoint(0, 0), target.size())))
{
}

void SpanRaster::fillRow(int y, double x0, double x1, QRgb color, double opacity)
{
    auto* row = reinterpret_cast<QRgb*>(m_bits + y * m_stride);
    const int left = m_clip.left(), right = m_clip.right() + 1;
    const int first = static_cast<int>(std::floor(x0)), last = static_cast<int>(std::ceil(x1)); // pixels [first, last)
    const int fullFrom = static_cast<int>(std::ceil(x0)), fullTo = static_cast<int>(std::floor(x1));
    if (fullFrom > fullTo) { // within one pixel
        if (first >= left && first < right)
            row[first] = blend(row[first], color, alphaOf(opacity * (x1 - x0)));
        return;
    }
    if (first < fullFrom && first >= left && first < right)
        row[first] = blend(row[first], color, alphaOf(opacity * (fullFrom - x0)));
    const quint32 alpha = alphaOf(opacity);
    const int from = std::max(fullFrom, left), to = std::min(fullTo, right);
    if (alpha == 256)
        std::fill(row + std::min(from, to), row + to, color | 0xFF000000);
    else
        for (int x = from; x < to; ++x)
            row[x] = blend(row[x], color, alpha);
    if (last > fullTo && fullTo >= left && fullTo < right)
        row[fullTo] = blend(row[fullTo], color, alphaOf(opacity * (x1 - fullTo)));
}

void SpanRaster::fill(const QRectF& rect, QRgb color, double opacity)
{
    const double x0 = std::max(rect.left(), double(m_clip.left())), x1 = std::min(rect.right(), m_clip.right() + 1.0);
    const double y0 = std::max(rect.top(), double(m_clip.top())), y1 = std::min(rect.bottom(), m_clip.bottom() + 1.0);
    if (x1 <= x0 || y1 <= y0)
        return;
    for (int y = static_cast<int>(std::floor(y0)); y < y1; ++y) {
        const double covered = std::min(y1, y + 1.0) - std::max(y0, double(y));
        fillRow(y, x0, x1, color, opacity * covered);
    }
}

void SpanRaster::outline(const QRectF& r, double width, QRgb color, double opacity)
{
    const double h = width / 2;
    if (r.width() <= width || r.height() <= width)
        return fill(r.adjusted(-h, -h, h, h), color, opacity);
    fill({ r.left() - h, r.top() - h, r.width() + width, width }, color, opacity);
    fill({ r.left() - h, r.bottom() - h, r.width() + width, width }, color, opacity);
    fill({ r.left() - h, r.top() + h, width, r.height() - width }, color, opacity);
    fill({ r.right() - h, r.top() + h, width, r.height() - width }, color, opacity);
}

void SpanRaster::dashedOutline(const QRectF& r, double width, double on, double off, QRgb color, double opacity)
{
    const double h = width / 2;
    for (double x = r.left(); x < r.right(); x += on + off) {
        const double length = std::min(on, r.right() - x);
        fill({ x, r.top() - h, length, width }, color, opacity);
        fill({ x, r.bottom() - h, length, width }, color, opacity);
    }
    for (double y = r.top() + on; y < r.bottom(); y += on + off) {
        const double length = std::min(on, r.bottom() - y);
        fill({ r.left() - h, y, width, length }, color, opacity);
        fill({ r.right() - h, y, width, length }, color, opacity);
    }
}

}
