// Roll-outs in the store of a fleet: rings, what comes back, what a device gets when it moves.
#include "tests/core/fleet/fleet_store_fixture.h"

#include <algorithm>

namespace percept::fleet {
namespace {

using FleetRolloutsTest = FleetStoreTest;

TEST_F(FleetRolloutsTest, aRollOutGoesRingByRing)
{
    enrol("t1", "test");
    enrol("p1", "part");
    enrol("a1", "all");
    ASSERT_TRUE(store->writePackage(package('1', 1), 1).hasValue());
    EXPECT_EQ(store->beginRollout(std::string(64, '9'), 2).error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(store->promoteRollout(2).error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(store->beginRollout(package('1', 1).sha256, 2)->devices, std::vector<std::string> { "t1" });
    EXPECT_EQ(packageOf("t1"), "1.1");
    EXPECT_EQ(packageOf("p1"), "");
    EXPECT_EQ(store->beginRollout(package('1', 1).sha256, 3).error().code, base::ErrorCode::Refused); // one runs
    EXPECT_EQ(store->promoteRollout(4)->rollout.ring, "part");
    EXPECT_EQ(packageOf("p1"), "1.1");
    enrol("p2", "part");
    enrol("a2", "all");
    EXPECT_EQ(packageOf("p2"), "1.1"); // came after the promotion
    EXPECT_EQ(packageOf("a2"), "");
    const auto done = store->promoteRollout(5).value();
    EXPECT_EQ(done.rollout.state, "done");
    EXPECT_EQ(done.devices, (std::vector<std::string> { "a1", "a2" }));
    EXPECT_EQ(store->promoteRollout(6).error().code, base::ErrorCode::NotFound);
}

TEST_F(FleetRolloutsTest, aRollOutIsTakenBackWhereItWas)
{
    enrol("t1", "test");
    enrol("a1", "all");
    for (const auto& p : { package('1', 1), package('2', 2), package('3', 3) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    ASSERT_TRUE(store->beginRollout(package('1', 1).sha256, 2).hasValue());
    store->promoteRollout(3).value();
    store->promoteRollout(4).value();
    ASSERT_TRUE(store->beginRollout(package('2', 2).sha256, 5).hasValue());
    EXPECT_EQ(packageOf("t1"), "1.2");
    const auto back = store->rollBack(package('3', 3).sha256, "It misses cells.", 6).value();
    EXPECT_EQ(back.devices, std::vector<std::string> { "t1" });
    EXPECT_EQ(back.rollout.state, "rolled-back");
    EXPECT_EQ(packageOf("t1"), "1.3");
    EXPECT_EQ(packageOf("a1"), "1.1");
    enrol("t2", "test");
    enrol("a2", "all");
    EXPECT_EQ(packageOf("t2"), "1.3");
    EXPECT_EQ(packageOf("a2"), "1.1");
    EXPECT_EQ(store->beginRollout(package('2', 2).sha256, 7).error().code, base::ErrorCode::Refused); // older than what ran
    const auto all = store->readAllRollouts().value();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[1].note, "It misses cells.");
    EXPECT_EQ(all[1].previous, package('1', 1).sha256);
    EXPECT_EQ(all[0].previous, "") << "what was taken back does not come back";
}

// 1.2 on the test device, 1.3 refused by it, 1.2 once more, then 1.4: none of them came to all rings, and 1.2 is what comes back.
TEST_F(FleetRolloutsTest, whatADeviceRanComesBackThoughItsRollOutWasStopped)
{
    enrol("t1", "test");
    StoredPackage again = package('4', 4);
    again.version = package('2', 2).version;
    for (const auto& p : { package('2', 2), package('3', 3), again, package('5', 5) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    EXPECT_EQ(store->beginRollout(package('2', 2).sha256, 2)->rollout.previous, "");
    runs("t1", package('2', 2));
    store->stopRollout("Version 1.3 takes its place.", 3).value();
    EXPECT_EQ(store->beginRollout(package('3', 3).sha256, 4)->rollout.previous, package('2', 2).sha256);
    store->stopRollout("1 of 1 devices refused it.", 5).value();
    EXPECT_EQ(store->beginRollout(again.sha256, 6)->rollout.previous, "") << "the same version is nothing to go back to";
    runs("t1", again);
    store->stopRollout("Version 1.5 takes its place.", 7).value();
    EXPECT_EQ(store->beginRollout(package('5', 5).sha256, 8)->rollout.previous, again.sha256);
}

// 1.1 is everywhere, 1.2 runs on one device and was refused by another, 1.3 was stopped by hand: what 1.4 goes back to is 1.1.
TEST_F(FleetRolloutsTest, whatDevicesRefusedOrNeverReachedAllIsNothingToGoBackTo)
{
    enrol("t1", "test");
    for (const auto& p : { package('0', 0), package('1', 1), package('2', 2), package('3', 3), package('4', 4) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    store->beginRollout(package('0', 0).sha256, 2).value();
    runs("t1", package('0', 0));
    store->stopRollout("1 of 2 devices refused it. t2: too slow.", 3).value();
    EXPECT_EQ(store->beginRollout(package('1', 1).sha256, 4)->rollout.previous, "") << "it runs on t1, and t2 has refused it";
    store->promoteRollout(5).value();
    store->promoteRollout(6).value();
    for (const auto& [p, why] : { std::pair(package('2', 2), "1 of 2 devices refused it. t2: too slow."), std::pair(package('3', 3), "stopped by hand") }) {
        EXPECT_EQ(store->beginRollout(p.sha256, 7)->rollout.previous, package('1', 1).sha256);
        runs("t1", p);
        store->stopRollout(why, 8).value();
    }
    EXPECT_EQ(store->beginRollout(package('4', 4).sha256, 9)->rollout.previous, package('1', 1).sha256);
}

// 1.2 reached all rings and was taken back for 1.1, of which there is a new release: a device that runs 1.2 still is no reason to go back to it.
TEST_F(FleetRolloutsTest, whatWasTakenBackIsNothingToGoBackTo)
{
    enrol("a1", "all");
    StoredPackage again = package('4', 4);
    again.version = package('1', 1).version;
    for (const auto& p : { package('1', 1), package('2', 2), again })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    for (const auto& p : { package('1', 1), package('2', 2) }) {
        ASSERT_TRUE(store->beginRollout(p.sha256, 2).hasValue());
        store->promoteRollout(3).value();
        store->promoteRollout(4).value();
    }
    runs("a1", package('2', 2));
    store->rollBack(package('1', 1).sha256, "It misses cells.", 6).value();
    EXPECT_EQ(store->beginRollout(again.sha256, 7)->rollout.previous, "");
}

TEST_F(FleetRolloutsTest, aStoppedRollOutLeavesItsDevicesAlone)
{
    enrol("t1", "test");
    ASSERT_TRUE(store->writePackage(package('1', 1), 1).hasValue());
    store->beginRollout(package('1', 1).sha256, 2).value();
    EXPECT_EQ(store->stopRollout("2 of 3 devices refused it.", 3)->rollout.state, "stopped");
    EXPECT_EQ(packageOf("t1"), "1.1");
    EXPECT_EQ(store->promoteRollout(4).error().code, base::ErrorCode::NotFound);
}

// Who is told that a roll-out did not begin must find that none did: what is planned for it is in the same transaction.
TEST_F(FleetRolloutsTest, aRollOutWhosePlanCannotBeKeptDoesNotBegin)
{
    enrol("t1", "test");
    for (const auto& p : { package('1', 1), package('2', 2) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    const auto first = store->beginRollout(package('1', 1).sha256, 2)->rollout.id;
    {
        SQLite::Database db((folder.path() / "fleet" / "fleet.db").string(), SQLite::OPEN_READWRITE);
        db.exec("CREATE TRIGGER full BEFORE INSERT ON setting BEGIN SELECT RAISE(ABORT, 'full'); END");
    }
    ASSERT_TRUE(store->beginRollout(package('2', 2).sha256, 3, { 60, first }).hasError());
    EXPECT_EQ(packageOf("t1"), "1.1");
    EXPECT_EQ(store->readCurrentRollout().value()->id, first);
    EXPECT_EQ(store->readCurrentRollout().value()->state, "running") << "nor is what it was to replace stopped";
    {
        SQLite::Database db((folder.path() / "fleet" / "fleet.db").string(), SQLite::OPEN_READWRITE);
        db.exec("DROP TRIGGER full");
    }
    EXPECT_TRUE(store->beginRollout(package('2', 2).sha256, 4, { 60, first }).hasValue());
}

// Whoever decides about a roll-out decides about no other one that began meanwhile.
TEST_F(FleetRolloutsTest, onlyTheRollOutThatWasSeenIsStopped)
{
    for (const auto& p : { package('1', 1), package('2', 2) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    const auto first = store->beginRollout(package('1', 1).sha256, 2)->rollout.id;
    ASSERT_TRUE(store->stopRollout("Version 1.2 takes its place.", 3, { first, {} }).hasValue());
    EXPECT_EQ(store->stopRollout("late", 4, { first, {} }).error().code, base::ErrorCode::Conflict);
    const auto second = store->beginRollout(package('2', 2).sha256, 5)->rollout.id;
    const auto late = store->stopRollout("late", 6, { first, {} });
    ASSERT_TRUE(late.hasError());
    EXPECT_EQ(late.error().code, base::ErrorCode::Conflict);
    EXPECT_NE(late.error().message.find("version 1.2"), std::string::npos) << late.error().message;
    EXPECT_EQ(store->readCurrentRollout().value()->state, "running");
    EXPECT_TRUE(store->stopRollout("meant", 7, { second, {} }).hasValue());
}

TEST_F(FleetRolloutsTest, aDeviceThatMovesToAnotherRingGetsWhatReachedIt)
{
    enrol("a1", "all");
    ASSERT_TRUE(store->writePackage(package('1', 1), 1).hasValue());
    store->beginRollout(package('1', 1).sha256, 2).value();
    EXPECT_EQ(packageOf("a1"), "");
    EXPECT_TRUE(store->updateRing("a1", "test")->desired.package.has_value());
    EXPECT_EQ(packageOf("a1"), "1.1");
    EXPECT_EQ(store->updateRing("a1", "moon").error().code, base::ErrorCode::Usage);
    EXPECT_EQ(store->updateRing("x", "test").error().code, base::ErrorCode::NotFound);
}

// 1.1 is everywhere, 1.2 runs on the test device, which moves: it would refuse 1.1 as an older release.
TEST_F(FleetRolloutsTest, aDeviceThatRunsANewerReleaseKeepsItWhereverItMoves)
{
    enrol("t1", "test");
    enrol("t2", "test");
    for (const auto& p : { package('1', 1), package('2', 2), package('3', 3) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    store->beginRollout(package('1', 1).sha256, 2).value();
    store->promoteRollout(3).value();
    store->promoteRollout(4).value();
    store->beginRollout(package('2', 2).sha256, 5).value();
    const Incoming told = runs("t1", package('2', 2), 6);
    const auto moved = store->updateRing("t1", "all").value();
    EXPECT_EQ(moved.desired.package->version, "1.2");
    EXPECT_NE(moved.note.find("1.1"), std::string::npos) << moved.note;
    const auto other = store->updateRing("t2", "all").value();
    EXPECT_EQ(other.desired.package->version, "1.1") << "it has never run a newer one";
    EXPECT_EQ(other.note, "");
    // Removed and enrolled anew, maybe with its old folder.
    ASSERT_TRUE(store->removeDevice("t1", 7).hasValue());
    enrol("t1", "all");
    EXPECT_EQ(packageOf("t1"), "1.2");
    ASSERT_TRUE(store->ingest({ &told, 1 }, 8).hasValue());
    // It is reached by the roll-back of what it runs, though it has left the ring.
    EXPECT_EQ(store->rollBack(package('3', 3).sha256, "worse", 9)->devices, std::vector<std::string> { "t1" });
    EXPECT_EQ(packageOf("t1"), "1.3");
    EXPECT_EQ(packageOf("t2"), "1.1");
}

}
}
