#include "core/domain/postprocess.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace percept::domain {

Letterbox letterbox(int pictureWidth, int pictureHeight, int canvasWidth, int canvasHeight)
{
    const double scale = std::min(static_cast<double>(canvasWidth) / pictureWidth, static_cast<double>(canvasHeight) / pictureHeight);
    return { scale, (canvasWidth - scale * pictureWidth) / 2, (canvasHeight - scale * pictureHeight) / 2 };
}

Box pictureFromCanvas(const Letterbox& lb, const Box& b)
{
    return { (b.x - lb.offsetX) / lb.scale, (b.y - lb.offsetY) / lb.scale, b.w / lb.scale, b.h / lb.scale };
}

namespace {

struct Candidate {
    float score;
    int anchor, label;
};

bool better(const Candidate& a, const Candidate& b)
{
    return std::tuple(-a.score, a.anchor, a.label) < std::tuple(-b.score, b.anchor, b.label);
}

std::vector<Candidate> bestCandidates(std::span<const float> scores, int anchors, int classes, const PostprocessOptions& options)
{
    std::vector<Candidate> candidates;
    const auto floor = static_cast<float>(options.scoreFloor);
    for (int anchor = 0; anchor < anchors; ++anchor)
        for (int label = 0; label < classes; ++label) {
            const float score = scores[static_cast<std::size_t>(anchor) * static_cast<std::size_t>(classes) + static_cast<std::size_t>(label)];
            if (score > floor && std::isfinite(score))
                candidates.push_back({ score, anchor, label });
        }
    const auto keep = std::min(candidates.size(), static_cast<std::size_t>(options.maxCandidates));
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(keep), candidates.end(), better);
    candidates.resize(keep);
    return candidates;
}

constexpr double kVoteWidth = 0.025;

// The mean of the candidates beside `kept`; ious: of each candidate with it, 0 for other classes.
Box votedBox(const Detection& kept, std::span<const Detection> candidates, std::span<const double> ious, double voteIou)
{
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0, sum = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (ious[i] <= voteIou)
            continue;
        const Box& box = candidates[i].box;
        const double weight = candidates[i].score * std::exp(-(1 - ious[i]) * (1 - ious[i]) / kVoteWidth);
        x0 += weight * box.x;
        y0 += weight * box.y;
        x1 += weight * (box.x + box.w);
        y1 += weight * (box.y + box.h);
        sum += weight;
    }
    if (sum <= 0)
        return kept.box;
    return { x0 / sum, y0 / sum, (x1 - x0) / sum, (y1 - y0) / sum };
}

}

std::vector<Detection> suppress(std::vector<Detection> sorted, const PostprocessOptions& options)
{
    constexpr double kGone = -1;
    std::vector<double> left(sorted.size()), ious(sorted.size()); // score that is left of each candidate
    std::transform(sorted.begin(), sorted.end(), left.begin(), [](const Detection& d) { return d.score; });
    std::vector<Detection> kept;
    while (static_cast<int>(kept.size()) < options.maxDetections) {
        const auto best = std::max_element(left.begin(), left.end()); // the first of equals: order decides ties
        if (best == left.end() || *best == kGone)
            break;
        const Detection& chosen = sorted[static_cast<std::size_t>(best - left.begin())];
        Detection answer { chosen.label, *best, chosen.box };
        *best = kGone;
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            ious[i] = sorted[i].label == chosen.label ? iou(chosen.box, sorted[i].box) : 0;
            if (left[i] == kGone || ious[i] == 0)
                continue;
            if (options.softSigma > 0)
                left[i] *= std::exp(-ious[i] * ious[i] / options.softSigma);
            if (ious[i] > options.nmsIou || left[i] <= options.scoreFloor)
                left[i] = kGone;
        }
        if (options.voteIou > 0)
            answer.box = votedBox(chosen, sorted, ious, options.voteIou);
        kept.push_back(std::move(answer));
    }
    return kept;
}

std::vector<Detection> postprocess(std::span<const float> scores, std::span<const float> boxes, int anchors, int classes,
    const Letterbox& lb, int pictureWidth, int pictureHeight, const PostprocessOptions& options)
{
    std::vector<Detection> detections;
    for (const Candidate& c : bestCandidates(scores, anchors, classes, options)) {
        const float* corner = boxes.data() + static_cast<std::size_t>(c.anchor) * 4;
        const Box canvasBox { corner[0], corner[1], static_cast<double>(corner[2]) - corner[0], static_cast<double>(corner[3]) - corner[1] };
        if (!canvasBox.isFinite())
            continue;
        const Box box = clipped(pictureFromCanvas(lb, canvasBox), pictureWidth, pictureHeight);
        if (box.hasArea())
            detections.push_back({ c.label, c.score, box });
    }
    return suppress(std::move(detections), options);
}

}
