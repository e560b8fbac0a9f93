#include "core/base/random.h"

#include <gtest/gtest.h>

using percept::base::Random;

TEST(Random, dependsOnlyOnItsCounters)
{
    Random a(1, 2, 3), b(1, 2, 3);
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(a.next(), b.next());
    EXPECT_NE(Random(1, 2, 3).next(), Random(1, 2, 4).next());
    EXPECT_NE(Random(1, 2, 3).next(), Random(1, 3, 3).next());
    EXPECT_NE(Random(1, 2, 3).next(), Random(2, 2, 3).next());
}

TEST(Random, isUniform)
{
    double sum = 0, squares = 0;
    constexpr int n = 100'000;
    for (int i = 0; i < n; ++i) {
        const double x = Random(7, 0, static_cast<std::uint64_t>(i)).uniform();
        ASSERT_GE(x, 0);
        ASSERT_LT(x, 1);
        sum += x;
        squares += x * x;
    }
    EXPECT_NEAR(sum / n, 0.5, 0.005);
    EXPECT_NEAR(squares / n, 1.0 / 3, 0.005);
    Random r(1);
    for (int i = 0; i < 1000; ++i)
        ASSERT_LT(r.below(7), 7u);
}
