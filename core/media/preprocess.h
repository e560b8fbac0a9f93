#pragma once

#include "core/domain/postprocess.h"

#include <opencv2/core/mat.hpp>

namespace percept::media {

// The one way from a picture to a network's canvas, for training, scoring and devices alike.
// The name of the rule stands in every package (protocol::ModelSpec::resize).
inline constexpr const char* kResizeRule = "area-then-bilinear/half-pixel";

// canvas = a * picture + b, continuous pixel-edge coordinates, axes possibly mirrored (a < 0).
struct AxisWarp { double scaleX = 1, scaleY = 1, offsetX = 0, offsetY = 0; };

// Draws `rgb` (CV_8UC3) on a canvas: when |scale| <= 0.5 the picture is first averaged by blocks of floor(1/|scale|), then sampled
// bilinearly with half-pixel centres; outside is `fill`. Deterministic, single-threaded.
cv::Mat warpPicture(const cv::Mat& rgb, const AxisWarp& warp, int canvasWidth, int canvasHeight, int fill = 127);

// warpPicture with domain::letterbox().
cv::Mat letterboxPicture(const cv::Mat& rgb, int canvasWidth, int canvasHeight, int fill = 127);

}
