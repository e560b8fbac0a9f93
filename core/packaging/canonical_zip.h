#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace percept::packaging {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using EntryMap = std::map<std::string, ByteView, std::less<>>;

// The one zip that a set of files can have: stored entries sorted by name, every header field fixed by name, size and
// contents (no times, no extra fields, no comments, no data between or behind). So a package has no byte that means
// nothing, and none that could be changed without being seen.
inline constexpr std::size_t kMaxEntries = 1000;
inline constexpr std::uint64_t kMaxZipBytes = 1ull << 30; // well below where zip64 begins

// "golden/0.png": parts of [A-Za-z0-9._-] between slashes, none of them "." or "..", at most 200 bytes.
bool isEntryName(std::string_view name);

// Refused: names that isEntryName() does not take, twins that differ in case only, over kMaxEntries or kMaxZipBytes.
base::Result<Bytes> writeCanonicalZip(const EntryMap& entries);

// The entries as views into `bytes`. Refused, when the zip that writeCanonicalZip() makes of them is not equal to `bytes`.
base::Result<EntryMap> readCanonicalZip(ByteView bytes);

}
