#include "core/base/files.h"
#include "core/runs/run_status.h"
#include "core/runs/run_store.h"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::runs {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct RunStore : testing::Test {
    RunStore() { fs::remove_all(project); }
    ~RunStore() override { fs::remove_all(project); }

    fs::path makeRun(const std::string& id)
    {
        const auto folder = runFolder(project, id);
        fs::create_directories(folder);
        protocol::RunConfig config;
        config.run = id;
        config.epochs = 3;
        std::ofstream(folder / "config.json") << protocol::toJson(config).dump();
        return folder;
    }

    fs::path project = fs::temp_directory_path() / ("percept-run-store-" + std::to_string(::getpid()));
};

TEST_F(RunStore, reads_a_prepared_run)
{
    const auto run = readRun(makeRun("r0001"));
    ASSERT_TRUE(run.hasValue());
    EXPECT_EQ(run->id, "r0001");
    EXPECT_EQ(run->status, "prepared");
    EXPECT_EQ(run->config.epochs, 3);
    EXPECT_FALSE(run->hasModel);
}

// Who opens a pipe waits until somebody writes into it.
TEST_F(RunStore, a_pipe_in_the_place_of_the_metrics_holds_nobody_up)
{
    const auto folder = makeRun("r0001");
    ASSERT_EQ(::mkfifo((folder / "metrics.jsonl").c_str(), 0600), 0);
    ::alarm(20); // it would wait for ever
    EXPECT_TRUE(readRun(folder).hasValue());
    std::uint64_t offset = 0;
    const auto metrics = readMetrics(folder, offset);
    ::alarm(0);
    ASSERT_TRUE(metrics.hasError());
    EXPECT_THAT(metrics.error().message, HasSubstr("not a regular file"));
}

TEST_F(RunStore, a_missing_run_is_not_found)
{
    const auto run = readRun(runFolder(project, "r0009"));
    ASSERT_TRUE(run.hasError());
    EXPECT_EQ(run.error().code, base::ErrorCode::NotFound);
}

TEST_F(RunStore, only_the_name_of_a_run_finds_one)
{
    const auto folder = makeRun("r0001");
    makeRun("notes");
    EXPECT_EQ(findRun(project, "r0001")->folder, folder);
    for (const std::string& name : { std::string(), std::string("r"), std::string("notes"), std::string("."), std::string("r0001/"),
             std::string("../runs/r0001"), folder.string(), std::string("r0002"), std::string("R0001"), std::string("r0001\n") }) {
        const auto run = findRun(project, name);
        ASSERT_TRUE(run.hasError()) << name;
        EXPECT_EQ(run.error().code, base::ErrorCode::NotFound) << name;
    }
}

TEST_F(RunStore, newest_first_and_damaged_ones_are_named)
{
    makeRun("r0001");
    makeRun("r0010");
    makeRun("r10000");
    std::ofstream(makeRun("r0002") / "config.json") << "{ broken";
    const auto runs = readAllRuns(project);
    ASSERT_EQ(runs.size(), 4u);
    EXPECT_EQ(runs[0].id, "r10000");
    EXPECT_EQ(runs[3].id, "r0001");
    EXPECT_EQ(runs[2].status, "failed");
    EXPECT_THAT(runs[2].message, HasSubstr("damaged"));
}

TEST_F(RunStore, running_means_that_its_process_lives)
{
    const auto folder = makeRun("r0001");
    RunStatus status;
    status.status = "running";
    status.process = identityOf(::getpid());
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_EQ(readRun(folder)->status, "running");

    status.process.startTicks += 1; // the pid was given to another process
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_EQ(readRun(folder)->status, "crashed");

    status.process = identityOf(::getpid());
    status.process.host = "another machine"; // of a shared disk
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_EQ(readRun(folder)->status, "crashed");

    status.process = identityOf(::getpid());
    status.process.boot = "another boot";
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_EQ(readRun(folder)->status, "crashed");
}

