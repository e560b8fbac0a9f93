#include "app/studio/monitor/field_plots.h"

#include "widgets/plots/curve_plot.h"
#include "widgets/style/widgets.h"

#include <QGridLayout>
#include <algorithm>

namespace percept::studio {

namespace {

struct Words {
    QString title, help, details;
};

Words wordsOf(FieldFigure figure)
{
    switch (figure) {
    case FieldFigure::Objects: return { FieldPlots::tr("Objects found"), FieldPlots::tr("per hour"), {} };
    case FieldFigure::Confidence: return { FieldPlots::tr("Mean score"), FieldPlots::tr("how sure of what was found, 0 to 1"), {} };
    case FieldFigure::Throughput: return { FieldPlots::tr("Pictures a second"), FieldPlots::tr("answered"), {} };
    case FieldFigure::Latency: return { FieldPlots::tr("Answer time"), FieldPlots::tr("ms, 19 of 20 within it"), FieldPlots::tr("95th percentile of the time from picture to answer") };
    case FieldFigure::Brightness: return { FieldPlots::tr("Brightness"), FieldPlots::tr("mean of the pictures, 0 to 1"), {} };
    case FieldFigure::Sharpness: return { FieldPlots::tr("Sharpness"), FieldPlots::tr("more is sharper"), FieldPlots::tr("log10(1 + variance of the Laplacian)") };
    }
    return {};
}

constexpr std::array kFigures { FieldFigure::Objects, FieldFigure::Confidence, FieldFigure::Throughput, FieldFigure::Latency, FieldFigure::Brightness, FieldFigure::Sharpness };

// Every value that is drawn.
std::vector<double> valuesOf(const QVector<FieldSeries>& series)
{
    std::vector<double> values;
    for (const auto& entry : series) {
        for (const QPointF& point : entry.points)
            values.push_back(point.y());
        if (entry.open)
            values.push_back(entry.open->y());
    }
    return values;
}

// Counts and times begin at nothing; scores, light and sharpness may not.
plots::Range rangeOf(FieldFigure figure, const QVector<FieldSeries>& series)
{
    const std::vector<double> values = valuesOf(series);
    const double high = values.empty() ? 0 : std::max(0.0, *std::max_element(values.begin(), values.end()));
    const double low = values.empty() ? 0 : *std::min_element(values.begin(), values.end());
    const bool fromZero = figure == FieldFigure::Objects || figure == FieldFigure::Throughput || figure == FieldFigure::Latency;
    if (fromZero)
        return { 0, high > 0 ? high * 1.1 : 1 };
    const double room = std::max(0.02, (high - low) * 0.1);
    return { std::max(0.0, low - room), high + room };
}

}

FieldPlots::FieldPlots(std::function<QColor(const QString&)> classColor, QWidget* parent)
    : QWidget(parent)
    , m_classColor(std::move(classColor))
{
    setObjectName(QStringLiteral("fieldPlots"));
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(24);
    grid->setVerticalSpacing(12);
    for (const FieldFigure figure : kFigures) {
        auto* plot = new plots::CurvePlot;
        const Words words = wordsOf(figure);
        plot->setTitle(words.title, words.help);
        plot->setToolTip(words.details);
        plot->setTimeX(true);
        plot->setFixedHeight(168);
        const int n = static_cast<int>(m_plots.size());
        grid->addWidget(plot, n / 2, n % 2);
        m_plots.append({ figure, plot });
    }
}

void FieldPlots::draw(const monitoring::Overview& overview, const FieldScope& scope, FieldGrouping grouping)
{
    for (const Entry& entry : m_plots) {
        auto series = seriesOf(overview, scope, entry.figure, grouping);
        const FieldBand others = grouping == FieldGrouping::Device ? takeOthers(overview, series) : FieldBand();
        QVector<plots::Curve> curves;
        if (others.devices > 0)
            curves.append({ others.devices == 1 ? tr("1 other") : tr("%1 others").arg(style::count(others.devices)), [] { return style::tokens().text3; }, others.points, {}, others.low, others.high, {},
                false, false, {}, {}, {} });
        for (int i = 0; i < series.size(); ++i) {
            const QColor own = grouping == FieldGrouping::Class ? m_classColor(series[i].name) : QColor();
            curves.append({ series[i].name, [own, i] { return own.isValid() ? own : style::tokens().dark ? style::classBright(i) : style::classInk(i); },
                series[i].points, {}, {}, {}, {}, false, false, {}, {}, series[i].open });
        }
        auto drawn = series;
        for (const auto& points : { others.low, others.high })
            drawn.append({ {}, points, {} });
        const auto range = rangeOf(entry.figure, drawn);
        entry.plot->setYRange(range.low, range.high);
        entry.plot->setXRange(static_cast<double>(scope.fromMs) / 1000, static_cast<double>(overview.nowMs) / 1000);
        entry.plot->setEmptyText(grouping == FieldGrouping::Class && series.isEmpty() ? tr("Not told by class.") : tr("Nothing was told in this time."));
        entry.plot->setCurves(curves);
    }
}

}
