// DriftMatrix: how it is drawn.
#include "app/studio/monitor/drift_matrix.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QPainter>
#include <QScrollBar>
#include <algorithm>

namespace percept::studio {

using style::tokens;

void DriftMatrix::paintHeads(QPainter& painter) const
{
    painter.fillRect(QRect(0, 0, viewport()->width(), headHeight()), tokens().panel);
    painter.setFont(style::font(style::TextRole::Caption));
    for (int column = 0; column < kColumns; ++column) {
        painter.setPen(column == m_column && currentRow() >= 0 ? tokens().accent : tokens().text2);
        painter.drawText(headRect(column), Qt::AlignHCenter | Qt::AlignBottom | Qt::TextWordWrap, headText(column));
    }
}

void DriftMatrix::paintCell(QPainter& painter, int row, int column) const
{
    const auto& t = tokens();
    const QRectF cell = QRectF(cellRect(row, column)).adjusted(0.5, 0.5, -0.5, -0.5);
    const auto& reading = m_rows[row].readings[static_cast<std::size_t>(column)];
    if (!reading) {
        painter.setPen(QPen(t.line, 1, Qt::DashLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(cell, 3, 3);
        return;
    }
    const int level = levelOf(*reading);
    const QColor fill = level == 3 ? t.errorSoft : level == 2 ? t.warningSoft : reading->effect >= monitoring::limitsOf(reading->measure).warn / 2 ? t.pressed : t.raised;
    const QColor ring = level == 3 ? t.error : level == 2 ? t.warning : level == 1 ? t.text2 : QColor();
    style::paintRounded(painter, cell, 3, fill, ring, 1.5);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(level == 3 ? t.error : level == 2 ? t.warning : t.text);
    style::drawTabular(painter, cell.toRect(), Qt::AlignCenter, effectText(*reading));
}

void DriftMatrix::paintRow(QPainter& painter, int row) const
{
    const QRect name(0, cellRect(row, 0).top() - 2, namesWidth() - 8, kRow);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(m_rows[row].device == m_device ? tokens().accent : m_rows[row].isOffline ? tokens().text3 : tokens().text);
    painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(nameText(m_rows[row]), Qt::ElideMiddle, name.width()));
    for (int column = 0; column < kColumns; ++column)
        paintCell(painter, row, column);
}

void DriftMatrix::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    const int first = verticalScrollBar()->value() / kRow, last = (verticalScrollBar()->value() + height()) / kRow;
    for (int row = first; row <= std::min(last, static_cast<int>(m_rows.size()) - 1); ++row)
        paintRow(painter, row);
    if (m_rows.isEmpty()) {
        painter.setFont(style::font(style::TextRole::Table));
        painter.setPen(tokens().text3);
        painter.drawText(QRect(0, headHeight(), viewport()->width(), kRow), Qt::AlignLeft | Qt::AlignVCenter, m_onlyChanged ? tr("No device has changed.") : tr("No device is called so."));
    }
    const int row = currentRow();
    if (row >= 0 && hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens().accent, 2));
        painter.drawRoundedRect(QRectF(cellRect(row, m_column)).adjusted(-1, -1, 1, 1), 4, 4);
    }
    paintHeads(painter); // over the rows that scroll below them
}

}
