#pragma once

#include "core/domain/postprocess.h"
#include "core/protocol/trainer_messages.h"
#include "core/training/detection_loss.h"
#include "core/training/network.h"
#include "core/training/picture_cache.h"
#include "core/training/augment.h"

#include <functional>
#include <optional>
#include <vector>

namespace percept::training {

struct ValidationResult {
    double loss = 0;
    double map = -1, map50 = -1; // -1: undefined, there are no truths
    std::vector<std::int64_t> skipped; // items whose picture could not be read
    protocol::SampleMessage sample;    // answers on the fixed few; epoch is left to the caller
};

// The network's answers on the validation set, through the same letterbox and the same postprocessing as on a device.
class Validation {
public:
    Validation(PictureCache& cache, const NetworkConfig& config, const domain::PostprocessOptions& options);
    bool isEmpty() const { return m_cache.items().empty(); }
    // keepGoing is asked between batches; when it says no the result is empty.
    std::optional<ValidationResult> run(const DetectorNetwork& network, const ParameterValues& values,
        const std::function<bool()>& keepGoing);
    // Seconds that a whole run takes, from one batch.
    double measure(const DetectorNetwork& network, const ParameterValues& values);
    // Letterboxed picture, for golden outputs. Empty when it cannot be read.
    cv::Mat canvasOf(std::size_t index);
    const PictureCache& cache() const { return m_cache; }

private:
    struct Part;
    std::vector<std::size_t> sampleIndices() const;

    PictureCache& m_cache;
    NetworkConfig m_config;
    domain::PostprocessOptions m_options;
    AnchorPoints m_points;
};

// uint8 [n, height, width, 3] from canvases of the same size.
at::Tensor stackCanvases(const std::vector<cv::Mat>& canvases);

}
