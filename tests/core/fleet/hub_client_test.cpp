// What studio and command line are told by a hub with its real broker, and what they tell it.
#include "core/fleet/hub_client.h"

#include "core/fleet/hub.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"
#include "tests/support/test_package.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace percept::fleet {
namespace {

using test::eventually;
using test::TestDevice;

class HubClientTest : public ::testing::Test {
protected:
    HubClientTest() { ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1); }

    void serve()
    {
        HubOptions options;
        options.folder = folder / "fleet";
        auto started = Hub::start(options);
        ASSERT_TRUE(started.hasValue()) << started.error().message;
        hub = std::move(started).value();
        ASSERT_TRUE(eventually([&] { return hub->isConnected(); }));
    }
    HubClient client() { return HubClient::find(folder / "fleet").value(); }
    std::unique_ptr<TestDevice> join(const std::string& name, const std::string& ring)
    {
        const auto grant = client().enroll(name, ring, 1).value();
        auto device = std::make_unique<TestDevice>(TestDevice::optionsFor(TestDevice::enrol(grant.hub, grant.token, name).value()));
        EXPECT_TRUE(eventually([&] { return device->desired().has_value(); }));
        return device;
    }
    std::filesystem::path package(std::int64_t counter)
    {
        const auto file = folder / ("p" + std::to_string(counter) + ".ppkg");
        auto manifest = test::testManifest(test::testSpec(), "1." + std::to_string(counter));
        manifest.releaseCounter = counter;
        EXPECT_TRUE(packaging::writePackage(file, manifest, test::testPackageFiles(test::testSpec()), packaging::loadOrMakeUserKey().value()).hasValue());
        return file;
    }
    DeviceState device(const std::string& name)
    {
        const auto state = client().readState().value();
        for (const auto& device : state.devices)
            if (device.name == name)
                return device;
        return {};
    }

    test::TemporaryFolder folder;
    std::unique_ptr<Hub> hub;
};

TEST_F(HubClientTest, withoutAHubItSaysSoAndWhatToDo)
{
    const auto none = HubClient::find(folder / "fleet");
    ASSERT_TRUE(none.hasError());
    EXPECT_EQ(none.error().code, base::ErrorCode::NotFound);
    EXPECT_NE(none.error().message.find("percept fleet serve"), std::string::npos);
    // An address that was left behind.
    std::filesystem::create_directories(folder / "fleet");
    ASSERT_TRUE(writeHubAddress(folder / "fleet", { "http://127.0.0.1:1", "token", 1 }).hasValue());
    const auto silent = client().readState();
    ASSERT_TRUE(silent.hasError());
    EXPECT_EQ(silent.error().code, base::ErrorCode::Failed);
    EXPECT_NE(silent.error().message.find("does not answer"), std::string::npos);
}

TEST_F(HubClientTest, aDeviceIsSeenWithWhatItSaysOfItself)
{
    ASSERT_NO_FATAL_FAILURE(serve());
    EXPECT_TRUE(client().readState().value().devices.empty());
    const auto dock = join("dock-1", "test");
    const auto told = client().deploy(package(1));
    ASSERT_TRUE(told.hasValue()) << told.error().message;
    EXPECT_EQ(told->devices, 1u);
    EXPECT_EQ(told->rollout.package.version, "1.1");
    EXPECT_EQ(told->rollout.ring, "test");
    protocol::ReportedState reported;
    reported.program = "0.1.0";
    reported.running = protocol::RunningModel { told->rollout.package.sha256, "parts", "1.1", "a", 1 };
    reported.framesPerSecond = 12.5;
    reported.latencyMs = 41;
    reported.outboxEntries = 7;
    dock->report(reported);
    ASSERT_TRUE(eventually([&] { return device("dock-1").running.has_value(); }));
    const DeviceState seen = device("dock-1");
    EXPECT_TRUE(seen.online);
    EXPECT_EQ(seen.running->sha256, told->rollout.package.sha256);
    EXPECT_EQ(seen.wanted->version, "1.1");
    EXPECT_EQ(seen.framesPerSecond, 12.5);
    EXPECT_EQ(seen.latencyMs, 41);
    EXPECT_EQ(seen.outbox, 7);
    EXPECT_FALSE(seen.refused);
    EXPECT_GT(seen.seenMs, 0);
}

TEST_F(HubClientTest, aRollOutGoesFromRingToRingAndBack)
{
    ASSERT_NO_FATAL_FAILURE(serve());
    const auto a = join("a", "test"), b = join("b", "all");
    EXPECT_EQ(client().promote().error().code, base::ErrorCode::NotFound);
    ASSERT_TRUE(client().deploy(package(1)).hasValue());
    const auto second = client().deploy(package(2));
    ASSERT_TRUE(second.hasError());
    EXPECT_EQ(second.error().code, base::ErrorCode::Refused);
    EXPECT_EQ(client().promote().value().devices, 0u); // ring part is empty
    EXPECT_EQ(client().promote().value().devices, 1u);
    EXPECT_EQ(client().rollBack("").error().code, base::ErrorCode::Refused); // nothing before it
    ASSERT_TRUE(client().deploy(package(2)).hasValue());
    const auto back = client().rollBack("It misses cells.");
    ASSERT_TRUE(back.hasValue()) << back.error().message;
    EXPECT_EQ(back->rollout.note, "It misses cells.");
    ASSERT_TRUE(eventually([&] { return a->desired()->package->version == "1.1"; }));
    const auto state = client().readState().value();
    EXPECT_EQ(state.rollouts.front().state, "done");
    EXPECT_EQ(state.rollouts.front().previous, "") << "what a roll-back brought is not taken back in its turn";
    EXPECT_EQ(client().rollBack("").error().code, base::ErrorCode::Refused);
}

