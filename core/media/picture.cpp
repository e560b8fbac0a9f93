#include "core/media/picture.h"

#include "core/base/time.h"
#include "core/media/codec.h"
#include "core/media/orientation.h"
#include "core/media/picture_end.h"
#include "core/media/picture_kind.h"
#include "core/media/source_file.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

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

constexpr std::size_t kHeaderPrefix = 128 * 1024;

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
    cv::Mat small;
    cv::resize(rgb, small, size, 0, 0, cv::INTER_AREA);
    return small;
}

PictureInfo describe(PictureFormat format, const Header& header)
{
    PictureInfo info { format, header.width, header.height, header.orientation };
    if (swapsAxes(header.orientation))
        std::swap(info.width, info.height);
    return info;
}

}

base::Result<PictureInfo> readPictureInfo(const std::filesystem::path& file, const DecodeLimits& limits)
{
    PERCEPT_ASSIGN(source, readSourcePrefix(file, limits, kHeaderPrefix));
    CodecInput input { source.bytes, file.filename().string(), limits };
    PERCEPT_ASSIGN(format, formatOf(input));
    auto header = readHeader(format, input);
    if (!source.isWhole && (header.hasError() || format == PictureFormat::WebP || format == PictureFormat::Tiff)) {
        // These keep what we need at the end, and others may carry a large block before their size.
        PERCEPT_ASSIGN(whole, readSource(file, limits));
        source = std::move(whole);
        input.bytes = source.bytes;
        header = readHeader(format, input);
    }
    if (header.hasError())
        return header.error();
    if (!looksComplete(format, source.bytes, source.end(), source.fileSize))
        PERCEPT_TRY(decodePicture(file, limits));
    return describe(format, *header);
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

base::Result<cv::Mat> decodePicture(const std::filesystem::path& file, const DecodeLimits& limits)
{
    PERCEPT_ASSIGN(source, readSource(file, limits));
    return decodePicture(source.bytes, file.filename().string(), limits);
}

base::Result<cv::Mat> decodeThumbnail(const std::filesystem::path& file, int longSide, const DecodeLimits& limits)
{
    if (longSide < 1)
        return base::usage("A thumbnail needs a size of at least one pixel.");
    PERCEPT_ASSIGN(source, readSource(file, limits));
    PERCEPT_ASSIGN(decoded, decodeStored({ source.bytes, file.filename().string(), limits }, longSide));
    return applyOrientation(shrink(decoded.rgb, longSide), decoded.header.orientation);
}

}
