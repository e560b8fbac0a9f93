#include "widgets/plots/plot_title.h"

#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>

namespace percept::plots {

PlotTitle::PlotTitle(QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(24);
}

void PlotTitle::setTexts(const QString& title, const QString& help)
{
    m_title = title;
    m_help = help;
    update();
}

void PlotTitle::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(style::font(style::TextRole::Section));
    painter.setPen(style::tokens().text);
    const QString title = painter.fontMetrics().elidedText(m_title, Qt::ElideRight, width());
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, title);
    const QRect rest = rect().adjusted(painter.fontMetrics().horizontalAdvance(title) + 6, 0, 0, 0);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(style::tokens().text3);
    painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(m_help, Qt::ElideRight, rest.width()));
}

}
