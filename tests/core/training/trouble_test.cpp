// The real program in trouble: numbers that are not finite, a full disk, nobody who follows it, another run to begin with.
#include "core/base/files.h"
#include "core/training/checkpoint_store.h"
#include "tests/core/training/trainer_child.h"
#include "tests/core/training/training_run.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <cmath>
#include <csignal>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/resource.h>
#include <thread>

namespace percept::training {
namespace {

namespace fs = std::filesystem;
using protocol::TrainerExit;
using test::TrainerChild;
using testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

CheckpointStore::Found newestOf(const fs::path& run)
{
    auto found = CheckpointStore(run / "checkpoints").newest([](const auto&, const std::string& sentence) { ADD_FAILURE() << sentence; });
    EXPECT_TRUE(found.has_value());
    return std::move(found).value();
}

using Tensors = std::map<std::string, std::vector<float>>;

Tensors floatsOf(const TensorFile& file)
{
    Tensors all;
    for (const auto& [name, view] : file.tensors())
        all[name] = file.floats(name, view.bytes.size() / sizeof(float)).value();
    return all;
}

// The newest checkpoint once more, sound but for what `poison` does to its numbers and `change` to what it says of itself.
void poisonCheckpoint(
    const fs::path& run, const std::function<void(Tensors&)>& poison, const std::function<void(nlohmann::json&)>& change = {})
{
    const auto found = newestOf(run);
    auto all = floatsOf(found.file);
    poison(all);
    std::vector<NamedFloats> named;
    for (const auto& [name, view] : found.file.tensors())
        named.push_back({ name, view.shape, all[name] });
    std::map<std::string, std::string> metadata(found.file.metadata().begin(), found.file.metadata().end());
    if (change) {
        auto state = nlohmann::json::parse(metadata.at("state"));
        change(state);
        metadata["state"] = state.dump();
    }
    ASSERT_TRUE(CheckpointStore(run / "checkpoints").write(found.step, encodeTensorFile(named, metadata)).hasValue());
}

std::int64_t stepOf(const protocol::TrainerMessage& message)
{
    const auto* metric = std::get_if<protocol::MetricMessage>(&message);
    return metric ? metric->step : -1;
}

bool isWarning(const protocol::TrainerMessage& message, const std::string& words)
{
    const auto* warning = std::get_if<protocol::WarningMessage>(&message);
    return warning && warning->message.find(words) != std::string::npos;
}

std::string statusOnDisk(const fs::path& run)
{
    const auto text = base::readTextFile(run / "finished.json");
    return text.hasValue() ? nlohmann::json::parse(*text).value("status", "") : "none";
}

test::TrainingRunOptions longRun()
{
    test::TrainingRunOptions options;
    options.epochs = 4000;
    return options;
}

// A run that was left after a few steps, and can be continued.
void makeLeftRun(const fs::path& folder)
{
    test::makeTrainingRun(folder, longRun());
    TrainerChild child(folder);
    child.read([](const auto& m) { return stepOf(m) >= 3; });
    child.closeInput();
    ASSERT_EQ(child.wait(), 0);
    ASSERT_EQ(statusOnDisk(folder), "none") << "it can be continued, so it is not finished";
}

struct Poison { const char* name; std::function<void(Tensors&)> poison; const char* sentence; };

class NotFinite : public testing::TestWithParam<Poison> {};

TEST_P(NotFinite, endsTheRunAndKeepsTheCheckpoint)
{
    test::TemporaryFolder folder;
    makeLeftRun(folder.path());
    poisonCheckpoint(folder.path(), GetParam().poison);
    const auto before = newestOf(folder.path());
    TrainerChild child(folder.path());
    EXPECT_EQ(child.wait(), static_cast<int>(TrainerExit::Failed));
    ASSERT_EQ(child.finished().size(), 1u);
    const auto finished = child.finished()[0];
    EXPECT_EQ(finished.status, "failed");
    EXPECT_THAT(finished.message, HasSubstr("Training broke down at step " + std::to_string(before.step + 1) + " of"));
    EXPECT_THAT(finished.message, HasSubstr(GetParam().sentence));
    EXPECT_THAT(finished.message, HasSubstr("picture-")) << "the pictures of the step are named";
    EXPECT_EQ(statusOnDisk(folder.path()), "failed");
    const auto after = newestOf(folder.path());
    EXPECT_EQ(after.step, before.step) << "nothing that is not finite came to the disk";
    EXPECT_EQ(floatsOf(after.file), floatsOf(before.file));
    EXPECT_FALSE(fs::exists(folder / "model")) << "and no model was made of it";
}

INSTANTIATE_TEST_SUITE_P(Trainer, NotFinite,
    testing::Values(
        Poison { "loss", [](Tensors& t) { t["value/head.class_out.bias"][0] = 3e38f; }, "the loss" },
        Poison { "gradient", [](Tensors& t) { t["value/head.class_out.weight"][0] = 1e33f; }, "the gradient" },
        Poison { "weight", [](Tensors& t) { t["first/head.class_out.bias"][0] = kInfinity; }, "the weight head.class_out.bias" }),
    [](const auto& info) { return std::string(info.param.name); });

// A run that was validated at its end and then broken off exports what it would have exported: of two averages that are as good
// as each other the last, and an earlier one that is better by more than a little.
TEST(Trainer, exportsAfterItsEndWhatItWouldHaveExported)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path());
    {
        TrainerChild child(folder.path());
        ASSERT_EQ(child.wait(), 0);
    }
    const auto model = folder / "model/model.onnx";
    const auto exportedWith = [&](const std::function<void(nlohmann::json&)>& change, float bestBias) {
        poisonCheckpoint(folder.path(), [&](Tensors& t) { t["best/head.class_out.bias"] = { bestBias, bestBias }; }, change);
        fs::remove(model);
        TrainerChild child(folder.path());
        EXPECT_EQ(child.wait(), 0);
        return base::readFile(model).value();
    };
    const auto scores = [](double best, double last) {
        return [=](nlohmann::json& state) {
            state["bestScore"] = best;
            state["lastScore"] = last;
        };
    };
    const auto last = exportedWith(scores(0.498, 0.498), 1);
    EXPECT_TRUE(exportedWith(scores(0.52, 0.498), 1) == last) << "the last average: on four pictures that much is luck";
    EXPECT_FALSE(exportedWith(scores(0.6, 0.498), 1) == last) << "the best average";
    // A checkpoint of before the last score was kept is still taken.
    EXPECT_FALSE(exportedWith([](nlohmann::json& state) { state["bestScore"] = 0.5; state.erase("lastScore"); }, 1) == last);
}

