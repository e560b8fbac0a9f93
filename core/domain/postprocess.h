#pragma once

#include "core/domain/annotation.h"

#include <span>
#include <vector>

namespace percept::domain {

// How a picture lies on the network's canvas: canvas = scale * picture + offset, in continuous pixel-edge coordinates
// (so sample centres obey dst + .5 = scale * (src + .5) + offset). scale = min(cw/w, ch/h), centred.
struct Letterbox {
    double scale = 1, offsetX = 0, offsetY = 0;
};
Letterbox letterbox(int pictureWidth, int pictureHeight, int canvasWidth, int canvasHeight);
Box pictureFromCanvas(const Letterbox& lb, const Box& canvasBox);

struct PostprocessOptions {
    double scoreFloor = 0.02;  // candidates below are dropped
    int maxCandidates = 1000;  // best by score, over all classes, before suppression
    double nmsIou = 0.6;       // per class
    int maxDetections = 100;   // per picture, over all classes
};

// From the network's outputs to boxes in the picture, sorted by score (ties: lower anchor, then lower class, so that the
// result is the same everywhere). scores: anchors x classes after the sigmoid; boxes: anchors x 4, x0 y0 x1 y1 on the canvas.
// Values that are not finite count as score 0. Boxes are clipped to the picture; those without area are dropped.
std::vector<Detection> postprocess(std::span<const float> scores, std::span<const float> boxes, int anchors, int classes,
    const Letterbox& lb, int pictureWidth, int pictureHeight, const PostprocessOptions& options);

// Greedy suppression of same-class boxes with IoU > limit; input sorted by score, order kept.
std::vector<Detection> suppress(std::vector<Detection> sorted, double iouLimit, int maxDetections);

}
