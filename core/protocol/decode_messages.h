#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::protocol {

// percept decode --stdio: first a hello, then a request a line on stdin and exactly one answer a line on stdout, in order.
//   <- {"type":"hello","protocol":1,"confined":"seccomp"}
//   -> {"id":1,"type":"probe","files":["/path/a.jpg", ..],"hash":true}
//   <- {"id":1,"ok":true,"pictures":["jpeg WIDTH HEIGHT ORIENTATION BYTES SHA256",
//                                    {"ok":false,"error":"sentence","code":"failed|refused|not-found"}, ..]}
//   -> {"id":2,"type":"thumbnail","files":["/path/a.jpg"],"longSide":256}
//   <- {"id":2,"ok":true,"pictures":[{"ok":true,"width":256,"height":192,"rgb":"base64 of 256 x 192 x 3 bytes"}]}
// A line that is no request is answered {"id":null,"ok":false,"error":..,"code":..}; the worker goes on. Width and height are
// after EXIF rotation. The end of stdin ends the worker. Thumbnails come as pixels and not as a file: who has taken a decoder
// over could answer with the very file that did it.
inline constexpr int kDecodeProtocolVersion = 1;

struct DecodeHello {
    int protocol = kDecodeProtocolVersion;
    std::string confined; // what keeps it from the network: "seccomp", "namespace", "nothing"
};

struct DecodeRequest {
    static constexpr std::size_t kMostFiles = 256;
    static constexpr std::int64_t kMostPixels = 4'000'000; // of all thumbnails that one line answers
    enum class Type { Probe, Thumbnail } type = Type::Probe;
    std::int64_t id = 0;
    std::vector<std::string> files;
    bool hash = false;  // probe: sha256 of the whole file as well
    int longSide = 256; // thumbnail
};

struct DecodedPicture {
    int width = 0, height = 0;
    std::string format;            // probe: "jpeg", "png", "webp", "tiff", "bmp"
    int orientation = 1;           // probe: EXIF 1..8, already applied to width and height
    std::int64_t fileBytes = 0;    // probe
    std::string sha256;            // probe with hash
    std::vector<std::uint8_t> rgb; // thumbnail: width x height x 3, rows without gaps
};

struct DecodeAnswer {
    std::int64_t id = 0;
    std::vector<base::Result<DecodedPicture>> pictures; // one for each file, in order
};

std::string encode(const DecodeHello& hello);
std::string encode(const DecodeRequest& request);
std::string encode(const DecodeAnswer& answer);
std::string encodeDecodeFailure(const base::Error& error); // the answer to a line that is no request

base::Result<DecodeHello> decodeHelloFromLine(std::string_view line);
base::Result<DecodeRequest> decodeRequestFromLine(std::string_view line);
base::Result<DecodeAnswer> decodeAnswerFromLine(std::string_view line);

}
