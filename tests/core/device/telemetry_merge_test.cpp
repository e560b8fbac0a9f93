#include "core/device/telemetry_merge.h"

#include "core/base/random.h"

#include <cmath>
#include <gtest/gtest.h>

namespace percept::device {
namespace {

using protocol::TelemetryWindow;

// Ten frames of brightness values, counted as a device counts them.
TelemetryWindow windowOf(std::uint64_t seed, std::vector<double>& values)
{
    TelemetryWindow window;
    window.fromMs = static_cast<std::int64_t>(seed) * 1000;
    window.toMs = window.fromMs + 1000;
    window.seconds = 1;
    window.packageSha256 = std::string(64, 'a');
    window.packageVersion = "1.0";
    window.frames = 10;
    window.emptyFrames = 4;
    window.failedFrames = 1;
    window.latencyP50Ms = static_cast<double>(seed);
    window.classes.push_back({ seed % 2 == 0 ? "even" : "odd", 6, {} });
    window.classes[0].scores[seed % 20] = 6;
    protocol::InputSpread spread;
    double sum = 0, squares = 0;
    for (std::uint64_t i = 0; i < 10; ++i) {
        const double value = base::Random(seed, 0, i).uniform();
        values.push_back(value);
        sum += value;
        squares += value * value;
        ++spread.bins[static_cast<std::size_t>(value * 16)];
    }
    spread.mean = sum / 10;
    spread.deviation = std::sqrt(squares / 10 - spread.mean * spread.mean);
    window.brightness = spread;
    return window;
}

TEST(TelemetryMerge, addsUpAndStaysExact)
{
    std::vector<double> values;
    TelemetryWindow both = windowOf(1, values);
    for (std::uint64_t seed = 2; seed <= 20; ++seed)
        both = mergedWindows(both, windowOf(seed, values)).value();
    EXPECT_EQ(both.fromMs, 1000);
    EXPECT_EQ(both.toMs, 21'000);
    EXPECT_DOUBLE_EQ(both.seconds, 20);
    EXPECT_EQ(both.frames, 200);
    EXPECT_EQ(both.emptyFrames, 80);
    EXPECT_EQ(both.failedFrames, 20);
    EXPECT_NEAR(both.latencyP50Ms, 10.5, 1e-9);
    ASSERT_EQ(both.classes.size(), 2u);
    EXPECT_EQ(both.classes[0].count + both.classes[1].count, 120);
    EXPECT_EQ(both.classes[0].scores[3], 6);
    double mean = 0, square = 0;
    for (const double value : values) {
        mean += value / static_cast<double>(values.size());
        square += value * value / static_cast<double>(values.size());
    }
    EXPECT_NEAR(both.brightness->mean, mean, 1e-12);
    EXPECT_NEAR(both.brightness->deviation, std::sqrt(square - mean * mean), 1e-9);
    EXPECT_FALSE(both.sharpness.has_value());
    EXPECT_TRUE(protocol::decodeTelemetryWindow(protocol::encode(both)).hasValue());
}

TEST(TelemetryMerge, onlyWindowsOfOnePackage)
{
    std::vector<double> values;
    const TelemetryWindow older = windowOf(1, values);
    TelemetryWindow newer = windowOf(2, values);
    newer.packageSha256 = std::string(64, 'b');
    EXPECT_FALSE(mergedWindows(older, newer).has_value());
    newer = windowOf(2, values);
    newer.classes.clear();
    for (std::size_t i = 0; i < TelemetryWindow::kMostClasses; ++i)
        newer.classes.push_back({ std::to_string(i), 0, {} });
    EXPECT_FALSE(mergedWindows(older, newer).has_value());
    newer = windowOf(2, values);
    newer.frames = 999'999'995;
    EXPECT_FALSE(mergedWindows(older, newer).has_value()) << "no hub would take it";
}

TEST(TelemetryMerge, aWindowWithoutFramesChangesNothing)
{
    std::vector<double> values;
    const TelemetryWindow older = windowOf(1, values);
    TelemetryWindow empty;
    empty.packageSha256 = older.packageSha256;
    empty.packageVersion = older.packageVersion;
    empty.toMs = older.toMs;
    EXPECT_EQ(mergedWindows(older, empty), older);
    empty.brightness.emplace();
    EXPECT_EQ(mergedWindows(older, empty)->brightness, older.brightness);
}

}
}
