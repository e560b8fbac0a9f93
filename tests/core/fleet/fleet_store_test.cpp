#include "core/fleet/fleet_backups.h"
#include "tests/core/fleet/fleet_store_fixture.h"

#include "core/base/files.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace percept::fleet {
namespace {

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
