#include "core/monitoring/overview.h"

#include "core/dataset/project_store.h"
#include "core/evaluation/evaluation_document.h"
#include "core/monitoring/validation_reference.h"
#include "tests/support/field_fleet.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace percept::monitoring {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kNow = 20'000 * kDayMs + 10 * kHourMs + 60'000;

class OverviewTest : public ::testing::Test {
protected:
    OverviewTest()
    {
        store = dataset::ProjectStore::create(project, "Parts", domain::Task::Detection, { "bolt", "nut", "washer" }).value();
    }
    Overview read(std::int64_t nowMs = kNow) { return monitor.read(*store, {}, nowMs).value(); }
    const Track* track(const Overview& overview, const std::string& device, const std::string& version)
    {
        for (const Track& track : overview.tracks)
            if (track.device == device && track.version == version)
                return &track;
        return nullptr;
    }
    std::vector<std::string> titles(const Overview& overview, bool onlyOpen = true)
    {
        std::vector<std::string> all;
        for (const Alert& alert : overview.alerts)
            if (alert.isOpen() || !onlyOpen)
                all.push_back(alert.title);
        return all;
    }

    test::TemporaryFolder folder;
    std::filesystem::path project = folder.path() / "parts.percept", state = folder.path() / "fleet";
    std::unique_ptr<dataset::ProjectStore> store;
    FleetMonitor monitor { state, project };
};

TEST_F(OverviewTest, withoutAFleetItSaysSoAndMakesNothing)
{
    const auto read = monitor.read(*store, {}, kNow);
    ASSERT_TRUE(read.hasError());
    EXPECT_EQ(read.error().code, base::ErrorCode::NotFound);
    EXPECT_THAT(read.error().message, HasSubstr("percept fleet serve"));
    EXPECT_FALSE(std::filesystem::exists(state));
}

