#include "widgets/canvas/picture_levels.h"

#include <algorithm>

namespace percept::canvas {

namespace {
    constexpr int kSmallestLongSide = 512;

    // Two channels at a time: the four pixels' red and blue (or green) are summed in one 32-bit word without overflow.
    QRgb average(QRgb a, QRgb b, QRgb c, QRgb d)
    {
        constexpr quint32 kMask = 0x00FF00FF;
        const quint32 rb = (a & kMask) + (b & kMask) + (c & kMask) + (d & kMask) + 0x00020002;
        const quint32 g = ((a >> 8) & kMask) + ((b >> 8) & kMask) + ((c >> 8) & kMask) + ((d >> 8) & kMask) + 0x00020002;
        return ((rb >> 2) & kMask) | (((g >> 2) & kMask) << 8) | 0xFF000000;
    }

    QImage halved(const QImage& source)
    {
        const int w = (source.width() + 1) / 2, h = (source.height() + 1) / 2;
        QImage half(w, h, QImage::Format_RGB32);
        for (int y = 0; y < h; ++y) {
            const auto* top = reinterpret_cast<const QRgb*>(source.constScanLine(2 * y));
            const auto* low = reinterpret_cast<const QRgb*>(source.constScanLine(std::min(2 * y + 1, source.height() - 1)));
            auto* out = reinterpret_cast<QRgb*>(half.scanLine(y));
            const int pairs = source.width() / 2;
            for (int x = 0; x < pairs; ++x)
                out[x] = average(top[2 * x], top[2 * x + 1], low[2 * x], low[2 * x + 1]);
            if (pairs < w)
                out[pairs] = average(top[2 * pairs], top[2 * pairs], low[2 * pairs], low[2 * pairs]);
        }
        return half;
    }
}

std::shared_ptr<const PictureLevels> PictureLevels::build(QImage picture, QSize size)
{
    auto levels = std::make_shared<PictureLevels>();
    if (picture.isNull())
        return levels;
    if (picture.format() != QImage::Format_RGB32)
        picture = std::move(picture).convertToFormat(QImage::Format_RGB32);
    picture.setDevicePixelRatio(1);
    levels->m_size = size.isEmpty() ? picture.size() : size;
    levels->m_levels.push_back(std::move(picture));
    while (std::max(levels->m_levels.back().width(), levels->m_levels.back().height()) > kSmallestLongSide)
        levels->m_levels.push_back(halved(levels->m_levels.back()));
    return levels;
}

const QImage& PictureLevels::levelFor(double scale, double& factor) const
{
    // Odd sizes round up, so the ratios are not exact powers of two.
    const auto ratio = [this](std::size_t level) { return double(m_levels[level].width()) / m_size.width(); };
    std::size_t level = 0;
    while (level + 1 < m_levels.size() && ratio(level + 1) >= scale)
        ++level;
    factor = ratio(level);
    return m_levels[level];
}

std::size_t PictureLevels::bytes() const
{
    std::size_t sum = 0;
    for (const QImage& image : m_levels)
        sum += static_cast<std::size_t>(image.sizeInBytes());
    return sum;
}

}
