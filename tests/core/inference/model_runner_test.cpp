#include "core/inference/dummy_engine.h"
#include "core/inference/model_runner.h"
#include "tests/support/test_package.h"

#include <gtest/gtest.h>

namespace percept::inference {
namespace {

ModelRunner dummyRunner(protocol::ModelSpec spec, RawOutputs answer)
{
    return ModelRunner(spec, std::make_unique<DummyEngine>(spec, [answer](const cv::Mat&) { return answer; }));
}

TEST(ModelRunner, givesBoxesInTheFrameOfThePicture)
{
    const auto spec = test::testSpec({ "red", "blue" }, 96, 64);
    // A picture twice the canvas in x and y: the canvas box doubles.
    auto runner = dummyRunner(spec, { 1, 2, { 0.1f, 0.9f }, { 10, 20, 30, 50 }, {} });
    const auto result = runner.predict(cv::Mat(128, 192, CV_8UC3, cv::Scalar(0, 0, 0)), std::nullopt);
    ASSERT_TRUE(result.hasValue());
    ASSERT_EQ(result.value().predictions.size(), 1u);
    const auto& prediction = result.value().predictions[0];
    EXPECT_EQ(prediction.label, "blue");
    EXPECT_EQ(prediction.labelIndex, 1);
    EXPECT_FLOAT_EQ(static_cast<float>(prediction.score), 0.9f);
    EXPECT_NEAR(prediction.box.x, 20, 1e-9);
    EXPECT_NEAR(prediction.box.y, 40, 1e-9);
    EXPECT_NEAR(prediction.box.w, 40, 1e-9);
    EXPECT_NEAR(prediction.box.h, 60, 1e-9);
    EXPECT_EQ(result.value().width, 192);
    EXPECT_EQ(result.value().height, 128);
}

TEST(ModelRunner, thresholdsDecidePerLabelUnlessAScoreIsAskedFor)
{
    auto spec = test::testSpec();
    spec.labels[0].threshold = 0.3;
    spec.labels[1].threshold = 0.8;
    auto runner = dummyRunner(spec, { 4, 2, { .35f, 0, .25f, 0, 0, .75f, 0, .85f },
        { 0, 0, 8, 8, 20, 0, 28, 8, 40, 0, 48, 8, 60, 0, 68, 8 }, {} });
    const cv::Mat picture(64, 96, CV_8UC3, cv::Scalar(0, 0, 0));
    const auto shown = runner.predict(picture, std::nullopt).value().predictions;
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_FLOAT_EQ(static_cast<float>(shown[0].score), .85f);
    EXPECT_FLOAT_EQ(static_cast<float>(shown[1].score), .35f);
    EXPECT_EQ(runner.predict(picture, 0.02).value().predictions.size(), 4u);
    EXPECT_EQ(runner.predict(picture, 0.5).value().predictions.size(), 2u);
    EXPECT_EQ(runner.predict(picture, 1.0).value().predictions.size(), 0u);
}

TEST(ModelRunner, findsTheSquaresOfAPicture)
{
    const auto spec = test::testSpec();
    auto engine = makeOpenVinoEngine(test::testOnnx(spec), spec, { 1 });
    ASSERT_TRUE(engine.hasValue());
    ModelRunner runner(spec, std::move(engine).value());
    const auto result = runner.predict(test::testPicture(192, 128, { { 32, 32, 16, 0 }, { 112, 64, 16, 1 } }), std::nullopt);
    ASSERT_TRUE(result.hasValue());
    ASSERT_EQ(result.value().predictions.size(), 2u);
    for (const auto& prediction : result.value().predictions) {
        const bool isRed = prediction.label == "red";
        EXPECT_NEAR(prediction.box.x + prediction.box.w / 2, isRed ? 40 : 120, 5);
        EXPECT_NEAR(prediction.box.y + prediction.box.h / 2, isRed ? 40 : 72, 5);
    }
}

TEST(ModelRunner, refusesPicturesAndFeaturesThatItDoesNotHave)
{
    auto runner = dummyRunner(test::testSpec(), { 1, 2, { 0, 0 }, { 0, 0, 1, 1 }, {} });
    EXPECT_TRUE(runner.predict(cv::Mat(), std::nullopt).hasError());
    EXPECT_TRUE(runner.predict(cv::Mat(8, 8, CV_8UC1), std::nullopt).hasError());
    EXPECT_EQ(runner.features(cv::Mat(8, 8, CV_8UC3)).error().code, base::ErrorCode::Refused);
}

}
}
