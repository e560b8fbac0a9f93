#include "core/inference/dummy_engine.h"

namespace percept::inference {

DummyEngine::DummyEngine(protocol::ModelSpec spec, Answer answer)
    : m_spec(std::move(spec))
    , m_answer(std::move(answer))
{
}

base::Result<RawOutputs> DummyEngine::run(const cv::Mat& canvas)
{
    PERCEPT_TRY(checkCanvas(canvas, m_spec));
    return m_answer(canvas);
}

}
