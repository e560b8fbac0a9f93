#include "core/base/files.h"
#include "core/base/time.h"
#include "core/dataset/project_store.h"
#include "core/evaluation/evaluation_document.h"
#include "core/protocol/run_config.h"
#include "core/report/collect.h"
#include "core/runs/run_status.h"
#include "tests/support/field_fleet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace percept::report {
namespace {

namespace fs = std::filesystem;
using domain::SplitSet;
using evaluation::EvaluationImage;

constexpr int kObjects = 5; // on every picture: four RBC and one WBC

domain::Box place(int k) { return { 10.0 + k * 60, 20, 40, 40 }; }

class CollectTest : public testing::Test {
protected:
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "percept report XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        m_root = name;
        m_project = m_root / "cells.percept";
        auto store = dataset::ProjectStore::create(m_project, "Cells", domain::Task::Detection, { "RBC", "WBC" });
        ASSERT_TRUE(store.hasValue()) << store.error().message;
        m_store = std::move(store).value();
    }
    void TearDown() override
    {
        m_store.reset();
        fs::remove_all(m_root);
    }

    void import(int first, int count, SplitSet set, const std::string& group = {})
    {
        std::vector<dataset::ImportItem> items;
        for (int i = first; i < first + count; ++i) {
            dataset::ImportItem item;
            item.file = m_root / ("p" + std::to_string(i) + ".jpg");
            std::ofstream(item.file) << "picture " << i;
            item.name = item.file.filename().string();
            item.sizeBytes = 10;
            item.width = 400;
            item.height = 300;
            item.set = set;
            item.groupKey = group.empty() ? "g" + std::to_string(i) : group;
            item.labeled = true;
            for (int k = 0; k < kObjects; ++k)
                item.boxes.push_back({ k == 4 ? "WBC" : "RBC", place(k), {} });
            items.push_back(item);
        }
        auto batch = m_store->beginImport("pictures");
        ASSERT_TRUE(batch.hasValue());
        ASSERT_TRUE(m_store->addToImport(*batch, items).hasValue());
        ASSERT_TRUE(m_store->finishImport(*batch).hasValue());
    }

    // A finished run whose model finds object k of picture i when finds(i, k).
    template <typename Finds>
    void addRun(const std::string& id, Finds finds, const std::string& model = "draft", bool scored = true)
    {
        const fs::path run = m_project / "runs" / id;
        fs::create_directories(run / "model");
        protocol::RunConfig config;
        config.run = id;
        config.datasetVersion = 3;
        config.epochs = 1;
        write(run / "config.json", protocol::toJson(config).dump());
        runs::RunStatus status;
        status.status = "ok";
        status.createdMs = status.startedMs = status.endedMs = base::nowMs() + 1000 * (m_runs++);
        ASSERT_TRUE(runs::writeStatus(run, status).hasValue());
        write(run / "model" / "model.onnx", "no model");
        protocol::ModelSpec spec;
        spec.labels = { { LabelId { 1 }, "RBC", 0.5 }, { LabelId { 2 }, "WBC", 0.5 } };
        spec.inputWidth = spec.inputHeight = 416;
        spec.backbone = "efficientnet-lite0";
        spec.baseWeights = "none";
        write(run / "model" / "spec.json", protocol::toJson(spec).dump());
        if (scored)
            score(run, finds, model);
    }

    template <typename Finds>
    void score(const fs::path& run, Finds finds, const std::string& model)
    {
        dataset::ItemFilter filter;
        filter.sets = { SplitSet::Test };
        auto items = m_store->readItems(filter, {}, 1000);
        ASSERT_TRUE(items.hasValue());
        std::vector<EvaluationImage> images;
        std::string lines;
        for (std::size_t i = 0; i < items->size(); ++i) {
            EvaluationImage image;
            image.item = (*items)[i].id.value;
            image.group = (*items)[i].group.value;
            for (int k = 0; k < kObjects; ++k) {
                image.truths.push_back({ k == 4 ? 1 : 0, place(k) });
                if (finds(static_cast<int>(i), k))
                    image.detections.push_back({ k == 4 ? 1 : 0, 0.9, place(k) });
            }
            image.detections.push_back({ 0, 0.4, place(0) }); // below the threshold
            lines += evaluation::encodeImageLine(image) + "\n";
            images.push_back(image);
        }
        auto document = evaluation::evaluationDocument(images, { "RBC", "WBC" }, { 0.5, 0.5 }, 50, 0);
        document["model"] = model;
        write(run / "predictions-test.jsonl", lines);
        write(run / "evaluation-test.json", document.dump());
    }

    // As if the run's model called every object by this class.
    void callAll(const std::string& id, int label)
    {
        const fs::path file = m_project / "runs" / id / "predictions-test.jsonl";
        std::ifstream in(file);
        std::string lines;
        for (std::string line; std::getline(in, line);) {
            auto image = evaluation::decodeImageLine(line);
            ASSERT_TRUE(image.hasValue()) << image.error().message;
            for (auto& detection : image->detections)
                detection.label = label;
            lines += evaluation::encodeImageLine(*image) + "\n";
        }
        write(file, lines);
    }

    // As if the run had been packaged with this threshold for all classes.
    void setThresholds(const std::string& id, double threshold)
    {
        const fs::path file = m_project / "runs" / id / "evaluation-test.json";
        std::ifstream in(file);
        auto document = nlohmann::json::parse(in);
        for (auto& row : document["per_class"])
            row["threshold"] = threshold;
        document["thresholds"] = { threshold, threshold };
        write(file, document.dump());
    }

    static void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

    base::Result<ReportData> collect(const std::string& model = {}) { return collectReport(*m_store, m_project, model); }
    ReportData collected(const std::string& model = {})
    {
        auto data = collect(model);
        EXPECT_TRUE(data.hasValue()) << data.error().message;
        return data.hasValue() ? *data : ReportData();
    }
    static bool says(const std::vector<std::string>& sentences, const std::string& words)
    {
        return std::any_of(
            sentences.begin(), sentences.end(), [&](const auto& s) { return s.find(words) != std::string::npos; });
    }

    fs::path m_root, m_project;
    std::unique_ptr<dataset::ProjectStore> m_store;
    int m_runs = 0;
};

const auto kAll = [](int, int) { return true; };
const auto kFour = [](int, int k) { return k < 4; };        // never the WBC
const auto kMost = [](int i, int k) { return k < 4 || i % 2; };

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

// A version that only lowered its thresholds finds more and is not better: the claim rests on AP50.
TEST_F(CollectTest, ALowerThresholdIsNoBetterModel)
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
    EXPECT_EQ(readFleetStand(m_root / "fleet", "Cells")->online, 0) << "nobody can be heard";
    EXPECT_EQ(readFleetStand(m_root / "fleet", "Parts")->devices, 0);
    EXPECT_FALSE(readFleetStand(m_root / "nothing", "Cells")->isKnown);
    EXPECT_EQ(collected().fleet.devices, 0) << "nobody asked for a fleet";
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
