#include "core/evaluation/coco_match.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace percept::evaluation::detail {
namespace {

struct AreaRange { double low, high; };
constexpr std::array<AreaRange, kAreaCount> kAreas {
    { { 0, 1e10 }, { 0, 32.0 * 32 }, { 32.0 * 32, 96.0 * 96 }, { 96.0 * 96, 1e10 } }
};

bool outside(double area, int range)
{
    const auto& r = kAreas[static_cast<std::size_t>(range)];
    return area < r.low || area > r.high;
}

// numpy.linspace(.5, .95, 10), digit for digit.
std::array<double, kIouCount> iouThresholds()
{
    std::array<double, kIouCount> thresholds {};
    const double step = (0.95 - 0.5) / 9;
    for (int i = 0; i < kIouCount; ++i)
        thresholds[static_cast<std::size_t>(i)] = i * step + 0.5;
    thresholds.back() = 0.95;
    return thresholds;
}
const std::array<double, kIouCount> kIous = iouThresholds();

IouMask reachedThresholds(double iou)
{
    unsigned mask = 0;
    for (unsigned t = 0; t < kIouCount && iou >= kIous[t]; ++t)
        mask |= 1u << t;
    return static_cast<IouMask>(mask);
}

// As in pycocotools' maskApi: the area of the box, not of the annotation; a crowd is compared by the detection alone.
double cocoIou(const domain::Box& d, const domain::Box& g, bool crowd)
{
    const double w = std::min(d.x + d.w, g.x + g.w) - std::max(d.x, g.x);
    if (!(w > 0))
        return 0;
    const double h = std::min(d.y + d.h, g.y + g.h) - std::max(d.y, g.y);
    if (!(h > 0))
        return 0;
    const double inter = w * h;
    const double all = crowd ? d.w * d.h : d.w * d.h + g.w * g.h - inter;
    return inter / all;
}

// Where something of a class stands: picture and place in that picture's list.
struct Place { std::uint32_t image, index; };

// Lists of places per class, in the order of `order`, in one flat array.
struct PlacesByClass {
    std::vector<Place> places;
    std::vector<std::size_t> first; // classes + 1
    std::span<const Place> of(std::size_t label) const
    {
        return { places.data() + first[label], first[label + 1] - first[label] };
    }
};

bool usable(const domain::Detection& d) { return d.box.isFinite() && std::isfinite(d.score); }
bool usable(const TruthBox& t) { return t.box.isFinite(); }

// only >= 0: the places of that class alone.
template <typename ListOf>
PlacesByClass sortByClass(const std::vector<EvaluationImage>& images, const std::vector<std::uint32_t>& order, int classes,
    int only, ListOf listOf)
{
    const auto accept = [&](const auto& thing) {
        return thing.label >= 0 && thing.label < classes && (only < 0 || thing.label == only) && usable(thing);
    };
    PlacesByClass result;
    result.first.assign(static_cast<std::size_t>(classes) + 1, 0);
    for (const auto& image : images)
        for (const auto& thing : listOf(image))
            if (accept(thing))
                ++result.first[static_cast<std::size_t>(thing.label) + 1];
    std::partial_sum(result.first.begin(), result.first.end(), result.first.begin());
    result.places.resize(result.first.back());
    auto next = result.first;
    for (const std::uint32_t i : order) {
        const auto& list = listOf(images[i]);
        for (std::size_t k = 0; k < list.size(); ++k)
            if (accept(list[k]))
                result.places[next[static_cast<std::size_t>(list[k].label)]++] = { i, static_cast<std::uint32_t>(k) };
    }
    return result;
}

// The truths of one (picture, class), with what is taken at which threshold in which area range.
struct TruthState {
    const TruthBox* truth;
    std::array<bool, kAreaCount> ignored;
    std::array<IouMask, kAreaCount> taken;
};

struct Candidate { double iou; std::uint32_t truth; IouMask mask; };

class ClassMatcher {
public:
    ClassMatcher(const std::vector<EvaluationImage>& images, CocoClass& out) : m_images(images), m_out(out) { }

    void matchImage(std::uint32_t image, std::span<const Place> detections, std::span<const Place> truths)
    {
        loadTruths(image, truths);
        rankDetections(image, detections);
        for (std::size_t rank = 0; rank < m_ranked.size(); ++rank)
            matchDetection(image, *m_ranked[rank], static_cast<std::uint16_t>(rank));
    }

private:
    void loadTruths(std::uint32_t image, std::span<const Place> truths)
    {
        m_truths.clear();
        std::uint32_t counted = 0;
        for (const Place& place : truths) {
            const TruthBox& truth = m_images[image].truths[place.index];
            const double area = truth.area < 0 ? truth.box.w * truth.box.h : truth.area;
            TruthState state { &truth, {}, {} };
            for (int a = 0; a < kAreaCount; ++a) {
                const auto at = static_cast<std::size_t>(a);
                state.ignored[at] = truth.crowd || outside(area, a);
                m_out.truths[at] += state.ignored[at] ? 0 : 1;
            }
            counted += state.ignored[0] ? 0 : 1;
            m_truths.push_back(state);
        }
        if (counted > 0)
            m_out.truthsPerImage.push_back({ image, counted });
    }