TEST(Trainer, refusesToBeginWithWhatIsNotFinite)
{
    test::TemporaryFolder folder;
    makeLeftRun(folder / "first");
    poisonCheckpoint(folder / "first", [](Tensors& t) { t["average/head.class_out.bias"][1] = NAN; });
    auto options = test::TrainingRunOptions {};
    options.startFrom = (folder / "first" / "checkpoints").string();
    test::makeTrainingRun(folder / "second", options);
    TrainerChild child(folder / "second");
    EXPECT_EQ(child.wait(), static_cast<int>(TrainerExit::Failed));
    EXPECT_THAT(child.finished()[0].message, HasSubstr("head.class_out.bias of what this run begins with is not a finite number"));
    EXPECT_FALSE(fs::exists(folder / "second" / "checkpoints"));
}

// Ways to take the room away from a program that runs, and to give it back.
struct FullDisk { std::function<void()> take, give; };

void trainThroughAFullDisk(const fs::path& run, const std::function<FullDisk(const TrainerChild&)>& makeFullDisk)
{
    test::TrainingRunOptions options;
    options.epochs = 60;
    test::TemporaryFolder undisturbed;
    test::makeTrainingRun(undisturbed.path(), options);
    {
        TrainerChild child(undisturbed.path());
        ASSERT_EQ(child.wait(), 0);
    }
    test::makeTrainingRun(run, options);
    TrainerChild child(run);
    const auto disk = makeFullDisk(child);
    child.read([](const auto& m) { return stepOf(m) >= 3; });
    disk.take();
    child.read([](const auto& m) { return isWarning(m, "must be free in"); });
    ASSERT_TRUE(isWarning(child.messages().back(), run.string())) << "it says where";
    int beats = 0;
    std::set<std::int64_t> steps;
    child.read([&](const auto& m) {
        if (const auto* progress = std::get_if<protocol::ProgressMessage>(&m); progress && progress->phase == "waiting for disk space") {
            steps.insert(progress->step);
            ++beats;
        }
        return beats >= 5;
    });
    EXPECT_EQ(steps.size(), 1u) << "it waits";
    newestOf(run);
    disk.give();
    child.read([](const auto& m) { return isWarning(m, "There is room on the disk again"); });
    EXPECT_EQ(child.wait(), 0);
    ASSERT_EQ(child.finished().size(), 1u);
    EXPECT_EQ(child.finished()[0].status, "ok") << child.finished()[0].message;
    EXPECT_EQ(floatsOf(newestOf(run).file), floatsOf(newestOf(undisturbed.path()).file)) << "waiting changes nothing";
    EXPECT_TRUE(fs::exists(run / "model/model.onnx"));
    const auto text = base::readTextFile(run / "metrics.jsonl").value();
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        EXPECT_FALSE(nlohmann::json::parse(text.substr(at, end - at), nullptr, false).is_discarded()) << "no torn line";
}

