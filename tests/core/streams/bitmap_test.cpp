#include "core/streams/bitmap.h"

#include "core/media/picture.h"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

namespace percept::streams {
namespace {

TEST(Bitmap, isReadAsItWasWrittenInEveryTurn)
{
    cv::Mat bgr(5, 7, CV_8UC3); // rows that need filling up
    cv::randu(bgr, 0, 256);
    const BgrRows rows { bgr.data, bgr.step, bgr.cols, bgr.rows };
    const struct { Turn turn; int rotation; } kTurns[] { { Turn::None, -1 }, { Turn::Quarter, cv::ROTATE_90_CLOCKWISE },
        { Turn::Half, cv::ROTATE_180 }, { Turn::ThreeQuarters, cv::ROTATE_90_COUNTERCLOCKWISE } };
    for (const auto& [turn, rotation] : kTurns) {
        cv::Mat expected = bgr.clone();
        if (rotation >= 0)
            cv::rotate(bgr, expected, rotation);
        const auto read = media::decodePicture(toBitmap(rows, turn), "a.bmp");
        ASSERT_TRUE(read.hasValue()) << read.error().message;
        ASSERT_EQ(read->size(), expected.size()) << rotation;
        for (int y = 0; y < expected.rows; ++y)
            for (int x = 0; x < expected.cols; ++x) {
                const auto a = read->at<cv::Vec3b>(y, x), b = expected.at<cv::Vec3b>(y, x);
                ASSERT_EQ(cv::Vec3b(a[2], a[1], a[0]), b) << rotation << " at " << x << ", " << y;
            }
    }
}

}
}
