#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace percept::training {

// One true box on the canvas, x0 y0 x1 y1. A crowd is neither positive nor negative: points inside are left out.
struct CanvasTruth {
    int label = 0;
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    bool crowd = false;
};

struct AssignerOptions {
    int candidates = 13;      // points a truth may take
    float targetFloor = 0.5f; // a truth's best point is asked for at least this, however bad its box still is
};

// What the network should answer at each point of one picture.
struct Assignment {
    struct Positive { int anchor = 0, truth = 0; float target = 0; };
    std::vector<Positive> positives; // by anchor
    std::vector<int> ignored;        // anchors inside a crowd and not positive
};

// Task-aligned assignment (Feng et al. 2021, with a floor): t = score^.5 * IoU^6 for points inside a truth, the best 13 of each
// truth, a point wanted by several goes to the largest IoU; target = t / max t of the truth * max(max IoU, floor).
// scores: anchors x classes after the sigmoid; boxes: anchors x 4 decoded; centres: anchors x 2. Deterministic.
Assignment assign(std::span<const float> scores, std::span<const float> boxes, std::span<const float> centres, int classes,
    const std::vector<CanvasTruth>& truths, const AssignerOptions& options = {});

}
