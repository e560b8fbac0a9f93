// The hub as a process of its own: `percept fleet serve`, started by whoever needs it, and outliving it.
#include "core/services/local_fleet.h"

#include "core/base/files.h"
#include "core/fleet/hub.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <csignal>
#include <fstream>
#include <future>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::services {
namespace {

namespace fs = std::filesystem;
using test::eventually;

class LocalFleet : public ::testing::Test {
protected:
    LocalFleet()
    {
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
        ::setenv("PERCEPT_BIN_DIR", PERCEPT_BIN_DIR, 1);
    }
    ~LocalFleet() override { (void)stopHub(fleet()).hasValue(); }
    fs::path fleet() const { return folder / "fleet"; }
    int processId() const { return fleet::readHubAddress(fleet()).valueOr({}).processId; }

    test::TemporaryFolder folder;
};

bool isThere(int pid) { return pid > 0 && ::kill(pid, 0) == 0; }

}

TEST_F(LocalFleet, theFirstCallStartsAHubAndTheNextFindsIt)
{
    EXPECT_FALSE(knowsFleet(fleet()));
    const auto hub = ensureHub(fleet());
    ASSERT_TRUE(hub.hasValue()) << hub.error().message;
    EXPECT_TRUE(hub->readState().hasValue());
    EXPECT_TRUE(knowsFleet(fleet()));
    const int pid = processId();
    ASSERT_TRUE(ensureHub(fleet()).hasValue());
    EXPECT_EQ(processId(), pid);
    ASSERT_TRUE(stopHub(fleet()).hasValue());
    EXPECT_FALSE(isThere(pid)) << "ended, and nobody's zombie";
    EXPECT_TRUE(stopHub(fleet()).hasValue()) << "nothing to stop";
}

// A process that starts a hub and is killed: the hub goes on.
TEST_F(LocalFleet, theHubOutlivesWhoStartedIt)
{
    const pid_t starter = ::fork();
    ASSERT_GE(starter, 0);
    if (starter == 0) {
        ::setsid(); // with a process group of its own, which is killed as a whole
        (void)ensureHub(fleet()).hasValue();
        for (;;)
            ::pause();
    }
    ASSERT_TRUE(eventually([&] { return fleet::HubClient::find(fleet()).hasValue(); }, 20));
    ::kill(-starter, SIGKILL);
    ::waitpid(starter, nullptr, 0);
    ::usleep(300'000);
    const auto hub = fleet::HubClient::find(fleet());
    ASSERT_TRUE(hub.hasValue());
    EXPECT_TRUE(hub->readState().hasValue());
}

TEST_F(LocalFleet, aHubThatWasKilledIsStartedAnew)
{
    ASSERT_TRUE(ensureHub(fleet()).hasValue());
    const int pid = processId();
    ::kill(pid, SIGKILL);
    ASSERT_TRUE(eventually([&] { return !isThere(pid); }));
    ASSERT_TRUE(fleet::readHubAddress(fleet()).hasValue()) << "its address was left behind";
    const auto hub = ensureHub(fleet());
    ASSERT_TRUE(hub.hasValue()) << hub.error().message;
    EXPECT_NE(processId(), pid);
}

TEST_F(LocalFleet, aHubThatCannotStartSaysWhy)
{
    std::ofstream(folder / "fleet") << "in the way";
    const auto taken = ensureHub(fleet());
    ASSERT_TRUE(taken.hasError());
    EXPECT_NE(taken.error().message.find(fleet().string()), std::string::npos);
    fs::remove(folder / "fleet");
    fs::create_directories(fleet());
    std::ofstream(fleet() / "fleet.db") << "not a database, and certainly not one of a hub";
    const auto broken = ensureHub(fleet());
    ASSERT_TRUE(broken.hasError());
    EXPECT_NE(broken.error().message.find("has ended again"), std::string::npos) << broken.error().message;
    EXPECT_NE(broken.error().message.find("fleet.db"), std::string::npos) << "with the cause: " << broken.error().message;
    ::setenv("PERCEPT_BIN_DIR", (folder / "nothing").c_str(), 1);
    const auto missing = ensureHub(folder / "other");
    ASSERT_TRUE(missing.hasError());
    EXPECT_NE(missing.error().message.find((folder / "nothing" / "percept").string()), std::string::npos) << missing.error().message;
}

// Studio and command line at the same moment: one of the two hubs finds the folder taken and ends, and who started it gets the other.
TEST_F(LocalFleet, ofTwoWhoStartAHubAtOnceBothGetIt)
{
    auto lock = fleet::FleetStore::open(fleet(), "the other hub");
    ASSERT_TRUE(lock.hasValue());
    std::future<base::Result<fleet::HubClient>> second = std::async(std::launch::async, [&] { return ensureHub(fleet()); });
    const auto hasEnded = [&] { return base::readTextFile(fleet() / "hub.log").valueOr("").find("the other hub") != std::string::npos; };
    ASSERT_TRUE(eventually(hasEnded)) << "its own hub says who has the folder";
    ::usleep(2'500'000); // whoever started it has seen by now that it ended, and the other one does not answer yet
    lock->reset();
    fleet::HubOptions options;
    options.folder = fleet();
    const auto other = fleet::Hub::start(options);
    ASSERT_TRUE(other.hasValue()) << other.error().message;
    const auto found = second.get();
    ASSERT_TRUE(found.hasValue()) << found.error().message;
    EXPECT_TRUE(found->readState().hasValue());
}

TEST_F(LocalFleet, openedToOtherMachinesItStaysOpen)
{
    ASSERT_TRUE(ensureHub(fleet()).hasValue());
    EXPECT_FALSE(ensureHub(fleet())->readState()->servesOutside);
    const auto opened = openHub(fleet(), { "localhost" });
    ASSERT_TRUE(opened.hasValue()) << opened.error().message;
    EXPECT_TRUE(opened->readState()->servesOutside);
    EXPECT_FALSE(opened->enroll("dock-1", "test", 1)->outsideHub.empty());
    ASSERT_TRUE(stopHub(fleet()).hasValue());
    EXPECT_TRUE(ensureHub(fleet())->readState()->servesOutside);
}

}
