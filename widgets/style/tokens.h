#pragma once

#include <QColor>
#include <QString>

class QApplication;
class QPalette;

// The look of Percept in numbers: one set of colours per theme, spacing, radii. Everything that paints reads tokens() when it
// paints, so a change of theme needs nothing but a repaint. Interface thread only.
namespace percept::style {

enum class Theme { Dark, Light };

struct Tokens {
    bool dark = true;
    QColor window, panel, raised, hover, pressed, canvas, field, railActive;
    QColor line, lineStrong;
    QColor text, text2, text3, disabled;
    QColor accent, accentFill, accentFillHover, accentFillPressed, accentSoft, accentSoftLine, onAccent;
    QColor good, goodSoft, warning, warningSoft, error, errorSoft, onError;
    QColor grid, axis;
    int shadowAlpha = 115; // of 255
};

const Tokens& tokens();
const Tokens& tokensOf(Theme theme);
Theme theme();

// Style, fonts and palette of the application. Call once, before the first widget.
void install(QApplication& application, Theme theme);
// New palette; every widget gets QEvent::PaletteChange and repaints. Icons of style::icon() follow by themselves.
void setTheme(Theme theme);
// What the desktop asks for: the portal's color-scheme where it answers, else the lightness of its window colour.
Theme systemTheme();
QPalette paletteOf(Theme theme);

// Classes, in the order of the digit keys 1..9, 0. Bright: on pictures and beside them, in both themes. Ink: light charts.
// Beyond ten classes the colours repeat, with a hatch as the second mark.
inline constexpr int kClassColors = 10;
QColor classBright(int position);
QColor classInk(int position);
inline bool classHatched(int position) { return position >= kClassColors; }
// Colour of a class on pictures: its own (0xRRGGBB) or, when that is negative, the one of its place.
QColor labelColor(int ownColor, int position);

namespace space {
inline constexpr int k4 = 4, k8 = 8, k12 = 12, k16 = 16, k24 = 24, k40 = 40;
}
namespace radius {
inline constexpr int kThumb = 3, kControl = 4, kCard = 6, kDialog = 8;
}
namespace height {
inline constexpr int kControl = 28, kCompact = 24, kLarge = 32, kRow = 24, kClassRow = 28, kTableRow = 28, kSection = 32,
                     kPageBar = 44, kTopBar = 40, kStatus = 24, kRail = 72;
}

}
