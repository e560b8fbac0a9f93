#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

// Pictures in every format, written by the libraries themselves (not by the code under test).
namespace percept::media::test {

using ByteVector = std::vector<std::uint8_t>;

// Smooth colours with one bright corner, so that turning or mirroring it cannot go unseen.
cv::Mat makePicture(int width, int height);

ByteVector jpegBytes(const cv::Mat& rgb, int quality = 95, bool progressive = false, const ByteVector& exif = {});
ByteVector cmykJpegBytes(const cv::Mat& rgb, bool adobe);
ByteVector greyJpegBytes(const cv::Mat& rgb);
ByteVector exifBlock(int orientation, bool bigEndian = false);

struct PngKind { int colorType = 2; int bitDepth = 8; bool interlaced = false; int orientation = 0; };
// Palette pictures have the 4 colours of paletteColor(); alpha is 255 on the left half, 0 on the right one.
ByteVector pngBytes(const cv::Mat& rgb, const PngKind& kind = {});

ByteVector webpBytes(const cv::Mat& rgb, bool lossless = true);
ByteVector tiffBytes(const cv::Mat& rgb, int bits = 8, int orientation = 1, int compression = 1);
ByteVector bmpBytes(const cv::Mat& rgb, int bits = 24, bool topDown = false);

// A folder that goes away with its owner.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path write(const std::string& name, const ByteVector& bytes) const;
    std::filesystem::path write(const std::string& name, const std::string& text) const;

private:
    std::filesystem::path m_path;
};

// Largest difference of two pictures of one size; 999 when sizes differ.
int largestDifference(const cv::Mat& a, const cv::Mat& b);

}
