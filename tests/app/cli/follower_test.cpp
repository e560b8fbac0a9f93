// startDetached() on a stand-in for the trainer that does not answer.
#include "app/cli/training_follower.h"
#include "core/base/time.h"
#include "core/runs/run_status.h"
#include "tests/core/runs/fake_programs.h"

#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace percept::cli {
namespace {

using runs::testing_support::FakePrograms;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::string statusOf(const FakePrograms& programs) { return runs::readStatus(programs.run()).valueOr({}).status; }

TEST(StartDetached, returnsWithTheTrainersHello)
{
    FakePrograms programs("--trainer --hang");
    Terminal terminal;
    Context context { terminal, {} };
    const auto started = startDetached(context, programs.run());
    EXPECT_TRUE(started.hasValue()) << started.error().message;
    const auto status = runs::readStatus(programs.run());
    ASSERT_TRUE(status.hasValue());
    EXPECT_EQ(::kill(static_cast<pid_t>(status->process.pid), SIGKILL), 0) << "it goes on";
}

TEST(StartDetached, endsATrainerThatDoesNotAnswer)
{
    FakePrograms programs("--hang");
    Terminal terminal;
    Context context { terminal, {} };
    const auto started = startDetached(context, programs.run(), 300ms);
    ASSERT_TRUE(started.hasError());
    EXPECT_THAT(started.error().message, HasSubstr("has not answered"));
    EXPECT_THAT(started.error().message, HasSubstr("log.txt"));
    EXPECT_EQ(statusOf(programs), "crashed") << "it can be resumed";
}

TEST(StartDetached, isBrokenOffByCtrlC)
{
    FakePrograms programs("--hang");
    Terminal terminal;
    Context context { terminal, {} };
    std::thread person([&] {
        std::this_thread::sleep_for(200ms);
        context.cancel.cancel();
    });
    const double begun = base::monotonicSeconds();
    const auto started = startDetached(context, programs.run());
    person.join();
    ASSERT_TRUE(started.hasError());
    EXPECT_EQ(started.error().code, base::ErrorCode::Cancelled);
    EXPECT_LT(base::monotonicSeconds() - begun, 10);
    EXPECT_EQ(statusOf(programs), "crashed");
}

}
}