// Nobody was there to write status.json when it ended; the trainer itself has left word.
TEST_F(RunStore, a_run_that_ended_without_a_follower_is_as_it_ended)
{
    const auto folder = makeRun("r0001");
    RunStatus status;
    status.status = "running";
    status.detached = true;
    status.process = identityOf(::getpid());
    status.process.startTicks += 1; // gone
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_EQ(readRun(folder)->status, "crashed");
    for (const char* how : { "ok", "stopped", "failed" }) {
        std::ofstream(folder / "finished.json") << R"({"type":"finished","status":")" << how << R"(","message":"So it was.","time":1700000000000})";
        const auto run = readRun(folder);
        EXPECT_EQ(run->status, how);
        EXPECT_EQ(run->message, "So it was.");
        EXPECT_EQ(run->endedMs, 1700000000000);
    }
    std::ofstream(folder / "finished.json") << R"({"type":"fini)";
    EXPECT_EQ(readRun(folder)->status, "crashed") << "torn";
}

TEST_F(RunStore, how_far_a_run_is_that_nobody_follows)
{
    const auto folder = makeRun("r0001");
    RunStatus status;
    status.status = "running";
    status.detached = true;
    status.process = identityOf(::getpid()); // lives; there is no follower
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_FALSE(isOrphaned(folder)) << "it goes on by itself";
    EXPECT_FALSE(readRun(folder)->progress);
    std::ofstream(folder / "metrics.jsonl") << R"({"name":"train/loss","step":7,"epoch":1.75,"value":1})" << "\n"
                                            << R"({"name":"train/loss","step":8,"epoch":2,"value":1})" << "\n{\"torn";
    auto run = readRun(folder);
    ASSERT_TRUE(run->progress);
    EXPECT_EQ(run->progress->epoch, 2);
    EXPECT_EQ(run->progress->epochs, 3);
    auto config = protocol::toJson(run->config);
    config["plan"] = { { "stages", { { { "from", 0 }, { "steps", 400 } }, { { "from", 8 }, { "steps", 20 } } } }, { "stepsPerEpoch", 4 } };
    std::ofstream(folder / "config.json") << config.dump();
    run = readRun(folder);
    EXPECT_EQ(run->progress->steps, 20);
    EXPECT_EQ(run->progress->epochs, 5);
    EXPECT_LT(run->progress->secondsLeft, 0);
    protocol::ProgressMessage said;
    said.epoch = 3, said.epochs = 5, said.step = 9, said.steps = 20, said.secondsLeft = 77;
    std::ofstream(folder / "progress.json") << protocol::encode(said, 4) << "\n";
    run = readRun(folder);
    EXPECT_EQ(run->progress->step, 9);
    EXPECT_EQ(run->progress->secondsLeft, 77);
    status.detached = false;
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_TRUE(isOrphaned(folder));
}

TEST_F(RunStore, a_killed_process_is_a_crash_even_before_it_is_reaped)
{
    const auto folder = makeRun("r0001");
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    RunStatus status;
    status.status = "running";
    status.process = identityOf(child);
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    EXPECT_EQ(readRun(folder)->status, "running");
    ::kill(child, SIGKILL);
    siginfo_t info;
    ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    EXPECT_EQ(readRun(folder)->status, "crashed");
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(readRun(folder)->status, "crashed");
}

TEST_F(RunStore, status_comes_back_as_written)
{
    const auto folder = makeRun("r0001");
    RunStatus status;
    status.status = "stopped";
    status.message = "Enough.";
    status.createdMs = 1, status.startedMs = 2, status.endedMs = 3;
    status.device = "cpu", status.threads = 2;
    status.progress = protocol::ProgressMessage { 1, 3, 10, 30, 12.5, 60, 50, 70, "training" };
    status.finished = protocol::FinishedMessage { "stopped", "Enough." };
    ASSERT_TRUE(writeStatus(folder, status).hasValue());
    const auto back = readStatus(folder);
    ASSERT_TRUE(back.hasValue());
    EXPECT_EQ(back->status, "stopped");
    EXPECT_EQ(back->endedMs, 3);
    ASSERT_TRUE(back->progress);
    EXPECT_EQ(back->progress->secondsLeftHigh, 70);
    ASSERT_TRUE(back->finished);
    EXPECT_EQ(back->finished->message, "Enough.");
}

