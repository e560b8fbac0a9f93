#include "tests/support/bad_package.h"

#include "core/base/files.h"
#include "core/base/random.h"
#include "core/packaging/package_files.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <onnx/onnx_pb.h>
#include <stdexcept>

namespace percept::test {

namespace {

using Bytes = std::vector<std::uint8_t>;
using base::Random;

// What of a variant is left to chance: the same in every run, or another one with PERCEPT_SEED.
Random chanceOf(Fault fault, int variant)
{
    const char* seed = std::getenv("PERCEPT_SEED");
    return Random(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1, static_cast<std::uint64_t>(fault), static_cast<std::uint64_t>(variant));
}

int below(Random& chance, int count) { return static_cast<int>(chance.below(static_cast<std::uint64_t>(count))); }

packaging::ByteView bytesOf(std::string_view text)
{
    return { reinterpret_cast<const std::uint8_t*>(text.data()), text.size() };
}

// As packaging::writePackage() does, but without looking at what is signed.
void writeUnchecked(const std::filesystem::path& path, packaging::Manifest manifest, const PackageFiles& files,
    const packaging::SigningKey& key)
{
    packaging::EntryMap entries;
    for (const auto& [name, bytes] : files)
        entries.emplace(name, packaging::ByteView(bytes));
    const auto text = packaging::manifestText(packaging::describeFiles(std::move(manifest), entries, key)).value();
    const auto signature = packaging::signatureOf(bytesOf(text), key);
    entries.emplace("manifest.json", bytesOf(text));
    entries.emplace("signature", packaging::ByteView(signature));
    const auto zip = packaging::writeCanonicalZip(entries).value();
    if (base::atomicWrite(path, std::span<const std::uint8_t>(zip)).hasError())
        throw std::runtime_error("the package cannot be written");
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

void addFloats(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& dims, float value)
{
    auto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    std::int64_t count = 1;
    for (const auto dim : dims) {
        tensor.add_dims(dim);
        count *= dim;
    }
    const std::vector<float> values(static_cast<std::size_t>(count), value);
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
}

void addIntegers(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& values)
{
    auto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    for (const auto value : values)
        tensor.add_int64_data(value);
}

void addInts(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const auto value : values)
        attribute.add_ints(value);
}

// What computed "scores" gives "scores_before", and `extra`, one number, is added to it on the way.
void addToScores(onnx::GraphProto& graph, const std::string& extra)
{
    for (auto& node : *graph.mutable_node())
        for (auto& output : *node.mutable_output())
            if (output == "scores")
                output = "scores_before";
    addNode(graph, "Add", { "scores_before", extra }, "scores");
}

void useUnknownOperator(onnx::ModelProto& model, int variant, Random& chance)
{
    constexpr std::array<const char*, 10> kTypes { "If", "Loop", "Scan", "RandomNormal", "NonMaxSuppression", "StringNormalizer",
        "SequenceAt", "TfIdfVectorizer", "FancyOp", "" };
    auto& graph = *model.mutable_graph();
    graph.mutable_node(below(chance, graph.node_size()))->set_op_type(kTypes[static_cast<std::size_t>(variant)]);
}

void useWrongInput(onnx::ModelProto& model, int variant, Random& chance)
{
    auto& input = *model.mutable_graph()->mutable_input(0);
    auto& tensor = *input.mutable_type()->mutable_tensor_type();
    if (variant < 4)
        tensor.set_elem_type(std::array<int, 4> { onnx::TensorProto::FLOAT, onnx::TensorProto::INT8, onnx::TensorProto::INT64,
            onnx::TensorProto::STRING }[static_cast<std::size_t>(variant)]);
    else if (variant < 8)
        tensor.mutable_shape()->mutable_dim(variant - 4)->set_dim_value(7 + 2 * below(chance, 5));
    else if (variant == 8)
        input.set_name("picture");
    else
        *model.mutable_graph()->add_input() = input;
}

void useWrongOutput(onnx::ModelProto& model, int variant, Random& chance)
{
    auto& graph = *model.mutable_graph();
    auto& output = *graph.mutable_output(variant & 1);
    if (variant < 4)
        output.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(variant < 2 ? 1 : 2)->set_dim_value(5 + below(chance, 4));
    else if (variant < 6)
        output.set_name("other");
    else if (variant < 8)
        output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::INT64);
    else
        graph.mutable_output()->DeleteSubrange(variant - 8, 1);
}

void putNan(onnx::ModelProto& model, int variant, Random& chance)
{
    std::vector<onnx::TensorProto*> tensors;
    for (auto& tensor : *model.mutable_graph()->mutable_initializer())
        if (tensor.data_type() == onnx::TensorProto::FLOAT)
            tensors.push_back(&tensor);
    auto& bytes = *tensors[chance.below(tensors.size())]->mutable_raw_data();
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    std::memcpy(bytes.data() + chance.below(bytes.size() / sizeof(float)) * sizeof(float), variant % 2 == 0 ? &nan : &infinity, sizeof(float));
}

// 8 GB and more: of one tensor, or of several that live at once.
void growHuge(onnx::ModelProto& model, int variant)
{
    auto& graph = *model.mutable_graph();
    const std::int64_t side = 1 << (16 + variant % 5);
    addFloats(graph, "one", { 1 }, 1);
    if (variant < 5) {
        addIntegers(graph, "shape", { side, 1 << 16 });
        addNode(graph, "Expand", { "one", "shape" }, "huge");
    } else if (variant < 8) {
        addIntegers(graph, "shape", { side, 1 << 16 });
        addNode(graph, "ConstantOfShape", { "shape" }, "huge");
    } else {
        addFloats(graph, "row", { 1 << 16, 1 }, 1);
        addFloats(graph, "column", { 1, 1 << 16 }, 1);
        addNode(graph, "Mul", { "row", "column" }, "huge");
    }
    addIntegers(graph, "axes", { 0, 1 });
    addInts(addNode(graph, "ReduceMax", { "huge" }, "largest"), "axes", { 0, 1 });
    addFloats(graph, "nothing", { 1 }, 0);
    addNode(graph, "Mul", { "largest", "nothing" }, "extra");
    addToScores(graph, "extra");
}

// Convolutions that cost time and add nothing.
void slowDown(onnx::ModelProto& model, int variant, Random& chance)
{
    auto& graph = *model.mutable_graph();
    const std::int64_t channels = 64;
    addFloats(graph, "widen", { channels, 3, 3, 3 }, 0.01f);
    addFloats(graph, "again", { channels, channels, 3, 3 }, 0.001f);
    addInts(addNode(graph, "Conv", { "x", "widen" }, "slow_0"), "pads", { 1, 1, 1, 1 });
    const int rounds = 120 + 20 * variant + below(chance, 20);
    for (int i = 0; i < rounds; ++i)
        addInts(addNode(graph, "Conv", { "slow_" + std::to_string(i), "again" }, "slow_" + std::to_string(i + 1)), "pads", { 1, 1, 1, 1 });
    addInts(addNode(graph, "ReduceMax", { "slow_" + std::to_string(rounds) }, "slow_all"), "axes", { 1, 2, 3 });
    addFloats(graph, "three", { 1, 1, 1 }, 1);
    addFloats(graph, "tiny", { 1 }, 1e-30f);
    addIntegers(graph, "one_number", { 1 });
    addNode(graph, "Reshape", { "slow_all", "one_number" }, "slow_one");
    addNode(graph, "Mul", { "slow_one", "tiny" }, "extra");
    addToScores(graph, "extra");
}

void spoilModel(Bytes& bytes, Fault fault, int variant, Random& chance)
{
    onnx::ModelProto model;
    model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    switch (fault) {
    case Fault::UnsupportedOperator: useUnknownOperator(model, variant, chance); break;
    case Fault::WrongInput: useWrongInput(model, variant, chance); break;
    case Fault::WrongOutput: useWrongOutput(model, variant, chance); break;
    case Fault::NanWeights: putNan(model, variant, chance); break;
    case Fault::HugeTensor: growHuge(model, variant); break;
    default: slowDown(model, variant, chance); break;
    }
    const std::string text = model.SerializeAsString();
    bytes.assign(text.begin(), text.end());
}

// From five times what is still taken.
void spoilGolden(PackageFiles& files, int variant, Random& chance)
{
    auto& scores = files["golden/" + std::to_string(variant % 2) + ".scores.f32"];
    float value = 0;
    const std::size_t at = chance.below(scores.size() / sizeof(float)) * sizeof(float);
    std::memcpy(&value, scores.data() + at, sizeof(float));
    const auto by = static_cast<float>(chance.uniform(0.0005, 0.3));
    value = value > 0.5f ? value - by : value + by;
    std::memcpy(scores.data() + at, &value, sizeof(float));
}

}

