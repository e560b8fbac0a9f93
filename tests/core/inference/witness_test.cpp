#include "core/base/files.h"
#include "core/inference/engine.h"
#include "core/media/picture.h"
#include "core/packaging/package.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <sys/wait.h>

namespace percept::inference {
namespace {

std::vector<float> floatsOf(const std::filesystem::path& file)
{
    const auto bytes = base::readFile(file).value();
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

void expectNear(const std::vector<float>& ours, const std::vector<float>& theirs, double tolerance)
{
    ASSERT_EQ(ours.size(), theirs.size());
    double largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i])));
    EXPECT_LE(largest, tolerance);
    std::printf("largest difference to ONNX Runtime: %.3g\n", largest);
}

// 77: that Python has no ONNX Runtime.
int askWitness(const test::TemporaryFolder& folder, const cv::Mat& canvas)
{
    const char* python = std::getenv("PERCEPT_PYTHON");
    const std::string command = "PYTHONPATH=" PERCEPT_WITNESS_DIR " " + std::string(python != nullptr ? python : "python3")
        + " " PERCEPT_SOURCE_DIR "/tests/core/inference/onnxruntime_witness.py " + (folder / "model.onnx").string() + " "
        + (folder / "canvas.rgb").string() + " " + std::to_string(canvas.rows) + " " + std::to_string(canvas.cols) + " "
        + (folder / "out").string();
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The package of PERCEPT_WITNESS_PACKAGE, or the test model: its ONNX means the same in ONNX Runtime.
TEST(OnnxRuntime, givesTheSameAnswers)
{
    test::TemporaryFolder folder;
    const char* given = std::getenv("PERCEPT_WITNESS_PACKAGE");
    const std::filesystem::path path = given != nullptr ? std::filesystem::path(given) : folder / "test.ppkg";
    if (given == nullptr) {
        ASSERT_TRUE(test::makeTestPackage(path).hasValue());
    }
    const auto package = packaging::Package::open(path);
    ASSERT_TRUE(package.hasValue()) << package.error().message;
    const auto canvas = media::decodePicture(package.value().file("golden/0.png").value(), "golden/0.png");
    ASSERT_TRUE(canvas.hasValue());
    const cv::Mat& rgb = canvas.value();
    const auto onnx = package.value().file("model.onnx").value();
    ASSERT_TRUE(base::atomicWrite(folder / "model.onnx", onnx).hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "canvas.rgb", std::span<const std::uint8_t>(rgb.data, rgb.total() * 3)).hasValue());
    const int status = askWitness(folder, rgb);
    if (status == 77)
        GTEST_SKIP() << "no onnxruntime: ./installer/test.sh fetches it, or set PERCEPT_PYTHON to a Python that has it";
    ASSERT_EQ(status, 0);
    auto engine = makeOpenVinoEngine(onnx, package.value().manifest().spec, { 1 });
    ASSERT_TRUE(engine.hasValue()) << engine.error().message;
    const auto raw = engine.value()->run(rgb);
    ASSERT_TRUE(raw.hasValue());
    expectNear(raw.value().scores, floatsOf(folder / "out.scores.f32"), 1e-4);
    expectNear(raw.value().boxes, floatsOf(folder / "out.boxes.f32"), 0.05);
}

}
}
