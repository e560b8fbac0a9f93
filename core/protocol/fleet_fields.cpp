#include "core/protocol/fleet_fields.h"

#include "core/protocol/fleet_topics.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::protocol {

namespace {

constexpr int kMaxDepth = 16;

bool isHex(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isWordOf(std::string_view word, std::string_view words)
{
    while (!words.empty()) {
        const std::size_t space = std::min(words.find(' '), words.size());
        if (word == words.substr(0, space))
            return true;
        words.remove_prefix(std::min(space + 1, words.size()));
    }
    return false;
}

}

base::Result<nlohmann::json> parseFleetMessage(std::string_view text, std::string_view what)
{
    return parseJson(text, what, kMaxFleetMessageBytes, kMaxDepth);
}

void checkFleetVersion(JsonFields& fields)
{
    const std::int64_t version = fields.requiredInteger("v", 1, INT64_MAX);
    if (version > kFleetProtocolVersion)
        fields.setFault("v", fmt::format("is {}: it was written by a newer Percept", version));
}

bool isSha256(std::string_view text) { return text.size() == 64 && isHex(text); }

bool isRandomName(std::string_view text) { return text.size() == 32 && isHex(text); }

std::string requiredSha256(JsonFields& fields, const char* name)
{
    std::string text = fields.requiredText(name, 64);
    if (!isSha256(text))
        fields.setFault(name, "is not a SHA-256 hash");
    return text;
}

std::string requiredWord(JsonFields& fields, const char* name, std::string_view words)
{
    std::string text = fields.requiredText(name, 64);
    if (text.find(' ') != std::string::npos || !isWordOf(text, words))
        fields.setFault(name, fmt::format("is none of: {}", words));
    return text;
}

}
