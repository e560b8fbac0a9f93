#include "widgets/style/text.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontMetrics>
#include <QGlyphRun>
#include <QLocale>
#include <QPainter>
#include <QRawFont>
#include <algorithm>
#include <map>

namespace percept::style {
namespace {

struct Face { int pixels, line; QFont::Weight weight; };

Face faceOf(TextRole role)
{
    switch (role) {
    case TextRole::Caption: return { 11, 16, QFont::Normal };
    case TextRole::CaptionStrong: return { 11, 16, QFont::Medium };
    case TextRole::Table: return { 12, 16, QFont::Normal };
    case TextRole::TableStrong: return { 12, 16, QFont::Medium };
    case TextRole::Section: return { 12, 16, QFont::DemiBold };
    case TextRole::Body: return { 13, 20, QFont::Normal };
    case TextRole::BodyStrong: return { 13, 20, QFont::Medium };
    case TextRole::PageTitle: return { 15, 20, QFont::DemiBold };
    case TextRole::Tile: return { 18, 24, QFont::DemiBold };
    case TextRole::Title: return { 20, 24, QFont::DemiBold };
    case TextRole::Figure: return { 26, 32, QFont::DemiBold };
    case TextRole::BigFigure: return { 36, 40, QFont::DemiBold };
    }
    return { 13, 20, QFont::Normal };
}

int widestDigit(const QFontMetrics& metrics)
{
    int widest = 0;
    for (char c = '0'; c <= '9'; ++c)
        widest = std::max(widest, metrics.horizontalAdvance(QLatin1Char(c)));
    return widest;
}

int advance(const QFontMetrics& metrics, int digit, QChar c) { return c.isDigit() ? digit : metrics.horizontalAdvance(c); }

}

namespace {
QFont makeFont(TextRole role)
{
    const Face face = faceOf(role);
    QFont f;
    f.setFamilies({ QStringLiteral("Inter"), QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans") });
    f.setPixelSize(face.pixels);
    f.setWeight(face.weight);
    f.setHintingPreference(QFont::PreferNoHinting);
    f.setStyleStrategy(QFont::PreferAntialias);
    return f;
}
}

// Copies of one font share what Qt found out about it: painters ask for fonts hundreds of times an edit.
QFont font(TextRole role)
{
    thread_local std::map<TextRole, QFont> made;
    const auto known = made.find(role);
    return known != made.end() ? known->second : made.emplace(role, makeFont(role)).first->second;
}

int lineHeight(TextRole role) { return faceOf(role).line; }

void installFonts(QApplication&)
{
    QApplication::setFont(font(TextRole::Body));
    for (const char* type : { "QAbstractButton", "QPushButton", "QToolButton" })
        QApplication::setFont(font(TextRole::TableStrong), type);
    for (const char* type : { "QCheckBox", "QRadioButton", "QLineEdit", "QPlainTextEdit", "QComboBox", "QAbstractSpinBox",
             "QAbstractItemView", "QMenu", "QMenuBar", "QToolTip", "QTipLabel", "QHeaderView" })
        QApplication::setFont(font(TextRole::Table), type);
    QApplication::setFont(font(TextRole::Caption), "QHeaderView");
}

void drawTabular(QPainter& painter, const QRect& rect, int alignment, const QString& text)
{
    const QFontMetrics metrics(painter.font());
    const int digit = widestDigit(metrics);
    const int width = tabularWidth(painter.font(), text);
    int x = rect.left();
    if (alignment & Qt::AlignRight)
        x = rect.right() + 1 - width;
    else if (alignment & Qt::AlignHCenter)
        x = rect.left() + (rect.width() - width) / 2;
    int y = rect.top() + metrics.ascent();
    if (alignment & Qt::AlignVCenter)
        y = rect.top() + (rect.height() - metrics.height()) / 2 + metrics.ascent();
    else if (alignment & Qt::AlignBottom)
        y = rect.bottom() + 1 - metrics.descent();
    QList<QPointF> places;
    for (const QChar c : text) {
        const int wide = advance(metrics, digit, c);
        places << QPointF(x + (wide - metrics.horizontalAdvance(c)) / 2, y);
        x += wide;
    }
    // Figures need no shaping, which is most of what it costs to draw them; what the first font lacks has to look elsewhere.
    QGlyphRun run;
    run.setRawFont(QRawFont::fromFont(painter.font()));
    run.setGlyphIndexes(run.rawFont().glyphIndexesForString(text));
    run.setPositions(places);
    if (run.glyphIndexes().size() == text.size() && !run.glyphIndexes().contains(0))
        return painter.drawGlyphRun({}, run);
    for (qsizetype i = 0; i < text.size(); ++i)
        painter.drawText(places[i], QString(text[i]));
}

int tabularWidth(const QFont& font, const QString& text)
{
    const QFontMetrics metrics(font);
    const int digit = widestDigit(metrics);
    int width = 0;
    for (const QChar c : text)
        width += advance(metrics, digit, c);
    return width;
}

QString count(qint64 n) { return QLocale(QLocale::English, QLocale::UnitedStates).toString(n); }

QString counted(qint64 n, const QString& one, const QString& many)
{
    return count(n) + QLatin1Char(' ') + (n == 1 ? one : many);
}

}
