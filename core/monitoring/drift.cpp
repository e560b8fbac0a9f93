#include "core/monitoring/drift.h"

#include "core/monitoring/bins.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <string>

namespace percept::monitoring {

namespace {

using Names = std::vector<std::string>;

template <typename Array>
Counts asCounts(const Array& bins)
{
    return Counts(bins.begin(), bins.end());
}

Counts countsOf(const Tally& tally, Measure measure, const Names& classes)
{
    switch (measure) {
    case Measure::Confidence:
    case Measure::Scores:
        return asCounts(tally.scores());
    case Measure::Empty:
        return { static_cast<double>(tally.emptyFrames), static_cast<double>(tally.frames - tally.emptyFrames) };
    case Measure::Brightness:
        return asCounts(tally.brightness.bins);
    case Measure::Sharpness:
        return asCounts(tally.sharpness.bins);
    case Measure::Classes:
        break;
    }
    Counts counts;
    for (const auto& name : classes) {
        const auto at = tally.classes.find(name);
        counts.push_back(at == tally.classes.end() ? 0 : static_cast<double>(at->second.count));
    }
    return counts;
}

Names classesOf(const Window& a, const Window& b)
{
    std::set<std::string> names;
    for (const Window* window : { &a, &b })
        for (const auto& [name, entry] : window->total.classes)
            names.insert(name);
    return { names.begin(), names.end() };
}

double levelOf(const Tally& tally, Measure measure)
{
    switch (measure) {
    case Measure::Empty:
        return tally.frames > 0 ? static_cast<double>(tally.emptyFrames) / static_cast<double>(tally.frames) : 0;
    case Measure::Brightness:
        return tally.brightness.mean();
    case Measure::Sharpness:
        return tally.sharpness.mean();
    default:
        return meanScore(tally.scores());
    }
}

bool isOrdered(Measure measure) { return measure != Measure::Classes && measure != Measure::Empty; }

// One side of a comparison over the bins that are compared.
struct Side {
    Counts counts; // as seen
    double worth = 1; // of one observation, in independent ones
};

Side sideOf(const Window& window, Measure measure, const Names& classes, const std::vector<std::size_t>& places)
{
    Side side { detail::placed(countsOf(window.total, measure, classes), places), 1 };
    std::vector<Counts> parts;
    for (const Tally& part : window.parts)
        parts.push_back(detail::placed(countsOf(part, measure, classes), places));
    side.worth = 1 / dispersion(parts);
    return side;
}

// As independent observations, `more` of them added to every bin.
Counts scaled(const Side& side, double more)
{
    Counts counts = side.counts;
    for (double& count : counts)
        count = count * side.worth + more;
    return counts;
}

double standardError(const Side& side, const Counts& scores)
{
    const double n = sum(scores);
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double score = (static_cast<double>(i) + 0.5) / kScoreBins;
        mean += score * scores[i] / n;
        square += score * score * scores[i] / n;
    }
    return std::sqrt(std::max(0.0, square - mean * mean) / (n * side.worth));
}

void measureMean(Reading& reading, const Side& before, const Counts& scoresBefore, const Side& now, const Counts& scoresNow)
{
    const double error = std::hypot(standardError(before, scoresBefore), standardError(now, scoresNow));
    const double apart = std::abs(reading.now - reading.before);
    reading.chance = std::sqrt(2 / std::numbers::pi) * error;
    reading.effect = apart;
    reading.p = error > 0 ? normalTail(apart / error) : apart > 0 ? 0 : 1;
}

void measureSpread(Reading& reading, const Side& before, const Side& now)
{
    const Counts a = scaled(before, 0.5), b = scaled(now, 0.5);
    reading.chance = chancePsi(a.size(), sum(a), sum(b));
    reading.effect = std::max(0.0, psi(a, b) - reading.chance);
    const Counts plainA = scaled(before, 0), plainB = scaled(now, 0);
    reading.p = (isOrdered(reading.measure) ? ksTest(plainA, plainB) : chiSquareTest(plainA, plainB)).p;
}

}

std::string_view nameOf(Measure measure)
{
    constexpr std::array<std::string_view, kMeasures.size()> kNames { "confidence", "scores", "classes", "empty", "brightness", "sharpness" };
    return kNames[static_cast<std::size_t>(measure)];
}

void Window::add(Tally part)
{
    total.add(part);
    parts.push_back(std::move(part));
}

Limits limitsOf(Measure measure) { return measure == Measure::Confidence ? Limits { 0.025, 0.05 } : Limits { 0.1, 0.25 }; }

std::optional<Reading> compare(Measure measure, const Window& reference, const Window& window)
{
    const Names classes = measure == Measure::Classes ? classesOf(reference, window) : Names();
    const Counts rawBefore = countsOf(reference.total, measure, classes), rawNow = countsOf(window.total, measure, classes);
    if (!(sum(rawBefore) > 0) || !(sum(rawNow) > 0))
        return std::nullopt;
    const bool isCategory = measure == Measure::Classes;
    const auto places = isCategory ? detail::categoryPlaces(rawBefore)
        : measure == Measure::Empty ? std::vector<std::size_t> { 0, 1 }
                                    : detail::orderedPlaces(rawBefore);
    const Side before = sideOf(reference, measure, classes, places), now = sideOf(window, measure, classes, places);
    Reading reading;
    reading.measure = measure;
    reading.before = levelOf(reference.total, measure);
    reading.now = levelOf(window.total, measure);
    reading.distance = jensenShannonDistance(rawBefore, rawNow);
    reading.deviations = isOrdered(measure) ? wassersteinInDeviations(rawBefore, rawNow) : 0;
    reading.referenceIndependent = sum(before.counts) * before.worth;
    reading.independent = sum(now.counts) * now.worth;
    if (measure == Measure::Confidence)
        measureMean(reading, before, rawBefore, now, rawNow);
    else
        measureSpread(reading, before, now);
    return reading;
}

}
