#pragma once

#include "core/base/random.h"
#include "core/domain/geometry.h"

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace percept::services {

// A drawn part with its truth: the box of what can be seen of it.
struct SamplePart {
    std::string label;
    domain::Box box;
    bool isOccluded = false, isTruncated = false;
};

struct SampleScene {
    cv::Mat rgb; // 480 x 360
    std::vector<SamplePart> parts;
};

inline const std::vector<std::string> kSampleLabels = { "washer", "nut", "screw", "spring" };

// Small parts on a tray under changing light, with overlaps, clutter, blur and noise. The same (seed, index) gives the same
// scene. Boxes are measured on the drawn pixels, to half a pixel.
SampleScene drawSampleScene(std::uint64_t seed, std::uint64_t index);

}
