#include "app/studio/monitor/field_series.h"

#include "core/base/time.h"
#include "widgets/style/text.h"

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

// A step of a group: what was told, and what it found in an hour.
struct Step {
    Tally tally;
    double perHour = 0;
};
using Steps = std::map<std::int64_t, Step>; // by number of the step

double figureOf(const Step& step, FieldFigure figure)
{
    const Tally& tally = step.tally;
    switch (figure) {
    case FieldFigure::Objects: return step.perHour;
    case FieldFigure::Confidence: return monitoring::meanScore(tally.scores());
    case FieldFigure::Throughput: return tally.framesPerSecond();
    case FieldFigure::Latency: return tally.latencyP95Ms();
    case FieldFigure::Brightness: return tally.brightness.mean();
    case FieldFigure::Sharpness: return tally.sharpness.mean();
    }
    return NAN;
}

// The part of a tally that is one class.
Tally classPart(const std::string& label, const monitoring::ClassTally& entry)
{
    Tally part;
    part.classes[label] = entry;
    part.predictions = entry.count;
    return part;
}

void addTo(std::map<std::string, Steps>& groups, const std::string& name, std::int64_t number, const Tally& tally, double toldHours)
{
    Step& step = groups[name][number];
    step.tally.add(tally);
    step.perHour += static_cast<double>(tally.predictions) / toldHours;
}

void addTo(std::map<std::string, Steps>& groups, const monitoring::Track& track, std::int64_t step, const Tally& tally, double toldHours, FieldGrouping grouping)
{
    if (grouping != FieldGrouping::Class)
        return addTo(groups, grouping == FieldGrouping::Device ? track.device : track.version, step, tally, toldHours);
    for (const auto& [label, entry] : tally.classes)
        addTo(groups, label, step, classPart(label, entry), toldHours);
}

// How long each device told of in each step, whatever versions it ran.
class ToldTimes {
public:
    ToldTimes(const Overview& overview, const FieldScope& scope)
        : m_stepMs(scope.stepMs)
    {
        for (const auto& track : overview.tracks) {
            auto [at, isNew] = m_spans.try_emplace(track.device, track.firstMs, track.lastMs);
            at->second = isNew ? at->second : std::pair(std::min(at->second.first, track.firstMs), std::max(at->second.second, track.lastMs));
            auto& seconds = m_seconds[track.device];
            for (auto hour = track.hours.lower_bound(scope.fromMs / kHourMs); hour != track.hours.end(); ++hour)
                seconds[hour->first / (m_stepMs / kHourMs)] += hour->second.seconds;
        }
    }
    // Windows are kept by their end: the first of a step may have begun before it, so their length counts where it is more.
    double hours(const std::string& device, std::int64_t step) const
    {
        const auto& [first, last] = m_spans.at(device);
        const std::int64_t passed = std::min(last, (step + 1) * m_stepMs) - std::max(first, step * m_stepMs);
        const double told = std::max(static_cast<double>(passed), 1000 * m_seconds.at(device).at(step));
        return std::clamp(told, 1000.0, static_cast<double>(m_stepMs)) / kHourMs; // a second at least: never divided by nothing
    }

private:
    std::int64_t m_stepMs;
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> m_spans;
    std::map<std::string, std::map<std::int64_t, double>> m_seconds;
};

FieldSeries seriesFrom(const std::string& name, const Steps& steps, FieldFigure figure, std::int64_t stepMs, std::int64_t nowMs)
{
    FieldSeries series { qs(name), {}, {} };
    const auto add = [&](std::int64_t number, double value) {
        if (!std::isfinite(value))
            return;
        const std::int64_t from = number * stepMs, to = std::min(nowMs, from + stepMs);
        const QPointF point(static_cast<double>(from + (to - from) / 2) / 1000, value);
        if (from + stepMs > nowMs)
            series.open = point;
        else
            series.points.append(point);
    };
    std::optional<std::int64_t> last;
    for (const auto& [number, step] : steps) {
        for (std::int64_t silent = last.value_or(number) + 1; figure == FieldFigure::Objects && silent < number; ++silent)
            add(silent, 0);
        add(number, figureOf(step, figure));
        last = number;
    }
    return series;
}

