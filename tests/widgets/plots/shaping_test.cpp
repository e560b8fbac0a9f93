#include "widgets/plots/shaping.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace percept::plots;

TEST(Shaping, smoothingIsNotDraggedToZero)
{
    Points flat;
    for (int i = 0; i < 20; ++i)
        flat.append({ double(i), 5.0 });
    for (const QPointF& p : smoothed(flat, 10))
        EXPECT_NEAR(p.y(), 5.0, 1e-12);
}

TEST(Shaping, smoothingSkipsWhatIsNotFinite)
{
    const Points points { { 0, 1 }, { 1, std::numeric_limits<double>::quiet_NaN() }, { 2, 1 } };
    const Points result = smoothed(points, 5);
    ASSERT_EQ(result.size(), 2);
    EXPECT_NEAR(result[1].y(), 1, 1e-12);
}

TEST(Shaping, thinningKeepsSpikes)
{
    Points points;
    for (int i = 0; i < 10'000; ++i)
        points.append({ double(i), i == 7777 ? 100.0 : std::sin(i * 0.01) });
    const Points few = thinned(points, 50);
    EXPECT_LE(few.size(), 100);
    EXPECT_TRUE(std::any_of(few.begin(), few.end(), [](const QPointF& p) { return p.y() == 100.0; }));
    for (int i = 1; i < few.size(); ++i)
        EXPECT_GE(few[i].x(), few[i - 1].x());
}

TEST(Shaping, readsBetweenPoints)
{
    const Points points { { 0, 0 }, { 2, 4 } };
    EXPECT_DOUBLE_EQ(valueAt(points, 1), 2);
    EXPECT_DOUBLE_EQ(valueAt(points, 0), 0);
    EXPECT_DOUBLE_EQ(valueAt(points, 2), 4);
    EXPECT_TRUE(std::isnan(valueAt(points, 3)));
    EXPECT_TRUE(std::isnan(valueAt(points, -1)));
}

TEST(Shaping, oneSpikeDoesNotFlattenTheRest)
{
    Points points;
    for (int i = 0; i < 1000; ++i)
        points.append({ double(i), i == 500 ? 1e6 : 1.0 + 0.001 * i });
    EXPECT_LT(robustRange({ points }, false).high, 3);
    EXPECT_GT(robustRange({ points }, true).low, 0);
}

// The weights that validation uses are an average that has hardly begun in the first epoch: its loss is off by far.
TEST(Shaping, theFirstValidationLossIsLeftOutAndSaid)
{
    const Points validation { { 1, 187 }, { 2, 1.42 }, { 3, 1.40 }, { 4, 1.38 } };
    Points train;
    for (int i = 0; i < 40; ++i)
        train.append({ i / 10.0, 1.3 + 3 * std::exp(-i / 8.0) });
    for (const QVector<Points>& curves : { QVector<Points> { validation }, QVector<Points> { train, validation } }) {
        const Range range = robustRange(curves, true);
        EXPECT_LT(range.high, 10);
        const auto beyond = pointsAbove(validation, range.high);
        ASSERT_TRUE(beyond.has_value());
        EXPECT_EQ(beyond->count, 1);
        EXPECT_EQ(beyond->highest, QPointF(1, 187));
        EXPECT_EQ(pointsAbove(train, range.high).has_value(), curves.size() == 1) << "the rest is shown where it is drawn";
    }
}

TEST(Shaping, theBetterRunIsOnTheAxisOfScores)
{
    const Points poor { { 1, 0.005 } }, good { { 1, 0.214 }, { 2, 0.637 } };
    const Range range = scoreRange({ poor, good });
    EXPECT_GT(range.high, 0.637);
    EXPECT_LE(range.high, 1);
    EXPECT_GE(range.low, 0);
    EXPECT_LT(range.low, 0.005);
    EXPECT_FALSE(pointsAbove(good, range.high));
}

TEST(Shaping, aSinglePointHasRoomForTicksThatDiffer)
{
    const Points one { { 1, 0.214 } }, top { { 1, 1.0 } };
    const Range score = scoreRange({ one });
    EXPECT_NEAR(score.high - score.low, 0.1, 1e-9);
    EXPECT_EQ(scoreRange({ top }).high, 1);
    EXPECT_EQ(scoreRange({}).high, 1);
    const Range other = robustRange({ one }, false);
    EXPECT_GT(other.high - other.low, 0.005) << "ticks have three decimals at most";
}

TEST(Shaping, aLossThatFallsIsNoOutlier)
{
    const Points falling { { 1, 4.2 }, { 2, 2.1 }, { 3, 1.6 }, { 4, 1.4 }, { 5, 1.38 } };
    EXPECT_GT(robustRange({ falling }, true).high, 4.2);
    EXPECT_LT(robustRange({ falling }, true).low, 1.38);
}

TEST(Shaping, labelsDoNotCollide)
{
    const QVector<double> placed = pushedApart({ 50, 51, 52, 200 }, 12, 0, 210);
    for (int i = 1; i < placed.size(); ++i)
        EXPECT_GE(placed[i] - placed[i - 1], 12 - 1e-9);
    EXPECT_LE(placed.last(), 210);
}
