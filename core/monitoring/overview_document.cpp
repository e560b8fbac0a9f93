#include "core/monitoring/overview.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace percept::monitoring {

using nlohmann::json;

namespace {

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }
json timeOrNull(std::int64_t ms) { return ms == 0 ? json() : json(ms); }

const char* nameOf(Level level) { return level == Level::Watch ? "watch" : level == Level::Warn ? "warn" : "act"; }

json deviceJson(const DeviceState& device)
{
    return { { "device", device.name }, { "ring", device.ring }, { "version", device.version.empty() ? json() : json(device.version) },
        { "online", device.online }, { "seen_ms", timeOrNull(device.seenMs) },
        { "offline_since_ms", device.online ? json() : timeOrNull(device.seenMs) }, { "outbox", device.outboxEntries } };
}

json classesJson(const Tally& tally)
{
    json classes = json::array();
    for (const auto& [label, entry] : tally.classes)
        classes.push_back({ { "label", label }, { "predictions", entry.count }, { "confidence", number(meanScore(entry.scores)) } });
    return classes;
}

json readingJson(const Reading& r, double alpha)
{
    const Limits limits = limitsOf(r.measure);
    return { { "measure", nameOf(r.measure) }, { "effect", number(r.effect) }, { "warn", limits.warn }, { "act", limits.act },
        { "p", number(r.p) }, { "p_corrected", number(r.pCorrected) }, { "p_twice", number(r.pTwice) }, { "significant", isSignificant(r, alpha) }, { "before", number(r.before) },
        { "now", number(r.now) }, { "distance", number(r.distance) }, { "deviations", number(r.deviations) },
        { "against", r.byValidation ? "validation" : "field" } };
}

json newestJson(const JudgedTrack& track, double alpha)
{
    if (track.windows.empty())
        return nullptr;
    const Judged& judged = track.windows.back();
    json readings = json::array();
    for (const Reading& reading : newestReadings(track))
        readings.push_back(readingJson(reading, alpha));
    return { { "from_ms", judged.window.fromMs }, { "to_ms", judged.window.toMs }, { "predictions", judged.window.total.predictions },
        { "readings", std::move(readings) } };
}

json rowJson(const Track& track, const JudgedTrack& judged, double alpha, std::int64_t fromMs)
{
    const Tally total = totalSince(track, fromMs);
    const auto told = toldSince({ &track, 1 }, {}, fromMs);
    return { { "told_from_ms", told ? json(told->fromMs) : json() }, { "told_to_ms", told ? json(told->toMs) : json() },
        { "device", track.device }, { "version", track.version }, { "windows", total.windows }, { "frames", total.frames },
        { "empty_frames", total.emptyFrames }, { "failed_frames", total.failedFrames }, { "predictions", total.predictions },
        { "confidence", number(meanScore(total.scores())) }, { "fps", number(total.framesPerSecond()) },
        { "latency_p50_ms", number(total.latencyP50Ms()) }, { "latency_p95_ms", number(total.latencyP95Ms()) },
        { "brightness", number(total.brightness.mean()) }, { "sharpness", number(total.sharpness.mean()) }, { "per_class", classesJson(total) },
        { "field_windows", judged.fieldWindows }, { "newest", newestJson(judged, alpha) } };
}

json alertJson(const Alert& alert)
{
    return { { "kind", alert.kind }, { "device", alert.device.empty() ? json() : json(alert.device) },
        { "version", alert.version.empty() ? json() : json(alert.version) }, { "level", nameOf(alert.level) }, { "title", alert.title },
        { "text", alert.text }, { "details", alert.details.empty() ? json() : json(alert.details) }, { "next", alert.next }, { "since_ms", timeOrNull(alert.sinceMs) }, { "ended_ms", timeOrNull(alert.endedMs) } };
}

}

json overviewDocument(const Overview& overview, std::int64_t fromMs)
{
    json devices = json::array(), rows = json::array(), alerts = json::array();
    for (const DeviceState& device : overview.devices)
        devices.push_back(deviceJson(device));
    for (std::size_t i = 0; i < overview.tracks.size(); ++i)
        rows.push_back(rowJson(overview.tracks[i], overview.judged[i], overview.rules.alpha, fromMs));
    for (const Alert& alert : overview.alerts)
        alerts.push_back(alertJson(alert));
    return { { "now_ms", overview.nowMs }, { "from_ms", fromMs }, { "hub", overview.hubRuns }, { "unreadable", overview.unreadable },
        { "devices", std::move(devices) }, { "rows", std::move(rows) }, { "alerts", std::move(alerts) } };
}

}
