#include "core/device/smoothing.h"

#include <algorithm>

namespace percept::device {

namespace {

constexpr int kMaxFrames = 1000;

long numFrom(const std::deque<double>& scores, double bound)
{
    return std::count_if(scores.begin(), scores.end(), [&](double score) { return score >= bound; });
}

}

SmoothingRule smoothingFor(double threshold) { return { threshold, 0.7 * threshold, 3, 5 }; }

bool isValid(const SmoothingRule& rule)
{
    return rule.off > 0 && rule.off <= rule.on && rule.on <= 1 && rule.need >= 1 && rule.need <= rule.of && rule.of <= kMaxFrames;
}

Smoother::Smoother(std::vector<SmoothingRule> rules)
{
    for (const auto& rule : rules)
        m_labels.push_back({ rule, {}, false, 0 });
}

std::vector<Edge> Smoother::add(std::span<const double> scores)
{
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        auto& label = m_labels[i];
        label.last.push_back(scores[i]);
        if (label.last.size() > static_cast<std::size_t>(label.rule.of))
            label.last.pop_front();
        const bool isOn = numFrom(label.last, label.isOn ? label.rule.off : label.rule.on) >= label.rule.need;
        if (isOn && !label.isOn)
            label.peak = *std::max_element(label.last.begin(), label.last.end());
        else if (label.isOn)
            label.peak = std::max(label.peak, scores[i]);
        if (isOn != label.isOn)
            edges.push_back({ static_cast<int>(i), isOn, m_frame, label.peak });
        label.isOn = isOn;
    }
    ++m_frame;
    return edges;
}

}
