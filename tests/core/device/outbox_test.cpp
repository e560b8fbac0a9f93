#include "core/device/outbox.h"

#include "core/base/files.h"
#include "core/base/random.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = OutboxEntry::Kind;

// Windows of this test: {"model","from","to","count"}.
std::optional<json> mergeCounts(const json& older, const json& newer)
{
    if (older["model"] != newer["model"])
        return std::nullopt;
    return json { { "model", older["model"] }, { "from", older["from"] }, { "to", newer["to"] },
        { "count", older["count"].get<std::int64_t>() + newer["count"].get<std::int64_t>() } };
}

json windowOf(std::int64_t number, const char* model = "a")
{
    return { { "model", model }, { "from", number }, { "to", number + 1 }, { "count", number } };
}

class OutboxTest : public ::testing::Test {
protected:
    std::unique_ptr<Outbox> open(std::int64_t maxPictureBytes = 1 << 20, std::int64_t maxWindowBytes = 1 << 20)
    {
        auto outbox = Outbox::open({ m_folder / "outbox", maxPictureBytes, maxWindowBytes, mergeCounts });
        EXPECT_TRUE(outbox.hasValue()) << outbox.error().message;
        return std::move(outbox).value();
    }
    static std::vector<std::uint8_t> picture(std::uint8_t fill, std::size_t size = 1000) { return std::vector<std::uint8_t>(size, fill); }
    static std::vector<OutboxEntry> all(Outbox& outbox, std::int64_t after = 0)
    {
        return outbox.handOut(after, 1'000'000, std::size_t(1) << 40).value();
    }
    static std::int64_t countOf(const std::vector<OutboxEntry>& entries)
    {
        std::int64_t count = 0;
        for (const auto& entry : entries)
            if (entry.kind == Kind::Window)
                count += entry.body["count"].get<std::int64_t>();
        return count;
    }
    static void expectInOrder(const std::vector<OutboxEntry>& entries, std::int64_t first)
    {
        std::int64_t to = 0;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            EXPECT_EQ(entries[i].number, first + static_cast<std::int64_t>(i));
            if (entries[i].kind != Kind::Window)
                continue;
            EXPECT_GE(entries[i].body["from"].get<std::int64_t>(), to);
            to = entries[i].body["to"];
        }
    }
    int numPictures() const
    {
        int count = 0;
        for (const auto& entry : fs::directory_iterator(m_folder / "outbox"))
            count += entry.path().extension() == ".picture";
        return count;
    }

    test::TemporaryFolder m_folder;
};

TEST_F(OutboxTest, keepsWhatWasPutInUntilItIsAcknowledged)
{
    const Stamp stamp { "boot", 5, -7 };
    {
        const auto outbox = open();
        ASSERT_TRUE(outbox->addWindow(windowOf(1), stamp).hasValue());
        ASSERT_TRUE(outbox->addSample({ { "id", "s" } }, picture(9), stamp).hasValue());
        ASSERT_TRUE(outbox->addWindow(windowOf(2), stamp).hasValue());
    }
    const auto outbox = open();
    const auto entries = all(*outbox);
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].body, windowOf(1));
    EXPECT_EQ(entries[0].stamp, stamp);
    EXPECT_EQ(entries[1].kind, Kind::Sample);
    EXPECT_EQ(entries[1].picture, picture(9));
    EXPECT_EQ(entries[1].body["id"], "s");
    expectInOrder(entries, 1);
    EXPECT_EQ(all(*outbox, 2).size(), 1u);
    ASSERT_TRUE(outbox->acknowledge(2).hasValue());
    EXPECT_EQ(numPictures(), 0);
    ASSERT_TRUE(outbox->acknowledge(1).hasValue()); // late, and says nothing new
    expectInOrder(all(*open()), 3);
    EXPECT_EQ(all(*open()).size(), 1u);
    ASSERT_TRUE(outbox->acknowledge(3).hasValue());
    ASSERT_TRUE(outbox->addWindow(windowOf(4), stamp).hasValue());
    EXPECT_EQ(all(*open()).at(0).number, 4) << "numbers are never used twice";
    EXPECT_EQ(open()->fill().stream, outbox->fill().stream);
    EXPECT_EQ(open()->fill().stream.size(), 32u);
}

