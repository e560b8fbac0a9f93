#include "tests/support/faulty_picture.h"

#include "core/media/picture.h"

namespace percept::test {

std::vector<std::uint8_t> faultyJpeg(const std::string& what)
{
    auto jpeg = media::encodeJpeg(cv::Mat(64, 96, CV_8UC3, cv::Scalar(200, 120, 40)), 90).value();
    const std::string mark = "percept-fault:" + what + ";";
    std::vector<std::uint8_t> comment { 0xFF, 0xFE, 0, static_cast<std::uint8_t>(mark.size() + 2) };
    comment.insert(comment.end(), mark.begin(), mark.end());
    jpeg.insert(jpeg.begin() + 2, comment.begin(), comment.end()); // after the start of image
    return jpeg;
}

}
