// What a larger picture size costs on devices is said before they find out.
#include "core/services/speed_forecast.h"

#include <gmock/gmock.h>

namespace percept::services {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

PackageFacts packageOf(const char* version, int side)
{
    PackageFacts facts;
    facts.version = version;
    facts.inputWidth = facts.inputHeight = side;
    return facts;
}

TEST(SpeedForecast, FourTimesTheAreaIsFourTimesAsSlow)
{
    const auto forecast = forecastSpeed(packageOf("1.1", 832), packageOf("1.0", 416), { { "fast", 30, 15 }, { "dock-1", 12, 80 } });
    EXPECT_DOUBLE_EQ(forecast.times, 4);
    EXPECT_TRUE(forecast.mayBeRefused);
    EXPECT_THAT(forecast.words, HasSubstr("about 4 times as long as those of version 1.0"));
    EXPECT_THAT(forecast.words, HasSubstr("dock-1 needs 80 ms for an answer now and would need about 320 ms: of the 12 pictures a second that it answers now it would reach about 3.1."));
    EXPECT_THAT(forecast.words, HasSubstr("--max-slowdown"));
}

TEST(SpeedForecast, WhatIsNotSlowerIsNotSaid)
{
    EXPECT_THAT(forecastSpeed(packageOf("1.1", 416), packageOf("1.0", 416), { { "dock-1", 12, 80 } }).words, IsEmpty());
    EXPECT_THAT(forecastSpeed(packageOf("1.1", 320), packageOf("1.0", 416), {}).words, IsEmpty());
    EXPECT_THAT(forecastSpeed(packageOf("1.1", 416), packageOf("1.0", 0), {}).words, IsEmpty()) << "not known";
    EXPECT_THAT(slowerWords(416, 416, "1.0"), IsEmpty());
    EXPECT_THAT(slowerWords(640, 0, "1.0"), IsEmpty());
}

TEST(SpeedForecast, ADeviceThatIsFastEnoughIsSaidToBe)
{
    const auto forecast = forecastSpeed(packageOf("1.1", 640), packageOf("1.0", 416), { { "dock-1", 5, 20 } });
    EXPECT_FALSE(forecast.mayBeRefused);
    EXPECT_THAT(forecast.words, HasSubstr("about 47 ms, which is enough for the 5 pictures a second"));
    EXPECT_THAT(forecast.words, Not(HasSubstr("refuse")));
    EXPECT_FALSE(forecastSpeed(packageOf("1.1", 832), packageOf("1.0", 416), { { "dock-1", 5, 4 } }).mayBeRefused) << "16 ms are fast enough for any device";
    EXPECT_THAT(slowerWords(640, 416, "1.0"), HasSubstr("about 2.4 times as long for an answer as with version 1.0"));
    EXPECT_THAT(slowerWords(1024, 416, "1.0"), HasSubstr("may refuse"));
}

TEST(SpeedForecast, OnlyDevicesThatRunTheVersionBeforeCount)
{
    fleet::FleetState state;
    state.devices.resize(3);
    for (auto& device : state.devices)
        device.running = fleet::NamedModel { "parts", "1.0", "aa" };
    state.devices[0].name = "runs it";
    state.devices[0].latencyMs = 40;
    state.devices[1].name = "has told nothing";
    state.devices[2].name = "runs another";
    state.devices[2].latencyMs = 400;
    state.devices[2].running->sha256 = "bb";
    const auto speeds = speedsOf(state, "aa");
    ASSERT_EQ(speeds.size(), 1u);
    EXPECT_EQ(speeds[0].name, "runs it");
}

}
}
