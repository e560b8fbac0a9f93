#pragma once

#include "core/base/result.h"
#include "core/domain/annotation.h"
#include "core/domain/postprocess.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace percept::protocol {

struct SpecLabel {
    LabelId id;        // stable id in the project
    std::string name;
    double threshold = 0.5; // at and above: shown. Chosen on validation
    bool operator==(const SpecLabel&) const = default;
};

// What one needs to call a model, written by the trainer as model/spec.json and carried in a package's manifest.
// The ONNX graph has one input "image": uint8 [1, height, width, 3], RGB, the letterboxed picture (normalisation is inside),
// and two outputs: "scores" float [1, anchors, classes] after the sigmoid, "boxes" float [1, anchors, 4] x0 y0 x1 y1 in
// canvas pixels. A second float output "features" [1, 1280 or backbone width] may follow (mean of the last backbone level).
struct ModelSpec {
    domain::Task task = domain::Task::Detection;
    std::vector<SpecLabel> labels; // in the order of the network's classes
    int inputWidth = 0, inputHeight = 0; // the canvas
    int fill = 127;                      // grey around the picture on the canvas
    std::string resize = "area-then-bilinear/half-pixel"; // media::kResizeRule; others are refused
    domain::PostprocessOptions postprocess;
    std::string backbone; // "efficientnet-lite0"
    std::string baseWeights; // "efficientnet-lite0 ImageNet, Apache-2.0" or "none" or "FILE"
    bool operator==(const ModelSpec& other) const;
};

nlohmann::json toJson(const ModelSpec& spec);
base::Result<ModelSpec> modelSpecFromJson(const nlohmann::json& json); // checks every range

}
