#include "core/training/network.h"

#include <torch/torch.h>

namespace percept::training {

namespace {

constexpr double kEpsilon = 1e-3, kMomentum = 0.03;

struct Folded { at::Tensor weight, bias; };

Folded fold(const ConvBn& layer, const ParameterValues& values, const at::Tensor& inverseDeviation)
{
    const auto scale = at::mul(values[layer.gamma], inverseDeviation);
    return { at::mul(values[layer.weight], scale.view({ -1, 1, 1, 1 })),
        at::sub(values[layer.beta], at::mul(values[layer.mean], scale)) };
}

at::Tensor inverseDeviationOf(const ConvBn& layer, const ParameterValues& values)
{
    torch::NoGradGuard noGrad;
    return at::rsqrt(values[layer.variance] + kEpsilon);
}

at::Tensor activated(at::Tensor x, Activation activation)
{
    switch (activation) {
    case Activation::Relu: return at::relu_(x);
    case Activation::Relu6: return at::hardtanh_(x, 0.0, 6.0);
    case Activation::None: break;
    }
    return x;
}

// Stride 2 pads as TensorFlow's 'same' does: one less before than after. Padding one more on both sides and dropping the
// first row and column gives that without a copy of the input; the copy comes out of the activation, on a quarter of it.
at::Tensor convSame(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const ConvBn& layer)
{
    const std::int64_t padding = layer.kernel / 2 + (layer.stride == 2 ? 1 : 0);
    const std::int64_t stride = layer.stride, dilation = 1;
    auto y = at::conv2d(x, weight, bias, stride, padding, dilation, layer.groups);
    return layer.stride == 2 ? y.slice(2, 1).slice(3, 1) : y;
}

class TrainingExecution : public Execution {
public:
    TrainingExecution(const DetectorNetwork& network, const ParameterValues& values)
        : m_values(values)
    {
        for (const auto& layer : network.layers()) {
            m_inverse.push_back(layer.live ? at::Tensor() : inverseDeviationOf(layer, values));
            m_frozen.push_back(layer.frozen ? fold(layer, values, m_inverse.back()) : Folded {});
        }
    }

    at::Tensor convBn(const ConvBn& layer, const at::Tensor& x, Activation activation) override
    {
        auto y = normalised(layer, x);
        if (layer.stride == 2 && activation == Activation::Relu6)
            return at::hardtanh(y, 0.0, 6.0); // y is a view with holes; this makes it dense
        return activated(y, activation);
    }
    at::Tensor convBnAdd(const ConvBn& layer, const at::Tensor& x) override { return at::relu_(normalised(layer, x).add_(x)); }
    const at::Tensor& value(int handle) const override { return m_values[handle]; }
    bool isTraining() const override { return true; }

private:
    at::Tensor normalised(const ConvBn& layer, const at::Tensor& x)
    {
        const auto id = static_cast<std::size_t>(layer.id);
        if (layer.live) {
            const auto y = convSame(x, m_values[layer.weight], {}, layer);
            return at::batch_norm(y, m_values[layer.gamma], m_values[layer.beta], m_values[layer.mean],
                m_values[layer.variance], /*training=*/true, kMomentum, kEpsilon, /*cudnn_enabled=*/false);
        }
        const Folded folded = layer.frozen ? m_frozen[id] : fold(layer, m_values, m_inverse[id]);
        return convSame(x, folded.weight, folded.bias, layer);
    }

    const ParameterValues& m_values;
    std::vector<at::Tensor> m_inverse;
    std::vector<Folded> m_frozen;
};

class FoldedExecution : public Execution {
public:
    FoldedExecution(const DetectorNetwork& network, const ParameterValues& values)
        : m_values(values)
    {
        torch::NoGradGuard noGrad;
        for (const auto& layer : network.layers())
            m_folded.push_back(fold(layer, values, inverseDeviationOf(layer, values)));
    }

    at::Tensor convBn(const ConvBn& layer, const at::Tensor& x, Activation activation) override
    {
        return activate(conv(layer, x), activation);
    }
    at::Tensor convBnAdd(const ConvBn& layer, const at::Tensor& x) override { return at::relu(at::add(conv(layer, x), x)); }
    const at::Tensor& value(int handle) const override { return m_values[handle]; }
    bool isTraining() const override { return false; }

private:
    // Explicit padding, which the exporter turns into the padding of the convolution.
    at::Tensor conv(const ConvBn& layer, const at::Tensor& x) const
    {
        const auto& folded = m_folded[static_cast<std::size_t>(layer.id)];
        const std::int64_t half = layer.kernel / 2, stride = layer.stride, none = 0, one = 1;
        if (stride == 2)
            return at::conv2d(at::constant_pad_nd(x, { half - 1, half, half - 1, half }, 0), folded.weight, folded.bias, stride,
                none, one, layer.groups);
        return at::conv2d(x, folded.weight, folded.bias, stride, half, one, layer.groups);
    }
    static at::Tensor activate(const at::Tensor& x, Activation activation)
    {
        switch (activation) {
        case Activation::Relu: return at::relu(x);
        case Activation::Relu6: return at::hardtanh(x, 0.0, 6.0);
        case Activation::None: break;
        }
        return x;
    }

    const ParameterValues& m_values;
    std::vector<Folded> m_folded;
};

}

std::unique_ptr<Execution> makeTrainingExecution(const DetectorNetwork& network, const ParameterValues& values)
{
    return std::make_unique<TrainingExecution>(network, values);
}

std::unique_ptr<Execution> makeFoldedExecution(const DetectorNetwork& network, const ParameterValues& values)
{
    return std::make_unique<FoldedExecution>(network, values);
}

}
