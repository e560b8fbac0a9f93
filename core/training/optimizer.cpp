#include "core/training/optimizer.h"

#include <algorithm>
#include <cmath>
#include <torch/torch.h>

namespace percept::training {

Optimizer::Optimizer(ParameterValues& values, const OptimizerOptions& options)
    : m_values(values)
    , m_options(options)
    , m_average(values.clone())
    , m_gradients(values.enableGradients())
    , m_first(at::zeros_like(m_gradients))
    , m_second(at::zeros_like(m_gradients))
{
}

void Optimizer::zeroGradients()
{
    m_gradients.zero_();
}

double Optimizer::gradientNorm() const
{
    return at::linalg_vector_norm(m_gradients, 2).item<double>();
}

void Optimizer::step(double learningRate, double averageDecay, double gradientNorm)
{
    torch::NoGradGuard noGrad;
    ++m_steps;
    const auto& layout = m_values.layout();
    const auto n = static_cast<double>(m_steps);
    if (gradientNorm > m_options.clipNorm)
        m_gradients.mul_(m_options.clipNorm / (gradientNorm + 1e-6));
    m_first.mul_(m_options.beta1).add_(m_gradients, 1.0 - m_options.beta1);
    m_second.mul_(m_options.beta2).addcmul_(m_gradients, m_gradients, 1.0 - m_options.beta2);
    const double correction1 = 1.0 - std::pow(m_options.beta1, n), correction2 = 1.0 - std::pow(m_options.beta2, n);
    const auto divisor = at::sqrt(m_second).mul_(1.0 / std::sqrt(correction2)).add_(m_options.epsilon);
    const at::Tensor& flat = m_values.flat();
    flat.narrow(0, 0, layout.decayedCount()).mul_(1.0 - learningRate * m_options.decay);
    flat.narrow(0, 0, layout.trainedCount()).addcdiv_(m_first, divisor, -learningRate / correction1);

    const double keep = averageDecay * (1.0 - std::exp(-n / m_options.averageTau));
    m_average.flat().narrow(0, 0, layout.movingCount()).lerp_(flat.narrow(0, 0, layout.movingCount()), 1.0 - keep);
}

}
