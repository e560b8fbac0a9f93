#include "widgets/plots/confusion_view.h"

#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace percept::plots {

using style::tokens;

namespace {

constexpr int kHeadWidth = 88, kHeadHeight = 28, kGap = 2, kBackgroundGap = 8;
constexpr int kMaxCellWidth = 76, kMaxCellHeight = 52, kMinCell = 22;

QColor mixed(const QColor& a, const QColor& b, double share)
{
    const auto blend = [share](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * share)); };
    return { blend(a.red(), b.red()), blend(a.green(), b.green()), blend(a.blue(), b.blue()) };
}

}

ConfusionView::ConfusionView(QWidget* parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Confusion matrix, rows true, columns predicted"));
}

void ConfusionView::setMatrix(QVector<QVector<qint64>> counts, QStringList classes, QVector<QColor> colors)
{
    m_counts = std::move(counts);
    m_classes = std::move(classes);
    m_colors = std::move(colors);
    QStringList sentences;
    for (int row = 0; row < m_counts.size(); ++row)
        for (int column = 0; column < m_counts.size(); ++column)
            if (m_counts[row][column] > 0)
                sentences.append(sentence({ row, column }));
    setAccessibleDescription(sentences.join(QStringLiteral(" ")));
    updateGeometry();
    update();
}

void ConfusionView::setShares(bool on)
{
    m_shares = on;
    update();
}

void ConfusionView::setChosen(int row, int column)
{
    m_chosen = { row, column };
    update();
}

QSize ConfusionView::sizeHint() const
{
    const int n = classes() + 1;
    return { kHeadWidth + n * (56 + kGap) + kBackgroundGap, kHeadHeight + n * (44 + kGap) + kBackgroundGap };
}

QRectF ConfusionView::cellRect(int row, int column) const
{
    const int n = classes() + 1;
    const double w = std::clamp((width() - kHeadWidth - kBackgroundGap) / static_cast<double>(n) - kGap, double(kMinCell), double(kMaxCellWidth));
    const double h = std::clamp((height() - kHeadHeight - kBackgroundGap) / static_cast<double>(n) - kGap, double(kMinCell), double(kMaxCellHeight));
    const double x = kHeadWidth + column * (w + kGap) + (column == n - 1 ? kBackgroundGap : 0);
    const double y = kHeadHeight + row * (h + kGap) + (row == n - 1 ? kBackgroundGap : 0);
    return { x, y, w, h };
}

ConfusionView::Cell ConfusionView::cellAt(const QPointF& position) const
{
    for (int row = 0; row < m_counts.size(); ++row)
        for (int column = 0; column < m_counts.size(); ++column)
            if (cellRect(row, column).contains(position))
                return row == classes() && column == classes() ? Cell {} : Cell { row, column };
    return {};
}

qint64 ConfusionView::rowTotal(int row) const
{
    return std::accumulate(m_counts[row].begin(), m_counts[row].end(), qint64 { 0 });
}

QString ConfusionView::sentence(const Cell& cell) const
{
    const QString n = style::count(m_counts[cell.row][cell.column]);
    if (cell.row == classes() && cell.column == classes())
        return {};
    if (cell.row == classes())
        return tr("%1 false alarms of %2.").arg(n, m_classes[cell.column]);
    if (cell.column == classes())
        return tr("%1 of %2 %3 missed.").arg(n, style::count(rowTotal(cell.row)), m_classes[cell.row]);
    if (cell.row == cell.column)
        return tr("%1 of %2 %3 found.").arg(n, style::count(rowTotal(cell.row)), m_classes[cell.row]);
    return tr("%1 %2 called %3.").arg(n, m_classes[cell.row], m_classes[cell.column]);
}

QColor ConfusionView::cellFill(int row, int column) const
{
    const qint64 n = m_counts[row][column];
    const qint64 total = rowTotal(row);
    if (n == 0 || total == 0)
        return tokens().panel;
    const double share = std::sqrt(static_cast<double>(n) / static_cast<double>(total)); // the small ones are the interesting ones
    if (row == column)
        return mixed(tokens().panel, tokens().accent, 0.15 + 0.6 * share);
    return mixed(tokens().panel, tokens().error, 0.08 + 0.42 * share);
}

