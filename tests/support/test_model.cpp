#include "tests/support/test_model.h"

#include "core/base/random.h"

#include <array>
#include <cmath>
#include <onnx/onnx_pb.h>
#include <opencv2/core.hpp>

namespace percept::test {

namespace {

constexpr int kCell = 8, kFeatures = 16, kWeightsPerChannel = 3 * kCell * kCell;
constexpr std::array<std::array<int, 3>, 6> kColors { { { 255, 0, 0 }, { 0, 0, 255 }, { 0, 255, 0 }, { 255, 255, 0 },
    { 255, 0, 255 }, { 0, 255, 255 } } };

struct Network {
    std::vector<float> scoreWeights, boxWeights, featureWeights; // out x 3 x 8 x 8
    std::vector<float> scoreBias;
    std::vector<float> anchors; // cells x 4
};

std::vector<float> randomWeights(std::uint64_t stream, int channels, double size)
{
    std::vector<float> weights(static_cast<std::size_t>(channels * kWeightsPerChannel));
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = static_cast<float>(base::Random(7, stream, i).uniform(-size, size));
    return weights;
}

void addColorPreference(std::vector<float>& weights, int label)
{
    const auto& color = kColors[static_cast<std::size_t>(label) % kColors.size()];
    const int bright = (color[0] + color[1] + color[2]) / 255;
    for (int channel = 0; channel < 3; ++channel) {
        const double preference = color[static_cast<std::size_t>(channel)] > 0 ? 1.0 / bright : -1.0 / (3 - bright);
        for (int i = 0; i < kCell * kCell; ++i)
            weights[static_cast<std::size_t>((label * 3 + channel) * kCell * kCell + i)]
                += static_cast<float>(16 * preference / (kCell * kCell));
    }
}

Network makeNetwork(const protocol::ModelSpec& spec)
{
    const int classes = static_cast<int>(spec.labels.size());
    Network network { randomWeights(1, classes, 0.002), randomWeights(2, 4, 0.01), randomWeights(3, kFeatures, 0.05),
        std::vector<float>(spec.labels.size(), -6), {} };
    for (int label = 0; label < classes; ++label)
        addColorPreference(network.scoreWeights, label);
    for (int y = 0; y < spec.inputHeight / kCell; ++y)
        for (int x = 0; x < spec.inputWidth / kCell; ++x)
            for (const int side : { x * kCell - 4, y * kCell - 4, x * kCell + 12, y * kCell + 12 })
                network.anchors.push_back(static_cast<float>(side));
    return network;
}

void addTensor(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& dims, const std::vector<float>& data)
{
    auto* tensor = graph.add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const auto dim : dims)
        tensor->add_dims(dim);
    tensor->set_raw_data(data.data(), data.size() * sizeof(float));
}

void addIntegers(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& data)
{
    auto* tensor = graph.add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    tensor->add_dims(static_cast<std::int64_t>(data.size()));
    for (const auto value : data)
        tensor->add_int64_data(value);
}

onnx::NodeProto& addNode(onnx::GraphProto& graph, const char* type, const std::vector<std::string>& inputs, const std::string& output)
{
    auto& node = *graph.add_node();
    node.set_op_type(type);
    for (const auto& input : inputs)
        node.add_input(input);
    node.add_output(output);
    return node;
}

void addInts(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const auto value : values)
        attribute->add_ints(value);
}

void addConv(onnx::GraphProto& graph, const std::vector<std::string>& inputs, const std::string& output)
{
    auto& conv = addNode(graph, "Conv", inputs, output);
    addInts(conv, "kernel_shape", { kCell, kCell });
    addInts(conv, "strides", { kCell, kCell });
}

// [1, channels, cells y, cells x] -> [1, cells, channels]
void addFlatten(onnx::GraphProto& graph, const std::string& input, const std::string& shape, const std::string& output)
{
    addNode(graph, "Reshape", { input, shape }, output + "_flat");
    addInts(addNode(graph, "Transpose", { output + "_flat" }, output), "perm", { 0, 2, 1 });
}

void describe(onnx::ValueInfoProto& value, const char* name, onnx::TensorProto::DataType type, const std::vector<std::int64_t>& dims)
{
    value.set_name(name);
    auto* tensor = value.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    for (const auto dim : dims)
        tensor->mutable_shape()->add_dim()->set_dim_value(dim);
}

void addBranches(onnx::GraphProto& graph, const Network& network, std::int64_t classes, std::int64_t cells)
{
    addTensor(graph, "score_weights", { classes, 3, kCell, kCell }, network.scoreWeights);
    addTensor(graph, "score_bias", { classes }, network.scoreBias);
    addIntegers(graph, "score_shape", { 1, classes, cells });
    addConv(graph, { "x", "score_weights", "score_bias" }, "score_map");
    addFlatten(graph, "score_map", "score_shape", "logits");
    addNode(graph, "Sigmoid", { "logits" }, "scores");
    addTensor(graph, "box_weights", { 4, 3, kCell, kCell }, network.boxWeights);
    addTensor(graph, "anchors", { 1, cells, 4 }, network.anchors);
    addIntegers(graph, "box_shape", { 1, 4, cells });
    addConv(graph, { "x", "box_weights" }, "box_map");
    addFlatten(graph, "box_map", "box_shape", "offsets");
    addNode(graph, "Add", { "offsets", "anchors" }, "boxes");
}

