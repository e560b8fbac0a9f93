#include "widgets/plots/hover_overlay.h"

#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>
#include <algorithm>

namespace percept::plots {

using style::tokens;

namespace {

constexpr int kPadding = 12, kRowHeight = 18, kHeadHeight = 24, kAway = 12;

}

HoverOverlay::HoverOverlay(QWidget* parent)
    : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void HoverOverlay::showAt(const QRect& area, double x, const QString& head, QVector<Row> rows)
{
    m_area = area;
    m_x = x;
    m_head = head;
    m_rows = std::move(rows);
    setGeometry(parentWidget()->rect());
    show();
    raise();
    update();
}

QRect HoverOverlay::popup() const
{
    const QFontMetrics metrics(style::font(style::TextRole::Table));
    int content = metrics.horizontalAdvance(m_head);
    for (const Row& row : m_rows)
        content = std::max(content, metrics.horizontalAdvance(row.name) + 40 + metrics.horizontalAdvance(row.value));
    const QSize size(content + 2 * kPadding + 8, kHeadHeight + 8 + kRowHeight * static_cast<int>(m_rows.size()));
    const int right = static_cast<int>(m_x) + kAway;
    const int x = right + size.width() > width() ? static_cast<int>(m_x) - kAway - size.width() : right;
    return { QPoint(std::max(0, x), std::max(0, m_area.bottom() - 8 - size.height())), size };
}

void HoverOverlay::paintRows(QPainter& painter, const QRect& popup) const
{
    const QRect inner = popup.adjusted(kPadding, 4, -kPadding, 0);
    painter.setFont(style::font(style::TextRole::Section));
    painter.setPen(tokens().text);
    painter.drawText(QRect(inner.left(), inner.top(), inner.width(), kHeadHeight), Qt::AlignLeft | Qt::AlignVCenter, m_head);
    painter.setFont(style::font(style::TextRole::Table));
    for (int i = 0; i < m_rows.size(); ++i) {
        const QRect line(inner.left(), inner.top() + kHeadHeight + kRowHeight * i, inner.width(), kRowHeight);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_rows[i].color);
        painter.drawEllipse(QPointF(line.left() + 4, line.center().y() + 1), 4, 4);
        painter.setPen(tokens().text2);
        painter.drawText(line.adjusted(16, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_rows[i].name);
        painter.setPen(tokens().text);
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, m_rows[i].value);
    }
}

void HoverOverlay::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(QPen(tokens().text3, 1));
    painter.drawLine(QPointF(m_x, m_area.top()), QPointF(m_x, m_area.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Row& row : m_rows) {
        if (row.y < m_area.top() || row.y > m_area.bottom())
            continue;
        painter.setPen(QPen(tokens().panel, 1.5));
        painter.setBrush(row.color);
        painter.drawEllipse(QPointF(m_x, row.y), 4, 4);
    }
    const QRect box = popup();
    style::paintRounded(painter, box, style::radius::kCard, tokens().raised, tokens().lineStrong);
    paintRows(painter, box);
}

}
