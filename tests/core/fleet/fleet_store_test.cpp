#include "core/fleet/fleet_backups.h"
#include "core/fleet/fleet_store.h"

#include "core/base/files.h"
#include "tests/support/temporary_folder.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <algorithm>
#include <fstream>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace percept::fleet {
namespace {

constexpr std::int64_t kHour = 3600 * 1000;
const std::string kStream(32, 'a');

protocol::TelemetryWindow window(std::int64_t frames)
{
    protocol::TelemetryWindow w;
    w.packageSha256 = std::string(64, 'f');
    w.packageVersion = "1.0";
    w.frames = frames;
    protocol::ClassCount cells { "cell", 2 * frames, {} };
    cells.scores[3] = 2 * frames;
    w.classes.push_back(cells);
    return w;
}

Incoming batch(const std::string& device, std::int64_t first, std::vector<std::int64_t> frames, const std::string& stream = kStream)
{
    protocol::TelemetryBatch body { stream, first, {} };
    for (const auto n : frames)
        body.entries.emplace_back(window(n));
    return { device, body };
}

Incoming sample(const std::string& device, std::int64_t sequence, char id)
{
    protocol::FieldSample s { kStream, sequence, std::string(32, id), 5, std::string(64, 'f'), "1.0", "random", 64, 48, {}, "jpeg", { 0xff, 0xd8, 1 } };
    return { device, s };
}

StoredPackage package(char id, std::int64_t counter)
{
    return { std::string(64, id), 1000, "cells", "1." + std::to_string(counter), counter, "signer" };
}

class FleetStoreTest : public ::testing::Test {
protected:
    FleetStoreTest() { open(); }
    void open()
    {
        store.reset();
        store = FleetStore::open(folder.path() / "fleet", "test").value();
    }
    Enrolled enrol(const std::string& name, const std::string& ring = "all")
    {
        return store->enrol(store->makeToken(name, ring, 1, kHour).value(), name, 2).value();
    }
    std::int64_t acknowledged(const Incoming& message)
    {
        const auto answers = store->ingest({ &message, 1 }, 10).value();
        return answers.empty() ? -1 : answers.at(0).ack.sequence;
    }
    DeviceTotals totals(const std::string& device)
    {
        const auto all = store->readTotals().value();
        for (const auto& entry : all)
            if (entry.device == device)
                return entry;
        return {};
    }
    std::string packageOf(const std::string& device)
    {
        const auto desired = store->readDevice(device).value()->desired;
        return desired.package ? desired.package->version : "";
    }

