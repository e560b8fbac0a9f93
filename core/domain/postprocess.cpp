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

}

std::vector<Detection> suppress(std::vector<Detection> sorted, double iouLimit, int maxDetections)
{
    std::vector<Detection> kept;
    for (Detection& candidate : sorted) {
        if (static_cast<int>(kept.size()) >= maxDetections)
            break;
        const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Detection& other) {
            return other.label == candidate.label && iou(other.box, candidate.box) > iouLimit;
        });
        if (!covered)
            kept.push_back(std::move(candidate));
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
    return suppress(std::move(detections), options.nmsIou, options.maxDetections);
}

}
