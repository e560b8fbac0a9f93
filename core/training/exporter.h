#pragma once

#include "core/protocol/model_spec.h"
#include "core/training/network.h"

#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace percept::training {

// Writes model.onnx, spec.json and golden/ into `folder`, which appears whole or not at all. golden/N.png are the canvases as
// given, N.scores.f32 and N.boxes.f32 the outputs that LibTorch computes for them here, before any suppression: little-endian
// floats, anchors x classes and anchors x 4, row-major.
base::Result<void> exportModel(const DetectorNetwork& network, const ParameterValues& values, const protocol::ModelSpec& spec,
    const std::vector<cv::Mat>& golden, const std::filesystem::path& folder);

}
