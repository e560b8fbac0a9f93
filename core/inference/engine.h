#pragma once

#include "core/base/result.h"
#include "core/protocol/model_spec.h"

#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <vector>

namespace percept::inference {

// What a detection network answers for one canvas, row-major: scores anchors x classes after the sigmoid, boxes anchors x 4
// (x0 y0 x1 y1 in canvas pixels). `features` is empty when the model has no such output.
struct RawOutputs {
    int anchors = 0, classes = 0;
    std::vector<float> scores, boxes, features;
};

struct EngineOptions {
    int threads = 0; // 0: as many as the engine thinks right for this machine
};

// Runs one model. Not for two threads at once. Implementations: OpenVINO, and a dummy for tests.
class Engine {
public:
    virtual ~Engine() = default;
    // `canvas`: CV_8UC3, RGB, continuous, of the size in the specification; anything else is an error.
    virtual base::Result<RawOutputs> run(const cv::Mat& canvas) = 0;
};

// Computes in float32 whatever the processor offers (bf16 and int8 change answers and are choices of their own).
// The ONNX must have passed packaging::checkOnnx(). Refused: a model whose tensors grow beyond all bounds on the way.
base::Result<std::unique_ptr<Engine>> makeOpenVinoEngine(
    std::span<const std::uint8_t> onnx, const protocol::ModelSpec& spec, const EngineOptions& options);

// Checks what every engine must: the canvas. Its error is a mistake of the caller, not of the user.
base::Result<void> checkCanvas(const cv::Mat& canvas, const protocol::ModelSpec& spec);

}
