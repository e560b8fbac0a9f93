// RunView: the curves of the ticked runs.
#include "app/studio/train/run_view.h"
#include "widgets/style/tokens.h"

#include <QTimer>
#include <algorithm>
#include <cmath>

namespace percept::studio {

// At most five times a second, and only while somebody looks.
void RunView::refreshMetrics()
{
    if (isVisible() && !m_metricsTimer->isActive())
        m_metricsTimer->start();
}

void RunView::readMetrics()
{
    for (const QString& id : m_model.drawn())
        if (const runs::RunInfo* run = m_model.find(id))
            m_series[id].read(run->folder);
    redraw();
}

void RunView::redraw()
{
    const RunSeries own = m_series.value(m_run);
    QVector<plots::Curve> loss;
    if (!own.loss.isEmpty()) {
        const plots::Points smooth = plots::smoothed(own.loss, 25);
        loss.append({ tr("train %1").arg(smooth.last().y(), 0, 'f', 2), [] { return style::tokens().text2; }, smooth, own.loss, {}, {}, {}, false, true });
    }
    if (!own.validationLoss.isEmpty())
        loss.append({ tr("validation %1").arg(own.validationLoss.last().y(), 0, 'f', 2), [] { return style::tokens().accent; }, own.validationLoss, {}, {}, {}, {}, false, true });
    const double last = lastEpoch();
    m_lossPlot->setXRange(0, last);
    m_scorePlot->setXRange(0, last);
    m_lossPlot->setCurves(loss);
    redrawScores();
}

namespace {

QPointF bestOf(const plots::Points& points)
{
    return *std::max_element(points.begin(), points.end(), [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
}

}

// Both plots run to the same epoch: where the longest of the drawn runs has come to or, while it trains or can be gone on with, wants to
// come to.
double RunView::lastEpoch() const
{
    double last = 1;
    for (const QString& id : m_model.drawn()) {
        const RunSeries series = m_series.value(id);
        for (const plots::Points* points : { &series.loss, &series.map50 })
            if (!points->isEmpty())
                last = std::max(last, points->last().x());
        if (const auto* run = m_model.find(id); run && (isLive(*run) || isUnfinished(*run)) && run->progress)
            last = std::max(last, static_cast<double>(run->progress->epochs));
    }
    return std::ceil(last - 0.01);
}

void RunView::redrawScores()
{
    QVector<plots::Curve> scores;
    QVector<plots::Points> all;
    for (const QString& id : m_model.drawn()) {
        const plots::Points& points = m_series[id].map50;
        if (points.isEmpty())
            continue;
        all.append(points);
        scores.append({ QStringLiteral("%1 %2").arg(m_model.titleOf(id)).arg(points.last().y(), 0, 'f', 3),
            [this, id] { return m_model.colorOf(id); }, points, {}, {}, {}, bestOf(points), false, id == m_run });
    }
    const plots::Range range = plots::scoreRange(all);
    m_scorePlot->setYRange(range.low, range.high);
    m_scorePlot->setCurves(scores);
    const plots::Points& own = m_series[m_run].map50;
    if (own.isEmpty())
        return m_scorePlot->setVerticalLine(std::nullopt);
    m_scorePlot->setVerticalLine(bestOf(own).x(), tr("%1, best epoch %2").arg(m_model.titleOf(m_run)).arg(bestOf(own).y(), 0, 'f', 3));
}

}
