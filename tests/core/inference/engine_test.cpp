#include "core/inference/engine.h"
#include "core/inference/golden.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

namespace percept::inference {
namespace {

double largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    EXPECT_EQ(a.size(), b.size());
    double largest = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return largest;
}

base::Result<std::unique_ptr<Engine>> engineFor(const std::string& bytes, const protocol::ModelSpec& spec)
{
    return makeOpenVinoEngine(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), spec, { 1 });
}

TEST(OpenVinoEngine, computesWhatTheNaiveNetworkDoes)
{
    const auto spec = test::testSpec({ "red", "blue", "green" });
    auto engine = makeOpenVinoEngine(test::testOnnx(spec), spec, { 1 });
    ASSERT_TRUE(engine.hasValue()) << engine.error().message << engine.error().detail;
    for (const int x : { 0, 13, 40 }) {
        const cv::Mat canvas = test::testPicture(96, 64, { { x, 5, 21, 0 }, { x + 25, 30, 17, 1 } });
        const auto raw = engine.value()->run(canvas);
        ASSERT_TRUE(raw.hasValue()) << raw.error().message;
        const auto expected = test::testOutputs(spec, canvas);
        EXPECT_EQ(raw.value().anchors, 96);
        EXPECT_EQ(raw.value().classes, 3);
        EXPECT_LE(largestDifference(raw.value().scores, expected.scores), 1e-5);
        EXPECT_LE(largestDifference(raw.value().boxes, expected.boxes), 1e-3);
        EXPECT_LE(largestDifference(raw.value().features, expected.features), 1e-4);
    }
}

TEST(OpenVinoEngine, givesTheSameBitsEveryTimeAndWithAnyThreads)
{
    const auto spec = test::testSpec();
    const cv::Mat canvas = test::testPicture(96, 64, { { 16, 16, 16, 0 } });
    std::vector<float> first;
    for (const int threads : { 1, 1, 2 }) {
        auto engine = makeOpenVinoEngine(test::testOnnx(spec), spec, { threads });
        ASSERT_TRUE(engine.hasValue());
        const auto raw = engine.value()->run(canvas);
        ASSERT_TRUE(raw.hasValue());
        if (first.empty())
            first = raw.value().scores;
        EXPECT_EQ(raw.value().scores, first);
    }
}

TEST(OpenVinoEngine, refusesAnotherCanvas)
{
    const auto spec = test::testSpec();
    auto engine = makeOpenVinoEngine(test::testOnnx(spec), spec, { 1 });
    ASSERT_TRUE(engine.hasValue());
    EXPECT_TRUE(engine.value()->run(cv::Mat(64, 95, CV_8UC3)).hasError());
    EXPECT_TRUE(engine.value()->run(cv::Mat(64, 96, CV_8UC1)).hasError());
    EXPECT_TRUE(engine.value()->run(cv::Mat()).hasError());
}

TEST(OpenVinoEngine, refusesWhatIsNoModel)
{
    for (const std::string& text : { std::string(), std::string("hello"), std::string(10'000, '\xff') }) {
        const auto engine = engineFor(text, test::testSpec());
        ASSERT_TRUE(engine.hasError());
        EXPECT_EQ(engine.error().code, base::ErrorCode::Refused);
    }
}

onnx::NodeProto& append(onnx::ModelProto& model, const char* type, const std::vector<std::string>& inputs, const std::string& output)
{
    auto& node = *model.mutable_graph()->add_node();
    node.set_op_type(type);
    for (const auto& input : inputs)
        node.add_input(input);
    node.add_output(output);
    return node;
}

// Doubles a tensor forty times: nothing of it is large in the file, so packaging's check cannot see it.
TEST(OpenVinoEngine, refusesATensorThatGrowsBeyondAllBoundsBeforeItIsComputed)
{
    onnx::ModelProto model;
    const auto bytes = test::testOnnx(test::testSpec());
    ASSERT_TRUE(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    std::string last = "scores";
    for (int i = 0; i < 40; ++i) {
        const std::string next = "grow" + std::to_string(i);
        auto* axis = append(model, "Concat", { last, last }, next).add_attribute();
        axis->set_name("axis");
        axis->set_type(onnx::AttributeProto::INT);
        axis->set_i(1);
        last = next;
    }
    append(model, "ReduceMax", { last }, "top"); // [1, 1, 1]
    append(model, "Add", { "boxes", "top" }, "boxes_too"); // an output hangs on it, so it is not dead code
    model.mutable_graph()->mutable_output(1)->set_name("boxes_too");
    const auto engine = engineFor(model.SerializeAsString(), test::testSpec());
    ASSERT_TRUE(engine.hasError());
    EXPECT_NE(engine.error().message.find("grows"), std::string::npos) << engine.error().message << engine.error().detail;
}

class Golden : public ::testing::Test {
protected:
    base::Result<GoldenDifference> check(const test::PackageFiles& files)
    {
        const auto spec = test::testSpec();
        PERCEPT_TRY(packaging::writePackage(m_folder / "a.ppkg", test::testManifest(spec), files, test::testKey()));
        PERCEPT_ASSIGN(package, packaging::Package::open(m_folder / "a.ppkg"));
        PERCEPT_ASSIGN(engine, makeOpenVinoEngine(package.file("model.onnx").value(), spec, { 1 }));
        return goldenCheck(package, *engine);
    }
    test::TemporaryFolder m_folder;
};

TEST_F(Golden, passesForTheModelThatMadeIt)
{
    const auto difference = check(test::testPackageFiles(test::testSpec()));
    ASSERT_TRUE(difference.hasValue()) << difference.error().message;
    EXPECT_EQ(difference.value().pictures, 2);
    EXPECT_TRUE(difference.value().isWithinTolerance()) << difference.value().maxScoreDifference;
}

TEST_F(Golden, seesOneScoreThatIsOffByThreeTenThousandths)
{
    auto files = test::testPackageFiles(test::testSpec());
    float value;
    auto& scores = files["golden/1.scores.f32"];
    std::memcpy(&value, scores.data() + 40, 4);
    value += 3e-4f;
    std::memcpy(scores.data() + 40, &value, 4);
    const auto difference = check(files);
    ASSERT_TRUE(difference.hasValue());
    EXPECT_NEAR(difference.value().maxScoreDifference, 3e-4, 2e-5);
    EXPECT_FALSE(difference.value().isWithinTolerance());
}

TEST_F(Golden, seesOneSideOfABoxThatIsOffByAPixel)
{
    auto files = test::testPackageFiles(test::testSpec());
    float value;
    auto& boxes = files["golden/0.boxes.f32"];
    std::memcpy(&value, boxes.data() + 40, 4);
    value += 1;
    std::memcpy(boxes.data() + 40, &value, 4);
    const auto difference = check(files);
    ASSERT_TRUE(difference.hasValue());
    EXPECT_NEAR(difference.value().maxBoxDifference, 1, 1e-2);
    EXPECT_FALSE(difference.value().isWithinTolerance());
}

TEST_F(Golden, refusesOutputsThatAreNotNumbersAndPackagesWithoutAny)
{
    auto files = test::testPackageFiles(test::testSpec());
    const float nan = std::nanf("");
    std::memcpy(files["golden/0.boxes.f32"].data(), &nan, 4);
    EXPECT_EQ(check(files).error().code, base::ErrorCode::Refused);
    EXPECT_EQ(check({ { "model.onnx", test::testOnnx(test::testSpec()) } }).error().code, base::ErrorCode::Refused);
}

}
}