void ConfusionView::paintCell(QPainter& painter, int row, int column) const
{
    const QRectF rect = cellRect(row, column);
    const bool corner = row == classes() && column == classes();
    const qint64 n = m_counts[row][column];
    const bool chosen = m_chosen == Cell { row, column }, hover = m_hover == Cell { row, column };
    style::paintRounded(painter, rect, style::radius::kThumb, corner ? tokens().panel : cellFill(row, column),
        chosen ? tokens().text : (hover ? tokens().text3 : tokens().line), chosen ? 2 : 1);
    if (hasFocus() && m_focus == Cell { row, column }) {
        painter.setPen(QPen(tokens().accent, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(rect.adjusted(2.5, 2.5, -2.5, -2.5), 2, 2);
    }
    const qint64 total = rowTotal(row);
    const QString share = total > 0 ? QString::number(100.0 * static_cast<double>(n) / static_cast<double>(total), 'f', n == total || 10 * n >= total ? 0 : 1) + QStringLiteral(" %") : QString();
    const bool background = row == classes(); // shares of false alarms say nothing about truths
    painter.setPen(n == 0 ? tokens().text3 : tokens().text);
    const QString large = corner ? QStringLiteral("–") : (m_shares && !background && n > 0 ? share : style::count(n));
    const QString small = corner || background || n == 0 || rect.height() < 36 ? QString() : (m_shares ? style::count(n) : share);
    painter.setFont(style::font(n == 0 || corner ? style::TextRole::Table : style::TextRole::Section));
    painter.drawText(small.isEmpty() ? rect : rect.adjusted(0, 2, 0, -rect.height() / 2 + 4), Qt::AlignCenter, large);
    if (!small.isEmpty()) {
        painter.setFont(style::font(style::TextRole::Caption));
        painter.setPen(tokens().text); // text2 is not read on the darker fills
        painter.drawText(rect.adjusted(0, rect.height() / 2 - 2, 0, -2), Qt::AlignCenter, small);
    }
}

void ConfusionView::paintHeads(QPainter& painter) const
{
    const int n = classes() + 1;
    for (int i = 0; i < n; ++i) {
        const bool background = i == n - 1;
        const QString name = background ? tr("background") : m_classes[i];
        const QRectF column = cellRect(0, i);
        painter.setFont(style::font(style::TextRole::Caption));
        painter.setPen(background ? tokens().text3 : tokens().text);
        painter.drawText(QRectF(column.left() - 6, 4, column.width() + 12, 16), Qt::AlignCenter,
            painter.fontMetrics().elidedText(background ? tr("missed") : name, Qt::ElideRight, static_cast<int>(column.width()) + 10));
        if (!background)
            painter.fillRect(QRectF(column.left(), kHeadHeight - 5, column.width(), 2), tokens().dark ? m_colors.value(i) : style::classInk(i));
        const QRectF row = cellRect(i, 0);
        const QRectF text(0, row.top(), kHeadWidth - 10, row.height());
        const bool two = row.height() >= 34;
        painter.setFont(style::font(two ? style::TextRole::Table : style::TextRole::Caption));
        painter.drawText(two ? text.adjusted(0, 4, 0, -text.height() / 2) : text, Qt::AlignRight | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(name, Qt::ElideRight, kHeadWidth - 12));
        if (two) {
            painter.setFont(style::font(style::TextRole::Caption));
            painter.setPen(tokens().text3);
            painter.drawText(text.adjusted(0, text.height() / 2, 0, -4), Qt::AlignRight | Qt::AlignVCenter,
                background ? tr("%1 false").arg(style::count(rowTotal(i))) : tr("%1 true").arg(style::count(rowTotal(i))));
        }
    }
}

void ConfusionView::paintEvent(QPaintEvent*)
{
    if (m_counts.isEmpty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintHeads(painter);
    for (int row = 0; row < m_counts.size(); ++row)
        for (int column = 0; column < m_counts.size(); ++column)
            paintCell(painter, row, column);
}

void ConfusionView::choose(const Cell& cell)
{
    m_chosen = m_chosen == cell ? Cell {} : cell;
    update();
    emit cellChosen(m_chosen.row, m_chosen.column);
}

void ConfusionView::mousePressEvent(QMouseEvent* event)
{
    const Cell cell = cellAt(event->position());
    if (event->button() != Qt::LeftButton || cell == Cell {})
        return;
    m_focus = cell;
    choose(cell);
}

void ConfusionView::mouseMoveEvent(QMouseEvent* event)
{
    const Cell cell = cellAt(event->position());
    if (cell == m_hover)
        return;
    m_hover = cell;
    setCursor(cell == Cell {} ? Qt::ArrowCursor : Qt::PointingHandCursor);
    update();
}

void ConfusionView::leaveEvent(QEvent*)
{
    m_hover = {};
    update();
}

void ConfusionView::keyPressEvent(QKeyEvent* event)
{
    const int last = classes();
    Cell next = m_focus;
    switch (event->key()) {
    case Qt::Key_Left: next.column = std::max(0, next.column - 1); break;
    case Qt::Key_Right: next.column = std::min(last, next.column + 1); break;
    case Qt::Key_Up: next.row = std::max(0, next.row - 1); break;
    case Qt::Key_Down: next.row = std::min(last, next.row + 1); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_focus != Cell { last, last })
            choose(m_focus);
        return;
    default: return QWidget::keyPressEvent(event);
    }
    m_focus = next;
    update();
}

bool ConfusionView::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Cell cell = cellAt(help->pos());
        if (cell == Cell {})
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), sentence(cell).toHtmlEscaped(), this);
        return true;
    }
    return QWidget::event(event);
}

}
