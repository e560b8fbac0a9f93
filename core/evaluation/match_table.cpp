#include "core/evaluation/match_index.h"

#include <algorithm>

namespace percept::evaluation {
namespace detail {

JudgedCounts& JudgedCounts::operator+=(const JudgedCounts& o)
{
    found += o.found;
    missed += o.missed;
    falseAlarms += o.falseAlarms;
    wrongClass += o.wrongClass;
    return *this;
}

ImageJudge::ImageJudge(const MatchTable& table, const std::vector<double>& thresholds)
    : m_table(table)
    , m_thresholds(thresholds)
{
    m_thresholds.resize(static_cast<std::size_t>(table.classes()), kDefaultThreshold);
}

JudgedCounts ImageJudge::judge(std::size_t image, std::vector<Judgement>* judgements)
{
    m_out = judgements;
    m_counts = {};
    m_truths.assign(m_table.images()[image].truths.size(), TruthUse::Free);
    m_matched.assign(m_table.index().detectionsOf(image).size(), false);
    m_unmatched.clear();
    matchDetections(image);
    placeBadly(image);
    judgeTruths(image);
    return m_counts;
}

void ImageJudge::report(Verdict verdict, std::size_t image, int trueLabel, int predictedLabel, int truth, int detection,
    double iou, double score)
{
    if (m_out)
        m_out->push_back({ image, verdict, trueLabel, predictedLabel, truth, detection, iou, score });
}

void ImageJudge::matchDetections(std::size_t image)
{
    const auto& truths = m_table.images()[image].truths;
    const auto detections = m_table.index().detectionsOf(image);
    for (std::size_t i = 0; i < detections.size(); ++i) {
        const auto& d = detections[i];
        if (!(d.score >= m_thresholds[static_cast<std::size_t>(d.label)]))
            continue;
        for (const auto& overlap : m_table.index().overlapsOf(d)) {
            TruthUse& use = m_truths[static_cast<std::size_t>(overlap.truth)];
            if (overlap.iou < kFoundIou)
                break;
            if (use != TruthUse::Free)
                continue;
            use = TruthUse::Taken;
            m_matched[i] = true;
            const int trueLabel = truths[static_cast<std::size_t>(overlap.truth)].label;
            const bool right = trueLabel == d.label;
            ++(right ? m_counts.found : m_counts.wrongClass);
            report(right ? Verdict::Right : Verdict::WrongClass, image, trueLabel, d.label, overlap.truth, d.place,
                overlap.iou, d.score);
            break;
        }
        if (!m_matched[i] && !d.inCrowd)
            m_unmatched.push_back(static_cast<std::uint32_t>(i));
    }
}

// After all matches: what found no truth may still lie near one that nobody took.
void ImageJudge::placeBadly(std::size_t image)
{
    const auto& truths = m_table.images()[image].truths;
    const auto detections = m_table.index().detectionsOf(image);
    for (const std::uint32_t i : m_unmatched) {
        const auto& d = detections[i];
        const auto overlaps = m_table.index().overlapsOf(d);
        const auto near = std::find_if(overlaps.begin(), overlaps.end(), [&](const auto& overlap) {
            const auto truth = static_cast<std::size_t>(overlap.truth);
            return m_truths[truth] == TruthUse::Free && truths[truth].label == d.label;
        });
        ++m_counts.falseAlarms;
        if (near == overlaps.end()) {
            report(Verdict::FalseAlarm, image, -1, d.label, -1, d.place, overlaps.empty() ? 0 : overlaps.front().iou,
                d.score);
            continue;
        }
        m_truths[static_cast<std::size_t>(near->truth)] = TruthUse::NearlyTaken;
        report(Verdict::BadlyPlaced, image, d.label, d.label, near->truth, d.place, near->iou, d.score);
    }
}

void ImageJudge::judgeTruths(std::size_t image)
{
    const auto& truths = m_table.images()[image].truths;
    for (std::size_t t = 0; t < truths.size(); ++t) {
        if (!countsAsTruth(truths[t], m_table.classes()) || m_truths[t] == TruthUse::Taken)
            continue;
        ++m_counts.missed;
        if (m_truths[t] == TruthUse::Free && m_out)
            missTruth(image, static_cast<std::int32_t>(t), truths[t].label);
    }
}

void ImageJudge::missTruth(std::size_t image, std::int32_t truth, int label)
{
    const auto detections = m_table.index().detectionsOf(image);
    const auto responses = m_table.index().responsesOf(image);
    auto r = std::lower_bound(
        responses.begin(), responses.end(), truth, [](const auto& a, std::int32_t t) { return a.truth < t; });
    while (r != responses.end() && r->truth == truth && m_matched[r->detection])
        ++r;
    const bool answered = r != responses.end() && r->truth == truth;
    report(Verdict::Missed, image, label, -1, truth, -1, answered ? r->iou : 0,
        answered ? detections[r->detection].score : 0);
}

}

OperatingPoint MatchTable::at(const std::vector<double>& thresholds) const
{
    OperatingPoint point;
    detail::ImageJudge judge(*this, thresholds);
    detail::JudgedCounts counts;
    for (std::size_t i = 0; i < m_images.size(); ++i)
        counts += judge.judge(i, &point.judgements);

    const auto background = static_cast<std::size_t>(m_classes);
    point.confusion.assign(background + 1, std::vector<std::int64_t>(background + 1, 0));
    const auto count = [&](int row, int column) {
        ++point.confusion[row < 0 ? background : static_cast<std::size_t>(row)]
                         [column < 0 ? background : static_cast<std::size_t>(column)];
    };
    for (const Judgement& j : point.judgements) {
        if (j.verdict == Verdict::BadlyPlaced) {
            count(j.trueLabel, -1);
            count(-1, j.predictedLabel);
        } else {
            count(j.trueLabel, j.predictedLabel);
        }
    }
    point.found = point.right = counts.found;
    point.missed = counts.missed;
    point.falseAlarms = counts.falseAlarms;
    point.wrongClass = counts.wrongClass;
    point.truths = counts.found + counts.missed + counts.wrongClass;
    point.marks = counts.found + counts.falseAlarms + counts.wrongClass;
    return point;
}

}
