#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <string>

namespace percept::test {

struct TestVideo {
    int width = 192, height = 128, frames = 50;
    double framesPerSecond = 25;
    std::string codec = "mpeg4"; // or "mjpeg", of which every picture stands alone
    int quarterTurns = 0;        // that a player is to give it, clockwise
    // RGB; default: grey with a red square that moves.
    std::function<cv::Mat(int frame)> picture = {};
};

// Written by FFmpeg's own encoder; the ending of the name decides on the container (.mp4, .mkv, .avi). The index of an MP4
// comes first, so that one that is cut off can be opened.
base::Result<void> makeTestVideo(const std::filesystem::path& path, const TestVideo& video = {});
// Where the red square of the default picture is in a frame: its left edge, pixels.
int testSquareX(const TestVideo& video, int frame);

}