TEST_F(HubClientTest, aRollOutThatIsStoppedMakesRoomForTheNext)
{
    ASSERT_NO_FATAL_FAILURE(serve());
    ASSERT_TRUE(client().deploy(package(1)).hasValue());
    const auto stopped = client().stop("Too slow.");
    ASSERT_TRUE(stopped.hasValue()) << stopped.error().message;
    EXPECT_EQ(stopped->rollout.state, "stopped");
    EXPECT_EQ(stopped->rollout.note, "Too slow.");
    EXPECT_EQ(client().stop("").error().code, base::ErrorCode::NotFound);
    EXPECT_TRUE(client().deploy(package(2)).hasValue());
}

// A package that cannot be taken leaves what runs as it is; one that can takes its place in one step.
TEST_F(HubClientTest, anotherPackageTakesThePlaceOfWhatIsRolledOutOrNothingHappens)
{
    ASSERT_NO_FATAL_FAILURE(serve());
    const auto dock = join("dock-1", "test");
    const auto first = client().deploy(package(1), 60)->rollout;
    std::ofstream(folder / "broken.ppkg") << "no package";
    EXPECT_EQ(client().deploy(folder / "broken.ppkg", 0, first.id).error().code, base::ErrorCode::Refused);
    EXPECT_EQ(client().deploy(package(2), 0, first.id + 7).error().code, base::ErrorCode::Conflict);
    EXPECT_EQ(client().deploy(package(2)).error().code, base::ErrorCode::Refused);
    auto state = client().readState().value();
    ASSERT_EQ(state.rollouts.size(), 1u);
    EXPECT_EQ(state.rollouts.front().state, "running");
    EXPECT_EQ(state.promoteAfterMinutes, 60);
    const auto second = client().deploy(package(2), 30, first.id);
    ASSERT_TRUE(second.hasValue()) << second.error().message;
    state = client().readState().value();
    ASSERT_EQ(state.rollouts.size(), 2u);
    EXPECT_EQ(state.rollouts[0].state, "running");
    EXPECT_EQ(state.rollouts[1].state, "stopped");
    EXPECT_EQ(state.rollouts[1].note, "Version 1.2 takes its place.");
    EXPECT_EQ(state.promoteAfterMinutes, 30);
    ASSERT_TRUE(eventually([&] { return dock->desired()->package->version == "1.2"; }));
    // What has ended meanwhile is in nobody's way.
    ASSERT_TRUE(client().stop("by hand").hasValue());
    EXPECT_TRUE(client().deploy(package(3), 0, second->rollout.id).hasValue());
}

// The hub promoted it by itself while somebody read the question whether to.
TEST_F(HubClientTest, whatIsDecidedIsNotDoneToWhatHasGoneOnMeanwhile)
{
    ASSERT_NO_FATAL_FAILURE(serve());
    const auto first = client().deploy(package(1))->rollout;
    ASSERT_TRUE(client().promote({ first.id, "test" }).hasValue());
    const auto twice = client().promote({ first.id, "test" });
    ASSERT_TRUE(twice.hasError());
    EXPECT_EQ(twice.error().code, base::ErrorCode::Conflict);
    EXPECT_NE(twice.error().message.find("gone on from ring test to ring part"), std::string::npos) << twice.error().message;
    EXPECT_EQ(client().readState()->rollouts.front().ring, "part");
    ASSERT_TRUE(client().promoteAfter(90, { first.id, {} }).hasValue());
    ASSERT_TRUE(client().stop("in whichever ring", { first.id, {} }).hasValue());
    const auto second = client().deploy(package(2))->rollout;
    for (const auto& late : { client().promote({ first.id, "part" }), client().stop("late", { first.id, {} }), client().rollBack("late", { first.id, {} }), client().promoteAfter(5, { first.id, {} }) }) {
        ASSERT_TRUE(late.hasError());
        EXPECT_EQ(late.error().code, base::ErrorCode::Conflict);
        EXPECT_NE(late.error().message.find("version 1.2"), std::string::npos) << late.error().message;
    }
    const auto state = client().readState().value();
    EXPECT_EQ(state.rollouts.front().id, second.id);
    EXPECT_EQ(state.rollouts.front().state, "running");
    EXPECT_EQ(state.rollouts.front().ring, "test");
    EXPECT_EQ(state.promoteAfterMinutes, 0);
    EXPECT_EQ(client().promote()->rollout.ring, "part") << "who names none means whichever there is";
}

TEST_F(HubClientTest, devicesAreMovedAndRemoved)
{
    ASSERT_NO_FATAL_FAILURE(serve());
    const auto dock = join("dock-1", "all");
    EXPECT_EQ(client().enroll("dock-1", "test", 1).error().code, base::ErrorCode::Refused);
    EXPECT_EQ(client().moveToRing("dock-1", "moon").error().code, base::ErrorCode::Usage);
    ASSERT_TRUE(client().moveToRing("dock-1", "test").hasValue());
    EXPECT_EQ(device("dock-1").ring, "test");
    ASSERT_TRUE(client().remove("dock-1").hasValue());
    EXPECT_TRUE(client().readState().value().devices.empty());
    EXPECT_EQ(client().remove("dock-1").error().code, base::ErrorCode::NotFound);
}

}
}