TEST_F(OutboxTest, handsOutNoMoreThanWasAskedFor)
{
    const auto outbox = open();
    for (int i = 1; i <= 10; ++i)
        ASSERT_TRUE(outbox->addSample({ { "id", i } }, picture(1), {}).hasValue());
    EXPECT_EQ(outbox->handOut(0, 4, 1 << 30).value().size(), 4u);
    EXPECT_EQ(outbox->handOut(4, 100, 2500).value().size(), 2u);
    EXPECT_EQ(outbox->handOut(4, 100, 1).value().size(), 1u) << "one at least, else nothing would ever go";
    EXPECT_TRUE(outbox->handOut(10, 100, 1 << 30).value().empty());
}

TEST_F(OutboxTest, aTornTailIsCutOffAndADamagedLineLeavesItsNumber)
{
    std::string stream;
    {
        const auto outbox = open();
        stream = outbox->fill().stream;
        for (int i = 1; i <= 5; ++i)
            ASSERT_TRUE(outbox->addWindow(windowOf(i), {}).hasValue());
    }
    const fs::path log = m_folder / "outbox" / (stream + ".log");
    const std::string whole = base::readTextFile(log).value();
    const std::size_t lastLine = whole.rfind('\n', whole.size() - 2) + 1;
    for (std::size_t cut = lastLine; cut < whole.size(); cut += 3) {
        ASSERT_TRUE(base::atomicWrite(log, whole.substr(0, cut)).hasValue());
        const auto outbox = open();
        EXPECT_EQ(all(*outbox).size(), 4u) << cut;
        ASSERT_TRUE(outbox->addWindow(windowOf(6), {}).hasValue());
        expectInOrder(all(*open()), 1);
        EXPECT_EQ(all(*open()).at(4).body, windowOf(6));
    }
    std::string changed = whole;
    changed[whole.find('\n') + 30] ^= 1;
    ASSERT_TRUE(base::atomicWrite(log, changed).hasValue());
    const auto entries = all(*open());
    ASSERT_EQ(entries.size(), 5u);
    EXPECT_EQ(entries[1].kind, Kind::Dropped);
    EXPECT_EQ(entries[2].body, windowOf(3));
}

