#include "core/device/window_recorder.h"

#include <cmath>
#include <gtest/gtest.h>

namespace percept::device {
namespace {

FrameFacts frame(const std::string& package, std::vector<FrameFacts::Seen> seen = {}, double seconds = 0.01)
{
    FrameFacts facts;
    facts.packageSha256 = std::string(64, package[0]);
    facts.packageVersion = package;
    facts.seconds = seconds;
    facts.seen = std::move(seen);
    return facts;
}

TEST(WindowRecorder, countsClassesScoresLatenciesAndFailures)
{
    WindowRecorder recorder;
    for (int i = 1; i <= 20; ++i)
        recorder.add(frame("a", { { "red", 0.99 }, { "red", 0.5 }, { "blue", 1.0 } }, i * 0.001), { i * 1.0, 1000 + i });
    recorder.add(frame("a"), { 21, 1021 });
    FrameFacts failed = frame("a");
    failed.hasFailed = true;
    recorder.add(failed, { 22, 1022 });
    EXPECT_TRUE(recorder.take(60, { 59, 1059 }).empty());
    const auto windows = recorder.take(60, { 61, 1061 });
    ASSERT_EQ(windows.size(), 1u);
    const auto& window = windows[0];
    EXPECT_EQ(window.frames, 21);
    EXPECT_EQ(window.emptyFrames, 1);
    EXPECT_EQ(window.failedFrames, 1);
    EXPECT_EQ(window.fromMs, 1001);
    EXPECT_EQ(window.toMs, 1061);
    EXPECT_DOUBLE_EQ(window.seconds, 60);
    EXPECT_NEAR(window.latencyP50Ms, 10, 1e-3); // of 1 .. 20 and 10
    EXPECT_NEAR(window.latencyP95Ms, 19, 1e-3);
    ASSERT_EQ(window.classes.size(), 2u);
    EXPECT_EQ(window.classes[0].label, "blue");
    EXPECT_EQ(window.classes[0].scores.back(), 20);
    EXPECT_EQ(window.classes[1].count, 40);
    EXPECT_EQ(window.classes[1].scores[10], 20);
    EXPECT_FALSE(window.brightness.has_value());
    EXPECT_EQ(protocol::decodeTelemetryWindow(protocol::encode(window)).value(), window); // a hub takes it
    EXPECT_TRUE(recorder.take(60, { 200, 1200 }, /*all=*/true).empty()); // no windows without a frame
}

TEST(WindowRecorder, anotherPackageBeginsAnotherWindow)
{
    WindowRecorder recorder;
    recorder.add(frame("a"), { 1, 1 });
    recorder.add(frame("b"), { 2, 2 });
    recorder.add(frame("b"), { 3, 3 });
    auto windows = recorder.take(60, { 4, 4 });
    ASSERT_EQ(windows.size(), 1u);
    EXPECT_EQ(windows[0].packageVersion, "a");
    windows = recorder.take(60, { 4, 4 }, /*all=*/true);
    ASSERT_EQ(windows.size(), 1u);
    EXPECT_EQ(windows[0].frames, 2);
}

TEST(WindowRecorder, spreadsAreThoseOfTheFrames)
{
    WindowRecorder recorder;
    for (const double brightness : { 0.0, 0.5, 1.0 }) {
        auto facts = frame("a");
        facts.brightness = brightness;
        facts.sharpness = 2.6;
        recorder.add(facts, { 1, 1 });
    }
    const auto window = recorder.take(0, { 2, 2 }).at(0);
    ASSERT_TRUE(window.brightness && window.sharpness);
    EXPECT_NEAR(window.brightness->mean, 0.5, 1e-12);
    EXPECT_NEAR(window.brightness->deviation, std::sqrt(1.0 / 6), 1e-12);
    EXPECT_EQ(window.brightness->bins.front(), 1);
    EXPECT_EQ(window.brightness->bins[8], 1);
    EXPECT_EQ(window.brightness->bins.back(), 1);
    EXPECT_EQ(window.sharpness->bins[8], 3); // 2.6 of 5
    EXPECT_NEAR(window.sharpness->deviation, 0, 1e-6);
}

}
}
