#pragma once

#include "core/base/result.h"
#include "core/training/parameters.h"

#include <ATen/core/Tensor.h>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace percept::training {

inline constexpr int kBoxBins = 17; // a side's distance is a distribution over 0..16 strides
inline constexpr int kLevels = 3;   // strides 8, 16, 32
inline constexpr std::array<int, kLevels> kStrides = { 8, 16, 32 };

// Convolution without bias, then BatchNorm, as handles into the layout.
struct ConvBn {
    int id = 0; // place in the network's list
    int weight = 0, gamma = 0, beta = 0, mean = 0, variance = 0;
    int kernel = 1, stride = 1, groups = 1;
    bool live = false;   // statistics of the batch; else the stored ones, folded into the weights
    bool frozen = false; // neither trained nor differentiated
};

enum class Activation { None, Relu, Relu6 };

// How layers are carried out; the topology of the network is written once on top of it.
class Execution {
public:
    virtual ~Execution() = default;
    virtual at::Tensor convBn(const ConvBn& layer, const at::Tensor& x, Activation activation) = 0;
    virtual at::Tensor convBnAdd(const ConvBn& layer, const at::Tensor& x) = 0; // relu(x + bn(conv(x)))
    virtual const at::Tensor& value(int handle) const = 0;
    virtual bool isTraining() const = 0;
};

struct NetworkConfig {
    std::string backbone = "efficientnet-lite0"; // or "tiny", for tests
    bool pretrained = true; // false: nothing is frozen and every BatchNorm is live
    int classes = 1;
    int canvasWidth = 416, canvasHeight = 320; // multiples of 32
};
base::Result<void> checkNetworkConfig(const NetworkConfig& config);

struct NetworkOutput {
    at::Tensor classLogits; // [images, anchors, classes]
    at::Tensor boxLogits;   // [images, anchors, 4 * kBoxBins], sides left, top, right, bottom
    at::Tensor features;    // [images, width of the last backbone level]
};

//   picture -> backbone -> s8, s16, s32 -> lateral 1x1 to 64 -> top-down sum with R blocks -> class tower, box tower
//   R(x) = relu(x + bn(conv3x3(x))); towers share their weights over the levels, each level has its own BatchNorm.
class DetectorNetwork {
public:
    explicit DetectorNetwork(const NetworkConfig& config); // checked before
    const NetworkConfig& config() const { return m_config; }
    const ParameterLayout& layout() const { return m_layout; }
    const std::vector<ConvBn>& layers() const { return m_layers; }
    int anchors() const;

    void initialise(ParameterValues& values, std::uint64_t seed) const;
    // Fills the backbone from safetensors with the names of EfficientNet-PyTorch. Refused when one is missing or not finite.
    base::Result<void> loadBackbone(ParameterValues& values, const TensorFile& file) const;

    // images: [n, 3, height, width] float, normalised, channels last.
    NetworkOutput forward(Execution& execution, const at::Tensor& images) const;

private:
    struct Block {
        std::optional<ConvBn> expand;
        ConvBn depthwise, project;
        bool skip = false, frozen = false;
    };
    struct Residual { std::array<ConvBn, kLevels> perLevel; };

    ConvBn addConvBn(const std::string& conv, const std::string& bn, int in, int out, int kernel, int stride, int groups,
        bool live, bool frozen);
    Residual addShared(const std::string& name);
    void buildBackbone();
    void buildNeckAndHead();
    std::array<at::Tensor, kLevels> backboneLevels(Execution& execution, at::Tensor x) const;

    NetworkConfig m_config;
    ParameterLayout m_layout;
    std::vector<ConvBn> m_layers;
    ConvBn m_stem;
    std::vector<Block> m_blocks;
    std::array<int, kLevels> m_levelBlocks {}, m_levelWidths {};
    std::array<ConvBn, kLevels> m_lateral;
    std::array<ConvBn, 2> m_merge; // R3, R4
    std::array<Residual, 2> m_classTower, m_boxTower;
    int m_classWeight = 0, m_classBias = 0, m_boxWeight = 0, m_boxBias = 0;
};

// Training: folds stored statistics on the fly, so that weights and gamma, beta train; live layers update their buffers.
std::unique_ptr<Execution> makeTrainingExecution(const DetectorNetwork& network, const ParameterValues& values);
// Inference: everything folded once; what validation, golden outputs and the exporter run.
std::unique_ptr<Execution> makeFoldedExecution(const DetectorNetwork& network, const ParameterValues& values);

// Anchor points on the canvas and the stride of each, levels in order, rows first.
struct AnchorPoints {
    at::Tensor centres; // [anchors, 2]
    at::Tensor strides; // [anchors, 1]
    at::Tensor bins;    // [kBoxBins]: 0, 1, .. strides
};
AnchorPoints anchorPoints(const NetworkConfig& config);
// Boxes x0 y0 x1 y1 in canvas pixels from [.., anchors, 4 * kBoxBins] logits.
at::Tensor decodeBoxes(const at::Tensor& boxLogits, const AnchorPoints& points);

struct RawPrediction {
    at::Tensor scores, boxes, features; // [n, anchors, classes], [n, anchors, 4], [n, width]
};
// The packaged computation: uint8 [n, height, width, 3] in, scores and boxes out. The exporter traces this function.
RawPrediction predictRaw(const DetectorNetwork& network, Execution& execution, const at::Tensor& pictures,
    const AnchorPoints& points);

}
