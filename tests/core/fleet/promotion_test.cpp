// A roll-out that goes on by itself, and what keeps it where it is.
#include "core/fleet/rollout_watch.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace percept::fleet {
namespace {

constexpr std::int64_t kMinute = 60'000;
const std::string kSha(64, 'a');

class Promotion : public ::testing::Test {
protected:
    Promotion()
    {
        store = FleetStore::open(folder / "fleet", "test").value();
        for (const auto& [name, ring] : { std::pair("t1", "test"), std::pair("t2", "test"), std::pair("p1", "part") })
            EXPECT_TRUE(store->enrol(store->makeToken(name, ring, 1, 1000).value(), name, 2).hasValue());
        EXPECT_TRUE(store->writePackage({ kSha, 10, "cells", "1.0", 1, "signer" }, 3).hasValue());
        const auto begun = store->beginRollout(kSha, kBegin).value();
        EXPECT_TRUE(planPromotion(*store, begun.rollout.id, 10).hasValue());
    }
    void tell(const Incoming& message, std::int64_t nowMs) { EXPECT_TRUE(store->ingest({ &message, 1 }, nowMs).hasValue()); }
    void report(const std::string& device, bool runs, const std::string& refuses = {}, std::int64_t nowMs = kBegin + kMinute)
    {
        tell({ device, protocol::Presence { true } }, nowMs);
        protocol::ReportedState state;
        state.program = "0.1.0";
        if (runs)
            state.running = protocol::RunningModel { kSha, "cells", "1.0", "a", 1 };
        if (!refuses.empty())
            state.refusal = protocol::Refusal { 2, kSha, refuses, "The golden outputs differ.", 0 };
        tell({ device, state }, nowMs);
    }
    bool isProven(std::int64_t minutes) { return hasProvenItself(*store, kBegin + minutes * kMinute).value(); }

    static constexpr std::int64_t kBegin = 1'000'000;
    test::TemporaryFolder folder;
    std::unique_ptr<FleetStore> store;
};

TEST_F(Promotion, comesWhenTheTimeIsUpAndAllThatAreThereRunIt)
{
    EXPECT_FALSE(isProven(11)) << "nobody runs it yet";
    report("t1", true);
    EXPECT_FALSE(isProven(9));
    EXPECT_TRUE(isProven(10)); // t2 was never there
    report("t2", false);
    EXPECT_FALSE(isProven(11)) << "t2 is there and does not run it";
    report("t2", true);
    EXPECT_TRUE(isProven(11));
}

TEST_F(Promotion, waitsAnewAtEachRingAndEndsAtTheLast)
{
    report("t1", true);
    ASSERT_TRUE(store->promoteRollout(kBegin + 10 * kMinute).hasValue());
    EXPECT_FALSE(isProven(15));
    EXPECT_TRUE(isProven(20)) << "t1 still runs it; the ring part was reached ten minutes ago";
    ASSERT_TRUE(store->promoteRollout(kBegin + 20 * kMinute).hasValue());
    EXPECT_FALSE(isProven(100));
}

TEST_F(Promotion, troubleKeepsItBack)
{
    report("t1", true);
    report("t2", false, "golden");
    EXPECT_FALSE(isProven(20));
    report("t2", true);
    EXPECT_TRUE(isProven(20));
    tell({ "t2", protocol::Presence { false } }, kBegin + 2 * kMinute); // it got it, and is heard no more
    EXPECT_FALSE(isProven(20));
}

// A site behind a wall, or a device whose disk is full, says nothing of the package: the next ring waits, and the roll-out goes on.
TEST_F(Promotion, whatCannotBeFetchedOrKeptIsNoWordAgainstThePackage)
{
    report("t1", true);
    for (const char* kind : { "fetch", "unreadable", "older" }) {
        report("t2", false, kind);
        ASSERT_TRUE(stopRefusedRollout(*store).hasValue());
        EXPECT_EQ(store->readCurrentRollout().value()->state, "running") << kind;
        EXPECT_FALSE(isProven(20)) << kind;
    }
    for (const char* kind : { "untrusted", "invalid", "load", "golden", "live", "hang", "crash", "slow", "unhealthy", "by-hand", "a kind to come" })
        EXPECT_TRUE(protocol::isVerdict(kind)) << kind;
    report("t2", false, "slow");
    ASSERT_TRUE(stopRefusedRollout(*store).hasValue());
    EXPECT_EQ(store->readCurrentRollout().value()->state, "stopped");
}

TEST_F(Promotion, isAMatterOfPeopleUnlessItWasPlannedForThisRollOut)
{
    report("t1", true);
    const auto current = store->readCurrentRollout().value()->id;
    ASSERT_TRUE(planPromotion(*store, current + 1, 10).hasValue());
    EXPECT_FALSE(isProven(20));
    ASSERT_TRUE(planPromotion(*store, current, 0).hasValue());
    EXPECT_FALSE(isProven(20));
    ASSERT_TRUE(store->writeSetting("promotion", "[] nonsense").hasValue());
    EXPECT_FALSE(isProven(20));
    ASSERT_TRUE(planPromotion(*store, current, 10).hasValue());
    EXPECT_TRUE(isProven(20));
    ASSERT_TRUE(store->stopRollout("by hand", kBegin).hasValue());
    EXPECT_FALSE(isProven(20));
}

}
}
