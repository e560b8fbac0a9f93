#include "core/training/assigner.h"

#include <cmath>
#include <gtest/gtest.h>

namespace percept::training {
namespace {

// Four points in a row, 8 apart, two classes.
struct Row {
    std::vector<float> centres { 4, 4, 12, 4, 20, 4, 28, 4 };
    std::vector<float> scores { .5f, .1f, .25f, .1f, .5f, .1f, .5f, .1f };
    std::vector<float> boxes { 0, 0, 8, 8, 0, 0, 16, 8, 16, 0, 24, 8, 24, 0, 32, 8 };
    Assignment assign(const std::vector<CanvasTruth>& truths, const AssignerOptions& options = {}) const
    {
        return training::assign(scores, boxes, centres, 2, truths, options);
    }
};

TEST(Assigner, computesTheTargetsByHand)
{
    const auto found = Row().assign({ { 0, 0, 0, 16, 8, false } });
    ASSERT_EQ(found.positives.size(), 2u);
    // Point 0: t = .5^.5 * .5^6; point 1: t = .25^.5 * 1. The best IoU is 1.
    EXPECT_EQ(found.positives[1].anchor, 1);
    EXPECT_NEAR(found.positives[1].target, 1.0, 1e-6);
    EXPECT_NEAR(found.positives[0].target, std::sqrt(0.5) * std::pow(0.5, 6) / 0.5, 1e-6);
}

TEST(Assigner, keepsAFloorAndTakesTheNearestPoint)
{
    const auto found = Row().assign({ { 1, 13, 5, 15, 7, false } }); // no point inside; 12 is nearest, its box does not fit well
    ASSERT_EQ(found.positives.size(), 1u);
    EXPECT_EQ(found.positives[0].anchor, 1);
    EXPECT_NEAR(found.positives[0].target, 0.5, 1e-6);
}

TEST(Assigner, givesASharedPointToTheLargerIou)
{
    const auto found = Row().assign({ { 0, 0, 0, 32, 8, false }, { 1, 16, 0, 24, 8, false } });
    for (const auto& positive : found.positives)
        EXPECT_EQ(positive.truth, positive.anchor == 2 ? 1 : 0);
    EXPECT_EQ(found.positives.size(), 4u);
}

TEST(Assigner, limitsTheCandidates)
{
    AssignerOptions options;
    options.candidates = 1;
    EXPECT_EQ(Row().assign({ { 0, 0, 0, 32, 8, false } }, options).positives.size(), 1u);
}

TEST(Assigner, leavesOutCrowds)
{
    const auto found = Row().assign({ { 0, 16, 0, 32, 8, true }, { 0, 16, 0, 24, 8, false } });
    ASSERT_EQ(found.positives.size(), 1u);
    EXPECT_EQ(found.ignored, std::vector<int> { 3 });
}

}
}
