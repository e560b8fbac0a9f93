#include "tests/core/report/collect_fixture.h"
#include "tests/support/field_fleet.h"
#include "tests/support/test_package.h"

namespace percept::report {
namespace {

TEST_F(CollectTest, TellsAnEmptyProjectWhereToBegin)
{
    const ReportData data = collected();
    EXPECT_EQ(data.project, "Cells");
    EXPECT_FALSE(data.hasModel);
    EXPECT_TRUE(says(data.nextSteps, "Gather pictures"));
}

TEST_F(CollectTest, ReportsLabelingWithoutAModel)
{
    import(0, 6, SplitSet::Test);
    const ReportData data = collected();
    EXPECT_FALSE(data.hasModel);
    EXPECT_EQ(data.pictures, 6);
    EXPECT_EQ(data.done, 6);
    EXPECT_EQ(data.boxes, 30);
    EXPECT_EQ(data.classes.at(0).labeled, 24);
    EXPECT_FALSE(data.days.empty());
    EXPECT_TRUE(says(data.nextSteps, "Train a first model"));
}

TEST_F(CollectTest, AsksToScoreATrainedRun)
{
    import(0, 6, SplitSet::Test);
    addRun("r0001", kAll, "draft", /*scored=*/false);
    const ReportData data = collected();
    EXPECT_FALSE(data.hasModel);
    EXPECT_TRUE(says(data.nextSteps, "Score the draft of run 1"));
    const auto wanted = collect("r0001");
    ASSERT_TRUE(wanted.hasError());
    EXPECT_EQ(wanted.error().code, base::ErrorCode::NotFound);
}

TEST_F(CollectTest, JudgesTheDraftOfTheNewestRun)
{
    import(0, 20, SplitSet::Test);
    import(20, 10, SplitSet::Train);
    addRun("r0001", kMost);
    const ReportData data = collected();
    ASSERT_TRUE(data.hasModel);
    EXPECT_EQ(data.version, "draft of run 1");
    EXPECT_EQ(data.testPictures, 20);
    EXPECT_EQ(data.testObjects, 100);
    EXPECT_DOUBLE_EQ(data.found.value, 0.9);
    EXPECT_DOUBLE_EQ(data.marksRight.value, 1);
    EXPECT_EQ(data.marks, 90);
    EXPECT_EQ(data.datasetVersion, 3);
    EXPECT_EQ(data.classes.at(0).found, 80);
    EXPECT_EQ(data.classes.at(1).found, 10);
    EXPECT_EQ(data.classes.at(1).of, 20);
    EXPECT_TRUE(data.classes.at(1).tooFew);
    EXPECT_FALSE(data.comparison.present);
    ASSERT_EQ(data.versions.size(), 1u);
    EXPECT_EQ(data.versionsScope, "all on today's test set");
    EXPECT_TRUE(says(data.notes, "too few to judge: WBC (20)"));
}

TEST_F(CollectTest, CallsADraftByItsNameAndForgetsOneThatWasDeleted)
{
    import(0, 6, SplitSet::Test);
    addRun("r0001", kAll);
    const std::vector<dataset::Edit> named { dataset::EditRun { .run = "r0001", .name = "Night shift" } };
    ASSERT_TRUE(m_store->apply(named, "Named").hasValue());
    EXPECT_EQ(collected().version, "draft Night shift");
    const std::vector<dataset::Edit> deleted { dataset::EditRun { .run = "r0001", .trashed = true } };
    ASSERT_TRUE(m_store->apply(deleted, "Deleted").hasValue());
    EXPECT_FALSE(collected().hasModel);
}

TEST_F(CollectTest, ComparesWithTheVersionBefore)
{
    import(0, 30, SplitSet::Test);
    addRun("r0001", kFour, "1.0");
    addRun("r0002", kMost, "1.1");
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    ASSERT_TRUE(m_store->addModelVersion("r0002", "packages/b.ppkg").hasValue());
    const ReportData data = collected();
    EXPECT_EQ(data.version, "1.1");
    ASSERT_EQ(data.versions.size(), 2u);
    EXPECT_DOUBLE_EQ(data.versions[0].found.value, 0.8);
    EXPECT_DOUBLE_EQ(data.versions[1].found.value, 0.9);
    ASSERT_TRUE(data.comparison.present);
    EXPECT_EQ(data.comparison.other, "1.0");
    // AP50 of RBC is 1 for both; of WBC 0 and then half, as far as recall goes.
    EXPECT_NEAR(data.comparison.points.value, 25, 1);
    EXPECT_GT(data.comparison.points.low, 10) << "in points, as the value";
    EXPECT_LT(data.comparison.points.high, 40);
    EXPECT_GT(data.comparison.points.high, data.comparison.points.value);
    EXPECT_TRUE(data.comparison.isProven());
    EXPECT_EQ(data.comparison.pictures, 30);
    EXPECT_NEAR(data.comparison.found.value, 10, 1e-9);
    EXPECT_GT(data.comparison.found.low, 4);
    EXPECT_LT(data.comparison.found.high, 16);
    EXPECT_TRUE(data.comparison.isBetter());
    EXPECT_DOUBLE_EQ(data.comparison.falseAlarms.value, 0);
    EXPECT_DOUBLE_EQ(data.comparison.before.found, 0.8);
    EXPECT_DOUBLE_EQ(data.comparison.now.found, 0.9);
    EXPECT_DOUBLE_EQ(data.comparison.now.falsePerPicture, 0);
    // An older one can be asked for, by its number or its run.
    EXPECT_EQ(collected("1.0").version, "1.0");
    EXPECT_FALSE(collected("1.0").comparison.present);
    EXPECT_EQ(collected("r0001").version, "1.0");
    EXPECT_TRUE(collect("7.0").hasError());
    EXPECT_TRUE(collect("../../etc").hasError());
}

// A version that only lowered its thresholds finds more, as the page says; by AP50, which tells what to roll out, it is no better.
TEST_F(CollectTest, ALowerThresholdFindsMoreAndIsNoBetterByAp50)
{
    import(0, 30, SplitSet::Test);
    addRun("r0001", kAll, "1.0");
    addRun("r0002", kAll, "1.1");
    setThresholds("r0001", 0.95); // its marks have 0.9
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    ASSERT_TRUE(m_store->addModelVersion("r0002", "packages/b.ppkg").hasValue());
    const ReportData data = collected();
    ASSERT_TRUE(data.comparison.present);
    EXPECT_DOUBLE_EQ(data.comparison.before.found, 0);
    EXPECT_DOUBLE_EQ(data.comparison.now.found, 1);
    EXPECT_DOUBLE_EQ(data.comparison.points.value, 0);
    EXPECT_FALSE(data.comparison.isProven());
    // What is found is another matter: told by itself, in the same words as the page's first figure.
    EXPECT_DOUBLE_EQ(data.comparison.found.value, 100);
    EXPECT_TRUE(data.comparison.isBetter());
}

TEST_F(CollectTest, AWrongClassIsAFalseMarkOfThePicture)
{
    import(0, 10, SplitSet::Test);
    addRun("r0001", kAll, "1.0");
    addRun("r0002", kAll, "1.1");
    callAll("r0001", 0);
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    ASSERT_TRUE(m_store->addModelVersion("r0002", "packages/b.ppkg").hasValue());
    const ReportData data = collected();
    ASSERT_TRUE(data.comparison.present);
    EXPECT_DOUBLE_EQ(data.comparison.before.found, 0.8);
    EXPECT_DOUBLE_EQ(data.comparison.before.falsePerPicture, 1);
    EXPECT_DOUBLE_EQ(data.comparison.now.falsePerPicture, 0);
}

TEST_F(CollectTest, SaysWhatFlattersTheScore)
{
    import(0, 2, SplitSet::Test); // ten boxes that were imported
    import(10, 1, SplitSet::Train, "film");
    import(11, 1, SplitSet::Validation, "film");
    const ItemId item = m_store->readItems({}, {}, 1)->front().id;
    std::vector<dataset::Edit> edits;
    for (const auto origin : { domain::Origin::ProposalAccepted, domain::Origin::ProposalCorrected }) {
        domain::Annotation box;
        box.item = item;
        box.label = m_store->readLabels()->front().id;
        box.box = { 10, 200, 30, 30 };
        box.origin = origin;
        edits.push_back(dataset::AddAnnotation { box });
    }
    ASSERT_TRUE(m_store->apply(edits, "Accepted").hasValue());
    const ReportData data = collected();
    EXPECT_TRUE(says(data.notes, "16.7 % of the test labels began as proposals"));
    EXPECT_TRUE(says(data.notes, "1 group of pictures that belong together"));
}

TEST_F(CollectTest, AddsTheNewerRunBehindTheVersions)
{
    import(0, 10, SplitSet::Test);
    addRun("r0001", kFour, "1.0");
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    ::usleep(5000);
    m_runs += 10; // ends later than the version was made
    addRun("r0002", kAll);
    const ReportData data = collected();
    EXPECT_EQ(data.version, "draft of run 2");
    ASSERT_EQ(data.versions.size(), 2u);
    EXPECT_EQ(data.versions[1].version, "draft");
    EXPECT_EQ(data.comparison.other, "1.0");
}

TEST_F(CollectTest, ARunThatIsNotScoredHidesNoneThatIs)
{
    import(0, 10, SplitSet::Test);
    addRun("r0001", kFour);
    addRun("r0002", kAll, "draft", /*scored=*/false);
    const ReportData data = collected();
    EXPECT_EQ(data.version, "draft of run 1");
    EXPECT_TRUE(says(data.notes, "The draft of run 2 is trained but not scored on the test set"));
}

TEST_F(CollectTest, RejudgesByTodaysLabelsAndSaysWhatIsNew)
{
    import(0, 10, SplitSet::Test);
    addRun("r0001", kAll);
    // Since then: a label was moved away from where the model answers, and four pictures came into the test set.
    auto items = m_store->readItems({}, {}, 1);
    auto boxes = m_store->readAnnotations(items->front().id);
    domain::Annotation moved = boxes->front();
    moved.box.y += 200;
    const std::vector<dataset::Edit> edits { dataset::UpdateAnnotation { moved } };
    ASSERT_TRUE(m_store->apply(edits, "Moved a box").hasValue());
    import(100, 4, SplitSet::Test);
    const ReportData data = collected();
    EXPECT_EQ(data.testPictures, 10);
    EXPECT_DOUBLE_EQ(data.found.value, 49.0 / 50);
    EXPECT_EQ(data.versionsScope, "all on the same 10 of today's 14 test pictures");
    EXPECT_TRUE(says(data.notes, "4 of today's 14 test pictures joined the test set"));
}

TEST_F(CollectTest, WhatAModelIsAskedLaterDoesNotChangeItsScore)
{
    import(0, 10, SplitSet::Test);
    addRun("r0001", kFour);
    const auto before = collected();
    import(10, 4, SplitSet::Test);
    const fs::path file = m_project / "runs/r0001/predictions-test.jsonl";
    dataset::ItemFilter filter;
    filter.sets = { SplitSet::Test };
    const auto items = m_store->readItems(filter, {}, 100).value();
    std::ofstream out(file, std::ios::binary | std::ios::app);
    for (std::size_t i = 10; i < 13; ++i) { // shown three of the four for a comparison, on which it finds nothing
        EvaluationImage image;
        image.item = items[i].id.value;
        out << evaluation::kLaterMark << evaluation::encodeImageLine(image).substr(1) << "\n";
    }
    out.close();
    const auto after = collected();
    EXPECT_EQ(after.testPictures, 10);
    EXPECT_DOUBLE_EQ(after.found.value, before.found.value);
    EXPECT_DOUBLE_EQ(after.found.low, before.found.low);
    EXPECT_TRUE(says(after.notes, "4 of today's 14 test pictures joined the test set"));
}

TEST_F(CollectTest, CountsObjectsOfANewClassAsMissed)
{
    import(0, 10, SplitSet::Test);
    addRun("r0001", kAll);
    domain::Label label;
    label.name = "Platelets";
    const std::vector<dataset::Edit> add { dataset::AddLabel { label } };
    auto added = m_store->apply(add, "Added a class");
    ASSERT_TRUE(added.hasValue());
    auto items = m_store->readItems({}, {}, 1);
    domain::Annotation box;
    box.item = items->front().id;
    box.label = added->addedLabels.front();
    box.box = { 10, 200, 30, 30 };
    const std::vector<dataset::Edit> draw { dataset::AddAnnotation { box } };
    ASSERT_TRUE(m_store->apply(draw, "Drew a box").hasValue());
    // Drawing may put the picture back into review; it is finished again.
    const std::vector<dataset::Edit> finish { dataset::SetItemState { box.item, domain::ItemState::Done } };
    ASSERT_TRUE(m_store->apply(finish, "Done").hasValue());
    const ReportData data = collected();
    EXPECT_EQ(data.testObjects, 51);
    EXPECT_DOUBLE_EQ(data.found.value, 50.0 / 51);
    EXPECT_TRUE(says(data.notes, "Not among the classes of this model"));
}

TEST_F(CollectTest, NamesWhatItCannotRead)
{
    import(0, 10, SplitSet::Test);
    addRun("r0001", kFour, "1.0");
    addRun("r0002", kAll, "1.1");
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    ASSERT_TRUE(m_store->addModelVersion("r0002", "packages/b.ppkg").hasValue());
    write(m_project / "runs" / "r0001" / "predictions-test.jsonl", "{\"item\":1,\"truths\":\n");
    ReportData data = collected();
    EXPECT_EQ(data.version, "1.1");
    EXPECT_EQ(data.versions.size(), 1u);
    EXPECT_TRUE(says(data.notes, "Not shown: 1.0."));
    for (const char* garbage : { "", "[]", "{\"per_class\":7}", "{\"per_class\":[{\"label\":\"RBC\",\"threshold\":\"x\"}],\"model\":[]}" }) {
        write(m_project / "runs" / "r0002" / "evaluation-test.json", garbage);
        collected(); // whatever it says, it says something
    }
    // A version whose run is gone, and one whose run's name leads elsewhere.
    ASSERT_TRUE(m_store->addModelVersion("../../r0001", "packages/c.ppkg").hasValue());
    ASSERT_TRUE(m_store->addModelVersion("r0099", "packages/d.ppkg").hasValue());
    data = collected();
    EXPECT_TRUE(says(data.notes, "Not shown: 1.2."));
    EXPECT_TRUE(says(data.notes, "Not shown: 1.3."));
}

// Chosen by chance, answered by the version on the device, labeled here: object 0 was found, object 1 was not.
TEST_F(CollectTest, TellsWhatWasFoundInTheFieldAndWhatTheDevicesRun)
{
    import(0, 4, SplitSet::Test);
    addRun("r0001", [](int, int) { return true; });
    dataset::TakeFieldSample edit;
    edit.sample = { std::string(32, 'a'), "cam-1", "1.0", std::string(64, 'b'), "random", 1'790'000'000'000, { { "RBC", 0.9, place(0) } } };
    edit.picture = { m_project / "media" / "field" / "a.jpg", "cam-1 a.jpg", std::string(64, 'c'), 10, 400, 300 };
    edit.set = SplitSet::Test;
    edit.state = domain::ItemState::Done;
    for (int k : { 0, 1 }) {
        domain::Annotation box;
        box.label = m_store->readLabels()->front().id;
        box.box = place(k);
        edit.boxes.push_back(box);
    }
    const std::vector<dataset::Edit> edits { edit };
    ASSERT_TRUE(m_store->apply(edits, "Took").hasValue());
    test::FieldFleet fleet(m_root / "fleet", "Cells");
    for (const char* device : { "cam-1", "cam-2", "cam-3" })
        fleet.enrol(device, 1000);
    fleet.report("cam-1", "1.1", base::nowMs());
    fleet.report("cam-2", "1.0", base::nowMs());
    const auto data = collectReport(*m_store, m_project, {}, m_root / "fleet");
    ASSERT_TRUE(data.hasValue()) << data.error().message;
    ASSERT_EQ(data->field.versions.size(), 1u);
    EXPECT_EQ(data->field.versions[0].version, "1.0");
    EXPECT_DOUBLE_EQ(data->field.versions[0].found.value, 0.5);
    EXPECT_EQ(data->testFromField, 1);
    EXPECT_TRUE(says(data->notes, "1 of the 5 test pictures came from devices, chosen by chance."));
    EXPECT_EQ(data->fleet.devices, 2) << "the third one was told nothing of this project";
    EXPECT_EQ(data->fleet.online, 2);
    EXPECT_EQ(data->fleet.versions.size(), 2u);
    fleet.setHubRuns(false);
    EXPECT_EQ(readFleetStand(m_root / "fleet", *m_store)->online, 0) << "nobody can be heard";
    const auto parts = dataset::ProjectStore::create(m_root / "parts.percept", "Parts", domain::Task::Detection, { "bolt" }).value();
    EXPECT_EQ(readFleetStand(m_root / "fleet", *parts)->devices, 0);
    EXPECT_FALSE(readFleetStand(m_root / "nothing", *m_store)->isKnown);
    EXPECT_EQ(collected().fleet.devices, 0) << "nobody asked for a fleet";
}

TEST_F(CollectTest, AVersionThatWasRolledBackIsSaidToBe)
{
    import(0, 4, SplitSet::Test);
    addRun("r0001", kAll, "1.0");
    addRun("r0002", kAll, "1.1");
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    ASSERT_TRUE(m_store->addModelVersion("r0002", "packages/b.ppkg").hasValue());
    test::FieldFleet fleet(m_root / "fleet", "Cells");
    fleet.enrol("cam-1", 1000);
    const auto roll = [&](const std::string& sha, const char* version, std::int64_t release, std::int64_t timeMs) {
        ASSERT_TRUE(fleet.store().writePackage({ sha, 10, "Cells", version, release, "signer" }, timeMs).hasValue());
        ASSERT_TRUE(fleet.store().beginRollout(sha, timeMs).hasValue());
        for (int ring = 0; ring < 2; ++ring)
            ASSERT_TRUE(fleet.store().promoteRollout(timeMs).hasValue());
    };
    roll(std::string(64, '1'), "1.0", 11, 1'790'000'000'000);
    roll(std::string(64, '2'), "1.1", 12, 1'791'000'000'000);
    EXPECT_TRUE(readFleetStand(m_root / "fleet", *m_store)->rolledBack.empty());
    ASSERT_TRUE(fleet.store().writePackage({ std::string(64, '3'), 10, "Cells", "1.0", 13, "signer" }, 1'792'000'000'000).hasValue());
    ASSERT_TRUE(fleet.store().rollBack(std::string(64, '3'), "worse", 1'792'000'000'000).hasValue());
    const auto data = collectReport(*m_store, m_project, {}, m_root / "fleet").value();
    ASSERT_EQ(data.fleet.rolledBack.size(), 1u);
    EXPECT_EQ(data.fleet.rolledBack[0].version, "1.1");
    EXPECT_EQ(data.fleet.rolledBack[0].replacedBy, "1.0");
    EXPECT_EQ(data.fleet.rolledBack[0].timeMs, 1'792'000'000'000);
    EXPECT_EQ(data.fleet.rolledBack[0].devices, 0);
    fleet.report("cam-1", "1.1", 1'792'000'001'000); // has not heard of it
    EXPECT_EQ(readFleetStand(m_root / "fleet", *m_store)->rolledBack.at(0).devices, 1);
    ASSERT_EQ(data.versions.size(), 2u);
    EXPECT_EQ(data.versions[0].rolledBackMs, 0);
    EXPECT_EQ(data.versions[1].rolledBackMs, 1'792'000'000'000);
    EXPECT_TRUE(std::any_of(data.notes.begin(), data.notes.end(), [](const auto& note) { return note.find("Version 1.1 was rolled back on") != std::string::npos; }));
    roll(std::string(64, '4'), "1.1", 14, 1'793'000'000'000);
    EXPECT_TRUE(readFleetStand(m_root / "fleet", *m_store)->rolledBack.empty()) << "it was rolled out again";
}

TEST_F(CollectTest, WhatHappenedToAnotherProjectOfTheSameNameIsNotReported)
{
    import(0, 4, SplitSet::Test);
    addRun("r0001", kAll, "1.0");
    test::FieldFleet fleet(m_root / "fleet", "Cells");
    fleet.enrol("cam-1", 1000);
    fleet.report("cam-1", "1.0", base::nowMs());
    const std::string sha(64, '1');
    ASSERT_TRUE(fleet.store().writePackage({ sha, 10, "Cells", "1.0", 11, "signer" }, 1).hasValue());
    ASSERT_TRUE(fleet.store().writePackage({ std::string(64, '3'), 10, "Cells", "1.0", 12, "signer" }, 1).hasValue());
    ASSERT_TRUE(fleet.store().beginRollout(sha, 2).hasValue());
    ASSERT_TRUE(fleet.store().rollBack(std::string(64, '3'), "worse", 3).hasValue());
    EXPECT_EQ(readFleetStand(m_root / "fleet", *m_store)->devices, 1) << "of these packages nothing but their name is known";
    for (const auto& package : { sha, std::string(64, '3'), fleet.packageOf("1.0") })
        ASSERT_TRUE(test::makeTestPackage(m_root / "fleet" / "packages" / (package + ".ppkg")).hasValue());
    const auto stand = readFleetStand(m_root / "fleet", *m_store).value();
    EXPECT_EQ(stand.devices, 0);
    EXPECT_TRUE(stand.rolledBack.empty());
}

TEST_F(CollectTest, AFleetThatCannotBeReadCostsItsFiguresAlone)
{
    import(0, 4, SplitSet::Test);
    fs::create_directories(m_root / "fleet");
    write(m_root / "fleet" / "fleet.db", std::string(4096, 'x'));
    const auto data = collectReport(*m_store, m_project, {}, m_root / "fleet");
    ASSERT_TRUE(data.hasValue()) << data.error().message;
    EXPECT_TRUE(says(data->notes, "The devices are not shown."));
}

TEST_F(CollectTest, ReadsBesideAWriter)
{
    import(0, 5, SplitSet::Test);
    addRun("r0001", kAll);
    auto reader = dataset::ProjectReader::open(m_project);
    ASSERT_TRUE(reader.hasValue()) << reader.error().message;
    const auto data = collectReport(**reader, m_project);
    ASSERT_TRUE(data.hasValue());
    EXPECT_TRUE(data->hasModel);
    EXPECT_NE(renderHtml(*data).find("25 objects"), std::string::npos);
}

}
}
