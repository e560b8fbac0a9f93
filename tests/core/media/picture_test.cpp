#include "core/base/hash.h"
#include "core/media/picture.h"
#include "core/media/shrink.h"
#include "tests/core/media/fixtures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace percept::media {

using namespace test;

namespace {

cv::Mat decoded(const ByteVector& bytes)
{
    const auto picture = decodePicture(bytes, "fixture");
    EXPECT_TRUE(picture.hasValue()) << picture.error().message;
    return picture.hasValue() ? *picture : cv::Mat();
}

// The stored picture that looks like `seen` once the orientation is applied: the definition in the EXIF standard, written
// out pixel by pixel.
cv::Mat storedFor(const cv::Mat& seen, int orientation)
{
    const bool swaps = orientation >= 5;
    cv::Mat stored(swaps ? seen.cols : seen.rows, swaps ? seen.rows : seen.cols, CV_8UC3);
    const int w = seen.cols - 1, h = seen.rows - 1;
    for (int y = 0; y <= h; ++y)
        for (int x = 0; x <= w; ++x) {
            // Row 0 of the stored picture is the visual ..., column 0 is the visual ...:
            // 1 top, left; 2 top, right; 3 bottom, right; 4 bottom, left; 5 left, top; 6 right, top; 7 right, bottom; 8 left, bottom
            const bool fromRight = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
            const bool fromBottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
            const int sx = fromRight ? w - x : x, sy = fromBottom ? h - y : y;
            stored.at<cv::Vec3b>(swaps ? sx : sy, swaps ? sy : sx) = seen.at<cv::Vec3b>(y, x);
        }
    return stored;
}

}

TEST(Picture, DecodesLosslessFormatsExactly)
{
    const cv::Mat picture = makePicture(37, 23);
    EXPECT_EQ(largestDifference(decoded(pngBytes(picture)), picture), 0);
    EXPECT_EQ(largestDifference(decoded(pngBytes(picture, { .interlaced = true })), picture), 0);
    EXPECT_EQ(largestDifference(decoded(pngBytes(picture, { .bitDepth = 16 })), picture), 0);
    EXPECT_EQ(largestDifference(decoded(webpBytes(picture)), picture), 0);
    for (const int compression : { 1, 5, 8, 32773 })
        EXPECT_EQ(largestDifference(decoded(tiffBytes(picture, 8, 1, compression)), picture), 0) << compression;
    EXPECT_LE(largestDifference(decoded(tiffBytes(picture, 16)), picture), 1);
    EXPECT_EQ(largestDifference(decoded(bmpBytes(picture)), picture), 0);
    EXPECT_EQ(largestDifference(decoded(bmpBytes(picture, 24, true)), picture), 0);
    EXPECT_EQ(largestDifference(decoded(bmpBytes(picture, 32)), picture), 0);
    EXPECT_LE(largestDifference(decoded(bmpBytes(picture, 16)), picture), 8);
}

TEST(Picture, DecodesLossyFormatsClosely)
{
    cv::Mat picture = makePicture(64, 48);
    cv::GaussianBlur(picture, picture, { 9, 9 }, 4);
    EXPECT_LE(largestDifference(decoded(jpegBytes(picture, 98)), picture), 20);
    EXPECT_LE(largestDifference(decoded(jpegBytes(picture, 98, /*progressive=*/true)), picture), 20);
    EXPECT_LE(largestDifference(decoded(webpBytes(picture, false)), picture), 24);
}

TEST(Picture, ConvertsGreyToEqualChannels)
{
    const cv::Mat picture = makePicture(32, 32);
    cv::Mat red;
    cv::extractChannel(picture, red, 0);
    cv::Mat grey;
    cv::merge(std::vector<cv::Mat> { red, red, red }, grey);
    EXPECT_EQ(largestDifference(decoded(pngBytes(picture, { .colorType = 0 })), grey), 0);
    EXPECT_EQ(largestDifference(decoded(bmpBytes(picture, 8)), grey), 0);
    const cv::Mat jpeg = decoded(greyJpegBytes(picture));
    EXPECT_EQ(jpeg.at<cv::Vec3b>(20, 20)[0], jpeg.at<cv::Vec3b>(20, 20)[2]);
    EXPECT_NEAR(jpeg.at<cv::Vec3b>(20, 20)[0], grey.at<cv::Vec3b>(20, 20)[0], 10);
}

