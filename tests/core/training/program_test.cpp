#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/protocol/model_spec.h"
#include "tests/core/training/trainer_child.h"
#include "tests/core/training/training_run.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

namespace percept {
namespace {

using protocol::TrainerExit;
using test::TrainerChild;

// The newest checkpoint without what may differ between two runs: the clock.
std::string weightsOf(const std::filesystem::path& run)
{
    std::int64_t newest = -1;
    std::filesystem::path file;
    for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
        const auto name = entry.path().filename().string();
        if (name.ends_with(".ckpt") && std::stoll(name.substr(5)) > newest) {
            newest = std::stoll(name.substr(5));
            file = entry.path();
        }
    }
    const auto bytes = base::readFile(file).value();
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    constexpr std::ptrdiff_t kTrailer = 64 + 16; // sha256 and mark
    return std::to_string(newest) + ":"
        + std::string(bytes.begin() + 8 + static_cast<std::ptrdiff_t>(header), bytes.end() - kTrailer);
}

std::multiset<std::string> loggedMetrics(const std::filesystem::path& run)
{
    std::multiset<std::string> lines;
    const auto text = base::readTextFile(run / "metrics.jsonl").value();
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        auto json = nlohmann::json::parse(text.substr(at, end - at));
        json.erase("time");
        lines.insert(json.dump());
    }
    return lines;
}

bool isStep(const protocol::TrainerMessage& message, std::int64_t step)
{
    const auto* metric = std::get_if<protocol::MetricMessage>(&message);
    return metric && metric->step >= step;
}

std::string nothing(const TrainerChild& child)
{
    return child.finished().empty() ? "" : child.finished()[0].message;
}

test::TrainingRunOptions longRun(double checkpointSeconds)
{
    test::TrainingRunOptions options;
    options.epochs = 4000;
    options.checkpointSeconds = checkpointSeconds;
    return options;
}

TEST(TrainerProgram, trainsAndLeavesAModel)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path());
    TrainerChild child(folder.path());
    EXPECT_EQ(child.wait(), 0);
    ASSERT_EQ(child.finished().size(), 1u);
    EXPECT_EQ(child.finished()[0].status, "ok") << child.finished()[0].message;
    EXPECT_TRUE(child.foreignLines().empty());
    ASSERT_TRUE(std::holds_alternative<protocol::HelloMessage>(child.messages().front()));
    EXPECT_TRUE(std::holds_alternative<protocol::FinishedMessage>(child.messages().back()));
    const auto spec = protocol::modelSpecFromJson(nlohmann::json::parse(base::readTextFile(folder / "model/spec.json").value()));
    ASSERT_TRUE(spec.hasValue()) << spec.error().message;
    EXPECT_EQ(spec->labels[1].name, "dark");
    EXPECT_EQ(spec->baseWeights, "none");
    EXPECT_TRUE(std::filesystem::exists(folder / "model/model.onnx"));
    EXPECT_EQ(std::filesystem::file_size(folder / "model/golden/1.boxes.f32"), std::filesystem::file_size(folder / "model/golden/1.scores.f32") * 2);
    EXPECT_TRUE(std::filesystem::exists(folder / "samples/6.json"));
}

// The newest checkpoint, a byte of it changed.
std::filesystem::path damageNewest(const std::filesystem::path& run)
{
    std::int64_t newest = -1;
    for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints"))
        if (const auto name = entry.path().filename().string(); name.ends_with(".ckpt"))
            newest = std::max<std::int64_t>(newest, std::stoll(name.substr(5)));
    const auto file = run / "checkpoints" / ("step-" + std::to_string(newest) + ".ckpt");
    auto bytes = base::readFile(file).value();
    bytes[bytes.size() / 2] ^= 1;
    EXPECT_TRUE(base::atomicWrite(file, bytes).hasValue());
    return file;
}

// What an undisturbed run gives, once for all tests.
const std::pair<std::string, std::multiset<std::string>>& undisturbed()
{
    static const auto result = [] {
        test::TemporaryFolder folder;
        test::makeTrainingRun(folder.path());
        TrainerChild child(folder.path());
        EXPECT_EQ(child.wait(), 0);
        return std::pair(weightsOf(folder.path()), loggedMetrics(folder.path()));
    }();
    return result;
}

TEST(TrainerProgram, killedAnywhereItEndsWithTheSameWeights)
{
    const int kills = std::getenv("PERCEPT_NIGHTLY") ? 20 : 3;
    for (int kill = 0; kill < kills; ++kill) {
        base::Random random(2026, 0, static_cast<std::uint64_t>(kill));
        test::TemporaryFolder folder;
        test::makeTrainingRun(folder.path());
        {
            TrainerChild child(folder.path());
            child.read([&, step = 1 + static_cast<std::int64_t>(random.below(10))](const auto& m) { return isStep(m, step); });
            std::this_thread::sleep_for(std::chrono::milliseconds(random.below(60)));
            child.kill(SIGKILL);
            child.wait();
        }
        TrainerChild again(folder.path());
        EXPECT_EQ(again.wait(), 0) << nothing(again);
        EXPECT_TRUE(weightsOf(folder.path()) == undisturbed().first) << "kill " << kill;
        EXPECT_EQ(loggedMetrics(folder.path()), undisturbed().second) << "no step is logged twice or lost";
    }
}

