#include "widgets/style/paint.h"

#include "widgets/style/icons.h"
#include "widgets/style/text.h"

#include <QCache>
#include <QImage>
#include <cmath>

namespace percept::style {

namespace {

void paintRoundedPath(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill, const QColor& border, qreal borderWidth)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    if (border.isValid()) {
        const qreal half = borderWidth / 2;
        painter.setPen(QPen(border, borderWidth));
        painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius - half, radius - half);
    } else {
        painter.setPen(Qt::NoPen);
        painter.drawRoundedRect(rect, radius, radius);
    }
    painter.restore();
}

bool isWhole(qreal value) { return value == std::floor(value); }
bool isWhole(const QRectF& r) { return isWhole(r.left()) && isWhole(r.top()) && isWhole(r.width()) && isWhole(r.height()); }

struct RoundedKey {
    int width, height;
    qreal radius, borderWidth, ratio;
    QRgb fill, border;
    bool operator==(const RoundedKey&) const = default;
    friend size_t qHash(const RoundedKey& k, size_t seed)
    {
        return qHashMulti(seed, k.width, k.height, k.radius, k.borderWidth, k.ratio, k.fill, k.border);
    }
};

// Such a rectangle, drawn once: smooth curves are most of what buttons, fields and key caps cost.
const QImage& roundedImage(QSize size, qreal radius, const QColor& fill, const QColor& border, qreal borderWidth, qreal ratio)
{
    constexpr int kKept = 500;
    thread_local auto& cache = *new QCache<RoundedKey, QImage>(kKept); // outlives the application
    const RoundedKey key { size.width(), size.height(), radius, borderWidth, ratio, fill.isValid() ? fill.rgba() : 0, border.isValid() ? border.rgba() : 0 };
    if (const QImage* known = cache.object(key))
        return *known;
    auto* image = new QImage(size * ratio, QImage::Format_ARGB32_Premultiplied);
    image->setDevicePixelRatio(ratio);
    image->fill(Qt::transparent);
    QPainter painter(image);
    paintRoundedPath(painter, QRectF(QPointF(), size), radius, fill, border, borderWidth);
    painter.end();
    cache.insert(key, image);
    return *image;
}

}

void paintRounded(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill, const QColor& border, qreal borderWidth)
{
    const int corner = static_cast<int>(std::ceil(radius + 1));
    const qreal ratio = painter.device() ? painter.device()->devicePixelRatioF() : 1.0;
    const bool plain = painter.transform().type() <= QTransform::TxTranslate && isWhole(ratio) && isWhole(rect) && isWhole(borderWidth)
        && isWhole(painter.transform().dx()) && isWhole(painter.transform().dy()) && painter.opacity() == 1;
    if (!plain || rect.isEmpty())
        return paintRoundedPath(painter, rect, radius, fill, border, borderWidth);
    constexpr qreal kSmall = 64 * 32; // is kept as a whole
    const QRect r = rect.toRect();
    if (rect.width() * rect.height() <= kSmall)
        return painter.drawImage(r.topLeft(), roundedImage(r.size(), radius, fill, border, borderWidth, ratio));
    if (radius < borderWidth || rect.width() < 2 * corner || rect.height() < 2 * corner)
        return paintRoundedPath(painter, rect, radius, fill, border, borderWidth);
    const QImage& corners = roundedImage({ 2 * corner, 2 * corner }, radius, fill, border, borderWidth, ratio);
    const int c = corner, w = r.width(), h = r.height(), line = border.isValid() ? static_cast<int>(borderWidth) : 0;
    for (const QPoint at : { QPoint(0, 0), QPoint(1, 0), QPoint(0, 1), QPoint(1, 1) })
        painter.drawImage(QRectF(r.left() + at.x() * (w - c), r.top() + at.y() * (h - c), c, c), corners,
            QRectF(at.x() * c * ratio, at.y() * c * ratio, c * ratio, c * ratio));
    if (fill.isValid()) {
        painter.fillRect(r.left() + c, r.top() + line, w - 2 * c, h - 2 * line, fill);
        painter.fillRect(r.left() + line, r.top() + c, c - line, h - 2 * c, fill);
        painter.fillRect(r.left() + w - c, r.top() + c, c - line, h - 2 * c, fill);
    }
    if (line == 0)
        return;
    painter.fillRect(r.left() + c, r.top(), w - 2 * c, line, border);
    painter.fillRect(r.left() + c, r.top() + h - line, w - 2 * c, line, border);
    painter.fillRect(r.left(), r.top() + c, line, h - 2 * c, border);
    painter.fillRect(r.left() + w - line, r.top() + c, line, h - 2 * c, border);
}

