#include "core/base/files.h"
#include "core/training/exporter.h"
#include "core/training/onnx_writer.h"
#include "tests/support/disk_log.h"
#include "tests/support/temporary_folder.h"
#include "core/training/validation.h"

#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <set>
#include <torch/torch.h>

namespace percept::training {
namespace {

struct Model {
    NetworkConfig config;
    DetectorNetwork network { config };
    ParameterValues values { network.layout() };
    explicit Model(const NetworkConfig& c)
        : config(c)
    {
        network.initialise(values, 9);
        // Statistics that are not 0 and 1, or a mistake in the folding would not show.
        for (const auto& layer : network.layers()) {
            base::Random random(4, 0, static_cast<std::uint64_t>(layer.id));
            fillNormal(values[layer.mean], 0.2, random);
            fillNormal(values[layer.beta], 0.2, random);
        }
    }
};

cv::Mat noise(int width, int height)
{
    cv::Mat canvas(height, width, CV_8UC3);
    base::Random random(11);
    for (int i = 0; i < width * height * 3; ++i)
        canvas.data[i] = static_cast<std::uint8_t>(random.below(256));
    return canvas;
}

std::vector<float> floatsIn(const std::filesystem::path& file)
{
    const auto bytes = base::readFile(file).value();
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    double largest = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return largest;
}

TEST(Export, isTheSameBytesTwice)
{
    const Model model({ "tiny", false, 2, 64, 64 });
    const auto first = writeOnnx(model.network, model.values), second = writeOnnx(model.network, model.values);
    ASSERT_TRUE(first.hasValue()) << first.error().detail;
    EXPECT_TRUE(*first == *second);
}

TEST(Export, hasTheContractsInputAndOutputs)
{
    const Model model({ "tiny", true, 2, 96, 64 });
    onnx::ModelProto proto;
    ASSERT_TRUE(proto.ParseFromString(writeOnnx(model.network, model.values).value()));
    EXPECT_EQ(proto.graph().input(0).name(), "image");
    EXPECT_EQ(proto.graph().input(0).type().tensor_type().elem_type(), onnx::TensorProto::UINT8);
    ASSERT_EQ(proto.graph().output_size(), 3);
    EXPECT_EQ(proto.graph().output(0).name(), "scores");
    EXPECT_EQ(proto.graph().output(1).type().tensor_type().shape().dim(1).dim_value(), model.network.anchors());
    std::set<std::string> operators;
    for (const auto& node : proto.graph().node())
        operators.insert(node.op_type());
    EXPECT_FALSE(operators.contains("BatchNormalization"));
    EXPECT_FALSE(operators.contains("Pad")) << "padding belongs to the convolution";
}

// A run that is trained on writes its model again: until the new one is whole the old one stands there.
TEST(Export, takesThePlaceOfTheModelBeforeAtOnce)
{
    const Model model({ "tiny", true, 2, 96, 64 });
    test::TemporaryFolder folder;
    protocol::ModelSpec spec;
    spec.labels.resize(2);
    const auto write = [&] { return exportModel(model.network, model.values, spec, { noise(96, 64) }, folder / "model"); };
    ASSERT_TRUE(write().hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "model" / "left.txt", "of the one before").hasValue());
    test::clearDiskLog();
    ASSERT_TRUE(write().hasValue());
    EXPECT_FALSE(std::filesystem::exists(folder / "model" / "left.txt"));
    EXPECT_TRUE(std::filesystem::exists(folder / "model" / "model.onnx"));
    const auto swapped = test::placeInDiskLog("swap " + (folder / "model.tmp").string() + " " + (folder / "model").string());
    const auto synced = test::placeInDiskLog("sync " + folder.path().string());
    EXPECT_LT(swapped, synced);
    EXPECT_LT(synced, test::diskLog().size());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

// ONNX Runtime, which shares no code with LibTorch, must compute what the golden files say.
TEST(Export, meansTheSameInOnnxRuntime)
{
    const Model model({ "efficientnet-lite0", true, 3, 96, 64 });
    test::TemporaryFolder folder;
    const cv::Mat canvas = noise(96, 64);
    protocol::ModelSpec spec;
    spec.labels.resize(3);
    ASSERT_TRUE(exportModel(model.network, model.values, spec, { canvas }, folder / "model").hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "canvas.rgb", std::span<const std::uint8_t>(canvas.data, canvas.total() * 3)).hasValue());
    const char* python = std::getenv("PERCEPT_PYTHON");
    const std::string command = "PYTHONPATH=" PERCEPT_WITNESS_DIR " " + std::string(python != nullptr ? python : "python3")
        + " " PERCEPT_SOURCE_DIR "/tests/core/inference/onnxruntime_witness.py " + (folder / "model/model.onnx").string() + " "
        + (folder / "canvas.rgb").string() + " 64 96 " + (folder / "out").string();
    const int status = std::system(command.c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        GTEST_SKIP() << "no onnxruntime: ./installer/test.sh fetches it, or set PERCEPT_PYTHON to a Python that has it";
    ASSERT_EQ(status, 0);
    EXPECT_LE(largestDifference(floatsIn(folder / "out.scores.f32"), floatsIn(folder / "model/golden/0.scores.f32")), 1e-4);
    EXPECT_LE(largestDifference(floatsIn(folder / "out.boxes.f32"), floatsIn(folder / "model/golden/0.boxes.f32")), 1e-2);
}

}
}
