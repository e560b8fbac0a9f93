#include "core/media/picture_measures.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

namespace percept::media {
namespace {

TEST(PictureMeasures, brightnessAndSharpnessOfKnownPictures)
{
    const auto of = [](const cv::Mat& rgb) { return measurePicture(rgb); };
    const cv::Mat black(64, 64, CV_8UC3, cv::Scalar::all(0)), white(64, 64, CV_8UC3, cv::Scalar::all(255));
    EXPECT_NEAR(of(black).brightness, 0, 1e-9);
    EXPECT_NEAR(of(white).brightness, 1, 1e-9);
    EXPECT_NEAR(of(white).sharpness, 0, 1e-9);
    EXPECT_NEAR(of(cv::Mat(64, 64, CV_8UC3, cv::Scalar(0, 255, 0))).brightness, 0.587, 0.003); // luma, not the mean of the channels
    cv::Mat noise(300, 400, CV_8UC3), blurred;
    cv::theRNG().state = 1;
    cv::randu(noise, 0, 256);
    cv::GaussianBlur(noise, blurred, cv::Size(9, 9), 3);
    EXPECT_GT(of(noise).sharpness, of(blurred).sharpness + 1);
    EXPECT_LT(of(noise).sharpness, 5);
    EXPECT_EQ(of(cv::Mat()).brightness, 0);
}

TEST(PictureMeasures, aLargePictureIsLikeASmallOne)
{
    cv::Mat small(100, 160, CV_8UC3, cv::Scalar(10, 200, 90)), large;
    cv::resize(small, large, cv::Size(4000, 2500));
    EXPECT_NEAR(measurePicture(small).brightness, measurePicture(large).brightness, 1e-3);
}

}
}
