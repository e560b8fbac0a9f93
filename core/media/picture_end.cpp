#include "core/media/picture_end.h"

#include <algorithm>
#include <array>

namespace percept::media {

namespace {

// Where the coded data begin: behind the last header segment, so that the end of a thumbnail in the EXIF block is not taken
// for the end of the picture.
std::uint64_t jpegDataOffset(std::span<const std::uint8_t> bytes)
{
    std::size_t at = 2;
    while (at + 4 <= bytes.size() && bytes[at] == 0xff) {
        const std::uint8_t marker = bytes[at + 1];
        const std::size_t length = std::size_t(bytes[at + 2]) << 8 | bytes[at + 3];
        if (marker == 0xff) { // padding
            ++at;
            continue;
        }
        at += 2 + length;
        if (marker == 0xda)
            break;
    }
    return at;
}

bool hasJpegEnd(std::span<const std::uint8_t> beginning, std::span<const std::uint8_t> end, std::uint64_t fileSize)
{
    constexpr std::array<std::uint8_t, 2> kEnd { 0xff, 0xd9 }; // never inside coded data
    const std::uint64_t endOffset = fileSize - end.size(), data = jpegDataOffset(beginning);
    if (data > endOffset)
        end = end.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(data - endOffset, end.size())));
    return std::find_end(end.begin(), end.end(), kEnd.begin(), kEnd.end()) != end.end();
}

bool hasPngEnd(std::span<const std::uint8_t> end)
{
    constexpr std::array<std::uint8_t, 8> kEnd { 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82 };
    return end.size() >= kEnd.size() && std::equal(kEnd.begin(), kEnd.end(), end.end() - kEnd.size());
}

}

bool looksComplete(PictureFormat format, std::span<const std::uint8_t> beginning, std::span<const std::uint8_t> end, std::uint64_t fileSize)
{
    switch (format) {
    case PictureFormat::Jpeg: return hasJpegEnd(beginning, end, fileSize);
    case PictureFormat::Png: return hasPngEnd(end);
    default: return true;
    }
}

}
