#include "core/base/time.h"
#include "core/media/picture.h"
#include "tests/core/media/fixtures.h"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <sys/stat.h>
#include <zlib.h>

namespace percept::media {

using namespace test;
using testing::HasSubstr;

namespace {

void appendChunk(ByteVector& png, const char* type, const ByteVector& data)
{
    const auto put = [&](std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8)
            png.push_back(static_cast<std::uint8_t>(value >> shift));
    };
    put(static_cast<std::uint32_t>(data.size()));
    const std::size_t start = png.size();
    png.insert(png.end(), type, type + 4);
    png.insert(png.end(), data.begin(), data.end());
    put(static_cast<std::uint32_t>(crc32(0, png.data() + start, static_cast<uInt>(png.size() - start))));
}

// A valid 1-bit PNG of any size, a hundred kilobytes that unpack to gigabytes of RGB.
ByteVector bombPng(std::uint32_t width, std::uint32_t height)
{
    ByteVector png = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    ByteVector header;
    for (const std::uint32_t value : { width, height })
        for (int shift = 24; shift >= 0; shift -= 8)
            header.push_back(static_cast<std::uint8_t>(value >> shift));
    header.insert(header.end(), { 1, 0, 0, 0, 0 });
    appendChunk(png, "IHDR", header);
    const ByteVector rows(std::min<std::size_t>(width, 1u << 20) / 8 * 1000 + 1000); // the widest ones only need a header
    z_stream zip = {};
    deflateInit(&zip, 9);
    ByteVector packed(1 << 20);
    zip.next_out = packed.data();
    zip.avail_out = static_cast<uInt>(packed.size());
    for (std::uint32_t done = 0; done < height; done += 1000) {
        zip.next_in = const_cast<Bytef*>(rows.data());
        zip.avail_in = static_cast<uInt>(rows.size());
        deflate(&zip, done + 1000 >= height ? Z_FINISH : Z_NO_FLUSH);
    }
    packed.resize(zip.total_out);
    deflateEnd(&zip);
    appendChunk(png, "IDAT", packed);
    appendChunk(png, "IEND", {});
    return png;
}

std::string problemOf(const std::filesystem::path& file)
{
    const auto info = readPictureInfo(file);
    const auto picture = decodePicture(file);
    EXPECT_TRUE(picture.hasError());
    return info.hasError() ? info.error().message : picture.error().message;
}

// Refused, or the same picture: never half of it.
void checkEveryTruncation(const ByteVector& bytes, std::size_t step = 1)
{
    const auto whole = decodePicture(bytes, "whole");
    ASSERT_TRUE(whole.hasValue()) << whole.error().message;
    int refused = 0;
    for (std::size_t size = 0; size < bytes.size(); size += step) {
        const auto part = decodePicture(std::span(bytes).first(size), "cut");
        if (part.hasError()) {
            ++refused;
            EXPECT_EQ(part.error().code, base::ErrorCode::Refused);
            EXPECT_THAT(part.error().message, HasSubstr("cut"));
        } else {
            EXPECT_EQ(largestDifference(*part, *whole), 0) << size << " of " << bytes.size();
        }
    }
    EXPECT_GE(refused * 10, static_cast<int>(bytes.size() / step) * 9);
}

}

TEST(HostilePicture, RefusesAHugePngBeforeUnpackingIt)
{
    const TemporaryFolder folder;
    const auto file = folder.write("bomb.png", bombPng(30000, 30000));
    const double start = base::monotonicSeconds();
    for (const auto& error : { decodePicture(file).error(), readPictureInfo(file).error(), decodeThumbnail(file, 256).error() }) {
        EXPECT_EQ(error.code, base::ErrorCode::Refused);
        EXPECT_THAT(error.message, HasSubstr("bomb.png: 30000 x 30000 pixels is over the limit of 256 megapixels"));
    }
    EXPECT_LT(base::monotonicSeconds() - start, 0.5);
    EXPECT_TRUE(decodePicture(bombPng(800, 1000), "small").hasValue()); // the fixture itself is sound
}

