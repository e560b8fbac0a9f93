#include "core/fleet/silence.h"

#include <gtest/gtest.h>

namespace percept::fleet {
namespace {

Device device(const std::string& name, int windowSeconds, std::int64_t seenMs)
{
    Device d;
    d.name = name;
    d.seenMs = seenMs;
    d.desired.windowSeconds = windowSeconds;
    return d;
}

TEST(SilenceWatchTest, threeWindowsWithoutAWord)
{
    SilenceWatch watch(3, 100);
    const std::vector<Device> devices { device("a", 10, 1) };
    watch.heard("a", 100);
    EXPECT_EQ(watch.check(devices, 101).size(), 1u); // ends what was open before this hub ran
    EXPECT_TRUE(watch.check(devices, 129).empty());
    const auto silent = watch.check(devices, 131);
    ASSERT_EQ(silent.size(), 1u);
    EXPECT_TRUE(silent[0].isSilent);
    EXPECT_DOUBLE_EQ(silent[0].seconds, 31);
    EXPECT_TRUE(watch.check(devices, 500).empty()); // said once
    watch.heard("a", 501);
    const auto back = watch.check(devices, 502);
    ASSERT_EQ(back.size(), 1u);
    EXPECT_FALSE(back[0].isSilent);
}

TEST(SilenceWatchTest, theTimeBeforeTheHubRanDoesNotCount)
{
    SilenceWatch watch(3, 1000);
    const std::vector<Device> devices { device("a", 10, 1) };
    EXPECT_TRUE(watch.check(devices, 1001).empty());
    EXPECT_TRUE(watch.check(devices, 1029).empty());
    EXPECT_EQ(watch.check(devices, 1031).size(), 1u);
}

TEST(SilenceWatchTest, aDeviceThatNeverSpokeIsNotSilentAndAShortWindowNoReason)
{
    SilenceWatch watch(3, 0);
    EXPECT_TRUE(watch.check({ device("new", 10, 0) }, 10'000).empty());
    watch.heard("quick", 0);
    EXPECT_EQ(watch.check({ device("quick", 1, 1) }, 1).size(), 1u);
    EXPECT_TRUE(watch.check({ device("quick", 1, 1) }, 4.5).empty());
    EXPECT_EQ(watch.check({ device("quick", 1, 1) }, 5.5).size(), 1u);
}

}
}
