#include "core/training/assigner.h"

#include <algorithm>
#include <cmath>

namespace percept::training {

namespace {

struct Candidate { int anchor = 0; float alignment = 0, iou = 0; };
struct Owner { int truth = -1; float alignment = 0, iou = 0; };

float iouOf(const CanvasTruth& truth, const float* box)
{
    const float w = std::min(truth.x1, box[2]) - std::max(truth.x0, box[0]);
    const float h = std::min(truth.y1, box[3]) - std::max(truth.y0, box[1]);
    if (!(w > 0) || !(h > 0))
        return 0;
    const float inter = w * h;
    const float all = (truth.x1 - truth.x0) * (truth.y1 - truth.y0) + (box[2] - box[0]) * (box[3] - box[1]) - inter;
    return all > 0 ? inter / all : 0;
}

bool isInside(const CanvasTruth& truth, const float* centre)
{
    return centre[0] > truth.x0 && centre[0] < truth.x1 && centre[1] > truth.y0 && centre[1] < truth.y1;
}

struct Field {
    std::span<const float> scores, boxes, centres;
    int classes;
    std::size_t anchors() const { return centres.size() / 2; }
};

Candidate candidateAt(const Field& field, const CanvasTruth& truth, std::size_t anchor)
{
    const float score = field.scores[anchor * static_cast<std::size_t>(field.classes) + static_cast<std::size_t>(truth.label)];
    const float iou = iouOf(truth, field.boxes.data() + anchor * 4);
    const float iou3 = iou * iou * iou;
    return { static_cast<int>(anchor), std::sqrt(score) * iou3 * iou3, iou };
}

std::size_t nearestAnchor(const Field& field, const CanvasTruth& truth)
{
    const float cx = (truth.x0 + truth.x1) / 2, cy = (truth.y0 + truth.y1) / 2;
    std::size_t best = 0;
    float bestDistance = INFINITY;
    for (std::size_t a = 0; a < field.anchors(); ++a) {
        const float dx = field.centres[a * 2] - cx, dy = field.centres[a * 2 + 1] - cy;
        if (dx * dx + dy * dy < bestDistance) {
            bestDistance = dx * dx + dy * dy;
            best = a;
        }
    }
    return best;
}

std::vector<Candidate> candidatesOf(const Field& field, const CanvasTruth& truth, int limit)
{
    std::vector<Candidate> found;
    for (std::size_t a = 0; a < field.anchors(); ++a)
        if (isInside(truth, field.centres.data() + a * 2))
            found.push_back(candidateAt(field, truth, a));
    if (found.empty())
        found.push_back(candidateAt(field, truth, nearestAnchor(field, truth)));
    std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
        return a.alignment != b.alignment ? a.alignment > b.alignment : a.anchor < b.anchor;
    });
    found.resize(std::min(found.size(), static_cast<std::size_t>(limit)));
    return found;
}

}

Assignment assign(std::span<const float> scores, std::span<const float> boxes, std::span<const float> centres, int classes,
    const std::vector<CanvasTruth>& truths, const AssignerOptions& options)
{
    const Field field { scores, boxes, centres, classes };
    std::vector<Owner> owners(field.anchors());
    for (std::size_t t = 0; t < truths.size(); ++t) {
        if (truths[t].crowd)
            continue;
        for (const auto& candidate : candidatesOf(field, truths[t], options.candidates)) {
            Owner& owner = owners[static_cast<std::size_t>(candidate.anchor)];
            if (owner.truth < 0 || candidate.iou > owner.iou)
                owner = { static_cast<int>(t), candidate.alignment, candidate.iou };
        }
    }
    std::vector<float> maxAlignment(truths.size(), 0.0f), maxIou(truths.size(), 0.0f);
    for (const auto& owner : owners) {
        if (owner.truth < 0)
            continue;
        const auto t = static_cast<std::size_t>(owner.truth);
        maxAlignment[t] = std::max(maxAlignment[t], owner.alignment);
        maxIou[t] = std::max(maxIou[t], owner.iou);
    }
    Assignment out;
    for (std::size_t a = 0; a < owners.size(); ++a) {
        const Owner& owner = owners[a];
        if (owner.truth >= 0) {
            const auto t = static_cast<std::size_t>(owner.truth);
            // Where no box touches the truth yet, all its points are equally good.
            const float share = maxAlignment[t] > 0 ? owner.alignment / maxAlignment[t] : 1.0f;
            out.positives.push_back({ static_cast<int>(a), owner.truth, share * std::max(maxIou[t], options.targetFloor) });
        } else if (std::any_of(truths.begin(), truths.end(),
                       [&](const CanvasTruth& truth) { return truth.crowd && isInside(truth, centres.data() + a * 2); })) {
            out.ignored.push_back(static_cast<int>(a));
        }
    }
    return out;
}

}
