#include "core/training/network.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <torch/torch.h>

namespace percept::training {

namespace {

constexpr int kNeckWidth = 64;
constexpr double kClassPrior = 0.01;

struct Stage { int expand, out, kernel, stride, repeat; };
struct BackboneSpec {
    int stem;
    std::vector<Stage> stages;
    std::array<int, kLevels> levelBlocks;
    int frozenBlocks; // the stem and these stay as ImageNet left them
};

const BackboneSpec* findBackbone(const std::string& name)
{
    static const BackboneSpec lite0 { 32,
        { { 1, 16, 3, 1, 1 }, { 6, 24, 3, 2, 2 }, { 6, 40, 5, 2, 2 }, { 6, 80, 3, 2, 3 }, { 6, 112, 5, 1, 3 },
            { 6, 192, 5, 2, 4 }, { 6, 320, 3, 1, 1 } },
        { 4, 10, 15 }, 3 };
    static const BackboneSpec tiny { 8,
        { { 1, 8, 3, 1, 1 }, { 2, 12, 3, 2, 1 }, { 2, 16, 3, 2, 1 }, { 2, 24, 5, 2, 1 }, { 2, 32, 3, 2, 1 } },
        { 2, 3, 4 }, 1 };
    if (name == "efficientnet-lite0")
        return &lite0;
    return name == "tiny" ? &tiny : nullptr;
}

}

base::Result<void> checkNetworkConfig(const NetworkConfig& config)
{
    if (!findBackbone(config.backbone))
        return base::usage(fmt::format("backbone: '{}' is not known; use efficientnet-lite0.", config.backbone));
    if (config.classes < 1 || config.classes > 4096)
        return base::usage("labels: between 1 and 4096 classes can be trained.");
    for (const int side : { config.canvasWidth, config.canvasHeight })
        if (side < 32 || side > 4096 || side % 32 != 0)
            return base::usage("longSide: the canvas must have sides between 32 and 4096, multiples of 32.");
    return {};
}

DetectorNetwork::DetectorNetwork(const NetworkConfig& config)
    : m_config(config)
{
    buildBackbone();
    buildNeckAndHead();
    m_layout.finish();
}

ConvBn DetectorNetwork::addConvBn(const std::string& conv, const std::string& bn, int in, int out, int kernel, int stride,
    int groups, bool live, bool frozen)
{
    ConvBn layer;
    layer.id = static_cast<int>(m_layers.size());
    layer.kernel = kernel;
    layer.stride = stride;
    layer.groups = groups;
    layer.live = live;
    layer.frozen = frozen;
    const auto weightKind = frozen ? ParameterKind::Frozen : ParameterKind::Decayed;
    const auto scaleKind = frozen ? ParameterKind::Frozen : ParameterKind::Undecayed;
    const auto statisticKind = live ? ParameterKind::Buffer : ParameterKind::Frozen;
    const std::string weightName = conv + ".weight";
    const auto& specs = m_layout.specs();
    const auto known = std::find_if(specs.begin(), specs.end(), [&](const auto& s) { return s.name == weightName; });
    layer.weight = known != specs.end() ? static_cast<int>(known - specs.begin())
                                        : m_layout.add(weightName, { out, in / groups, kernel, kernel }, weightKind);
    layer.gamma = m_layout.add(bn + ".weight", { out }, scaleKind);
    layer.beta = m_layout.add(bn + ".bias", { out }, scaleKind);
    layer.mean = m_layout.add(bn + ".running_mean", { out }, statisticKind);
    layer.variance = m_layout.add(bn + ".running_var", { out }, statisticKind);
    m_layers.push_back(layer);
    return layer;
}

void DetectorNetwork::buildBackbone()
{
    const auto& spec = *findBackbone(m_config.backbone);
    const bool live = !m_config.pretrained;
    const auto frozen = [&](int block) { return m_config.pretrained && block < spec.frozenBlocks; };
    m_levelBlocks = spec.levelBlocks;
    m_stem = addConvBn("backbone._conv_stem", "backbone._bn0", 3, spec.stem, 3, 2, 1, live, frozen(0));
    int in = spec.stem, index = 0;
    for (const auto& stage : spec.stages) {
        for (int repeat = 0; repeat < stage.repeat; ++repeat, ++index) {
            const std::string name = fmt::format("backbone._blocks.{}.", index);
            const int stride = repeat == 0 ? stage.stride : 1;
            const int wide = in * stage.expand;
            Block block;
            block.frozen = frozen(index);
            if (stage.expand != 1)
                block.expand = addConvBn(name + "_expand_conv", name + "_bn0", in, wide, 1, 1, 1, live, block.frozen);
            block.depthwise = addConvBn(name + "_depthwise_conv", name + "_bn1", wide, wide, stage.kernel, stride, wide, live,
                block.frozen);
            block.project = addConvBn(name + "_project_conv", name + "_bn2", wide, stage.out, 1, 1, 1, live, block.frozen);
            block.skip = stride == 1 && in == stage.out;
            m_blocks.push_back(block);
            in = stage.out;
            for (int level = 0; level < kLevels; ++level)
                if (spec.levelBlocks[static_cast<std::size_t>(level)] == index)
                    m_levelWidths[static_cast<std::size_t>(level)] = in;
        }
    }
}

DetectorNetwork::Residual DetectorNetwork::addShared(const std::string& name)
{
    Residual residual;
    for (std::size_t level = 0; level < kLevels; ++level)
        residual.perLevel[level] = addConvBn(name, fmt::format("{}_bn.{}", name, level), kNeckWidth, kNeckWidth, 3, 1, 1,
            true, false);
    return residual;
}

void DetectorNetwork::buildNeckAndHead()
{
    for (std::size_t level = 0; level < kLevels; ++level)
        m_lateral[level] = addConvBn(fmt::format("neck.lateral.{}", level), fmt::format("neck.lateral_bn.{}", level),
            m_levelWidths[level], kNeckWidth, 1, 1, 1, true, false);
    for (std::size_t level = 0; level < 2; ++level)
        m_merge[level] = addConvBn(fmt::format("neck.merge.{}", level), fmt::format("neck.merge_bn.{}", level), kNeckWidth,
            kNeckWidth, 3, 1, 1, true, false);
    for (std::size_t depth = 0; depth < 2; ++depth) {
        m_classTower[depth] = addShared(fmt::format("head.class.{}", depth));
        m_boxTower[depth] = addShared(fmt::format("head.box.{}", depth));
    }
    m_classWeight = m_layout.add("head.class_out.weight", { m_config.classes, kNeckWidth, 1, 1 }, ParameterKind::Decayed);
    m_classBias = m_layout.add("head.class_out.bias", { m_config.classes }, ParameterKind::Undecayed);
    m_boxWeight = m_layout.add("head.box_out.weight", { 4 * kBoxBins, kNeckWidth, 1, 1 }, ParameterKind::Decayed);
    m_boxBias = m_layout.add("head.box_out.bias", { 4 * kBoxBins }, ParameterKind::Undecayed);
}

int DetectorNetwork::anchors() const
{
    int count = 0;
    for (const int stride : kStrides)
        count += (m_config.canvasWidth / stride) * (m_config.canvasHeight / stride);
    return count;
}

void DetectorNetwork::initialise(ParameterValues& values, std::uint64_t seed) const
{
    torch::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_layout.specs().size(); ++i) {
        const auto& spec = m_layout.specs()[i];
        const at::Tensor& tensor = values[static_cast<int>(i)];
        base::Random random(seed, 0x1417, i);
        if (spec.name.ends_with("class_out.weight") || spec.name.ends_with("box_out.weight")) {
            fillNormal(tensor, 0.01, random);
        } else if (spec.shape.size() == 4) {
            const bool depthwise = spec.shape[1] == 1;
            const double fanOut = static_cast<double>(spec.shape[2] * spec.shape[3] * (depthwise ? 1 : spec.shape[0]));
            fillNormal(tensor, std::sqrt(2.0 / fanOut), random);
        } else if (spec.name.ends_with(".weight") || spec.name.ends_with("running_var")) {
            tensor.fill_(1.0);
        }
    }
    values[m_classBias].fill_(-std::log((1.0 - kClassPrior) / kClassPrior));
    for (int side = 0; side < 4; ++side)
        for (int bin = 0; bin < kBoxBins; ++bin)
            values[m_boxBias][side * kBoxBins + bin] = -std::abs(bin - 3) / 2.0; // starts near three strides
}

