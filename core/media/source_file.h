#pragma once

#include "core/media/picture.h"

#include <vector>

namespace percept::media {

// Bytes of a picture file. Only regular files are read (checked on the opened descriptor, so that a FIFO or a device can
// neither block nor be swapped in), and never more than the limit.
struct SourceBytes {
    std::vector<std::uint8_t> bytes;
    bool isWhole = true;
};

// The whole file.
base::Result<SourceBytes> readSource(const std::filesystem::path& file, const DecodeLimits& limits);
// Its first `prefix` bytes, or all of it when it is shorter.
base::Result<SourceBytes> readSourcePrefix(const std::filesystem::path& file, const DecodeLimits& limits, std::size_t prefix);

}
