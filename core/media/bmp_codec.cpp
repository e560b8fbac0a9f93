#include "core/media/codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

namespace percept::media {

namespace {

// What the headers of a Windows bitmap say. Run-length coded ones are refused: nothing writes them any more.
struct BmpLayout {
    std::int64_t width = 0, height = 0;
    bool isTopDown = false;
    int bits = 0;
    std::size_t pixelOffset = 0, paletteOffset = 0, paletteEntry = 4, paletteSize = 0;
    std::array<std::uint32_t, 3> masks = {}; // red, green, blue of 16 and 32 bits
};

class Bytes {
public:
    explicit Bytes(std::span<const std::uint8_t> bytes)
        : m_bytes(bytes)
    {
    }
    bool has(std::size_t at, std::size_t n) const { return at <= m_bytes.size() && n <= m_bytes.size() - at; }
    std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(m_bytes[at] | (m_bytes[at + 1] << 8)); }
    std::uint32_t u32(std::size_t at) const { return u16(at) | (std::uint32_t { u16(at + 2) } << 16); }
    std::int32_t i32(std::size_t at) const { return static_cast<std::int32_t>(u32(at)); }

private:
    std::span<const std::uint8_t> m_bytes;
};

constexpr std::size_t kFileHeader = 14;

base::Result<void> readMasks(const CodecInput& input, const Bytes& bytes, std::uint32_t headerSize, std::uint32_t compression,
    BmpLayout& layout)
{
    if (compression == 3 || compression == 6) {
        // The masks follow a 40-byte header and are part of a longer one: the same place either way.
        if (!bytes.has(kFileHeader + 40, 12))
            return endsEarly(input);
        for (std::size_t i = 0; i < 3; ++i)
            layout.masks[i] = bytes.u32(kFileHeader + 40 + 4 * i);
        if (headerSize == 40)
            layout.paletteOffset += compression == 3 ? 12 : 16;
        return {};
    }
    layout.masks = layout.bits == 16 ? std::array<std::uint32_t, 3> { 0x7C00, 0x03E0, 0x001F }
                                     : std::array<std::uint32_t, 3> { 0xFF0000, 0x00FF00, 0x0000FF };
    return {};
}

base::Result<BmpLayout> readLayout(const CodecInput& input)
{
    const Bytes bytes(input.bytes);
    if (!bytes.has(0, kFileHeader + 12))
        return endsEarly(input);
    BmpLayout layout;
    layout.pixelOffset = bytes.u32(10);
    const std::uint32_t headerSize = bytes.u32(kFileHeader);
    layout.paletteOffset = kFileHeader + headerSize;
    if (headerSize == 12) { // OS/2
        layout.width = bytes.u16(kFileHeader + 4);
        layout.height = bytes.u16(kFileHeader + 6);
        layout.bits = bytes.u16(kFileHeader + 10);
        layout.paletteEntry = 3;
        layout.paletteSize = layout.bits <= 8 ? std::size_t { 1 } << layout.bits : 0;
        PERCEPT_TRY(checkSize(input, layout.width, layout.height));
        layout.masks = { 0xFF0000, 0x00FF00, 0x0000FF };
        return layout;
    }
    if (headerSize < 40 || headerSize > 4096)
        return damaged(input, "bitmap header of " + std::to_string(headerSize) + " bytes");
    if (!bytes.has(kFileHeader, 40))
        return endsEarly(input);
    const std::int64_t height = bytes.i32(kFileHeader + 8);
    layout.width = bytes.i32(kFileHeader + 4);
    layout.isTopDown = height < 0;
    layout.height = std::abs(height);
    layout.bits = bytes.u16(kFileHeader + 14);
    const std::uint32_t compression = bytes.u32(kFileHeader + 16);
    PERCEPT_TRY(checkSize(input, layout.width, layout.height));
    if (compression != 0 && compression != 3 && compression != 6)
        return base::refused(input.name + " is a compressed BMP, a kind that Percept does not read; convert it to PNG.");
    if (layout.bits <= 8) {
        const std::uint32_t used = bytes.u32(kFileHeader + 32);
        const std::size_t most = std::size_t { 1 } << layout.bits;
        layout.paletteSize = used == 0 ? most : std::min<std::size_t>(used, most);
    }
    PERCEPT_TRY(readMasks(input, bytes, headerSize, compression, layout));
    return layout;
}

// Bytes of a stored row.
std::size_t strideOf(const BmpLayout& layout)
{
    return (static_cast<std::size_t>(layout.width) * static_cast<std::size_t>(layout.bits) + 31) / 32 * 4;
}

bool isKnownDepth(int bits)
{
    return bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
}

std::uint8_t scaledChannel(std::uint32_t pixel, std::uint32_t mask)
{
    if (mask == 0)
        return 0;
    const std::uint32_t most = mask >> std::countr_zero(mask);
    const std::uint64_t value = (pixel & mask) >> std::countr_zero(mask);
    return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
}

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;

Palette readPalette(const CodecInput& input, const BmpLayout& layout)
{
    Palette palette = {};
    for (std::size_t i = 0; i < layout.paletteSize; ++i) {
        const std::uint8_t* entry = input.bytes.data() + layout.paletteOffset + i * layout.paletteEntry;
        palette[i] = { entry[2], entry[1], entry[0] };
    }
    return palette;
}

void convertIndexed(const std::uint8_t* row, int bits, const Palette& palette, cv::Mat& rgb, int y)
{
    std::uint8_t* to = rgb.ptr<std::uint8_t>(y);
    const int perByte = 8 / bits;
    for (int x = 0; x < rgb.cols; ++x, to += 3) {
        const int shift = 8 - bits * (x % perByte + 1);
        std::copy_n(palette[static_cast<std::size_t>((row[x / perByte] >> shift) & ((1 << bits) - 1))].data(), 3, to);
    }
}

void convertTrueColor(const std::uint8_t* row, const BmpLayout& layout, cv::Mat& rgb, int y)
{
    std::uint8_t* to = rgb.ptr<std::uint8_t>(y);
    const int bytesPerPixel = layout.bits / 8;
    for (int x = 0; x < rgb.cols; ++x, to += 3, row += bytesPerPixel) {
        std::uint32_t pixel = 0;
        for (int i = 0; i < bytesPerPixel; ++i)
            pixel |= std::uint32_t { row[i] } << (8 * i);
        for (std::size_t c = 0; c < 3; ++c)
            to[c] = scaledChannel(pixel, layout.masks[c]);
    }
}

}

