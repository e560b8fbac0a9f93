#include "app/studio/monitor/drift_plot.h"

#include "widgets/plots/curve_plot.h"
#include "widgets/style/widgets.h"

#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using style::tokens;

DriftPlot::DriftPlot(QWidget* parent)
    : QWidget(parent)
    , m_plot(new plots::CurvePlot)
    , m_note(new style::PlainLabel({}, style::TextRole::Caption, style::Ink::Text3))
{
    setObjectName(QStringLiteral("driftPlot"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    m_plot->setTimeX(true);
    m_plot->setFixedHeight(190);
    column->addWidget(m_plot, 1);
    m_note->setWordWrap(true);
    column->addWidget(m_note);
}

namespace {

double largest(const plots::Points& points, double atLeast)
{
    for (const QPointF& point : points)
        atLeast = std::max(atLeast, point.y());
    return atLeast;
}

// The next value that is divided into ticks without a rest.
double roundTop(double value)
{
    for (const double top : { 0.06, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0 })
        if (value <= top)
            return top;
    return std::ceil(value / 10) * 10;
}

plots::Points zeros(const plots::Points& points)
{
    plots::Points result;
    for (const QPointF& point : points)
        result.append({ point.x(), 0 });
    return result;
}

plots::Points without(const plots::Points& all, const plots::Points& some)
{
    plots::Points rest;
    for (const QPointF& point : all)
        if (!some.contains(point))
            rest.append(point);
    return rest;
}

QString againstText(const DriftSeries& series, int referenceWindows)
{
    return series.newest && series.newest->byValidation ? DriftPlot::tr("the validation set of %1").arg(series.version)
                                                        : DriftPlot::tr("its first %1 windows with %2").arg(referenceWindows).arg(series.version);
}

// How far it is.
QString emptyText(const monitoring::Overview& overview, const DriftSeries& series)
{
    const auto& rules = overview.rules.windows;
    const QString first = DriftPlot::tr("The first comparison comes after %1 days with at least %2 objects each").arg(rules.referenceWindows).arg(style::count(rules.leastPredictions));
    return series.version.isEmpty() ? first + QLatin1Char('.')
                                    : DriftPlot::tr("%1: %2 so far, and %3 objects of the next.").arg(first).arg(std::min(series.windows, rules.referenceWindows)).arg(style::count(series.waiting));
}

}

void DriftPlot::draw(const monitoring::Overview& overview, const QString& device, monitoring::Measure measure)
{
    const DriftSeries series = driftOf(overview, device, measure);
    const auto limits = monitoring::limitsOf(measure);
    const int windows = overview.rules.windows.referenceWindows;
    m_plot->setTitle(device.isEmpty() ? measureText(measure) : tr("%1 of %2 against %3").arg(measureText(measure), device, againstText(series, windows)),
        measure == monitoring::Measure::Confidence ? tr("size of the change of the score") : tr("size of the change beyond chance, PSI"));
    m_plot->setEmptyText(emptyText(overview, series));
    QVector<plots::Curve> curves;
    if (!series.others.isEmpty())
        curves.append({ tr("others"), [] { return tokens().text3; }, series.others, {}, {}, {}, {}, false, false, {}, {} });
    if (!series.effect.isEmpty())
        curves.append({ device, [] { return tokens().accent; }, series.effect, {}, zeros(series.chance), series.chance, {}, false, true,
            series.significant, without(series.effect, series.significant) });
    const double high = roundTop(1.05 * largest(series.others, largest(series.effect, limits.act)));
    m_plot->setYRange(-0.05 * high, high); // room for dots at 0
    if (!series.effect.isEmpty()) {
        const double room = static_cast<double>(overview.rules.windows.periodMs) / 2000;
        m_plot->setXRange(series.effect.first().x() - room, series.effect.last().x() + room);
    }
    m_plot->setLimits(series.effect.isEmpty() ? QVector<plots::LimitLine>()
                                              : QVector<plots::LimitLine> {
                                                    { limits.warn, tr("warn %1").arg(limits.warn), [] { return tokens().warning; } },
                                                    { limits.act, tr("act %1").arg(limits.act), [] { return tokens().error; } } });
    m_plot->setCurves(curves);
    m_note->setText(tr("Filled: significant (p < %1 over all comparisons of the day), alone or with the one before. Band: what chance does. An alert needs size and significance, twice in a row.")
                        .arg(overview.rules.alpha));
}

}
