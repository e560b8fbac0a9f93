#pragma once

#include "core/media/picture.h"

namespace percept::media {

// What a codec gets: all bytes of one file (or, for the header, its beginning), a name for the sentences, and the limits.
struct CodecInput {
    std::span<const std::uint8_t> bytes;
    std::string name;
    DecodeLimits limits;
};

// Sizes as stored, before the orientation is applied.
struct Header {
    int width = 0, height = 0;
    int orientation = 1;
};

// Every codec: the header (refusing sizes over the limit; WebP, TIFF and BMP also files that end before their data), and the stored picture as CV_8UC3 R first, not yet oriented.
base::Result<Header> readJpegHeader(const CodecInput& input);
base::Result<Header> readPngHeader(const CodecInput& input);
base::Result<Header> readWebPHeader(const CodecInput& input);
base::Result<Header> readTiffHeader(const CodecInput& input);
base::Result<Header> readBmpHeader(const CodecInput& input);

struct Decoded {
    Header header;
    cv::Mat rgb;
};
// minLongSide > 0: the picture may come at 1/8..7/8 of its size, as long as its long side is not below minLongSide.
base::Result<Decoded> decodeJpeg(const CodecInput& input, int minLongSide = 0);
base::Result<Decoded> decodePng(const CodecInput& input);
base::Result<Decoded> decodeWebP(const CodecInput& input);
base::Result<Decoded> decodeTiff(const CodecInput& input);
base::Result<Decoded> decodeBmp(const CodecInput& input);

// Refused when a size is not positive or above the limit: the check that comes before any allocation.
base::Result<void> checkSize(const CodecInput& input, std::int64_t width, std::int64_t height);
base::Error endsEarly(const CodecInput& input);
base::Error damaged(const CodecInput& input, const std::string& detail);

// row of `pixels` RGBA to RGB over white.
void blendOverWhite(const std::uint8_t* rgba, std::uint8_t* rgb, int pixels);

}
