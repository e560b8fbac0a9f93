#include "core/training/onnx_writer.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <onnx/onnx_pb.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/torch.h>

namespace percept::training {

namespace {

using torch::jit::Node;
using torch::jit::Value;

constexpr std::int64_t kOpset = 13, kIrVersion = 8;

struct Unsupported : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Translates one traced graph. Values are named v0, v1, ... in order, constants c0, c1, ..., so the same network gives the
// same bytes.
class GraphWriter {
public:
    explicit GraphWriter(onnx::GraphProto& graph)
        : m_graph(graph)
    {
    }

    void bind(const Value* value, std::string name) { m_names[value] = std::move(name); }
    void write(const Node* node);
    // Gives the result of the graph its public name.
    void output(const Value* value, const std::string& name);

private:
    onnx::NodeProto& add(const char* type, const std::vector<std::string>& inputs, const Value* result);
    std::string newName() { return fmt::format("v{}", m_values++); }
    const std::string& nameOf(const Value* value);
    std::string constant(const at::Tensor& tensor);
    std::string scalar(double number) { return constant(torch::tensor(static_cast<float>(number))); }
    std::string operand(const Value* value);

    void writeConvolution(const Node* node);
    void writeResize(const Node* node);
    void writeSlice(const Node* node);
    void writeSum(const Node* node);
    void writeArithmetic(const Node* node, const char* type);
    void writeMean(const Node* node);
    void writeClip(const Node* node);

    onnx::GraphProto& m_graph;
    std::map<const Value*, std::string> m_names;
    std::map<const Value*, std::pair<const Value*, std::vector<std::int64_t>>> m_padded; // padding waits for its convolution
    int m_values = 0, m_constants = 0;
};

c10::IValue valueOf(const Value* value)
{
    if (const auto constant = torch::jit::toIValue(value); constant.has_value())
        return *constant;
    throw Unsupported(fmt::format("an operator depends on {} while it runs", value->debugName()));
}

std::vector<std::int64_t> integers(const Value* value)
{
    if (value->node()->kind() != c10::prim::ListConstruct)
        return valueOf(value).toIntVector();
    std::vector<std::int64_t> list;
    for (const auto* element : value->node()->inputs())
        list.push_back(valueOf(element).toInt());
    return list;
}

// A convolution's option for both axes; one number stands for two.
std::vector<std::int64_t> pairOf(const Value* value)
{
    const auto list = integers(value);
    return list.size() == 1 ? std::vector<std::int64_t> { list[0], list[0] } : list;
}

std::vector<std::int64_t> shapeOf(const Value* value)
{
    const auto type = value->type()->cast<c10::TensorType>();
    const auto sizes = type ? type->sizes().concrete_sizes() : c10::nullopt;
    if (!sizes.has_value())
        throw Unsupported(fmt::format("the shape of {} is not known", value->debugName()));
    return *sizes;
}

void setInts(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INTS);
    for (const auto v : values)
        attribute->add_ints(v);
}

void setInt(onnx::NodeProto& node, const char* name, std::int64_t value)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
}

void setText(onnx::NodeProto& node, const char* name, const std::string& value)
{
    auto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::STRING);
    attribute->set_s(value);
}

onnx::NodeProto& GraphWriter::add(const char* type, const std::vector<std::string>& inputs, const Value* result)
{
    auto& node = *m_graph.add_node();
    node.set_op_type(type);
    for (const auto& input : inputs)
        node.add_input(input);
    const std::string name = newName();
    node.set_name(fmt::format("{}_{}", type, name));
    node.add_output(name);
    m_names[result] = name;
    return node;
}

const std::string& GraphWriter::nameOf(const Value* value)
{
    if (const auto it = m_names.find(value); it != m_names.end())
        return it->second;
    const auto known = torch::jit::toIValue(value);
    if (!known.has_value() || !known->isTensor())
        throw Unsupported(fmt::format("{} has no translation", value->node()->kind().toQualString()));
    return m_names[value] = constant(known->toTensor());
}

std::string GraphWriter::operand(const Value* value)
{
    const auto known = torch::jit::toIValue(value);
    if (known.has_value() && known->isScalar())
        return scalar(known->toScalar().to<double>());
    return nameOf(value);
}

std::string GraphWriter::constant(const at::Tensor& tensor)
{
    const auto dense = tensor.detach().contiguous();
    const bool isLong = dense.scalar_type() == at::kLong;
    const auto data = isLong ? dense : dense.to(at::kFloat);
    auto& proto = *m_graph.add_initializer();
    proto.set_name(fmt::format("c{}", m_constants++));
    proto.set_data_type(isLong ? onnx::TensorProto::INT64 : onnx::TensorProto::FLOAT);
    for (const auto size : data.sizes())
        proto.add_dims(size);
    proto.set_raw_data(data.data_ptr(), data.nbytes());
    return proto.name();
}

