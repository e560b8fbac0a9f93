#include "core/packaging/onnx_rules.h"
#include "core/packaging/package.h"

#include <algorithm>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace percept::packaging {

namespace {

constexpr std::size_t kMaxModelBytes = 512u << 20;
constexpr int kMaxNodes = 20'000, kMaxTensors = 20'000, kMaxProtobufDepth = 16;
constexpr int kMinIr = 3, kMaxIr = 10, kMinOpset = 9, kMaxOpset = 21;
constexpr std::int64_t kMaxAnchors = kMaxSide, kMaxFeatures = 100'000;

base::Error refuse(std::string_view why, std::string detail = {})
{
    return base::refused(fmt::format("The model is refused: {}.", why), std::move(detail));
}

// A field that this version does not know could mean anything to the engine that reads it.
bool hasUnknownFields(const google::protobuf::Message& message)
{
    const auto* reflection = message.GetReflection();
    if (!reflection->GetUnknownFields(message).empty())
        return true;
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const auto* field : fields) {
        if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE)
            continue;
        if (!field->is_repeated()) {
            if (hasUnknownFields(reflection->GetMessage(message, field)))
                return true;
            continue;
        }
        for (int i = 0; i < reflection->FieldSize(message, field); ++i)
            if (hasUnknownFields(reflection->GetRepeatedMessage(message, field, i)))
                return true;
    }
    return false;
}

base::Result<void> checkVersions(const onnx::ModelProto& model)
{
    if (model.ir_version() < kMinIr || model.ir_version() > kMaxIr)
        return refuse(fmt::format("its ONNX version {} is not one of {} to {}", model.ir_version(), kMinIr, kMaxIr));
    if (model.functions_size() > 0 || model.training_info_size() > 0)
        return refuse("it defines operators of its own");
    if (model.opset_import_size() != 1 || !model.opset_import(0).domain().empty())
        return refuse("it uses operators from outside the ONNX standard");
    const std::int64_t opset = model.opset_import(0).version();
    if (opset < kMinOpset || opset > kMaxOpset)
        return refuse(fmt::format("its operator set {} is not one of {} to {}", opset, kMinOpset, kMaxOpset));
    return {};
}

// The graph as far as the check needs it: which names exist so far, and the small constants.
class GraphCheck {
public:
    explicit GraphCheck(const onnx::GraphProto& graph)
        : m_graph(graph)
    {
    }

    base::Result<void> run()
    {
        if (m_graph.node_size() == 0 || m_graph.node_size() > kMaxNodes || m_graph.initializer_size() > kMaxTensors)
            return refuse("it has no operators, or too many");
        if (m_graph.sparse_initializer_size() > 0 || m_graph.quantization_annotation_size() > 0)
            return refuse("it uses parts of ONNX that packages do not take");
        for (const auto& tensor : m_graph.initializer()) {
            PERCEPT_TRY(addConstant(tensor, tensor.name()));
            m_initializers.insert(tensor.name());
        }
        for (const auto& input : m_graph.input())
            if (!m_initializers.contains(input.name()))
                PERCEPT_TRY(define(input.name()));
        for (const auto& node : m_graph.node())
            PERCEPT_TRY(checkNode(node));
        for (const auto& output : m_graph.output())
            if (!m_computed.contains(output.name()))
                return refuse("an output is not computed by it", "output: " + output.name());
        return {};
    }
    bool isInitializer(const std::string& name) const { return m_initializers.contains(name); }

private:
    base::Result<void> define(const std::string& name)
    {
        if (name.empty() || name.size() > 1000 || !m_defined.insert(name).second)
            return refuse("a name in it comes twice or is empty", "name: " + name.substr(0, 100));
        return {};
    }

    base::Result<void> addConstant(const onnx::TensorProto& tensor, const std::string& name)
    {
        PERCEPT_TRY(define(name));
        PERCEPT_ASSIGN(count, checkTensor(tensor));
        m_elements += count;
        if (m_elements > kMaxModelElements)
            return refuse("its weights are too many");
        if (tensor.data_type() == onnx::TensorProto::INT64 && count <= 64)
            m_integers.emplace(name, int64Values(tensor));
        if (tensor.data_type() == onnx::TensorProto::FLOAT && count <= 64)
            m_floats.emplace(name, floatValues(tensor));
        return {};
    }

