#pragma once

#include "core/training/assigner.h"
#include "core/training/network.h"

namespace percept::training {

struct LossWeights { double classes = 2.0, boxes = 2.5, bins = 0.5; };

struct DetectionLoss {
    at::Tensor total;                       // differentiable
    double classes = 0, boxes = 0, bins = 0; // weighted parts, for the plots
};

// Quality focal loss on soft targets, GIoU on the boxes and distribution focal loss on the sides, each divided by the sum of
// targets of the whole batch. truths: one list per image.
DetectionLoss detectionLoss(const NetworkOutput& output, const AnchorPoints& points,
    const std::vector<std::vector<CanvasTruth>>& truths, const LossWeights& weights = {}, const AssignerOptions& options = {});

// The parts, for tests. All tensors float; sums, not means.
at::Tensor qualityFocalSum(const at::Tensor& logits, const at::Tensor& targets);
at::Tensor generalizedIou(const at::Tensor& a, const at::Tensor& b);                      // [n, 4] each -> [n]
at::Tensor distributionFocal(const at::Tensor& logits, const at::Tensor& distances);      // [n, 4, bins], [n, 4] -> [n]

}
