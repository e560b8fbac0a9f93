#pragma once

#include "core/protocol/model_spec.h"

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace percept::test {

// A real detector that needs no training: it looks at the mean colour of each 8 x 8 cell and finds pure colours on grey.
// Class 0 is red, 1 blue, 2 green, 3 yellow, 4 magenta, 5 cyan (then again from red). Every class, box side and feature also
// has fixed random weights, so that a network that is computed wrongly in any place gives other numbers.
protocol::ModelSpec testSpec(const std::vector<std::string>& labels = { "red", "blue" }, int width = 96, int height = 64);
std::vector<std::uint8_t> testOnnx(const protocol::ModelSpec& spec, bool withFeatures = true);

// The same network computed naively in double, from the canvas: what the training process would store as golden outputs.
struct TestOutputs {
    std::vector<float> scores, boxes, features;
};
TestOutputs testOutputs(const protocol::ModelSpec& spec, const cv::Mat& canvas);

// Grey with squares of pure colours. RGB.
struct TestSquare { int x, y, size, colorClass; };
cv::Mat testPicture(int width, int height, const std::vector<TestSquare>& squares);

}
