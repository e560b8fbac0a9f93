#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/device/slots.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> contentOf(int number)
{
    const std::string text = "package " + std::to_string(number);
    return { text.begin(), text.end() };
}

SlotPackage packageOf(int number)
{
    return { base::sha256Hex(contentOf(number)), "cells", std::to_string(number), number, false };
}

class SlotsTest : public ::testing::Test {
protected:
    std::unique_ptr<Slots> open() { return std::move(Slots::open(m_folder.path())).value(); }
    static void bring(Slots& slots, int number)
    {
        ASSERT_TRUE(slots.stage(contentOf(number)).hasValue());
        ASSERT_TRUE(slots.switchToStaged(packageOf(number)).hasValue());
    }
    static void bringHealthy(Slots& slots, int number)
    {
        bring(slots, number);
        ASSERT_TRUE(slots.commit().hasValue());
    }
    // What the record says of the files is so.
    void expectSound(const Slots& slots)
    {
        const auto record = slots.record();
        for (int slot = 0; slot < 2; ++slot) {
            const auto& package = record.slots[static_cast<std::size_t>(slot)];
            ASSERT_EQ(package.has_value(), fs::exists(slots.pathOf(slot))) << slot;
            if (package.has_value()) {
                EXPECT_EQ(base::sha256OfFile(slots.pathOf(slot)).value(), package->sha256) << slot;
            }
        }
    }
    fs::path file(const char* name) const { return m_folder / "slots" / name; }

    test::TemporaryFolder m_folder;
};

TEST_F(SlotsTest, aPackageRunsOnTrialUntilItIsCommitted)
{
    const auto slots = open();
    EXPECT_FALSE(slots->record().running().has_value());
    bring(*slots, 1);
    EXPECT_TRUE(slots->record().isTrial());
    EXPECT_EQ(slots->record().releaseFloor, 0);
    ASSERT_TRUE(slots->commit().hasValue());
    EXPECT_FALSE(slots->record().isTrial());
    EXPECT_EQ(slots->record().releaseFloor, 1);
    bring(*slots, 2);
    EXPECT_EQ(slots->record().running()->version, "2");
    EXPECT_EQ(slots->record().other()->version, "1");
    EXPECT_EQ(open()->record(), slots->record());
    expectSound(*slots);
}

TEST_F(SlotsTest, leavingATrialRemovesItAndGoesBack)
{
    const auto slots = open();
    bringHealthy(*slots, 1);
    bring(*slots, 2);
    ASSERT_TRUE(slots->leave({ RefusalKind::Crash, "It died.", {}, {}, 0 }).hasValue());
    const auto record = open()->record();
    EXPECT_EQ(record.running()->version, "1");
    EXPECT_FALSE(record.other().has_value());
    ASSERT_TRUE(record.lastRefusal.has_value());
    EXPECT_EQ(record.lastRefusal->kind, RefusalKind::Crash);
    EXPECT_EQ(record.lastRefusal->version, "2");
    EXPECT_EQ(record.lastRefusal->sha256, packageOf(2).sha256);
    EXPECT_EQ(record.releaseFloor, 1) << "what was never healthy raises no floor";
    expectSound(*slots);
}

TEST_F(SlotsTest, whatWasHealthyIsKeptWhenItIsLeftButNotGoneBackTo)
{
    const auto slots = open();
    bringHealthy(*slots, 1);
    bringHealthy(*slots, 2);
    ASSERT_TRUE(slots->leave({ RefusalKind::Unhealthy, "It dies.", {}, {}, 0 }).hasValue());
    EXPECT_EQ(slots->record().running()->version, "1");
    EXPECT_EQ(slots->record().other()->version, "2");
    EXPECT_TRUE(slots->leave({ RefusalKind::Unhealthy, "It dies, too.", {}, {}, 0 }).hasError());
    EXPECT_EQ(slots->record().running()->version, "1");
    EXPECT_EQ(slots->record().releaseFloor, 2);
}

