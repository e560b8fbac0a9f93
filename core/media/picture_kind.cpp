#include "core/media/picture_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace percept::media {

namespace {

struct Signature {
    std::size_t offset;
    std::string_view magic;
    std::string_view what;
};

using namespace std::string_view_literals;

constexpr std::array kForeign = {
    Signature { 0, "GIF8"sv, "a GIF picture, a kind that Percept does not read; convert it to PNG" },
    Signature { 4, "ftypheic"sv, "a HEIC picture, a kind that Percept does not read; convert it to JPEG" },
    Signature { 4, "ftypmif1"sv, "a HEIF picture, a kind that Percept does not read; convert it to JPEG" },
    Signature { 4, "ftypavif"sv, "an AVIF picture, a kind that Percept does not read; convert it to PNG" },
    Signature { 4, "ftyp"sv, "a video, not a picture" },
    Signature { 0, "\0\0\0\x0cjP  "sv, "a JPEG 2000 picture, a kind that Percept does not read; convert it to PNG" },
    Signature { 0, "8BPS"sv, "a Photoshop document, a kind that Percept does not read; convert it to PNG" },
    Signature { 0, "%PDF"sv, "a PDF document, not a picture" },
    Signature { 0, "PK\x03\x04"sv, "a zip archive, not a picture" },
    Signature { 0, "\x1f\x8b"sv, "a gzip archive, not a picture" },
    Signature { 0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive, not a picture" },
    Signature { 0, "\x7f"
                   "ELF"sv,
        "a program, not a picture" },
    Signature { 0, "MZ"sv, "a Windows program, not a picture" },
    Signature { 8, "AVI "sv, "a video, not a picture" },
    Signature { 8, "WAVE"sv, "a sound file, not a picture" },
    Signature { 0, "\x1a\x45\xdf\xa3"sv, "a video, not a picture" },
    Signature { 0, "SQLite format 3"sv, "a database, not a picture" },
};

bool startsAt(std::span<const std::uint8_t> bytes, std::size_t offset, std::string_view magic)
{
    return bytes.size() >= offset + magic.size()
        && std::equal(magic.begin(), magic.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset),
            [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// Lower-case text of the first bytes after white space and a byte order mark; empty when they are not text.
std::string textStart(std::span<const std::uint8_t> bytes)
{
    if (startsAt(bytes, 0, "\xef\xbb\xbf"sv))
        bytes = bytes.subspan(3);
    std::string text;
    for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 512))) {
        if (byte == 0 || (byte < 32 && !std::isspace(byte)))
            return {};
        if (!text.empty() || !std::isspace(byte))
            text += static_cast<char>(std::tolower(byte));
    }
    return text;
}

}

std::optional<PictureFormat> pictureFormatOf(std::span<const std::uint8_t> bytes)
{
    if (startsAt(bytes, 0, "\xff\xd8\xff"sv))
        return PictureFormat::Jpeg;
    if (startsAt(bytes, 0, "\x89PNG\r\n\x1a\n"sv))
        return PictureFormat::Png;
    if (startsAt(bytes, 0, "RIFF"sv) && startsAt(bytes, 8, "WEBP"sv))
        return PictureFormat::WebP;
    if (startsAt(bytes, 0, "II*\0"sv) || startsAt(bytes, 0, "MM\0*"sv) || startsAt(bytes, 0, "II+\0"sv)
        || startsAt(bytes, 0, "MM\0+"sv))
        return PictureFormat::Tiff;
    if (startsAt(bytes, 0, "BM"sv))
        return PictureFormat::Bmp;
    return std::nullopt;
}

std::string describeForeignBytes(std::span<const std::uint8_t> bytes)
{
    for (const Signature& signature : kForeign)
        if (startsAt(bytes, signature.offset, signature.magic))
            return std::string(signature.what);
    const std::string text = textStart(bytes);
    if (text.starts_with("<!doctype html") || text.starts_with("<html") || text.find("<html") != std::string::npos)
        return "an HTML page, not a picture";
    if (text.starts_with("<svg") || text.find("<svg") != std::string::npos)
        return "an SVG drawing, a kind that Percept does not read; convert it to PNG";
    if (text.starts_with("<"))
        return "an XML file, not a picture";
    if (text.starts_with("{") || text.starts_with("["))
        return "a JSON file, not a picture";
    if (text.starts_with("version https://git-lfs"))
        return "a Git LFS pointer: the picture itself was not downloaded (git lfs pull)";
    if (!text.empty())
        return "a text file, not a picture";
    return "not a picture of a kind that Percept knows (JPEG, PNG, WebP, TIFF, BMP)";
}

std::string_view toString(PictureFormat format)
{
    switch (format) {
    case PictureFormat::Jpeg: return "JPEG";
    case PictureFormat::Png: return "PNG";
    case PictureFormat::WebP: return "WebP";
    case PictureFormat::Tiff: return "TIFF";
    case PictureFormat::Bmp: return "BMP";
    }
    return "";
}

}
