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

QString againstText(const DriftSeries& series, const monitoring::WindowRules& rules)
{
    return series.newest && series.newest->byValidation
        ? DriftPlot::tr("what %1 was tested on").arg(series.version)
        : DriftPlot::tr("its first %1 with %2").arg(QString::fromStdString(monitoring::periodsText(rules, rules.referenceWindows)), series.version);
}

// What the figures are, for those who want to check them.
QString detailsText(monitoring::Measure measure, double alpha)
{
    const QString statistic = measure == monitoring::Measure::Confidence
        ? DriftPlot::tr("The line is the difference of the mean scores; with the validation set as reference where that is known.")
        : DriftPlot::tr("The line is the population stability index (PSI) less what chance gives it on average.");
    return statistic
        + DriftPlot::tr(" Filled dots: p < %1 over all comparisons of the day together (Holm), alone or with the day before. A day with too few objects is counted together with the next.").arg(alpha);
}

// How far it is.
QString emptyText(const monitoring::Overview& overview, const DriftSeries& series)
{
    const auto& rules = overview.rules.windows;
    const QString first = DriftPlot::tr("The first comparison comes after %1 with at least %2 objects each").arg(QString::fromStdString(monitoring::periodsText(rules, rules.referenceWindows))).arg(style::count(rules.leastPredictions));
    return series.version.isEmpty() ? first + QLatin1Char('.')
                                    : DriftPlot::tr("%1: %2 so far, and %3 objects of the next.").arg(first).arg(std::min(series.windows, rules.referenceWindows)).arg(style::count(series.waiting));
}

}

void DriftPlot::draw(const monitoring::Overview& overview, const QString& device, monitoring::Measure measure)
{
    const DriftSeries series = driftOf(overview, device, measure);
    const auto limits = monitoring::limitsOf(measure);
    m_plot->setTitle(device.isEmpty() ? measureText(measure) : tr("%1 of %2: how different from %3").arg(measureText(measure), device, againstText(series, overview.rules.windows)),
        tr("0: the same"));
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
                                                    { limits.warn, tr("worth a look"), [] { return tokens().warning; } },
                                                    { limits.act, tr("act"), [] { return tokens().error; } } });
    m_plot->setCurves(curves);
    m_note->setText(tr("Filled dots: more than chance can explain. Shaded: what chance does. An alert is raised when it is large and more than chance, twice in a row."));
    for (QWidget* widget : { static_cast<QWidget*>(m_plot), static_cast<QWidget*>(m_note) })
        widget->setToolTip(detailsText(measure, overview.rules.alpha).toHtmlEscaped());
}

}