TEST_F(OutboxTest, theOldestPicturesMakeRoomAndLeaveTheirNumber)
{
    const auto outbox = open(/*maxPictureBytes=*/10'000);
    for (int i = 1; i <= 30; ++i) {
        ASSERT_TRUE(outbox->addWindow(windowOf(i), {}).hasValue());
        ASSERT_TRUE(outbox->addSample({ { "id", i } }, picture(static_cast<std::uint8_t>(i)), {}).hasValue());
        EXPECT_LE(outbox->fill().pictureBytes, 10'000);
        EXPECT_EQ(outbox->fill().samples, numPictures());
    }
    EXPECT_GE(outbox->fill().samples, 7);
    for (const auto& reopened : { all(*outbox), all(*open(10'000)) }) {
        expectInOrder(reopened, 1);
        ASSERT_EQ(reopened.size(), 60u);
        EXPECT_EQ(countOf(reopened), 30 * 31 / 2) << "no count is lost";
        EXPECT_EQ(reopened[1].kind, Kind::Dropped);
        EXPECT_EQ(reopened[59].kind, Kind::Sample);
        EXPECT_EQ(reopened[59].picture, picture(30));
    }
    EXPECT_TRUE(outbox->addSample({}, picture(1, 20'000), {}).hasError());
}

TEST_F(OutboxTest, tooManyWindowsAreMergedAndNoneIsLost)
{
    const auto outbox = open(1 << 20, /*maxWindowBytes=*/20'000);
    std::int64_t count = 0;
    for (int i = 1; i <= 800; ++i) {
        ASSERT_TRUE(outbox->addWindow(windowOf(i, i < 400 ? "a" : "b"), {}).hasValue());
        count += i;
        ASSERT_LE(outbox->fill().windowBytes, 20'000);
    }
    for (const auto& entries : { all(*outbox), all(*open(1 << 20, 20'000)) }) {
        EXPECT_EQ(countOf(entries), count);
        expectInOrder(entries, 1);
        EXPECT_EQ(entries.front().body["from"], 1);
        EXPECT_EQ(entries.back().body["to"], 801);
        EXPECT_LT(entries.size(), 200u);
        EXPECT_EQ(entries.front().body["model"], "a");
        EXPECT_EQ(entries.back().body["model"], "b");
    }
}

TEST_F(OutboxTest, whatWasHandedOutIsNeverMergedNorNumberedAnew)
{
    std::vector<OutboxEntry> told;
    {
        const auto outbox = open(1 << 20, 4000);
        for (int i = 1; i <= 10; ++i)
            ASSERT_TRUE(outbox->addWindow(windowOf(i), {}).hasValue());
        told = outbox->handOut(0, 6, 1 << 20).value();
    }
    const auto outbox = open(1 << 20, 4000); // and a restart changes nothing about that
    for (int i = 11; i <= 200; ++i)
        ASSERT_TRUE(outbox->addWindow(windowOf(i), {}).hasValue());
    const auto entries = all(*outbox);
    for (std::size_t i = 0; i < told.size(); ++i) {
        EXPECT_EQ(entries[i].number, told[i].number);
        EXPECT_EQ(entries[i].body, told[i].body);
    }
    EXPECT_EQ(countOf(entries), 200 * 201 / 2);
    EXPECT_LT(entries.size(), 60u);
    expectInOrder(entries, 1);
}

TEST_F(OutboxTest, whereNothingCanBeMergedTheCapGivesWay)
{
    const auto outbox = open(1 << 20, 2000);
    for (int i = 1; i <= 100; ++i)
        ASSERT_TRUE(outbox->addWindow(windowOf(i, i % 2 == 0 ? "a" : "b"), {}).hasValue());
    EXPECT_EQ(all(*outbox).size(), 100u);
}

TEST_F(OutboxTest, aFullDiskDropsPicturesForCounts)
{
    test::SmallDisk disk(m_folder / "outbox", 400);
    if (!disk.isMounted())
        GTEST_SKIP() << "only root can mount a small disk";
    const auto outbox = open();
    for (int i = 1; i <= 5; ++i)
        ASSERT_TRUE(outbox->addSample({ { "id", i } }, picture(1, 50'000), {}).hasValue());
    disk.fill();
    std::int64_t count = 0;
    for (int i = 1; i <= 20; ++i) {
        ASSERT_TRUE(outbox->addWindow({ { "model", "a" }, { "from", i }, { "to", i + 1 }, { "count", i },
            { "x", std::string(2000, 'x') } }, {}).hasValue()) << i;
        count += i;
    }
    EXPECT_GT(outbox->fill().dropped, 0);
    EXPECT_EQ(countOf(all(*outbox)), count);
    EXPECT_EQ(countOf(all(*open())), count);
}

TEST_F(OutboxTest, anAcknowledgementFromTheFutureBeginsANewStream)
{
    const auto outbox = open();
    ASSERT_TRUE(outbox->addWindow(windowOf(1), {}).hasValue());
    ASSERT_TRUE(outbox->addSample({}, picture(1), {}).hasValue());
    const std::string before = outbox->fill().stream;
    ASSERT_TRUE(outbox->acknowledge(77).hasValue());
    EXPECT_NE(outbox->fill().stream, before);
    EXPECT_TRUE(all(*outbox).empty());
    EXPECT_EQ(numPictures(), 0);
    ASSERT_TRUE(outbox->addWindow(windowOf(5), {}).hasValue());
    EXPECT_EQ(all(*open()).at(0).number, 1);
    EXPECT_NE(open()->fill().stream, before);
}

TEST_F(OutboxTest, theFileDoesNotGrowForEver)
{
    const auto outbox = open();
    json window = windowOf(1);
    window["text"] = std::string(2000, 'x');
    for (int i = 1; i <= 150; ++i) {
        ASSERT_TRUE(outbox->addWindow(window, {}).hasValue());
        ASSERT_TRUE(outbox->handOut(i - 1, 10, 1 << 20).hasValue());
        ASSERT_TRUE(outbox->acknowledge(i).hasValue());
    }
    EXPECT_LT(fs::file_size(m_folder / "outbox" / (outbox->fill().stream + ".log")), 300u << 10);
    EXPECT_EQ(open()->fill().last, 150);
}

// A crash between the end of a picture and the line that says so.
TEST_F(OutboxTest, aPictureThatIsGoneCountsAsDropped)
{
    ASSERT_TRUE(open()->addSample({ { "id", 1 } }, std::vector<std::uint8_t>(10, 1), {}).hasValue());
    for (const auto& entry : fs::directory_iterator(m_folder / "outbox"))
        if (entry.path().extension() == ".picture")
            fs::remove(entry.path());
    const auto fill = open()->fill();
    EXPECT_EQ(fill.samples, 0);
    EXPECT_EQ(fill.dropped, 1);
    EXPECT_EQ(open()->fill().dropped, 1) << "and stays so";
}

// Put in, hand out, acknowledge until killed; what was put in is told by a number on the pipe after it is on the disk.
[[noreturn]] void fillForEver(const fs::path& folder, int first, int pipe)
{
    const auto outbox = std::move(Outbox::open({ folder, 20'000, 3000, mergeCounts })).value();
    for (int number = first;; ++number) {
        if (number % 3 == 0)
            (void)outbox->addSample({ { "id", number } }, std::vector<std::uint8_t>(1500, 1), {});
        const json window { { "model", "a" }, { "from", number }, { "to", number + 1 }, { "count", number } };
        if (outbox->addWindow(window, {}).hasError() || ::write(pipe, &number, sizeof(number)) != sizeof(number))
            ::_exit(1);
        if (number % 16 == 0)
            (void)outbox->handOut(0, 3, 1 << 20);
    }
}

// 200 kills; 2,000 with PERCEPT_NIGHTLY=1.
TEST_F(OutboxTest, killedAtAnyMomentNothingThatWasPutInIsLostOrThereTwice)
{
    const int kills = std::getenv("PERCEPT_NIGHTLY") != nullptr ? 2000 : 200;
    std::int64_t expected = 0, taken = 0;
    int number = 1;
    for (int kill = 0; kill < kills; ++kill) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::close(ends[0]);
            fillForEver(m_folder / "outbox", number, ends[1]);
        }
        ::close(ends[1]);
        ::usleep(static_cast<useconds_t>(base::Random(2, 0, static_cast<std::uint64_t>(kill)).uniform(500, 15'000)));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        for (int told = 0; ::read(ends[0], &told, sizeof(told)) == sizeof(told);) {
            expected += told;
            number = told + 1;
        }
        ::close(ends[0]);
        const auto outbox = open(20'000, 3000);
        const auto entries = all(*outbox);
        expectInOrder(entries, outbox->fill().acknowledged + 1);
        EXPECT_EQ(outbox->fill().samples, numPictures());
        // The one that was under way may be there or not.
        const std::int64_t found = taken + countOf(entries);
        ASSERT_TRUE(found == expected || found == expected + number) << found << " " << expected << " " << number;
        if (found != expected)
            expected += number++;
        if (kill % 10 == 9 && !entries.empty()) { // somebody takes them
            ASSERT_TRUE(outbox->acknowledge(entries.back().number).hasValue());
            taken += countOf(entries);
        }
    }
    EXPECT_GT(number, 10) << "the kills come too early to say anything";
}

TEST(Stamps, aClockThatWasSetLaterIsRightForBefore)
{
    const Stamp then { "boot", 10'000, 0 };                      // 1970
    const Stamp now { "boot", 70'000, 1'800'000'060'000 };       // the clock was set meanwhile
    EXPECT_EQ(wallMsOf(then, now), 1'800'000'000'000);
    EXPECT_EQ(wallMsOf({ "boot", 10'000, 4'000'000'000'000 }, now), 1'800'000'000'000) << "from the future";
    EXPECT_EQ(wallMsOf({ "earlier", 10'000, 123 }, now), 123) << "of another run only its own clock tells";
    EXPECT_EQ(wallMsOf({ "", 10'000, 123 }, { "", 5, 9 }), 123);
    EXPECT_EQ(stampNow().bootId.size(), 36u);
}

}
}
