#include "core/media/codec.h"

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <tiffio.h>

namespace percept::media {

namespace {

constexpr tmsize_t kMaxSingleAllocation = tmsize_t { 1 } << 30;

struct TiffMemory {
    std::span<const std::uint8_t> bytes;
    std::uint64_t position = 0;
    bool isShort = false;
    std::string firstError = {};
};

tmsize_t readMemory(thandle_t handle, void* target, tmsize_t wanted)
{
    auto* memory = static_cast<TiffMemory*>(handle);
    const std::uint64_t left = memory->bytes.size() - std::min<std::uint64_t>(memory->position, memory->bytes.size());
    const auto n = std::min<std::uint64_t>(left, static_cast<std::uint64_t>(std::max<tmsize_t>(wanted, 0)));
    memory->isShort = memory->isShort || n < static_cast<std::uint64_t>(wanted);
    if (n > 0)
        std::memcpy(target, memory->bytes.data() + memory->position, n);
    memory->position += n;
    return static_cast<tmsize_t>(n);
}

toff_t seekMemory(thandle_t handle, toff_t offset, int whence)
{
    auto* memory = static_cast<TiffMemory*>(handle);
    const std::uint64_t from = whence == SEEK_CUR ? memory->position : whence == SEEK_END ? memory->bytes.size() : 0;
    memory->position = from + offset; // unsigned wrap is how libtiff asks for negative offsets
    return memory->position;
}

int keepError(TIFF*, void* user, const char* module, const char* format, va_list arguments)
{
    char text[300];
    std::vsnprintf(text, sizeof text, format, arguments);
    auto* memory = static_cast<TiffMemory*>(user);
    if (memory->firstError.empty())
        memory->firstError = std::string(module != nullptr ? module : "") + ": " + text;
    return 1;
}

int dropWarning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using TiffHandle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

TiffHandle openTiff(TiffMemory& memory)
{
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxSingleAllocation);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keepError, &memory);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), dropWarning, &memory);
    const auto write = [](thandle_t, void*, tmsize_t) -> tmsize_t { return 0; };
    const auto close = [](thandle_t) -> int { return 0; };
    const auto size = [](thandle_t handle) -> toff_t { return static_cast<TiffMemory*>(handle)->bytes.size(); };
    const auto map = [](thandle_t, void**, toff_t*) -> int { return 0; };
    const auto unmap = [](thandle_t, void*, toff_t) {};
    return { TIFFClientOpenExt("picture", "rm", &memory, readMemory, write, seekMemory, close, size, map, unmap, options.get()),
        TIFFClose };
}

base::Error problem(const CodecInput& input, const TiffMemory& memory)
{
    return memory.isShort ? endsEarly(input) : damaged(input, memory.firstError);
}

base::Result<Header> readHeader(const CodecInput& input, TIFF* tiff, const TiffMemory& memory)
{
    std::uint32_t width = 0, height = 0;
    if (tiff == nullptr || TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) == 0
        || TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height) == 0)
        return problem(input, memory);
    PERCEPT_TRY(checkSize(input, width, height));
    std::uint16_t orientation = 1;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
    if (orientation < 1 || orientation > 8)
        orientation = 1;
    return Header { static_cast<int>(width), static_cast<int>(height), orientation };
}

// Whether Percept reads this kind, and whether every strip or tile lies in the file.
base::Result<void> checkContent(const CodecInput& input, TIFF* tiff)
{
    char reason[1024] = {};
    if (TIFFRGBAImageOK(tiff, reason) == 0)
        return base::refused(input.name + " is a kind of TIFF that Percept does not read; convert it to PNG.", reason);
    const std::uint32_t pieces = TIFFIsTiled(tiff) != 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    for (std::uint32_t i = 0; i < pieces; ++i) {
        const std::uint64_t offset = TIFFGetStrileOffset(tiff, i), count = TIFFGetStrileByteCount(tiff, i);
        if (offset > input.bytes.size() || count > input.bytes.size() - offset)
            return endsEarly(input);
    }
    return {};
}

// Rows of libtiff's ABGR words, alpha already multiplied in, over white.
void convertRaster(const std::vector<std::uint32_t>& raster, cv::Mat& rgb)
{
    for (int y = 0; y < rgb.rows; ++y) {
        const std::uint32_t* from = raster.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(rgb.cols);
        std::uint8_t* to = rgb.ptr<std::uint8_t>(y);
        for (int x = 0; x < rgb.cols; ++x, to += 3) {
            const std::uint32_t paper = 255 - TIFFGetA(from[x]);
            to[0] = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, TIFFGetR(from[x]) + paper));
            to[1] = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, TIFFGetG(from[x]) + paper));
            to[2] = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, TIFFGetB(from[x]) + paper));
        }
    }
}

}

base::Result<Header> readTiffHeader(const CodecInput& input)
{
    TiffMemory memory { input.bytes };
    const TiffHandle tiff = openTiff(memory);
    PERCEPT_ASSIGN(header, readHeader(input, tiff.get(), memory));
    PERCEPT_TRY(checkContent(input, tiff.get()));
    return header;
}

base::Result<Decoded> decodeTiff(const CodecInput& input)
{
    TiffMemory memory { input.bytes };
    const TiffHandle tiff = openTiff(memory);
    PERCEPT_ASSIGN(header, readHeader(input, tiff.get(), memory));
    PERCEPT_TRY(checkContent(input, tiff.get()));
    // Rows as stored; the orientation is applied once, for all formats alike.
    TIFFSetField(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    std::vector<std::uint32_t> raster(static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.height));
    memory.isShort = false;
    const bool isRead = TIFFReadRGBAImageOriented(tiff.get(), static_cast<std::uint32_t>(header.width),
                            static_cast<std::uint32_t>(header.height), raster.data(), ORIENTATION_TOPLEFT, /*stop=*/1)
        != 0;
    if (!isRead || !memory.firstError.empty())
        return problem(input, memory);
    Decoded decoded { header, cv::Mat(header.height, header.width, CV_8UC3) };
    convertRaster(raster, decoded.rgb);
    return decoded;
}

}
