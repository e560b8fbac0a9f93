#pragma once

#include <opencv2/core/mat.hpp>

namespace percept::media {

// What a camera's pictures look like, whatever is on them: to see that a lens is dirty or a lamp is off.
struct PictureMeasures {
    double brightness = 0; // mean luma (BT.601), 0 .. 1
    double sharpness = 0;  // log10(1 + variance of the Laplacian of 8-bit luma); 0 .. 5
};
// `rgb`: CV_8UC3. Looks at 1,024 pixels on the long side at most, so that it costs a few milliseconds for any camera.
PictureMeasures measurePicture(const cv::Mat& rgb);

}