void paintShadow(QPainter& painter, const QRectF& rect, qreal radius)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    // Rings of one pixel, fading with the square: close to a blur of 16, and cheap.
    const int rings = kShadowMargin - 4;
    for (int i = rings; i >= 1; --i) {
        QColor ring(0, 0, 0);
        ring.setAlphaF(tokens().shadowAlpha / 255.0 * 2.0 * (rings - i + 1) / (rings * (rings + 1)));
        painter.setBrush(ring);
        painter.drawRoundedRect(rect.translated(0, 4).adjusted(-i, -i, i, i), radius + i, radius + i);
    }
    painter.restore();
}

QSize keyCapSize(const QString& key)
{
    const int width = textWidth(TextRole::CaptionStrong, key);
    return { std::max(18, width + 10), 18 };
}

void paintKeyCap(QPainter& painter, const QRect& rect, const QString& key, const QColor& text, const QColor& border)
{
    painter.save();
    paintRounded(painter, rect, radius::kThumb, QColor(), border);
    drawText(painter, TextRole::CaptionStrong, rect, text, key, Qt::AlignCenter);
    painter.restore();
}

void paintKeyCap(QPainter& painter, const QRect& rect, const QString& key, bool enabled)
{
    const Tokens& t = tokens();
    painter.save();
    paintRounded(painter, rect, radius::kThumb, t.window, enabled ? t.lineStrong : t.line);
    drawText(painter, TextRole::CaptionStrong, rect, enabled ? t.text2 : t.disabled, key, Qt::AlignCenter);
    painter.restore();
}

void paintFound(QPainter& painter, const QRectF& box, const QColor& color)
{
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(QColor(0, 0, 0, 90), 3.5));
    painter.drawRect(box);
    painter.setPen(QPen(color, 1.5));
    painter.drawRect(box);
}

void paintSwatch(QPainter& painter, const QRectF& rect, const QColor& color, bool hatched)
{
    paintRounded(painter, rect, 2, color);
    if (!hatched)
        return;
    painter.save();
    painter.setClipRect(rect);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(0, 0, 0, 150), 1.5));
    for (qreal x = rect.left() - rect.height(); x < rect.right(); x += 4)
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()));
    painter.restore();
}

void paintStateMark(QPainter& painter, const QRectF& rect, StateMark mark)
{
    const Tokens& t = tokens();
    if (mark == StateMark::Done)
        return paintIcon(painter, QStringLiteral("ok"), rect, t.good);
    if (mark == StateMark::Issue)
        return paintIcon(painter, QStringLiteral("flag"), rect, t.warning);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const qreal r = rect.width() / 3;
    if (mark == StateMark::ToReview) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.accent);
        painter.drawEllipse(rect.center(), r, r);
    } else {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(t.text3, 1.5));
        painter.drawEllipse(rect.center(), r - 0.25, r - 0.25);
    }
    painter.restore();
}

void paintCheck(QPainter& painter, const QRectF& rect, int on, bool hover, bool enabled)
{
    const Tokens& t = tokens();
    if (on == 0) {
        paintRounded(painter, rect, radius::kThumb, enabled ? t.field : QColor(), !enabled ? t.line : hover ? t.text3 : t.lineStrong);
        return;
    }
    paintRounded(painter, rect, radius::kThumb, enabled ? (hover ? t.accentFillHover : t.accentFill) : t.pressed);
    const QRectF inner = rect.adjusted(1, 1, -1, -1);
    paintIcon(painter, on == 2 ? QStringLiteral("minus") : QStringLiteral("check"), inner, enabled ? t.onAccent : t.disabled);
}

}
