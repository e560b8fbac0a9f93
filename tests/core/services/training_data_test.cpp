#include "core/base/files.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"
#include "core/services/training_data.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace percept::services {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using domain::SplitSet;
using nlohmann::json;

struct TrainingData : testing::Test {
    void make(int pictures, bool withSets)
    {
        test::makeSquaresProject(project, folder / "pictures", pictures, withSets);
        session = ProjectSession::open(project, "test").value();
    }
    DataCheck check() { return checkTrainingData(session->reader()).value(); }
    static bool says(const DataCheck& check, DataFinding::Level level, const std::string& word)
    {
        return std::any_of(check.findings.begin(), check.findings.end(), [&](const auto& f) { return f.level == level && f.text.find(word) != std::string::npos; });
    }
    std::vector<protocol::SnapshotItem> snapshot(const std::string& run)
    {
        std::vector<protocol::SnapshotItem> items;
        const auto text = base::readTextFile(runs::runFolder(project, run) / "snapshot" / "items.jsonl").value();
        for (std::size_t from = 0; from < text.size(); from = text.find('\n', from) + 1)
            items.push_back(protocol::snapshotItemFromJson(json::parse(text.substr(from, text.find('\n', from) - from))).value());
        return items;
    }
    dataset::Committed apply(std::vector<dataset::Edit> edits)
    {
        return session->call([&](dataset::ProjectStore& store) { return store.apply(edits, "test"); }).value();
    }
    test::TemporaryFolder folder;
    fs::path project = folder / "p.percept";
    std::unique_ptr<ProjectSession> session;
};

TEST_F(TrainingData, an_empty_project_cannot_train)
{
    make(0, true);
    EXPECT_FALSE(check().canTrain);
    const auto run = prepareRun(*session, {});
    ASSERT_TRUE(run.hasError());
    EXPECT_EQ(run.error().code, base::ErrorCode::Refused);
    EXPECT_FALSE(fs::exists(runs::runFolder(project, "r0001")));
}

TEST_F(TrainingData, pictures_without_a_set_are_shared_out_once)
{
    make(20, false);
    EXPECT_TRUE(check().canTrain);
    EXPECT_TRUE(says(check(), DataFinding::Level::Note, "shared out"));
    ASSERT_TRUE(prepareRun(*session, {}).hasValue());
    const auto done = readDoneItems(session->reader()).value();
    EXPECT_EQ(done.train.size(), 12u);
    EXPECT_EQ(done.validation.size(), 4u);
    EXPECT_EQ(done.test.size(), 4u);
    EXPECT_TRUE(done.withoutSet.empty());
    ASSERT_TRUE(prepareRun(*session, {}).hasValue());
    EXPECT_EQ(readDoneItems(session->reader())->train, done.train) << "once, and never again";
}

TEST_F(TrainingData, a_split_that_came_with_the_data_is_not_extended)
{
    make(12, true);
    const auto before = readDoneItems(session->reader()).value();
    apply({ dataset::SetItemSet { before.train.back(), SplitSet::None } });
    EXPECT_TRUE(says(check(), DataFinding::Level::Warning, "came with the data"));
    const auto run = prepareRun(*session, {});
    ASSERT_TRUE(run.hasValue());
    EXPECT_EQ(readDoneItems(session->reader())->withoutSet.size(), 1u);
    EXPECT_EQ(snapshot(run.value()).size(), before.train.size() - 1 + before.validation.size());
}

TEST_F(TrainingData, the_snapshot_holds_what_may_be_learned_and_nothing_else)
{
    make(12, true);
    const auto done = readDoneItems(session->reader()).value();
    const auto open = done.train.at(0), crowded = done.train.at(1);
    const auto label = session->reader().readLabels()->at(0).id;
    domain::Annotation empty, crowd;
    empty.item = crowd.item = crowded;
    empty.label = crowd.label = label;
    empty.box = { 5, 5, 0, 10 };
    crowd.box = { 1, 1, 70, 50 };
    crowd.flags.crowd = true;
    apply({ dataset::SetItemState { open, domain::ItemState::ToDo }, dataset::AddAnnotation { empty }, dataset::AddAnnotation { crowd } });
    const auto boxes = session->reader().readAnnotations(crowded)->size();

    const auto run = prepareRun(*session, {});
    ASSERT_TRUE(run.hasValue()) << run.error().message;
    const auto items = snapshot(run.value());
    EXPECT_TRUE(std::is_sorted(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.id < b.id; }));
    bool crowdSeen = false;
    for (const auto& item : items) {
        EXPECT_NE(item.id, open.value) << "what is to do never trains";
        EXPECT_TRUE(item.set == SplitSet::Train || item.set == SplitSet::Validation);
        EXPECT_FALSE(std::count(done.test.begin(), done.test.end(), ItemId { item.id }));
        EXPECT_EQ(item.sha256.size(), 64u);
        EXPECT_TRUE(fs::exists(item.path));
        for (const auto& box : item.boxes) {
            EXPECT_TRUE(box.box.hasArea());
            crowdSeen |= box.crowd;
        }
        EXPECT_TRUE(item.id != crowded.value || item.boxes.size() == boxes - 1);
    }
    EXPECT_TRUE(crowdSeen);
    const auto labels = json::parse(base::readTextFile(runs::runFolder(project, run.value()) / "snapshot" / "labels.json").value());
    EXPECT_EQ(labels.at(0).at("name"), "red");
}