    base::Result<void> checkAttributes(const onnx::NodeProto& node)
    {
        for (const auto& attribute : node.attribute()) {
            if (attribute.has_g() || attribute.graphs_size() > 0 || attribute.has_sparse_tensor()
                || attribute.sparse_tensors_size() > 0 || attribute.has_tp() || attribute.type_protos_size() > 0
                || !attribute.ref_attr_name().empty())
                return refuse("an operator holds a graph of its own", "operator: " + node.op_type());
            if (attribute.tensors_size() > 0 || attribute.ints_size() > 1000 || attribute.floats_size() > 1'000'000)
                return refuse("an operator has too many values", "operator: " + node.op_type());
            if (attribute.name() == "pads") // of a convolution, a pooling, an old Pad
                PERCEPT_TRY(checkPads(std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end())));
            if (attribute.name() == "strides" || attribute.name() == "output_shape")
                PERCEPT_TRY(elementCount(attribute.ints()));
            if (!attribute.has_t())
                continue;
            if (node.op_type() == "Constant" && node.output_size() == 1)
                PERCEPT_TRY(addConstant(attribute.t(), node.output(0)));
            else
                PERCEPT_TRY(checkTensor(attribute.t()));
        }
        return {};
    }

    static base::Error computedSize(const std::string& type)
    {
        return refuse("the size of a tensor is computed while it runs", "operator: " + type);
    }

    // Operators that take the size of their result from tensors: those have to be constants, and of a possible size.
    base::Result<void> checkSizeOperands(const onnx::NodeProto& node)
    {
        const std::string& type = node.op_type();
        if (type == "Range")
            return checkRange(node);
        if (type == "Resize" || type == "Upsample") // scales, sizes and the region, wherever this version has them
            return checkOperands(node, 1, node.input_size());
        if (type == "ConstantOfShape")
            return checkOperands(node, 0, 1);
        if (type == "Expand" || type == "Tile")
            return checkOperands(node, 1, 2);
        if (type == "Pad" && node.input_size() > 1) {
            const auto pads = m_integers.find(node.input(1));
            return pads == m_integers.end() ? base::Result<void>(computedSize(type)) : checkPads(pads->second);
        }
        return {};
    }

    base::Result<void> checkOperands(const onnx::NodeProto& node, int first, int end)
    {
        for (int i = first; i < std::min(end, node.input_size()); ++i) {
            if (node.input(i).empty())
                continue;
            const auto sizes = m_integers.find(node.input(i));
            const auto scales = m_floats.find(node.input(i));
            if (sizes == m_integers.end() && scales == m_floats.end())
                return computedSize(node.op_type());
            if (scales != m_floats.end()) {
                PERCEPT_TRY(checkScales(scales->second));
                continue;
            }
            const google::protobuf::RepeatedField<std::int64_t> dims(sizes->second.begin(), sizes->second.end());
            PERCEPT_TRY(elementCount(dims));
        }
        return {};
    }

    base::Result<void> checkRange(const onnx::NodeProto& node)
    {
        for (const auto& input : node.input()) {
            const auto found = m_integers.find(input);
            if (found == m_integers.end() || found->second.size() != 1 || found->second[0] < -kMaxSide || found->second[0] > kMaxSide)
                return computedSize("Range");
        }
        return {};
    }

    base::Result<void> checkNode(const onnx::NodeProto& node)
    {
        if (!node.domain().empty() || !isKnownOperator(node.op_type()))
            return refuse("it uses an operator that packages do not take: " + node.domain().substr(0, 100) + " "
                + node.op_type().substr(0, 100));
        if (node.output_size() == 0 || node.output_size() > 100 || node.input_size() > 1000)
            return refuse("an operator has too many inputs or outputs", "operator: " + node.op_type());
        for (const auto& input : node.input()) // in order, so cycles cannot be
            if (!input.empty() && !m_defined.contains(input))
                return refuse("an operator takes what is not computed before it", "input: " + input.substr(0, 100));
        PERCEPT_TRY(checkSizeOperands(node));
        PERCEPT_TRY(checkAttributes(node));
        for (const auto& output : node.output()) {
            if (output.empty())
                continue; // an optional result that is not wanted
            m_computed.insert(output);
            if (!(node.op_type() == "Constant" && m_defined.contains(output)))
                PERCEPT_TRY(define(output));
        }
        return {};
    }

    const onnx::GraphProto& m_graph;
    std::unordered_set<std::string> m_defined, m_computed, m_initializers;
    std::unordered_map<std::string, std::vector<std::int64_t>> m_integers;
    std::unordered_map<std::string, std::vector<float>> m_floats;
    std::int64_t m_elements = 0;
};

