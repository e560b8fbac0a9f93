#include "core/streams/play_clock.h"

#include <gtest/gtest.h>

namespace percept::streams {
namespace {

TEST(PlayClock, keepsThePaceOfTheTimeStamps)
{
    PlayClock clock(25);
    EXPECT_DOUBLE_EQ(clock.due(3, 100), 100); // the first one now, wherever the stamps begin
    EXPECT_DOUBLE_EQ(clock.due(3.5, 100.1), 100.5);
    EXPECT_DOUBLE_EQ(clock.due(3.6, 100.55), 100.6); // decoded late: still due then
    EXPECT_DOUBLE_EQ(clock.due(3.7, 101.2), 100.7);
}

TEST(PlayClock, takesStampsThatMakeNoSenseForANewBeginning)
{
    PlayClock clock(20);
    clock.due(5, 100);
    EXPECT_DOUBLE_EQ(clock.due(1, 100), 100.05);   // back
    EXPECT_DOUBLE_EQ(clock.due(1, 100), 100.10);   // still
    EXPECT_DOUBLE_EQ(clock.due(9e8, 100), 100.15); // years ahead
    EXPECT_DOUBLE_EQ(clock.due(9e8 + 2, 100.1), 102.15);
    clock.beginAgain();
    EXPECT_DOUBLE_EQ(clock.due(0, 102), 102.20);
}

TEST(PlayClock, doesNotRaceAfterTimeThatIsLost)
{
    PlayClock clock(10);
    clock.due(0, 100);
    EXPECT_DOUBLE_EQ(clock.due(0.1, 160), 160); // the machine slept
    EXPECT_DOUBLE_EQ(clock.due(0.2, 160), 160.1);
}

TEST(PlayClock, knowsAPaceWhereTheFileHasNone)
{
    for (const double rate : { 0.0, 1e9, 1e-9 }) {
        PlayClock clock(rate);
        clock.due(0, 100);
        EXPECT_DOUBLE_EQ(clock.due(0, 100), 100.04);
    }
}

}
}
