#include "core/interchange/text_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <simdjson.h>
#include <vector>

namespace percept::interchange {

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\r\n\v\f";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

bool isUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::string tellable(const std::string& name)
{
    if (isUtf8(name))
        return name;
    std::string text;
    for (const char c : name)
        text += static_cast<unsigned char>(c) < 128 ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::optional<double> parseNumber(std::string_view text)
{
    text = trimmed(text);
    if (text.starts_with('+'))
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<std::string> cleanLabel(std::string_view text)
{
    text = trimmed(text);
    const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
    if (text.empty() || text.size() > 200 || !isUtf8(text) || std::any_of(text.begin(), text.end(), isControl))
        return std::nullopt;
    return std::string(text);
}

domain::SplitSet setFromName(std::string_view name)
{
    std::string word;
    const auto setOfWord = [&word] {
        if (word == "train" || word == "training")
            return domain::SplitSet::Train;
        if (word == "val" || word == "valid" || word == "validation")
            return domain::SplitSet::Validation;
        if (word == "test" || word == "testing")
            return domain::SplitSet::Test;
        if (word == "reserve")
            return domain::SplitSet::Reserve;
        return domain::SplitSet::None;
    };
    for (const char c : lowered(name) + ".") {
        if (c >= 'a' && c <= 'z') {
            word += c;
            continue;
        }
        if (const auto set = setOfWord(); set != domain::SplitSet::None)
            return set;
        word.clear();
    }
    return domain::SplitSet::None;
}

namespace {

template <std::size_t N>
bool endsWithOneOf(std::string_view name, const std::array<std::string_view, N>& endings)
{
    const std::string lower = lowered(name);
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return lower.ends_with(ending); });
}

}

bool hasPictureExtension(std::string_view name)
{
    static constexpr std::array<std::string_view, 8> kKnown = { ".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".jpe" };
    return endsWithOneOf(name, kKnown);
}

bool hasForeignPictureExtension(std::string_view name)
{
    static constexpr std::array<std::string_view, 9> kForeign
        = { ".gif", ".heic", ".heif", ".avif", ".jp2", ".psd", ".dng", ".cr2", ".nef" };
    return endsWithOneOf(name, kForeign);
}

}
