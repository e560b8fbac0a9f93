#pragma once

#include "core/base/result.h"
#include "core/training/network.h"

#include <string>

namespace percept::training {

// The bytes of an ONNX file (opset 13, no external data) that computes predictRaw() for one picture: input "image", outputs
// "scores", "boxes", "features" (core/protocol/model_spec.h). BatchNorm is folded, normalisation is inside. The function is
// traced by LibTorch and its graph translated operator by operator, so a new network needs new operators at most.
base::Result<std::string> writeOnnx(const DetectorNetwork& network, const ParameterValues& values);

}
