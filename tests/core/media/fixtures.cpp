#include "tests/core/media/fixtures.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <jpeglib.h>
#include <opencv2/core.hpp>
#include <png.h>
#include <tiffio.h>
#include <unistd.h>
#include <webp/encode.h>

namespace percept::media::test {

cv::Mat makePicture(int width, int height)
{
    cv::Mat rgb(height, width, CV_8UC3);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const bool isCorner = x < width / 4 && y < height / 4;
            rgb.at<cv::Vec3b>(y, x) = isCorner ? cv::Vec3b(250, 240, 20)
                                               : cv::Vec3b(static_cast<uchar>(200 * x / width), static_cast<uchar>(200 * y / height), 90);
        }
    return rgb;
}

namespace {

ByteVector compress(const cv::Mat& samples, J_COLOR_SPACE space, J_COLOR_SPACE stored, int quality, bool progressive, bool adobe,
    const ByteVector& exif)
{
    jpeg_compress_struct info = {};
    jpeg_error_mgr errors = {};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* buffer = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &buffer, &size);
    info.image_width = static_cast<JDIMENSION>(samples.cols);
    info.image_height = static_cast<JDIMENSION>(samples.rows);
    info.input_components = samples.channels();
    info.in_color_space = space;
    jpeg_set_defaults(&info);
    jpeg_set_colorspace(&info, stored);
    jpeg_set_quality(&info, quality, TRUE);
    info.write_Adobe_marker = adobe ? TRUE : FALSE;
    if (progressive)
        jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    if (!exif.empty())
        jpeg_write_marker(&info, JPEG_APP0 + 1, exif.data(), static_cast<unsigned>(exif.size()));
    for (int y = 0; y < samples.rows; ++y) {
        JSAMPROW row = const_cast<uchar*>(samples.ptr<uchar>(y));
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    ByteVector bytes(buffer, buffer + size);
    jpeg_destroy_compress(&info);
    std::free(buffer);
    return bytes;
}

void put16(ByteVector& bytes, int value, bool bigEndian)
{
    const auto low = static_cast<std::uint8_t>(value & 255), high = static_cast<std::uint8_t>((value >> 8) & 255);
    bytes.push_back(bigEndian ? high : low);
    bytes.push_back(bigEndian ? low : high);
}

void put32(ByteVector& bytes, std::int64_t value)
{
    for (int i = 0; i < 4; ++i)
        bytes.push_back(static_cast<std::uint8_t>((value >> (8 * i)) & 255));
}

}

ByteVector jpegBytes(const cv::Mat& rgb, int quality, bool progressive, const ByteVector& exif)
{
    return compress(rgb, JCS_RGB, JCS_YCbCr, quality, progressive, false, exif);
}

ByteVector cmykJpegBytes(const cv::Mat& rgb, bool adobe)
{
    cv::Mat inks(rgb.size(), CV_8UC4);
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x < rgb.cols; ++x) {
            const cv::Vec3b p = rgb.at<cv::Vec3b>(y, x);
            cv::Vec4b& ink = inks.at<cv::Vec4b>(y, x);
            for (int c = 0; c < 3; ++c)
                ink[c] = adobe ? p[c] : static_cast<uchar>(255 - p[c]);
            ink[3] = adobe ? 255 : 0;
        }
    return compress(inks, JCS_CMYK, JCS_CMYK, 98, false, adobe, {});
}

ByteVector greyJpegBytes(const cv::Mat& rgb)
{
    cv::Mat grey;
    cv::extractChannel(rgb, grey, 0);
    return compress(grey, JCS_GRAYSCALE, JCS_GRAYSCALE, 98, false, false, {});
}

ByteVector exifBlock(int orientation, bool bigEndian)
{
    ByteVector bytes = { 'E', 'x', 'i', 'f', 0, 0 };
    const char order = bigEndian ? 'M' : 'I';
    bytes.insert(bytes.end(), { static_cast<std::uint8_t>(order), static_cast<std::uint8_t>(order) });
    put16(bytes, 42, bigEndian);
    if (bigEndian)
        bytes.insert(bytes.end(), { 0, 0, 0, 8 });
    else
        bytes.insert(bytes.end(), { 8, 0, 0, 0 });
    put16(bytes, 1, bigEndian); // one entry
    put16(bytes, 0x0112, bigEndian);
    put16(bytes, 3, bigEndian); // SHORT
    if (bigEndian)
        bytes.insert(bytes.end(), { 0, 0, 0, 1 });
    else
        bytes.insert(bytes.end(), { 1, 0, 0, 0 });
    put16(bytes, orientation, bigEndian);
    bytes.insert(bytes.end(), { 0, 0, 0, 0, 0, 0 });
    return bytes;
}