TEST(Picture, ExpandsPalettes)
{
    const cv::Mat picture = decoded(pngBytes(makePicture(8, 8), { .colorType = 3 }));
    EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), cv::Vec3b(255, 0, 0));
    EXPECT_EQ(picture.at<cv::Vec3b>(0, 1), cv::Vec3b(0, 255, 0));
    EXPECT_EQ(picture.at<cv::Vec3b>(1, 1), cv::Vec3b(0, 0, 255));
    EXPECT_EQ(picture.at<cv::Vec3b>(1, 2), cv::Vec3b(9, 9, 9));
}

TEST(Picture, LaysTransparencyOverWhite)
{
    const cv::Mat picture = makePicture(20, 10);
    for (const bool interlaced : { false, true }) {
        const cv::Mat over = decoded(pngBytes(picture, { .colorType = 6, .interlaced = interlaced }));
        EXPECT_EQ(over.at<cv::Vec3b>(7, 2), picture.at<cv::Vec3b>(7, 2));
        EXPECT_EQ(over.at<cv::Vec3b>(7, 15), cv::Vec3b(255, 255, 255));
    }
}

TEST(Picture, ConvertsInksOfBothConventions)
{
    cv::Mat picture(32, 32, CV_8UC3, cv::Scalar(220, 60, 30));
    for (const bool adobe : { true, false })
        EXPECT_LE(largestDifference(decoded(cmykJpegBytes(picture, adobe)), picture), 4) << adobe;
}

TEST(Picture, AppliesEveryExifOrientation)
{
    const TemporaryFolder folder;
    const cv::Mat seen = makePicture(48, 32);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        SCOPED_TRACE(orientation);
        const cv::Mat stored = storedFor(seen, orientation);
        EXPECT_LE(cv::norm(decoded(jpegBytes(stored, 100, false, exifBlock(orientation))), seen, cv::NORM_L1) / (48 * 32 * 3), 3);
        EXPECT_LE(cv::norm(decoded(jpegBytes(stored, 100, false, exifBlock(orientation, true))), seen, cv::NORM_L1) / (48 * 32 * 3), 3);
        EXPECT_EQ(largestDifference(decoded(pngBytes(stored, { .orientation = orientation })), seen), 0);
        EXPECT_EQ(largestDifference(decoded(tiffBytes(stored, 8, orientation)), seen), 0);
        const auto info = readPictureInfo(folder.write("a.jpg", jpegBytes(stored, 90, false, exifBlock(orientation))));
        ASSERT_TRUE(info.hasValue());
        EXPECT_EQ(info->width, 48);
        EXPECT_EQ(info->height, 32);
        EXPECT_EQ(info->orientation, orientation);
    }
}

TEST(Picture, IgnoresOrientationsThatDoNotExist)
{
    const cv::Mat picture = makePicture(48, 32);
    for (const int orientation : { 0, 9, 255, 6000 })
        EXPECT_EQ(decoded(jpegBytes(picture, 90, false, exifBlock(orientation))).size(), picture.size());
}

TEST(Picture, TellsTheFormatByContent)
{
    const TemporaryFolder folder;
    const cv::Mat picture = makePicture(40, 30);
    const std::pair<ByteVector, PictureFormat> cases[] = { { jpegBytes(picture), PictureFormat::Jpeg },
        { pngBytes(picture), PictureFormat::Png }, { webpBytes(picture), PictureFormat::WebP },
        { tiffBytes(picture), PictureFormat::Tiff }, { bmpBytes(picture), PictureFormat::Bmp } };
    for (const auto& [bytes, format] : cases) {
        const auto info = readPictureInfo(folder.write("misnamed.txt", bytes));
        ASSERT_TRUE(info.hasValue()) << info.error().message;
        EXPECT_EQ(info->format, format);
        EXPECT_EQ(info->width, 40);
        EXPECT_EQ(info->height, 30);
    }
}

TEST(Picture, FindsTheSizeBehindLargeMetadata)
{
    const TemporaryFolder folder;
    ByteVector bytes = jpegBytes(makePicture(40, 30));
    for (int i = 0; i < 5; ++i) { // 5 x 64 KiB of application data before the frame
        ByteVector segment = { 0xFF, 0xE5, 0xFF, 0xFF };
        segment.resize(2 + 0xFFFF, 7);
        bytes.insert(bytes.begin() + 2, segment.begin(), segment.end());
    }
    const auto info = readPictureInfo(folder.write("a.jpg", bytes));
    ASSERT_TRUE(info.hasValue()) << info.error().message;
    EXPECT_EQ(info->width, 40);
}

