#pragma once

#include "core/training/parameters.h"

#include <cstdint>

namespace percept::training {

struct OptimizerOptions {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.05;
    double clipNorm = 10;
    double averageTau = 50; // steps
};

// AdamW with clipping, and the moving average of everything that moves, on the flat arrays of one network.
class Optimizer {
public:
    Optimizer(ParameterValues& values, const OptimizerOptions& options);
    void zeroGradients();
    // Norm of the gradients before clipping; not finite when any of them is not. Call before step().
    double gradientNorm() const;
    // The average keeps averageDecay * (1 - exp(-n / averageTau)) of itself in step n, so that it soon forgets how the network began.
    void step(double learningRate, double averageDecay, double gradientNorm);

    ParameterValues& average() { return m_average; }
    const at::Tensor& firstMoment() const { return m_first; }
    const at::Tensor& secondMoment() const { return m_second; }
    std::int64_t stepsDone() const { return m_steps; }
    void setStepsDone(std::int64_t steps) { m_steps = steps; }

private:
    ParameterValues& m_values;
    OptimizerOptions m_options;
    ParameterValues m_average;
    at::Tensor m_gradients, m_first, m_second;
    std::int64_t m_steps = 0;
};

}
