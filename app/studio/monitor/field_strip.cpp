#include "app/studio/monitor/field_strip.h"

#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>

namespace percept::studio {

using style::tokens;

namespace {

constexpr int kLeft = 12, kTop = 8, kWidth = 84, kHeight = 56, kPitch = 94;

}

FieldStrip::FieldStrip(std::function<QImage(const QString& id)> picture, QWidget* parent)
    : QWidget(parent)
    , m_picture(std::move(picture))
{
    setObjectName(QStringLiteral("fieldStrip"));
    setFixedHeight(92);
    setAccessibleName(tr("Pictures that wait"));
}

void FieldStrip::setCells(std::vector<Cell> cells, int current)
{
    m_cells = std::move(cells);
    m_current = current;
    update();
}

int FieldStrip::first() const
{
    const int room = std::max((width() - kLeft) / kPitch, 1), count = static_cast<int>(m_cells.size());
    return std::clamp(m_current - 1, 0, std::max(count - room, 0));
}

QRect FieldStrip::cellRect(int index) const
{
    const int place = index - first();
    const QRect cell(kLeft + place * kPitch, kTop, kWidth, kHeight);
    return place < 0 || index >= static_cast<int>(m_cells.size()) || cell.right() > width() ? QRect() : cell;
}

int FieldStrip::indexAt(QPoint point) const
{
    for (int i = first(); i < static_cast<int>(m_cells.size()) && !cellRect(i).isEmpty(); ++i)
        if (cellRect(i).adjusted(-2, -2, 2, 20).contains(point))
            return i;
    return -1;
}

void FieldStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().panel);
    painter.fillRect(0, 0, width(), 1, tokens().line);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    for (int i = first(); i < static_cast<int>(m_cells.size()) && !cellRect(i).isEmpty(); ++i)
        paintCell(painter, i);
}

void FieldStrip::paintCell(QPainter& painter, int index) const
{
    const Cell& cell = m_cells[static_cast<std::size_t>(index)];
    const QRect frame = cellRect(index);
    QPainterPath clip;
    clip.addRoundedRect(frame, style::radius::kThumb, style::radius::kThumb);
    painter.save();
    painter.setClipPath(clip);
    painter.fillRect(frame, tokens().canvas);
    if (const QImage image = m_picture(cell.id); !image.isNull()) {
        const QSizeF size = QSizeF(image.size()).scaled(frame.size(), Qt::KeepAspectRatioByExpanding);
        painter.drawImage(QRectF(frame.center().x() + 0.5 - size.width() / 2, frame.center().y() + 0.5 - size.height() / 2, size.width(), size.height()), image);
    }
    painter.restore();
    if (index == m_current) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens().accent, 2));
        painter.drawRoundedRect(QRectF(frame).adjusted(-3, -3, 3, 3), 4, 4);
    }
    const QRect text(frame.left(), frame.bottom() + 4, kWidth, 18);
    if (cell.isRandom)
        style::paintIcon(painter, QStringLiteral("swap"), QRectF(text.left(), text.top() + 2, 14, 14), tokens().text2);
    const QRect name = text.adjusted(cell.isRandom ? 18 : 0, 0, 0, 0);
    painter.setFont(style::font(style::TextRole::Caption));
    painter.setPen(index == m_current ? tokens().text : tokens().text2);
    painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, painter.fontMetrics().elidedText(cell.text, Qt::ElideRight, name.width()));
}

void FieldStrip::mousePressEvent(QMouseEvent* event)
{
    if (const int index = indexAt(event->pos()); index >= 0 && event->button() == Qt::LeftButton)
        emit clicked(index);
}

bool FieldStrip::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = indexAt(help->pos());
    const bool isRandom = index >= 0 && m_cells[static_cast<std::size_t>(index)].isRandom;
    QToolTip::showText(help->globalPos(), isRandom ? tr("Chosen by chance: goes to the test set") : QString(), this);
    return true;
}

}