TEST_F(OverviewTest, threeCamerasTellWhatHappened)
{
    test::FieldFleet fleet(state, "Parts");
    test::fillThreeCameras(fleet, kNow);
    const Overview overview = read();
    ASSERT_THAT(overview.devices, SizeIs(3));
    EXPECT_EQ(overview.devices[0].version, "1.1");
    EXPECT_TRUE(overview.devices[0].online);
    EXPECT_FALSE(overview.devices[2].online);
    ASSERT_NE(track(overview, "cam-1", "1.0"), nullptr);
    EXPECT_EQ(track(overview, "cam-1", "1.0")->hours.size(), 144u);
    EXPECT_EQ(track(overview, "cam-1", "1.1")->hours.size(), 202u); // eight days and ten hours
    EXPECT_THAT(titles(overview), testing::ElementsAre("cam-3: offline for 38 min", "cam-2: pictures are darker"));
    const Alert& dark = overview.alerts[1];
    EXPECT_EQ(dark.level, Level::Act);
    EXPECT_EQ(dark.sinceMs, 19'996 * kDayMs); // four days before the end of the last whole one
    EXPECT_THAT(dark.text, HasSubstr("from 0.50 to 0.40, compared with its first 3 days with model 1.0: 2 days in a row, by chance less than once in 1,000 times"));
    EXPECT_THAT(dark.details, HasSubstr("(PSI)"));
    EXPECT_THAT(dark.details, HasSubstr("p < 0.001"));
    EXPECT_EQ(overview.alerts[0].details, "") << "no statistic says that a device is offline";
    EXPECT_THAT(dark.next, HasSubstr("exposure"));
    EXPECT_THAT(overview.alerts[0].text, HasSubstr("12 messages"));
}

// What its devices tell is none of this project's business, whatever both are called.
TEST_F(OverviewTest, aProjectOfTheSameNameIsAnotherOne)
{
    test::FieldFleet fleet(state, "Parts");
    fleet.enrol("cam-1", kNow - kDayMs);
    fleet.live("cam-1", test::usualField(), kNow - 5 * kHourMs, kNow, 100, "1.0");
    fleet.report("cam-1", "1.0", kNow - 3000);
    EXPECT_THAT(read().tracks, SizeIs(1)) << "of that package nothing but its name is known";
    ASSERT_TRUE(test::makeTestPackage(state / "packages" / (fleet.packageOf("1.0") + ".ppkg")).hasValue());
    FleetMonitor again(state, project);
    const Overview overview = again.read(*store, {}, kNow).value();
    EXPECT_THAT(overview.tracks, SizeIs(0));
    EXPECT_THAT(overview.devices, SizeIs(0));
}

// The broker's word is enough: nobody waits for three windows without one.
TEST_F(OverviewTest, whoIsSaidToBeGoneIsOfflineAtOnce)
{
    test::FieldFleet fleet(state, "Parts");
    fleet.enrol("cam-1", kNow - kDayMs);
    fleet.report("cam-1", "1.0", kNow - 3000);
    EXPECT_THAT(titles(read()), SizeIs(0));
    const fleet::Incoming gone { "cam-1", protocol::Presence { false } };
    ASSERT_TRUE(fleet.store().ingest({ &gone, 1 }, kNow - 1000).hasValue());
    EXPECT_THAT(titles(read()), testing::ElementsAre("cam-1: offline for 3 s"));
    EXPECT_FALSE(read().devices.at(0).online);
    fleet.report("cam-1", "1.0", kNow - 500);
    EXPECT_THAT(titles(read()), SizeIs(0)) << "it is back";
    EXPECT_THAT(titles(read(kNow + 10 * kHourMs)), SizeIs(1)) << "silent for longer than any window, though nobody said goodbye";
}

TEST(Periods, areSaidAsPeopleSayThem)
{
    WindowRules rules;
    EXPECT_EQ(periodsText(rules, 3), "3 days");
    EXPECT_EQ(periodsText(rules, 1), "1 day");
    rules.periodMs = 7 * kDayMs;
    EXPECT_EQ(periodName(rules), "week");
    rules.periodMs = 6 * kHourMs;
    EXPECT_EQ(periodsText(rules, 2), "2 periods of 6 hours");
}

TEST_F(OverviewTest, theDocumentHoldsWhatThePageShows)
{
    test::FieldFleet fleet(state, "Parts");
    test::fillThreeCameras(fleet, kNow);
    const auto document = overviewDocument(read(), kNow - 7 * kDayMs);
    ASSERT_EQ(document["rows"].size(), 4u);
    const auto& row = document["rows"][2];
    EXPECT_EQ(row["device"], "cam-2");
    std::int64_t sum = 0;
    for (const auto& entry : row["per_class"])
        sum += entry["predictions"].get<std::int64_t>();
    EXPECT_EQ(row["predictions"], sum);
    EXPECT_NEAR(row["confidence"].get<double>(), 0.895, 0.01);
    EXPECT_EQ(row["windows"], 168);
    EXPECT_EQ(row["newest"]["readings"].size(), 6u);
    EXPECT_EQ(document["rows"][0]["frames"], 0); // version 1.0 ran before
    EXPECT_EQ(document["alerts"][1]["level"], "act");
    EXPECT_EQ(document["devices"][2]["offline_since_ms"], kNow - 38 * 60'000);
    EXPECT_TRUE(document["devices"][0]["offline_since_ms"].is_null());
}

TEST_F(OverviewTest, readsOnWhereItStoppedBesideTheHub)
{
    test::FieldFleet fleet(state, "Parts");
    fleet.enrol("cam-1", kNow - 2 * kDayMs);
    fleet.live("cam-1", test::usualField(), kNow - 10 * kHourMs, kNow - 5 * kHourMs, 100, "1.0");
    EXPECT_EQ(read().tracks.at(0).hours.size(), 5u);
    const auto before = totalSince(read().tracks.at(0), 0).frames;
    EXPECT_EQ(totalSince(read().tracks.at(0), 0).frames, before); // counted once
    fleet.live("cam-1", test::usualField(), kNow - 5 * kHourMs, kNow, 100, "1.0");
    EXPECT_EQ(read().tracks.at(0).hours.size(), 10u);
}

TEST_F(OverviewTest, goesOnWhereItWasCancelled)
{
    test::FieldFleet fleet(state, "Parts");
    test::fillThreeCameras(fleet, kNow);
    FleetMonitor whole(state, project);
    const auto expected = whole.read(*store, {}, kNow).value();
    base::CancelToken cancel;
    cancel.cancel();
    EXPECT_EQ(monitor.read(*store, {}, kNow, {}, cancel).error().code, base::ErrorCode::Cancelled);
    const Overview overview = read();
    ASSERT_EQ(overview.tracks.size(), expected.tracks.size());
    for (std::size_t i = 0; i < overview.tracks.size(); ++i)
        EXPECT_EQ(totalSince(overview.tracks[i], 0).frames, totalSince(expected.tracks[i], 0).frames);
}

TEST_F(OverviewTest, otherProjectsAreNotCounted)
{
    test::FieldFleet fleet(state, "Other parts");
    fleet.enrol("cam-1", kNow - 2 * kDayMs);
    fleet.live("cam-1", test::usualField(), kNow - 10 * kHourMs, kNow, 100, "1.0");
    fleet.report("cam-1", "1.0", kNow);
    fleet.enrol("cam-2", kNow - kDayMs); // runs nothing yet: may become ours
    const Overview overview = read();
    EXPECT_TRUE(overview.tracks.empty());
    ASSERT_THAT(overview.devices, SizeIs(1));
    EXPECT_EQ(overview.devices[0].name, "cam-2");
    EXPECT_EQ(overview.devices[0].seenMs, 0);
    EXPECT_THAT(titles(overview), SizeIs(0)); // never heard of is no silence
}

TEST_F(OverviewTest, withoutAHubItIsTheHubThatIsMissing)
{
    test::FieldFleet fleet(state, "Parts");
    test::fillThreeCameras(fleet, kNow);
    fleet.setHubRuns(false);
    const Overview overview = read(kNow + 3 * kHourMs);
    EXPECT_FALSE(overview.devices[0].online);
    EXPECT_THAT(titles(overview), testing::ElementsAre("No hub runs", "cam-2: pictures are darker"));
}

TEST_F(OverviewTest, clocksThatAreWrongAreNotBelieved)
{
    test::FieldFleet fleet(state, "Parts");
    fleet.enrol("cam-1", kNow - 2 * kDayMs);
    base::Random random(1);
    const auto hour = [&](std::int64_t fromMs) { return test::drawHour(test::usualField(), { fromMs, 50, 1, "1.0", fleet.packageOf("1.0") }, random); };
    fleet.tell("cam-1", hour(0), kNow);                      // 1970
    fleet.tell("cam-1", hour(kNow + 900 * kDayMs), kNow);    // years ahead
    fleet.tell("cam-1", hour(kNow - kDayMs), kNow);          // waited a day in the outbox
    const Overview overview = read();
    ASSERT_THAT(overview.tracks, SizeIs(1));
    ASSERT_EQ(overview.tracks[0].hours.size(), 2u);
    EXPECT_EQ(overview.tracks[0].hours.rbegin()->first, kNow / kHourMs);
    EXPECT_EQ(overview.tracks[0].hours.rbegin()->second.windows, 2);
    EXPECT_EQ(overview.tracks[0].hours.begin()->second.windows, 1);
}

TEST_F(OverviewTest, rowsThatMakeNoSenseArePassedOverAndCounted)
{
    {
        test::FieldFleet fleet(state, "Parts");
        fleet.enrol("cam-1", kNow - 2 * kDayMs);
        fleet.live("cam-1", test::usualField(), kNow - 4 * kHourMs, kNow, 100, "1.0");
    }
    {
        SQLite::Database db((state / "fleet.db").string(), SQLite::OPEN_READWRITE);
        db.exec("UPDATE telemetry SET body = '{\"type\":\"window\",\"frames\":-1}' WHERE sequence = 2");
    }
    const Overview overview = read();
    EXPECT_EQ(overview.unreadable, 1);
    EXPECT_EQ(overview.tracks.at(0).hours.size(), 3u);
}

TEST_F(OverviewTest, aForeignFileIsRefused)
{
    std::filesystem::create_directories(state);
    std::ofstream(state / "fleet.db") << "not a database, but long enough to look like one, perhaps; or not.";
    const auto read = monitor.read(*store, {}, kNow);
    ASSERT_TRUE(read.hasError());
    EXPECT_EQ(read.error().code, base::ErrorCode::Refused);
}

TEST_F(OverviewTest, validationAnswersCountAtTheirThresholds)
{
    const auto run = project / "runs" / "r0001";
    std::filesystem::create_directories(run);
    const std::vector<protocol::SpecLabel> classes { { LabelId { 1 }, "bolt", 0.3 }, { LabelId { 2 }, "nut", 0.5 } };
    EXPECT_EQ(readValidation(project, "r0001", classes).error().code, base::ErrorCode::NotFound);
    std::vector<evaluation::EvaluationImage> images(3);
    for (int i = 0; i < 3; ++i)
        images[static_cast<std::size_t>(i)].item = i + 1;
    images[0].group = images[1].group = 9;
    images[0].detections = { { 0, 0.62, { 0, 0, 5, 5 } }, { 0, 0.29, { 0, 0, 5, 5 } }, { 1, 0.45, { 0, 0, 5, 5 } }, { 1, 1.0, { 0, 0, 5, 5 } } };
    images[1].detections = { { 0, 0.3, { 0, 0, 5, 5 } } };
    images[2].detections = { { 7, 0.9, { 0, 0, 5, 5 } } }; // no class of the model
    std::ofstream lines(run / "predictions-validation.jsonl");
    for (const auto& image : images)
        lines << evaluation::encodeImageLine(image) << "\n";
    lines.close();
    const auto window = readValidation(project, "r0001", classes).value();
    EXPECT_EQ(window.parts.size(), 2u); // two pictures are one group
    EXPECT_EQ(window.total.predictions, 3);
    EXPECT_EQ(window.total.frames, 3);
    EXPECT_EQ(window.total.emptyFrames, 1);
    EXPECT_EQ(window.total.classes.at("bolt").scores[12], 1);
    EXPECT_EQ(window.total.classes.at("nut").scores[19], 1); // 1.0 belongs to the last bin
    std::ofstream(run / "predictions-validation.jsonl") << "{";
    EXPECT_TRUE(readValidation(project, "r0001", classes).hasError());
}

// The devices run what was packaged; that the run was scored again at a threshold that nothing reaches does not concern them.
TEST_F(OverviewTest, aVersionIsComparedAtTheThresholdsThatItShipsWith)
{
    const auto run = project / "runs" / "r0001";
    std::filesystem::create_directories(run);
    std::filesystem::create_directories(project / "packages");
    auto spec = test::testSpec();
    for (auto& label : spec.labels)
        label.threshold = 0.3;
    ASSERT_TRUE(test::makeTestPackage(project / "packages" / "a.ppkg", test::testKey(), spec).hasValue());
    ASSERT_TRUE(store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    std::vector<evaluation::EvaluationImage> images(100);
    std::ofstream lines(run / "predictions-validation.jsonl");
    for (auto& image : images) {
        image.item = 1 + (&image - images.data());
        image.detections.assign(9, { 0, 0.42, { 0, 0, 5, 5 } });
        image.detections.push_back({ 0, 0.92, { 0, 0, 5, 5 } });
        lines << evaluation::encodeImageLine(image) << "\n";
    }
    lines.close();
    std::ofstream(run / "evaluation-validation.json") << evaluation::evaluationDocument(images, { "red", "blue" }, { 0.9, 0.9 }, 10, 0).dump();
    test::FieldFleet fleet(state, "Parts");
    fleet.enrol("cam-1", kNow - 3 * kDayMs);
    fleet.live("cam-1", test::usualField(), kNow - 2 * kDayMs, kNow, 100, "1.0");
    const auto readings = newestReadings(read().judged.at(0));
    ASSERT_FALSE(readings.empty());
    EXPECT_EQ(readings[0].measure, Measure::Confidence);
    EXPECT_TRUE(readings[0].byValidation);
    EXPECT_NEAR(readings[0].before, 0.9 * 0.425 + 0.1 * 0.925, 1e-9);
}

}
}
