#pragma once

#include <QImage>
#include <QRect>
#include <QRectF>

namespace percept::canvas {

// Blends upright rectangles with fractional edges into an RGB32 image: what QPainter's antialiasing gives for such shapes,
// several times faster, which is what keeps 10,000 outlines cheap. Frame: device pixels of the image.
class SpanRaster {
public:
    SpanRaster(QImage& target, const QRect& clip);

    void fill(const QRectF& rect, QRgb color, double opacity);
    // A closed outline of `width` centred on the border of `rect`; corners are not blended twice.
    void outline(const QRectF& rect, double width, QRgb color, double opacity);
    // The same as dashes of `on` with gaps of `off`, starting at the top left of each side.
    void dashedOutline(const QRectF& rect, double width, double on, double off, QRgb color, double opacity);

private:
    struct Run; // whole and partly covered pixels of one axis
    void fillRows(int from, int to, const Run& columns, QRgb color, quint32 alpha);

    uchar* m_bits = nullptr;
    qsizetype m_stride = 0;
    QRect m_clip;
};

}
