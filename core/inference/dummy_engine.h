#pragma once

#include "core/inference/engine.h"

#include <functional>

namespace percept::inference {

// Answers with what a function says: for tests of everything around an engine.
class DummyEngine final : public Engine {
public:
    using Answer = std::function<base::Result<RawOutputs>(const cv::Mat& canvas)>;
    DummyEngine(protocol::ModelSpec spec, Answer answer);
    base::Result<RawOutputs> run(const cv::Mat& canvas) override;

private:
    protocol::ModelSpec m_spec;
    Answer m_answer;
};

}
