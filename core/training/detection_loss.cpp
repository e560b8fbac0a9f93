#include "core/training/detection_loss.h"

#include <algorithm>
#include <torch/torch.h>

namespace percept::training {

namespace {

constexpr double kLargestDistance = kBoxBins - 1 - 0.01;

// The positives of a batch, flattened over images: rows of [images * anchors].
struct Targets {
    at::Tensor classes;         // [images * anchors, classes]
    at::Tensor keep;            // [images * anchors, 1]; undefined when nothing is ignored
    at::Tensor rows, anchors;   // [positives] int64
    at::Tensor boxes, weights;  // [positives, 4], [positives]
    double sum = 0;
};

struct Lists {
    std::vector<std::int64_t> rows, anchors;
    std::vector<float> boxes, weights;
};

Targets toTensors(const Lists& lists, at::Tensor classes, at::Tensor keep)
{
    const auto n = static_cast<std::int64_t>(lists.rows.size());
    Targets targets { std::move(classes), std::move(keep), torch::tensor(lists.rows, at::kLong),
        torch::tensor(lists.anchors, at::kLong), torch::tensor(lists.boxes).view({ n, 4 }), torch::tensor(lists.weights), 0 };
    for (const float weight : lists.weights)
        targets.sum += weight;
    return targets;
}

Targets assignBatch(const NetworkOutput& output, const AnchorPoints& points,
    const std::vector<std::vector<CanvasTruth>>& truths, const AssignerOptions& options)
{
    torch::NoGradGuard noGrad;
    const auto scores = at::sigmoid(output.classLogits.detach()).contiguous();
    const auto boxes = decodeBoxes(output.boxLogits.detach(), points).contiguous();
    const auto images = scores.size(0), anchors = scores.size(1), classes = scores.size(2);
    const auto count = static_cast<std::size_t>(anchors), width = static_cast<std::size_t>(classes);
    const std::span<const float> centres(points.centres.data_ptr<float>(), count * 2);

    auto wanted = at::zeros({ images * anchors, classes });
    at::Tensor keep;
    float* wantedData = wanted.data_ptr<float>();
    Lists lists;
    for (std::int64_t image = 0; image < images; ++image) {
        const auto i = static_cast<std::size_t>(image);
        const auto found = assign({ scores.data_ptr<float>() + i * count * width, count * width },
            { boxes.data_ptr<float>() + i * count * 4, count * 4 }, centres, static_cast<int>(classes), truths[i], options);
        for (const auto& positive : found.positives) {
            const auto& truth = truths[i][static_cast<std::size_t>(positive.truth)];
            const std::int64_t row = image * anchors + positive.anchor;
            wantedData[row * classes + truth.label] = positive.target;
            lists.rows.push_back(row);
            lists.anchors.push_back(positive.anchor);
            lists.weights.push_back(positive.target);
            lists.boxes.insert(lists.boxes.end(), { truth.x0, truth.y0, truth.x1, truth.y1 });
        }
        if (!found.ignored.empty() && !keep.defined())
            keep = at::ones({ images * anchors, 1 });
        for (const int anchor : found.ignored)
            keep.data_ptr<float>()[image * anchors + anchor] = 0;
    }
    return toTensors(lists, wanted, keep);
}

at::Tensor qualityFocal(const at::Tensor& logits, const at::Tensor& targets)
{
    const auto error = at::sub(targets, at::sigmoid(logits));
    return at::mul(at::binary_cross_entropy_with_logits(logits, targets, {}, {}, at::Reduction::None), at::square(error));
}

}

at::Tensor qualityFocalSum(const at::Tensor& logits, const at::Tensor& targets)
{
    return qualityFocal(logits, targets).sum();
}

at::Tensor generalizedIou(const at::Tensor& a, const at::Tensor& b)
{
    const auto low = [](const at::Tensor& t) { return t.slice(1, 0, 2); };
    const auto high = [](const at::Tensor& t) { return t.slice(1, 2, 4); };
    const auto area = [&](const at::Tensor& size) { return at::mul(size.select(1, 0), size.select(1, 1)); };
    const auto inter = area(at::clamp_min(at::sub(at::minimum(high(a), high(b)), at::maximum(low(a), low(b))), 0.0));
    const auto hull = area(at::sub(at::maximum(high(a), high(b)), at::minimum(low(a), low(b))));
    const auto both = at::sub(at::add(area(at::sub(high(a), low(a))), area(at::sub(high(b), low(b)))), inter);
    const auto iou = at::div(inter, at::clamp_min(both, 1e-6));
    return at::sub(iou, at::div(at::sub(hull, both), at::clamp_min(hull, 1e-6)));
}

at::Tensor distributionFocal(const at::Tensor& logits, const at::Tensor& distances)
{
    const auto logP = at::log_softmax(logits, 2);
    const auto left = at::floor(distances);
    const auto index = left.to(at::kLong).unsqueeze(2);
    const auto rightShare = at::sub(distances, left);
    const auto leftLogP = at::gather(logP, 2, index).squeeze(2);
    const auto rightLogP = at::gather(logP, 2, at::add(index, 1)).squeeze(2);
    const auto loss = at::add(at::mul(leftLogP, at::rsub(rightShare, 1.0)), at::mul(rightLogP, rightShare));
    return at::neg(loss.mean(1));
}

DetectionLoss detectionLoss(const NetworkOutput& output, const AnchorPoints& points,
    const std::vector<std::vector<CanvasTruth>>& truths, const LossWeights& weights, const AssignerOptions& options)
{
    const auto targets = assignBatch(output, points, truths, options);
    const double divisor = std::max(1.0, targets.sum);
    const auto logits = output.classLogits.reshape({ -1, output.classLogits.size(2) });
    auto classLoss = qualityFocal(logits, targets.classes);
    if (targets.keep.defined())
        classLoss = at::mul(classLoss, targets.keep);
    DetectionLoss loss;
    loss.total = at::mul(classLoss.sum(), weights.classes / divisor);
    loss.classes = loss.total.item<double>();
    if (targets.rows.numel() == 0)
        return loss;

    const auto boxLogits = at::index_select(output.boxLogits.reshape({ -1, 4 * kBoxBins }), 0, targets.rows);
    const AnchorPoints own { at::index_select(points.centres, 0, targets.anchors),
        at::index_select(points.strides, 0, targets.anchors), points.bins };
    const auto boxes = decodeBoxes(boxLogits.unsqueeze(0), own).squeeze(0);
    const auto boxLoss = at::mul(at::sum(at::mul(at::rsub(generalizedIou(boxes, targets.boxes), 1.0), targets.weights)),
        weights.boxes / divisor);
    const auto wanted = at::cat({ at::sub(own.centres, targets.boxes.slice(1, 0, 2)),
                                    at::sub(targets.boxes.slice(1, 2, 4), own.centres) }, 1);
    const auto distances = at::clamp(at::div(wanted, own.strides), 0.0, kLargestDistance);
    const auto binLoss = at::mul(
        at::sum(at::mul(distributionFocal(boxLogits.view({ -1, 4, kBoxBins }), distances), targets.weights)),
        weights.bins / divisor);
    loss.boxes = boxLoss.item<double>();
    loss.bins = binLoss.item<double>();
    loss.total = at::add(loss.total, at::add(boxLoss, binLoss));
    return loss;
}

}
