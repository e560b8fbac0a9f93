#include "core/training/tensor_file.h"

#include "core/base/files.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace percept::training {

namespace {

constexpr std::uint64_t kMaxHeaderBytes = 64ull << 20;
constexpr std::uint64_t kMaxFileBytes = 8ull << 30;
constexpr std::size_t kMaxRank = 8;

std::optional<TensorType> typeFromText(std::string_view text)
{
    if (text == "F32") return TensorType::F32;
    if (text == "F64") return TensorType::F64;
    if (text == "F16") return TensorType::F16;
    if (text == "I64") return TensorType::I64;
    if (text == "I32") return TensorType::I32;
    if (text == "U8") return TensorType::U8;
    return std::nullopt;
}

std::uint64_t elementSize(TensorType type)
{
    switch (type) {
    case TensorType::F64:
    case TensorType::I64: return 8;
    case TensorType::F32:
    case TensorType::I32: return 4;
    case TensorType::F16: return 2;
    case TensorType::U8: return 1;
    }
    return 1;
}

base::Error broken(const std::string& file, const std::string& why)
{
    return base::refused(fmt::format("{} is not a sound safetensors file: {}.", file, why));
}

std::optional<std::uint64_t> byteCount(const TensorView& view)
{
    std::uint64_t count = elementSize(view.type);
    for (const auto size : view.shape) {
        std::uint64_t product = 0;
        if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &product))
            return std::nullopt;
        count = product;
    }
    return count;
}

struct Placed {
    TensorView view;
    std::uint64_t begin = 0, end = 0;
};

// One entry of the header; empty when a field is missing, of another kind or out of range.
std::optional<Placed> parseEntry(const nlohmann::json& entry)
{
    if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets"))
        return std::nullopt;
    const auto& type = entry["dtype"];
    const auto& shape = entry["shape"];
    const auto& offsets = entry["data_offsets"];
    if (!type.is_string() || !shape.is_array() || shape.size() > kMaxRank || !offsets.is_array() || offsets.size() != 2
        || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
        return std::nullopt;
    const auto known = typeFromText(type.get_ref<const std::string&>());
    if (!known.has_value())
        return std::nullopt;
    Placed placed;
    placed.view.type = *known;
    for (const auto& size : shape) {
        if (!size.is_number_unsigned() || size.get<std::uint64_t>() > (1ull << 40))
            return std::nullopt;
        placed.view.shape.push_back(size.get<std::int64_t>());
    }
    placed.begin = offsets[0].get<std::uint64_t>();
    placed.end = offsets[1].get<std::uint64_t>();
    return placed;
}

// Tensors must follow each other without gap or overlap and fill the data.
bool fillExactly(const std::vector<Placed>& placed, std::uint64_t dataBytes)
{
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const auto& p : placed)
        ranges.emplace_back(p.begin, p.end);
    std::sort(ranges.begin(), ranges.end());
    std::uint64_t at = 0;
    for (const auto& [begin, end] : ranges) {
        if (begin != at || end < begin)
            return false;
        at = end;
    }
    return at == dataBytes;
}

}

base::Result<TensorFile> TensorFile::read(const std::filesystem::path& file)
{
    PERCEPT_ASSIGN(bytes, base::readFile(file, kMaxFileBytes));
    return parse(std::move(bytes), file.filename().string());
}

base::Result<TensorFile> TensorFile::parse(std::vector<std::uint8_t> bytes, const std::string& name)
{
    TensorFile out;
    out.m_name = name;
    out.m_bytes = std::move(bytes);
    const auto size = static_cast<std::uint64_t>(out.m_bytes.size());
    if (size < 8)
        return broken(name, "it is too short");
    std::uint64_t headerBytes = 0;
    for (int i = 0; i < 8; ++i)
        headerBytes |= static_cast<std::uint64_t>(out.m_bytes[static_cast<std::size_t>(i)]) << (8 * i);
    if (headerBytes > kMaxHeaderBytes || headerBytes > size - 8)
        return broken(name, "its header is longer than the file");
    const auto begin = out.m_bytes.begin() + 8;
    const auto json = nlohmann::json::parse(begin, begin + static_cast<std::ptrdiff_t>(headerBytes), nullptr, false);
    if (!json.is_object())
        return broken(name, "its header is not JSON");

    const std::uint64_t dataBytes = size - 8 - headerBytes;
    const std::uint8_t* data = out.m_bytes.data() + 8 + headerBytes;
    std::vector<Placed> all;
    for (const auto& [key, entry] : json.items()) {
        if (key == "__metadata__") {
            if (!entry.is_object())
                return broken(name, "its metadata is not a table");
            for (const auto& [field, value] : entry.items()) {
                if (!value.is_string())
                    return broken(name, "its metadata is not text");
                out.m_metadata.emplace(field, value.get<std::string>());
            }
            continue;
        }
        auto placed = parseEntry(entry);
        if (!placed.has_value())
            return broken(name, "the entry of one tensor cannot be read");
        const auto expected = byteCount(placed->view);
        if (placed->begin > placed->end || placed->end > dataBytes || !expected.has_value()
            || *expected != placed->end - placed->begin)
            return broken(name, "the size of a tensor does not fit its shape");
        placed->view.bytes = { data + placed->begin, static_cast<std::size_t>(placed->end - placed->begin) };
        all.push_back(*placed);
        out.m_tensors.emplace(key, placed->view);
    }
    if (!fillExactly(all, dataBytes))
        return broken(name, "its tensors overlap or leave gaps");
    return out;
}

const TensorView* TensorFile::find(std::string_view name) const
{
    const auto it = m_tensors.find(name);
    return it == m_tensors.end() ? nullptr : &it->second;
}

base::Result<std::vector<float>> TensorFile::floats(std::string_view name, std::size_t expectedCount) const
{
    const auto* view = find(name);
    if (!view)
        return base::refused(fmt::format("{} lacks the tensor {}.", m_name, name));
    std::vector<float> out(expectedCount);
    if (view->type == TensorType::F32 && view->bytes.size() == expectedCount * 4) {
        if (expectedCount > 0)
            std::memcpy(out.data(), view->bytes.data(), view->bytes.size());
        return out;
    }
    if (view->type == TensorType::F64 && view->bytes.size() == expectedCount * 8) {
        for (std::size_t i = 0; i < expectedCount; ++i) {
            double value = 0;
            std::memcpy(&value, view->bytes.data() + i * 8, 8);
            out[i] = static_cast<float>(value);
        }
        return out;
    }
    return base::refused(fmt::format("{}: the tensor {} has another size or type than this network.", m_name, name));
}

std::vector<std::uint8_t> encodeTensorFile(const std::vector<NamedFloats>& tensors,
    const std::map<std::string, std::string>& metadata)
{
    nlohmann::ordered_json header;
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const auto& tensor : tensors) {
        const std::uint64_t end = offset + tensor.values.size_bytes();
        header[tensor.name] = { { "dtype", "F32" }, { "shape", tensor.shape }, { "data_offsets", { offset, end } } };
        offset = end;
    }
    std::string text = header.empty() ? std::string("{}") : header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    std::vector<std::uint8_t> out(8 + text.size() + offset);
    for (int i = 0; i < 8; ++i)
        out[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(text.size() >> (8 * i));
    std::memcpy(out.data() + 8, text.data(), text.size());
    std::uint8_t* at = out.data() + 8 + text.size();
    for (const auto& tensor : tensors) {
        if (!tensor.values.empty())
            std::memcpy(at, tensor.values.data(), tensor.values.size_bytes());
        at += tensor.values.size_bytes();
    }
    return out;
}

}
