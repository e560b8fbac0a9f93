#pragma once

#include "core/media/picture.h"

#include <algorithm>
#include <span>
#include <vector>

namespace percept::media {

// Bytes of a picture file. Only regular files are read (checked on the opened descriptor, so that a FIFO or a device can
// neither block nor be swapped in), and never more than the limit.
struct SourceBytes {
    std::vector<std::uint8_t> bytes;
    bool isWhole = true;
    std::uint64_t fileSize = 0;
    std::vector<std::uint8_t> rest; // when it is not whole: the last bytes of the file
    // The last bytes of the file, up to kEnd.
    std::span<const std::uint8_t> end() const
    {
        const std::span<const std::uint8_t> from(isWhole ? bytes : rest);
        return from.last(std::min(from.size(), kEnd));
    }
    static constexpr std::size_t kEnd = 64 * 1024;
};

// The whole file.
base::Result<SourceBytes> readSource(const std::filesystem::path& file, const DecodeLimits& limits);
// Its first `prefix` bytes and its last kEnd, or all of it when it is shorter.
base::Result<SourceBytes> readSourcePrefix(const std::filesystem::path& file, const DecodeLimits& limits, std::size_t prefix);

}
