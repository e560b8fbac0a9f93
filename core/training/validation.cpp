#include "core/training/validation.h"

#include "core/base/time.h"
#include "core/evaluation/detection_metrics.h"
#include "core/media/preprocess.h"

#include <algorithm>
#include <cstring>
#include <torch/torch.h>

namespace percept::training {

namespace {

constexpr std::size_t kBatch = 4;
constexpr std::size_t kSamples = 6;

evaluation::EvaluationImage toImage(const protocol::SnapshotItem& item)
{
    evaluation::EvaluationImage image;
    image.item = item.id;
    image.group = item.group;
    for (const auto& box : item.boxes)
        image.truths.push_back({ box.label, box.box, box.crowd, -1 });
    return image;
}

std::span<const float> row(const at::Tensor& tensor, std::int64_t index)
{
    const auto size = tensor.numel() / tensor.size(0);
    return { tensor.data_ptr<float>() + index * size, static_cast<std::size_t>(size) };
}

}

at::Tensor stackCanvases(const std::vector<cv::Mat>& canvases)
{
    const auto n = static_cast<std::int64_t>(canvases.size());
    auto tensor = at::empty({ n, canvases.front().rows, canvases.front().cols, 3 }, at::kByte);
    auto* out = tensor.data_ptr<std::uint8_t>();
    for (const auto& canvas : canvases) {
        const std::size_t rowBytes = static_cast<std::size_t>(canvas.cols) * 3;
        for (int y = 0; y < canvas.rows; ++y, out += rowBytes)
            std::memcpy(out, canvas.ptr(y), rowBytes);
    }
    return tensor;
}

Validation::Validation(PictureCache& cache, const NetworkConfig& config, const domain::PostprocessOptions& options)
    : m_cache(cache)
    , m_config(config)
    , m_options(options)
    , m_points(anchorPoints(config))
{
}

cv::Mat Validation::canvasOf(std::size_t index)
{
    const cv::Mat picture = m_cache.get(index);
    return picture.empty() ? picture : media::letterboxPicture(picture, m_config.canvasWidth, m_config.canvasHeight);
}

std::vector<std::size_t> Validation::sampleIndices() const
{
    std::vector<std::size_t> indices;
    const std::size_t count = m_cache.items().size(), wanted = std::min(count, kSamples);
    for (std::size_t i = 0; i < wanted; ++i)
        indices.push_back(i * count / wanted);
    return indices;
}

// Pictures that go through the network together.
struct Validation::Part {
    std::vector<std::size_t> indices;
    std::vector<cv::Mat> canvases;
    std::vector<std::vector<CanvasTruth>> truths;
};

std::optional<ValidationResult> Validation::run(const DetectorNetwork& network, const ParameterValues& values,
    const std::function<bool()>& keepGoing)
{
    torch::NoGradGuard noGrad;
    const auto execution = makeFoldedExecution(network, values);
    const auto& items = m_cache.items();
    const auto samples = sampleIndices();
    std::vector<evaluation::EvaluationImage> images;
    ValidationResult result;
    for (std::size_t first = 0; first < items.size(); first += kBatch) {
        if (!keepGoing())
            return std::nullopt;
        Part part;
        for (std::size_t i = first; i < std::min(items.size(), first + kBatch); ++i) {
            cv::Mat canvas = canvasOf(i);
            if (canvas.empty()) {
                result.skipped.push_back(items[i].id);
                continue;
            }
            part.indices.push_back(i);
            part.canvases.push_back(std::move(canvas));
            part.truths.push_back(letterboxedTruths(items[i], { m_config.canvasWidth, m_config.canvasHeight }));
        }
        if (part.indices.empty())
            continue;
        const auto planes = stackCanvases(part.canvases).to(at::kFloat).permute({ 0, 3, 1, 2 });
        const auto output = network.forward(*execution, at::mul(at::sub(planes, 127.0), 1.0 / 128.0));
        result.loss += detectionLoss(output, m_points, part.truths).total.item<double>() * static_cast<double>(part.indices.size());
        const auto scores = at::sigmoid(output.classLogits).contiguous();
        const auto boxes = decodeBoxes(output.boxLogits, m_points).contiguous();
        for (std::size_t k = 0; k < part.indices.size(); ++k) {
            const auto& item = items[part.indices[k]];
            auto image = toImage(item);
            const auto lb = domain::letterbox(item.width, item.height, m_config.canvasWidth, m_config.canvasHeight);
            image.detections = domain::postprocess(row(scores, static_cast<std::int64_t>(k)), row(boxes, static_cast<std::int64_t>(k)),
                network.anchors(), m_config.classes, lb, item.width, item.height, m_options);
            if (std::find(samples.begin(), samples.end(), part.indices[k]) != samples.end())
                result.sample.items.push_back({ item.id, item.path, image.detections });
            images.push_back(std::move(image));
        }
    }
    if (images.empty())
        return result;
    result.loss /= static_cast<double>(images.size());
    const auto summary = evaluation::evaluateCoco(images, m_config.classes);
    result.map = summary.map;
    result.map50 = summary.map50;
    return result;
}

double Validation::measure(const DetectorNetwork& network, const ParameterValues& values)
{
    torch::NoGradGuard noGrad;
    const auto& items = m_cache.items();
    if (items.empty())
        return 0;
    const auto execution = makeFoldedExecution(network, values);
    const auto pictures = at::zeros({ static_cast<std::int64_t>(kBatch), m_config.canvasHeight, m_config.canvasWidth, 3 }, at::kByte);
    double best = 1e9;
    for (int round = 0; round < 3; ++round) {
        const double before = base::monotonicSeconds();
        predictRaw(network, *execution, pictures, m_points);
        best = std::min(best, base::monotonicSeconds() - before);
    }
    constexpr double kPerPicture = 0.006; // letterbox, loss, postprocessing, metrics
    return static_cast<double>(items.size()) * (best / static_cast<double>(kBatch) + kPerPicture);
}

}
