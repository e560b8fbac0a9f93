#include "core/runs/run_status.h"
#include "tests/core/runs/fake_programs.h"

#include "core/runs/process.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace percept::runs {
namespace {

using testing::HasSubstr;
using testing_support::FakePrograms;

RunStatus statusAfter(FakePrograms& fake, int* messages = nullptr)
{
    int count = 0;
    auto trainer = TrainerProcess::start(fake.run(), [&](const protocol::TrainerMessage&) { ++count; }, {});
    EXPECT_TRUE(trainer.hasValue());
    trainer.value()->wait();
    if (messages)
        *messages = count;
    const auto status = readStatus(fake.run());
    EXPECT_TRUE(status.hasValue());
    return status.valueOr({});
}

TEST(TrainerProcess, a_good_run_is_recorded)
{
    FakePrograms fake("--trainer");
    int messages = 0;
    const auto status = statusAfter(fake, &messages);
    EXPECT_EQ(messages, 3);
    EXPECT_EQ(status.status, "ok");
    EXPECT_EQ(status.message, "That was it.");
    EXPECT_EQ(status.threads, 2);
    ASSERT_TRUE(status.progress);
    EXPECT_EQ(status.progress->step, 3);
    EXPECT_GE(status.endedMs, status.startedMs);
}

TEST(TrainerProcess, garbage_between_messages_is_passed_over)
{
    FakePrograms fake("--garbage --trainer");
    int messages = 0;
    EXPECT_EQ(statusAfter(fake, &messages).status, "ok");
    EXPECT_EQ(messages, 3);
}

TEST(TrainerProcess, an_end_without_a_word_is_a_crash)
{
    for (const char* how : { "--trainer --no-finished", "--trainer --no-finished --crash", "--trainer --no-finished --exit 1" }) {
        FakePrograms fake(how);
        EXPECT_EQ(statusAfter(fake).status, "crashed") << how;
    }
}

TEST(TrainerProcess, a_bad_configuration_is_a_failure)
{
    FakePrograms fake("--errors no-such-field --exit 2");
    const auto status = statusAfter(fake);
    EXPECT_EQ(status.status, "failed");
    EXPECT_THAT(status.message, HasSubstr("no-such-field"));
}

TEST(TrainerProcess, stop_keeps_what_was_trained)
{
    FakePrograms fake("--trainer --wait-for-stop");
    std::filesystem::create_directories(fake.run() / "model");
    std::ofstream(fake.run() / "model" / "model.onnx") << "x";
    auto trainer = TrainerProcess::start(fake.run(), {}, {});
    trainer.value()->send(protocol::TrainerCommand::Pause);
    trainer.value()->send(protocol::TrainerCommand::Stop);
    trainer.value()->wait();
    EXPECT_EQ(readStatus(fake.run())->status, "stopped");
}

TEST(TrainerProcess, a_run_whose_owner_goes_can_be_continued)
{
    FakePrograms fake("--trainer --wait-for-stop"); // ends with its stdin, as the real one does
    int late = 0;
    bool gone = false;
    {
        auto trainer = TrainerProcess::start(fake.run(), {}, [&](const Ending&) { late += gone; });
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        gone = true;
    }
    EXPECT_EQ(late, 0);
    EXPECT_EQ(readStatus(fake.run())->status, "crashed");
    EXPECT_NE(readStatus(fake.run())->message.find("can be continued from step 3 of 6"), std::string::npos) << readStatus(fake.run())->message;
}

TEST(TrainerProcess, one_run_is_trained_by_one_process)
{
    FakePrograms fake("--trainer --wait-for-stop");
    auto first = TrainerProcess::start(fake.run(), {}, {});
    ASSERT_TRUE(first.hasValue());
    const auto second = TrainerProcess::start(fake.run(), {}, {});
    ASSERT_TRUE(second.hasError());
    EXPECT_EQ(second.error().code, base::ErrorCode::Conflict);
}

TEST(TrainerProcess, a_detached_run_goes_on)
{
    FakePrograms fake("--hang");
    int pid = 0;
    {
        auto trainer = TrainerProcess::start(fake.run(), {}, {}, /*detach=*/true);
        ASSERT_TRUE(trainer.hasValue());
        pid = readStatus(fake.run())->process.pid;
    }
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(isAlive(identityOf(pid)));
    EXPECT_EQ(readStatus(fake.run())->status, "running") << "its follower has gone, not the training";
    ::kill(pid, SIGKILL);
}

// A stop that nobody took, and how the sitting before ended.
TEST(TrainerProcess, what_an_earlier_sitting_left_is_not_taken_for_this_ones)
{
    FakePrograms fake("--trainer");
    ASSERT_TRUE(askToStop(fake.run()).hasValue());
    ASSERT_TRUE(setHeld(fake.run(), true).hasValue());
    std::ofstream(fake.run() / "progress.json") << protocol::encode(protocol::ProgressMessage {}, 0);
    ASSERT_TRUE(readProgress(fake.run()).has_value());
    std::ofstream(fake.run() / "finished.json") << R"({"type":"finished","status":"failed","message":"Long ago.","time":1})";
    auto trainer = TrainerProcess::start(fake.run(), {}, {});
    ASSERT_TRUE(trainer.hasValue());
    EXPECT_FALSE(std::filesystem::exists(fake.run() / "stop"));
    EXPECT_FALSE(isHeld(fake.run()));
    EXPECT_FALSE(readProgress(fake.run()).has_value());
    EXPECT_FALSE(readTrainerEnd(fake.run()));
    trainer.value()->wait();
}

TEST(TrainerProcess, a_missing_program_is_said)
{
    FakePrograms fake("");
    std::filesystem::remove(fake.folder() / "percept-trainer");
    Ending ending;
    auto trainer = TrainerProcess::start(fake.run(), {}, [&](const Ending& e) { ending = e; });
    ASSERT_TRUE(trainer.hasValue());
    trainer.value()->wait();
    EXPECT_EQ(ending.kind, Ending::Kind::DidNotStart);
    EXPECT_EQ(readStatus(fake.run())->status, "failed");
}

}
}
