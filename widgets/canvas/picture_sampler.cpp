#include "widgets/canvas/picture_sampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace percept::canvas {

namespace {
    constexpr quint32 kMask = 0x00FF00FF, kHalf = 0x00800080;

    // Where one row or column of the target looks: two neighbours, and the weight of the second (0..256).
    struct Tap { int first; quint32 weight; };

    // One axis: target pixels [begin, end) whose centre lies in the picture and in the clip.
    struct Axis {
        int begin = 0, end = 0;
        std::vector<Tap> taps;
        const Tap& at(int pixel) const { return taps[static_cast<std::size_t>(pixel - begin)]; }
        bool isEmpty() const { return begin >= end; }
    };

    Axis axisOf(double from, double length, int samples, int clipFrom, int clipTo, bool smooth)
    {
        Axis axis;
        axis.begin = static_cast<int>(std::ceil(std::max(from - 0.5, double(clipFrom))));
        axis.end = static_cast<int>(std::ceil(std::min(from + length - 0.5, double(clipTo))));
        const double step = samples / length, shift = smooth ? 0.5 : 0;
        for (int pixel = axis.begin; pixel < axis.end; ++pixel) {
            const double at = std::clamp((pixel + 0.5 - from) * step - shift, 0.0, samples - 1.0);
            const int first = static_cast<int>(at);
            axis.taps.push_back({ first, smooth ? static_cast<quint32>((at - first) * 256 + 0.5) : 0 });
        }
        return axis;
    }

    const QRgb* rowOf(const QImage& image, int y) { return reinterpret_cast<const QRgb*>(image.constScanLine(y)); }

    // Two rows into one, byte by byte.
    void blendRows(const QRgb* a, const QRgb* b, quint32 weight, QRgb* out, int count)
    {
        const auto* low = reinterpret_cast<const uchar*>(a);
        const auto* high = reinterpret_cast<const uchar*>(b);
        auto* to = reinterpret_cast<uchar*>(out);
        const auto second = static_cast<quint16>(weight), first = static_cast<quint16>(256 - weight);
        for (int i = 0; i < 4 * count; ++i)
            to[i] = static_cast<uchar>(static_cast<quint16>(low[i] * first + high[i] * second + 128) >> 8);
    }

    QRgb blend(QRgb a, QRgb b, quint32 weight)
    {
        const quint32 rest = 256 - weight;
        const quint32 rb = ((a & kMask) * rest + (b & kMask) * weight + kHalf) >> 8;
        const quint32 ag = ((a >> 8) & kMask) * rest + ((b >> 8) & kMask) * weight + kHalf;
        return (rb & kMask) | (ag & ~kMask);
    }

    void sampleNearest(uchar* bits, qsizetype stride, const Axis& columns, const Axis& rows, const QImage& source)
    {
        const std::size_t bytes = columns.taps.size() * sizeof(QRgb);
        for (int y = rows.begin; y < rows.end; ++y) {
            auto* out = reinterpret_cast<QRgb*>(bits + y * stride) + columns.begin;
            if (y > rows.begin && rows.at(y).first == rows.at(y - 1).first) {
                std::memcpy(out, reinterpret_cast<const uchar*>(out) - stride, bytes);
                continue;
            }
            const QRgb* row = rowOf(source, rows.at(y).first);
            for (const Tap& tap : columns.taps)
                *out++ = row[tap.first];
        }
    }

    void sampleSmooth(uchar* bits, qsizetype stride, const Axis& columns, const Axis& rows, const QImage& source)
    {
        const int from = columns.taps.front().first, to = std::min(columns.taps.back().first + 1, source.width() - 1);
        // One pixel more than is read from the source: the neighbour of the last column, which then has no weight.
        std::vector<QRgb> blended(static_cast<std::size_t>(to - from) + 2);
        for (int y = rows.begin; y < rows.end; ++y) {
            const Tap& row = rows.at(y);
            const int second = std::min(row.first + 1, source.height() - 1);
            blendRows(rowOf(source, row.first) + from, rowOf(source, second) + from, row.weight, blended.data(), to - from + 1);
            auto* out = reinterpret_cast<QRgb*>(bits + y * stride) + columns.begin;
            for (const Tap& tap : columns.taps) {
                const QRgb* pair = blended.data() + (tap.first - from);
                *out++ = blend(pair[0], pair[1], tap.weight);
            }
        }
    }

    bool isPixelForPixel(const QRectF& placed, const QImage& source)
    {
        const auto near = [](double a, double b) { return std::abs(a - b) < 1e-6; };
        return near(placed.width(), source.width()) && near(placed.height(), source.height())
            && near(placed.left(), std::round(placed.left())) && near(placed.top(), std::round(placed.top()));
    }
}

void samplePicture(QImage& target, const QRect& clip, const QRectF& placed, const QImage& source, bool smooth)
{
    const QRect within = clip.intersected(target.rect());
    if (within.isEmpty() || source.isNull() || placed.isEmpty())
        return;
    const bool blends = smooth && !isPixelForPixel(placed, source);
    const Axis columns = axisOf(placed.left(), placed.width(), source.width(), within.left(), within.right() + 1, blends);
    const Axis rows = axisOf(placed.top(), placed.height(), source.height(), within.top(), within.bottom() + 1, blends);
    if (columns.isEmpty() || rows.isEmpty())
        return;
    (blends ? sampleSmooth : sampleNearest)(target.bits(), target.bytesPerLine(), columns, rows, source);
}

}
