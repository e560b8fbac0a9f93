#pragma once

#include "core/inference/engine.h"
#include "core/protocol/edge_messages.h"

#include <opencv2/core/mat.hpp>
#include <optional>

namespace percept::inference {

// From a picture to what people see, the only way there is: letterbox, engine, postprocessing, thresholds.
class ModelRunner {
public:
    ModelRunner(protocol::ModelSpec spec, std::unique_ptr<Engine> engine);

    // `rgb`: CV_8UC3 of any size. Without minScore the thresholds of the specification decide, per label; with it every
    // answer from there on (the specification's score floor stays). Boxes lie in the frame of the picture. `file` and
    // `ms` of the result are left to the caller.
    base::Result<protocol::EdgeResult> predict(const cv::Mat& rgb, std::optional<double> minScore);
    // Refused when the model has no such output.
    base::Result<std::vector<float>> features(const cv::Mat& rgb);

    const protocol::ModelSpec& spec() const { return m_spec; }
    Engine& engine() { return *m_engine; }

private:
    base::Result<RawOutputs> runOn(const cv::Mat& rgb);

    protocol::ModelSpec m_spec;
    std::unique_ptr<Engine> m_engine;
};

}
