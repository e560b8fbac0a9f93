#include "core/media/codec.h"
#include "core/media/orientation.h"

#include <cstring>
#include <webp/decode.h>

namespace percept::media {

namespace {

std::uint32_t littleEndian32(std::span<const std::uint8_t> bytes, std::size_t at)
{
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (std::uint32_t { bytes[at + 3] } << 24);
}

// Walks the RIFF chunks for EXIF, which stands behind the picture.
int orientationOf(std::span<const std::uint8_t> bytes)
{
    std::size_t at = 12;
    while (at + 8 <= bytes.size()) {
        const std::size_t size = littleEndian32(bytes, at + 4);
        if (size > bytes.size() - at - 8)
            return 1;
        if (std::memcmp(bytes.data() + at, "EXIF", 4) == 0)
            return exifOrientation(bytes.subspan(at + 8, size));
        at += 8 + size + (size & 1);
    }
    return 1;
}

}

base::Result<Header> readWebPHeader(const CodecInput& input)
{
    WebPBitstreamFeatures features;
    const VP8StatusCode status = WebPGetFeatures(input.bytes.data(), input.bytes.size(), &features);
    if (status == VP8_STATUS_NOT_ENOUGH_DATA)
        return endsEarly(input);
    if (status != VP8_STATUS_OK)
        return damaged(input, "WebP status " + std::to_string(status));
    PERCEPT_TRY(checkSize(input, features.width, features.height));
    if (features.has_animation)
        return base::refused(input.name + " is an animated WebP; Percept reads still pictures only.");
    if (std::uint64_t { littleEndian32(input.bytes, 4) } + 8 > input.bytes.size())
        return endsEarly(input);
    return Header { features.width, features.height, orientationOf(input.bytes) };
}

base::Result<Decoded> decodeWebP(const CodecInput& input)
{
    PERCEPT_ASSIGN(header, readWebPHeader(input));
    Decoded decoded { header, cv::Mat(header.height, header.width, CV_8UC3) };
    cv::Mat rgba(header.height, header.width, CV_8UC4);
    if (WebPDecodeRGBAInto(input.bytes.data(), input.bytes.size(), rgba.data, rgba.total() * 4, static_cast<int>(rgba.step))
        == nullptr)
        return damaged(input, "WebP data");
    for (int y = 0; y < header.height; ++y)
        blendOverWhite(rgba.ptr<std::uint8_t>(y), decoded.rgb.ptr<std::uint8_t>(y), header.width);
    return decoded;
}

}
