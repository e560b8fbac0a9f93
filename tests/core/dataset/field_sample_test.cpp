// Pictures of devices: taken once, undone into the trash, never beside an import.
#include "tests/core/dataset/store_support.h"

#include <gmock/gmock.h>

namespace percept::dataset {

namespace fs = std::filesystem;
namespace {

using domain::ItemState;
using domain::SplitSet;

class FieldSampleTest : public testing::StoreTest
{
protected:
    void SetUp() override { create(); }
    TakeFieldSample take(char id, const std::string& reason = "random", SplitSet set = SplitSet::Test)
    {
        const fs::path file = picture(100 + id);
        TakeFieldSample edit;
        edit.sample = { std::string(32, id), "cam-1", "1.0", std::string(64, 'f'), reason, 1000 + id, { { "red", 0.75, { 1, 2, 30, 40 } } } };
        edit.picture = { file, file.filename().string(), std::string("hash") + id, static_cast<std::int64_t>(fs::file_size(file)), 640, 480 };
        edit.state = ItemState::Done;
        edit.set = set;
        domain::Annotation box;
        box.label = labels()[0].id;
        box.box = { 1, 2, 30, 40 };
        box.origin = domain::Origin::ProposalAccepted;
        box.score = 0.75;
        edit.boxes = { box };
        return edit;
    }
    base::Result<Committed> tryTo(const Edit& edit)
    {
        const std::vector<Edit> edits { edit };
        return m_store->apply(edits, "Took");
    }
    std::vector<StoredFieldSample> samples() { return m_store->readFieldSamples().value(); }
};

TEST_F(FieldSampleTest, JoinsAsOneStepWithItsBoxesAndItsStory)
{
    const TakeFieldSample edit = take('a');
    const Committed committed = apply({ edit });
    ASSERT_EQ(committed.touchedItems.size(), 1u);
    ASSERT_EQ(committed.added.size(), 1u);
    const auto item = m_store->readItem(committed.touchedItems[0]).value().value();
    EXPECT_EQ(item.state, ItemState::Done);
    EXPECT_EQ(item.set, SplitSet::Test);
    EXPECT_EQ(item.width, 640);
    EXPECT_EQ(m_store->mediaPath(item), fs::canonical(edit.picture.file));
    EXPECT_EQ(boxes(item.id).at(0).origin, domain::Origin::ProposalAccepted);
    ASSERT_EQ(samples().size(), 1u);
    EXPECT_EQ(samples()[0].sample, edit.sample);
    EXPECT_EQ(samples()[0].item, item.id);
    EXPECT_EQ(m_store->readFieldSample(item.id).value(), edit.sample);
    EXPECT_FALSE(m_store->readFieldSample(ItemId { 999 }).value().has_value());
    const Counts counts = m_store->readCounts().value();
    EXPECT_EQ(counts.items, 1);
    EXPECT_EQ(counts.bySet.at(SplitSet::Test), 1);
    EXPECT_EQ(counts.testBoxesByOrigin.at(domain::Origin::ProposalAccepted), 1);
    expectSound();
}

TEST_F(FieldSampleTest, TakenTwiceAddsNothing)
{
    apply({ take('a') });
    const auto revision = m_store->readRevision().value();
    EXPECT_TRUE(apply({ take('a') }).touchedItems.empty());
    EXPECT_EQ(m_store->readRevision().value(), revision);
    EXPECT_EQ(items().size(), 1u);
    // Nor when a person has changed it since.
    apply({ SetItemState { items()[0].id, ItemState::ToDo }, DeleteAnnotation { boxes(items()[0].id).at(0).id } });
    EXPECT_TRUE(apply({ take('a') }).touchedItems.empty());
    EXPECT_EQ(items()[0].state, ItemState::ToDo);
    expectSound();
}

TEST_F(FieldSampleTest, UndoPutsItIntoTheTrashFromWhereItIsTakenAgain)
{
    const ItemId item = apply({ take('a') }).touchedItems.at(0);
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_TRUE(items().empty());
    EXPECT_TRUE(samples().at(0).trashed);
    EXPECT_EQ(m_store->readCounts()->trashed, 1);
    expectSound();
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_EQ(boxes(item).size(), 1u);
    expectSound();
    ASSERT_TRUE(m_store->undo()->has_value());
    reopen();
    EXPECT_EQ(apply({ take('a') }).touchedItems.at(0), item);
    EXPECT_EQ(boxes(item).size(), 1u);
    // By hand into the trash, boxes and all, and taken again: the boxes are those of now.
    apply({ SetItemTrashed { item } });
    apply({ take('a') });
    EXPECT_EQ(boxes(item).size(), 1u);
    expectSound();
}

// A picture that tests, and what was sent seconds before and after it: one group, and nothing of it learns.
TEST_F(FieldSampleTest, WhatShowsTheMomentOfATestDoesNotTrain)
{
    const auto at = [&](char id, std::int64_t timeMs, const std::string& reason, const std::string& device = "cam-1") {
        TakeFieldSample edit = take(id, reason, reason == "random" ? SplitSet::Test : SplitSet::Train);
        edit.sample.device = device;
        edit.sample.timeMs = timeMs;
        return edit;
    };
    const auto read = [&](ItemId item) { return m_store->readItem(item).value().value(); };
    const ItemId before = apply({ at('a', 100'000, "unsure") }).touchedItems.at(0);
    EXPECT_EQ(read(before).set, SplitSet::Train) << "nothing tests yet";
    const Committed chance = apply({ at('b', 106'000, "random") });
    EXPECT_EQ(chance.touchedItems.size(), 2u) << "its neighbour is moved in the same step";
    EXPECT_EQ(read(before).set, SplitSet::Reserve);
    const ItemId after = apply({ at('c', 115'000, "edge") }).touchedItems.at(0);
    EXPECT_EQ(read(after).set, SplitSet::Reserve);
    EXPECT_EQ(read(after).group, read(before).group) << "15 s apart, and one between them";
    const ItemId later = apply({ at('d', 126'000, "unsure") }).touchedItems.at(0), elsewhere = apply({ at('e', 106'000, "unsure", "cam-2") }).touchedItems.at(0);
    EXPECT_EQ(read(later).set, SplitSet::Train) << "11 s after the last one: another moment";
    EXPECT_NE(read(later).group, read(after).group);
    EXPECT_EQ(read(elsewhere).set, SplitSet::Train) << "another device sees something else";
    const ItemId second = apply({ at('1', 118'000, "random") }).touchedItems.back();
    EXPECT_EQ(read(second).set, SplitSet::Test) << "what chance chose tests, beside whatever";
    EXPECT_EQ(read(later).set, SplitSet::Reserve) << "it joins the two moments";
    EXPECT_TRUE(m_store->readTornGroups().value().empty());
    expectSound();
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(read(before).set, SplitSet::Train) << "as it was before its neighbour came";
    expectSound();
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_EQ(read(before).set, SplitSet::Reserve);
    reopen();
    expectSound();
}

// A picture every eight seconds for ten minutes, then one by chance in the midst: what lies around it is set aside, not all of it.
TEST_F(FieldSampleTest, AMomentEnds)
{
    std::vector<ItemId> stream;
    for (int i = 0; i < 75; ++i) {
        TakeFieldSample edit = take('a', "unsure", SplitSet::Train);
        edit.sample.id = std::string(29, 'f') + std::to_string(100 + i);
        edit.picture.file = picture(300 + i);
        edit.picture.name = edit.picture.file.filename().string();
        edit.picture.contentHash = "stream" + std::to_string(i);
        edit.sample.timeMs = 100'000 + i * 8'000;
        stream.push_back(apply({ edit }).touchedItems.at(0));
    }
    TakeFieldSample chance = take('b');
    chance.sample.timeMs = 100'000 + 37 * 8'000 + 3'000;
    apply({ chance });
    int aside = 0;
    for (const ItemId item : stream)
        aside += m_store->readItem(item)->value().set == SplitSet::Reserve;
    EXPECT_GE(aside, 2) << "those just before and after it";
    EXPECT_LE(aside, 16) << "two moments of a minute at most";
    EXPECT_TRUE(m_store->readTornGroups().value().empty());
    expectSound();
}

// A minute that is full takes no more in; what lies within seconds of a test is set aside all the same, though it is of another group.
TEST_F(FieldSampleTest, WhatLiesBesideATestIsSetAsideAlsoInAnotherGroup)
{
    const auto taken = [&](int second, const std::string& reason) {
        TakeFieldSample edit = take('a', reason, reason == "random" ? SplitSet::Test : SplitSet::Train);
        edit.sample.id = std::string(29, 'f') + std::to_string(100 + second);
        edit.picture.file = picture(300 + second);
        edit.picture.name = edit.picture.file.filename().string();
        edit.picture.contentHash = "second" + std::to_string(second);
        edit.sample.timeMs = 100'000 + second * 1000;
        return apply({ edit }).touchedItems.back();
    };
    const auto read = [&](ItemId item) { return m_store->readItem(item).value().value(); };
    std::vector<ItemId> minute;
    for (int second = 0; second <= 56; second += 8)
        minute.push_back(taken(second, "unsure"));
    const ItemId next = taken(64, "unsure");
    EXPECT_EQ(read(minute.front()).group, read(minute.back()).group);
    EXPECT_NE(read(next).group, read(minute.back()).group) << "64 s are no moment";
    const ItemId chance = taken(61, "random");
    EXPECT_EQ(read(chance).group, read(next).group) << "the nearer one";
    EXPECT_NE(read(chance).group, read(minute.back()).group);
    EXPECT_EQ(read(next).set, SplitSet::Reserve);
    EXPECT_EQ(read(minute[7]).set, SplitSet::Reserve) << "5 s before it";
    EXPECT_EQ(read(minute[6]).set, SplitSet::Train) << "13 s before it";
    EXPECT_TRUE(m_store->readTornGroups().value().empty());
    expectSound();
}

TEST_F(FieldSampleTest, WithoutAClockThereIsNoMoment)
{
    TakeFieldSample chance = take('a'), other = take('b', "unsure", SplitSet::Train);
    chance.sample.timeMs = other.sample.timeMs = 0;
    apply({ chance });
    const ItemId item = apply({ other }).touchedItems.at(0);
    EXPECT_EQ(m_store->readItem(item)->value().set, SplitSet::Train);
}

TEST_F(FieldSampleTest, EqualFilesAreFoundByTheirContent)
{
    apply({ take('a') });
    EXPECT_EQ(m_store->findItemByContent("hasha").value()->name, take('a').picture.name);
    EXPECT_FALSE(m_store->findItemByContent("hashb").value().has_value());
    EXPECT_FALSE(m_store->findItemByContent("").value().has_value());
    EXPECT_TRUE(m_store->readContentSizes()->contains(take('a').picture.sizeBytes));
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_FALSE(m_store->findItemByContent("hasha").value().has_value()) << "it lies in the trash";
}

TEST_F(FieldSampleTest, AnEmptiedTrashForgetsIt)
{
    apply({ take('a') });
    ASSERT_TRUE(m_store->undo()->has_value());
    ASSERT_TRUE(m_store->emptyTrash().hasValue());
    EXPECT_TRUE(samples().empty());
    apply({ take('a') });
    EXPECT_EQ(samples().size(), 1u);
    expectSound();
}

TEST_F(FieldSampleTest, EqualBytesInTheProjectAreNotTakenASecondTime)
{
    ImportItem known = importItem(1, {}, true, SplitSet::Train);
    known.contentHash = "hasha";
    importItems({ known });
    const auto refused = tryTo(take('a'));
    ASSERT_TRUE(refused.hasError());
    EXPECT_EQ(refused.error().code, base::ErrorCode::Conflict);
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr(known.name));
    EXPECT_EQ(items().size(), 1u);
    EXPECT_EQ(m_store->readCounts()->trashed, 0);
    expectSound();
}

// An import under way owns the items with the highest numbers.
TEST_F(FieldSampleTest, WaitsForAnImport)
{
    const auto batch = m_store->beginImport("Import").value();
    const std::vector<ImportItem> some { importItem(1), importItem(2) };
    ASSERT_TRUE(m_store->addToImport(batch, some).hasValue());
    const auto refused = tryTo(take('a'));
    ASSERT_TRUE(refused.hasError());
    EXPECT_EQ(refused.error().code, base::ErrorCode::Conflict);
    ASSERT_TRUE(m_store->finishImport(batch).hasValue());
    EXPECT_EQ(apply({ take('a') }).touchedItems.size(), 1u);
    EXPECT_EQ(items().size(), 3u);
    expectSound();
}

TEST_F(FieldSampleTest, WhatADeviceCannotHaveSentIsRefused)
{
    TakeFieldSample badName = take('a');
    badName.sample.id = "../../etc";
    EXPECT_EQ(tryTo(badName).error().code, base::ErrorCode::Refused);
    TakeFieldSample badAnswer = take('a');
    badAnswer.sample.answers[0].box.w = std::nan("");
    EXPECT_EQ(tryTo(badAnswer).error().code, base::ErrorCode::Refused);
    TakeFieldSample badBox = take('a');
    badBox.boxes[0].label = LabelId { 77 };
    EXPECT_EQ(tryTo(badBox).error().code, base::ErrorCode::NotFound);
    EXPECT_TRUE(items().empty());
    EXPECT_EQ(m_store->readCounts()->trashed, 0) << "nothing of it may be left";
    expectSound();
}

}
}
