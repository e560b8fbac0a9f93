#include "core/device/throughput.h"

#include <gtest/gtest.h>

namespace percept::device {
namespace {

TEST(Throughput, isZeroWithoutAnswers)
{
    const Throughput throughput(100);
    EXPECT_EQ(throughput.figures(100).framesPerSecond, 0);
    EXPECT_EQ(throughput.figures(500).p95Ms, 0);
}

TEST(Throughput, countsOverTheTimeSinceTheStartThenOverAMinute)
{
    Throughput throughput(0);
    for (int i = 1; i <= 100; ++i)
        throughput.add(i * 0.1, 0.01);
    EXPECT_NEAR(throughput.figures(10).framesPerSecond, 10, 1e-9);
    EXPECT_NEAR(throughput.figures(20).framesPerSecond, 5, 1e-9);
    EXPECT_NEAR(throughput.figures(60).framesPerSecond, 100.0 / 60, 1e-9);
    EXPECT_NEAR(throughput.figures(65.05).framesPerSecond, 50.0 / 60, 1e-9); // those before 5.05 s are too old
    EXPECT_EQ(throughput.figures(200).framesPerSecond, 0);
}

TEST(Throughput, percentilesAreByNearestRank)
{
    Throughput throughput(0);
    for (int i = 100; i >= 1; --i)
        throughput.add(1, i / 1000.0);
    const auto figures = throughput.figures(2);
    EXPECT_NEAR(figures.p50Ms, 50, 1e-9);
    EXPECT_NEAR(figures.p95Ms, 95, 1e-9);
    EXPECT_NEAR(figures.p99Ms, 99, 1e-9);
    Throughput one(0);
    one.add(1, 0.007);
    EXPECT_NEAR(one.figures(2).p50Ms, 7, 1e-9);
    EXPECT_NEAR(one.figures(2).p99Ms, 7, 1e-9);
}

TEST(Throughput, isRightWhenMoreAnswersComeThanItKeeps)
{
    Throughput throughput(0);
    for (int i = 1; i <= 20'000; ++i)
        throughput.add(i * 0.001, 0.001);
    EXPECT_NEAR(throughput.figures(20).framesPerSecond, 1000, 1);
}

}
}