bool isInScope(const monitoring::Track& track, const FieldScope& scope) { return scope.device.isEmpty() || qs(track.device) == scope.device; }

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
    const auto told = figure == FieldFigure::Objects ? std::optional<ToldTimes>(std::in_place, overview, scope) : std::nullopt;
    std::map<std::string, Steps> groups;
    for (const auto& track : overview.tracks) {
        if (!isInScope(track, scope))
            continue;
        for (auto at = track.hours.lower_bound(scope.fromMs / kHourMs); at != track.hours.end(); ++at) {
            const std::int64_t step = at->first / hoursInStep;
            if (step * scope.stepMs <= overview.nowMs) // a device whose clock is ahead
                addTo(groups, track, step, at->second, told ? told->hours(track.device, step) : 1, grouping);
        }
    }
    QVector<FieldSeries> series;
    for (const auto& [name, steps] : groups)
        series.append(seriesFrom(name, steps, figure, scope.stepMs, overview.nowMs));
    return series;
}

namespace {

// How much a person should look at each device: open alerts, then the largest change beside its limit.
std::map<QString, double> urgencies(const Overview& overview)
{
    constexpr double kAlert = 1e6; // above any change
    std::map<QString, double> all;
    for (const auto& [device, readings] : newestReadings(overview))
        for (const auto& reading : readings)
            if (reading)
                all[qs(device)] = std::max(all[qs(device)], reading->effect / monitoring::limitsOf(reading->measure).warn);
    for (const auto& alert : overview.alerts)
        if (alert.isOpen() && !alert.device.empty() && all[qs(alert.device)] < kAlert)
            all[qs(alert.device)] += kAlert;
    return all;
}

double quantileOf(const std::vector<double>& sorted, double share) { return sorted[static_cast<std::size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))]; }

}

FieldBand takeOthers(const Overview& overview, QVector<FieldSeries>& series, int most)
{
    FieldBand band;
    if (series.size() <= most)
        return band;
    auto urgency = urgencies(overview);
    std::stable_sort(series.begin(), series.end(), [&](const auto& a, const auto& b) { return urgency[a.name] > urgency[b.name]; });
    std::map<double, std::vector<double>> values;
    for (const auto& other : series.mid(most))
        for (const QPointF& point : other.points)
            values[point.x()].push_back(point.y());
    band.devices = static_cast<int>(series.size()) - most;
    series.resize(most);
    for (auto& [x, some] : values) {
        std::sort(some.begin(), some.end());
        band.points.append({ x, quantileOf(some, 0.5) });
        band.low.append({ x, quantileOf(some, 0.1) });
        band.high.append({ x, quantileOf(some, 0.9) });
    }
    return band;
}

Tally totalOf(const Overview& overview, const FieldScope& scope)
{
    Tally total;
    for (const auto& track : overview.tracks)
        if (isInScope(track, scope))
            total.add(monitoring::totalSince(track, scope.fromMs));
    return total;
}

std::optional<monitoring::ToldSpan> toldOf(const Overview& overview, const FieldScope& scope)
{
    return monitoring::toldSince(overview.tracks, scope.device.toStdString(), scope.fromMs);
}

QString lengthText(std::int64_t ms)
{
    constexpr std::int64_t kDayMs = 24 * kHourMs;
    return ms >= 2 * kDayMs ? tr("%1 days").arg((ms + kDayMs / 2) / kDayMs) : qs(base::describeDuration(static_cast<double>(ms) / 1000));
}

QString rateText(std::int64_t count, const std::optional<monitoring::ToldSpan>& told)
{
    if (!told)
        return tr("nothing told");
    const double hours = static_cast<double>(told->lengthMs()) / kHourMs;
    if (hours < 1)
        return tr("in %1").arg(lengthText(told->lengthMs()));
    const double rate = static_cast<double>(count) / hours;
    return hours < 24 ? tr("%1 an hour").arg(style::count(std::llround(rate))) : tr("%1 a day").arg(style::count(std::llround(24 * rate)));
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
