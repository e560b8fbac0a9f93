// The parts of the Train page that need no window.
#include "app/studio/train/learning_strip.h"
#include "tests/support/studio_main.h"

#include <gtest/gtest.h>

using namespace percept;
using namespace percept::studio;

namespace {

LearningStrip::Truth twoObjects()
{
    return { 1, "a", 640, 480, { { 0, { 10, 10, 50, 50 } }, { 1, { 200, 200, 50, 50 } } } };
}

}

TEST(StripMarks, AModelThatMarksEverythingDoesNotSwampThePicture)
{
    std::vector<domain::Detection> detections;
    for (int i = 0; i < 300; ++i)
        detections.push_back({ i % 2, 0.3 + i * 0.001, { 300.0 + i % 20, 10.0 + i / 20, 80, 60 } });
    detections.push_back({ 0, 0.31, { 11, 11, 50, 50 } }); // right, and weaker than most
    const StripMarks marks = stripMarks(twoObjects(), detections, 0.3, 8);
    ASSERT_EQ(marks.found.size(), 1u);
    EXPECT_EQ(marks.found[0].score, 0.31);
    EXPECT_EQ(marks.missed, std::vector<std::size_t> { 1 });
    EXPECT_EQ(marks.numFalse, 300);
    ASSERT_EQ(marks.falseAlarms.size(), 8u) << "only the strongest are drawn";
    EXPECT_NEAR(marks.falseAlarms.front().score, 0.599, 1e-9);
    for (std::size_t i = 1; i < marks.falseAlarms.size(); ++i)
        EXPECT_LE(marks.falseAlarms[i].score, marks.falseAlarms[i - 1].score);
}

TEST(StripMarks, ClassAndThresholdCount)
{
    const std::vector<domain::Detection> detections { { 1, 0.9, { 10, 10, 50, 50 } }, { 1, 0.2, { 200, 200, 50, 50 } } };
    const StripMarks marks = stripMarks(twoObjects(), detections, 0.3, 8);
    EXPECT_TRUE(marks.found.empty());
    EXPECT_EQ(marks.missed.size(), 2u);
    EXPECT_EQ(marks.numFalse, 1);
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