TEST_F(SlotsTest, anUpdateReplacesTheOneThatDoesNotRun)
{
    const auto slots = open();
    for (int number = 1; number <= 5; ++number) {
        bringHealthy(*slots, number);
        expectSound(*slots);
        if (number > 1) {
            EXPECT_EQ(slots->record().other()->version, std::to_string(number - 1));
        }
    }
}

TEST_F(SlotsTest, aTrialIsLeftAfterThreeStarts)
{
    const auto slots = open();
    bringHealthy(*slots, 1);
    bring(*slots, 2);
    for (int start = 2; start <= kMaxTrialStarts; ++start)
        EXPECT_TRUE(open()->countStart().hasValue()) << start;
    EXPECT_TRUE(open()->countStart().hasError());
    EXPECT_TRUE(open()->uncountStart().hasValue()); // an orderly end does not count
    EXPECT_TRUE(open()->countStart().hasValue());
}

TEST_F(SlotsTest, theOnlyPackageIsNeverLeft)
{
    const auto slots = open();
    bring(*slots, 1);
    for (int start = 0; start < 10; ++start)
        EXPECT_TRUE(slots->countStart().hasValue());
    EXPECT_TRUE(slots->leave({ RefusalKind::Unhealthy, "It dies.", {}, {}, 0 }).hasError());
    EXPECT_EQ(slots->record().running()->version, "1");
}

TEST_F(SlotsTest, keysAndTheGivenPackageAreKept)
{
    const auto slots = open();
    ASSERT_TRUE(slots->trust({ "k1", "k2" }).hasValue());
    ASSERT_TRUE(slots->trust({ "k2", "k3" }).hasValue());
    ASSERT_TRUE(slots->stage(contentOf(7)).hasValue());
    ASSERT_TRUE(slots->giveByHand(packageOf(7)).hasValue());
    const auto record = open()->record();
    EXPECT_EQ(record.trusted, (std::vector<std::string> { "k1", "k2", "k3" }));
    EXPECT_EQ(record.givenSha256, packageOf(7).sha256);
    EXPECT_FALSE(record.isTrial());
}

TEST_F(SlotsTest, whatIsNotInTheRecordIsRemoved)
{
    bringHealthy(*open(), 1);
    for (const char* name : { "b.ppkg", "incoming.ppkg", "record.json.a1B2c3", "a.ppkg.Zz0000" })
        std::ofstream(file(name)) << "half";
    const auto slots = open();
    expectSound(*slots);
    EXPECT_EQ(std::distance(fs::directory_iterator(m_folder / "slots"), fs::directory_iterator()), 3);
}

TEST_F(SlotsTest, aDamagedRecordIsReplacedByItsCopy)
{
    bringHealthy(*open(), 1);
    const auto before = open()->record();
    const auto whole = base::readFile(file("record.json")).value();
    for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
        ASSERT_TRUE(base::atomicWrite(file("record.json"), std::span(whole).first(cut)).hasValue());
        EXPECT_EQ(open()->record(), before) << cut;
    }
    for (std::size_t at = 0; at < whole.size(); at += 5) {
        auto changed = whole;
        changed[at] ^= 1;
        ASSERT_TRUE(base::atomicWrite(file("record.json"), std::span<const std::uint8_t>(changed)).hasValue());
        EXPECT_EQ(open()->record(), before) << at;
    }
    fs::remove(file("record.json"));
    EXPECT_EQ(open()->record(), before);
}

TEST_F(SlotsTest, withoutRecordAndCopyNothingIsTrusted)
{
    bringHealthy(*open(), 1);
    for (const char* name : { "record.json", "record.copy.json" })
        std::ofstream(file(name)) << "{}";
    const auto slots = Slots::open(m_folder.path());
    ASSERT_TRUE(slots.hasError());
    EXPECT_NE(slots.error().message.find("--package"), std::string::npos);
}

TEST_F(SlotsTest, aFullDiskChangesNothing)
{
    const auto slots = open();
    bringHealthy(*slots, 1);
    const auto before = slots->record();
    {
        test::FullDisk full(4);
        EXPECT_TRUE(slots->stage(contentOf(2)).hasError());
        EXPECT_TRUE(slots->remember({ RefusalKind::Invalid, "x", {}, {}, 0 }).hasError());
        EXPECT_TRUE(slots->trust({ "k" }).hasError());
    }
    EXPECT_EQ(slots->record(), before);
    EXPECT_EQ(open()->record(), before);
    expectSound(*open());
}

