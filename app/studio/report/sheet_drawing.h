#pragma once

#include <QByteArray>
#include <QColor>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <QVector>

class QPainter;

namespace percept::studio {

// One text of a drawing: its anchor on the base line, in the drawing's pixels.
struct SheetText {
    enum class Anchor { Start, Middle, End };
    QString text;
    QPointF at;
    double size = 13;
    int weight = 400;
    QColor color;
    Anchor anchor = Anchor::Start;
};

// A drawing of core/report with its texts apart from its shapes. QSvgRenderer turns texts into outlines, which nobody can select
// or search in a PDF.
struct SheetDrawing {
    QByteArray shapes; // SVG
    QVector<SheetText> texts;
};
SheetDrawing splitDrawing(const QByteArray& svg);

// Draws them as text; `scale` is from pixels of the drawing to those of the painter.
void drawTexts(QPainter& painter, const QVector<SheetText>& texts, const QPointF& origin, double scale);

}
