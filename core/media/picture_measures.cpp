#include "core/media/picture_measures.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace percept::media {

namespace {

constexpr int kLongSide = 1024;

}

PictureMeasures measurePicture(const cv::Mat& rgb)
{
    if (rgb.empty() || rgb.type() != CV_8UC3)
        return {};
    cv::Mat small = rgb, luma, edges;
    if (const int longSide = std::max(rgb.cols, rgb.rows); longSide > kLongSide) {
        const double scale = static_cast<double>(kLongSide) / longSide;
        cv::resize(rgb, small, cv::Size(std::max(1, cvRound(rgb.cols * scale)), std::max(1, cvRound(rgb.rows * scale))), 0, 0, cv::INTER_AREA);
    }
    cv::cvtColor(small, luma, cv::COLOR_RGB2GRAY);
    cv::Laplacian(luma, edges, CV_16S);
    cv::Scalar mean, deviation;
    cv::meanStdDev(edges, mean, deviation);
    return { cv::mean(luma)[0] / 255, std::log10(1 + deviation[0] * deviation[0]) };
}

}
