#pragma once

#include "core/base/random.h"

#include <functional>
#include <opencv2/core/mat.hpp>

namespace percept::services {

// Outline and material of one part.
struct SampleShape {
    std::function<void(cv::Mat& mask)> paint; // 255 where the part is
    std::function<void(cv::Mat& depth, cv::Point origin)> engrave; // thread, slot: changes the height of a piece that begins at origin
    cv::Scalar color;
    double rim = 5;    // width of the rounded edge
    double gloss = 1;
    double height = 8; // how far its shadow falls
};

// label: place in kSampleLabels.
SampleShape makeSampleShape(std::size_t label, cv::Point2d centre, double size, base::Random& random);

}
