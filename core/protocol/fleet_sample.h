#pragma once

#include "core/base/result.h"
#include "core/domain/geometry.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace percept::protocol {

struct SamplePrediction {
    std::string label;
    double score = 0;
    domain::Box box; // pixels of the picture as sent
    bool operator==(const SamplePrediction&) const = default;
};

// Device -> hub: one picture for people to label, one entry of the stream. On the wire a JSON object, a newline, and the
// bytes of the picture.
struct FieldSample {
    static constexpr std::size_t kMostPredictions = 1000;
    std::string stream;
    std::int64_t sequence = 1;
    std::string id; // 32 hex digits, random: the sample's name for ever
    std::int64_t timeMs = 0;
    std::string packageSha256, packageVersion;
    std::string reason; // "random", "unsure", "edge"
    int width = 0, height = 0;
    std::vector<SamplePrediction> predictions; // at the package's thresholds; none: the model called it empty
    std::string format = "jpeg";               // "jpeg", "png"
    std::vector<std::uint8_t> picture;
};

std::string encode(const FieldSample& sample);
// The picture is bounded and has the hash that the sender gave; it was not decoded and may be hostile.
base::Result<FieldSample> decodeFieldSample(std::string_view payload);

}
