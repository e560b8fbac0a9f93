#include "widgets/canvas/span_raster.h"

#include <algorithm>

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
    inline quint32 alphaOf(double opacity) { return static_cast<quint32>(std::clamp(opacity, 0.0, 1.0) * 256 + 0.5); }
}

SpanRaster::SpanRaster(QImage& target, const QRect& clip)
    : m_bits(target.bits())
    , m_stride(target.bytesPerLine())
    , m_clip(clip.intersected(QRect(QPoint(0, 0), target.size())))
{
}

// Coordinates in 1/256 pixel; inside the clip, so never negative.
struct SpanRaster::Run {
    int from = 0, to = 0;              // whole pixels [from, to)
    int before = -1, after = -1;       // pixels that are partly covered
    quint32 coversBefore = 0, coversAfter = 0;

    Run(int begin, int end)
    {
        const int first = begin >> 8, last = end >> 8;
        if (first == last) { // within one pixel
            before = first;
            coversBefore = static_cast<quint32>(end - begin);
            return;
        }
        from = (begin + 255) >> 8;
        to = last;
        if (from > first) {
            before = first;
            coversBefore = static_cast<quint32>((from << 8) - begin);
        }
        if (end & 255) {
            after = last;
            coversAfter = static_cast<quint32>(end & 255);
        }
    }
};

void SpanRaster::fillRow(int y, const Run& run, QRgb color, quint32 alpha)
{
    auto* row = reinterpret_cast<QRgb*>(m_bits + y * m_stride);
    if (run.coversBefore > 0)
        row[run.before] = blend(row[run.before], color, alpha * run.coversBefore >> 8);
    if (alpha == 256)
        std::fill(row + run.from, row + run.to, color | 0xFF000000);
    else
        for (int x = run.from; x < run.to; ++x)
            row[x] = blend(row[x], color, alpha);
    if (run.coversAfter > 0)
        row[run.after] = blend(row[run.after], color, alpha * run.coversAfter >> 8);
}

void SpanRaster::fill(const QRectF& rect, QRgb color, double opacity)
{
    const double x0 = std::max(rect.left(), double(m_clip.left())), x1 = std::min(rect.right(), m_clip.right() + 1.0);
    const double y0 = std::max(rect.top(), double(m_clip.top())), y1 = std::min(rect.bottom(), m_clip.bottom() + 1.0);
    if (x1 <= x0 || y1 <= y0)
        return;
    const auto fixed = [](double v) { return static_cast<int>(v * 256 + 0.5); };
    const Run columns(fixed(x0), fixed(x1)), rows(fixed(y0), fixed(y1));
    const quint32 alpha = alphaOf(opacity);
    if (rows.coversBefore > 0)
        fillRow(rows.before, columns, color, alpha * rows.coversBefore >> 8);
    for (int y = rows.from; y < rows.to; ++y)
        fillRow(y, columns, color, alpha);
    if (rows.coversAfter > 0)
        fillRow(rows.after, columns, color, alpha * rows.coversAfter >> 8);
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
