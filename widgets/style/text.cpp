#include "widgets/style/text.h"

#include <QApplication>
#include <QCache>
#include <QFontDatabase>
#include <QFontMetrics>
#include <QGlyphRun>
#include <QHash>
#include <QLocale>
#include <QPainter>
#include <QRawFont>
#include <QStaticText>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

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

// What figures need to know of a font, asked once.
struct Figures {
    explicit Figures(const QFont& font)
        : metrics(font)
        , raw(QRawFont::fromFont(font))
    {
        for (char c = '0'; c <= '9'; ++c)
            widest = std::max(widest, metrics.horizontalAdvance(QLatin1Char(c)));
    }
    int own(QChar c) const
    {
        auto known = advances.constFind(c);
        return known != advances.cend() ? *known : *advances.insert(c, metrics.horizontalAdvance(c));
    }
    int advance(QChar c) const { return c.isDigit() ? widest : own(c); } // digits do not dance

    QFontMetrics metrics;
    QRawFont raw;
    int widest = 0;
    mutable QHash<QChar, int> advances;
};

const Figures& figuresOf(const QFont& font)
{
    constexpr int kKept = 50;
    thread_local auto& cache = *new QCache<QFont, Figures>(kKept); // outlives the application
    if (const Figures* known = cache.object(font))
        return *known;
    auto* made = new Figures(font);
    cache.insert(font, made);
    return *made;
}

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

namespace {

struct Shaped {
    QStaticText text;
    int width, height; // as QFontMetrics says
};

const Shaped& shaped(TextRole role, const QString& text)
{
    constexpr int kKept = 2000;
    thread_local auto& cache = *new QCache<std::pair<int, QString>, Shaped>(kKept); // outlives the application
    const std::pair key(static_cast<int>(role), text);
    if (const Shaped* known = cache.object(key))
        return *known;
    const QFontMetrics metrics(font(role));
    auto* made = new Shaped { QStaticText(text), 0, metrics.height() };
    made->text.setTextFormat(Qt::PlainText);
    made->text.prepare({}, font(role));
    made->width = static_cast<int>(std::ceil(made->text.size().width()));
    cache.insert(key, made);
    return *made;
}

}

int textWidth(TextRole role, const QString& text) { return text.isEmpty() ? 0 : shaped(role, text).width; }

QString elidedBeforeLastWord(TextRole role, const QString& text, int width)
{
    if (textWidth(role, text) <= width)
        return text;
    const QFontMetrics metrics(font(role));
    const qsizetype space = text.lastIndexOf(QLatin1Char(' '));
    const QString last = space > 0 ? text.mid(space) : QString();
    constexpr int kRounding = 2; // px: apart they may be narrower than together
    for (int less = 0; less <= kRounding; ++less) {
        const QString first = metrics.elidedText(text.left(text.size() - last.size()), Qt::ElideRight, width - textWidth(role, last) - less);
        if (!first.isEmpty() && textWidth(role, first + last) <= width)
            return first + last;
    }
    return metrics.elidedText(text, Qt::ElideRight, width);
}

void drawText(QPainter& painter, TextRole role, const QRect& rect, const QColor& color, const QString& text, Qt::Alignment alignment)
{
    if (text.isEmpty() || rect.width() <= 0)
        return;
    const QFont face = font(role);
    if (textWidth(role, text) > rect.width()) {
        const QString cut = QFontMetrics(face).elidedText(text, Qt::ElideRight, rect.width());
        if (cut != text && textWidth(role, cut) <= rect.width())
            return drawText(painter, role, rect, color, cut, alignment);
    }
    const Shaped& known = shaped(role, text);
    double x = rect.left(), y = rect.top();
    if (alignment & Qt::AlignRight)
        x = rect.right() + 1 - known.width;
    else if (alignment & Qt::AlignHCenter)
        x += (rect.width() - known.width) / 2.0;
    if (alignment & Qt::AlignVCenter)
        y += (rect.height() - known.height) / 2.0;
    else if (alignment & Qt::AlignBottom)
        y = rect.bottom() + 1 - known.height;
    painter.setFont(face);
    painter.setPen(color);
    painter.drawStaticText(QPointF(x, y), known.text);
}

void drawTabular(QPainter& painter, const QRect& rect, int alignment, const QString& text)
{
    const Figures& figures = figuresOf(painter.font());
    const QFontMetrics& metrics = figures.metrics;
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
        const int wide = figures.advance(c);
        places << QPointF(x + (wide - figures.own(c)) / 2, y);
        x += wide;
    }
    // Figures need no shaping, which is most of what it costs to draw them; what the first font lacks has to look elsewhere.
    QGlyphRun run;
    run.setRawFont(figures.raw);
    run.setGlyphIndexes(run.rawFont().glyphIndexesForString(text));
    run.setPositions(places);
    if (run.glyphIndexes().size() == text.size() && !run.glyphIndexes().contains(0))
        return painter.drawGlyphRun({}, run);
    for (qsizetype i = 0; i < text.size(); ++i)
        painter.drawText(places[i], QString(text[i]));
}

int tabularWidth(const QFont& font, const QString& text)
{
    const Figures& figures = figuresOf(font);
    int width = 0;
    for (const QChar c : text)
        width += figures.advance(c);
    return width;
}

QString count(qint64 n) { return QLocale(QLocale::English, QLocale::UnitedStates).toString(n); }

QString counted(qint64 n, const QString& one, const QString& many)
{
    return count(n) + QLatin1Char(' ') + (n == 1 ? one : many);
}

}