TEST(Trainer, waitsForRoomUnderALimit)
{
    test::TemporaryFolder folder;
    trainThroughAFullDisk(folder.path(), [](const TrainerChild& child) {
        const auto limit = [pid = child.pid()](rlim_t bytes) {
            const rlimit value { bytes, RLIM_INFINITY };
            ASSERT_EQ(::prlimit(pid, RLIMIT_FSIZE, &value, nullptr), 0);
        };
        return FullDisk { [limit] { limit(2048); }, [limit] { limit(RLIM_INFINITY); } };
    });
}

TEST(Trainer, waitsForRoomOnAFullDisk)
{
    constexpr int kKibibytes = 48 * 1024;
    test::TemporaryFolder folder;
    const test::SmallDisk disk(folder / "disk", kKibibytes);
    if (!disk.isMounted())
        GTEST_SKIP() << "only root can mount a small tmpfs; run the test as root";
    trainThroughAFullDisk(folder / "disk", [&](const TrainerChild&) {
        return FullDisk { [&] { disk.fill(); }, [&] { disk.makeRoom(); } };
    });
}

TEST(Trainer, saysAtOnceThatThereIsNoRoomToBegin)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path());
    rlimit before {};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small { 20'000, before.rlim_max };
    ::setrlimit(RLIMIT_FSIZE, &small);
    TrainerChild child(folder.path());
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(child.wait(), static_cast<int>(TrainerExit::Failed));
    EXPECT_THAT(child.finished()[0].message, HasSubstr(folder.path().string()));
    EXPECT_THAT(child.finished()[0].message, HasSubstr("ree some space"));
}

TEST(Trainer, aFileAsksADetachedRunToStop)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path(), longRun());
    TrainerChild child(folder.path(), { "--detach" });
    child.read([](const auto& m) { return stepOf(m) >= 3; });
    child.closeInput();
    std::int64_t last = 0;
    child.read([&](const auto& m) { return (last = std::max(last, stepOf(m))) >= 8; }); // its parent has gone, it goes on
    ASSERT_TRUE(base::atomicWrite(folder / "stop", std::string_view()).hasValue());
    EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(child.finished()[0].status, "stopped");
    EXPECT_EQ(statusOnDisk(folder.path()), "stopped");
    EXPECT_TRUE(fs::exists(folder / "model/model.onnx"));
    EXPECT_FALSE(fs::exists(folder / "stop")) << "or the next sitting would stop as well";
    EXPECT_TRUE(fs::exists(folder / "log.txt")) << "its log needs no reader";
}

