#pragma once

#include <QFont>
#include <QString>

class QApplication;
class QColor;
class QPainter;
class QRect;

namespace percept::style {

// Sizes in pixels / line height, weights as in the type scale: at most 600, no italics.
enum class TextRole {
    Caption,       // 11/16: axes, captions, status line, key caps
    CaptionStrong, // 11/16 500
    Table,         // 12/16: tables, lists
    TableStrong,   // 12/16 500: buttons
    Section,       // 12/16 600: section heads
    Body,          // 13/20: forms
    BodyStrong,    // 13/20 500
    PageTitle,     // 15/20 600
    Tile,          // 18/24 600: figures in tiles
    Title,         // 20/24 600: start and report title
    Figure,        // 26/32 600
    BigFigure,     // 36/40 600
};
QFont font(TextRole role);
int lineHeight(TextRole role);

void installFonts(QApplication& application);

// One line of plain text, cut at the right where it has no room. What the text was shaped to is kept: shaping is most of
// what text costs, and an edit shows few texts that were not shown before.
void drawText(QPainter& painter, TextRole role, const QRect& rect, const QColor& color, const QString& text,
    Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter);
int textWidth(TextRole role, const QString& text); // rounded up
// The same text, or as much of its beginning as has room, an ellipsis and its last word: of "Erythrocyte 12" the number tells it apart.
QString elidedBeforeLastWord(TextRole role, const QString& text, int width);

// Text whose digits do not dance: every digit takes the width of the widest. For clocks, coordinates, tile figures.
void drawTabular(QPainter& painter, const QRect& rect, int alignment, const QString& text);
int tabularWidth(const QFont& font, const QString& text);

// "4,934": thousands grouped the same everywhere.
QString count(qint64 n);
// "1 picture", "2 pictures"
QString counted(qint64 n, const QString& one, const QString& many);

}
