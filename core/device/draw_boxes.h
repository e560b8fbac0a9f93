#pragma once

#include <nlohmann/json_fwd.hpp>
#include <opencv2/core/mat.hpp>

namespace percept::device {

// Boxes with label and score on an RGB picture. `boxes`: predictions as percept-edge answers them, in pixels of a picture that is
// 1 / `scale` times as large. What is no prediction is left out.
void drawBoxes(cv::Mat& rgb, const nlohmann::json& boxes, double scale);

}