TEST(Picture, SizeAndHashOfItsFile)
{
    const TemporaryFolder folder;
    for (const std::size_t appended : { 0u, 100'000u, 3'000'000u }) { // read at once, and in pieces
        ByteVector bytes = jpegBytes(makePicture(40, 30));
        bytes.resize(bytes.size() + appended, 9);
        const auto file = folder.write("a.jpg", bytes);
        const auto found = readPictureFile(file, /*hash=*/true);
        ASSERT_TRUE(found.hasValue()) << found.error().message;
        EXPECT_EQ(found->info.width, 40);
        EXPECT_EQ(found->bytes, bytes.size());
        EXPECT_EQ(found->sha256, base::sha256Hex(bytes)) << appended;
        EXPECT_EQ(readPictureFile(file, /*hash=*/false)->sha256, "");
    }
}

TEST(Picture, ThumbnailKeepsProportionsAndOrientation)
{
    const TemporaryFolder folder;
    const cv::Mat seen = makePicture(300, 200);
    const auto jpeg = decodeThumbnail(folder.write("a.jpg", jpegBytes(storedFor(seen, 6), 95, false, exifBlock(6))), 64);
    ASSERT_TRUE(jpeg.hasValue()) << jpeg.error().message;
    EXPECT_EQ(jpeg->size(), cv::Size(64, 43));
    cv::Mat expected;
    cv::resize(seen, expected, { 64, 43 }, 0, 0, cv::INTER_AREA);
    EXPECT_LE(cv::norm(*jpeg, expected, cv::NORM_L1) / (64 * 43 * 3), 4);
    const auto png = decodeThumbnail(folder.write("a.png", pngBytes(seen)), 100);
    ASSERT_TRUE(png.hasValue());
    EXPECT_EQ(png->size(), cv::Size(100, 67));
    const auto small = decodeThumbnail(folder.write("b.png", pngBytes(makePicture(10, 5))), 100);
    ASSERT_TRUE(small.hasValue());
    EXPECT_EQ(small->size(), cv::Size(10, 5)); // never enlarged
}

TEST(Picture, ThumbnailsOfEverySizeOfJpeg)
{
    const TemporaryFolder folder;
    for (const int size : { 1, 7, 8, 9, 255, 256, 257, 511, 513, 1030, 2100 }) {
        const auto thumbnail = decodeThumbnail(folder.write("a.jpg", jpegBytes(makePicture(size, size / 3 + 1))), 256);
        ASSERT_TRUE(thumbnail.hasValue()) << size;
        EXPECT_EQ(thumbnail->cols, std::min(size, 256));
    }
}

TEST(Picture, ShrinksToTheMeanOfTheAreas)
{
    cv::Mat noise(270, 480, CV_8UC3);
    cv::randu(noise, 0, 256);
    for (const cv::Size size : { cv::Size(256, 144), cv::Size(480, 270), cv::Size(240, 135), cv::Size(1, 1), cv::Size(479, 3) }) {
        cv::Mat expected;
        cv::resize(noise, expected, size, 0, 0, cv::INTER_AREA);
        EXPECT_LE(largestDifference(shrinkByArea(noise, size), expected), 1) << size;
        EXPECT_LE(largestDifference(shrinkByArea(cv::Mat(270, 480, CV_8UC3, cv::Scalar(255, 0, 3)), size), cv::Mat(size, CV_8UC3, cv::Scalar(255, 0, 3))), 0) << size;
    }
}

TEST(Picture, EncodingAndDecodingAgree)
{
    const cv::Mat picture = makePicture(61, 35);
    const auto png = encodePng(picture);
    ASSERT_TRUE(png.hasValue());
    EXPECT_EQ(largestDifference(decoded(*png), picture), 0);
    const auto jpeg = encodeJpeg(picture, 95);
    ASSERT_TRUE(jpeg.hasValue());
    EXPECT_LE(cv::norm(decoded(*jpeg), picture, cv::NORM_L1) / (61 * 35 * 3), 4);
    EXPECT_EQ(encodePng(cv::Mat(3, 3, CV_8UC1)).error().code, base::ErrorCode::Usage);
    EXPECT_EQ(encodeJpeg(cv::Mat(), 90).error().code, base::ErrorCode::Usage);
    // A part of a larger picture has rows that are not adjacent in memory.
    const cv::Mat part = picture(cv::Rect(5, 5, 20, 20));
    EXPECT_EQ(largestDifference(decoded(*encodePng(part)), part), 0);
}

}