const char* nameOf(Fault fault)
{
    constexpr std::array<const char*, 8> kNames { "truncated graph", "unsupported operator", "wrong input", "wrong output",
        "NaN weights", "8 GB tensor", "ten times slower", "wrong golden" };
    return kNames[static_cast<std::size_t>(fault)];
}

void makeVersion(const std::filesystem::path& path, const std::string& version, std::int64_t releaseCounter,
    const packaging::SigningKey& key, const std::string& backbone)
{
    auto spec = testSpec();
    spec.backbone = backbone;
    auto manifest = testManifest(spec, version);
    manifest.releaseCounter = releaseCounter;
    if (const auto written = packaging::writePackage(path, manifest, testPackageFiles(spec), key); written.hasError())
        throw std::runtime_error(written.error().message);
}

void makeBadPackage(const std::filesystem::path& path, Fault fault, int variant, const packaging::SigningKey& key)
{
    const auto spec = testSpec();
    auto files = testPackageFiles(spec);
    auto& model = files["model.onnx"];
    Random chance = chanceOf(fault, variant);
    if (fault == Fault::WrongGolden)
        spoilGolden(files, variant, chance);
    else if (fault == Fault::TruncatedGraph)
        model.resize(static_cast<std::size_t>(static_cast<double>(model.size()) * (variant + chance.uniform()) / 11));
    else
        spoilModel(model, fault, variant, chance);
    auto manifest = testManifest(spec, "9.9");
    manifest.releaseCounter = 1000;
    writeUnchecked(path, manifest, files, key);
}

}
