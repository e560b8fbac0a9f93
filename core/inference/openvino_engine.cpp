#include "core/inference/engine.h"

#include <fmt/format.h>
#include <openvino/openvino.hpp>
#include <thread>

namespace percept::inference {

namespace {

// Of one tensor on the way through the network and of all together, in elements. A 1080p canvas with a wide first layer
// needs 10^8 at most; a model made to exhaust memory passes these long before it is compiled.
constexpr std::size_t kMaxTensorElements = 1ull << 28, kMaxAllElements = 1ull << 31;

base::Error engineError(std::string_view what, const std::exception& e)
{
    return base::failed(fmt::format("The model {}.", what), e.what());
}

base::Result<void> checkGrowth(const ov::Model& model)
{
    std::size_t all = 0;
    for (const auto& node : model.get_ops()) {
        for (const auto& output : node->outputs()) {
            if (output.get_partial_shape().is_dynamic())
                return base::refused("The model is refused: the size of a tensor in it is not fixed.");
            std::size_t count = 1;
            for (const std::size_t dim : output.get_shape())
                if (__builtin_mul_overflow(count, dim, &count) || count > kMaxTensorElements)
                    return base::refused("The model is refused: a tensor in it grows beyond all bounds.");
            all += count;
        }
    }
    if (all > kMaxAllElements)
        return base::refused("The model is refused: it needs too much memory.");
    return {};
}

ov::AnyMap propertiesFor(const EngineOptions& options)
{
    ov::AnyMap properties { ov::hint::inference_precision(ov::element::f32), ov::num_streams(1),
        ov::hint::enable_cpu_pinning(false), ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY) };
    if (options.threads > 0)
        properties.insert(ov::inference_num_threads(options.threads));
    return properties;
}

class OpenVinoEngine final : public Engine {
public:
    OpenVinoEngine(const protocol::ModelSpec& spec, ov::CompiledModel model)
        : m_spec(spec)
        , m_model(std::move(model))
        , m_request(m_model.create_infer_request())
        , m_hasFeatures(m_model.outputs().size() == 3)
    {
    }

    base::Result<RawOutputs> run(const cv::Mat& canvas) override
    {
        PERCEPT_TRY(checkCanvas(canvas, m_spec));
        try {
            m_request.set_tensor("image", ov::Tensor(ov::element::u8,
                ov::Shape { 1, static_cast<std::size_t>(canvas.rows), static_cast<std::size_t>(canvas.cols), 3 }, canvas.data));
            m_request.infer();
            return outputs();
        } catch (const std::exception& e) {
            return engineError("failed while it ran", e);
        }
    }

private:
    RawOutputs outputs()
    {
        RawOutputs raw;
        const ov::Tensor scores = m_request.get_tensor("scores"), boxes = m_request.get_tensor("boxes");
        raw.anchors = static_cast<int>(scores.get_shape()[1]);
        raw.classes = static_cast<int>(scores.get_shape()[2]);
        raw.scores.assign(scores.data<const float>(), scores.data<const float>() + scores.get_size());
        raw.boxes.assign(boxes.data<const float>(), boxes.data<const float>() + boxes.get_size());
        if (m_hasFeatures) {
            const ov::Tensor features = m_request.get_tensor("features");
            raw.features.assign(features.data<const float>(), features.data<const float>() + features.get_size());
        }
        return raw;
    }

    protocol::ModelSpec m_spec;
    ov::CompiledModel m_model;
    ov::InferRequest m_request;
    bool m_hasFeatures;
};

// The shapes as the engine understood them, against those that postprocessing counts on.
base::Result<void> checkOutputs(const ov::Model& model, const protocol::ModelSpec& spec)
{
    const ov::Shape scores = model.output("scores").get_shape(), boxes = model.output("boxes").get_shape();
    const bool fits = scores.size() == 3 && boxes.size() == 3 && scores[0] == 1 && boxes[0] == 1 && scores[1] == boxes[1]
        && scores[2] == spec.labels.size() && boxes[2] == 4;
    if (!fits)
        return base::refused("The model is refused: its outputs are not what its description says.");
    return {};
}

}

base::Result<void> checkCanvas(const cv::Mat& canvas, const protocol::ModelSpec& spec)
{
    if (canvas.type() != CV_8UC3 || canvas.cols != spec.inputWidth || canvas.rows != spec.inputHeight || !canvas.isContinuous())
        return base::failed(fmt::format("The model takes a canvas of {} x {} pixels and was given {} x {}.", spec.inputWidth,
            spec.inputHeight, canvas.cols, canvas.rows));
    return {};
}

base::Result<std::unique_ptr<Engine>> makeOpenVinoEngine(
    std::span<const std::uint8_t> onnx, const protocol::ModelSpec& spec, const EngineOptions& options)
{
    try {
        ov::Core core;
        const std::string text(reinterpret_cast<const char*>(onnx.data()), onnx.size());
        auto model = core.read_model(text, ov::Tensor());
        PERCEPT_TRY(checkGrowth(*model));
        PERCEPT_TRY(checkOutputs(*model, spec));
        auto compiled = core.compile_model(model, "CPU", propertiesFor(options));
        return std::unique_ptr<Engine>(std::make_unique<OpenVinoEngine>(spec, std::move(compiled)));
    } catch (const std::exception& e) {
        return base::refused("The model cannot be loaded: the engine does not take it.", e.what());
    }
}

}
