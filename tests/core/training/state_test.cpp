#include "core/training/detection_loss.h"
#include "core/training/training_state.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace percept::training {
namespace {

const NetworkConfig kTiny { "tiny", false, 2, 64, 64 };

std::vector<protocol::SpecLabel> labelsOf(std::initializer_list<std::int64_t> ids)
{
    std::vector<protocol::SpecLabel> labels;
    for (const auto id : ids) {
        protocol::SpecLabel label;
        label.id = LabelId { id };
        label.name = std::to_string(id);
        labels.push_back(label);
    }
    return labels;
}

// Two pictures: a bright square of class 0, a dark one of class 1.
struct Scene {
    at::Tensor images = torch::zeros({ 2, 3, 64, 64 }).contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<std::vector<CanvasTruth>> truths { { { 0, 8, 8, 32, 32, false } }, { { 1, 24, 30, 56, 62, false } } };
    Scene()
    {
        images[0].slice(1, 8, 32).slice(2, 8, 32).fill_(0.9);
        images[1].slice(1, 30, 62).slice(2, 24, 56).fill_(-0.9);
    }
};

double step(TrainingState& state, Execution& execution, const Scene& scene, double rate)
{
    const auto points = anchorPoints(state.network.config());
    const auto loss = detectionLoss(state.network.forward(execution, scene.images), points, scene.truths);
    state.optimizer->zeroGradients();
    loss.total.backward();
    state.optimizer->step(rate, 0.99, state.optimizer->gradientNorm());
    ++state.step;
    return loss.total.item<double>();
}

std::unique_ptr<TrainingState> freshState()
{
    auto state = std::make_unique<TrainingState>(kTiny, OptimizerOptions {});
    state->network.initialise(state->values, 5);
    state->startOptimizing();
    return state;
}

TEST(Network, hasTheRightShapes)
{
    const NetworkConfig config { "efficientnet-lite0", true, 3, 96, 64 };
    const DetectorNetwork network(config);
    ParameterValues values(network.layout());
    network.initialise(values, 1);
    torch::NoGradGuard noGrad;
    const auto execution = makeFoldedExecution(network, values);
    const auto raw = predictRaw(network, *execution, torch::zeros({ 2, 64, 96, 3 }, at::kByte), anchorPoints(config));
    EXPECT_EQ(raw.scores.sizes(), (std::vector<std::int64_t> { 2, 96 + 24 + 6, 3 }));
    EXPECT_EQ(raw.boxes.sizes(), (std::vector<std::int64_t> { 2, 126, 4 }));
    EXPECT_EQ(raw.features.sizes(), (std::vector<std::int64_t> { 2, 320 }));
    // recipes.md: 3.22 million, of them 0.26 in neck and head.
    std::int64_t count = 0;
    for (const auto& spec : network.layout().specs())
        if (!spec.name.ends_with("running_mean") && !spec.name.ends_with("running_var"))
            count += spec.count;
    EXPECT_NEAR(static_cast<double>(count) / 1e6, 3.22, 0.02);
    EXPECT_TRUE(checkNetworkConfig({ "resnet", true, 3, 96, 64 }).hasError());
    EXPECT_TRUE(checkNetworkConfig({ "tiny", true, 3, 100, 64 }).hasError());
}

// Folding on the fly, with gradients, and folding once must be the same function.
TEST(Network, trainsTheFunctionThatItPredicts)
{
    const NetworkConfig config { "tiny", true, 2, 64, 64 };
    const DetectorNetwork network(config);
    ParameterValues values(network.layout());
    network.initialise(values, 3);
    const auto training = makeTrainingExecution(network, values), folded = makeFoldedExecution(network, values);
    torch::NoGradGuard noGrad;
    const auto x = torch::randn({ 1, 8, 16, 16 }).contiguous(at::MemoryFormat::ChannelsLast);
    for (const auto& layer : network.layers()) {
        const auto width = values[layer.weight].size(1) * layer.groups;
        if (layer.live || width != 8)
            continue;
        const auto a = training->convBn(layer, x, Activation::Relu6), b = folded->convBn(layer, x, Activation::Relu6);
        ASSERT_EQ(a.sizes(), b.sizes());
        EXPECT_TRUE(torch::allclose(a, b, 1e-4, 1e-5));
    }
}

TEST(State, overfitsTwoPictures)
{
    auto state = freshState();
    const Scene scene;
    const auto execution = makeTrainingExecution(state->network, state->values);
    const double first = step(*state, *execution, scene, 3e-3);
    double last = 0;
    for (int i = 0; i < 150; ++i)
        last = step(*state, *execution, scene, 3e-3);
    EXPECT_LT(last, first / 4);
    torch::NoGradGuard noGrad;
    const auto values = state->averageValues();
    const auto folded = makeFoldedExecution(state->network, values);
    const auto output = state->network.forward(*folded, scene.images);
    const auto scores = at::sigmoid(output.classLogits);
    for (int image = 0; image < 2; ++image) {
        const auto best = scores[image].flatten().argmax().item<std::int64_t>();
        EXPECT_EQ(best % 2, image) << "the right class";
        const auto box = decodeBoxes(output.boxLogits, anchorPoints(kTiny))[image][best / 2];
        const auto& truth = scene.truths[static_cast<std::size_t>(image)][0];
        EXPECT_NEAR(box[0].item<float>(), truth.x0, 4);
        EXPECT_NEAR(box[3].item<float>(), truth.y1, 4);
    }
}

TEST(State, goesOnFromACheckpointBitForBit)
{
    const Scene scene;
    auto straight = freshState();
    const auto execution = makeTrainingExecution(straight->network, straight->values);
    std::vector<std::uint8_t> checkpoint;
    for (int i = 0; i < 8; ++i) {
        if (i == 4)
            checkpoint = straight->encode(labelsOf({ 1, 2 }));
        step(*straight, *execution, scene, 1e-3);
    }
    auto resumed = std::make_unique<TrainingState>(kTiny, OptimizerOptions {});
    resumed->startOptimizing();
    const auto file = TensorFile::parse(checkpoint, "c");
    ASSERT_TRUE(file.hasValue());
    ASSERT_TRUE(resumed->restore(*file).hasValue());
    EXPECT_EQ(resumed->step, 4);
    const auto again = makeTrainingExecution(resumed->network, resumed->values);
    for (int i = 4; i < 8; ++i)
        step(*resumed, *again, scene, 1e-3);
    EXPECT_TRUE(torch::equal(straight->values.flat(), resumed->values.flat()));
    EXPECT_TRUE(torch::equal(straight->optimizer->average().flat(), resumed->optimizer->average().flat()));
}

TEST(State, keepsItsScores)
{
    auto state = freshState();
    state->step = state->closedStep = 8;
    state->lastScore = 0.25;
    state->best = { 0.5, 4, state->optimizer->average().flat().narrow(0, 0, state->network.layout().movingCount()).clone() };
    const auto file = TensorFile::parse(state->encode(labelsOf({ 1, 2 })), "c");
    auto resumed = freshState();
    ASSERT_TRUE(resumed->restore(*file).hasValue());
    EXPECT_EQ(resumed->lastScore, 0.25);
    EXPECT_EQ(resumed->best.score, 0.5);
    EXPECT_EQ(resumed->best.step, 4);
    EXPECT_EQ(resumed->closedStep, 8);
}

TEST(State, refusesACheckpointOfAnotherNetwork)
{
    auto state = freshState();
    const auto file = TensorFile::parse(state->encode(labelsOf({ 1, 2 })), "c");
    TrainingState other({ "tiny", false, 3, 64, 64 }, OptimizerOptions {});
    other.startOptimizing();
    EXPECT_TRUE(other.restore(*file).hasError());
}

TEST(State, takesClassesOverByTheirIds)
{
    auto state = freshState();
    const auto& layout = state->network.layout();
    const auto bias = static_cast<int>(std::find_if(layout.specs().begin(), layout.specs().end(),
                                           [](const auto& s) { return s.name == "head.class_out.bias"; })
        - layout.specs().begin());
    {
        torch::NoGradGuard noGrad;
        state->optimizer->average()[bias][0] = 7;
        state->optimizer->average()[bias][1] = 9;
    }
    const auto file = TensorFile::parse(state->encode(labelsOf({ 10, 20 })), "c");
    TrainingState next({ "tiny", false, 3, 64, 64 }, OptimizerOptions {});
    next.network.initialise(next.values, 1);
    ASSERT_TRUE(next.startFrom(*file, labelsOf({ 20, 30, 10 })).hasValue());
    const auto now = static_cast<int>(std::find_if(next.network.layout().specs().begin(), next.network.layout().specs().end(),
                                          [](const auto& s) { return s.name == "head.class_out.bias"; })
        - next.network.layout().specs().begin());
    EXPECT_EQ(next.values[now][0].item<float>(), 9);
    EXPECT_NEAR(next.values[now][1].item<float>(), -std::log(99.0), 1e-5);
    EXPECT_EQ(next.values[now][2].item<float>(), 7);
}

}
}