ByteVector pngBytes(const cv::Mat& rgb, const PngKind& kind)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    ByteVector bytes;
    png_set_write_fn(
        png, &bytes,
        [](png_structp p, png_bytep data, std::size_t n) {
            auto* out = static_cast<ByteVector*>(png_get_io_ptr(p));
            out->insert(out->end(), data, data + n);
        },
        nullptr);
    png_set_IHDR(png, info, static_cast<png_uint_32>(rgb.cols), static_cast<png_uint_32>(rgb.rows), kind.bitDepth, kind.colorType,
        kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    const png_color palette[4] = { { 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }, { 9, 9, 9 } };
    if (kind.colorType == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 4);
    ByteVector exif = exifBlock(std::max(1, kind.orientation));
    exif.erase(exif.begin(), exif.begin() + 6);
    if (kind.orientation > 0)
        png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()), exif.data());
    png_write_info(png, info);
    const int channels = png_get_channels(png, info);
    const int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; ++pass)
        for (int y = 0; y < rgb.rows; ++y) {
            ByteVector row;
            for (int x = 0; x < rgb.cols; ++x)
                for (int c = 0; c < channels; ++c) {
                    int value = rgb.at<cv::Vec3b>(y, x)[std::min(c, 2)];
                    if ((kind.colorType & PNG_COLOR_MASK_ALPHA) != 0 && c == channels - 1)
                        value = x < rgb.cols / 2 ? 255 : 0;
                    if (kind.colorType == PNG_COLOR_TYPE_PALETTE)
                        value = (x + y) % 4;
                    row.push_back(static_cast<std::uint8_t>(value));
                    if (kind.bitDepth == 16)
                        row.push_back(static_cast<std::uint8_t>(value));
                }
            png_write_row(png, row.data());
        }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return bytes;
}

ByteVector webpBytes(const cv::Mat& rgb, bool lossless)
{
    std::uint8_t* output = nullptr;
    const std::size_t size = lossless
        ? WebPEncodeLosslessRGB(rgb.data, rgb.cols, rgb.rows, static_cast<int>(rgb.step), &output)
        : WebPEncodeRGB(rgb.data, rgb.cols, rgb.rows, static_cast<int>(rgb.step), 90, &output);
    ByteVector bytes(output, output + size);
    WebPFree(output);
    return bytes;
}

ByteVector tiffBytes(const cv::Mat& rgb, int bits, int orientation, int compression)
{
    const TemporaryFolder folder;
    const auto file = folder.path() / "fixture.tif";
    TIFF* tiff = TIFFOpen(file.c_str(), "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(rgb.cols));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(rgb.rows));
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 8u);
    for (int y = 0; y < rgb.rows; ++y) {
        ByteVector row;
        for (int i = 0; i < rgb.cols * 3; ++i) {
            row.push_back(rgb.ptr<uchar>(y)[i]);
            if (bits == 16)
                row.push_back(rgb.ptr<uchar>(y)[i]);
        }
        TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y));
    }
    TIFFClose(tiff);
    std::ifstream stream(file, std::ios::binary);
    return { std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>() };
}

ByteVector bmpBytes(const cv::Mat& rgb, int bits, bool topDown)
{
    const int stride = (rgb.cols * bits + 31) / 32 * 4;
    const int palette = bits == 8 ? 256 : 0;
    ByteVector bytes = { 'B', 'M' };
    const int offset = 14 + 40 + palette * 4;
    put32(bytes, offset + stride * rgb.rows);
    put32(bytes, 0);
    put32(bytes, offset);
    put32(bytes, 40);
    put32(bytes, rgb.cols);
    put32(bytes, topDown ? -rgb.rows : rgb.rows);
    put16(bytes, 1, false);
    put16(bytes, bits, false);
    for (int i = 0; i < 6; ++i)
        put32(bytes, 0);
    for (int i = 0; i < palette; ++i)
        bytes.insert(bytes.end(), { static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i), 0 });
    for (int i = 0; i < rgb.rows; ++i) {
        const std::size_t start = bytes.size();
        for (int x = 0; x < rgb.cols; ++x) {
            const cv::Vec3b p = rgb.at<cv::Vec3b>(topDown ? i : rgb.rows - 1 - i, x);
            if (bits == 8)
                bytes.push_back(p[0]);
            else if (bits == 16)
                put16(bytes, ((p[0] >> 3) << 10) | ((p[1] >> 3) << 5) | (p[2] >> 3), false);
            else
                bytes.insert(bytes.end(), { p[2], p[1], p[0] });
            if (bits == 32)
                bytes.push_back(0);
        }
        bytes.resize(start + static_cast<std::size_t>(stride));
    }
    return bytes;
}

TemporaryFolder::TemporaryFolder()
{
    std::string name = (std::filesystem::temp_directory_path() / "percept-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        std::abort();
    m_path = name;
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::filesystem::path TemporaryFolder::write(const std::string& name, const ByteVector& bytes) const
{
    return write(name, std::string(bytes.begin(), bytes.end()));
}

std::filesystem::path TemporaryFolder::write(const std::string& name, const std::string& text) const
{
    const auto file = m_path / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
}

int largestDifference(const cv::Mat& a, const cv::Mat& b)
{
    if (a.size() != b.size() || a.type() != b.type())
        return 999;
    return static_cast<int>(cv::norm(a, b, cv::NORM_INF));
}

}