base::Result<void> DetectorNetwork::loadBackbone(ParameterValues& values, const TensorFile& file) const
{
    static constexpr std::string_view kPrefix = "backbone.";
    torch::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_layout.specs().size(); ++i) {
        const auto& spec = m_layout.specs()[i];
        if (!spec.name.starts_with(kPrefix))
            continue;
        const std::string name = spec.name.substr(kPrefix.size());
        PERCEPT_ASSIGN(data, file.floats(name, static_cast<std::size_t>(spec.count)));
        if (!std::all_of(data.begin(), data.end(), [](float v) { return std::isfinite(v); }))
            return base::refused(fmt::format("weights: the tensor {} holds numbers that are not finite.", name));
        std::copy(data.begin(), data.end(), values[static_cast<int>(i)].data_ptr<float>());
    }
    return {};
}

std::array<at::Tensor, kLevels> DetectorNetwork::backboneLevels(Execution& execution, at::Tensor x) const
{
    std::array<at::Tensor, kLevels> levels;
    {
        std::optional<torch::NoGradGuard> noGrad;
        if (m_stem.frozen)
            noGrad.emplace();
        x = execution.convBn(m_stem, x, Activation::Relu6);
    }
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        const Block& block = m_blocks[i];
        std::optional<torch::NoGradGuard> noGrad;
        if (block.frozen)
            noGrad.emplace();
        at::Tensor y = block.expand.has_value() ? execution.convBn(*block.expand, x, Activation::Relu6) : x;
        y = execution.convBn(block.depthwise, y, Activation::Relu6);
        y = execution.convBn(block.project, y, Activation::None);
        x = block.skip ? at::add(y, x) : y;
        for (std::size_t level = 0; level < kLevels; ++level)
            if (m_levelBlocks[level] == static_cast<int>(i))
                levels[level] = x;
    }
    return levels;
}

