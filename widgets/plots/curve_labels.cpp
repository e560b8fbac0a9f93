// CurvePlot: the texts in and around the plot, which are placed in pixels once the axes are laid out.
#include "widgets/plots/curve_plot.h"

#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QFontMetrics>
#include <algorithm>
#include <qcustomplot.h>

namespace percept::plots {

using style::tokens;

namespace {

constexpr int kEndLabelWidth = 96; // room at the right for the names of the curves
constexpr int kLabelGap = 8, kLabelHeight = 15;
constexpr double kLeaderFrom = 12; // a curve that ends this close to its name needs no line to it
constexpr int kLeft = 40, kTop = 8, kTopWithText = 22, kBottom = 24;

QCPItemText* addText(QCustomPlot* plot, const QString& text, const QColor& color, style::TextRole role)
{
    auto* item = new QCPItemText(plot);
    item->setText(text);
    item->setColor(color);
    item->setFont(style::font(role));
    item->setSelectable(false);
    item->setClipToAxisRect(false);
    item->position->setType(QCPItemPosition::ptAbsolute);
    return item;
}

// Thin and dotted: it leads the eye and is not taken for data.
QCPItemLine* addLeader(QCustomPlot* plot, QColor color)
{
    auto* line = new QCPItemLine(plot);
    color.setAlphaF(0.6F);
    QPen pen(color, 1);
    pen.setDashPattern({ 1, 3 });
    line->setPen(pen);
    line->setClipToAxisRect(false);
    line->setSelectable(false);
    line->start->setType(QCPItemPosition::ptAbsolute);
    line->end->setType(QCPItemPosition::ptAbsolute);
    return line;
}

QString beyondText(const Beyond& beyond)
{
    const QString value = beyond.highest.y() >= 100 ? QString::number(beyond.highest.y(), 'f', 0) : valueText(beyond.highest.y());
    return beyond.count == 1 ? QStringLiteral("↑ %1").arg(value) : CurvePlot::tr("↑ %1 points, up to %2").arg(beyond.count).arg(value);
}

}

void CurvePlot::addXLabel()
{
    if (m_curves.isEmpty() && !m_emptyText.isEmpty()) {
        auto* item = addText(m_plot, m_emptyText, tokens().text3, style::TextRole::Table);
        item->position->setType(QCPItemPosition::ptAxisRectRatio);
        item->position->setCoords(0.5, 0.45);
    }
    if (m_xLabel.isEmpty())
        return;
    m_xLabelItem = addText(m_plot, m_xLabel, tokens().text3, style::TextRole::Caption);
    m_xLabelItem->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
}

// Room for the widest number of the axis.
int CurvePlot::leftMargin() const
{
    constexpr int kPadding = 12;
    const QString widest = m_plot->locale().toString(m_plot->yAxis->range().upper, 'f', m_plot->yAxis->numberPrecision());
    return std::max(kLeft, QFontMetrics(style::font(style::TextRole::Caption)).horizontalAdvance(widest) + kPadding);
}

void CurvePlot::addVerticalLine()
{
    m_plot->axisRect()->setMargins(QMargins(leftMargin(), m_line && !m_lineText.isEmpty() ? kTopWithText : kTop, kEndLabelWidth, kBottom));
    if (!m_line)
        return;
    auto* line = new QCPItemLine(m_plot);
    for (QCPItemPosition* position : { line->start, line->end }) {
        position->setTypeX(QCPItemPosition::ptPlotCoords);
        position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
    line->start->setCoords(*m_line, 0);
    line->end->setCoords(*m_line, 1);
    QPen pen(m_pickable ? tokens().accent : tokens().text3, m_pickable ? 1.5 : 1);
    if (!m_pickable)
        pen.setDashPattern({ 3, 3 });
    line->setPen(pen);
    if (m_lineText.isEmpty())
        return;
    m_lineTextItem = addText(m_plot, m_lineText, tokens().text3, style::TextRole::Caption);
    m_lineTextItem->setPositionAlignment(Qt::AlignLeft | Qt::AlignBottom);
}

void CurvePlot::addEndLabels()
{
    for (const Curve& curve : m_curves)
        if (const Points whole = curve.withOpen(); !whole.isEmpty() && !curve.name.isEmpty())
            m_endLabels.append(endLabel(curve.name, curve.color(), whole.last()));
}

CurvePlot::EndLabel CurvePlot::endLabel(const QString& text, const QColor& color, const QPointF& end)
{
    const QFontMetrics metrics(style::font(style::TextRole::CaptionStrong));
    const QString name = metrics.elidedText(text, Qt::ElideRight, kEndLabelWidth - kLabelGap - 2);
    auto* label = addText(m_plot, name, color, style::TextRole::CaptionStrong);
    label->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return { label, addLeader(m_plot, color), end };
}

// With a fixed range what leaves it is meant to; a range from the data says what it left out.
void CurvePlot::addBeyondNotes()
{
    if (m_yRange)
        return;
    const QCPRange range = m_plot->yAxis->range();
    for (const Curve& curve : m_curves) {
        Points all = curve.withOpen();
        all.append(curve.raw);
        const std::optional<Beyond> beyond = pointsAbove(all, range.upper);
        if (!beyond)
            continue;
        auto* item = addText(m_plot, beyondText(*beyond), curve.color(), style::TextRole::CaptionStrong);
        item->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
        m_beyond.append({ item, beyond->highest.x() });
    }
}

void CurvePlot::positionLabels()
{
    const QRect area = this->area();
    if (m_xLabelItem)
        m_xLabelItem->position->setCoords(area.right() + 12, area.bottom() + 8);
    // Texts that belong to an x stand above or at the top of the plot and stay within its width.
    const auto within = [&](const QCPItemText& item, double pixel) {
        const int width = QFontMetrics(item.font()).horizontalAdvance(item.text());
        return std::clamp<double>(pixel, area.left(), std::max(area.left(), area.right() - width));
    };
    if (m_lineTextItem) {
        const int half = QFontMetrics(m_lineTextItem->font()).horizontalAdvance(m_lineText) / 2;
        m_lineTextItem->position->setCoords(within(*m_lineTextItem, m_plot->xAxis->coordToPixel(*m_line) - half), area.top() - 4);
    }
    for (int i = 0; i < m_beyond.size(); ++i) {
        const double x = m_plot->xAxis->coordToPixel(m_beyond[i].x) + 5;
        m_beyond[i].item->position->setCoords(within(*m_beyond[i].item, x), area.top() + i * kLabelHeight);
    }
    positionEndLabels(area);
}

// All names stand in one column right of the plot, where no curve runs, however early a curve ends.
void CurvePlot::positionEndLabels(const QRect& area)
{
    const QCPRange range = m_plot->yAxis->range();
    QVector<double> wanted;
    for (const EndLabel& label : m_endLabels)
        wanted.append(m_plot->yAxis->coordToPixel(std::clamp(label.end.y(), range.lower, range.upper)));
    const QVector<double> placed = pushedApart(wanted, kLabelHeight, area.top(), area.bottom());
    for (int i = 0; i < m_endLabels.size(); ++i) {
        const EndLabel& label = m_endLabels[i];
        const double end = std::min<double>(m_plot->xAxis->coordToPixel(label.end.x()), area.right());
        label.item->position->setCoords(area.right() + kLabelGap, placed[i]);
        label.leader->setVisible(area.right() - end > kLeaderFrom);
        label.leader->start->setCoords(end, wanted[i]);
        label.leader->end->setCoords(area.right() + kLabelGap - 2, placed[i]);
    }
}

QRect CurvePlot::area() const { return m_plot->axisRect()->rect(); }

QVector<QRect> CurvePlot::endLabelRects() const
{
    QVector<QRect> rects;
    for (const EndLabel& label : m_endLabels) {
        const QFontMetrics metrics(label.item->font());
        const QPointF at = label.item->position->pixelPosition();
        rects.append(QRect(qRound(at.x()), qRound(at.y()) - kLabelHeight / 2, metrics.horizontalAdvance(label.item->text()), kLabelHeight));
    }
    return rects;
}

QStringList CurvePlot::beyondTexts() const
{
    QStringList texts;
    for (const BeyondNote& note : m_beyond)
        texts << note.item->text();
    return texts;
}

}
