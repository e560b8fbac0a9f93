#pragma once

#include "core/media/picture.h"

namespace percept::media {

// Whether a JPEG or PNG whose header is sound also has its end, by a look at its first and last bytes: a cut file keeps its
// header. Other formats: true, as reading their headers
// looks for what they promise. False is no proof (something may have been appended): decode it to know.
bool looksComplete(PictureFormat format, std::span<const std::uint8_t> beginning, std::span<const std::uint8_t> end, std::uint64_t fileSize);

}
