#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace percept::protocol {

// percept-video FILE: a request a line on stdin, exactly one answer a line on stdout; the end of stdin ends it.
//   -> {"type":"open"}
//   <- {"ok":true,"protocol":1,"confined":"seccomp","width":640,"height":360,"seconds":12.5,"framesPerSecond":25,"codec":"h264"}
//   -> {"type":"next"}   waits until a picture is due; at most one that nobody has asked for yet waits, older ones are dropped
//   <- {"ok":true,"frame":17,"seconds":0.68,"bytes":691254,"width":640,"height":360,"dropped":2,"damaged":0,"loops":0}
//      and then that many bytes, a BMP file
//   <- {"ok":true,"end":true,"frame":312,"dropped":2,"damaged":0,"loops":0,"message":"sentence, where it ended too early"}
// A failure is {"ok":false,"error":"sentence","code":"failed|refused|not-found"}, and the last thing that is said.
inline constexpr int kVideoProtocolVersion = 1;
inline constexpr std::int64_t kMostVideoPixels = 4096 * 4096;
inline constexpr std::size_t kMostVideoBytes = 3u * kMostVideoPixels + 4u * 65536u + 64u; // rows of a BMP are filled up to 4 bytes

struct VideoFacts {
    int width = 0, height = 0;   // as it is shown: after the rotation that the file asks for
    double seconds = 0;          // 0: the file does not say
    double framesPerSecond = 0;  // likewise
    std::string codec, confined; // "h264"; what keeps the decoder from the network
};

struct VideoCounts {
    std::int64_t frames = 0;  // decoded so far, all loops together
    std::int64_t dropped = 0; // of them, because the next one was due before anybody asked
    std::int64_t damaged = 0; // that could not be decoded, beside those
    std::int64_t loops = 0;   // how often it has begun again
};

struct VideoStep {
    VideoCounts counts;
    bool isEnd = false;
    std::string message; // at the end, where that came too early
    double seconds = 0;  // of the picture, from the beginning of the file
    int width = 0, height = 0;
    std::size_t bytes = 0;
};

nlohmann::json toJson(const VideoFacts& facts);
nlohmann::json toJson(const VideoStep& step);
nlohmann::json videoFailure(const base::Error& error);
// The decoder may have been taken over by the file that it decodes: every field is checked. The error of a failure as such.
base::Result<VideoFacts> videoFactsFromJson(const nlohmann::json& answer);
base::Result<VideoStep> videoStepFromJson(const nlohmann::json& answer);

}
