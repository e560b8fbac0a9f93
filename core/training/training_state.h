#pragma once

#include "core/protocol/model_spec.h"
#include "core/training/network.h"
#include "core/training/optimizer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace percept::training {

// Everything that changes while a network is trained, and its way into a checkpoint and back: weights, statistics, moving
// average, moments, step, scores, best average so far. Order and augmentation need nothing: they are functions of the step.
class TrainingState {
public:
    TrainingState(const NetworkConfig& config, const OptimizerOptions& options);

    DetectorNetwork network;
    ParameterValues values;
    std::unique_ptr<Optimizer> optimizer; // made by startOptimizing(), which every run calls once before its first step
    std::int64_t step = 0;
    std::int64_t closedStep = 0; // the last epoch's end that was validated
    double elapsedSeconds = 0; // spent on this run so far, over all its sittings
    double lastScore = -1; // of the last validation; -1: none yet, or a checkpoint of before this was kept
    struct Best { double score = -1; std::int64_t step = 0; at::Tensor moving; };
    Best best;

    // From here on the values have gradients; fresh moments, average = values.
    void startOptimizing();
    bool isFinite() const;
    // For the sentence when it is not: "the weight NAME", "the gradient of NAME".
    std::string firstBroken() const;
    std::string firstBrokenGradient() const;
    // Values that a model is made of: the average, or the best average so far.
    ParameterValues averageValues() const;
    ParameterValues bestValues() const;

    std::vector<std::uint8_t> encode(const std::vector<protocol::SpecLabel>& labels) const;
    // Refused when the checkpoint is of another network.
    base::Result<void> restore(const TensorFile& file);
    // Takes the averaged weights of another run as a start. Tensors of another shape keep their initial values, except that
    // the rows of classes with a known id are taken over. Returns how many tensors came along.
    base::Result<int> startFrom(const TensorFile& file, const std::vector<protocol::SpecLabel>& labels);

private:
    OptimizerOptions m_options;
};

}
