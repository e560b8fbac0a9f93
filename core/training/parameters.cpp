#include "core/training/parameters.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <torch/torch.h>

namespace percept::training {

int ParameterLayout::add(std::string name, std::vector<std::int64_t> shape, ParameterKind kind)
{
    ParameterSpec spec { std::move(name), std::move(shape), kind, 0, 1 };
    for (const auto size : spec.shape)
        spec.count *= size;
    m_specs.push_back(std::move(spec));
    return static_cast<int>(m_specs.size()) - 1;
}

void ParameterLayout::finish()
{
    std::int64_t at = 0;
    for (int kind = 0; kind < 4; ++kind) {
        for (auto& spec : m_specs) {
            if (static_cast<int>(spec.kind) != kind)
                continue;
            spec.offset = at;
            at += spec.count;
        }
        m_ends[kind] = at;
    }
}

ParameterValues::ParameterValues(const ParameterLayout& layout)
    : m_layout(&layout)
    , m_flat(at::zeros({ layout.totalCount() }, at::kFloat))
{
    for (const auto& spec : layout.specs())
        m_views.push_back(m_flat.narrow(0, spec.offset, spec.count).view(spec.shape));
}

ParameterValues ParameterValues::clone() const
{
    torch::NoGradGuard noGrad;
    ParameterValues copy(*m_layout);
    copy.m_flat.copy_(m_flat);
    return copy;
}

at::Tensor ParameterValues::enableGradients()
{
    auto gradients = at::zeros({ m_layout->trainedCount() }, at::kFloat);
    for (std::size_t i = 0; i < m_views.size(); ++i) {
        const auto& spec = m_layout->specs()[i];
        if (spec.kind != ParameterKind::Decayed && spec.kind != ParameterKind::Undecayed)
            continue;
        // A detached alias is a leaf of its own that shares the memory of the flat array.
        m_views[i] = m_views[i].detach();
        m_views[i].requires_grad_(true);
        m_views[i].mutable_grad() = gradients.narrow(0, spec.offset, spec.count).view(spec.shape);
    }
    return gradients;
}

void fillNormal(const at::Tensor& tensor, double deviation, base::Random& random)
{
    float* values = tensor.data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
        values[i] = static_cast<float>(deviation * radius * std::cos(2.0 * std::numbers::pi * random.uniform()));
    }
}

}
