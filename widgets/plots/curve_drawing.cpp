// CurvePlot: what it makes of its curves on QCustomPlot.
#include "widgets/plots/curve_plot.h"

#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace percept::plots {

using style::tokens;

namespace {

constexpr int kBuckets = 1000;
constexpr int kRoomForSixTicks = 204; // px; where the numbers would touch there are three

void setData(QCPGraph* graph, const Points& points)
{
    const Points few = thinned(points, kBuckets);
    QVector<double> x, y;
    x.reserve(few.size());
    y.reserve(few.size());
    for (const QPointF& p : few) {
        x.append(p.x());
        y.append(p.y());
    }
    graph->setData(x, y, /*alreadySorted=*/true);
}

// As many decimals as tell five ticks apart.
int decimalsFor(const QCPRange& range)
{
    const double size = range.size();
    return size >= 5 ? 0 : size >= 0.5 ? 1 : size >= 0.05 ? 2 : 3;
}

// Round steps within each decade, finer on the short ranges of a loss.
QSharedPointer<QCPAxisTicker> logTicker(const QCPRange& range)
{
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    for (int exponent = -6; exponent <= 6; ++exponent)
        for (const double mantissa : { 1.0, 1.5, 2.0, 3.0, 5.0, 7.0 }) {
            if (range.upper / range.lower > 10 && mantissa != 1.0 && mantissa != 2.0 && mantissa != 5.0)
                continue;
            const double value = mantissa * std::pow(10.0, exponent);
            if (value >= range.lower && value <= range.upper)
                ticker->addTick(value, QString::number(value));
        }
    return ticker;
}

// Round local times: every few hours of a day or two, else midnights with their weekdays or, over more than nine days, dates.
QSharedPointer<QCPAxisTicker> timeTicker(const QCPRange& range, int mostTicks)
{
    constexpr double kHour = 3600, kDay = 24 * kHour;
    const QLocale locale(QLocale::English);
    const bool hours = range.size() <= 2 * kDay;
    const QString format = hours ? QStringLiteral("HH:mm") : range.size() <= 9 * kDay ? QStringLiteral("ddd") : QStringLiteral("d MMM");
    const QVector<double> steps = hours ? QVector<double> { 1, 2, 3, 6, 12, 24 } : QVector<double> { 24, 48, 96, 168, 336, 672, 1344 };
    int step = static_cast<int>(steps.last());
    for (auto at = steps.crbegin(); at != steps.crend() && range.size() / (*at * kHour) <= mostTicks; ++at)
        step = static_cast<int>(*at);
    while (range.size() / (step * kHour) > mostTicks)
        step *= 2;
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    QDateTime time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(range.lower * 1000));
    time.setTime(QTime(0, 0));
    for (int i = 0; i < 2000 && time.toSecsSinceEpoch() <= range.upper; ++i) {
        if (time.toSecsSinceEpoch() >= range.lower)
            ticker->addTick(static_cast<double>(time.toSecsSinceEpoch()), locale.toString(time, format));
        time = step < 24 ? time.addSecs(step * 3600LL) : time.addDays(step / 24); // days of 23 and 25 hours too
    }
    return ticker;
}

QSharedPointer<QCPAxisTicker> linearTicker(int ticks, bool whole)
{
    QSharedPointer<QCPAxisTicker> ticker;
    if (whole) {
        auto fixed = QSharedPointer<QCPAxisTickerFixed>::create();
        fixed->setTickStep(1);
        fixed->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
        ticker = fixed;
    } else {
        ticker = QSharedPointer<QCPAxisTicker>::create();
    }
    ticker->setTickCount(ticks);
    return ticker;
}

}

void CurvePlot::rebuild()
{
    m_endLabels.clear();
    m_beyond.clear();
    m_xLabelItem = m_lineTextItem = nullptr;
    m_plot->clearItems();
    m_plot->clearPlottables();
    updateRanges();
    updateTicks();
    for (const Curve& curve : m_curves)
        addBand(curve);
    for (const Curve& curve : m_curves)
        addCurve(curve);
    for (const Curve& curve : m_curves) {
        addOpen(curve);
        addMarker(curve);
        addDots(curve.hollow, curve.color(), tokens().panel);
        addDots(curve.solid, tokens().panel, curve.color());
    }
    addXLabel();
    addVerticalLine();
    addLimits();
    addEndLabels();
    addBeyondNotes();
    scheduleReplot();
}

