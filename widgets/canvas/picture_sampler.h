#pragma once

#include <QImage>
#include <QRect>
#include <QRectF>

namespace percept::canvas {

// Draws an RGB32 `source` so that it fills `placed` (device pixels of `target`), within `clip`: bilinear, or its nearest
// pixels. What QPainter gives for upright pictures, in the calling thread alone: QPainter splits such a fill over the
// threads of Qt's pool and waits for the last of them, so that a busy machine costs a frame many times its work.
void samplePicture(QImage& target, const QRect& clip, const QRectF& placed, const QImage& source, bool smooth);

}
