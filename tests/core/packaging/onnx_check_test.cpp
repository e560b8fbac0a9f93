#include "core/packaging/package.h"
#include "tests/support/test_model.h"

#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <onnx/onnx_pb.h>

namespace percept::packaging {
namespace {

using onnx::ModelProto;
using onnx::TensorProto;

const protocol::ModelSpec& spec()
{
    static const auto value = test::testSpec({ "a", "b" }, 32, 32);
    return value;
}

ModelProto soundModel()
{
    ModelProto model;
    const auto bytes = test::testOnnx(spec());
    EXPECT_TRUE(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return model;
}

base::Result<void> check(const std::string& bytes)
{
    return checkOnnx(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), spec());
}

struct Case {
    const char* name;
    std::function<void(ModelProto&)> spoil;
};

TensorProto& weights(ModelProto& model) { return *model.mutable_graph()->mutable_initializer(1); } // of the scores
onnx::NodeProto& node(ModelProto& model, const char* type)
{
    for (auto& candidate : *model.mutable_graph()->mutable_node())
        if (candidate.op_type() == type)
            return candidate;
    throw std::runtime_error(type);
}
onnx::NodeProto& append(ModelProto& model, const char* type, const std::vector<std::string>& inputs, const char* output)
{
    auto& added = *model.mutable_graph()->add_node();
    added.set_op_type(type);
    for (const auto& input : inputs)
        added.add_input(input);
    added.add_output(output);
    return added;
}
void appendSizes(ModelProto& model, const char* name, const std::vector<std::int64_t>& values)
{
    auto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    for (const auto value : values)
        tensor.add_int64_data(value);
}
void appendScales(ModelProto& model, const char* name, const std::vector<float>& values)
{
    auto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(TensorProto::FLOAT);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
}
void addPads(onnx::NodeProto& node, const std::vector<std::int64_t>& values)
{
    auto& attribute = *node.add_attribute();
    attribute.set_name("pads");
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const auto value : values)
        attribute.add_ints(value);
}
onnx::TensorShapeProto& outputShape(ModelProto& model, int index)
{
    return *model.mutable_graph()->mutable_output(index)->mutable_type()->mutable_tensor_type()->mutable_shape();
}
void setFirstFloat(TensorProto& tensor, float value)
{
    std::memcpy(tensor.mutable_raw_data()->data(), &value, sizeof(value));
}

const std::vector<Case>& cases()
{
    static const std::vector<Case> list {
        { "externalData", [](auto& m) {
             weights(m).set_data_location(TensorProto::EXTERNAL);
             auto* entry = weights(m).add_external_data();
             entry->set_key("location");
             entry->set_value("../../etc/passwd");
             weights(m).clear_raw_data(); } },
        { "externalDataBesideRawData", [](auto& m) { weights(m).add_external_data()->set_key("location"); } },
        { "externalDataInAnAttribute", [](auto& m) {
             auto& constant = append(m, "Constant", {}, "c");
             auto* attribute = constant.add_attribute();
             attribute->set_name("value");
             attribute->mutable_t()->set_data_type(TensorProto::FLOAT);
             attribute->mutable_t()->set_data_location(TensorProto::EXTERNAL); } },
        { "operatorOfAStranger", [](auto& m) { node(m, "Sigmoid").set_domain("com.evil"); } },
        { "operatorSetOfAStranger", [](auto& m) { m.add_opset_import()->set_domain("com.evil"); } },
        { "unknownOperator", [](auto& m) { node(m, "Sigmoid").set_op_type("Teleport"); } },
        { "loop", [](auto& m) { append(m, "Loop", {}, "c").add_attribute()->mutable_g()->set_name("body"); } },
        { "subgraphInAHarmlessOperator", [](auto& m) { node(m, "Relu").add_attribute()->mutable_g()->set_name("body"); } },
        { "randomNumbers", [](auto& m) { append(m, "RandomNormal", {}, "c"); } },
        { "functions", [](auto& m) { m.add_functions()->set_name("f"); } },
        { "training", [](auto& m) { m.add_training_info(); } },
        { "opsetTooOld", [](auto& m) { m.mutable_opset_import(0)->set_version(8); } },
        { "opsetTooNew", [](auto& m) { m.mutable_opset_import(0)->set_version(99); } },
        { "irTooNew", [](auto& m) { m.set_ir_version(1000); } },
        { "noOpset", [](auto& m) { m.clear_opset_import(); } },
        { "cycle", [](auto& m) { node(m, "Cast").set_input(0, "scores"); } },
        { "nameTwice", [](auto& m) { append(m, "Relu", { "x" }, "logits"); } },
        { "inputFromNowhere", [](auto& m) { node(m, "Sigmoid").set_input(0, "nowhere"); } },
        { "noNodes", [](auto& m) { m.mutable_graph()->clear_node(); } },
        { "notANumber", [](auto& m) { setFirstFloat(weights(m), std::numeric_limits<float>::quiet_NaN()); } },
        { "infinite", [](auto& m) { setFirstFloat(weights(m), std::numeric_limits<float>::infinity()); } },
        { "infiniteHalf", [](auto& m) {
             auto& tensor = *m.mutable_graph()->add_initializer();
             tensor.set_name("half");
             tensor.set_data_type(TensorProto::FLOAT16);
             tensor.add_dims(1);
             tensor.set_raw_data(std::string("\x00\x7c", 2)); } },
        { "negativeSize", [](auto& m) { weights(m).add_dims(-1); } },
        { "hugeSize", [](auto& m) { weights(m).set_dims(0, 1'000'000'000'000); } },
        { "sizesWhoseProductOverflows", [](auto& m) {
             for (int i = 0; i < 8; ++i)
                 weights(m).add_dims(1 << 26); } },
        { "tooFewBytes", [](auto& m) { weights(m).mutable_raw_data()->pop_back(); } },
        { "twoKindsOfData", [](auto& m) { weights(m).add_float_data(1); } },
        { "strings", [](auto& m) { weights(m).set_data_type(TensorProto::STRING); } },
        { "expandToTheMoon", [](auto& m) {
             appendSizes(m, "big", { 1'000'000, 1'000'000 });
             append(m, "Expand", { "scale", "big" }, "c"); } },
        { "expandByAComputedSize", [](auto& m) {
             append(m, "Shape", { "x" }, "computed");
             append(m, "Expand", { "scale", "computed" }, "c"); } },
        { "constantOfShapeToTheMoon", [](auto& m) {
             appendSizes(m, "big", { 1'000'000'000 });
             append(m, "ConstantOfShape", { "big" }, "c"); } },
        { "tileToTheMoon", [](auto& m) {
             appendSizes(m, "big", { 1, 60'000, 60'000, 1 });
             append(m, "Tile", { "x", "big" }, "c"); } },
        { "rangeFromTheSmallestNumber", [](auto& m) {
             appendSizes(m, "from", { std::numeric_limits<std::int64_t>::min() });
             appendSizes(m, "to", { 0 });
             appendSizes(m, "by", { 1 });
             append(m, "Range", { "from", "to", "by" }, "c"); } },
        { "resizeToTheMoon", [](auto& m) {
             appendScales(m, "big", { 1, 1, 60'000, 60'000 });
             append(m, "Resize", { "x", "", "big" }, "c"); } },
        { "resizeOfAllSides", [](auto& m) {
             appendScales(m, "big", { 64, 64, 64, 64 });
             append(m, "Resize", { "x", "", "big" }, "c"); } },
        { "resizeByAComputedScale", [](auto& m) {
             append(m, "Relu", { "scale" }, "computed");
             append(m, "Resize", { "x", "", "computed" }, "c"); } },
        { "upsampleToTheMoon", [](auto& m) {
             appendScales(m, "big", { 1, 1, 60'000, 60'000 });
             append(m, "Upsample", { "x", "big" }, "c"); } },
        { "padToTheMoon", [](auto& m) {
             appendSizes(m, "big", { 0, 0, 0, 0, 0, 0, 100'000, 100'000 });
             append(m, "Pad", { "x", "big" }, "c"); } },
        { "padByAComputedSize", [](auto& m) {
             append(m, "Shape", { "x" }, "computed");
             append(m, "Pad", { "x", "computed" }, "c"); } },
        { "padFromTheSmallestNumber", [](auto& m) {
             appendSizes(m, "big", { 0, std::numeric_limits<std::int64_t>::min() });
             append(m, "Pad", { "x", "big" }, "c"); } },
        { "convolutionPaddedToTheMoon", [](auto& m) { addPads(node(m, "Conv"), { 100'000, 100'000, 100'000, 100'000 }); } },
        { "twoInputs", [](auto& m) { m.mutable_graph()->add_input()->CopyFrom(m.graph().input(0));
             m.mutable_graph()->mutable_input(1)->set_name("second"); } },
        { "inputOfAnotherName", [](auto& m) { m.mutable_graph()->mutable_input(0)->set_name("picture"); node(m, "Cast").set_input(0, "picture"); } },
        { "inputOfFloats", [](auto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT); } },
        { "inputOfAnotherSize", [](auto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->set_dim_value(64); } },
        { "inputOfOpenSize", [](auto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->set_dim_param("h"); } },
        { "noBoxes", [](auto& m) { m.mutable_graph()->mutable_output()->DeleteSubrange(1, 1); } },
        { "outputsOfOtherCounts", [](auto& m) { outputShape(m, 1).mutable_dim(1)->set_dim_value(15); } },
        { "classesOfAnotherCount", [](auto& m) { outputShape(m, 0).mutable_dim(2)->set_dim_value(3); } },
        { "anOutputMore", [](auto& m) { m.mutable_graph()->add_output()->CopyFrom(m.graph().output(0));
             m.mutable_graph()->mutable_output(3)->set_name("logits"); } },
        { "outputThatIsTheInput", [](auto& m) { m.mutable_graph()->mutable_output(0)->set_name("image"); } },
        { "outputThatNobodyComputes", [](auto& m) { node(m, "Sigmoid").set_output(0, "other"); } },
        { "fieldsOfTheFuture", [](auto& m) { m.GetReflection()->MutableUnknownFields(&m)->AddVarint(900, 1); } },
        { "fieldsOfTheFutureInANode", [](auto& m) {
             auto& relu = node(m, "Relu");
             relu.GetReflection()->MutableUnknownFields(&relu)->AddVarint(900, 1); } },
    };
    return list;
}

class OnnxCheck : public ::testing::TestWithParam<Case> { };

TEST_P(OnnxCheck, isRefused)
{
    ModelProto model = soundModel();
    GetParam().spoil(model);
    const auto checked = check(model.SerializeAsString());
    ASSERT_TRUE(checked.hasError());
    EXPECT_EQ(checked.error().code, base::ErrorCode::Refused) << checked.error().message;
}

INSTANTIATE_TEST_SUITE_P(Model, OnnxCheck, ::testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

TEST(OnnxCheckControl, theUnspoiledModelIsAcceptedWithAndWithoutFeatures)
{
    const auto checked = check(soundModel().SerializeAsString());
    EXPECT_TRUE(checked.hasValue()) << checked.error().message;
    EXPECT_TRUE(checkOnnx(test::testOnnx(spec(), false), spec()).hasValue());
}

TEST(OnnxCheckControl, whatExportersWriteAboutSizesIsAccepted)
{
    ModelProto model = soundModel();
    appendScales(model, "twice", { 1, 1, 2, 2 });
    append(model, "Resize", { "x", "", "twice" }, "larger"); // as percept-trainer does
    appendScales(model, "nothing", {});
    append(model, "Resize", { "x", "nothing", "twice" }, "largerToo");
    appendSizes(model, "around", { 0, 0, 1, 1, 0, 0, 1, -1 });
    append(model, "Pad", { "x", "around" }, "padded");
    addPads(append(model, "MaxPool", { "x" }, "pooled"), { 2, 2, 2, 2 });
    const auto checked = check(model.SerializeAsString());
    EXPECT_TRUE(checked.hasValue()) << checked.error().message;
}

TEST(OnnxCheckControl, anyTruncationIsRefusedWithoutACrash)
{
    const std::string bytes = soundModel().SerializeAsString();
    for (std::size_t length = 0; length < bytes.size(); length += 37)
        EXPECT_TRUE(check(bytes.substr(0, length)).hasError()) << length;
}

TEST(OnnxCheckControl, deepNestingIsRefused)
{
    ModelProto model = soundModel();
    auto* type = model.mutable_graph()->add_value_info()->mutable_type();
    for (int i = 0; i < 90; ++i)
        type = type->mutable_sequence_type()->mutable_elem_type();
    EXPECT_TRUE(check(model.SerializeAsString()).hasError());
}

}
}
