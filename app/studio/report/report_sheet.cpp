#include "app/studio/report/report_sheet.h"

#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>

namespace percept::studio {

namespace {
constexpr QColor kInk(90, 96, 108); // on paper, which is white in every theme
}

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
    m_waiting.clear();
    setAccessibleDescription(message);
    update();
}

void ReportSheet::setWaiting(const QString& sentence)
{
    m_renderer.load(QByteArray());
    m_drawing = {};
    m_waiting = sentence;
    setAccessibleDescription(sentence);
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
    if (!m_renderer.isValid() && m_waiting.isEmpty())
        return;
    const QSizeF size = m_renderer.isValid() ? QSizeF(m_renderer.defaultSize()) : QSizeF(297, 210); // A4
    const double scale = std::min((width() - 32) / size.width(), (height() - 32) / size.height());
    const QSizeF shown = size * scale;
    const QRectF sheet(QPointF((width() - shown.width()) / 2, 16), shown);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(sheet, Qt::white);
    if (m_renderer.isValid()) {
        m_renderer.render(&painter, sheet);
    } else {
        painter.setFont(style::font(style::TextRole::Body));
        painter.setPen(kInk);
        painter.drawText(sheet.adjusted(32, 32, -32, -32), static_cast<int>(Qt::AlignHCenter) | Qt::AlignVCenter | Qt::TextWordWrap, m_waiting);
    }
    painter.setPen(style::tokens().line);
    painter.drawRect(sheet);
}

}
