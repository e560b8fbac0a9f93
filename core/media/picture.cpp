#include "core/media/picture.h"

#include "core/base/hash.h"
#include "core/media/codec.h"
#include "core/media/orientation.h"
#include "core/media/picture_end.h"
#include "core/media/picture_kind.h"
#include "core/media/shrink.h"
#include "core/media/source_file.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace percept::media {

base::Result<void> checkSize(const CodecInput& input, std::int64_t width, std::int64_t height)
{
    const std::string size = std::to_string(width) + " x " + std::to_string(height);
    if (width <= 0 || height <= 0)
        return base::refused(input.name + " is damaged: its header says " + size + " pixels.");
    // Each side below 2^31, so the product cannot overflow.
    const auto pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
    if (width > INT32_MAX || height > INT32_MAX || pixels > input.limits.maxPixels)
        return base::refused(input.name + ": " + size + " pixels is over the limit of "
            + std::to_string(input.limits.maxPixels / 1'000'000) + " megapixels.");
    return {};
}

base::Error endsEarly(const CodecInput& input)
{
    return base::refused(input.name + " is damaged: the file ends early. Copy it again from its source.");
}

base::Error damaged(const CodecInput& input, const std::string& detail)
{
    return base::refused(input.name + " is damaged and cannot be read. Copy it again from its source.", detail);
}

