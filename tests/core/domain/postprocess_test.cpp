#include "core/domain/postprocess.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace percept::domain;

TEST(Letterbox, mapsBackToThePicture)
{
    const Letterbox lb = letterbox(640, 480, 416, 320);
    EXPECT_DOUBLE_EQ(lb.scale, 0.65);
    EXPECT_DOUBLE_EQ(lb.offsetX, 0);
    EXPECT_DOUBLE_EQ(lb.offsetY, 4);
    const Box b = pictureFromCanvas(lb, { 65, 69, 6.5, 13 });
    EXPECT_NEAR(b.x, 100, 1e-9);
    EXPECT_NEAR(b.y, 100, 1e-9);
    EXPECT_NEAR(b.w, 10, 1e-9);
    EXPECT_NEAR(b.h, 20, 1e-9);
}

TEST(Geometry, overlapOfBoxes)
{
    EXPECT_DOUBLE_EQ(iou({ 0, 0, 10, 10 }, { 0, 0, 10, 10 }), 1);
    EXPECT_DOUBLE_EQ(iou({ 0, 0, 10, 10 }, { 5, 0, 10, 10 }), 50.0 / 150);
    EXPECT_DOUBLE_EQ(iou({ 0, 0, 10, 10 }, { 10, 0, 10, 10 }), 0);
    EXPECT_DOUBLE_EQ(iou({ 0, 0, 0, 0 }, { 0, 0, 0, 0 }), 0);
}

namespace {

struct Outputs {
    std::vector<float> scores, boxes;
    void add(std::vector<float> s, std::vector<float> b)
    {
        scores.insert(scores.end(), s.begin(), s.end());
        boxes.insert(boxes.end(), b.begin(), b.end());
    }
    std::vector<Detection> run(int classes, const PostprocessOptions& options = {}) const
    {
        return postprocess(scores, boxes, static_cast<int>(boxes.size() / 4), classes, letterbox(100, 100, 100, 100), 100, 100, options);
    }
};

}

TEST(Postprocess, suppressesWithinAClassOnly)
{
    Outputs out;
    out.add({ 0.9f, 0.0f }, { 10, 10, 30, 30 });
    out.add({ 0.8f, 0.0f }, { 10, 10, 30, 31 });
    out.add({ 0.0f, 0.7f }, { 10, 10, 30, 30 });
    const auto detections = out.run(2, PostprocessOptions::greedy());
    ASSERT_EQ(detections.size(), 2u);
    EXPECT_EQ(detections[0].box, (Box { 10, 10, 20, 20 })) << "alone, greedy suppression moves no box";
    EXPECT_EQ(detections[0].label, 0);
    EXPECT_FLOAT_EQ(static_cast<float>(detections[0].score), 0.9f);
    EXPECT_EQ(detections[1].label, 1);
}

TEST(Postprocess, clipsDropsAndBounds)
{
    Outputs out;
    out.add({ 0.9f }, { -20, -20, 10, 10 });
    out.add({ 0.8f }, { 110, 110, 150, 150 });
    out.add({ 0.01f }, { 50, 50, 60, 60 });
    const float nan = std::numeric_limits<float>::quiet_NaN();
    out.add({ nan }, { 50, 50, 60, 60 });
    out.add({ 0.5f }, { nan, 50, 60, 60 });
    const auto detections = out.run(1);
    ASSERT_EQ(detections.size(), 1u);
    EXPECT_EQ(detections[0].box, (Box { 0, 0, 10, 10 }));
}

TEST(Postprocess, keepsTheBestOfMany)
{
    Outputs out;
    for (int i = 0; i < 50; ++i)
        out.add({ 0.1f + 0.01f * static_cast<float>(i) }, { 2.0f * static_cast<float>(i), 0, 2.0f * static_cast<float>(i) + 1, 1 });
    PostprocessOptions options;
    options.maxDetections = 3;
    const auto detections = out.run(1, options);
    ASSERT_EQ(detections.size(), 3u);
    EXPECT_NEAR(detections[0].score, 0.59, 1e-6);
    EXPECT_NEAR(detections[2].score, 0.57, 1e-6);
}

// Two objects side by side, IoU 15 * 20 / (2 * 400 - 300) = 0.6: both stay, and the lesser is believed less.
TEST(Postprocess, softensTheScoreOfWhatOverlapsABetterBox)
{
    Outputs out;
    out.add({ 0.9f }, { 10, 10, 30, 30 });
    out.add({ 0.8f }, { 15, 10, 35, 30 });
    out.add({ 0.021f }, { 15, 11, 35, 31 }); // falls below the floor
    auto options = PostprocessOptions::greedy();
    options.softSigma = 0.5;
    const auto detections = out.run(1, options);
    ASSERT_EQ(detections.size(), 2u);
    EXPECT_NEAR(detections[0].score, 0.9, 1e-6);
    EXPECT_NEAR(detections[1].score, 0.8 * std::exp(-0.36 / 0.5), 1e-6);
    EXPECT_EQ(detections[1].box, (Box { 15, 10, 20, 20 }));
}