NetworkOutput DetectorNetwork::forward(Execution& execution, const at::Tensor& images) const
{
    const auto levels = backboneLevels(execution, images);
    std::array<at::Tensor, kLevels> pyramid;
    for (std::size_t level = 0; level < kLevels; ++level)
        pyramid[level] = execution.convBn(m_lateral[level], levels[level], Activation::None);
    for (std::size_t level = 2; level-- > 0;) {
        const auto& below = pyramid[level];
        const std::vector<std::int64_t> size = { below.size(2), below.size(3) };
        pyramid[level] = execution.convBnAdd(m_merge[level], at::add(below, at::upsample_nearest2d(pyramid[level + 1], size)));
    }
    std::vector<at::Tensor> classes, boxes;
    const auto flatten = [](const at::Tensor& map, int width) {
        return map.permute({ 0, 2, 3, 1 }).reshape({ map.size(0), map.size(2) * map.size(3), width });
    };
    for (std::size_t level = 0; level < kLevels; ++level) {
        at::Tensor c = pyramid[level], b = pyramid[level];
        for (std::size_t depth = 0; depth < 2; ++depth) {
            c = execution.convBnAdd(m_classTower[depth].perLevel[level], c);
            b = execution.convBnAdd(m_boxTower[depth].perLevel[level], b);
        }
        classes.push_back(
            flatten(at::conv2d(c, execution.value(m_classWeight), execution.value(m_classBias)), m_config.classes));
        boxes.push_back(flatten(at::conv2d(b, execution.value(m_boxWeight), execution.value(m_boxBias)), 4 * kBoxBins));
    }
    at::Tensor features;
    if (!execution.isTraining())
        features = levels[kLevels - 1].mean({ 2, 3 });
    return { at::cat(classes, 1), at::cat(boxes, 1), features };
}

AnchorPoints anchorPoints(const NetworkConfig& config)
{
    std::vector<float> centres, strides;
    for (const int stride : kStrides)
        for (int y = 0; y < config.canvasHeight / stride; ++y)
            for (int x = 0; x < config.canvasWidth / stride; ++x) {
                centres.push_back((static_cast<float>(x) + 0.5f) * static_cast<float>(stride));
                centres.push_back((static_cast<float>(y) + 0.5f) * static_cast<float>(stride));
                strides.push_back(static_cast<float>(stride));
            }
    const auto count = static_cast<std::int64_t>(strides.size());
    return { torch::tensor(centres).view({ count, 2 }), torch::tensor(strides).view({ count, 1 }),
        at::arange(kBoxBins, at::kFloat) };
}

at::Tensor decodeBoxes(const at::Tensor& boxLogits, const AnchorPoints& points)
{
    const auto images = boxLogits.size(0), anchors = boxLogits.size(1);
    const auto weights = at::softmax(boxLogits.reshape({ images, anchors, 4, kBoxBins }), 3);
    const auto sides = at::sum(at::mul(weights, points.bins), { 3 });
    const auto distances = at::mul(sides, points.strides);
    const auto corner0 = at::sub(points.centres, distances.slice(2, 0, 2));
    const auto corner1 = at::add(points.centres, distances.slice(2, 2, 4));
    return at::cat({ corner0, corner1 }, 2);
}

RawPrediction predictRaw(const DetectorNetwork& network, Execution& execution, const at::Tensor& pictures,
    const AnchorPoints& points)
{
    const auto planes = pictures.to(at::kFloat).permute({ 0, 3, 1, 2 });
    const auto normalised = at::mul(at::sub(planes, 127.0), 1.0 / 128.0);
    const auto output = network.forward(execution, normalised);
    return { at::sigmoid(output.classLogits), decodeBoxes(output.boxLogits, points), output.features };
}

}