// What a device with a full disk needs most: the version that worked.
TEST_F(SlotsTest, goesBackOnAFullDisk)
{
    const test::SmallDisk disk(m_folder / "disk", 256);
    if (!disk.isMounted())
        GTEST_SKIP() << "only root can have a small disk";
    auto slots = std::move(Slots::open(m_folder / "disk")).value();
    bringHealthy(*slots, 1);
    bringHealthy(*slots, 2);
    disk.fill();
    ASSERT_TRUE(base::atomicWrite(m_folder / "disk/another", std::string_view("x")).hasError());
    const auto left = slots->leave({ RefusalKind::Unhealthy, "It finds nothing.", {}, {}, 0 });
    ASSERT_TRUE(left.hasValue()) << left.error().message;
    const auto after = std::move(Slots::open(m_folder / "disk")).value()->record();
    EXPECT_EQ(after, slots->record());
    EXPECT_EQ(after.running()->version, "1");
    // Either of the two can be read alone.
    fs::remove(m_folder / "disk/slots/record.json");
    EXPECT_EQ(std::move(Slots::open(m_folder / "disk")).value()->record(), after);
}

// Runs in a child until it is killed: updates that are kept, taken back, refused, and starts.
[[noreturn]] void updateForEver(const fs::path& state, int first)
{
    const auto slots = std::move(Slots::open(state)).value();
    for (int number = first;; ++number) {
        (void)slots->countStart();
        (void)slots->stage(contentOf(number));
        if (number % 4 == 0) {
            slots->discardStaged();
            (void)slots->remember({ RefusalKind::Golden, "Refused.", packageOf(number).sha256, {}, 0 });
            continue;
        }
        (void)slots->switchToStaged(packageOf(number));
        if (number % 4 == 1)
            (void)slots->leave({ RefusalKind::Crash, "It died.", {}, {}, 0 });
        else
            (void)slots->commit();
    }
}

TEST_F(SlotsTest, aReasonThatNamesAPathWhichIsNotUtf8IsKept)
{
    ASSERT_TRUE(open()->remember({ RefusalKind::Unreadable, "/caf\xe9/slots cannot be written: the disk is full.", "aa", "2.0", 1 }).hasValue());
    const auto record = open()->record();
    ASSERT_TRUE(record.lastRefusal.has_value());
    EXPECT_NE(record.lastRefusal->message.find("the disk is full"), std::string::npos);
}

// 300 kills; 3,000 with PERCEPT_NIGHTLY=1. Every one lands between two steps on the disk.
TEST_F(SlotsTest, killedAtAnyMomentThereIsAHealthyPackage)
{
    const double before = base::monotonicSeconds();
    bringHealthy(*open(), 1);
    // Kills are spread over some updates, which take longer on a slow disk.
    const double longest = std::clamp(4e6 * (base::monotonicSeconds() - before), 12'000.0, 60'000.0);
    const int kills = std::getenv("PERCEPT_NIGHTLY") != nullptr ? 3000 : 300;
    int trials = 0;
    for (int kill = 0; kill < kills; ++kill) {
        const pid_t pid = ::fork();
        if (pid == 0)
            updateForEver(m_folder.path(), 2 + kill * 1000);
        ::usleep(static_cast<useconds_t>(base::Random(1, 0, static_cast<std::uint64_t>(kill)).uniform(200, longest)));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        const auto slots = open();
        expectSound(*slots);
        const auto record = slots->record();
        ASSERT_TRUE(record.running().has_value());
        ASSERT_TRUE(record.running()->isHealthy || (record.other().has_value() && record.other()->isHealthy)) << kill;
        trials += record.isTrial();
    }
    EXPECT_GT(trials, 0) << "no kill hit a trial: the kills come too late or too early";
}

}
}
