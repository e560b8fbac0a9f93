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

TEST(Shaping, labelsDoNotCollide)
{
    const QVector<double> placed = pushedApart({ 50, 51, 52, 200 }, 12, 0, 210);
    for (int i = 1; i < placed.size(); ++i)
        EXPECT_GE(placed[i] - placed[i - 1], 12 - 1e-9);
    EXPECT_LE(placed.last(), 210);
}
