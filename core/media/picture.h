#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <vector>

namespace percept::media {

struct DecodeLimits {
    std::uint64_t maxPixels = 256'000'000;      // refused above, before anything is decoded
    std::uint64_t maxFileBytes = 2ull << 30;
};

enum class PictureFormat { Jpeg, Png, WebP, Tiff, Bmp };
struct PictureInfo {
    PictureFormat format = PictureFormat::Jpeg;
    int width = 0, height = 0; // after EXIF rotation
    int orientation = 1;       // EXIF 1..8
};

// Reads the header, and looks whether the end is there; the type goes by content, never by extension. Errors are sentences:
// "a.jpg is an HTML page, not a picture", "30000 x 30000 is over the limit of 256 megapixels", "the file ends early".
base::Result<PictureInfo> readPictureInfo(const std::filesystem::path& file, const DecodeLimits& limits = {});

// The same with the size of the file and, when asked, its sha256: all from one opened file, read once.
struct PictureFile {
    PictureInfo info;
    std::uint64_t bytes = 0;
    std::string sha256;
};
base::Result<PictureFile> readPictureFile(const std::filesystem::path& file, bool hash, const DecodeLimits& limits = {});

// 8-bit RGB (CV_8UC3, R first), EXIF rotation applied, alpha over white, 16 bit scaled to 8, CMYK and grey converted.
// A truncated file is an error, never half a picture.
base::Result<cv::Mat> decodePicture(const std::filesystem::path& file, const DecodeLimits& limits = {});
// `sha256`, unless null: of the bytes that were decoded, read once.
base::Result<cv::Mat> decodePicture(const std::filesystem::path& file, std::string* sha256, const DecodeLimits& limits = {});
base::Result<cv::Mat> decodePicture(std::span<const std::uint8_t> bytes, const std::string& name, const DecodeLimits& limits = {});

// At most `longSide` on the long side, decoded at reduced scale where the format can (JPEG 1/8..1/1), area-averaged.
base::Result<cv::Mat> decodeThumbnail(const std::filesystem::path& file, int longSide, const DecodeLimits& limits = {});

base::Result<std::vector<std::uint8_t>> encodePng(const cv::Mat& rgb);
base::Result<std::vector<std::uint8_t>> encodeJpeg(const cv::Mat& rgb, int quality);

}
