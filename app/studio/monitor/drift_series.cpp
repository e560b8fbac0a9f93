// What the charts of change draw: how far each measure of a device is from its reference.
#include "app/studio/monitor/field_series.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>

namespace percept::studio {

using monitoring::Measure;
using monitoring::Overview;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }
QString tr(const char* text) { return QCoreApplication::translate("Monitor", text); }

// The track of a device that told last.
std::optional<std::size_t> newestTrack(const Overview& overview, const std::string& device)
{
    std::optional<std::size_t> newest;
    for (std::size_t i = 0; i < overview.tracks.size(); ++i) {
        const auto& track = overview.tracks[i];
        if (track.device == device && !track.hours.empty() && (!newest || track.lastMs > overview.tracks[*newest].lastMs))
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

// Told since the last whole window.
std::int64_t waitingObjects(const monitoring::Track& track, const monitoring::WindowRules& rules, std::int64_t nowMs)
{
    const auto windows = monitoring::windowsOf(track, rules, nowMs);
    return monitoring::totalSince(track, windows.empty() ? 0 : windows.back().toMs).predictions;
}

double middleOf(const monitoring::Reading& reading) { return static_cast<double>((reading.fromMs + reading.toMs) / 2) / 1000; }

plots::Points mediansOf(const Overview& overview, const QString& without, Measure measure)
{
    std::map<std::int64_t, std::vector<double>> effects;
    for (const auto& state : overview.devices) {
        const auto track = qs(state.name) == without ? std::nullopt : newestTrack(overview, state.name);
        if (!track)
            continue;
        for (const auto& judged : overview.judged[*track].windows)
            if (const auto* reading = find(judged, measure))
                effects[(reading->fromMs + reading->toMs) / 2].push_back(reading->effect);
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

DriftSeries driftOf(const Overview& overview, const QString& device, Measure measure)
{
    DriftSeries series;
    const auto track = newestTrack(overview, device.toStdString());
    if (!track)
        return series;
    series.version = qs(overview.tracks[*track].version);
    series.windows = overview.judged[*track].fieldWindows;
    series.waiting = waitingObjects(overview.tracks[*track], overview.rules.windows, overview.nowMs);
    for (const auto& judged : overview.judged[*track].windows) {
        const auto* reading = find(judged, measure);
        if (!reading)
            continue;
        const QPointF point(middleOf(*reading), reading->effect);
        series.effect.append(point);
        if (monitoring::isSignificant(*reading, overview.rules.alpha))
            series.significant.append(point);
        series.chance.append({ point.x(), reading->chance });
        series.newest = *reading;
    }
    series.others = mediansOf(overview, device, measure);
    return series;
}

std::map<std::string, Readings> newestReadings(const Overview& overview)
{
    std::map<std::string, std::size_t> newest;
    for (std::size_t i = 0; i < overview.tracks.size(); ++i) {
        const auto [at, isFirst] = newest.try_emplace(overview.tracks[i].device, i);
        if (!isFirst && overview.tracks[i].lastMs > overview.tracks[at->second].lastMs)
            at->second = i;
    }
    std::map<std::string, Readings> readings;
    for (const auto& [device, track] : newest) {
        if (track >= overview.judged.size()) // nothing was compared yet
            continue;
        for (const auto& reading : monitoring::newestReadings(overview.judged[track]))
            readings[device][static_cast<std::size_t>(reading.measure)] = reading;
    }
    return readings;
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
