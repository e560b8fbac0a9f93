#include "core/training/augment.h"
#include "core/training/batch_loader.h"
#include "core/training/plan.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

namespace percept::training {
namespace {

Plan planOf(std::vector<PlanStage> stages)
{
    Plan plan;
    plan.stages = std::move(stages);
    plan.stepsPerEpoch = 10;
    plan.canvasWidth = 416;
    plan.canvasHeight = 320;
    return plan;
}

TEST(Plan, survivesItsJson)
{
    Plan plan = planOf({ { 0, 100 }, { 40, 80 } });
    plan.threads = 2;
    plan.validateEvery = 3;
    EXPECT_EQ(planFromJson(toJson(plan)).value(), plan);
    auto json = toJson(plan);
    json["stages"] = nlohmann::json::array();
    EXPECT_TRUE(planFromJson(json).hasError());
    json.erase("threads");
    EXPECT_TRUE(planFromJson(json).hasError());
}

TEST(Plan, warmsUpAndFollowsTheCosine)
{
    const Plan plan = planOf({ { 0, 100 } });
    EXPECT_NEAR(learningRateAt(plan, 0, 1.0), 0.05, 1e-12);
    EXPECT_NEAR(learningRateAt(plan, 5, 1.0), 1.0, 1e-12);
    EXPECT_NEAR(learningRateAt(plan, 100, 1.0), 0.02, 1e-12);
    EXPECT_NEAR(learningRateAt(plan, 52, 2.0), 2.0 * (0.02 + 0.49 * (1 + std::cos(M_PI * 47 / 95))), 1e-12);
}

TEST(Plan, changesWithoutAJumpAndStillEndsLow)
{
    const Plan before = planOf({ { 0, 100 } }), after = planOf({ { 0, 100 }, { 40, 60 } });
    for (int step = 0; step <= 40; ++step)
        EXPECT_EQ(learningRateAt(before, step, 1.0), learningRateAt(after, step, 1.0));
    EXPECT_LT(std::abs(learningRateAt(after, 41, 1.0) - learningRateAt(after, 40, 1.0)), 0.07);
    EXPECT_NEAR(learningRateAt(after, 60, 1.0), 0.02, 1e-12);
}

TEST(Plan, averagesOverAnEighthOfTheRun)
{
    EXPECT_NEAR(averageDecayFor(816), 1 - 1 / 102.0, 1e-12);
    EXPECT_NEAR(averageDecayFor(1), 1 - 1 / 20.0, 1e-12);
    EXPECT_NEAR(averageDecayFor(1'000'000), 1 - 1 / 2000.0, 1e-12);
}

TEST(Plan, fillsTheTimeAndNotMore)
{
    const auto steps = stepsThatFit(900, 0.4, 4, 51, 1);
    const double validations = std::ceil(static_cast<double>(steps) / 51);
    EXPECT_LE(static_cast<double>(steps) * 0.4 + validations * 4, 900);
    EXPECT_GT(static_cast<double>(steps + 20) * 0.4 + validations * 4, 892);
    EXPECT_EQ(stepsThatFit(-5, 0.4, 4, 51, 1), 1);
    EXPECT_EQ(chooseValidateEvery(20, 4), 1);
    EXPECT_EQ(chooseValidateEvery(1, 4), 16);
}

TEST(Order, isAPermutationOfItsOwnForEachEpoch)
{
    const auto first = epochOrder(7, 3, 100);
    EXPECT_EQ(first, epochOrder(7, 3, 100));
    EXPECT_NE(first, epochOrder(7, 4, 100));
    EXPECT_NE(first, epochOrder(8, 3, 100));
    EXPECT_EQ(std::set<std::size_t>(first.begin(), first.end()).size(), 100u);
}

TEST(Augment, isAFunctionOfItsRandomAndKeepsBoxesOnTheirObjects)
{
    cv::Mat picture(120, 160, CV_8UC3, cv::Scalar(10, 10, 10));
    picture(cv::Rect(60, 40, 40, 30)).setTo(cv::Scalar(250, 250, 250));
    protocol::SnapshotItem item;
    item.width = 160;
    item.height = 120;
    item.boxes.push_back({ 0, { 60, 40, 40, 30 }, false, false });
    std::vector<float> pixels(96 * 64 * 3), again(pixels.size());
    for (std::uint64_t index = 0; index < 40; ++index) {
        const base::Random random(1, 2, index);
        const auto truths = augment(picture, item, { 96, 64 }, {}, random, pixels);
        ASSERT_EQ(augment(picture, item, { 96, 64 }, {}, random, again).size(), truths.size());
        EXPECT_EQ(pixels, again);
        ASSERT_EQ(truths.size(), 1u);
        // The bright square's middle is brighter than anything outside of its box.
        const int cx = static_cast<int>((truths[0].x0 + truths[0].x1) / 2), cy = static_cast<int>((truths[0].y0 + truths[0].y1) / 2);
        const auto at = [&](int x, int y) { return pixels[static_cast<std::size_t>((y * 96 + x) * 3)]; };
        const int outside = static_cast<int>(truths[0].x0) - 3;
        if (outside > 0) {
            EXPECT_GT(at(cx, cy), at(outside, cy) + 0.5f) << index;
        }
    }
}

TEST(Canvas, followsTheMedianProportion)
{
    std::vector<protocol::SnapshotItem> items(3);
    for (auto& item : items) {
        item.width = 640;
        item.height = 480;
    }
    EXPECT_EQ(chooseCanvas(items, 416).width, 416);
    EXPECT_EQ(chooseCanvas(items, 416).height, 320);
    std::swap(items[0].width, items[0].height);
    std::swap(items[1].width, items[1].height);
    EXPECT_EQ(chooseCanvas(items, 400).height, 416);
    EXPECT_EQ(chooseCanvas(items, 400).width, 320);
}

}
}
