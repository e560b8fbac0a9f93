#include "core/device/draw_boxes.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <vector>

namespace percept::device {
namespace {

using nlohmann::json;

json boxAt(double x, double y, double score)
{
    return { { "label", "screw" }, { "labelIndex", 0 }, { "score", score }, { "box", { x, y, 60, 40 } } };
}

cv::Mat drawn(const std::vector<json>& boxes)
{
    cv::Mat rgb(240, 320, CV_8UC3, cv::Scalar(120, 120, 120));
    drawBoxes(rgb, json(boxes), 1);
    return rgb;
}

bool areEqual(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

TEST(DrawBoxes, aTextThatWouldCoverABetterOneIsLeftOut)
{
    const cv::Rect above(0, 70, 320, 25); // where both texts would stand
    const cv::Mat one = drawn({ boxAt(100, 100, 0.9) }), two = drawn({ boxAt(100, 100, 0.9), boxAt(104, 100, 0.5) });
    EXPECT_TRUE(areEqual(one(above), two(above)));
    EXPECT_FALSE(areEqual(one, two)); // its box is there
    const cv::Mat apart = drawn({ boxAt(100, 100, 0.9), boxAt(200, 100, 0.5) });
    EXPECT_FALSE(areEqual(one(above), apart(above)));
}

TEST(DrawBoxes, textsStayInsideThePicture)
{
    const cv::Mat inside = drawn({ boxAt(100, 100, 0.9) }), right = drawn({ boxAt(300, 100, 0.9) }), top = drawn({ boxAt(100, -10, 0.9) });
    const auto textPixels = [](const cv::Mat& rgb, const cv::Rect& place) { // its black rim
        int count = 0;
        for (int y = place.y; y < place.y + place.height; ++y)
            for (int x = place.x; x < place.x + place.width; ++x)
                count += rgb.at<cv::Vec3b>(y, x) == cv::Vec3b(0, 0, 0) ? 1 : 0;
        return count;
    };
    const int whole = textPixels(inside, { 90, 75, 120, 20 });
    EXPECT_GT(whole, 30);
    EXPECT_EQ(textPixels(right, { 150, 75, 170, 20 }), whole);
    EXPECT_GT(textPixels(top, { 90, 0, 120, 20 }), whole / 2);
}

}
}
