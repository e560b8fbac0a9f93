#include "widgets/plots/curve_plot.h"

#include "widgets/plots/hover_overlay.h"
#include "widgets/plots/plot_title.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QDateTime>
#include <QEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <cmath>
#include <qcustomplot.h>

namespace percept::plots {

using style::tokens;

namespace {

constexpr int kReplotIntervalMs = 100;

}

QString valueText(double value)
{
    return std::isfinite(value) ? QString::number(value, 'f', std::abs(value) < 10 ? 3 : 1) : QStringLiteral("–");
}

Points Curve::withOpen() const
{
    Points all = points;
    if (open)
        all.append(*open);
    return all;
}

CurvePlot::CurvePlot(QWidget* parent)
    : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_titleRow = new PlotTitle;
    layout->addWidget(m_titleRow);
    m_plot = new QCustomPlot(this);
    layout->addWidget(m_plot, 1);
    m_hover = new HoverOverlay(this);
    m_replotTimer.setSingleShot(true);
    m_replotTimer.setInterval(kReplotIntervalMs);
    connect(&m_replotTimer, &QTimer::timeout, this, [this] { m_plot->replot(QCustomPlot::rpQueuedReplot); });
    setUpPlot();
    // Labels stand in pixels beside the plot, which are known only once the axes have been laid out.
    connect(m_plot, &QCustomPlot::afterLayout, this, &CurvePlot::positionLabels);
    applyTheme();
}

void CurvePlot::setUpPlot()
{
    m_plot->setInteractions(QCP::Interactions());
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setLocale(QLocale(QLocale::English, QLocale::UnitedStates)); // thousands as everywhere else
    m_plot->axisRect()->setAutoMargins(QCP::msNone);
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->yAxis->setBasePen(Qt::NoPen);
    m_plot->yAxis->setTickPen(Qt::NoPen);
    m_plot->yAxis->setSubTicks(false);
    m_plot->xAxis->setSubTicks(false);
    m_plot->xAxis->setTickLength(0, 4);
    m_plot->yAxis->setTickLabelPadding(8);
    m_plot->xAxis->setTickLabelPadding(4);
    for (QCPAxis* axis : { m_plot->xAxis, m_plot->yAxis })
        axis->setNumberFormat(QStringLiteral("f"));
}

void CurvePlot::applyTheme()
{
    const auto& t = tokens();
    m_plot->setBackground(t.panel);
    for (QCPAxis* axis : { m_plot->xAxis, m_plot->yAxis }) {
        axis->setTickLabelColor(t.text3);
        axis->setTickLabelFont(style::font(style::TextRole::Caption));
        axis->setLabelColor(t.text3);
        axis->setLabelFont(style::font(style::TextRole::Caption));
    }
    m_plot->xAxis->setBasePen(QPen(t.axis, 1));
    m_plot->xAxis->setTickPen(QPen(t.axis, 1));
    m_plot->yAxis->grid()->setPen(QPen(t.grid, 1));
    m_plot->yAxis->grid()->setZeroLinePen(QPen(t.grid, 1));
    rebuild();
}

void CurvePlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        applyTheme();
}

void CurvePlot::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    rebuild();
}

void CurvePlot::setTitle(const QString& title, const QString& readingHelp)
{
    m_title = title;
    m_titleRow->setTexts(title, readingHelp);
    describe();
}

void CurvePlot::setXLabel(const QString& label)
{
    m_xLabel = label;
    rebuild();
}

void CurvePlot::setWholeX(bool on)
{
    m_wholeX = on;
    rebuild();
}

void CurvePlot::setTimeX(bool on)
{
    m_timeX = on;
    rebuild();
}

void CurvePlot::setLimits(QVector<LimitLine> limits)
{
    m_limits = std::move(limits);
    rebuild();
}

void CurvePlot::setLogarithmic(bool on)
{
    m_logarithmic = on;
    m_plot->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    rebuild();
}

void CurvePlot::setXRange(double low, double high)
{
    if (m_xRange && m_xRange->low == low && m_xRange->high == high)
        return;
    m_xRange = Range { low, high };
    rebuild();
}

void CurvePlot::setYRange(double low, double high)
{
    if (m_yRange && m_yRange->low == low && m_yRange->high == high)
        return;
    m_yRange = Range { low, high };
    rebuild();
}

void CurvePlot::setCurves(QVector<Curve> curves)
{
    m_curves = std::move(curves);
    describe();
    rebuild();
}

void CurvePlot::setVerticalLine(std::optional<double> x, const QString& text)
{
    if (m_line == x && m_lineText == text)
        return;
    m_line = x;
    m_lineText = text;
    rebuild();
}

void CurvePlot::setEmptyText(const QString& text)
{
    m_emptyText = text;
    rebuild();
}

void CurvePlot::setPickable(bool on)
{
    m_pickable = on;
    m_plot->setCursor(on ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void CurvePlot::scheduleReplot()
{
    if (!m_replotTimer.isActive())
        m_replotTimer.start();
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot) {
        if (event->type() == QEvent::Leave)
            hideHover();
        if (event->type() == QEvent::MouseMove || event->type() == QEvent::MouseButtonPress) {
            const auto* mouse = static_cast<QMouseEvent*>(event);
            if (m_pickable && (mouse->buttons() & Qt::LeftButton)) {
                hideHover();
                emit xPicked(m_plot->xAxis->pixelToCoord(mouse->position().x()));
            } else if (event->type() == QEvent::MouseMove) {
                showHover(mouse->pos());
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

void CurvePlot::showHover(const QPoint& position)
{
    const double x = m_plot->xAxis->pixelToCoord(position.x());
    if (!area().contains(position) || m_curves.isEmpty())
        return hideHover();
    const QPoint offset = m_plot->mapTo(this, QPoint());
    QVector<HoverOverlay::Row> rows;
    for (const Curve& curve : m_curves) {
        const double y = valueAt(curve.withOpen(), x);
        const bool isOpen = curve.open && (curve.points.isEmpty() || x > curve.points.last().x());
        if (std::isfinite(y))
            rows.append({ curve.name, isOpen ? tr("%1 so far").arg(valueText(curve.open->y())) : valueText(y), curve.color(), m_plot->yAxis->coordToPixel(y) + offset.y() });
    }
    if (rows.isEmpty())
        return hideHover();
    m_hover->showAt(area().translated(offset), position.x() + offset.x(), hoverHead(x), rows);
}

QString CurvePlot::hoverHead(double x) const
{
    if (m_timeX)
        return QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(x * 1000)), QStringLiteral("ddd d MMM, HH:mm"));
    return m_xLabel.isEmpty() ? valueText(x) : m_xLabel + QLatin1Char(' ') + QString::number(x, 'f', m_wholeX ? 1 : 2);
}

void CurvePlot::hideHover() { m_hover->hide(); }

void CurvePlot::describe()
{
    setAccessibleName(m_title);
    QStringList parts;
    for (const Curve& curve : m_curves)
        if (!curve.points.isEmpty() && curve.open)
            parts.append(tr("%1 ends at %2, so far %3").arg(curve.name, valueText(curve.points.last().y()), valueText(curve.open->y())));
        else if (!curve.points.isEmpty() || curve.open)
            parts.append((curve.open ? tr("%1 so far at %2") : tr("%1 ends at %2")).arg(curve.name, valueText(curve.withOpen().last().y())));
    setAccessibleDescription(parts.isEmpty() ? tr("Nothing to draw yet.") : parts.join(QStringLiteral(", ")));
}

}
