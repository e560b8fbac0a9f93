#pragma once

#include "core/base/random.h"
#include "core/protocol/run_config.h"
#include "core/training/assigner.h"

#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

namespace percept::training {

struct AugmentOptions {
    double scaleLow = 0.7, scaleHigh = 1.4; // times the scale that fits the picture to the canvas
    bool flipX = true, flipY = true;
    double shift = 0.05;                    // of the canvas, beyond what the scaled picture leaves free
    double brightness = 0.3, contrast = 0.3, saturation = 0.4, gain = 0.08; // +- around 1
    double visibleShare = 0.25, minSide = 2; // a box that is cut more, or left smaller, is dropped
};

struct CanvasSize { int width = 0, height = 0; };

// Draws the picture, moved, mirrored and recoloured as `random` says, to `pixels` (height x width x 3 floats, normalised as the
// network takes them) and returns its boxes on the canvas. `picture` has the item's size.
std::vector<CanvasTruth> augment(const cv::Mat& picture, const protocol::SnapshotItem& item, CanvasSize canvas,
    const AugmentOptions& options, base::Random random, std::span<float> pixels);

// The boxes as they lie on the letterboxed canvas, for validation.
std::vector<CanvasTruth> letterboxedTruths(const protocol::SnapshotItem& item, CanvasSize canvas);

// The canvas for a set: long side as given, the other from the median proportion, both rounded up to multiples of 32.
CanvasSize chooseCanvas(const std::vector<protocol::SnapshotItem>& items, int longSide);

}
