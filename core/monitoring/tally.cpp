#include "core/monitoring/tally.h"

#include <algorithm>
#include <limits>

namespace percept::monitoring {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <std::size_t N>
void addBins(std::array<std::int64_t, N>& to, const std::array<std::int64_t, N>& from)
{
    for (std::size_t i = 0; i < N; ++i)
        to[i] += from[i];
}

void addSpread(InputTally& to, const protocol::InputSpread& from)
{
    std::int64_t frames = 0;
    for (const auto count : from.bins)
        frames += count;
    to.frames += frames;
    to.sum += from.mean * static_cast<double>(frames);
    addBins(to.bins, from.bins);
}

void addInput(InputTally& to, const InputTally& from)
{
    to.frames += from.frames;
    to.sum += from.sum;
    addBins(to.bins, from.bins);
}

double ratio(double a, double b) { return b > 0 ? a / b : kNaN; }

}

double InputTally::mean() const { return ratio(sum, static_cast<double>(frames)); }

void Tally::add(const protocol::TelemetryWindow& window)
{
    ++windows;
    frames += window.frames;
    emptyFrames += window.emptyFrames;
    failedFrames += window.failedFrames;
    seconds += window.seconds;
    latencyP50Sum += window.latencyP50Ms * static_cast<double>(window.frames);
    latencyP95Sum += window.latencyP95Ms * static_cast<double>(window.frames);
    if (window.frames > 0)
        worstLatencyP95Ms = std::max(worstLatencyP95Ms, window.latencyP95Ms);
    for (const auto& entry : window.classes) {
        ClassTally& tally = classes[entry.label];
        tally.count += entry.count;
        predictions += entry.count;
        addBins(tally.scores, entry.scores);
    }
    if (window.brightness)
        addSpread(brightness, *window.brightness);
    if (window.sharpness)
        addSpread(sharpness, *window.sharpness);
}

void Tally::add(const Tally& other)
{
    windows += other.windows;
    frames += other.frames;
    emptyFrames += other.emptyFrames;
    failedFrames += other.failedFrames;
    predictions += other.predictions;
    seconds += other.seconds;
    latencyP50Sum += other.latencyP50Sum;
    latencyP95Sum += other.latencyP95Sum;
    worstLatencyP95Ms = std::max(worstLatencyP95Ms, other.worstLatencyP95Ms);
    for (const auto& [label, entry] : other.classes) {
        ClassTally& tally = classes[label];
        tally.count += entry.count;
        addBins(tally.scores, entry.scores);
    }
    addInput(brightness, other.brightness);
    addInput(sharpness, other.sharpness);
}

std::array<std::int64_t, kScoreBins> Tally::scores() const
{
    std::array<std::int64_t, kScoreBins> all {};
    for (const auto& [label, entry] : classes)
        addBins(all, entry.scores);
    return all;
}

double Tally::framesPerSecond() const { return ratio(static_cast<double>(frames), seconds); }
double Tally::latencyP50Ms() const { return ratio(latencyP50Sum, static_cast<double>(frames)); }
double Tally::latencyP95Ms() const { return ratio(latencyP95Sum, static_cast<double>(frames)); }

double meanScore(const std::array<std::int64_t, kScoreBins>& scores)
{
    double sum = 0, n = 0;
    for (std::size_t i = 0; i < kScoreBins; ++i) {
        n += static_cast<double>(scores[i]);
        sum += static_cast<double>(scores[i]) * (static_cast<double>(i) + 0.5) / kScoreBins;
    }
    return ratio(sum, n);
}

}
