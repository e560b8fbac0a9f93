#include "widgets/plots/interval_tile.h"

#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>

namespace percept::plots {

IntervalTile::IntervalTile(const QString& name, QWidget* parent)
    : QWidget(parent)
    , m_name(name)
{
    setAccessibleName(name);
}

void IntervalTile::setFigure(const QString& figure, const QString& interval, const QString& counts)
{
    m_figure = figure;
    m_interval = interval;
    m_counts = counts;
    setAccessibleDescription(QStringLiteral("%1, %2, %3").arg(figure, interval, counts));
    update();
}

void IntervalTile::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& t = style::tokens();
    style::paintRounded(painter, rect(), style::radius::kControl, t.panel, t.line);
    const QRect inner = rect().adjusted(12, 8, -6, -8);
    const auto line = [&](int top, int height, style::TextRole role, const QColor& color, const QString& text) {
        painter.setFont(style::font(role));
        painter.setPen(color);
        painter.drawText(QRect(inner.left(), top, inner.width(), height), Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(text, Qt::ElideRight, inner.width()));
    };
    line(inner.top(), 16, style::TextRole::Caption, t.text2, m_name);
    painter.setFont(style::font(style::TextRole::Tile));
    painter.setPen(t.text);
    style::drawTabular(painter, QRect(inner.left(), inner.top() + 15, inner.width(), 24), Qt::AlignLeft | Qt::AlignVCenter, m_figure);
    line(inner.top() + 40, 16, style::TextRole::Caption, t.text2, m_interval);
    line(inner.top() + 56, 16, style::TextRole::Caption, t.text3, m_counts);
}

}
