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

// What changed, written down at once.
std::vector<SilenceWatch::Change> checked(SilenceWatch& watch, const std::vector<Device>& devices, double nowSeconds)
{
    const auto changes = watch.check(devices, nowSeconds);
    for (const auto& change : changes)
        watch.confirm(change);
    return changes;
}

TEST(SilenceWatchTest, threeWindowsWithoutAWord)
{
    SilenceWatch watch(3, 100);
    const std::vector<Device> devices { device("a", 10, 1) };
    watch.heard("a", 100);
    EXPECT_EQ(checked(watch, devices, 101).size(), 1u); // ends what was open before this hub ran
    EXPECT_TRUE(checked(watch, devices, 129).empty());
    const auto silent = checked(watch, devices, 131);
    ASSERT_EQ(silent.size(), 1u);
    EXPECT_TRUE(silent[0].isSilent);
    EXPECT_DOUBLE_EQ(silent[0].seconds, 31);
    EXPECT_TRUE(checked(watch, devices, 500).empty()); // said once
    watch.heard("a", 501);
    const auto back = checked(watch, devices, 502);
    ASSERT_EQ(back.size(), 1u);
    EXPECT_FALSE(back[0].isSilent);
}

TEST(SilenceWatchTest, theTimeBeforeTheHubRanDoesNotCount)
{
    SilenceWatch watch(3, 1000);
    const std::vector<Device> devices { device("a", 10, 1) };
    EXPECT_TRUE(checked(watch, devices, 1001).empty());
    EXPECT_TRUE(checked(watch, devices, 1029).empty());
    EXPECT_EQ(checked(watch, devices, 1031).size(), 1u);
}

TEST(SilenceWatchTest, aDeviceThatNeverSpokeIsNotSilentAndAShortWindowNoReason)
{
    SilenceWatch watch(3, 0);
    EXPECT_TRUE(checked(watch, { device("new", 10, 0) }, 10'000).empty());
    watch.heard("quick", 0);
    EXPECT_EQ(checked(watch, { device("quick", 1, 1) }, 1).size(), 1u);
    EXPECT_TRUE(checked(watch, { device("quick", 1, 1) }, 4.5).empty());
    EXPECT_EQ(checked(watch, { device("quick", 1, 1) }, 5.5).size(), 1u);
}

TEST(SilenceWatchTest, aChangeThatWasNotWrittenDownIsToldAgain)
{
    SilenceWatch watch(3, 100);
    const std::vector<Device> devices { device("a", 10, 1) };
    watch.heard("a", 100);
    checked(watch, devices, 101);
    EXPECT_EQ(watch.check(devices, 131).size(), 1u); // the disk is full
    const auto again = checked(watch, devices, 132);
    ASSERT_EQ(again.size(), 1u);
    EXPECT_TRUE(again[0].isSilent);
    EXPECT_DOUBLE_EQ(again[0].seconds, 32);
    EXPECT_TRUE(checked(watch, devices, 133).empty());
}

TEST(SilenceWatchTest, aNameThatIsEnrolledAgainIsAnotherDevice)
{
    SilenceWatch watch(3, 0);
    std::vector<Device> devices { device("a", 10, 1) };
    devices[0].enrolledMs = 1000;
    watch.heard("a", 1);
    checked(watch, devices, 2);
    EXPECT_EQ(checked(watch, devices, 100).size(), 1u); // silent
    devices[0].enrolledMs = 2000;
    devices[0].seenMs = 0;
    EXPECT_TRUE(checked(watch, devices, 101).empty()) << "missing, not silent, and not back either";
    EXPECT_TRUE(checked(watch, devices, 500).empty());
    watch.heard("a", 501);
    EXPECT_EQ(checked(watch, devices, 502).size(), 1u);
}

}
}
