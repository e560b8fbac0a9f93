#include "widgets/canvas/span_raster.h"

#include <algorithm>

namespace percept::canvas {

namespace {
    constexpr quint32 kRedBlue = 0x00FF00FF, kGreen = 0x0000FF00;

    // A colour at one opacity (0..256), multiplied out once for all the pixels that get it.
    struct Ink {
        quint32 redBlue, green, rest;
        QRgb opaque;

        Ink(QRgb color, quint32 alpha)
            : redBlue((color & kRedBlue) * alpha)
            , green((color & kGreen) * alpha)
            , rest(256 - alpha)
            , opaque(color | 0xFF000000)
        {
        }
        QRgb over(QRgb under) const
        {
            return 0xFF000000 | (((redBlue + (under & kRedBlue) * rest) >> 8) & kRedBlue) | (((green + (under & kGreen) * rest) >> 8) & kGreen);
        }
    };

    quint32 alphaOf(double opacity) { return static_cast<quint32>(std::clamp(opacity, 0.0, 1.0) * 256 + 0.5); }
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

void SpanRaster::fillRows(int from, int to, const Run& columns, QRgb color, quint32 alpha)
{
    const Ink before(color, alpha * columns.coversBefore >> 8), whole(color, alpha), after(color, alpha * columns.coversAfter >> 8);
    for (int y = from; y < to; ++y) {
        auto* row = reinterpret_cast<QRgb*>(m_bits + y * m_stride);
        if (columns.coversBefore > 0)
            row[columns.before] = before.over(row[columns.before]);
        if (alpha == 256)
            std::fill(row + columns.from, row + columns.to, whole.opaque);
        else
            for (int x = columns.from; x < columns.to; ++x)
                row[x] = whole.over(row[x]);
        if (columns.coversAfter > 0)
            row[columns.after] = after.over(row[columns.after]);
    }
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
        fillRows(rows.before, rows.before + 1, columns, color, alpha * rows.coversBefore >> 8);
    fillRows(rows.from, rows.to, columns, color, alpha);
    if (rows.coversAfter > 0)
        fillRows(rows.after, rows.after + 1, columns, color, alpha * rows.coversAfter >> 8);
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
