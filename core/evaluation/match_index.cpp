#include "core/evaluation/match_index.h"

#include <algorithm>
#include <cmath>

namespace percept::evaluation {
namespace detail {

bool countsAsTruth(const TruthBox& truth, int classes)
{
    return !truth.crowd && truth.box.isFinite() && truth.label >= 0 && truth.label < classes;
}

}

namespace {

using Index = MatchTable::Index;

bool liesInCrowd(const domain::Detection& d, const std::vector<TruthBox>& truths)
{
    const double area = d.box.area();
    return std::any_of(truths.begin(), truths.end(), [&](const TruthBox& t) {
        return t.crowd && t.label == d.label && t.box.isFinite() && area > 0
            && domain::intersectionArea(d.box, t.box) / area >= kFoundIou;
    });
}

class IndexBuilder {
public:
    IndexBuilder(Index& index, int classes) : m_index(index), m_classes(classes) { }

    void add(const EvaluationImage& image)
    {
        rank(image);
        Index::Image entry {};
        entry.firstDetection = size(m_index.detections);
        entry.firstResponse = size(m_index.responses);
        for (std::size_t i = 0; i < m_ranked.size(); ++i)
            addDetection(image, m_ranked[i], static_cast<std::uint32_t>(i));
        std::stable_sort(m_index.responses.begin() + entry.firstResponse, m_index.responses.end(),
            [](const auto& a, const auto& b) { return a.truth < b.truth; });
        entry.endDetection = size(m_index.detections);
        entry.endResponse = size(m_index.responses);
        m_index.images.push_back(entry);
    }

private:
    template <typename T>
    static std::uint32_t size(const std::vector<T>& v)
    {
        return static_cast<std::uint32_t>(v.size());
    }

    void rank(const EvaluationImage& image)
    {
        m_ranked.clear();
        for (std::size_t i = 0; i < image.detections.size(); ++i) {
            const domain::Detection& d = image.detections[i];
            if (d.label >= 0 && d.label < m_classes && std::isfinite(d.score) && d.box.isFinite())
                m_ranked.push_back(static_cast<std::int32_t>(i));
        }
        std::stable_sort(m_ranked.begin(), m_ranked.end(), [&](auto a, auto b) {
            return image.detections[static_cast<std::size_t>(a)].score > image.detections[static_cast<std::size_t>(b)].score;
        });
    }

    void addDetection(const EvaluationImage& image, std::int32_t place, std::uint32_t number)
    {
        const domain::Detection& d = image.detections[static_cast<std::size_t>(place)];
        const std::uint32_t first = size(m_index.overlaps);
        for (std::size_t t = 0; t < image.truths.size(); ++t) {
            if (!detail::countsAsTruth(image.truths[t], m_classes))
                continue;
            const double iou = domain::iou(d.box, image.truths[t].box);
            if (iou >= kNearIou)
                m_index.overlaps.push_back({ static_cast<std::int32_t>(t), iou });
        }
        std::stable_sort(m_index.overlaps.begin() + first, m_index.overlaps.end(),
            [](const auto& a, const auto& b) { return a.iou > b.iou; });
        m_index.detections.push_back(
            { d.score, d.label, place, first, size(m_index.overlaps), liesInCrowd(d, image.truths) });
        if (first < m_index.overlaps.size()) {
            const Index::Overlap& best = m_index.overlaps[first];
            if (image.truths[static_cast<std::size_t>(best.truth)].label == d.label)
                m_index.responses.push_back({ best.truth, number, best.iou });
        }
    }

    Index& m_index;
    int m_classes;
    std::vector<std::int32_t> m_ranked;
};

}

MatchTable::MatchTable(std::vector<EvaluationImage> images, int classes)
    : m_images(std::move(images))
    , m_classes(std::max(classes, 0))
{
    auto index = std::make_shared<Index>();
    IndexBuilder builder(*index, m_classes);
    for (const EvaluationImage& image : m_images)
        builder.add(image);
    m_index = std::move(index);
}

}