void CurvePlot::addBand(const Curve& curve)
{
    if (curve.low.isEmpty() || curve.high.isEmpty())
        return;
    QCPGraph* low = m_plot->addGraph();
    QCPGraph* high = m_plot->addGraph();
    QColor fill = curve.color();
    fill.setAlphaF(0.16F);
    low->setPen(Qt::NoPen);
    high->setPen(Qt::NoPen);
    high->setBrush(fill);
    high->setChannelFillGraph(low);
    setData(low, curve.low);
    setData(high, curve.high);
}

void CurvePlot::addCurve(const Curve& curve)
{
    const QColor color = curve.color();
    if (!curve.raw.isEmpty()) {
        QColor pale = color;
        pale.setAlphaF(0.4F);
        QCPGraph* raw = m_plot->addGraph();
        raw->setPen(QPen(pale, 1));
        setData(raw, curve.raw);
    }
    QCPGraph* graph = m_plot->addGraph();
    QPen pen(color, curve.main ? 2 : 1.5);
    if (curve.dashed)
        pen.setDashPattern({ 4, 3 });
    pen.setCapStyle(Qt::RoundCap);
    pen.setJoinStyle(Qt::RoundJoin);
    graph->setPen(pen);
    setData(graph, curve.points);
    if (curve.points.size() == 1) // a single epoch is a dot, not nothing
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, color, 7));
}

void CurvePlot::addOpen(const Curve& curve)
{
    if (!curve.open)
        return;
    QCPGraph* line = m_plot->addGraph();
    QPen pen(curve.color(), curve.main ? 2 : 1.5);
    pen.setDashPattern({ 2, 2 });
    line->setPen(pen);
    setData(line, curve.withOpen().mid(std::max<qsizetype>(0, curve.points.size() - 1)));
    addDots({ *curve.open }, curve.color(), tokens().panel);
}

void CurvePlot::addMarker(const Curve& curve)
{
    if (!curve.marker)
        return;
    QCPGraph* dot = m_plot->addGraph();
    dot->setLineStyle(QCPGraph::lsNone);
    dot->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(tokens().panel, 1.5), QBrush(curve.color()), 9));
    dot->setData({ curve.marker->x() }, { curve.marker->y() }, true);
}

void CurvePlot::addDots(const Points& points, const QColor& border, const QColor& fill)
{
    if (points.isEmpty())
        return;
    QCPGraph* dots = m_plot->addGraph();
    dots->setLineStyle(QCPGraph::lsNone);
    dots->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(border, 1.5), QBrush(fill), 8));
    setData(dots, points);
}

void CurvePlot::addLimits()
{
    for (const LimitLine& limit : m_limits) {
        auto* line = new QCPItemLine(m_plot);
        for (QCPItemPosition* position : { line->start, line->end }) {
            position->setTypeX(QCPItemPosition::ptAxisRectRatio);
            position->setTypeY(QCPItemPosition::ptPlotCoords);
        }
        line->start->setCoords(0, limit.y);
        line->end->setCoords(1, limit.y);
        QPen pen(limit.color(), 1);
        pen.setDashPattern({ 4, 3 });
        line->setPen(pen);
        m_endLabels.append(endLabel(limit.name, limit.color(), { m_plot->xAxis->range().upper, limit.y }));
    }
}

void CurvePlot::updateRanges()
{
    Range x { 0, 1 };
    bool any = false;
    QVector<Points> all;
    for (const Curve& curve : m_curves) {
        const Points whole = curve.withOpen();
        for (const Points* points : { &whole, &curve.raw, &curve.low, &curve.high }) {
            if (points->isEmpty())
                continue;
            all.append(*points);
            x.low = any ? std::min(x.low, points->first().x()) : points->first().x();
            x.high = any ? std::max(x.high, points->last().x()) : points->last().x();
            any = true;
        }
    }
    if (x.high <= x.low)
        x.high = x.low + 1;
    const Range xr = m_xRange.value_or(x);
    const Range yr = m_yRange.value_or(robustRange(all, m_logarithmic));
    m_plot->xAxis->setRange(xr.low, xr.high);
    m_plot->yAxis->setRange(yr.low, yr.high);
}

void CurvePlot::updateTicks()
{
    const QCPRange x = m_plot->xAxis->range(), y = m_plot->yAxis->range();
    const QMargins margins = m_plot->axisRect()->margins();
    const int width = m_plot->width() - margins.left() - margins.right();
    const int ticks = width >= kRoomForSixTicks ? 6 : 3;
    m_plot->xAxis->setTicker(m_timeX ? timeTicker(x, ticks + 2) : linearTicker(ticks, m_wholeX));
    m_plot->xAxis->setNumberPrecision(m_wholeX ? 0 : decimalsFor(x));
    m_plot->yAxis->setTicker(m_logarithmic ? logTicker(y) : linearTicker(5, false));
    m_plot->yAxis->setNumberPrecision(decimalsFor(y));
}

}