// The sizes of a tensor that are all known; empty when one of them is not.
std::vector<std::int64_t> fixedShape(const onnx::ValueInfoProto& value, std::int32_t elementType)
{
    if (!value.type().has_tensor_type() || value.type().tensor_type().elem_type() != elementType)
        return {};
    std::vector<std::int64_t> shape;
    for (const auto& dim : value.type().tensor_type().shape().dim()) {
        if (!dim.has_dim_value() || dim.dim_value() < 1)
            return {};
        shape.push_back(dim.dim_value());
    }
    return shape;
}

base::Result<void> checkInput(const onnx::GraphProto& graph, const GraphCheck& names, const protocol::ModelSpec& spec)
{
    const onnx::ValueInfoProto* image = nullptr;
    for (const auto& input : graph.input()) {
        if (names.isInitializer(input.name()))
            continue;
        if (image != nullptr)
            return refuse("it has more than one input");
        image = &input;
    }
    const std::vector<std::int64_t> wanted { 1, spec.inputHeight, spec.inputWidth, 3 };
    if (image == nullptr || image->name() != "image" || fixedShape(*image, onnx::TensorProto::UINT8) != wanted)
        return refuse(fmt::format("its input must be \"image\", uint8 [1, {}, {}, 3]", spec.inputHeight, spec.inputWidth));
    return {};
}

base::Result<void> checkOutputs(const onnx::GraphProto& graph, const protocol::ModelSpec& spec)
{
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const auto& output : graph.output())
        if (!shapes.emplace(output.name(), fixedShape(output, onnx::TensorProto::FLOAT)).second)
            return refuse("an output comes twice");
    const auto classes = static_cast<std::int64_t>(spec.labels.size());
    const auto scores = shapes["scores"], boxes = shapes["boxes"];
    if (scores.size() != 3 || scores[0] != 1 || scores[2] != classes || scores[1] > kMaxAnchors)
        return refuse(fmt::format("its output \"scores\" must be float [1, anchors, {}], one column for each label", classes));
    if (boxes != std::vector<std::int64_t> { 1, scores[1], 4 })
        return refuse(fmt::format("its output \"boxes\" must be float [1, {}, 4]", scores[1]));
    if (const auto features = shapes.find("features"); features != shapes.end()) {
        if (features->second.size() != 2 || features->second[0] != 1 || features->second[1] > kMaxFeatures)
            return refuse("its output \"features\" must be float [1, width]");
        shapes.erase(features);
    }
    if (shapes.size() != 2)
        return refuse("it has outputs that packages do not have");
    return {};
}

}

base::Result<void> checkOnnx(std::span<const std::uint8_t> bytes, const protocol::ModelSpec& spec)
{
    if (spec.task != domain::Task::Detection)
        return refuse("this version of Percept runs detection models only");
    if (bytes.empty() || bytes.size() > kMaxModelBytes)
        return refuse("model.onnx is empty or over 512 MiB");
    onnx::ModelProto model;
    google::protobuf::io::CodedInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
    stream.SetRecursionLimit(kMaxProtobufDepth);
    if (!model.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
        return refuse("model.onnx is not an ONNX file, or it is damaged");
    if (hasUnknownFields(model))
        return refuse("model.onnx uses a newer ONNX than this version knows");
    PERCEPT_TRY(checkVersions(model));
    GraphCheck graph(model.graph());
    PERCEPT_TRY(graph.run());
    PERCEPT_TRY(checkInput(model.graph(), graph, spec));
    return checkOutputs(model.graph(), spec);
}

}
