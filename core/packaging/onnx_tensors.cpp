#include "core/packaging/onnx_rules.h"

#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <span>

namespace percept::packaging {

namespace {

using onnx::TensorProto;

base::Error badTensor(const TensorProto& tensor, std::string_view why)
{
    return base::refused("The model is refused: one of its weights " + std::string(why) + ".", "tensor: " + tensor.name());
}

// Bytes of one element in raw_data; 0 for types that a model has no use for.
std::int64_t elementBytes(std::int32_t type)
{
    switch (type) {
    case TensorProto::FLOAT:
    case TensorProto::INT32: return 4;
    case TensorProto::FLOAT16: return 2;
    case TensorProto::DOUBLE:
    case TensorProto::INT64: return 8;
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::BOOL: return 1;
    default: return 0;
    }
}

// Elements in the typed field that belongs to the type, for tensors without raw_data.
std::int64_t typedCount(const TensorProto& tensor)
{
    switch (tensor.data_type()) {
    case TensorProto::FLOAT: return tensor.float_data_size();
    case TensorProto::DOUBLE: return tensor.double_data_size();
    case TensorProto::INT64: return tensor.int64_data_size();
    default: return tensor.int32_data_size();
    }
}

int filledFields(const TensorProto& tensor)
{
    return int(tensor.float_data_size() > 0) + int(tensor.double_data_size() > 0) + int(tensor.int64_data_size() > 0)
        + int(tensor.int32_data_size() > 0) + int(tensor.uint64_data_size() > 0) + int(tensor.string_data_size() > 0)
        + int(!tensor.raw_data().empty());
}

template <typename T>
bool allFinite(const std::string& raw)
{
    for (std::size_t at = 0; at + sizeof(T) <= raw.size(); at += sizeof(T)) {
        T value;
        std::memcpy(&value, raw.data() + at, sizeof(T));
        if (!std::isfinite(value))
            return false;
    }
    return true;
}

constexpr bool isFiniteHalf(std::uint32_t bits) { return (bits & 0x7c00u) != 0x7c00u; }

bool allFiniteHalf(const TensorProto& tensor)
{
    const std::string& raw = tensor.raw_data();
    for (std::size_t at = 0; at + 2 <= raw.size(); at += 2) {
        std::uint16_t bits;
        std::memcpy(&bits, raw.data() + at, 2);
        if (!isFiniteHalf(bits))
            return false;
    }
    for (const std::int32_t bits : tensor.int32_data())
        if (bits < 0 || bits > 0xffff || !isFiniteHalf(static_cast<std::uint32_t>(bits)))
            return false;
    return true;
}

bool isFinite(const TensorProto& tensor)
{
    const auto finite = [](auto value) { return std::isfinite(value); };
    switch (tensor.data_type()) {
    case TensorProto::FLOAT:
        return allFinite<float>(tensor.raw_data())
            && std::all_of(tensor.float_data().begin(), tensor.float_data().end(), finite);
    case TensorProto::DOUBLE:
        return allFinite<double>(tensor.raw_data())
            && std::all_of(tensor.double_data().begin(), tensor.double_data().end(), finite);
    case TensorProto::FLOAT16: return allFiniteHalf(tensor);
    default: return true;
    }
}

}

base::Result<std::int64_t> elementCount(const google::protobuf::RepeatedField<std::int64_t>& dims)
{
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) {
        if (dim < 0 || dim > kMaxTensorElements)
            return base::refused("The model is refused: it has a tensor of an impossible size.");
        count *= dim;
        if (count > kMaxTensorElements)
            return base::refused("The model is refused: it has a tensor with too many values.");
    }
    return count;
}

base::Result<std::int64_t> checkTensor(const TensorProto& tensor)
{
    if (tensor.data_location() != TensorProto::DEFAULT || tensor.external_data_size() > 0)
        return badTensor(tensor, "lies in another file; a package carries its model whole");
    if (tensor.has_segment() || tensor.dims_size() > 16)
        return badTensor(tensor, "has a form that models do not have");
    const std::int64_t bytes = elementBytes(tensor.data_type());
    if (bytes == 0)
        return badTensor(tensor, "has a type that models do not have");
    PERCEPT_ASSIGN(count, elementCount(tensor.dims()));
    const bool isRaw = !tensor.raw_data().empty();
    const std::int64_t stored
        = isRaw ? static_cast<std::int64_t>(tensor.raw_data().size()) : typedCount(tensor) * bytes;
    if (filledFields(tensor) > 1 || stored != count * bytes)
        return badTensor(tensor, "has more or fewer values than its shape asks for");
    if (!isFinite(tensor))
        return badTensor(tensor, "is not a number or infinite, so the training has gone wrong");
    return count;
}

std::vector<std::int64_t> int64Values(const TensorProto& tensor)
{
    if (tensor.data_type() != TensorProto::INT64)
        return {};
    std::vector<std::int64_t> values(tensor.int64_data().begin(), tensor.int64_data().end());
    if (!tensor.raw_data().empty()) {
        values.resize(tensor.raw_data().size() / sizeof(std::int64_t));
        std::memcpy(values.data(), tensor.raw_data().data(), values.size() * sizeof(std::int64_t));
    }
    return values;
}

std::vector<float> floatValues(const TensorProto& tensor)
{
    if (tensor.data_type() != TensorProto::FLOAT)
        return {};
    std::vector<float> values(tensor.float_data().begin(), tensor.float_data().end());
    if (!tensor.raw_data().empty()) {
        values.resize(tensor.raw_data().size() / sizeof(float));
        std::memcpy(values.data(), tensor.raw_data().data(), values.size() * sizeof(float));
    }
    return values;
}

}