void GraphWriter::writeConvolution(const Node* node)
{
    if (valueOf(node->input(6)).toBool())
        throw Unsupported("transposed convolutions have no translation");
    const Value* x = node->input(0);
    const auto padding = pairOf(node->input(4));
    std::vector<std::int64_t> pads = { padding[0], padding[1], padding[0], padding[1] };
    if (const auto it = m_padded.find(x); it != m_padded.end()) {
        const auto& p = it->second.second; // left, right, top, bottom
        pads = { pads[0] + p[2], pads[1] + p[0], pads[2] + p[3], pads[3] + p[1] };
        x = it->second.first;
    }
    const auto bias = torch::jit::toIValue(node->input(2));
    std::vector<std::string> inputs = { nameOf(x), nameOf(node->input(1)) };
    if (!bias.has_value() || !bias->isNone())
        inputs.push_back(nameOf(node->input(2)));
    const auto weight = shapeOf(node->input(1));
    auto& conv = add("Conv", inputs, node->output());
    setInts(conv, "kernel_shape", { weight[2], weight[3] });
    setInts(conv, "strides", pairOf(node->input(3)));
    setInts(conv, "pads", pads);
    setInts(conv, "dilations", pairOf(node->input(5)));
    setInt(conv, "group", valueOf(node->input(8)).toInt());
}

void GraphWriter::writeResize(const Node* node)
{
    const auto from = shapeOf(node->input(0)), to = shapeOf(node->output());
    const auto scales = torch::tensor({ 1.0f, 1.0f, static_cast<float>(to[2]) / static_cast<float>(from[2]),
        static_cast<float>(to[3]) / static_cast<float>(from[3]) });
    auto& resize = add("Resize", { nameOf(node->input(0)), "", constant(scales) }, node->output());
    setText(resize, "mode", "nearest");
    setText(resize, "coordinate_transformation_mode", "asymmetric");
    setText(resize, "nearest_mode", "floor");
}

void GraphWriter::writeSlice(const Node* node)
{
    const auto dimension = valueOf(node->input(1)).toInt();
    const auto length = shapeOf(node->input(0))[static_cast<std::size_t>(dimension)];
    const auto start = valueOf(node->input(2)), end = valueOf(node->input(3));
    const auto one = [&](std::int64_t v) { return constant(torch::tensor(std::vector<std::int64_t> { v }, at::kLong)); };
    add("Slice",
        { nameOf(node->input(0)), one(start.isNone() ? 0 : start.toInt()),
            one(end.isNone() ? length : std::min(end.toInt(), length)), one(dimension), one(valueOf(node->input(4)).toInt()) },
        node->output());
}

void GraphWriter::writeSum(const Node* node)
{
    const auto axes = constant(torch::tensor(integers(node->input(1)), at::kLong));
    setInt(add("ReduceSum", { nameOf(node->input(0)), axes }, node->output()), "keepdims", valueOf(node->input(2)).toBool());
}

void GraphWriter::writeMean(const Node* node)
{
    auto& mean = add("ReduceMean", { nameOf(node->input(0)) }, node->output());
    setInts(mean, "axes", integers(node->input(1)));
    setInt(mean, "keepdims", valueOf(node->input(2)).toBool());
}

void GraphWriter::writeArithmetic(const Node* node, const char* type)
{
    if (node->inputs().size() > 2 && valueOf(node->input(2)).toScalar().to<double>() != 1.0)
        throw Unsupported("a scaled addition has no translation");
    add(type, { operand(node->input(0)), operand(node->input(1)) }, node->output());
}

void GraphWriter::writeClip(const Node* node)
{
    add("Clip",
        { nameOf(node->input(0)), scalar(valueOf(node->input(1)).toScalar().to<double>()),
            scalar(valueOf(node->input(2)).toScalar().to<double>()) },
        node->output());
}

