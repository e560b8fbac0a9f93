#include "app/studio/monitor/drift_matrix.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace percept::studio {

using monitoring::kMeasures;
using style::tokens;

namespace {

constexpr int kNames = 124, kHead = 22, kRow = 24, kWidest = 88, kNarrowest = 34;
constexpr int kRows = static_cast<int>(kMeasures.size());

int hundredths(const monitoring::Reading& reading) { return qRound(100 * reading.effect); }

}

DriftMatrix::DriftMatrix(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("driftMatrix"));
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("All devices, newest window"));
}

QSize DriftMatrix::sizeHint() const { return { 560, kHead + kRows * kRow + 2 }; }

int DriftMatrix::cellWidth() const
{
    const int n = std::max(1, static_cast<int>(m_columns.size()));
    return std::clamp((width() - kNames) / n, kNarrowest, kWidest);
}

QRect DriftMatrix::cellRect(int column, int row) const
{
    return { kNames + column * cellWidth() + 2, kHead + row * kRow + 2, cellWidth() - 4, kRow - 4 };
}

void DriftMatrix::setOverview(const monitoring::Overview& overview)
{
    const QString current = m_column < m_columns.size() ? m_columns[m_column].device : QString();
    m_columns.clear();
    m_alpha = overview.rules.alpha;
    for (const auto& device : overview.devices) {
        Column column { QString::fromStdString(device.name), !device.online, {} };
        for (int row = 0; row < kRows; ++row)
            column.readings[static_cast<std::size_t>(row)] = newestReading(overview, column.device, kMeasures[static_cast<std::size_t>(row)]);
        if (column.device == current)
            m_column = static_cast<int>(m_columns.size());
        m_columns.append(column);
    }
    m_column = std::clamp(m_column, 0, std::max(0, static_cast<int>(m_columns.size()) - 1));
    describe();
    update();
}

void DriftMatrix::setCurrent(const QString& device, monitoring::Measure measure)
{
    for (int column = 0; column < m_columns.size(); ++column)
        if (m_columns[column].device == device)
            m_column = column;
    m_row = static_cast<int>(measure);
    update();
}

void DriftMatrix::describe()
{
    QStringList said;
    for (const Column& column : std::as_const(m_columns))
        for (int row = 0; row < kRows; ++row)
            if (const auto& reading = column.readings[static_cast<std::size_t>(row)])
                said << tr("%1, %2: %3%4").arg(column.device, measureText(reading->measure)).arg(hundredths(*reading)).arg(monitoring::isSignificant(*reading, m_alpha) ? tr(", significant") : QString());
    setAccessibleDescription(said.isEmpty() ? tr("Nothing is compared yet.") : said.join(QStringLiteral("; ")));
}

void DriftMatrix::paintCell(QPainter& painter, int column, int row) const
{
    const auto& t = tokens();
    const QRectF cell = QRectF(cellRect(column, row)).adjusted(0.5, 0.5, -0.5, -0.5);
    const auto& reading = m_columns[column].readings[static_cast<std::size_t>(row)];
    if (!reading) {
        painter.setPen(QPen(t.line, 1, Qt::DashLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(cell, 3, 3);
        return;
    }
    const auto limits = monitoring::limitsOf(reading->measure);
    const bool significant = monitoring::isSignificant(*reading, m_alpha);
    const bool act = significant && reading->effect >= limits.act, warn = significant && reading->effect >= limits.warn;
    const QColor fill = act ? t.errorSoft : warn ? t.warningSoft : reading->effect >= limits.warn / 2 ? t.pressed : t.raised;
    const QColor ring = act ? t.error : warn ? t.warning : significant ? t.text2 : QColor();
    style::paintRounded(painter, cell, 3, fill, ring, 1.5);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(act ? t.error : warn ? t.warning : t.text);
    style::drawTabular(painter, cell.toRect(), Qt::AlignCenter, QString::number(hundredths(*reading)));
}

void DriftMatrix::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int row = 0; row < kRows; ++row) {
        painter.setFont(style::font(style::TextRole::Table));
        painter.setPen(tokens().text);
        painter.drawText(QRect(0, kHead + row * kRow, kNames - 8, kRow), Qt::AlignLeft | Qt::AlignVCenter, measureText(kMeasures[static_cast<std::size_t>(row)]));
    }
    for (int column = 0; column < m_columns.size(); ++column) {
        const QRect head(kNames + column * cellWidth(), 0, cellWidth(), kHead);
        painter.setFont(style::font(style::TextRole::Caption));
        painter.setPen(column == m_column ? tokens().accent : tokens().text2);
        const QString name = m_columns[column].isOffline ? tr("%1 off").arg(m_columns[column].device) : m_columns[column].device;
        painter.drawText(head, Qt::AlignCenter, painter.fontMetrics().elidedText(name, Qt::ElideMiddle, head.width() - 4));
        for (int row = 0; row < kRows; ++row)
            paintCell(painter, column, row);
    }
    if (m_columns.isEmpty() || !hasFocus())
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(tokens().accent, 2));
    painter.drawRoundedRect(QRectF(cellRect(m_column, m_row)).adjusted(-1, -1, 1, 1), 4, 4);
}

void DriftMatrix::pick(int column, int row)
{
    if (m_columns.isEmpty())
        return;
    m_column = std::clamp(column, 0, static_cast<int>(m_columns.size()) - 1);
    m_row = std::clamp(row, 0, kRows - 1);
    update();
    emit picked(m_columns[m_column].device, kMeasures[static_cast<std::size_t>(m_row)]);
}

void DriftMatrix::mousePressEvent(QMouseEvent* event)
{
    for (int column = 0; column < m_columns.size(); ++column)
        for (int row = 0; row < kRows; ++row)
            if (cellRect(column, row).contains(event->pos()))
                return pick(column, row);
}

void DriftMatrix::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left: return pick(m_column - 1, m_row);
    case Qt::Key_Right: return pick(m_column + 1, m_row);
    case Qt::Key_Up: return pick(m_column, m_row - 1);
    case Qt::Key_Down: return pick(m_column, m_row + 1);
    default: QWidget::keyPressEvent(event);
    }
}

bool DriftMatrix::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QString text;
    for (int column = 0; column < m_columns.size(); ++column)
        for (int row = 0; row < kRows; ++row)
            if (const auto& reading = m_columns[column].readings[static_cast<std::size_t>(row)]; reading && cellRect(column, row).contains(help->pos()))
                text = tr("%1 of %2: changed by %3, p = %4").arg(measureText(reading->measure), m_columns[column].device).arg(reading->effect, 0, 'f', 3).arg(std::min(reading->pCorrected, reading->pTwice), 0, 'g', 2);
    QToolTip::showText(help->globalPos(), text.toHtmlEscaped(), this);
    return true;
}

}