void addFeatures(onnx::GraphProto& graph, const Network& network)
{
    addTensor(graph, "feature_weights", { kFeatures, 3, kCell, kCell }, network.featureWeights);
    addIntegers(graph, "feature_shape", { 1, kFeatures });
    addConv(graph, { "x", "feature_weights" }, "feature_map");
    addNode(graph, "Relu", { "feature_map" }, "feature_relu");
    addNode(graph, "GlobalAveragePool", { "feature_relu" }, "feature_mean");
    addNode(graph, "Reshape", { "feature_mean", "feature_shape" }, "features");
    describe(*graph.add_output(), "features", onnx::TensorProto::FLOAT, { 1, kFeatures });
}

double convolve(const cv::Mat& canvas, const std::vector<float>& weights, int channel, int cellX, int cellY)
{
    double sum = 0;
    for (int color = 0; color < 3; ++color)
        for (int y = 0; y < kCell; ++y)
            for (int x = 0; x < kCell; ++x)
                sum += weights[static_cast<std::size_t>(((channel * 3 + color) * kCell + y) * kCell + x)]
                    * (canvas.at<cv::Vec3b>(cellY * kCell + y, cellX * kCell + x)[color] / 255.0);
    return sum;
}

}

protocol::ModelSpec testSpec(const std::vector<std::string>& labels, int width, int height)
{
    protocol::ModelSpec spec;
    for (std::size_t i = 0; i < labels.size(); ++i)
        spec.labels.push_back({ LabelId { static_cast<std::int64_t>(i) + 1 }, labels[i], 0.5 });
    spec.inputWidth = width / kCell * kCell;
    spec.inputHeight = height / kCell * kCell;
    spec.backbone = "test";
    spec.baseWeights = "none";
    return spec;
}

std::vector<std::uint8_t> testOnnx(const protocol::ModelSpec& spec, bool withFeatures)
{
    const Network network = makeNetwork(spec);
    const auto classes = static_cast<std::int64_t>(spec.labels.size());
    const std::int64_t cells = static_cast<std::int64_t>(spec.inputWidth / kCell) * (spec.inputHeight / kCell);
    onnx::ModelProto model;
    model.set_ir_version(8);
    model.add_opset_import()->set_version(13);
    auto& graph = *model.mutable_graph();
    graph.set_name("test");
    describe(*graph.add_input(), "image", onnx::TensorProto::UINT8, { 1, spec.inputHeight, spec.inputWidth, 3 });
    describe(*graph.add_output(), "scores", onnx::TensorProto::FLOAT, { 1, cells, classes });
    describe(*graph.add_output(), "boxes", onnx::TensorProto::FLOAT, { 1, cells, 4 });
    auto* to = addNode(graph, "Cast", { "image" }, "image_float").add_attribute();
    to->set_name("to");
    to->set_type(onnx::AttributeProto::INT);
    to->set_i(onnx::TensorProto::FLOAT);
    addInts(addNode(graph, "Transpose", { "image_float" }, "image_planes"), "perm", { 0, 3, 1, 2 });
    addTensor(graph, "scale", {}, { 1.0f / 255 });
    addNode(graph, "Mul", { "image_planes", "scale" }, "x");
    addBranches(graph, network, classes, cells);
    if (withFeatures)
        addFeatures(graph, network);
    const std::string bytes = model.SerializeAsString();
    return { bytes.begin(), bytes.end() };
}

TestOutputs testOutputs(const protocol::ModelSpec& spec, const cv::Mat& canvas)
{
    const Network network = makeNetwork(spec);
    const int columns = spec.inputWidth / kCell, rows = spec.inputHeight / kCell;
    TestOutputs outputs;
    std::vector<double> sums(kFeatures);
    for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < columns; ++x) {
            for (std::size_t label = 0; label < spec.labels.size(); ++label) {
                const double logit
                    = convolve(canvas, network.scoreWeights, static_cast<int>(label), x, y) + network.scoreBias[label];
                outputs.scores.push_back(static_cast<float>(1 / (1 + std::exp(-logit))));
            }
            for (int side = 0; side < 4; ++side)
                outputs.boxes.push_back(static_cast<float>(convolve(canvas, network.boxWeights, side, x, y)
                    + network.anchors[static_cast<std::size_t>((y * columns + x) * 4 + side)]));
            for (int feature = 0; feature < kFeatures; ++feature)
                sums[static_cast<std::size_t>(feature)]
                    += std::max(0.0, convolve(canvas, network.featureWeights, feature, x, y)) / (rows * columns);
        }
    }
    outputs.features.assign(sums.begin(), sums.end());
    return outputs;
}

cv::Mat testPicture(int width, int height, const std::vector<TestSquare>& squares)
{
    cv::Mat picture(height, width, CV_8UC3, cv::Scalar(127, 127, 127));
    for (const auto& square : squares) {
        const auto& color = kColors[static_cast<std::size_t>(square.colorClass) % kColors.size()];
        const cv::Rect place = cv::Rect(square.x, square.y, square.size, square.size) & cv::Rect(0, 0, width, height);
        picture(place).setTo(cv::Scalar(color[0], color[1], color[2]));
    }
    return picture;
}

}