TEST(HostilePicture, RefusesSizesThatNoPictureHas)
{
    EXPECT_TRUE(decodePicture(bombPng(0, 100), "a").hasError());
    EXPECT_TRUE(decodePicture(bombPng(0x7fffffff, 1), "a").hasError());
    ByteVector bmp = bmpBytes(makePicture(8, 8));
    bmp[18] = bmp[19] = bmp[20] = 0xff;
    bmp[21] = 0x7f; // width 2^31 - 1
    EXPECT_TRUE(decodePicture(bmp, "a").hasError());
    bmp[21] = 0xff; // width -1
    EXPECT_TRUE(decodePicture(bmp, "a").hasError());
    ByteVector lowest = bmpBytes(makePicture(8, 8));
    lowest[22] = lowest[23] = lowest[24] = 0;
    lowest[25] = 0x80; // height -2^31
    EXPECT_TRUE(decodePicture(lowest, "a").hasError());
}

TEST(HostilePicture, SaysWhatAFileReallyIs)
{
    const TemporaryFolder folder;
    EXPECT_THAT(problemOf(folder.write("a.jpg", std::string("\n <!DOCTYPE html><html></html>"))),
        HasSubstr("a.jpg is an HTML page, not a picture"));
    EXPECT_THAT(problemOf(folder.write("b.jpg", std::string("GIF89a......"))), HasSubstr("GIF"));
    EXPECT_THAT(problemOf(folder.write("c.jpg", std::string("PK\x03\x04zip"))), HasSubstr("zip archive"));
    EXPECT_THAT(problemOf(folder.write("d.jpg", std::string("\x7f"
                                                            "ELF...."))),
        HasSubstr("a program"));
    EXPECT_THAT(problemOf(folder.write("e.jpg", std::string("{\"a\":1}"))), HasSubstr("JSON"));
    EXPECT_THAT(problemOf(folder.write("f.jpg", std::string("version https://git-lfs.github.com/spec/v1"))), HasSubstr("LFS"));
    EXPECT_THAT(problemOf(folder.write("g.jpg", std::string())), HasSubstr("empty"));
    EXPECT_THAT(problemOf(folder.write("h.jpg", std::string("\x01\x02\x03"))), HasSubstr("not a picture"));
}

TEST(HostilePicture, EveryTruncationOfAJpeg)
{
    checkEveryTruncation(jpegBytes(makePicture(40, 24), 90));
    checkEveryTruncation(jpegBytes(makePicture(40, 24), 90, /*progressive=*/true));
}

TEST(HostilePicture, EveryTruncationOfAPng)
{
    checkEveryTruncation(pngBytes(makePicture(24, 16)));
    checkEveryTruncation(pngBytes(makePicture(24, 16), { .interlaced = true }));
}

TEST(HostilePicture, EveryTruncationOfTheOthers)
{
    checkEveryTruncation(webpBytes(makePicture(24, 16)));
    checkEveryTruncation(webpBytes(makePicture(40, 24), false));
    checkEveryTruncation(bmpBytes(makePicture(24, 16)));
    for (const int compression : { 1, 5, 8, 32773 })
        checkEveryTruncation(tiffBytes(makePicture(24, 16), 8, 1, compression));
}

// What an import asks of every file: a cut picture is told without decoding it.
TEST(HostilePicture, ACutPictureIsToldByItsInfo)
{
    const TemporaryFolder folder;
    cv::Mat noise(400, 600, CV_8UC3);
    cv::randu(noise, 0, 256);
    ByteVector withThumbnail = jpegBytes(makePicture(40, 30));
    ByteVector segment = { 0xFF, 0xE1, 0x02, 0x00 };
    segment.resize(2 + 0x200, 7);
    segment[300] = 0xFF, segment[301] = 0xD9; // the end of a thumbnail
    withThumbnail.insert(withThumbnail.begin() + 2, segment.begin(), segment.end());
    for (const ByteVector& bytes : { jpegBytes(noise), jpegBytes(noise, 30), jpegBytes(makePicture(40, 30), 90, true), withThumbnail, pngBytes(noise), pngBytes(makePicture(40, 30)) }) {
        EXPECT_TRUE(readPictureInfo(folder.write("whole", bytes)).hasValue());
        ByteVector more = bytes;
        more.resize(more.size() + 100'000, 1); // what cameras and phones append
        EXPECT_TRUE(readPictureInfo(folder.write("more", more)).hasValue());
        const ByteVector cut(bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(bytes.size() / 8));
        const auto info = readPictureInfo(folder.write("cut", cut));
        ASSERT_TRUE(info.hasError()) << bytes.size();
        EXPECT_EQ(info.error().code, base::ErrorCode::Refused);
        EXPECT_THAT(info.error().message, HasSubstr("cut is damaged: the file ends early"));
    }
}

TEST(HostilePicture, FlippedBytesNeverCrash)
{
    const cv::Mat picture = makePicture(24, 16);
    for (const ByteVector& good : { jpegBytes(picture), jpegBytes(picture, 90, true, exifBlock(6)), pngBytes(picture),
             webpBytes(picture), tiffBytes(picture, 8, 1, 5), bmpBytes(picture, 8) }) {
        ByteVector bytes = good;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            for (const std::uint8_t flip : { 0xff, 0x01, 0x80 }) {
                bytes[i] = static_cast<std::uint8_t>(good[i] ^ flip);
                const auto result = decodePicture(bytes, "flipped", { .maxPixels = 1'000'000 });
                if (result.hasValue()) {
                    EXPECT_EQ(result->type(), CV_8UC3);
                    EXPECT_LE(result->total(), 1'000'000u);
                }
            }
            bytes[i] = good[i];
        }
    }
}

