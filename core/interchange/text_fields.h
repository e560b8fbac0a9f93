#pragma once

#include "core/domain/annotation.h"

#include <optional>
#include <string>
#include <string_view>

namespace percept::interchange {

std::string_view trimmed(std::string_view text);
std::string lowered(std::string_view text);
bool isUtf8(std::string_view text);
// A name that is not UTF-8 with \xHH for what is not ASCII, so that it can be told; others as they are.
std::string tellable(const std::string& name);

// A finite decimal number and nothing else; "nan", "1e400", "12px" are none.
std::optional<double> parseNumber(std::string_view text);

// The name of a class as it is kept: trimmed; nullopt when empty, over 200 bytes, not UTF-8, or with control characters.
std::optional<std::string> cleanLabel(std::string_view text);

// The set that a file or folder name speaks of: "instances_train2017.json", "valid", "test". None: it does not.
domain::SplitSet setFromName(std::string_view name);

bool hasPictureExtension(std::string_view name);
// Pictures of kinds that Percept does not read (GIF, HEIC, ...): people expect to hear of them.
bool hasForeignPictureExtension(std::string_view name);

}