// Softened scores decide the order: the best one left is taken, not the next of the list.
TEST(Postprocess, takesTheBestThatIsLeft)
{
    Outputs out;
    out.add({ 0.9f }, { 10, 10, 30, 30 });
    out.add({ 0.8f }, { 15, 10, 35, 30 });
    out.add({ 0.7f }, { 60, 60, 80, 80 });
    auto options = PostprocessOptions::greedy();
    options.softSigma = 0.5;
    const auto detections = out.run(1, options);
    ASSERT_EQ(detections.size(), 3u);
    EXPECT_NEAR(detections[1].score, 0.7, 1e-6);
    EXPECT_LT(detections[2].score, 0.5);
    options.maxDetections = 2;
    EXPECT_EQ(out.run(1, options)[1].box, (Box { 60, 60, 20, 20 }));
}

// What overlaps the kept box, also what is dropped for it, says where it lies: each by its score and by how near it is.
TEST(Postprocess, votesOnWhereABoxLies)
{
    Outputs out;
    out.add({ 0.8f, 0.0f }, { 10, 10, 30, 30 });
    out.add({ 0.4f, 0.0f }, { 10, 10, 30, 35 }); // IoU 0.8
    out.add({ 0.4f, 0.0f }, { 40, 10, 60, 30 }); // another object
    out.add({ 0.0f, 0.7f }, { 10, 10, 30, 34 }); // another class
    auto options = PostprocessOptions::greedy();
    options.voteIou = 0.65;
    const auto detections = out.run(2, options);
    ASSERT_EQ(detections.size(), 3u);
    const double w0 = 0.8, w1 = 0.4 * std::exp(-0.04 / 0.025);
    EXPECT_NEAR(detections[0].box.h, (w0 * 20 + w1 * 25) / (w0 + w1), 1e-5);
    EXPECT_NEAR(detections[0].box.x, 10, 1e-9);
    EXPECT_NEAR(detections[0].score, 0.8, 1e-6);
    EXPECT_EQ(detections[1].box, (Box { 10, 10, 20, 24 }));
    EXPECT_EQ(detections[2].box, (Box { 40, 10, 20, 20 }));
}

// Two engines differ in the last digits: which of two equals comes first must decide nothing.
TEST(Postprocess, aTieSoftensNeither)
{
    auto options = PostprocessOptions::greedy();
    options.softSigma = 0.5;
    const auto scoresOf = [&](float first, float second) {
        Outputs out;
        out.add({ first }, { 10, 10, 30, 30 });
        out.add({ second }, { 15, 10, 35, 30 });
        const auto detections = out.run(1, options);
        EXPECT_EQ(detections.size(), 2u);
        return std::pair(detections[0].score, detections[1].score);
    };
    const auto [a, b] = scoresOf(0.8f, 0.799999f);
    EXPECT_NEAR(a, 0.8, 1e-6);
    EXPECT_NEAR(b, 0.8, 2e-5);
    EXPECT_NEAR(scoresOf(0.799999f, 0.8f).second, 0.8, 2e-5);
    EXPECT_NEAR(scoresOf(0.8f, 0.775f).second, 0.775 * std::exp(-0.5 * 0.36 / 0.5), 1e-5) << "half as sure, half as much";
}

// Three in a row: that the one in the middle is softened itself takes nothing from what it softens. Another class softens nobody.
TEST(Postprocess, whatIsSoftenedSoftensAllTheSame)
{
    Outputs out;
    out.add({ 0.9f, 0.0f }, { 10, 10, 30, 30 });
    out.add({ 0.8f, 0.0f }, { 15, 10, 35, 30 }); // IoU 0.6 with the first
    out.add({ 0.7f, 0.0f }, { 20, 10, 40, 30 }); // 0.6 with the second, 1/3 with the first
    out.add({ 0.0f, 0.6f }, { 20, 10, 40, 30 });
    auto options = PostprocessOptions::greedy();
    options.nmsIou = 0.7;
    options.softSigma = 0.5;
    const auto detections = out.run(2, options);
    ASSERT_EQ(detections.size(), 4u);
    EXPECT_EQ(detections[1].label, 1);
    EXPECT_NEAR(detections[1].score, 0.6, 1e-6);
    EXPECT_NEAR(detections[2].score, 0.8 * std::exp(-0.36 / 0.5), 1e-6);
    EXPECT_NEAR(detections[3].score, 0.7 * std::exp(-(0.36 + 1.0 / 9) / 0.5), 1e-6);
}

// As packages are written now: what is dropped votes, and scores are softened by where the boxes lie after that.
TEST(Postprocess, softensByTheBoxesThatWereVotedFor)
{
    Outputs out;
    out.add({ 0.9f }, { 10, 10, 30, 30 });
    out.add({ 0.8f }, { 15, 10, 35, 30 });
    out.add({ 0.6f }, { 10, 10, 30, 34 }); // IoU 5/6 with the first: dropped for it
    const auto detections = out.run(1);
    ASSERT_EQ(detections.size(), 2u);
    const double voice = 0.6 * std::exp(-1.0 / 36 / 0.025), height = (0.9 * 20 + voice * 24) / (0.9 + voice);
    EXPECT_NEAR(detections[0].box.h, height, 1e-5);
    const double overlap = 300 / (20 * height + 400 - 300);
    EXPECT_NEAR(detections[1].score, 0.8 * std::exp(-overlap * overlap / 0.7), 1e-5);
    EXPECT_NEAR(detections[1].box.h, 20, 1e-9);
}
