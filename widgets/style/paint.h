#pragma once

#include "widgets/style/tokens.h"

#include <QPainter>
#include <QRectF>
#include <QSize>
#include <QString>

// Small pieces that the style, delegates and own widgets paint alike.
namespace percept::style {

// A filled rounded rectangle with a 1 px border inside its edge. Invalid colours leave out fill or border.
void paintRounded(QPainter& painter, const QRectF& rect, qreal radius, const QColor& fill, const QColor& border = QColor(),
    qreal borderWidth = 1);
// Shadow 0/4/16 around a pop-up; paint it before the pop-up.
void paintShadow(QPainter& painter, const QRectF& rect, qreal radius);
inline constexpr int kShadowMargin = 16;

QSize keyCapSize(const QString& key);
void paintKeyCap(QPainter& painter, const QRect& rect, const QString& key, bool enabled = true);
// On a filled (primary) button.
void paintKeyCap(QPainter& painter, const QRect& rect, const QString& key, const QColor& text, const QColor& border);

// The outline of something found on a picture, dark around it so that it stands out on any.
void paintFound(QPainter& painter, const QRectF& box, const QColor& color);

// The colour of a class: a rounded square, hatched beyond the tenth.
void paintSwatch(QPainter& painter, const QRectF& rect, const QColor& color, bool hatched = false);

// State of an item, the same everywhere: done = green tick, to review = accent dot, to do = ring.
enum class StateMark { Done, ToReview, ToDo, Issue };
void paintStateMark(QPainter& painter, const QRectF& rect, StateMark mark);

// The 14 px box of a check box; `on` 0, 1 or 2 (some).
void paintCheck(QPainter& painter, const QRectF& rect, int on, bool hover, bool enabled);

}