base::Result<Header> readBmpHeader(const CodecInput& input)
{
    PERCEPT_ASSIGN(layout, readLayout(input));
    if (!isKnownDepth(layout.bits))
        return damaged(input, std::to_string(layout.bits) + " bits a pixel");
    const Bytes bytes(input.bytes);
    if (!bytes.has(layout.pixelOffset, strideOf(layout) * static_cast<std::size_t>(layout.height))
        || !bytes.has(layout.paletteOffset, layout.paletteSize * layout.paletteEntry))
        return endsEarly(input);
    return Header { static_cast<int>(layout.width), static_cast<int>(layout.height), 1 };
}

base::Result<Decoded> decodeBmp(const CodecInput& input)
{
    PERCEPT_ASSIGN(header, readBmpHeader(input));
    PERCEPT_ASSIGN(layout, readLayout(input));
    const std::size_t stride = strideOf(layout);
    const Palette palette = readPalette(input, layout);
    Decoded decoded { header, cv::Mat(header.height, header.width, CV_8UC3) };
    for (int y = 0; y < header.height; ++y) {
        const int storedRow = layout.isTopDown ? y : header.height - 1 - y;
        const std::uint8_t* row = input.bytes.data() + layout.pixelOffset + stride * static_cast<std::size_t>(storedRow);
        if (layout.bits <= 8)
            convertIndexed(row, layout.bits, palette, decoded.rgb, y);
        else
            convertTrueColor(row, layout, decoded.rgb, y);
    }
    return decoded;
}

}
