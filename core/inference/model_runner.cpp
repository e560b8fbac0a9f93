#include "core/inference/model_runner.h"

#include "core/domain/postprocess.h"
#include "core/media/preprocess.h"

namespace percept::inference {

ModelRunner::ModelRunner(protocol::ModelSpec spec, std::unique_ptr<Engine> engine)
    : m_spec(std::move(spec))
    , m_engine(std::move(engine))
{
}

base::Result<RawOutputs> ModelRunner::runOn(const cv::Mat& rgb)
{
    if (rgb.empty() || rgb.type() != CV_8UC3)
        return base::failed("The model takes colour pictures with 8 bits a channel.");
    return m_engine->run(media::letterboxPicture(rgb, m_spec.inputWidth, m_spec.inputHeight, m_spec.fill));
}

base::Result<protocol::EdgeResult> ModelRunner::predict(const cv::Mat& rgb, std::optional<double> minScore)
{
    PERCEPT_ASSIGN(raw, runOn(rgb));
    const auto detections = domain::postprocess(raw.scores, raw.boxes, raw.anchors, raw.classes,
        domain::letterbox(rgb.cols, rgb.rows, m_spec.inputWidth, m_spec.inputHeight), rgb.cols, rgb.rows, m_spec.postprocess);
    protocol::EdgeResult result;
    result.width = rgb.cols;
    result.height = rgb.rows;
    for (const auto& detection : detections) {
        const auto& label = m_spec.labels[static_cast<std::size_t>(detection.label)];
        if (detection.score >= minScore.value_or(label.threshold))
            result.predictions.push_back({ label.name, detection.label, detection.score, detection.box });
    }
    return result;
}

base::Result<std::vector<float>> ModelRunner::features(const cv::Mat& rgb)
{
    PERCEPT_ASSIGN(raw, runOn(rgb));
    if (raw.features.empty())
        return base::refused("This model has no output for features.");
    return std::move(raw.features);
}

}
