#include "widgets/style/icons.h"

#include "embedded_percept_style.h"
#include "widgets/style/tokens.h"

#include <QCache>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

namespace percept::style {
namespace {

constexpr QLatin1StringView kPrefix("percept:");

// Name -> SVG elements, parsed once on first use.
const QHash<QString, QByteArray>& iconTable()
{
    static const QHash<QString, QByteArray> table = [] {
        QHash<QString, QByteArray> result;
        const QByteArray text(embedded::k_icons_txt.data(), static_cast<qsizetype>(embedded::k_icons_txt.size()));
        for (const QByteArray& line : text.split('\n')) {
            const qsizetype blank = line.indexOf(' ');
            if (blank > 0 && !line.startsWith('#'))
                result.insert(QString::fromLatin1(line.left(blank)), line.mid(blank + 1));
        }
        return result;
    }();
    return table;
}

QByteArray svgOf(const QString& name, qreal size, const QColor& color)
{
    QByteArray body = iconTable().value(name);
    const QByteArray stroke = color.name().toLatin1();
    body.replace("currentColor", stroke);
    body.replace("panelColor", tokens().panel.name().toLatin1());
    return "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'><g fill='none' stroke='" + stroke + "' stroke-width='"
        + QByteArray::number(1.5 * 20 / size) + "' stroke-linecap='round' stroke-linejoin='round'>" + body + "</g></svg>";
}

class StrokeIconEngine : public QIconEngine {
public:
    StrokeIconEngine(QString name, Ink ink)
        : m_name(std::move(name))
        , m_ink(ink)
    {
    }
    QIconEngine* clone() const override { return new StrokeIconEngine(*this); }
    QString iconName() override { return kPrefix + m_name; }
    QString key() const override { return QStringLiteral("percept"); }
    bool isNull() override { return false; }
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        paintIcon(*painter, m_name, square(rect), colorOf(mode));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override
    {
        return iconPixmap(m_name, std::min(size.width(), size.height()), colorOf(mode), 1.0);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal ratio) override
    {
        const int side = std::min(size.width(), size.height());
        return iconPixmap(m_name, qRound(side / ratio), colorOf(mode), ratio);
    }

private:
    static QRectF square(const QRect& rect)
    {
        const int side = std::min(rect.width(), rect.height());
        return QRectF(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side);
    }
    QColor colorOf(QIcon::Mode mode) const { return mode == QIcon::Disabled ? tokens().disabled : inkColor(m_ink); }

    QString m_name;
    Ink m_ink;
};

class MarkEngine : public QIconEngine {
public:
    QIconEngine* clone() const override { return new MarkEngine(*this); }
    bool isNull() override { return false; }
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode, QIcon::State) override
    {
        paintMark(*painter, rect, tokens().accent);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return pixmap;
    }
};

}

QColor inkColor(Ink ink)
{
    const Tokens& t = tokens();
    switch (ink) {
    case Ink::Text: return t.text;
    case Ink::Text3: return t.text3;
    case Ink::Accent: return t.accent;
    case Ink::Good: return t.good;
    case Ink::Warning: return t.warning;
    case Ink::Error: return t.error;
    case Ink::Own:
    case Ink::Text2: return t.text2;
    }
    return t.text2;
}

QIcon icon(const char* name, Ink ink) { return QIcon(new StrokeIconEngine(QString::fromLatin1(name), ink)); }
bool existsIcon(const QString& name) { return iconTable().contains(name); }
QStringList iconNames() { return iconTable().keys(); }

namespace {

struct IconKey {
    QString name;
    int size;
    QRgb color;
    qreal ratio;
    bool dark;
    bool operator==(const IconKey&) const = default;
    friend size_t qHash(const IconKey& k, size_t seed) { return qHashMulti(seed, k.name, k.size, k.color, k.ratio, k.dark); }
};

}

QPixmap iconPixmap(const QString& name, int size, const QColor& color, qreal ratio)
{
    constexpr int kKept = 1000;
    static auto& cache = *new QCache<IconKey, QPixmap>(kKept); // outlives the application; pixmaps are for its thread only
    const IconKey key { name, size, color.rgb(), ratio, tokens().dark };
    if (const QPixmap* known = cache.object(key))
        return *known;
    QPixmap pixmap(QSize(size, size) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    QSvgRenderer renderer(svgOf(name, size, color));
    renderer.render(&painter, QRectF(0, 0, size, size));
    painter.end();
    cache.insert(key, new QPixmap(pixmap));
    return pixmap;
}

void paintIcon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& color)
{
    const qreal ratio = painter.device() ? painter.device()->devicePixelRatioF() : 1.0;
    painter.drawPixmap(rect.topLeft(), iconPixmap(name, qRound(rect.width()), color, ratio));
}

void paintIcon(QPainter& painter, const QIcon& icon, const QRect& rect, const QColor& color, QIcon::Mode mode)
{
    const QString name = icon.name();
    if (name.startsWith(kPrefix))
        paintIcon(painter, name.mid(kPrefix.size()), rect, color);
    else
        icon.paint(&painter, rect, Qt::AlignCenter, mode);
}

void paintMark(QPainter& painter, const QRectF& rect, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.topLeft());
    painter.scale(rect.width() / 22, rect.height() / 22);
    painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    const QPointF corners[4][3] = { { { 2, 7 }, { 2, 2 }, { 7, 2 } }, { { 15, 2 }, { 20, 2 }, { 20, 7 } },
        { { 20, 15 }, { 20, 20 }, { 15, 20 } }, { { 7, 20 }, { 2, 20 }, { 2, 15 } } };
    for (const auto& corner : corners)
        painter.drawPolyline(corner, 3);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QPointF(11, 11), 4, 4);
    painter.restore();
}

QIcon markIcon() { return QIcon(new MarkEngine); }

}