    void rankDetections(std::uint32_t image, std::span<const Place> detections)
    {
        m_ranked.clear();
        for (const Place& place : detections)
            m_ranked.push_back(&m_images[image].detections[place.index]);
        // Pointers into one array: the earlier one first makes the sort stable without a buffer.
        std::sort(m_ranked.begin(), m_ranked.end(), [](const auto* a, const auto* b) {
            return a->score != b->score ? a->score > b->score : a < b;
        });
        if (m_ranked.size() > kMaxDetections)
            m_ranked.resize(kMaxDetections);
    }

    void findCandidates(const domain::Detection& detection)
    {
        m_candidates.clear();
        for (std::size_t g = 0; g < m_truths.size(); ++g) {
            const double iou = cocoIou(detection.box, m_truths[g].truth->box, m_truths[g].truth->crowd);
            if (iou >= kIous[0])
                m_candidates.push_back({ iou, static_cast<std::uint32_t>(g), reachedThresholds(iou) });
        }
        // Best overlap first; of equal ones pycocotools keeps the last.
        if (m_candidates.size() > 1)
            std::sort(m_candidates.begin(), m_candidates.end(), [](const Candidate& a, const Candidate& b) {
                return a.iou != b.iou ? a.iou > b.iou : a.truth > b.truth;
            });
    }

    void matchDetection(std::uint32_t image, const domain::Detection& detection, std::uint16_t rank)
    {
        findCandidates(detection);
        CocoDetection marks;
        marks.score = detection.score;
        marks.image = image;
        marks.rank = rank;
        const double area = detection.box.w * detection.box.h;
        for (std::size_t a = 0; a < kAreaCount; ++a) {
            const unsigned tp = take(a, /*ignoredTruths=*/false, 0);
            unsigned ignored = take(a, /*ignoredTruths=*/true, tp);
            if (outside(area, static_cast<int>(a)))
                ignored |= kAllIous & ~tp;
            marks.tp[a] = static_cast<IouMask>(tp);
            marks.ignored[a] = static_cast<IouMask>(ignored);
        }
        m_out.detections.push_back(marks);
    }

    // Gives every threshold that has no truth yet (`done`) the best free one; crowds are never used up.
    unsigned take(std::size_t area, bool ignoredTruths, unsigned done)
    {
        unsigned got = 0;
        for (const Candidate& candidate : m_candidates) {
            TruthState& truth = m_truths[candidate.truth];
            if (truth.ignored[area] != ignoredTruths)
                continue;
            const unsigned blocked = truth.truth->crowd ? 0u : truth.taken[area];
            const unsigned now = candidate.mask & ~blocked & ~done & ~got;
            truth.taken[area] = static_cast<IouMask>(truth.taken[area] | now);
            got |= now;
        }
        return got;
    }

    const std::vector<EvaluationImage>& m_images;
    CocoClass& m_out;
    std::vector<TruthState> m_truths;
    std::vector<const domain::Detection*> m_ranked;
    std::vector<Candidate> m_candidates;
};

// Splits off the leading places of `image`.
std::span<const Place> takeImage(std::span<const Place>& places, std::uint32_t image)
{
    std::size_t n = 0;
    while (n < places.size() && places[n].image == image)
        ++n;
    const auto head = places.first(n);
    places = places.subspan(n);
    return head;
}

void sortByScore(std::vector<CocoDetection>& detections)
{
    struct Key { double score; std::uint32_t place; };
    std::vector<Key> keys(detections.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        keys[i] = { detections[i].score, static_cast<std::uint32_t>(i) };
    std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
        return a.score != b.score ? a.score > b.score : a.place < b.place;
    });
    std::vector<CocoDetection> sorted(detections.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        sorted[i] = detections[keys[i].place];
    detections.swap(sorted);
}

}

std::vector<CocoClass> matchCoco(const std::vector<EvaluationImage>& images, int classes, int only)
{
    std::vector<std::uint32_t> order(images.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return images[a].item < images[b].item; });
    const auto detections
        = sortByClass(images, order, classes, only, [](const auto& i) -> const auto& { return i.detections; });
    const auto truths = sortByClass(images, order, classes, only, [](const auto& i) -> const auto& { return i.truths; });

    std::vector<CocoClass> result(static_cast<std::size_t>(std::max(classes, 0)));
    for (std::size_t label = 0; label < result.size(); ++label) {
        auto leftDetections = detections.of(label);
        auto leftTruths = truths.of(label);
        result[label].detections.reserve(leftDetections.size());
        ClassMatcher matcher(images, result[label]);
        for (const std::uint32_t image : order) {
            const auto d = takeImage(leftDetections, image);
            const auto t = takeImage(leftTruths, image);
            if (!d.empty() || !t.empty())
                matcher.matchImage(image, d, t);
        }
        sortByScore(result[label].detections);
    }
    return result;
}

std::vector<SweepMark> sweepMarks(const CocoClass& matches, int area)
{
    const auto a = static_cast<std::size_t>(area);
    std::vector<SweepMark> marks;
    marks.reserve(matches.detections.size());
    std::size_t end = 0;
    for (const CocoDetection& d : matches.detections) {
        if (d.ignored[a] == kAllIous)
            continue;
        marks.push_back({ d.image, d.tp[a], d.ignored[a] });
        if (d.tp[a] != 0)
            end = marks.size();
    }
    marks.resize(end);
    return marks;
}

}
