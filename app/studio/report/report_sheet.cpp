#include "app/studio/report/report_sheet.h"

#include "widgets/style/tokens.h"

#include <QPainter>

namespace percept::studio {

ReportSheet::ReportSheet(QWidget* parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Report"));
    setMinimumSize(480, 340);
}

void ReportSheet::setDrawing(const QByteArray& svg, const QString& message)
{
    m_renderer.load(svg);
    m_drawing = splitDrawing(svg);
    setAccessibleDescription(message);
    update();
}

void ReportSheet::render(QPainter& painter, const QRectF& target)
{
    QSvgRenderer shapes(m_drawing.shapes);
    shapes.render(&painter, target);
    drawTexts(painter, m_drawing.texts, target.topLeft(), target.width() / m_renderer.defaultSize().width());
}

void ReportSheet::paintEvent(QPaintEvent*)
{
    if (!m_renderer.isValid())
        return;
    const QSizeF size = m_renderer.defaultSize();
    const double scale = std::min((width() - 32) / size.width(), (height() - 32) / size.height());
    const QSizeF shown = size * scale;
    const QRectF sheet(QPointF((width() - shown.width()) / 2, 16), shown);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(sheet, Qt::white);
    m_renderer.render(&painter, sheet);
    painter.setPen(style::tokens().line);
    painter.drawRect(sheet);
}

}
