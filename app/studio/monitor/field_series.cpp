#include "app/studio/monitor/field_series.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <map>

namespace percept::studio {

using monitoring::kHourMs;
using monitoring::Measure;
using monitoring::Overview;
using monitoring::Tally;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }
QString tr(const char* text) { return QCoreApplication::translate("Monitor", text); }

double figureOf(const Tally& tally, FieldFigure figure, double hours)
{
    switch (figure) {
    case FieldFigure::Objects: return static_cast<double>(tally.predictions) / hours;
    case FieldFigure::Confidence: return monitoring::meanScore(tally.scores());
    case FieldFigure::Throughput: return tally.framesPerSecond();
    case FieldFigure::Latency: return tally.latencyP95Ms();
    case FieldFigure::Brightness: return tally.brightness.mean();
    case FieldFigure::Sharpness: return tally.sharpness.mean();
    }
    return NAN;
}

using Steps = std::map<std::int64_t, Tally>; // by number of the step

// The part of a tally that is one class.
Tally classPart(const std::string& label, const monitoring::ClassTally& entry)
{
    Tally part;
    part.classes[label] = entry;
    part.predictions = entry.count;
    return part;
}

void addTo(std::map<std::string, Steps>& groups, const monitoring::Track& track, std::int64_t step, const Tally& tally, FieldGrouping grouping)
{
    if (grouping != FieldGrouping::Class) {
        groups[grouping == FieldGrouping::Device ? track.device : track.version][step].add(tally);
        return;
    }
    for (const auto& [label, entry] : tally.classes)
        groups[label][step].add(classPart(label, entry));
}

plots::Points pointsOf(const Steps& steps, FieldFigure figure, std::int64_t stepMs)
{
    plots::Points points;
    const double hours = static_cast<double>(stepMs) / kHourMs, seconds = static_cast<double>(stepMs) / 1000;
    std::optional<std::int64_t> last;
    for (const auto& [step, tally] : steps) {
        const auto add = [&](std::int64_t at, double value) {
            if (std::isfinite(value))
                points.append({ (static_cast<double>(at) + 0.5) * seconds, value });
        };
        for (std::int64_t silent = last.value_or(step) + 1; figure == FieldFigure::Objects && silent < step; ++silent)
            add(silent, 0);
        add(step, figureOf(tally, figure, hours));
        last = step;
    }
    return points;
}

bool isInScope(const monitoring::Track& track, const FieldScope& scope) { return scope.device.isEmpty() || qs(track.device) == scope.device; }

// The track of a device that told last.
std::optional<std::size_t> newestTrack(const Overview& overview, const QString& device)
{
    std::optional<std::size_t> newest;
    for (std::size_t i = 0; i < overview.tracks.size(); ++i) {
        const auto& track = overview.tracks[i];
        if (qs(track.device) != device || track.hours.empty())
            continue;
        if (!newest || track.hours.rbegin()->first > overview.tracks[*newest].hours.rbegin()->first)
            newest = i;
    }
    return newest;
}

const monitoring::Reading* find(const monitoring::Judged& judged, Measure measure)
{
    for (const auto& reading : judged.readings)
        if (reading.measure == measure)
            return &reading;
    return nullptr;
}

double middleOf(const monitoring::Window& window) { return static_cast<double>((window.fromMs + window.toMs) / 2) / 1000; }

plots::Points mediansOf(const Overview& overview, const QString& without, Measure measure)
{
    std::map<std::int64_t, std::vector<double>> effects;
    for (const auto& state : overview.devices) {
        const QString device = qs(state.name);
        const auto track = device == without ? std::nullopt : newestTrack(overview, device);
        if (!track)
            continue;
        for (const auto& judged : overview.judged[*track].windows)
            if (const auto* reading = find(judged, measure))
                effects[(judged.window.fromMs + judged.window.toMs) / 2].push_back(reading->effect);
    }
    plots::Points medians;
    for (auto& [time, values] : effects) {
        if (values.size() < 2)
            continue;
        std::sort(values.begin(), values.end());
        const std::size_t middle = values.size() / 2;
        medians.append({ static_cast<double>(time) / 1000, values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2 });
    }
    return medians;
}

}

FieldScope scopeOf(const Overview& overview, const QString& device, int days)
{
    FieldScope scope { device, 0, days <= 7 ? kHourMs : 6 * kHourMs };
    scope.fromMs = overview.nowMs / kHourMs * kHourMs - days * 24 * kHourMs;
    return scope;
}

QVector<FieldSeries> seriesOf(const Overview& overview, const FieldScope& scope, FieldFigure figure, FieldGrouping grouping)
{
    if (grouping == FieldGrouping::Class && figure != FieldFigure::Objects && figure != FieldFigure::Confidence)
        return {};
    const std::int64_t hoursInStep = scope.stepMs / kHourMs;
    std::map<std::string, Steps> groups;
    for (const auto& track : overview.tracks) {
        if (!isInScope(track, scope))
            continue;
        for (auto at = track.hours.lower_bound(scope.fromMs / kHourMs); at != track.hours.end(); ++at) {
            const std::int64_t step = at->first / hoursInStep;
            if ((step + 1) * scope.stepMs <= overview.nowMs)
                addTo(groups, track, step, at->second, grouping);
        }
    }
    QVector<FieldSeries> series;
    for (const auto& [name, steps] : groups)
        series.append({ qs(name), pointsOf(steps, figure, scope.stepMs) });
    return series;
}

Tally totalOf(const Overview& overview, const FieldScope& scope)
{
    Tally total;
    for (const auto& track : overview.tracks)
        if (isInScope(track, scope))
            total.add(monitoring::totalSince(track, scope.fromMs));
    return total;
}

DriftSeries driftOf(const Overview& overview, const QString& device, Measure measure)
{
    DriftSeries series;
    const auto track = newestTrack(overview, device);
    if (!track)
        return series;
    series.version = qs(overview.tracks[*track].version);
    for (const auto& judged : overview.judged[*track].windows) {
        const auto* reading = find(judged, measure);
        if (!reading)
            continue;
        const QPointF point(middleOf(judged.window), reading->effect);
        series.effect.append(point);
        if (monitoring::isSignificant(*reading, overview.rules.alpha))
            series.significant.append(point);
        series.chance.append({ point.x(), reading->chance });
        series.newest = *reading;
    }
    series.others = mediansOf(overview, device, measure);
    return series;
}

std::optional<monitoring::Reading> newestReading(const Overview& overview, const QString& device, Measure measure)
{
    const auto track = newestTrack(overview, device);
    if (!track || overview.judged[*track].windows.empty())
        return std::nullopt;
    const auto* reading = find(overview.judged[*track].windows.back(), measure);
    return reading ? std::optional(*reading) : std::nullopt;
}

QString measureText(Measure measure)
{
    switch (measure) {
    case Measure::Confidence: return tr("Mean score");
    case Measure::Scores: return tr("Spread of scores");
    case Measure::Classes: return tr("Class mix");
    case Measure::Empty: return tr("Empty pictures");
    case Measure::Brightness: return tr("Brightness");
    case Measure::Sharpness: return tr("Sharpness");
    }
    return {};
}

}