TEST(TrainerProgram, leavesWithACheckpointWhenItsParentGoes)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path(), longRun(1000));
    TrainerChild child(folder.path());
    child.read([](const auto& m) { return isStep(m, 3); });
    child.closeInput();
    EXPECT_EQ(child.wait(), 0);
    ASSERT_EQ(child.finished().size(), 1u);
    EXPECT_EQ(child.finished()[0].status, "stopped");
    EXPECT_FALSE(std::filesystem::exists(folder / "model"));
}

TEST(TrainerProgram, aDamagedCheckpointIsPutAsideAndTheOneBeforeTaken)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path());
    {
        TrainerChild child(folder.path());
        child.read([](const auto& m) { return isStep(m, 3); });
        child.closeInput();
        child.wait();
    }
    const auto damaged = damageNewest(folder.path());
    TrainerChild child(folder.path());
    EXPECT_EQ(child.wait(), 0);
    const bool told = std::any_of(child.messages().begin(), child.messages().end(), [](const auto& message) {
        const auto* warning = std::get_if<protocol::WarningMessage>(&message);
        return warning && warning->field == "checkpoints" && warning->message.ends_with("An older one is used instead.");
    });
    EXPECT_TRUE(told);
    EXPECT_TRUE(std::filesystem::exists(damaged.string() + ".damaged"));
    EXPECT_EQ(weightsOf(folder.path()), undisturbed().first) << nothing(child);
}

TEST(TrainerProgram, stopsPausesAndCheckpointsWhenAsked)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path(), longRun(1000));
    TrainerChild child(folder.path());
    child.read([](const auto& m) { return isStep(m, 3); });
    child.send(protocol::TrainerCommand::Pause);
    int beats = 0;
    std::int64_t last = -1;
    child.read([&](const auto& m) { // a paused trainer still beats, without moving
        const auto* progress = std::get_if<protocol::ProgressMessage>(&m);
        if (progress)
            beats = progress->step == last ? beats + 1 : 0, last = progress->step;
        return beats >= 4;
    });
    child.send(protocol::TrainerCommand::Resume);
    child.send(protocol::TrainerCommand::Checkpoint);
    child.read([&](const auto& m) { return isStep(m, last + 5); });
    const auto count = std::distance(std::filesystem::directory_iterator(folder / "checkpoints"), {});
    EXPECT_GE(count, 2); // that of the start and the one asked for
    child.send(protocol::TrainerCommand::Stop);
    EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(child.finished()[0].status, "stopped");
    EXPECT_TRUE(std::filesystem::exists(folder / "model/model.onnx")) << "stopping keeps what was learnt";
}

TEST(TrainerProgram, stoppedBeforeTheFirstStepItKeepsNoModelAndCanGoOn)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path(), longRun(1000));
    {
        TrainerChild child(folder.path());
        child.send(protocol::TrainerCommand::Stop); // long before it has read its pictures
        EXPECT_EQ(child.wait(), 0);
        ASSERT_EQ(child.finished().size(), 1u);
        EXPECT_EQ(child.finished()[0].status, "stopped");
        EXPECT_FALSE(std::filesystem::exists(folder / "model/model.onnx")) << nothing(child);
    }
    TrainerChild child(folder.path());
    child.read([](const auto& m) { return isStep(m, 1); });
    child.send(protocol::TrainerCommand::Stop);
    EXPECT_EQ(child.wait(), 0);
    EXPECT_TRUE(std::filesystem::exists(folder / "model/model.onnx")) << nothing(child);
}

TEST(TrainerProgram, namesABrokenPictureAndGoesOn)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path());
    ASSERT_TRUE(base::atomicWrite(folder / "pictures/picture-2.png", std::string_view("no picture")).hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "pictures/picture-9.png", std::string_view("")).hasValue());
    TrainerChild child(folder.path());
    EXPECT_EQ(child.wait(), 0);
    std::set<std::string> named;
    for (const auto& message : child.messages())
        if (const auto* warning = std::get_if<protocol::WarningMessage>(&message))
            named.insert(std::filesystem::path(warning->field).filename().string());
    EXPECT_EQ(named, (std::set<std::string> { "picture-2.png", "picture-9.png" }));
    EXPECT_EQ(child.finished()[0].status, "ok");
}

TEST(TrainerProgram, refusesWhatItCannotTrain)
{
    test::TemporaryFolder folder;
    TrainerChild child(folder.path());
    EXPECT_EQ(child.wait(), static_cast<int>(TrainerExit::BadConfig));
    ASSERT_EQ(child.finished().size(), 1u);
    EXPECT_EQ(child.finished()[0].status, "failed");

    test::TrainingRunOptions options;
    options.weights = "/nowhere/x.safetensors";
    test::makeTrainingRun(folder.path(), options);
    TrainerChild second(folder.path());
    EXPECT_EQ(second.wait(), static_cast<int>(TrainerExit::Failed));
    EXPECT_NE(second.finished()[0].message.find("x.safetensors"), std::string::npos) << second.finished()[0].message;
}

TEST(TrainerProgram, keepsATimeLimit)
{
    test::TemporaryFolder folder;
    test::TrainingRunOptions options;
    options.timeLimitMinutes = 0.25;
    test::makeTrainingRun(folder.path(), options);
    const double before = base::monotonicSeconds();
    TrainerChild child(folder.path());
    EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(child.finished()[0].status, "ok");
    EXPECT_LT(base::monotonicSeconds() - before, 40); // 15, and room for a machine that others load
    const auto config = nlohmann::json::parse(base::readTextFile(folder / "config.json").value());
    EXPECT_GE(config["plan"]["stages"].size(), 1u);
}

}
}
