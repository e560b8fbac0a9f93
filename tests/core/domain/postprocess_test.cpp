#include "core/domain/postprocess.h"

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
    const auto detections = out.run(2);
    ASSERT_EQ(detections.size(), 2u);
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
