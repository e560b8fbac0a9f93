#pragma once

#include "core/protocol/edge_messages.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace percept::test {

// What one way of asking a model answered, by picture.
using Answers = std::map<std::filesystem::path, std::vector<protocol::EdgePrediction>>;
using Pictures = std::vector<std::filesystem::path>;

// Every way takes the package's thresholds when no least score is given. They throw with a sentence when they get no answer.
Answers askCommandLine(const std::filesystem::path& package, const Pictures& pictures, std::optional<double> minScore);
Answers askStdio(const std::filesystem::path& package, const Pictures& pictures, std::optional<double> minScore);
Answers askHttp(const std::filesystem::path& package, const Pictures& pictures, std::optional<double> minScore);
// The package's ONNX in ONNX Runtime, between our own preprocessing and postprocessing. Nothing: that Python lacks it.
std::optional<Answers> askOnnxRuntime(const std::filesystem::path& package, const Pictures& pictures, double minScore);

struct Difference {
    std::size_t boxes = 0, others = 0; // compared; only in one of the two
    double dx = 0, dp = 0;             // largest, in pixels and of the score
};
// Pairs boxes of the same class, nearest first. `unsureBelow`: a box that scores less may be missing in one of them.
Difference compareAnswers(const Answers& a, const Answers& b, double unsureBelow = 0);

}