    test::TemporaryFolder folder;
    std::unique_ptr<FleetStore> store;
};

TEST_F(FleetStoreTest, oneHubAtATimeAndNobodyElseLooksIn)
{
    const auto second = FleetStore::open(folder.path() / "fleet", "another");
    ASSERT_TRUE(second.hasError());
    EXPECT_EQ(second.error().code, base::ErrorCode::Conflict);
    EXPECT_NE(second.error().message.find("test"), std::string::npos);
    EXPECT_EQ(std::filesystem::status(folder.path() / "fleet").permissions(), std::filesystem::perms::owner_all);
}

TEST_F(FleetStoreTest, refusesWhatIsNotItsOwn)
{
    store.reset();
    const auto file = folder.path() / "fleet" / "fleet.db";
    {
        SQLite::Database db(file.string(), SQLite::OPEN_READWRITE);
        db.exec("PRAGMA user_version=99");
    }
    EXPECT_NE(FleetStore::open(folder.path() / "fleet", "test").error().message.find("newer Percept"), std::string::npos);
    {
        SQLite::Database db(file.string(), SQLite::OPEN_READWRITE);
        db.exec("PRAGMA user_version=1; CREATE TRIGGER evil AFTER INSERT ON device BEGIN DELETE FROM telemetry; END");
    }
    EXPECT_EQ(FleetStore::open(folder.path() / "fleet", "test").error().code, base::ErrorCode::Refused);
    std::ofstream(file, std::ios::trunc) << "no database at all, but long enough to be looked at as one by whoever opens it ............";
    std::filesystem::remove(file.string() + "-wal");
    std::filesystem::remove(file.string() + "-shm");
    EXPECT_EQ(FleetStore::open(folder.path() / "fleet", "test").error().code, base::ErrorCode::Refused);
}

TEST_F(FleetStoreTest, aLostDatabaseBeginsNoNewFleet)
{
    namespace fs = std::filesystem;
    const auto fleet = folder.path() / "fleet", file = fleet / "fleet.db";
    enrol("dock-1");
    std::ofstream(fleet / "packages" / (std::string(64, 'a') + ".ppkg")) << "a package";
    ASSERT_TRUE(backUpFleet(fleet, 1'000).hasValue());
    ASSERT_TRUE(backUpFleet(fleet, 2'000).hasValue()) << "too soon for another";
    EXPECT_EQ(newestFleetBackup(fleet)->timeMs, 1'000);
    for (std::int64_t hour = 1; hour < 4; ++hour)
        ASSERT_TRUE(backUpFleet(fleet, 1'000 + hour * kFleetBackupIntervalMs).hasValue());
    EXPECT_EQ(std::distance(fs::directory_iterator(fleet / "backups"), {}), 2);
    const auto backup = newestFleetBackup(fleet)->file;
    store.reset();
    for (const bool isEmpty : { true, false }) {
        for (const char* suffix : { "", "-wal", "-shm" })
            fs::remove(file.string() + suffix);
        if (isEmpty)
            std::ofstream { file };
        const auto opened = FleetStore::open(fleet, "test");
        ASSERT_TRUE(opened.hasError()) << isEmpty;
        EXPECT_EQ(opened.error().code, base::ErrorCode::Refused);
        EXPECT_NE(opened.error().message.find(backup.string()), std::string::npos) << opened.error().message;
        EXPECT_EQ(fs::exists(file), isEmpty) << "nothing was made";
    }
    fs::copy_file(backup, file);
    open();
    EXPECT_EQ(store->readAllDevices()->size(), 1u);
    // A folder without packages is where a fleet begins.
    store.reset();
    fs::remove_all(fleet / "packages");
    fs::remove(file);
    EXPECT_TRUE(FleetStore::open(fleet, "test").hasValue());
}

TEST_F(FleetStoreTest, aTokenWorksOnceForItsDeviceAndNotTooLate)
{
    const auto token = store->makeToken("dock-1", "test", 1000, kHour).value();
    EXPECT_EQ(store->enrol(token, "dock-2", 2000).error().code, base::ErrorCode::Refused);
    EXPECT_EQ(store->enrol("guess", "dock-1", 2000).error().code, base::ErrorCode::Refused);
    const auto enrolled = store->enrol(token, "dock-1", 2000);
    ASSERT_TRUE(enrolled.hasValue());
    EXPECT_EQ(enrolled->device, "dock-1");
    EXPECT_EQ(enrolled->secret.size(), 64u);
    EXPECT_EQ(store->enrol(token, "dock-1", 2001).error().code, base::ErrorCode::Refused);
    ASSERT_TRUE(store->removeDevice("dock-1", 2002).hasValue());
    EXPECT_EQ(store->enrol(token, "dock-1", 2003).error().code, base::ErrorCode::Refused); // used, though the name is free
    ASSERT_TRUE(store->enrol(store->makeToken("dock-1", "test", 2004, kHour).value(), "dock-1", 2005).hasValue());
    const auto late = store->makeToken("dock-3", "test", 1000, kHour).value();
    EXPECT_EQ(store->enrol(late, "dock-3", 1001 + kHour).error().code, base::ErrorCode::Refused);
    EXPECT_EQ(store->readDevice("dock-1").value()->ring, "test");
    EXPECT_EQ(store->makeToken("dock-1", "test", 1, kHour).error().code, base::ErrorCode::Refused);
    EXPECT_EQ(store->makeToken("a/b", "test", 1, kHour).error().code, base::ErrorCode::Usage);
    EXPECT_EQ(store->makeToken("hub", "test", 1, kHour).error().code, base::ErrorCode::Usage);
    EXPECT_EQ(store->makeToken("x", "some", 1, kHour).error().code, base::ErrorCode::Usage);
}

TEST_F(FleetStoreTest, aTokenWithoutANameTakesWhatTheDeviceSays)
{
    const auto token = store->makeToken("", "all", 1, kHour).value();
    EXPECT_EQ(store->enrol(token, "../x", 2).error().code, base::ErrorCode::Usage);
    EXPECT_EQ(store->enrol(token, "dock-9", 2)->device, "dock-9");
}

TEST_F(FleetStoreTest, noSecretIsInTheFile)
{
    const auto token = store->makeToken("dock-1", "test", 1, kHour).value();
    const auto enrolled = store->enrol(token, "dock-1", 2).value();
    EXPECT_EQ(store->findDeviceBySecret(enrolled.secret).value(), "dock-1");
    EXPECT_FALSE(store->findDeviceBySecret("guess").value().has_value());
    EXPECT_FALSE(store->findDeviceBySecret("").value().has_value());
    const auto access = store->readBrokerAccess().value().at(0);
    EXPECT_EQ(access.device, "dock-1");
    EXPECT_EQ(access.passwordHash.rfind("$7$", 0), 0u);
    EXPECT_EQ(access.certificateName, enrolled.certificateName);
    store.reset();
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "fleet")) {
        if (!entry.is_regular_file())
            continue;
        const auto text = base::readTextFile(entry.path()).value();
        EXPECT_EQ(text.find(token), std::string::npos) << entry.path();
        EXPECT_EQ(text.find(enrolled.secret), std::string::npos) << entry.path();
    }
}

TEST_F(FleetStoreTest, aRemovedDeviceIsNobodyAndMayComeBack)
{
    const auto first = enrol("dock-1");
    acknowledged(batch("dock-1", 1, { 5 }));
    ASSERT_TRUE(store->removeDevice("dock-1", 5).hasValue());
    EXPECT_TRUE(store->readAllDevices()->empty());
    EXPECT_FALSE(store->findDeviceBySecret(first.secret).value().has_value());
    EXPECT_FALSE(store->findDeviceBySecret("").value().has_value());
    EXPECT_TRUE(store->readBrokerAccess()->empty());
    EXPECT_EQ(acknowledged(batch("dock-1", 2, { 5 })), -1);
    EXPECT_EQ(store->removeDevice("dock-1", 6).error().code, base::ErrorCode::NotFound);
    const auto version = 1;
    EXPECT_NE(enrol("dock-1").certificateName, first.certificateName) << "a certificate is for one enrolment";
    EXPECT_LE(enrol(std::string(64, 'x')).certificateName.size(), 64u) << "what a certificate has room for";
    ASSERT_TRUE(store->removeDevice(std::string(64, 'x'), 7).hasValue());
    EXPECT_GT(store->readDevice("dock-1").value()->desired.version, version);
    EXPECT_EQ(acknowledged(batch("dock-1", 2, { 7 })), 2); // its outbox goes on
    EXPECT_EQ(totals("dock-1").frames, 12);
}

TEST_F(FleetStoreTest, everyEntryCountsOnce)
{
    enrol("a");
    enrol("b");
    EXPECT_EQ(acknowledged(batch("a", 1, { 1, 10 })), 2);
    EXPECT_EQ(acknowledged(batch("a", 1, { 1, 10 })), 2);      // again
    EXPECT_EQ(acknowledged(batch("a", 2, { 10, 100 })), 3);    // overlaps
    EXPECT_EQ(acknowledged(batch("a", 5, { 10000 })), 3);      // a gap: later
    EXPECT_EQ(acknowledged(batch("a", 4, { 1000, 10000 })), 5);
    EXPECT_EQ(acknowledged(batch("b", 1, { 7 })), 1);          // another device, the same stream name
    EXPECT_EQ(acknowledged(batch("a", 1, { 50000 }, std::string(32, 'b'))), 1); // another outbox of the same device
    EXPECT_EQ(totals("a").frames, 61111);
    EXPECT_EQ(totals("a").objects, 2 * 61111);
    EXPECT_EQ(totals("a").windows, 6);
    EXPECT_EQ(totals("b").frames, 7);
    open();
    EXPECT_EQ(acknowledged(batch("a", 5, { 10000, 200000 })), 6);
    EXPECT_EQ(totals("a").frames, 261111);
}

TEST_F(FleetStoreTest, manyMessagesAreOneCommitAndOneAnswerForEachStream)
{
    enrol("a");
    enrol("b");
    const std::vector<Incoming> messages { batch("a", 1, { 1 }), batch("b", 1, { 2 }), batch("a", 2, { 3 }), batch("stranger", 1, { 4 }), batch("a", 2, { 3 }) };
    const auto answers = store->ingest(messages, 10).value();
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].device, "a");
    EXPECT_EQ(answers[0].ack, (protocol::Acknowledgement { kStream, 2 }));
    EXPECT_EQ(answers[1].ack.sequence, 1);
    EXPECT_EQ(totals("a").frames, 4);
    EXPECT_TRUE(store->readDevice("a").value()->online);
    EXPECT_EQ(store->readDevice("a").value()->seenMs, 10);
}

TEST_F(FleetStoreTest, samplesAreInTheSameOrderAsCounts)
{
    enrol("a");
    EXPECT_EQ(acknowledged(sample("a", 2, 'c')), 0); // 1 is missing
    EXPECT_EQ(acknowledged(batch("a", 1, { 1 })), 1);
    EXPECT_EQ(acknowledged(sample("a", 2, 'c')), 2);
    EXPECT_EQ(acknowledged(sample("a", 2, 'c')), 2);
    EXPECT_EQ(acknowledged(sample("a", 3, 'c')), 3); // a known picture under a new number
    protocol::TelemetryBatch dropped { kStream, 4, { protocol::DroppedSample {}, window(2) } };
    EXPECT_EQ(acknowledged({ "a", dropped }), 5);
    EXPECT_EQ(totals("a").samples, 1);
    EXPECT_EQ(totals("a").dropped, 2);
    EXPECT_EQ(totals("a").frames, 3);
    EXPECT_EQ(base::readFile(folder.path() / "fleet/samples" / (std::string(32, 'c') + ".jpeg")).value(), (std::vector<std::uint8_t> { 0xff, 0xd8, 1 }));
}

// Acknowledged, counted and said, but not kept: a device whose rules are broken does not fill the hub's disk.
TEST_F(FleetStoreTest, aDeviceCannotSendPicturesWithoutEnd)
{
    constexpr std::int64_t kDay = 86'400'000;
    enrol("a");
    enrol("b");
    const auto numFiles = [&] { return std::distance(std::filesystem::directory_iterator(folder.path() / "fleet/samples"), {}); };
    const auto send = [&](const std::string& device, std::int64_t sequence, char id, std::int64_t nowMs) {
        const Incoming message = sample(device, sequence, id);
        return store->ingest({ &message, 1 }, nowMs).value().at(0).ack.sequence;
    };
    SampleLimits limits;
    limits.dayPictures = 2;
    limits.keptBytes = 3 * 3; // each has 3 bytes
    store->setSampleLimits(limits);
    EXPECT_EQ(send("a", 1, '1', 10), 1);
    EXPECT_EQ(send("a", 2, '2', 11), 2);
    EXPECT_TRUE(store->readAlerts(true)->empty());
    EXPECT_EQ(send("a", 3, '3', 12), 3) << "acknowledged, so that it is not sent for ever";
    EXPECT_EQ(send("b", 1, '4', 12), 1);
    EXPECT_EQ(numFiles(), 3);
    EXPECT_EQ(totals("a").samples, 2);
    EXPECT_EQ(totals("a").dropped, 1);
    ASSERT_EQ(store->readAlerts(true)->size(), 1u);
    EXPECT_EQ(store->readAlerts(true)->at(0).kind, "pictures");
    EXPECT_NE(store->readAlerts(true)->at(0).text.find("a has sent more than 2 pictures"), std::string::npos) << store->readAlerts(true)->at(0).text;
    open(); // what it has kept and said it finds again
    store->setSampleLimits(limits);
    EXPECT_EQ(send("a", 4, '5', 13), 4);
    EXPECT_EQ(totals("a").dropped, 2);
    EXPECT_EQ(store->readAlerts(false)->size(), 1u);
    EXPECT_EQ(send("a", 5, '6', kDay + 1), 5) << "another day";
    EXPECT_EQ(numFiles(), 4);
    EXPECT_TRUE(store->readAlerts(true)->empty());
    EXPECT_EQ(send("a", 6, '7', 3 * kDay), 6);
    EXPECT_EQ(numFiles(), 4) << "as much as is kept of one device";
    EXPECT_NE(store->readAlerts(true)->at(0).text.find("Take or ignore"), std::string::npos);
}

// Taken or ignored, and a month has gone by since: the picture makes room, what was counted stays counted.
TEST_F(FleetStoreTest, picturesThatWereSeenLongAgoAreLetGo)
{
    enrol("a");
    SampleLimits limits;
    limits.keptPictures = 3;
    store->setSampleLimits(limits);
    for (int i = 1; i <= 3; ++i)
        ASSERT_EQ(acknowledged(sample("a", i, static_cast<char>('0' + i))), i);
    const auto name = [](char id) { return std::string(32, id); };
    const auto file = [&](char id) { return folder.path() / "fleet/samples" / (name(id) + ".jpeg"); };
    const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 31);
    ASSERT_TRUE(store->markSample(name('1'), SampleState::Taken).hasValue());
    ASSERT_TRUE(store->markSample(name('2'), SampleState::Ignored).hasValue());
    const std::int64_t later = 10 + limits.seenMs + 1;
    EXPECT_EQ(store->forgetSeenSamples(later, 100).value(), 0) << "seen a moment ago, though it came long ago";
    for (const char id : { '1', '3' })
        std::filesystem::last_write_time(file(id), old);
    EXPECT_EQ(store->forgetSeenSamples(later - 2, 100).value(), 0) << "it came too lately";
    EXPECT_EQ(store->forgetSeenSamples(later, 100).value(), 1);
    EXPECT_FALSE(std::filesystem::exists(file('1')));
    EXPECT_TRUE(std::filesystem::exists(file('2')));
    EXPECT_TRUE(std::filesystem::exists(file('3'))) << "nobody has looked at it";
    EXPECT_EQ(store->readSamples({})->total, 2);
    EXPECT_EQ(totals("a").samples, 3);
    EXPECT_EQ(store->markSample(name('1'), SampleState::Waiting).error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(acknowledged(sample("a", 4, '1')), 4) << "known, and not taken once more";
    EXPECT_FALSE(std::filesystem::exists(file('1')));
    EXPECT_EQ(acknowledged(sample("a", 5, '5')), 5);
    EXPECT_TRUE(std::filesystem::exists(file('5'))) << "there is room again";
}

TEST_F(FleetStoreTest, nothingIsAcknowledgedThatCouldNotBeKept)
{
    enrol("a");
    std::filesystem::remove_all(folder.path() / "fleet/samples"); // where pictures go is gone
    const std::vector<Incoming> messages { batch("a", 1, { 1 }), sample("a", 2, 'c') };
    EXPECT_TRUE(store->ingest(messages, 10).hasError());
    EXPECT_EQ(totals("a").windows, 0);
    EXPECT_EQ(acknowledged(batch("a", 1, { 1 })), 1);
}

TEST_F(FleetStoreTest, aDeviceCannotMakeStreamsWithoutEnd)
{
    enrol("a");
    std::vector<Incoming> messages;
    for (int i = 0; i < 1100; ++i)
        messages.push_back(batch("a", 1, { 1 }, fmt::format("{:032x}", i)));
    EXPECT_EQ(store->ingest(messages, 10)->size(), 1000u);
}

TEST_F(FleetStoreTest, desiredAndReportedStatesAreKept)
{
    enrol("a");
    const auto before = store->readDevice("a").value()->desired.version;
    EXPECT_EQ(store->changeDesired("a", { { "windowSeconds", 5 } })->version, before + 1);
    EXPECT_TRUE(store->changeDesired("a", { { "windowSeconds", -5 } }).hasError());
    EXPECT_EQ(store->changeDesired("b", { { "windowSeconds", 5 } }).error().code, base::ErrorCode::NotFound);
    protocol::ReportedState reported;
    reported.program = "0.1.0";
    reported.framesPerSecond = 12;
    const std::vector<Incoming> messages { { "stranger", reported }, { "a", reported } };
    EXPECT_TRUE(store->ingest(messages, 77)->empty());
    open();
    const auto device = store->readDevice("a").value().value();
    EXPECT_EQ(device.desired.version, before + 1);
    EXPECT_EQ(device.desired.windowSeconds, 5);
    EXPECT_EQ(device.reported, reported);
    EXPECT_EQ(device.seenMs, 77);
    const Incoming absent { "a", protocol::Presence { false } };
    ASSERT_TRUE(store->ingest({ &absent, 1 }, 99).hasValue());
    EXPECT_FALSE(store->readDevice("a").value()->online);
    EXPECT_EQ(store->readDevice("a").value()->seenMs, 77); // an absence is no sign of life
}

TEST_F(FleetStoreTest, theLastWordOfACommitSaysWhoIsThere)
{
    enrol("a");
    enrol("b");
    const auto presence = [](const std::string& device, bool online) { return Incoming { device, protocol::Presence { online } }; };
    const std::vector<Incoming> messages { batch("a", 1, { 1 }), presence("b", false), presence("a", false), batch("b", 1, { 2 }), presence("stranger", true) };
    ASSERT_EQ(store->ingest(messages, 10)->size(), 2u);
    EXPECT_FALSE(store->readDevice("a").value()->online) << "gone after its counts";
    EXPECT_EQ(store->readDevice("a").value()->seenMs, 10) << "which were a sign of life";
    EXPECT_TRUE(store->readDevice("b").value()->online) << "back after its absence";
    EXPECT_EQ(store->readDevice("b").value()->seenMs, 10);
    ASSERT_TRUE(store->removeDevice("b", 11).hasValue());
    const Incoming late = presence("b", true);
    ASSERT_TRUE(store->ingest({ &late, 1 }, 12).hasValue());
}

TEST_F(FleetStoreTest, aRollOutGoesRingByRing)
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

TEST_F(FleetStoreTest, aRollOutIsTakenBackWhereItWas)
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
TEST_F(FleetStoreTest, whatADeviceRanComesBackThoughItsRollOutWasStopped)
{
    enrol("t1", "test");
    const auto says = [&](const StoredPackage& p) {
        protocol::ReportedState state;
        state.running = protocol::RunningModel { p.sha256, p.name, p.version, "a", p.releaseCounter };
        const Incoming message { "t1", state };
        ASSERT_TRUE(store->ingest(std::span(&message, 1), 5).hasValue());
    };
    StoredPackage again = package('4', 4);
    again.version = package('2', 2).version;
    for (const auto& p : { package('2', 2), package('3', 3), again, package('5', 5) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    EXPECT_EQ(store->beginRollout(package('2', 2).sha256, 2)->rollout.previous, "");
    says(package('2', 2));
    store->stopRollout("Version 1.3 takes its place.", 3).value();
    EXPECT_EQ(store->beginRollout(package('3', 3).sha256, 4)->rollout.previous, package('2', 2).sha256);
    store->stopRollout("1 of 1 devices refused it.", 5).value();
    EXPECT_EQ(store->beginRollout(again.sha256, 6)->rollout.previous, "") << "the same version is nothing to go back to";
    says(again);
    store->stopRollout("Version 1.5 takes its place.", 7).value();
    EXPECT_EQ(store->beginRollout(package('5', 5).sha256, 8)->rollout.previous, again.sha256);
}

// 1.1 is everywhere, 1.2 runs on one device and was refused by another, 1.3 was stopped by hand: what 1.4 goes back to is 1.1.
TEST_F(FleetStoreTest, whatDevicesRefusedOrNeverReachedAllIsNothingToGoBackTo)
{
    enrol("t1", "test");
    const auto says = [&](const StoredPackage& p) {
        protocol::ReportedState state;
        state.running = protocol::RunningModel { p.sha256, p.name, p.version, "a", p.releaseCounter };
        const Incoming message { "t1", state };
        ASSERT_TRUE(store->ingest(std::span(&message, 1), 5).hasValue());
    };
    for (const auto& p : { package('0', 0), package('1', 1), package('2', 2), package('3', 3), package('4', 4) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    store->beginRollout(package('0', 0).sha256, 2).value();
    says(package('0', 0));
    store->stopRollout("1 of 2 devices refused it. t2: too slow.", 3).value();
    EXPECT_EQ(store->beginRollout(package('1', 1).sha256, 4)->rollout.previous, "") << "it runs on t1, and t2 has refused it";
    store->promoteRollout(5).value();
    store->promoteRollout(6).value();
    for (const auto& [p, why] : { std::pair(package('2', 2), "1 of 2 devices refused it. t2: too slow."), std::pair(package('3', 3), "stopped by hand") }) {
        EXPECT_EQ(store->beginRollout(p.sha256, 7)->rollout.previous, package('1', 1).sha256);
        says(p);
        store->stopRollout(why, 8).value();
    }
    EXPECT_EQ(store->beginRollout(package('4', 4).sha256, 9)->rollout.previous, package('1', 1).sha256);
}

// 1.2 reached all rings and was taken back for 1.1, of which there is a new release: a device that runs 1.2 still is no reason to go back to it.
TEST_F(FleetStoreTest, whatWasTakenBackIsNothingToGoBackTo)
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
    protocol::ReportedState state;
    state.running = protocol::RunningModel { package('2', 2).sha256, "cells", package('2', 2).version, "a", 2 };
    const Incoming message { "a1", state };
    ASSERT_TRUE(store->ingest(std::span(&message, 1), 5).hasValue());
    store->rollBack(package('1', 1).sha256, "It misses cells.", 6).value();
    EXPECT_EQ(store->beginRollout(again.sha256, 7)->rollout.previous, "");
}

TEST_F(FleetStoreTest, aStoppedRollOutLeavesItsDevicesAlone)
{
    enrol("t1", "test");
    ASSERT_TRUE(store->writePackage(package('1', 1), 1).hasValue());
    store->beginRollout(package('1', 1).sha256, 2).value();
    EXPECT_EQ(store->stopRollout("2 of 3 devices refused it.", 3)->rollout.state, "stopped");
    EXPECT_EQ(packageOf("t1"), "1.1");
    EXPECT_EQ(store->promoteRollout(4).error().code, base::ErrorCode::NotFound);
}

// Who is told that a roll-out did not begin must find that none did: what is planned for it is in the same transaction.
TEST_F(FleetStoreTest, aRollOutWhosePlanCannotBeKeptDoesNotBegin)
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
TEST_F(FleetStoreTest, onlyTheRollOutThatWasSeenIsStopped)
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

TEST_F(FleetStoreTest, aDeviceThatMovesToAnotherRingGetsWhatReachedIt)
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
TEST_F(FleetStoreTest, aDeviceThatRunsANewerReleaseKeepsItWhereverItMoves)
{
    enrol("t1", "test");
    enrol("t2", "test");
    for (const auto& p : { package('1', 1), package('2', 2), package('3', 3) })
        ASSERT_TRUE(store->writePackage(p, 1).hasValue());
    store->beginRollout(package('1', 1).sha256, 2).value();
    store->promoteRollout(3).value();
    store->promoteRollout(4).value();
    store->beginRollout(package('2', 2).sha256, 5).value();
    protocol::ReportedState state;
    state.running = protocol::RunningModel { package('2', 2).sha256, "cells", "1.2", "b", 2 };
    const Incoming runs { "t1", state };
    ASSERT_TRUE(store->ingest({ &runs, 1 }, 6).hasValue());
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
    ASSERT_TRUE(store->ingest({ &runs, 1 }, 8).hasValue());
    // It is reached by the roll-back of what it runs, though it has left the ring.
    EXPECT_EQ(store->rollBack(package('3', 3).sha256, "worse", 9)->devices, std::vector<std::string> { "t1" });
    EXPECT_EQ(packageOf("t1"), "1.3");
    EXPECT_EQ(packageOf("t2"), "1.1");
}

TEST_F(FleetStoreTest, alertsOpenOnceAndEnd)
{
    enrol("a");
    EXPECT_TRUE(store->raiseAlert("a", "silent", "a has not been heard of.", 5).value());
    EXPECT_FALSE(store->raiseAlert("a", "silent", "again", 6).value());
    EXPECT_FALSE(store->raiseAlert("stranger", "silent", "x", 6).value());
    EXPECT_EQ(store->readAlerts(true)->size(), 1u);
    EXPECT_TRUE(store->endAlert("a", "silent", 9).value());
    EXPECT_FALSE(store->endAlert("a", "silent", 9).value());
    EXPECT_TRUE(store->readAlerts(true)->empty());
    EXPECT_TRUE(store->raiseAlert("a", "silent", "once more", 12).value());
    EXPECT_EQ(store->readAlerts(false)->size(), 2u);
}

}
}
