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

constexpr double kVoteWidth = 0.025, kSurelyBetter = 0.05;

std::vector<Detection> keepGreedily(const std::vector<Detection>& sorted, double nmsIou, std::size_t most)
{
    std::vector<Detection> kept;
    for (const Detection& candidate : sorted) {
        if (kept.size() >= most)
            break;
        const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Detection& other) {
            return other.label == candidate.label && iou(other.box, candidate.box) > nmsIou;
        });
        if (!covered)
            kept.push_back(candidate);
    }
    return kept;
}

// The mean of the candidates beside `kept`, itself among them.
Box votedBox(const Detection& kept, const std::vector<Detection>& candidates, double voteIou)
{
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0, sum = 0;
    for (const Detection& candidate : candidates) {
        if (candidate.label != kept.label)
            continue;
        const double overlap = iou(kept.box, candidate.box);
        if (overlap <= voteIou)
            continue;
        const Box& box = candidate.box;
        const double weight = candidate.score * std::exp(-(1 - overlap) * (1 - overlap) / kVoteWidth);
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

// `kept`: best first. From the scores as they were: what softens a box is not softened before.
std::vector<double> softenedScores(const std::vector<Detection>& kept, double sigma)
{
    std::vector<double> scores;
    for (std::size_t j = 0; j < kept.size(); ++j) {
        double sum = 0;
        for (std::size_t i = 0; i < j; ++i) {
            if (kept[i].label != kept[j].label)
                continue;
            const double overlap = iou(kept[i].box, kept[j].box);
            sum += overlap * overlap * std::min((kept[i].score - kept[j].score) / kSurelyBetter, 1.0);
        }
        scores.push_back(kept[j].score * std::exp(-sum / sigma));
    }
    return scores;
}

}

std::vector<Detection> suppress(std::vector<Detection> sorted, const PostprocessOptions& options)
{
    const auto most = static_cast<std::size_t>(options.maxDetections);
    auto kept = keepGreedily(sorted, options.nmsIou, options.softSigma > 0 ? sorted.size() : most);
    if (options.voteIou > 0)
        for (Detection& detection : kept)
            detection.box = votedBox(detection, sorted, options.voteIou);
    if (options.softSigma <= 0)
        return kept;
    const auto scores = softenedScores(kept, options.softSigma);
    for (std::size_t i = 0; i < kept.size(); ++i)
        kept[i].score = scores[i];
    std::erase_if(kept, [&](const Detection& d) { return d.score <= options.scoreFloor; });
    std::stable_sort(kept.begin(), kept.end(), [](const Detection& a, const Detection& b) { return a.score > b.score; });
    kept.resize(std::min(kept.size(), most));
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
