#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/training/tensor_file.h"

#include <ATen/core/Tensor.h>
#include <string>
#include <vector>

namespace percept::training {

// What happens to a tensor of the network. The order is the order in memory.
enum class ParameterKind {
    Decayed,   // trained, with weight decay: weights of convolutions
    Undecayed, // trained, without: biases, gamma, beta
    Buffer,    // not trained but moving: statistics of a live BatchNorm
    Frozen,    // never changes
};

struct ParameterSpec {
    std::string name;
    std::vector<std::int64_t> shape;
    ParameterKind kind = ParameterKind::Decayed;
    std::int64_t offset = 0; // in floats, within all values
    std::int64_t count = 0;
};

// The list of a network's tensors and where each lies in one flat array: decayed, undecayed, buffers, frozen. One array
// makes the optimizer, the moving average, checkpoints and the check for finite numbers a handful of whole-array steps.
class ParameterLayout {
public:
    // Returns the handle of the new tensor. Call before finish().
    int add(std::string name, std::vector<std::int64_t> shape, ParameterKind kind);
    void finish();

    const std::vector<ParameterSpec>& specs() const { return m_specs; }
    std::int64_t decayedCount() const { return m_ends[0]; }
    std::int64_t trainedCount() const { return m_ends[1]; }  // decayed and undecayed
    std::int64_t movingCount() const { return m_ends[2]; }   // and buffers: what the moving average covers
    std::int64_t totalCount() const { return m_ends[3]; }

private:
    std::vector<ParameterSpec> m_specs;
    std::int64_t m_ends[4] = { 0, 0, 0, 0 };
};

// One set of values for a layout: the training ones, or their moving average.
class ParameterValues {
public:
    explicit ParameterValues(const ParameterLayout& layout);
    ParameterValues clone() const;

    const at::Tensor& operator[](int handle) const { return m_views[static_cast<std::size_t>(handle)]; }
    const at::Tensor& flat() const { return m_flat; }
    const ParameterLayout& layout() const { return *m_layout; }
    // Makes the trained tensors leaves of the autograd graph whose gradients lie in one flat array, which is returned.
    at::Tensor enableGradients();

private:
    const ParameterLayout* m_layout;
    at::Tensor m_flat;
    std::vector<at::Tensor> m_views;
};

// Kaiming normal (fan out), constants: initial values, a function of (seed, place in the layout).
void fillNormal(const at::Tensor& tensor, double deviation, base::Random& random);

}
