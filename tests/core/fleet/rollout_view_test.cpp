// What a roll-out looks like to those who decide on it.
#include "core/fleet/rollout_view.h"

#include <gtest/gtest.h>

namespace percept::fleet {
namespace {

constexpr std::int64_t kNow = 1'000'000'000;
const std::string kNew(64, 'b'), kOld(64, 'a');

DeviceState device(const std::string& name, const std::string& ring, const std::string& runs, const std::string& wanted)
{
    DeviceState state;
    state.name = name;
    state.ring = ring;
    state.online = true;
    state.seenMs = kNow;
    if (!runs.empty())
        state.running = NamedModel { "parts", runs == kNew ? "1.1" : "1.0", runs };
    if (!wanted.empty())
        state.wanted = NamedModel { "parts", wanted == kNew ? "1.1" : "1.0", wanted };
    return state;
}

Rollout rollout(const std::string& ring, const std::string& state, std::int64_t minutes)
{
    Rollout r;
    r.id = 2;
    r.package = { kNew, 5'000'000, "parts", "1.1", 2, {} };
    r.previous = kOld;
    r.ring = ring;
    r.state = state;
    r.startedMs = r.changedMs = kNow - minutes * 60'000;
    return r;
}

Rollout before()
{
    Rollout r;
    r.id = 1;
    r.package = { kOld, 5'000'000, "parts", "1.0", 1, {} };
    r.ring = "all";
    r.state = "done";
    return r;
}

FleetState fleetOf(std::vector<DeviceState> devices, std::vector<Rollout> rollouts)
{
    FleetState fleet;
    fleet.devices = std::move(devices);
    fleet.rollouts = std::move(rollouts);
    return fleet;
}

RolloutView view(const FleetState& fleet) { return viewRollout(fleet, {}, kNow); }

}

TEST(RolloutView, promotionIsSuggestedOnceEveryConditionIsMet)
{
    const FleetState fleet = fleetOf({ device("a", "test", kNew, kNew), device("b", "part", kOld, kOld) }, { rollout("test", "running", 11), before() });
    const RolloutView seen = view(fleet);
    EXPECT_TRUE(seen.isSuggested) << seen.whyNotYet;
    EXPECT_EQ(seen.nextRing, "part");
    EXPECT_EQ(seen.nextDevices, 1u);
    EXPECT_EQ(seen.rings[0].state, RingView::State::Watching);
    EXPECT_EQ(seen.rings[1].state, RingView::State::Waiting);
    EXPECT_EQ(seen.back, "1.0");
    EXPECT_EQ(seen.backDevices, 1u) << "those that it has not reached have nothing to take back";
}

TEST(RolloutView, itIsNotSuggestedTooEarlyNorWhileADeviceIsBehindNorForNobody)
{
    const auto soon = view(fleetOf({ device("a", "test", kNew, kNew) }, { rollout("test", "running", 9) }));
    EXPECT_FALSE(soon.isSuggested);
    EXPECT_EQ(soon.whyNotYet, "1 condition is open");
    EXPECT_EQ(soon.rings[0].conditions[2].text, "Watched");
    EXPECT_EQ(soon.rings[0].conditions[2].value, "9 min of 10 min");
    const auto behind = view(fleetOf({ device("a", "test", kNew, kNew), device("b", "test", kOld, kNew) }, { rollout("test", "running", 11) }));
    EXPECT_FALSE(behind.isSuggested);
    EXPECT_EQ(behind.rings[0].stands[1], DeviceStand::Waiting);
    const auto nobody = view(fleetOf({}, { rollout("test", "running", 11) }));
    EXPECT_FALSE(nobody.isSuggested);
    EXPECT_EQ(nobody.nextRing, "part") << "whoever wants to may promote";
}

TEST(RolloutView, aDeviceThatIsAwayHoldsNobodyUpUnlessAllAre)
{
    DeviceState away = device("b", "test", kOld, kNew);
    away.online = false;
    const auto seen = view(fleetOf({ device("a", "test", kNew, kNew), away }, { rollout("test", "running", 11) }));
    EXPECT_TRUE(seen.isSuggested) << seen.whyNotYet;
    EXPECT_EQ(seen.rings[0].offline, 1u);
    EXPECT_FALSE(view(fleetOf({ away }, { rollout("test", "running", 11) })).isSuggested);
}

TEST(RolloutView, aRefusalOfThisPackageIsABrokenConditionOneOfAnotherIsNot)
{
    DeviceState refuses = device("a", "test", kOld, kNew);
    refuses.refused = DeviceState::Refused { kNew, "golden", "The golden outputs differ." };
    const auto seen = view(fleetOf({ refuses }, { rollout("test", "running", 11) }));
    EXPECT_FALSE(seen.isSuggested);
    EXPECT_EQ(seen.rings[0].refused, 1u);
    EXPECT_EQ(seen.rings[0].conditions[1].state, RingCondition::State::Broken);
    EXPECT_EQ(describeState(refuses, kNow), "Refused 1.1: The golden outputs differ.");
    refuses.refused->sha256 = kOld;
    EXPECT_EQ(view(fleetOf({ refuses }, { rollout("test", "running", 11) })).rings[0].refused, 0u);
}

TEST(RolloutView, whatADeviceCannotGetItHasNotRefused)
{
    DeviceState waits = device("a", "test", kOld, kNew);
    waits.refused = DeviceState::Refused { kNew, "fetch", "The connection ended." };
    const auto fleet = fleetOf({ waits }, { rollout("test", "running", 11) });
    EXPECT_FALSE(view(fleet).isSuggested) << "it does not run it";
    EXPECT_EQ(view(fleet).rings[0].refused, 0u);
    EXPECT_EQ(view(fleet).rings[0].stands[0], DeviceStand::Waiting);
    EXPECT_EQ(describeState(waits, kNow), "Waits for 1.1: The connection ended.");
    EXPECT_TRUE(refusedVersions(fleet, isCalled("parts")).empty());
}

TEST(RolloutView, whatIsDoneOrStoppedOrTakenBack)
{
    const auto done = view(fleetOf({ device("a", "all", kNew, kNew) }, { rollout("all", "done", 60), before() }));
    EXPECT_EQ(done.rings[2].state, RingView::State::Passed);
    EXPECT_TRUE(done.nextRing.empty());
    EXPECT_FALSE(done.isSuggested);
    EXPECT_EQ(done.back, "1.0");
    EXPECT_TRUE(done.rings[2].conditions.empty()) << "it is not watched any more";
    const auto stopped = view(fleetOf({ device("a", "test", kNew, kNew) }, { rollout("test", "stopped", 60), before() }));
    EXPECT_EQ(stopped.rings[0].state, RingView::State::Stopped);
    EXPECT_TRUE(stopped.nextRing.empty());
    const auto back = view(fleetOf({ device("a", "test", kOld, kOld) }, { rollout("test", "rolled-back", 60), before() }));
    EXPECT_EQ(back.rollout->package.version, "1.0") << "what was taken back is not what stands";
    EXPECT_FALSE(view(fleetOf({}, {})).rollout);
}

TEST(RolloutView, statesInWords)
{
    DeviceState d = device("a", "test", kNew, kNew);
    EXPECT_EQ(describeState(d, kNow), "Runs 1.1");
    d = device("a", "test", kOld, kNew);
    EXPECT_EQ(describeState(d, kNow), "Waits for 1.1");
    d.activity = "fetching";
    EXPECT_EQ(describeState(d, kNow), "Fetching 1.1");
    d.online = false;
    EXPECT_EQ(describeState(d, kNow + 38 * 60'000), "Offline for 38 min");
    d.seenMs = 0;
    EXPECT_EQ(describeState(d, kNow), "Not heard of yet");
    EXPECT_EQ(describeState(device("a", "test", "", ""), kNow), "Runs no model yet");
}

TEST(RolloutView, whatGoesOnByItselfSaysWhen)
{
    auto fleet = fleetOf({ device("a", "test", kNew, kNew), device("b", "part", kOld, kOld) }, { rollout("test", "running", 11), before() });
    EXPECT_EQ(view(fleet).promotesMs, 0) << "people promote it";
    fleet.promoteAfterMinutes = 60;
    EXPECT_EQ(view(fleet).promotesMs, kNow + 49 * 60'000);
    fleet.rollouts[0].state = "stopped";
    EXPECT_EQ(view(fleet).promotesMs, 0);
}

TEST(RolloutView, whatDevicesReallyRunAndWhatTheyRefused)
{
    auto fleet = fleetOf({ device("a", "test", kOld, kNew), device("b", "test", kOld, kOld), device("c", "all", kNew, kNew) }, { rollout("test", "stopped", 11), before() });
    EXPECT_EQ(versionsInRing(fleet, "test"), std::vector<std::string> { "1.0" });
    EXPECT_TRUE(refusedVersions(fleet, isCalled("parts")).empty());
    fleet.devices[0].refused = DeviceState::Refused { kNew, "slow", "It takes 90 ms for a picture." };
    EXPECT_EQ(refusedVersions(fleet, isCalled("parts")), (std::map<std::string, std::string> { { "1.1", "refused by 1 device: too slow" } }));
    EXPECT_TRUE(refusedVersions(fleet, isCalled("cells")).empty());
    fleet.devices[0].refused.reset(); // it runs another one by now
    fleet.rollouts[0].note = "1 of 1 devices refused it. a: It takes 90 ms for a picture.";
    EXPECT_EQ(refusedVersions(fleet, isCalled("parts"))["1.1"], fleet.rollouts[0].note);
}

TEST(RolloutView, whatRunsIsWhatMostDevicesRun)
{
    auto fleet = fleetOf({ device("a", "test", kNew, kNew), device("b", "all", kOld, kOld), device("c", "all", kOld, kOld) }, { rollout("test", "stopped", 11), before() });
    EXPECT_EQ(runningModel(fleet, isCalled("parts"))->version, "1.0");
    fleet.devices.pop_back();
    EXPECT_EQ(runningModel(fleet, isCalled("parts"))->version, "1.1") << "as many: what came last";
    EXPECT_FALSE(runningModel(fleet, isCalled("cells")).has_value());
    EXPECT_EQ(runningModel(fleetOf({}, { rollout("test", "rolled-back", 11), before() }), isCalled("parts"))->version, "1.0") << "nobody says so yet";
}

}
