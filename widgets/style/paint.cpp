#include "widgets/style/paint.h"

#include "widgets/style/icons.h"
#include "widgets/style/text.h"

#include <QFontMetrics>

namespace percept::style {

void paintRounded(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill, const QColor& border, qreal borderWidth)
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
    const int width = QFontMetrics(font(TextRole::CaptionStrong)).horizontalAdvance(key);
    return { std::max(18, width + 10), 18 };
}

void paintKeyCap(QPainter& painter, const QRect& rect, const QString& key, const QColor& text, const QColor& border)
{
    painter.save();
    paintRounded(painter, rect, radius::kThumb, QColor(), border);
    painter.setFont(font(TextRole::CaptionStrong));
    painter.setPen(text);
    painter.drawText(rect, Qt::AlignCenter, key);
    painter.restore();
}

void paintKeyCap(QPainter& painter, const QRect& rect, const QString& key, bool enabled)
{
    const Tokens& t = tokens();
    paintRounded(painter, rect, radius::kThumb, t.window);
    paintKeyCap(painter, rect, key, enabled ? t.text2 : t.disabled, enabled ? t.lineStrong : t.line);
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
