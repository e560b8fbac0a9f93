#include "core/training/detection_loss.h"
#include "core/training/optimizer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace percept::training {
namespace {

TEST(Loss, qualityFocalByHand)
{
    // p = .5 on both; targets 0 and 1: BCE = ln 2, weight = .25.
    EXPECT_NEAR(qualityFocalSum(torch::zeros({ 1, 2 }), torch::tensor({ 0.0f, 1.0f }).view({ 1, 2 })).item<double>(),
        2 * std::log(2.0) * 0.25, 1e-6);
    // The target that is met costs nothing.
    EXPECT_NEAR(qualityFocalSum(torch::zeros({ 1, 1 }), torch::full({ 1, 1 }, 0.5f)).item<double>(), 0.0, 1e-7);
}

TEST(Loss, generalizedIouByHand)
{
    const auto a = torch::tensor({ 0.f, 0.f, 2.f, 2.f, 0.f, 0.f, 1.f, 1.f }).view({ 2, 4 });
    const auto b = torch::tensor({ 1.f, 1.f, 3.f, 3.f, 2.f, 0.f, 3.f, 1.f }).view({ 2, 4 });
    const auto g = generalizedIou(a, b);
    EXPECT_NEAR(g[0].item<double>(), 1.0 / 7 - 2.0 / 9, 1e-6); // hull 9, union 7
    EXPECT_NEAR(g[1].item<double>(), -1.0 / 3, 1e-6);          // apart: hull 3, union 2
}

TEST(Loss, distributionFocalByHand)
{
    const auto flat = torch::zeros({ 1, 4, kBoxBins });
    EXPECT_NEAR(distributionFocal(flat, torch::full({ 1, 4 }, 2.25f))[0].item<double>(), std::log(17.0), 1e-5);
    auto sharp = torch::full({ 1, 4, kBoxBins }, -50.0f);
    sharp.slice(2, 2, 4).fill_(0); // bins 2 and 3, half each: the best answer to 2.5
    EXPECT_NEAR(distributionFocal(sharp, torch::full({ 1, 4 }, 2.5f))[0].item<double>(), std::log(2.0), 1e-5);
}

TEST(Loss, ofAPictureWithoutObjectsIsOnlyClasses)
{
    NetworkConfig config { "tiny", false, 2, 64, 64 };
    const DetectorNetwork network(config);
    const auto n = network.anchors();
    const NetworkOutput output { torch::zeros({ 1, n, 2 }), torch::zeros({ 1, n, 4 * kBoxBins }), {} };
    const auto loss = detectionLoss(output, anchorPoints(config), { {} });
    EXPECT_NEAR(loss.total.item<double>(), 2.0 * n * 2 * std::log(2.0) * 0.25, 1e-3); // divisor is 1
    EXPECT_EQ(loss.boxes, 0);
}

TEST(Decode, startsNearThreeStrides)
{
    NetworkConfig config { "tiny", false, 1, 64, 64 };
    const auto points = anchorPoints(config);
    auto logits = torch::full({ 1, points.centres.size(0), 4, kBoxBins }, -50.0f);
    logits.select(3, 3).fill_(50); // all weight on three strides
    const auto boxes = decodeBoxes(logits.view({ 1, -1, 4 * kBoxBins }), points);
    EXPECT_NEAR(boxes[0][0][0].item<double>(), 4 - 24, 1e-3);
    EXPECT_NEAR(boxes[0][0][3].item<double>(), 4 + 24, 1e-3);
    EXPECT_EQ(boxes.size(1), 8 * 8 + 4 * 4 + 2 * 2);
}

// One step of the flat optimizer against torch's own AdamW.
TEST(Optimizer, equalsTorchAdamW)
{
    ParameterLayout layout;
    const int weight = layout.add("w", { 3, 2 }, ParameterKind::Decayed), bias = layout.add("b", { 3 }, ParameterKind::Undecayed);
    layout.finish();
    ParameterValues values(layout);
    base::Random random(1);
    fillNormal(values[weight], 1, random);
    auto referenceWeight = values[weight].clone().requires_grad_(true), referenceBias = values[bias].clone().requires_grad_(true);
    Optimizer optimizer(values, {});
    using torch::optim::AdamW, torch::optim::AdamWOptions;
    AdamW reference({ torch::optim::OptimizerParamGroup({ referenceWeight }), torch::optim::OptimizerParamGroup({ referenceBias },
                         std::make_unique<AdamWOptions>(AdamWOptions(1e-2).weight_decay(0))) },
        AdamWOptions(1e-2).weight_decay(0.05));
    for (int step = 0; step < 5; ++step) {
        const auto x = torch::tensor({ 1.0f, float(step) });
        const auto loss = [&](const at::Tensor& w, const at::Tensor& b) { return (at::mv(w, x) + b).square().sum() * 0.01; };
        optimizer.zeroGradients();
        loss(values[weight], values[bias]).backward();
        optimizer.step(1e-2, 0.99, optimizer.gradientNorm());
        reference.zero_grad();
        loss(referenceWeight, referenceBias).backward();
        torch::nn::utils::clip_grad_norm_({ referenceWeight, referenceBias }, 10.0);
        reference.step();
    }
    EXPECT_TRUE(torch::allclose(values[weight], referenceWeight, 1e-5, 1e-6));
    EXPECT_TRUE(torch::allclose(values[bias], referenceBias, 1e-5, 1e-6));
}

}
}