void blendOverWhite(const std::uint8_t* rgba, std::uint8_t* rgb, int pixels)
{
    for (int i = 0; i < pixels; ++i, rgba += 4, rgb += 3) {
        const int alpha = rgba[3];
        for (int c = 0; c < 3; ++c)
            rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

namespace {

constexpr std::uint64_t kHeaderPrefix = 16 * 1024; // nearly always holds the header
constexpr std::uint64_t kReadAtOnce = 1 << 20;     // of what is read as a whole anyway
// How much is read to find the end, behind which some cameras append something.
constexpr std::array<std::uint64_t, 2> kEnds { 512, 64 * 1024 };

base::Result<Header> readHeader(PictureFormat format, const CodecInput& input)
{
    switch (format) {
    case PictureFormat::Jpeg: return readJpegHeader(input);
    case PictureFormat::Png: return readPngHeader(input);
    case PictureFormat::WebP: return readWebPHeader(input);
    case PictureFormat::Tiff: return readTiffHeader(input);
    case PictureFormat::Bmp: return readBmpHeader(input);
    }
    return damaged(input, "format");
}

base::Result<Decoded> decodeStored(PictureFormat format, const CodecInput& input, int minLongSide)
{
    switch (format) {
    case PictureFormat::Jpeg: return decodeJpeg(input, minLongSide);
    case PictureFormat::Png: return decodePng(input);
    case PictureFormat::WebP: return decodeWebP(input);
    case PictureFormat::Tiff: return decodeTiff(input);
    case PictureFormat::Bmp: return decodeBmp(input);
    }
    return damaged(input, "format");
}

base::Result<PictureFormat> formatOf(const CodecInput& input)
{
    if (const auto format = pictureFormatOf(input.bytes))
        return *format;
    return base::refused(input.name + " is " + describeForeignBytes(input.bytes) + ".");
}

base::Result<Decoded> decodeStored(const CodecInput& input, int minLongSide)
{
    PERCEPT_ASSIGN(format, formatOf(input));
    // The edge of the library: OpenCV throws when memory runs out.
    try {
        return decodeStored(format, input, minLongSide);
    } catch (const std::exception& problem) {
        return base::failed(input.name + " does not fit into memory.", problem.what());
    }
}

cv::Mat shrink(const cv::Mat& rgb, int longSide)
{
    const double scale = static_cast<double>(longSide) / std::max(rgb.cols, rgb.rows);
    if (scale >= 1)
        return rgb;
    const cv::Size size(std::max(1, static_cast<int>(std::lround(rgb.cols * scale))),
        std::max(1, static_cast<int>(std::lround(rgb.rows * scale))));
    return shrinkByArea(rgb, size);
}

PictureInfo describe(PictureFormat format, const Header& header)
{
    PictureInfo info { format, header.width, header.height, header.orientation };
    if (swapsAxes(header.orientation))
        std::swap(info.width, info.height);
    return info;
}

// Whether the end is there. What only looks cut (something long was appended) is decoded to know.
base::Result<void> checkEnd(const SourceFile& source, PictureFormat format, std::span<const std::uint8_t> start, const DecodeLimits& limits)
{
    for (const std::uint64_t count : kEnds) {
        std::vector<std::uint8_t> read;
        auto end = start.last(static_cast<std::size_t>(std::min<std::uint64_t>(start.size(), count)));
        if (start.size() < source.size()) {
            PERCEPT_ASSIGN(bytes, source.read(source.size() - std::min(source.size(), count), count));
            read = std::move(bytes);
            end = read;
        }
        if (looksComplete(format, start, end, source.size()))
            return {};
    }
    PERCEPT_ASSIGN(whole, source.readAll());
    PERCEPT_TRY(decodePicture(whole, source.name(), limits));
    return {};
}

// `start` holds the first bytes of the file; more are read when they do not tell.
base::Result<PictureInfo> look(const SourceFile& source, std::vector<std::uint8_t>& start, const DecodeLimits& limits)
{
    CodecInput input { start, source.name(), limits };
    PERCEPT_ASSIGN(format, formatOf(input));
    // The headers of these say where their data lie, and are checked against the whole; others may carry a large block before
    // their size.
    const bool needsAll = format == PictureFormat::WebP || format == PictureFormat::Tiff || format == PictureFormat::Bmp;
    base::Result<Header> header = readHeader(format, input);
    while (start.size() < source.size() && (header.hasError() || needsAll)) {
        PERCEPT_ASSIGN(more, source.read(0, needsAll ? source.size() : start.size() * 16));
        if (more.size() <= start.size())
            break; // it shrank meanwhile
        start = std::move(more);
        input.bytes = start;
        header = readHeader(format, input);
    }
    if (header.hasError())
        return header.error();
    PERCEPT_TRY(checkEnd(source, format, start, limits));
    return describe(format, *header);
}

}

base::Result<PictureInfo> readPictureInfo(const std::filesystem::path& file, const DecodeLimits& limits)
{
    PERCEPT_ASSIGN(found, readPictureFile(file, /*hash=*/false, limits));
    return found.info;
}

base::Result<PictureFile> readPictureFile(const std::filesystem::path& file, bool hash, const DecodeLimits& limits)
{
    PERCEPT_ASSIGN(source, SourceFile::open(file, limits));
    PERCEPT_ASSIGN(start, source.read(0, hash ? kReadAtOnce : kHeaderPrefix));
    PERCEPT_ASSIGN(info, look(source, start, limits));
    PictureFile found { info, source.size(), {} };
    if (hash) {
        PERCEPT_ASSIGN(sha256, source.sha256(start));
        found.sha256 = std::move(sha256);
    }
    return found;
}

base::Result<cv::Mat> decodePicture(std::span<const std::uint8_t> bytes, const std::string& name, const DecodeLimits& limits)
{
    const CodecInput input { bytes, name, limits };
    if (bytes.empty())
        return base::refused(name + " is empty.");
    if (bytes.size() > limits.maxFileBytes)
        return base::refused(name + " is over the limit for a picture file.");
    PERCEPT_ASSIGN(decoded, decodeStored(input, 0));
    return applyOrientation(decoded.rgb, decoded.header.orientation);
}

base::Result<cv::Mat> decodePicture(const std::filesystem::path& file, const DecodeLimits& limits) { return decodePicture(file, nullptr, limits); }

base::Result<cv::Mat> decodePicture(const std::filesystem::path& file, std::string* sha256, const DecodeLimits& limits)
{
    PERCEPT_ASSIGN(source, SourceFile::open(file, limits));
    PERCEPT_ASSIGN(bytes, source.readAll());
    if (sha256)
        *sha256 = base::sha256Hex(bytes);
    return decodePicture(bytes, source.name(), limits);
}

base::Result<cv::Mat> decodeThumbnail(const std::filesystem::path& file, int longSide, const DecodeLimits& limits)
{
    if (longSide < 1)
        return base::usage("A thumbnail needs a size of at least one pixel.");
    PERCEPT_ASSIGN(source, SourceFile::open(file, limits));
    PERCEPT_ASSIGN(bytes, source.readAll());
    PERCEPT_ASSIGN(decoded, decodeStored({ bytes, source.name(), limits }, longSide));
    return applyOrientation(shrink(decoded.rgb, longSide), decoded.header.orientation);
}

}
