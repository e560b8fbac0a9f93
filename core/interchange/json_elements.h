#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::interchange {

// One element of an array that stands at the top of a JSON document: {"images": [ELEMENT, ELEMENT], ...}.
struct JsonElement {
    std::string_view array;  // "images"
    std::string_view text;   // valid during the call
    std::size_t readable = 0; // bytes that may be read from text.data(), at least text.size() + 64
    std::uint64_t offset = 0; // in the file
};

// Walks a JSON file of any size piece by piece and hands out the elements of the wanted arrays; memory is one buffer, whatever
// the file holds. Refused: not JSON, cut off, not UTF-8, nested deeper than 200 levels, one element over 64 MiB.
// Returns which of the wanted arrays there were.
base::Result<std::vector<std::string>> walkJsonElements(const std::filesystem::path& file, const std::vector<std::string>& wanted,
    const std::function<base::Result<void>(const JsonElement&)>& onElement, const base::ProgressFn& progress,
    const base::CancelToken& cancel);

}
