#pragma once

#include "core/media/picture.h"

#include <optional>

namespace percept::media {

// The format that the first bytes say, whatever the name of the file.
std::optional<PictureFormat> pictureFormatOf(std::span<const std::uint8_t> bytes);

// What bytes that are no picture of ours are, as the end of a sentence: "an HTML page, not a picture".
std::string describeForeignBytes(std::span<const std::uint8_t> bytes);

// "PNG", "JPEG", ...
std::string_view toString(PictureFormat format);

}
