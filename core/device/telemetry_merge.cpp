#include "core/device/telemetry_merge.h"

#include "core/protocol/json_fields.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace percept::device {

using protocol::ClassCount;
using protocol::InputSpread;
using protocol::TelemetryWindow;

namespace {

template <std::size_t N>
void addBins(std::array<std::int64_t, N>& to, const std::array<std::int64_t, N>& from)
{
    for (std::size_t i = 0; i < N; ++i)
        to[i] += from[i];
}

template <std::size_t N>
double sumOf(const std::array<std::int64_t, N>& bins)
{
    return static_cast<double>(std::accumulate(bins.begin(), bins.end(), std::int64_t(0)));
}

std::vector<ClassCount> mergedClasses(std::vector<ClassCount> classes, const std::vector<ClassCount>& more)
{
    for (const auto& one : more) {
        const auto found = std::find_if(classes.begin(), classes.end(), [&](const auto& c) { return c.label == one.label; });
        if (found == classes.end()) {
            classes.push_back(one);
            continue;
        }
        found->count += one.count;
        addBins(found->scores, one.scores);
    }
    return classes;
}

// Mean and deviation of both groups together, from those of each and their sizes.
std::optional<InputSpread> mergedSpread(const std::optional<InputSpread>& a, const std::optional<InputSpread>& b)
{
    if (!a.has_value() || !b.has_value())
        return a.has_value() ? a : b;
    const double n = sumOf(a->bins), m = sumOf(b->bins);
    InputSpread both = *a;
    addBins(both.bins, b->bins);
    if (n + m == 0)
        return both;
    both.mean = (n * a->mean + m * b->mean) / (n + m);
    const double square = (n * (a->deviation * a->deviation + a->mean * a->mean)
                              + m * (b->deviation * b->deviation + b->mean * b->mean)) / (n + m);
    both.deviation = std::sqrt(std::max(0.0, square - both.mean * both.mean));
    return both;
}

double weighted(double a, std::int64_t n, double b, std::int64_t m)
{
    return n + m == 0 ? 0 : (a * static_cast<double>(n) + b * static_cast<double>(m)) / static_cast<double>(n + m);
}

}

std::optional<TelemetryWindow> mergedWindows(const TelemetryWindow& older, const TelemetryWindow& newer)
{
    if (older.packageSha256 != newer.packageSha256)
        return std::nullopt;
    TelemetryWindow both = older;
    both.classes = mergedClasses(older.classes, newer.classes);
    both.toMs = newer.toMs;
    both.seconds += newer.seconds;
    both.frames += newer.frames;
    both.emptyFrames += newer.emptyFrames;
    both.failedFrames += newer.failedFrames;
    both.latencyP50Ms = weighted(older.latencyP50Ms, older.frames, newer.latencyP50Ms, newer.frames);
    both.latencyP95Ms = weighted(older.latencyP95Ms, older.frames, newer.latencyP95Ms, newer.frames);
    both.brightness = mergedSpread(older.brightness, newer.brightness);
    both.sharpness = mergedSpread(older.sharpness, newer.sharpness);
    // Only what a hub takes: it bounds classes and counts of a window.
    return protocol::decodeTelemetryWindow(protocol::encode(both)).hasValue() ? std::optional(both) : std::nullopt;
}

nlohmann::json bodyOf(const TelemetryWindow& window) { return nlohmann::json::parse(protocol::encode(window)); }

std::optional<nlohmann::json> mergedBodies(const nlohmann::json& older, const nlohmann::json& newer)
{
    const auto first = protocol::decodeTelemetryWindow(protocol::dumpLine(older)), second = protocol::decodeTelemetryWindow(protocol::dumpLine(newer));
    if (first.hasError() || second.hasError())
        return std::nullopt;
    const auto both = mergedWindows(first.value(), second.value());
    return both ? std::optional(bodyOf(*both)) : std::nullopt;
}

}
