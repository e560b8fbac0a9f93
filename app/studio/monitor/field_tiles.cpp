#include "app/studio/monitor/field_tiles.h"

#include "core/report/report.h"
#include "widgets/plots/interval_tile.h"
#include "widgets/style/widgets.h"

#include <QGridLayout>
#include <algorithm>
#include <cmath>

namespace percept::studio {

namespace {

QString number(double value, int digits) { return std::isfinite(value) ? QString::number(value, 'f', digits) : QStringLiteral("–"); }

}

FieldTiles::FieldTiles(QWidget* parent)
    : QWidget(parent)
{
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(0);
    const auto add = [&](const QString& name) {
        auto* tile = new plots::IntervalTile(name);
        m_tiles.append(tile);
        return tile;
    };
    m_pictures = add(tr("Pictures"));
    m_objects = add(tr("Objects found"));
    m_found = add(tr("Found in the field"));
    m_found->setObjectName(QStringLiteral("fieldFound"));
    m_score = add(tr("Mean score"));
    m_score->setToolTip(tr("How sure the model says it is of what it found, from 0 to 1. It is not how often it is right: only labels tell that."));
    m_latency = add(tr("Answer time"));
    m_latency->setObjectName(QStringLiteral("fieldLatency"));
    m_devices = add(tr("Devices online"));
    place();
}

void FieldTiles::place()
{
    constexpr int kLeastWidth = 126; // of a tile whose words are whole
    const int all = static_cast<int>(m_tiles.size()), columns = width() < all * kLeastWidth ? (all + 1) / 2 : all;
    if (columns == m_columns)
        return;
    for (int i = 0; i < all; ++i) {
        m_grid->setColumnStretch(i, i < columns ? 1 : 0);
        m_grid->addWidget(m_tiles[i], i / columns, i % columns);
    }
    m_columns = columns;
    updateGeometry();
}

void FieldTiles::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    place();
}

// Of the version that came into the field last.
void FieldTiles::drawAccuracy(const report::FieldAccuracy& accuracy)
{
    if (accuracy.versions.empty())
        return m_found->setFigure(QStringLiteral("–"), tr("no picture by chance yet"), tr("see Pictures"));
    const report::FieldVersion& newest = accuracy.versions.back();
    const QString pictures = tr("%1 by chance").arg(style::counted(newest.pictures, tr("picture"), tr("pictures")));
    const QString version = tr("version %1").arg(QString::fromStdString(newest.version));
    if (!std::isfinite(newest.found.value))
        return m_found->setFigure(QStringLiteral("–"), tr("nothing was there to find"), pictures);
    const QString range = tr("%1–%2").arg(100 * newest.found.low, 0, 'f', 0).arg(100 * newest.found.high, 0, 'f', 0);
    if (newest.objects < report::kTooFewObjects)
        return m_found->setFigure(tr("%1 of %2").arg(std::lround(newest.found.value * static_cast<double>(newest.objects))).arg(newest.objects),
            tr("too few to tell, %1").arg(version), tr("%1 more objects needed").arg(report::kTooFewObjects - newest.objects));
    m_found->setFigure(tr("%1 of 100").arg(100 * newest.found.value, 0, 'f', 0), QStringLiteral("%1, %2").arg(range, version), pictures);
}

void FieldTiles::draw(const monitoring::Overview& overview, const FieldScope& scope)
{
    const auto total = totalOf(overview, scope);
    m_pictures->setFigure(style::count(total.frames), rateText(total.frames, toldOf(overview, scope)),
        total.failedFrames > 0 ? tr("%1 without an answer").arg(style::count(total.failedFrames)) : tr("all answered"));
    const double empty = total.frames > 0 ? static_cast<double>(total.emptyFrames) / static_cast<double>(total.frames) : NAN;
    m_objects->setFigure(style::count(total.predictions), tr("%1 a picture").arg(number(total.frames > 0 ? static_cast<double>(total.predictions) / static_cast<double>(total.frames) : NAN, 2)),
        tr("%1 % empty").arg(number(100 * empty, 1)));
    m_score->setFigure(number(monitoring::meanScore(total.scores()), 3), tr("not the accuracy"), tr("of %1").arg(style::counted(total.predictions, tr("object"), tr("objects"))));
    m_latency->setFigure(tr("%1 ms").arg(number(total.latencyP95Ms(), 0)), tr("19 of 20 within it"), tr("half within %1 ms").arg(number(total.latencyP50Ms(), 0)));
    m_latency->setToolTip(tr("95th percentile of the time from picture to answer; in the slowest minutes that a device told of it was %1 ms.").arg(number(total.worstLatencyP95Ms, 0)));
    qint64 online = 0, of = 0;
    for (const auto& device : overview.devices)
        if (scope.device.isEmpty() || QString::fromStdString(device.name) == scope.device) {
            ++of;
            online += device.online;
        }
    m_devices->setFigure(tr("%1 of %2").arg(online).arg(of), overview.hubRuns ? tr("by the hub's word") : tr("the hub does not run"), QString());
}

}