TEST_F(RunStore, a_torn_last_line_is_read_when_it_is_whole)
{
    const auto folder = makeRun("r0001");
    std::ofstream out(folder / "metrics.jsonl");
    out << R"({"name":"val/map50","step":5,"epoch":1,"value":0.25,"time":1})" << "\n" << R"({"name":"val/map50","st)" << std::flush;
    std::uint64_t offset = 0;
    auto metrics = readMetrics(folder, offset);
    ASSERT_TRUE(metrics.hasValue());
    ASSERT_EQ(metrics->size(), 1u);
    EXPECT_EQ(metrics->at(0).value, 0.25);
    out << R"(ep":9,"epoch":2,"value":null})" << "\n" << std::flush;
    metrics = readMetrics(folder, offset);
    ASSERT_EQ(metrics->size(), 1u);
    EXPECT_EQ(metrics->at(0).step, 9);
    EXPECT_FALSE(metrics->at(0).value);
    EXPECT_TRUE(readMetrics(folder, offset)->empty());
}

TEST_F(RunStore, best_and_last_score)
{
    const auto folder = makeRun("r0001");
    std::ofstream out(folder / "metrics.jsonl");
    for (const char* value : { "0.2", "0.6", "null", "0.5" })
        out << R"({"name":"val/map50","step":1,"epoch":1,"value":)" << value << "}\n" << R"({"name":"val/map","step":1,"epoch":1,"value":)" << value << "}\n";
    out << "garbage\n" << std::flush;
    const auto run = readRun(folder);
    EXPECT_EQ(run->bestMap50, 0.6);
    EXPECT_EQ(run->lastMap50, 0.5);
    EXPECT_EQ(run->bestMap, 0.6);
}

// What the finished model reaches is not what its best epoch did: the one is scored as it ships.
TEST_F(RunStore, score_of_the_model)
{
    const auto folder = makeRun("r0001");
    std::ofstream(folder / "metrics.jsonl") << R"({"name":"val/map50","step":1,"epoch":1,"value":0.6})" << "\n";
    const auto write = [&](const char* text) { std::ofstream(folder / "evaluation-validation.json") << text; };
    write(R"({"metrics":{"map50":{"value":0.55,"low":0.5,"high":0.6}}})");
    EXPECT_FALSE(readRun(folder)->scoredMap50) << "it has no model";
    fs::create_directories(folder / "model");
    std::ofstream(folder / "model" / "model.onnx") << "x";
    std::ofstream(folder / "model" / "spec.json") << "{}";
    EXPECT_EQ(readRun(folder)->scoredMap50, 0.55);
    EXPECT_EQ(readRun(folder)->bestMap50, 0.6);
    for (const char* text : { "", "[]", R"({"metrics":{"map50":{"value":null}}})", R"({"metrics":7})" }) {
        write(text);
        EXPECT_FALSE(readRun(folder)->scoredMap50) << text;
    }
}

TEST_F(RunStore, samples_by_epoch)
{
    const auto folder = makeRun("r0001");
    fs::create_directories(folder / "samples");
    for (const int epoch : { 10, 2 }) {
        protocol::SampleMessage sample { epoch, { { 7, "/a.jpg", { { 0, 0.5, { 1, 2, 3, 4 } } } } } };
        std::ofstream(folder / "samples" / (std::to_string(epoch) + ".json")) << protocol::encode(sample, 0);
    }
    std::ofstream(folder / "samples" / "11.json") << "{ torn";
    const auto samples = readSamples(folder);
    ASSERT_TRUE(samples.hasValue());
    ASSERT_EQ(samples->size(), 2u);
    EXPECT_EQ(samples->at(0).epoch, 2);
    EXPECT_EQ(samples->at(1).items.at(0).detections.at(0).box.w, 3);
}

}
}
