#pragma once

#include "core/protocol/json_fields.h"

namespace percept::protocol {

// What all messages of a fleet share when they are read: size before parsing, depth, version.
base::Result<nlohmann::json> parseFleetMessage(std::string_view text, std::string_view what);
// Faults of the object itself and a version that this program does not know.
void checkFleetVersion(JsonFields& fields);

bool isSha256(std::string_view text);
bool isRandomName(std::string_view text); // 32 hex digits, lower case
std::string requiredSha256(JsonFields& fields, const char* name);
// One of `words`, separated by spaces.
std::string requiredWord(JsonFields& fields, const char* name, std::string_view words);

inline constexpr std::int64_t kMostCount = 1'000'000'000'000'000; // of anything that is counted; exact in a double
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxLabelBytes = 1024; // as in a package
inline constexpr std::size_t kMaxSentenceBytes = 4096;

}
