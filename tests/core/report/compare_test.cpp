// A new model against the running one, and how right the latter was in the field.
#include "core/report/compare.h"
#include "core/report/field.h"
#include "core/report/wording.h"
#include "tests/core/report/collect_fixture.h"

#include <gmock/gmock.h>

namespace percept::report {
namespace {

using testing::HasSubstr;
using testing::Not;

class CompareTest : public CollectTest {
protected:
    domain::Origin m_origin = domain::Origin::Drawn; // of the labels on pictures of devices
    // A finished picture of a device with the five objects; the device found the first `found` of them and `extra` where nothing is.
    void takeSample(int number, const std::string& reason, const std::string& version, int found, int extra = 0, bool done = true)
    {
        dataset::TakeFieldSample edit;
        const fs::path file = m_root / ("field" + std::to_string(number) + ".jpg");
        std::ofstream(file) << "field " << number;
        std::string id = std::to_string(number);
        edit.sample = { std::string(32 - id.size(), '0') + id, "cam-1", version, std::string(64, 'f'), reason, 60'000 * (1 + number), {} }; // each a moment of its own
        edit.picture = { file, file.filename().string(), "hash" + id, 10, 400, 300 };
        edit.set = reason == "random" ? SplitSet::Test : SplitSet::Train;
        edit.state = done ? domain::ItemState::Done : domain::ItemState::ToDo;
        for (int k = 0; k < kObjects; ++k) {
            domain::Annotation box;
            box.label = LabelId { k == 4 ? 2 : 1 };
            box.box = place(k);
            box.origin = m_origin;
            edit.boxes.push_back(box);
            if (k < found)
                edit.sample.answers.push_back({ k == 4 ? "WBC" : "RBC", 0.6, place(k) });
        }
        for (int k = 0; k < extra; ++k)
            edit.sample.answers.push_back({ "RBC", 0.6, { 10.0 + 60 * k, 200, 40, 40 } });
        const std::vector<dataset::Edit> edits { edit };
        ASSERT_TRUE(m_store->apply(edits, "Took").hasValue());
    }
    FieldAccuracy field() { return readFieldAccuracy(*m_store).value(); }
    ModelComparison compare(const std::string& a, const std::string& b)
    {
        auto compared = compareModels(*m_store, m_project, a, b);
        EXPECT_TRUE(compared.hasValue()) << compared.error().message;
        return compared.hasValue() ? *compared : ModelComparison();
    }
};

TEST_F(CompareTest, OnlyFinishedPicturesOfChanceTellTheFieldsAccuracy)
{
    for (int i = 0; i < 10; ++i)
        takeSample(i, "random", "1.0", 4, 1);
    for (int i = 10; i < 14; ++i)
        takeSample(i, "unsure", "1.0", 0, 5); // hard ones, chosen for that
    takeSample(20, "random", "1.0", 0, 0, /*done=*/false);
    takeSample(21, "random", "1.1", 5);
    const auto accuracy = field();
    EXPECT_EQ(accuracy.pictures, 11);
    EXPECT_EQ(accuracy.unfinished, 1);
    ASSERT_EQ(accuracy.versions.size(), 2u);
    const FieldVersion& first = accuracy.versions[0];
    EXPECT_EQ(first.version, "1.0");
    EXPECT_EQ(first.pictures, 10);
    EXPECT_EQ(first.objects, 50);
    EXPECT_DOUBLE_EQ(first.found.value, 0.8);
    EXPECT_DOUBLE_EQ(first.marksRight.value, 0.8); // 40 of 50 answers
    EXPECT_LT(first.found.low, 0.8);
    EXPECT_EQ(first.fromMs, 60'000);
    EXPECT_EQ(first.toMs, 600'000);
    EXPECT_DOUBLE_EQ(accuracy.versions[1].found.value, 1.0);
    EXPECT_THAT(inWords(first), HasSubstr("finds 80 of 100 objects"));
}

TEST_F(CompareTest, WhatIsMovedOutOfTheTestSetOrIntoTheTrashNoLongerCounts)
{
    takeSample(1, "random", "1.0", 5);
    takeSample(2, "random", "1.0", 0);
    takeSample(3, "random", "1.0", 0);
    const auto samples = m_store->readFieldSamples().value();
    const std::vector<dataset::Edit> edits { dataset::SetItemSet { samples[1].item, SplitSet::Train }, dataset::SetItemTrashed { samples[2].item } };
    ASSERT_TRUE(m_store->apply(edits, "Moved").hasValue());
    EXPECT_EQ(field().pictures, 1);
    EXPECT_DOUBLE_EQ(field().versions.at(0).found.value, 1.0);
}

TEST_F(CompareTest, AnAnswerOfAClassThatIsGoneIsWrong)
{
    takeSample(1, "random", "1.0", 5);
    auto labels = m_store->readLabels().value();
    labels[0].name = "erythrocyte";
    const std::vector<dataset::Edit> edits { dataset::UpdateLabel { labels[0] } };
    ASSERT_TRUE(m_store->apply(edits, "Renamed").hasValue());
    EXPECT_DOUBLE_EQ(field().versions.at(0).found.value, 0.2);
}

TEST_F(CompareTest, BetterIsSaidOnlyBeyondChanceAndForTheFieldAlone)
{
    import(0, 20, SplitSet::Test);
    for (int i = 100; i < 120; ++i)
        takeSample(i, "random", "1.0", 3);
    takeSample(200, "unsure", "1.0", 0);
    addRun("r0001", kFour); // never the WBC
    addRun("r0002", kAll);
    // The first 20 of the test set are the imported ones: on those both are alike.
    addRun("r0003", [](int i, int k) { return i < 20 ? k < 4 : true; });
    const auto everywhere = compare("r0001", "r0002");
    EXPECT_TRUE(everywhere.isBetter());
    EXPECT_EQ(everywhere.test.pictures, 40);
    EXPECT_EQ(everywhere.field.pictures, 20);
    EXPECT_GT(everywhere.field.points.low, 0);
    EXPECT_THAT(everywhere.words, HasSubstr("Roll it out."));
    EXPECT_TRUE(compare("r0002", "r0001").isWorse());
    EXPECT_THAT(compare("r0002", "r0001").words, HasSubstr("Keep the one that runs."));
    const auto same = compare("r0001", "r0001");
    EXPECT_FALSE(same.isBetter() || same.isWorse());
    EXPECT_THAT(same.words, HasSubstr("no difference can be told"));
    EXPECT_NEAR(compare("r0001", "r0003").field.points.value, everywhere.field.points.value, 1e-9);
    EXPECT_LT(compare("r0001", "r0003").test.points.value, everywhere.test.points.value);
}

// AP50 asks for no threshold: what people get to see is said beside it, and decides with it.
TEST_F(CompareTest, WhatIsFoundAtEachModelsOwnThresholdsIsComparedToo)
{
    import(0, 30, SplitSet::Test);
    addRun("r0001", kFour);
    addRun("r0002", kAll); // better by AP50
    EXPECT_TRUE(compare("r0001", "r0002").shipsBetter());
    EXPECT_THAT(compare("r0001", "r0002").words, HasSubstr("finds 100.0 of 100 objects, the other 80.0 (+20.0 points"));
    protocol::ModelSpec strict;
    strict.labels = { { LabelId { 1 }, "RBC", 0.95 }, { LabelId { 2 }, "WBC", 0.95 } }; // nothing is that sure
    strict.inputWidth = strict.inputHeight = 416;
    strict.backbone = "efficientnet-lite0";
    strict.baseWeights = "none";
    write(m_project / "runs" / "r0002" / "model" / "spec.json", protocol::toJson(strict).dump());
    const auto mute = compare("r0001", "r0002");
    EXPECT_TRUE(mute.isBetter());
    EXPECT_TRUE(mute.shipsWorse());
    EXPECT_FALSE(mute.shipsBetter());
    EXPECT_DOUBLE_EQ(mute.test.found.value, -80);
    EXPECT_THAT(mute.words, HasSubstr("choose its thresholds on Validate"));
    EXPECT_THAT(mute.words, Not(HasSubstr("Roll it out")));
    EXPECT_FALSE(compare("r0001", "r0001").shipsBetter() || compare("r0001", "r0001").shipsWorse());
}

TEST_F(CompareTest, PicturesOfOneMomentProveNothing)
{
    import(0, 30, SplitSet::Test, "one moment");
    addRun("r0001", kFour);
    addRun("r0002", kAll);
    for (const auto& [before, now] : { std::pair("r0001", "r0002"), std::pair("r0002", "r0001") }) {
        const auto comparison = compare(before, now);
        EXPECT_EQ(comparison.test.pictures, 30);
        EXPECT_FALSE(comparison.isBetter() || comparison.isWorse() || comparison.test.isProven());
        EXPECT_FALSE(comparison.test.findsMore() || comparison.test.findsLess());
        EXPECT_THAT(comparison.words, HasSubstr("on the test set there are too few pictures to tell (AP50 "));
        EXPECT_THAT(comparison.words, testing::Not(HasSubstr("as good as")));
    }
    EXPECT_THAT(comparisonSentence(compare("r0001", "r0002").test), testing::StartsWith("Too few pictures to tell (on the same 30 test pictures)."));
}

// "Right" on a picture makes the device's answers its labels: whoever gave them then finds all.
TEST_F(CompareTest, AnswersThatBecameTheLabelsDecideNothing)
{
    import(0, 20, SplitSet::Test);
    m_origin = domain::Origin::ProposalAccepted;
    for (int i = 100; i < 120; ++i)
        takeSample(i, "random", "1.0", 5);
    EXPECT_DOUBLE_EQ(field().versions.at(0).accepted, 1);
    EXPECT_THAT(inWords(field().versions.at(0)), HasSubstr("All of the labels there are a model's answers"));
    addRun("r0001", [](int i, int k) { return i < 20 || k < 4; });
    addRun("r0002", kAll);
    const auto comparison = compare("r0001", "r0002");
    EXPECT_GT(comparison.field.points.low, 0);
    EXPECT_DOUBLE_EQ(comparison.field.accepted, 1);
    EXPECT_DOUBLE_EQ(comparison.test.accepted, 0.5);
    EXPECT_FALSE(comparison.isBetter() || comparison.shipsBetter());
    EXPECT_FALSE(compare("r0002", "r0001").isWorse() || compare("r0002", "r0001").shipsWorse());
    EXPECT_THAT(comparison.words, HasSubstr("which decides nothing"));
    EXPECT_THAT(comparison.words, Not(HasSubstr("Roll it out")));
    EXPECT_FALSE(collected().comparison.present);

    m_origin = domain::Origin::ProposalCorrected; // somebody moved each of them
    for (int i = 120; i < 170; ++i)
        takeSample(i, "random", "1.0", 5);
    EXPECT_LT(field().versions.at(0).accepted, 0.5);
    EXPECT_THAT(inWords(field().versions.at(0)), Not(HasSubstr("labels there")));
}

TEST_F(CompareTest, AModelThatIsNotThereOrWasNotScoredIsNamed)
{
    import(0, 5, SplitSet::Test);
    addRun("r0001", kAll);
    addRun("r0002", kAll, "draft", /*scored=*/false);
    EXPECT_EQ(compareModels(*m_store, m_project, "r0001", "r0009").error().code, base::ErrorCode::NotFound);
    EXPECT_THAT(compareModels(*m_store, m_project, "r0001", "r0002").error().message, HasSubstr("r0002"));
}

}
}
