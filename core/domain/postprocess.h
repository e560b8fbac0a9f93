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
    double nmsIou = 0.7;       // per class: what overlaps a better box by more is dropped
    double softSigma = 0.7;    // per class: what overlaps a better box by less loses score, see suppress(); 0: it keeps its score
    double voteIou = 0.65;     // per class: what overlaps a kept box by more has a say in where it lies; 0: it has not
    int maxDetections = 100;   // per picture, over all classes

    // What a package means that does not say: greedy suppression alone.
    static PostprocessOptions greedy() { return { .nmsIou = 0.6, .softSigma = 0, .voteIou = 0 }; }
};

// From the network's outputs to boxes in the picture, sorted by score (ties: lower anchor, then lower class, so that the
// result is the same everywhere). scores: anchors x classes after the sigmoid; boxes: anchors x 4, x0 y0 x1 y1 on the canvas.
// Values that are not finite count as score 0. Boxes are clipped to the picture; those without area are dropped.
std::vector<Detection> postprocess(std::span<const float> scores, std::span<const float> boxes, int anchors, int classes,
    const Letterbox& lb, int pictureWidth, int pictureHeight, const PostprocessOptions& options);

// Which of the candidates (sorted by score) are answers, best first. Greedily, those of a class that overlap a better one by more than
// nmsIou are dropped. A kept box becomes the mean of all candidates of its class that overlap it by more than voteIou, weighted by score *
// exp(-(1 - IoU)^2 / 0.025) (box voting, He et al. 2019, without their variance): each is wrong in its own way. Then a score falls by
// exp(-IoU^2 / softSigma) for each better kept box of its class (after Soft-NMS, Bodla et al. 2017), by less where the other is better by less
// than 0.05: what two engines see equally well must not depend on the last digit. Below scoreFloor it is dropped.
std::vector<Detection> suppress(std::vector<Detection> sorted, const PostprocessOptions& options);

}
