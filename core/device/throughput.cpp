#include "core/device/throughput.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace percept::device {

namespace {

double percentileMs(const std::vector<double>& sorted, double share)
{
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1] * 1000;
}

}

void Throughput::add(double nowSeconds, double tookSeconds)
{
    const std::lock_guard lock(m_mutex);
    m_answers.push_back({ nowSeconds, tookSeconds });
    while (m_answers.size() > kMaxAnswers || m_answers.front().at < nowSeconds - kWindowSeconds)
        m_answers.pop_front();
}

Throughput::Figures Throughput::figures(double nowSeconds) const
{
    std::vector<double> took;
    double oldest = 0;
    bool isFull = false;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto& answer : m_answers)
            if (answer.at >= nowSeconds - kWindowSeconds)
                took.push_back(answer.took);
        isFull = m_answers.size() == kMaxAnswers;
        oldest = m_answers.empty() ? 0 : m_answers.front().at;
    }
    Figures figures;
    if (took.empty())
        return figures;
    const double since = isFull ? oldest : std::max(m_start, nowSeconds - kWindowSeconds);
    figures.framesPerSecond = static_cast<double>(took.size()) / std::max(nowSeconds - since, 1e-3);
    std::sort(took.begin(), took.end());
    figures.p50Ms = percentileMs(took, 0.50);
    figures.p95Ms = percentileMs(took, 0.95);
    figures.p99Ms = percentileMs(took, 0.99);
    return figures;
}

}