TEST(HostilePicture, ReadsRegularFilesOnly)
{
    const TemporaryFolder folder;
    const auto fifo = folder.path() / "fifo.jpg";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_THAT(problemOf(fifo), HasSubstr("not a regular file")); // and does not wait for a writer
    EXPECT_THAT(problemOf(folder.path()), HasSubstr("is a folder"));
    EXPECT_EQ(decodePicture("/dev/zero").error().code, base::ErrorCode::Refused);
    EXPECT_EQ(decodePicture(folder.path() / "absent.jpg").error().code, base::ErrorCode::NotFound);
    std::filesystem::create_symlink("loop.jpg", folder.path() / "loop.jpg");
    EXPECT_TRUE(decodePicture(folder.path() / "loop.jpg").hasError());
}

TEST(HostilePicture, KeepsTheFileSizeLimit)
{
    const TemporaryFolder folder;
    const auto file = folder.write("a.png", pngBytes(makePicture(100, 100)));
    EXPECT_THAT(decodePicture(file, { .maxFileBytes = 100 }).error().message, HasSubstr("over the limit"));
    std::filesystem::resize_file(file, 3ull << 30); // sparse
    EXPECT_THAT(decodePicture(file).error().message, HasSubstr("over the limit"));
}

namespace {

// A progressive file of one colour with more scans of the luma, which say again what is known: each costs a pass over the
// picture, and no decoder minds. As first scans (Ah 0): a refinement must not come twice.
ByteVector withScans(ByteVector bytes, int more)
{
    std::size_t lastScan = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i)
        if (bytes[i] == 0xFF && bytes[i + 1] == 0xDA)
            lastScan = i;
    ByteVector scan(bytes.begin() + static_cast<std::ptrdiff_t>(lastScan), bytes.end() - 2);
    constexpr std::size_t kAhAl = 9;
    scan.at(kAhAl) = 0;
    bytes.resize(bytes.size() - 2);
    for (int i = 0; i < more; ++i)
        bytes.insert(bytes.end(), scan.begin(), scan.end());
    bytes.insert(bytes.end(), { 0xFF, 0xD9 });
    return bytes;
}

ByteVector oneColour(int width, int height) { return jpegBytes(cv::Mat(height, width, CV_8UC3, cv::Scalar(90, 120, 30)), 90, true); }

}

TEST(HostilePicture, RefusesThousandsOfScans)
{
    EXPECT_TRUE(decodePicture(withScans(oneColour(64, 64), 5), "scans").hasValue());
    EXPECT_TRUE(decodePicture(withScans(oneColour(64, 64), 5000), "scans").hasError());
}

TEST(HostilePicture, ManyScansOfALargePictureTakeNoLongerThanAFewPictures)
{
    const ByteVector sound = oneColour(4000, 3000), bomb = withScans(sound, 5000);
    const auto seconds = [](const ByteVector& bytes, bool isSound) {
        const auto start = std::chrono::steady_clock::now();
        EXPECT_EQ(decodePicture(bytes, "scans").hasValue(), isSound);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    EXPECT_TRUE(decodePicture(withScans(sound, 5), "scans").hasValue()) << "more than encoders write is no attack yet";
    EXPECT_TRUE(decodePicture(withScans(sound, 40), "scans").hasError()) << "for a picture of this size";
    const double one = seconds(sound, true);
    EXPECT_LT(seconds(bomb, false), 8 * one + 1);
}

}
