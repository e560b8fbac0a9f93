#include "tests/support/field.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

namespace percept::test {

namespace {

constexpr double kConcentration = 8; // of the Beta distributions: the standard deviation of a score of mean 0.9 is 0.1
constexpr std::size_t kBins = protocol::ClassCount::kScoreBins;
constexpr std::int64_t kHourMs = 3'600'000;

// Shares of the score bins, from the density by the midpoint rule.
std::array<double, kBins> betaBins(double mean)
{
    constexpr int kSteps = 200;
    const double a = mean * kConcentration, b = kConcentration - a;
    std::array<double, kBins> bins {};
    double total = 0;
    for (std::size_t i = 0; i < kBins; ++i)
        for (int k = 0; k < kSteps; ++k) {
            const double x = (static_cast<double>(i) + (k + 0.5) / kSteps) / kBins;
            const double density = std::exp((a - 1) * std::log(x) + (b - 1) * std::log(1 - x));
            bins[i] += density;
            total += density;
        }
    for (double& bin : bins)
        bin /= total;
    return bins;
}

const std::array<double, kBins>& binsOf(double mean)
{
    static thread_local std::map<double, std::array<double, kBins>> known;
    const auto [at, isNew] = known.try_emplace(mean);
    if (isNew)
        at->second = betaBins(mean);
    return at->second;
}

std::size_t drawBin(const std::array<double, kBins>& bins, base::Random& random)
{
    double u = random.uniform();
    for (std::size_t i = 0; i < kBins; ++i) {
        u -= bins[i];
        if (u < 0)
            return i;
    }
    return kBins - 1;
}

const FieldClass& drawClass(const Field& field, base::Random& random)
{
    double u = random.uniform();
    for (const FieldClass& entry : field.classes) {
        u -= entry.share;
        if (u < 0)
            return entry;
    }
    return field.classes.back();
}

double drawNormal(base::Random& random)
{
    return std::sqrt(-2 * std::log(1 - random.uniform())) * std::cos(2 * std::numbers::pi * random.uniform());
}

protocol::InputSpread drawSpread(double mean, double deviation, double most, std::int64_t frames, base::Random& random)
{
    protocol::InputSpread spread;
    double sum = 0, squares = 0;
    constexpr std::int64_t kDraws = 200; // of all frames: enough for the bins
    const std::int64_t draws = std::min(frames, kDraws);
    for (std::int64_t i = 0; i < draws; ++i) {
        const double value = std::clamp(mean + deviation * drawNormal(random), 0.0, most * 0.999);
        const std::int64_t worth = frames / draws + (i < frames % draws);
        spread.bins[static_cast<std::size_t>(value / most * protocol::InputSpread::kBins)] += worth;
        sum += value * static_cast<double>(worth);
        squares += value * value * static_cast<double>(worth);
    }
    spread.mean = frames > 0 ? sum / static_cast<double>(frames) : 0;
    spread.deviation = frames > 0 ? std::sqrt(std::max(0.0, squares / static_cast<double>(frames) - spread.mean * spread.mean)) : 0;
    return spread;
}

void drawPredictions(const Field& field, const FieldHour& hour, protocol::TelemetryWindow& window, base::Random& random)
{
    for (const FieldClass& entry : field.classes)
        window.classes.push_back({ entry.label, 0, {} });
    for (std::int64_t done = 0; done < hour.predictions;) {
        const FieldClass& entry = drawClass(field, random);
        const auto place = static_cast<std::size_t>(&entry - field.classes.data());
        const std::int64_t times = std::min<std::int64_t>(hour.repeats, hour.predictions - done);
        window.classes[place].count += times;
        window.classes[place].scores[drawBin(binsOf(entry.meanScore), random)] += times;
        done += times;
    }
}

}

double Field::accuracy() const
{
    double sum = 0;
    for (const FieldClass& entry : classes)
        sum += entry.share * entry.meanScore;
    return sum;
}

Field usualField() { return { { { "bolt", 0.5, 0.95 }, { "nut", 0.35, 0.9 }, { "washer", 0.15, 0.7 } } }; }

Field harderField()
{
    Field field = usualField();
    field.classes = { { "bolt", 0.45, 0.9185 }, { "nut", 0.32, 0.8685 }, { "washer", 0.23, 0.6685 } };
    return field;
}

Field darkerField()
{
    Field field = usualField();
    field.brightness = 0.4;
    return field;
}

protocol::TelemetryWindow drawHour(const Field& field, const FieldHour& hour, base::Random& random)
{
    protocol::TelemetryWindow window;
    window.fromMs = hour.fromMs;
    window.toMs = hour.fromMs + kHourMs - 1;
    window.seconds = kHourMs / 1000.0;
    window.packageSha256 = hour.packageSha256;
    window.packageVersion = hour.version;
    window.frames = hour.frames > 0 ? hour.frames : hour.predictions / 2 + 1;
    for (std::int64_t i = 0; i < window.frames; i += hour.repeats)
        if (random.uniform() < field.emptyShare)
            window.emptyFrames += std::min<std::int64_t>(hour.repeats, window.frames - i);
    drawPredictions(field, hour, window, random);
    const double day = std::sin(2 * std::numbers::pi * static_cast<double>(hour.fromMs / kHourMs % 24) / 24);
    window.brightness = drawSpread(field.brightness + 0.1 * day + 0.02 * drawNormal(random), 0.03, 1, window.frames, random);
    window.sharpness = drawSpread(field.sharpness + 0.2 * day + 0.05 * drawNormal(random), 0.15, 5, window.frames, random);
    window.latencyP50Ms = 22 + 2 * day + drawNormal(random) * 0.4;
    window.latencyP95Ms = 31 + 4 * day + drawNormal(random) * 0.9;
    return window;
}

}
