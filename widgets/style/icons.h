#pragma once

#include <QColor>
#include <QIcon>
#include <QRect>
#include <QString>
#include <QStringList>

class QPainter;

namespace percept::style {

// The colour an icon takes when it paints. Own: what the control that shows it says (buttons use their text colour).
enum class Ink { Own, Text, Text2, Text3, Accent, Good, Warning, Error };
QColor inkColor(Ink ink);

// An icon of resources/icons/icons.txt ("gather", "undo", ...). Painted from its strokes in the theme of the moment.
QIcon icon(const char* name, Ink ink = Ink::Own);
bool existsIcon(const QString& name);
QStringList iconNames();

// Paints an icon into the square `rect` with a stroke of 1.5 px at every size.
void paintIcon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& color);
QPixmap iconPixmap(const QString& name, int size, const QColor& color, qreal ratio);
// An icon of ours in a given colour, any other as it is.
void paintIcon(QPainter& painter, const QIcon& icon, const QRect& rect, const QColor& color, QIcon::Mode mode = QIcon::Normal);

// The mark of the program.
void paintMark(QPainter& painter, const QRectF& rect, const QColor& color);
QIcon markIcon();

}
