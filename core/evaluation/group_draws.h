#pragma once

#include "core/evaluation/detection_metrics.h"

#include <cstdint>
#include <vector>

// Inside of core/evaluation: the bootstrap's draws and its intervals. Not for other folders.
namespace percept::evaluation::detail {

// Draws whole groups with replacement, as many as there are. Draw n of a seed is the same whatever was drawn before, so
// every figure of one document rests on the same resamples.
class GroupDraws {
public:
    GroupDraws(const std::vector<EvaluationImage>& images, std::uint64_t seed);
    // How often each picture was drawn; valid until the next call.
    const std::vector<std::uint32_t>& weights(int draw);
    std::size_t groups() const { return m_groupWeights.size(); }

private:
    std::uint64_t m_seed;
    std::vector<std::uint32_t> m_groupOfImage;
    std::vector<std::uint32_t> m_groupWeights;
    std::vector<std::uint32_t> m_weights;
};

// 95 % percentile interval of the finite samples, linear between ranks; NaN without any. Sorts `samples`.
Interval percentileInterval(double value, std::vector<double>& samples);

// The wider of two intervals at each end.
Interval wider(const Interval& a, const Interval& b);

Interval undefinedInterval();

}