void GraphWriter::write(const Node* node)
{
    static const std::map<std::string, std::function<void(GraphWriter&, const Node*)>> table = {
        { "aten::_convolution", [](auto& w, const Node* n) { w.writeConvolution(n); } },
        { "aten::constant_pad_nd",
            [](auto& w, const Node* n) { w.m_padded[n->output()] = { n->input(0), integers(n->input(1)) }; } },
        { "aten::upsample_nearest2d", [](auto& w, const Node* n) { w.writeResize(n); } },
        { "aten::slice", [](auto& w, const Node* n) { w.writeSlice(n); } },
        { "aten::sum", [](auto& w, const Node* n) { w.writeSum(n); } },
        { "aten::mean", [](auto& w, const Node* n) { w.writeMean(n); } },
        { "aten::hardtanh", [](auto& w, const Node* n) { w.writeClip(n); } },
        { "aten::add", [](auto& w, const Node* n) { w.writeArithmetic(n, "Add"); } },
        { "aten::sub", [](auto& w, const Node* n) { w.writeArithmetic(n, "Sub"); } },
        { "aten::mul", [](auto& w, const Node* n) { w.writeArithmetic(n, "Mul"); } },
        { "aten::relu", [](auto& w, const Node* n) { w.add("Relu", { w.nameOf(n->input(0)) }, n->output()); } },
        { "aten::sigmoid", [](auto& w, const Node* n) { w.add("Sigmoid", { w.nameOf(n->input(0)) }, n->output()); } },
        { "aten::to",
            [](auto& w, const Node* n) {
                setInt(w.add("Cast", { w.nameOf(n->input(0)) }, n->output()), "to", onnx::TensorProto::FLOAT);
            } },
        { "aten::permute",
            [](auto& w, const Node* n) {
                setInts(w.add("Transpose", { w.nameOf(n->input(0)) }, n->output()), "perm", integers(n->input(1)));
            } },
        { "aten::reshape",
            [](auto& w, const Node* n) {
                const auto shape = w.constant(torch::tensor(shapeOf(n->output()), at::kLong));
                w.add("Reshape", { w.nameOf(n->input(0)), shape }, n->output());
            } },
        { "aten::softmax",
            [](auto& w, const Node* n) {
                setInt(w.add("Softmax", { w.nameOf(n->input(0)) }, n->output()), "axis", valueOf(n->input(1)).toInt());
            } },
        { "aten::cat",
            [](auto& w, const Node* n) {
                std::vector<std::string> parts;
                for (const auto* part : n->input(0)->node()->inputs())
                    parts.push_back(w.nameOf(part));
                setInt(w.add("Concat", parts, n->output()), "axis", valueOf(n->input(1)).toInt());
            } },
    };
    if (node->kind() == c10::prim::Constant || node->kind() == c10::prim::ListConstruct)
        return; // read by those that use them
    const auto it = table.find(node->kind().toQualString());
    if (it == table.end())
        throw Unsupported(fmt::format("{} has no translation", node->kind().toQualString()));
    it->second(*this, node);
}

void GraphWriter::output(const Value* value, const std::string& name)
{
    auto& identity = *m_graph.add_node();
    identity.set_op_type("Identity");
    identity.set_name("Output_" + name);
    identity.add_input(nameOf(value));
    identity.add_output(name);
}

void describe(onnx::ValueInfoProto& info, const std::string& name, int type, const std::vector<std::int64_t>& shape)
{
    info.set_name(name);
    auto* tensor = info.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    for (const auto size : shape)
        tensor->mutable_shape()->add_dim()->set_dim_value(size);
}

std::shared_ptr<torch::jit::Graph> trace(const DetectorNetwork& network, const ParameterValues& values)
{
    torch::NoGradGuard noGrad;
    const auto execution = makeFoldedExecution(network, values);
    const auto points = anchorPoints(network.config());
    const auto picture = at::zeros({ 1, network.config().canvasHeight, network.config().canvasWidth, 3 }, at::kByte);
    const auto traced = torch::jit::tracer::trace(
        { picture },
        [&](torch::jit::Stack inputs) -> torch::jit::Stack {
            const auto raw = predictRaw(network, *execution, inputs.front().toTensor(), points);
            return { raw.scores, raw.boxes, raw.features };
        },
        [](const at::Tensor&) { return std::string(); });
    return traced.first->graph;
}

std::string serialise(const torch::jit::Graph& graph, const NetworkConfig& config)
{
    static constexpr const char* kOutputs[] = { "scores", "boxes", "features" };
    onnx::ModelProto model;
    model.set_ir_version(kIrVersion);
    model.set_producer_name("percept");
    model.add_opset_import()->set_version(kOpset);
    auto& proto = *model.mutable_graph();
    proto.set_name("detector");
    GraphWriter writer(proto);
    writer.bind(graph.inputs().at(0), "image");
    describe(*proto.add_input(), "image", onnx::TensorProto::UINT8, { 1, config.canvasHeight, config.canvasWidth, 3 });
    for (const auto* node : graph.nodes())
        writer.write(node);
    for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
        writer.output(graph.outputs()[i], kOutputs[i]);
        describe(*proto.add_output(), kOutputs[i], onnx::TensorProto::FLOAT, shapeOf(graph.outputs()[i]));
    }
    std::string bytes;
    model.SerializeToString(&bytes);
    return bytes;
}

}

base::Result<std::string> writeOnnx(const DetectorNetwork& network, const ParameterValues& values)
{
    try {
        const auto graph = trace(network, values);
        return serialise(*graph, network.config());
    } catch (const std::exception& error) {
        return base::failed("The model could not be exported to ONNX.", error.what());
    }
}

}