TEST(Trainer, aFileHoldsADetachedRunWhichSaysHowFarItIs)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path(), longRun());
    TrainerChild child(folder.path(), { "--detach" });
    child.read([](const auto& m) { // until its pace is known
        const auto* progress = std::get_if<protocol::ProgressMessage>(&m);
        return progress && progress->step >= 3 && progress->secondsLeft >= 0;
    });
    ASSERT_TRUE(base::atomicWrite(folder / "pause", std::string_view()).hasValue());
    int beats = 0;
    std::int64_t last = -1;
    child.read([&](const auto& m) { // held it still beats, without moving
        const auto* progress = std::get_if<protocol::ProgressMessage>(&m);
        if (progress)
            beats = progress->step == last ? beats + 1 : 0, last = progress->step;
        return beats >= 4;
    });
    const auto message = protocol::decodeTrainerMessage(base::readTextFile(folder / "progress.json", 1 << 20).valueOr("{}"));
    ASSERT_TRUE(message.hasValue() && std::holds_alternative<protocol::ProgressMessage>(*message));
    EXPECT_EQ(std::get<protocol::ProgressMessage>(*message).step, last);
    EXPECT_GE(std::get<protocol::ProgressMessage>(*message).secondsLeft, 0);
    fs::remove(folder / "pause");
    child.read([&](const auto& m) { return stepOf(m) >= last + 3; });
    for (const char* file : { "pause", "stop" })
        ASSERT_TRUE(base::atomicWrite(folder / file, std::string_view()).hasValue());
    EXPECT_EQ(child.wait(), 0) << "a stop ends the wait as well";
    EXPECT_EQ(child.finished()[0].status, "stopped");
}

// Means of the first losses and of the first validation of a run.
struct Beginning { double loss = 0, validation = 0; };

Beginning beginningOf(const fs::path& run, const test::TrainingRunOptions& options)
{
    test::makeTrainingRun(run, options);
    TrainerChild child(run);
    EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(child.finished()[0].status, "ok") << child.finished()[0].message;
    Beginning beginning;
    for (const auto& message : child.messages()) {
        const auto* metric = std::get_if<protocol::MetricMessage>(&message);
        if (metric && metric->name == "train/loss" && metric->step == 1)
            beginning.loss = metric->value.value_or(NAN);
        if (metric && metric->name == "val/loss" && beginning.validation == 0)
            beginning.validation = metric->value.value_or(NAN);
    }
    return beginning;
}

TEST(Trainer, beginsWithWhatAnotherRunHasLearned)
{
    test::TemporaryFolder folder;
    test::TrainingRunOptions options;
    options.epochs = 40;
    beginningOf(folder / "first", options);
    options.epochs = 1;
    for (const auto& classes : std::vector<std::vector<int>> { { 1, 2 }, { 2, 1 }, { 3, 2, 1 } }) {
        options.classes = classes;
        options.startFrom.clear();
        const auto name = std::to_string(classes.front()) + std::to_string(classes.size());
        const auto scratch = beginningOf(folder / ("scratch" + name), options);
        options.startFrom = (folder / "first").string();
        const auto from = beginningOf(folder / ("from" + name), options);
        EXPECT_LT(from.loss, scratch.loss * 0.8) << name;
        EXPECT_LT(from.validation, scratch.validation * 0.8) << name;
    }
}

// Bit for bit what it would have been, also when what it began with is no more.
TEST(Trainer, goesOnWithoutWhatItBeganWith)
{
    test::TemporaryFolder folder;
    makeLeftRun(folder / "first");
    auto options = longRun();
    options.startFrom = (folder / "first").string();
    test::makeTrainingRun(folder / "second", options);
    {
        TrainerChild child(folder / "second");
        child.read([](const auto& m) { return stepOf(m) >= 3; });
        child.closeInput();
        ASSERT_EQ(child.wait(), 0);
    }
    fs::remove_all(folder / "first");
    TrainerChild child(folder / "second");
    child.read([](const auto& m) { return stepOf(m) >= 6; });
    child.send(protocol::TrainerCommand::Stop);
    EXPECT_EQ(child.wait(), 0) << (child.finished().empty() ? "" : child.finished()[0].message);
}

}
}
