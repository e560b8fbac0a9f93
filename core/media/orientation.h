#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>

namespace percept::media {

// Orientation (1..8) of an EXIF block, with or without its "Exif\0\0" prefix; 1 when it has none or is damaged.
int exifOrientation(std::span<const std::uint8_t> exif);

// Whether the orientation exchanges width and height.
constexpr bool swapsAxes(int orientation) { return orientation >= 5 && orientation <= 8; }

// The picture as it is meant to be seen.
cv::Mat applyOrientation(const cv::Mat& stored, int orientation);

}
