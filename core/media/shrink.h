#pragma once

#include <opencv2/core/mat.hpp>

namespace percept::media {

// CV_8UC3 at a smaller size: each pixel is the mean of the area that it covers. What cv::resize gives with INTER_AREA, several
// times faster where the ratio is not a whole number, as it is for nearly every thumbnail.
cv::Mat shrinkByArea(const cv::Mat& rgb, cv::Size size);

}
