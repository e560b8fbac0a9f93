#include "core/training/reporter.h"

#include "core/base/files.h"
#include "core/training/run_folder.h"
#include "tests/core/training/training_run.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <gtest/gtest.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace percept::training {
namespace {

TEST(Reporter, beatsAfterHelloAndNotBefore)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    {
        Reporter reporter(ends[1], 0.01);
        std::this_thread::sleep_for(std::chrono::milliseconds(100)); // a large snapshot is read
        pollfd entry { ends[0], POLLIN, 0 };
        EXPECT_EQ(::poll(&entry, 1, 0), 0) << "nothing is said before hello";
        reporter.send(protocol::HelloMessage { "1.0", "cpu", 2 });
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ::close(ends[1]);
    std::string all;
    char bytes[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], bytes, sizeof(bytes))) > 0;)
        all.append(bytes, static_cast<std::size_t>(n));
    ::close(ends[0]);
    const auto end = all.find('\n');
    ASSERT_NE(end, std::string::npos);
    EXPECT_TRUE(std::holds_alternative<protocol::HelloMessage>(protocol::decodeTrainerMessage(all.substr(0, end)).value()));
    EXPECT_NE(all.find("progress", end), std::string::npos) << "the heartbeat goes on by itself";
}

TEST(TrainerTuning, isReadWithoutTheSnapshot)
{
    test::TemporaryFolder folder;
    test::makeTrainingRun(folder.path());
    std::filesystem::remove_all(folder / "snapshot");
    EXPECT_EQ(readTrainerTuning(folder.path()).heartbeatSeconds, 0.2);
    ASSERT_TRUE(base::atomicWrite(folder / "config.json", "[]").hasValue());
    EXPECT_EQ(readTrainerTuning(folder.path()).heartbeatSeconds, 2);
    EXPECT_EQ(readTrainerTuning(folder / "none").heartbeatSeconds, 2);
}

}
}
