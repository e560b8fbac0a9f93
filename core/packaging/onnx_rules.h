#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <onnx/onnx_pb.h>
#include <span>
#include <string_view>
#include <vector>

// The parts of checkOnnx(); only core/packaging includes this.
namespace percept::packaging {

inline constexpr std::int64_t kMaxTensorElements = 1ll << 27; // of one tensor: 512 MiB of float
inline constexpr std::int64_t kMaxModelElements = 1ll << 28;  // of all weights together
inline constexpr std::int64_t kMaxSide = 1'000'000;           // of one side of a tensor

// Operators that compute a tensor from tensors. Left out on purpose: those with subgraphs (If, Loop, Scan), sequences,
// strings, random numbers, training.
bool isKnownOperator(std::string_view type);

// Number of elements, or an error when a size is negative or the product is above kMaxTensorElements.
base::Result<std::int64_t> elementCount(const google::protobuf::RepeatedField<std::int64_t>& dims);

// A weight or constant: data inside the file, as many bytes as its shape asks for, every float finite. Gives its elements.
base::Result<std::int64_t> checkTensor(const onnx::TensorProto& tensor);

// The values of an int64 or float tensor that checkTensor() has passed; none of another type.
std::vector<std::int64_t> int64Values(const onnx::TensorProto& tensor);
std::vector<float> floatValues(const onnx::TensorProto& tensor);

// What an operator multiplies the sides of a tensor by, or adds before and behind each of them: refused when it could become
// too large.
base::Result<void> checkScales(std::span<const float> scales);
base::Result<void> checkPads(std::span<const std::int64_t> pads);

}