TEST_F(TrainingData, a_class_without_boxes_is_not_learned)
{
    make(12, true);
    domain::Label label;
    label.name = "green";
    apply({ dataset::AddLabel { label } });
    EXPECT_TRUE(says(check(), DataFinding::Level::Note, "green"));
    const auto run = prepareRun(*session, {});
    EXPECT_EQ(json::parse(base::readTextFile(runs::runFolder(project, run.value()) / "snapshot" / "labels.json").value()).size(), 2u);
}

TEST_F(TrainingData, requests_are_checked)
{
    make(12, true);
    TrainRequest request;
    request.recipe = "quick";
    EXPECT_EQ(prepareRun(*session, request).error().code, base::ErrorCode::Usage);
    request = {};
    request.epochs = 0;
    EXPECT_EQ(prepareRun(*session, request).error().code, base::ErrorCode::Usage);
    request = {};
    request.timeLimitMinutes = -1;
    EXPECT_EQ(prepareRun(*session, request).error().code, base::ErrorCode::Usage);
    request = {};
    request.from = "r0042";
    EXPECT_TRUE(prepareRun(*session, request).hasError());
    EXPECT_TRUE(runs::readAllRuns(project).empty());
}

TEST_F(TrainingData, the_run_names_its_version_and_plan)
{
    make(12, true);
    TrainRequest request;
    request.epochs = 7;
    request.seed = 3;
    const auto id = prepareRun(*session, request).value();
    const auto run = runs::readRun(runs::runFolder(project, id));
    ASSERT_TRUE(run.hasValue());
    EXPECT_EQ(run->status, "prepared");
    EXPECT_EQ(run->config.epochs, 7);
    EXPECT_EQ(run->config.seed, 3u);
    EXPECT_EQ(run->config.datasetVersion, session->reader().readVersions()->at(0).id.value);
    EXPECT_EQ(prepareRun(*session, {}).value(), "r0002");
    EXPECT_EQ(session->reader().readVersions()->size(), 1u) << "the same data are the same version";
}

TEST(PictureSize, is_the_usual_one_for_objects_that_are_large_enough)
{
    const std::vector<double> large(40, 0.1), few(3, 0.001);
    EXPECT_EQ(choosePictureSize({ { "cell", large }, { "dust", few } }, { 1920 }).longSide, 416) << "three objects decide nothing";
    EXPECT_EQ(choosePictureSize({}, {}).longSide, 416);
}

TEST(PictureSize, is_that_in_which_small_objects_have_twenty_pixels)
{
    const std::vector<double> large(400, 0.1);
    std::vector<double> small(40, 0.2);
    std::fill_n(small.begin(), 11, 0.032); // 13 pixels at 416; a quarter of the class
    const auto size = choosePictureSize({ { "cell", large }, { "platelet", small } }, { 1280, 1280, 640 });
    EXPECT_EQ(size.longSide, 640) << "20 / .032 = 625";
    EXPECT_NE(size.reason.find("platelet"), std::string::npos);
    EXPECT_EQ(choosePictureSize({ { "cell", large }, { "platelet", small } }, { 500, 500, 4000 }).longSide, 512) << "no more than pictures have";
    EXPECT_EQ(choosePictureSize({ { "cell", large }, { "platelet", small } }, { 300 }).longSide, 416);
    EXPECT_EQ(choosePictureSize({ { "speck", std::vector<double>(40, 0.002) } }, { 6000 }).longSide, 1024) << "no more than a desk can train";
}

TEST_F(TrainingData, a_run_gets_the_size_that_was_asked_for_else_that_of_its_objects)
{
    make(12, true);
    const auto sizeOf = [&](const TrainRequest& request) {
        return runs::readRun(runs::runFolder(project, prepareRun(*session, request).value()))->config.longSide;
    };
    EXPECT_EQ(sizeOf({}), 416);
    TrainRequest request;
    request.longSide = 192;
    EXPECT_EQ(sizeOf(request), 192);
}

// As the project tells of its objects: of those that are learned from, and without crowds, whose boxes are no objects.
TEST_F(TrainingData, small_objects_let_a_run_see_its_pictures_larger)
{
    test::makeSpecksProject(project, folder / "pictures");
    session = ProjectSession::open(project, "test").value();
    EXPECT_EQ(check().size.longSide, 640) << "40 of 1280 pixels are 20 of 640";
    EXPECT_EQ(check().size.smallestClass, "red");
    EXPECT_TRUE(says(check(), DataFinding::Level::Note, "class red are small"));
    const auto run = prepareRun(*session, {});
    ASSERT_TRUE(run.hasValue()) << run.error().message;
    EXPECT_EQ(runs::readRun(runs::runFolder(project, *run))->config.longSide, 640);
}

TEST(PictureSize, another_one_is_warned_of_where_it_shows_nothing_more_or_too_little)
{
    const auto chosen = choosePictureSize({ { "platelet", std::vector<double>(40, 0.032) } }, { 1280 });
    EXPECT_EQ(cautionOn(chosen.longSide, chosen), "");
    EXPECT_EQ(cautionOn(1280, chosen), "");
    EXPECT_THAT(cautionOn(1312, chosen), HasSubstr("1280 pixels: they are only enlarged"));
    EXPECT_THAT(cautionOn(416, chosen), AllOf(HasSubstr("platelet"), HasSubstr("narrower than 14")));
    EXPECT_EQ(cautionOn(64, choosePictureSize({}, {})), "") << "nothing is known";
}

TEST(DefaultEpochs, about_as_many_steps_for_every_size)
{
    EXPECT_EQ(defaultEpochs(205), 32);
    EXPECT_EQ(defaultEpochs(10), 100);
    EXPECT_EQ(defaultEpochs(100'000), 10);
}

}
}
