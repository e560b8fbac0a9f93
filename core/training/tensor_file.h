#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace percept::training {

enum class TensorType { F32, F64, F16, I64, I32, U8 };

struct TensorView {
    TensorType type = TensorType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::uint8_t> bytes; // row-major, little-endian; not necessarily aligned
};

// A safetensors file in memory. The bytes may come from anybody: every length is checked before it is used, the tensors
// must fill the data exactly and without overlap, and nothing in the file is ever executed.
class TensorFile {
public:
    // Moved, never copied: the tensors look into its own bytes.
    TensorFile(const TensorFile&) = delete;
    TensorFile& operator=(const TensorFile&) = delete;
    TensorFile(TensorFile&&) = default;
    TensorFile& operator=(TensorFile&&) = default;

    static base::Result<TensorFile> read(const std::filesystem::path& file);
    static base::Result<TensorFile> parse(std::vector<std::uint8_t> bytes, const std::string& name);

    const std::map<std::string, TensorView, std::less<>>& tensors() const { return m_tensors; }
    const std::map<std::string, std::string, std::less<>>& metadata() const { return m_metadata; }
    const TensorView* find(std::string_view name) const;
    // A copy as floats; converts F64. Fails when absent or of another element count.
    base::Result<std::vector<float>> floats(std::string_view name, std::size_t expectedCount) const;

private:
    TensorFile() = default;

    std::vector<std::uint8_t> m_bytes;
    std::map<std::string, TensorView, std::less<>> m_tensors;
    std::map<std::string, std::string, std::less<>> m_metadata;
    std::string m_name;
};

struct NamedFloats {
    std::string name;
    std::vector<std::int64_t> shape;
    std::span<const float> values;
};
// The bytes of a safetensors file: tensors in the given order, the same input gives the same bytes.
std::vector<std::uint8_t> encodeTensorFile(const std::vector<NamedFloats>& tensors,
    const std::map<std::string, std::string>& metadata);

}
