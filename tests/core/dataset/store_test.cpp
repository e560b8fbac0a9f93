#include "tests/core/dataset/store_support.h"

namespace percept::dataset::testing {

using domain::ItemState;
using domain::SplitSet;

// Readers stay open a little longer than the store, and can only read: SQLite would leave all in the log then, and a copy of
// project.db alone would be the project as it was made.
TEST_F(StoreTest, TheDatabaseItselfHasAllOnceTheStoreIsClosed)
{
    create();
    auto reader = ProjectReader::open(m_project);
    ASSERT_TRUE(reader.hasValue());
    ASSERT_TRUE(m_store->writeFact("kept", "yes").hasValue());
    m_store.reset();
    reader->reset();
    std::error_code error;
    const auto log = fs::file_size((m_project / "project.db").string() + "-wal", error);
    EXPECT_TRUE(error || log == 0) << log << " bytes are in the log only";
    const fs::path alone = m_root / "alone.percept";
    fs::create_directories(alone);
    fs::copy_file(m_project / "project.db", alone / "project.db");
    const auto copy = ProjectReader::open(alone);
    ASSERT_TRUE(copy.hasValue()) << copy.error().message;
    EXPECT_EQ((*copy)->readFact("kept").valueOr({}), "yes");
}

TEST_F(StoreTest, CreatesAProjectWithItsFoldersAndClasses)
{
    create({ "red", "grün", "蓝" });
    for (const char* folder : { "runs", "packages", "cache", "backups" })
        EXPECT_TRUE(fs::is_directory(m_project / folder)) << folder;
    const auto info = m_store->readInfo();
    ASSERT_TRUE(info.hasValue());
    EXPECT_EQ(info->name, "Blüten");
    EXPECT_EQ(info->task, domain::Task::Detection);
    EXPECT_EQ(info->lastRun, "");
    const auto all = labels();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[1].name, "grün");
    EXPECT_EQ(all[2].name, "蓝");
    EXPECT_EQ(all[0].key, '1');
    EXPECT_EQ(all[2].key, '3');
    EXPECT_EQ(all[2].position, 2);
    EXPECT_FALSE(m_store->undoTitle()->has_value());
    expectSound();
}

TEST_F(StoreTest, RefusesToCreateOverSomething)
{
    create();
    m_store.reset();
    const auto again = ProjectStore::create(m_project, "x", domain::Task::Detection, {});
    ASSERT_TRUE(again.hasError());
    EXPECT_EQ(again.error().code, base::ErrorCode::Refused);
    const auto badLabel
        = ProjectStore::create(m_root / "other.percept", "x", domain::Task::Detection, { "twice", "twice" });
    ASSERT_TRUE(badLabel.hasError());
    EXPECT_FALSE(fs::exists(m_root / "other.percept"));
}

TEST_F(StoreTest, EditsSurviveReopening)
{
    create();
    importPictures(3);
    const auto all = items();
    ASSERT_EQ(all.size(), 3u);
    const LabelId red = labels()[0].id;
    domain::Annotation drawn;
    drawn.item = all[1].id;
    drawn.label = red;
    drawn.box = { 0.1, 1.0 / 3.0, 1e-7, 12345.678901234 };
    drawn.origin = domain::Origin::ProposalCorrected;
    drawn.flags = { true, false, true, true };
    drawn.score = 0.1 + 0.2;
    const Committed committed = apply({ AddAnnotation { drawn }, SetItemState { all[1].id, ItemState::Done },
        SetItemSet { all[1].id, SplitSet::Test } });
    ASSERT_EQ(committed.added.size(), 1u);
    EXPECT_EQ(committed.touchedItems, std::vector<ItemId> { all[1].id });
    EXPECT_TRUE(committed.itemsChanged);
    reopen();
    const auto read = boxes(all[1].id);
    ASSERT_EQ(read.size(), 1u);
    drawn.id = committed.added[0];
    drawn.revision = committed.change.value;
    EXPECT_EQ(read[0], drawn);
    const auto item = m_store->readItem(all[1].id);
    EXPECT_EQ((*item)->state, ItemState::Done);
    EXPECT_EQ((*item)->set, SplitSet::Test);
    EXPECT_EQ((*item)->boxCount, 1);
    EXPECT_EQ(m_store->mediaPath(**item), fs::canonical(picture(1)));
    const Counts counts = *m_store->readCounts();
    EXPECT_EQ(counts.items, 3);
    EXPECT_EQ(counts.boxes, 1);
    EXPECT_EQ(counts.byState.at(ItemState::Done), 1);
    EXPECT_EQ(counts.bySet.at(SplitSet::Test), 1);
    EXPECT_EQ(counts.byLabel.at(red).boxesBySet.at(SplitSet::Test), 1);
    EXPECT_EQ(counts.testBoxesByOrigin.at(domain::Origin::ProposalCorrected), 1);
    expectSound(/*readMedia=*/true);
}

TEST_F(StoreTest, UndoAndRedoSurviveReopeningAndKeepIds)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    const LabelId red = labels()[0].id;
    const AnnotationId first = apply({ add(item, red) }, "Drew a box").added[0];
    const domain::Annotation before = boxes(item)[0];
    domain::Annotation moved = before;
    moved.box.x = 50;
    apply({ UpdateAnnotation { moved } }, "Moved a box");
    apply({ DeleteAnnotation { first } }, "Deleted a box");
    EXPECT_TRUE(boxes(item).empty());
    reopen();
    EXPECT_EQ(m_store->undoTitle()->value(), "Deleted a box");
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(boxes(item)[0].box.x, 50);
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(boxes(item)[0], before);
    reopen();
    EXPECT_EQ(m_store->redoTitle()->value(), "Moved a box");
    ASSERT_TRUE(m_store->redo()->has_value());
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_TRUE(boxes(item).empty());
    EXPECT_FALSE(m_store->redo()->has_value());
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(boxes(item)[0].id, first);
    const auto history = *m_store->readHistory(10);
    ASSERT_EQ(history.size(), 4u);
    EXPECT_EQ(history[0].title, "Deleted a box");
    EXPECT_TRUE(history[0].undone);
    EXPECT_FALSE(history[1].undone);
    EXPECT_FALSE(history[0].who.empty());
    expectSound();
}

TEST_F(StoreTest, ANewEditDropsTheRedoBranch)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    const LabelId red = labels()[0].id;
    apply({ add(item, red) });
    const std::int64_t revision = *m_store->readRevision();
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(*m_store->readRevision(), revision + 1); // undo is an entry of its own
    const AnnotationId other = apply({ add(item, red, { 9, 9, 9, 9 }) }).added[0];
    EXPECT_FALSE(m_store->redo()->has_value());
    ASSERT_EQ(boxes(item).size(), 1u);
    EXPECT_EQ(boxes(item)[0].id, other);
    expectSound();
}

TEST_F(StoreTest, AFailingEditChangesNothing)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    const LabelId red = labels()[0].id;
    const std::int64_t revision = *m_store->readRevision();
    const auto failed
        = m_store->apply(std::vector<Edit> { add(item, red), DeleteAnnotation { AnnotationId { 999 } } }, "x");
    ASSERT_TRUE(failed.hasError());
    EXPECT_EQ(failed.error().code, base::ErrorCode::NotFound);
    EXPECT_TRUE(boxes(item).empty());
    EXPECT_EQ(*m_store->readRevision(), revision);
    const auto notANumber = m_store->apply(std::vector<Edit> { add(item, red, { 0, 0, NAN, 1 }) }, "x");
    ASSERT_TRUE(notANumber.hasError());
    EXPECT_EQ(notANumber.error().code, base::ErrorCode::Refused);
    EXPECT_TRUE(m_store->apply(std::vector<Edit> { add(item, LabelId { 77 }) }, "x").hasError());
    EXPECT_TRUE(m_store->apply(std::vector<Edit> { add(ItemId { 77 }, red) }, "x").hasError());
    expectSound();
}

TEST_F(StoreTest, AnEditWithoutEffectIsNoStep)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    const std::int64_t revision = *m_store->readRevision();
    const Committed same = apply({ SetItemState { item, ItemState::ToDo } });
    EXPECT_EQ(same.change.value, revision);
    EXPECT_EQ(*m_store->readRevision(), revision);
    EXPECT_EQ(m_store->readHistory(10)->size(), 1u);
}

TEST_F(StoreTest, LabelsAreChecked)
{
    create();
    const auto refuse = [&](domain::Label label) {
        const auto result = m_store->apply(std::vector<Edit> { AddLabel { label } }, "x");
        return result.hasError() && result.error().code == base::ErrorCode::Refused;
    };
    EXPECT_TRUE(refuse({ {}, "red" }));
    EXPECT_TRUE(refuse({ {}, "" }));
    EXPECT_TRUE(refuse({ {}, " x" }));
    EXPECT_TRUE(refuse({ {}, "a\nb" }));
    EXPECT_TRUE(refuse({ {}, "bad\xff" }));
    EXPECT_TRUE(refuse({ {}, "new", -1, '1' })); // red has it
    EXPECT_TRUE(refuse({ {}, "new", -1, 'x' }));
    const LabelId blue = apply({ AddLabel { { {}, "blue", 0x0000ff } } }).addedLabels.at(0);
    EXPECT_EQ(labels().back().key, '3');
    importPictures(1);
    const ItemId item = items()[0].id;
    apply({ add(item, blue) });
    const auto used = m_store->apply(std::vector<Edit> { DeleteLabel { blue } }, "x");
    ASSERT_TRUE(used.hasError());
    EXPECT_EQ(used.error().code, base::ErrorCode::Refused);
    ASSERT_TRUE(m_store->undo()->has_value());
    apply({ DeleteLabel { blue } });
    EXPECT_EQ(labels().size(), 2u);
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(labels().back().id, blue);
    EXPECT_EQ(labels().back().color, 0x0000ff);
    expectSound();
}

// Two classes that differ in capitals alone are made by nobody; those that an import brings stay as their source has them.
TEST_F(StoreTest, AClassThatDiffersFromAnotherInCapitalsAloneIsRefused)
{
    create();
    const auto refusal = [&](const Edit& edit) {
        const auto result = m_store->apply(std::vector<Edit> { edit }, "x");
        return result.hasError() && result.error().code == base::ErrorCode::Refused ? result.error().message : std::string();
    };
    EXPECT_NE(refusal(AddLabel { { {}, "RED" } }).find("There is already a class named red"), std::string::npos);
    const LabelId nut = apply({ AddLabel { { {}, "nut" } } }).addedLabels.at(0);
    EXPECT_NE(refusal(UpdateLabel { { nut, "Red" } }), "");
    domain::Label capital = labels().back();
    capital.name = "NUT";
    apply({ UpdateLabel { capital } });
    EXPECT_EQ(labels().back().name, "NUT") << "its own name";

    importItems({ importItem(0, { { "Nut", { 1, 2, 3, 4 }, {} } }, true) });
    domain::Label imported = labels().back();
    ASSERT_EQ(imported.name, "Nut");
    imported.color = 0x123456;
    apply({ UpdateLabel { imported } });
    EXPECT_EQ(labels().back().color, 0x123456) << "all but its name can be changed";
    expectSound();
}

// One step: the boxes of all pictures, those in the trash too, and the class itself.
TEST_F(StoreTest, AClassIsMergedIntoAnotherAndUndoPartsThemAgain)
{
    create({ "red", "rouge", "blue" });
    importPictures(3);
    const auto all = items();
    const LabelId red = labels()[0].id, rouge = labels()[1].id, blue = labels()[2].id;
    apply({ add(all[0].id, red), add(all[0].id, rouge, { 9, 9, 5, 5 }), add(all[1].id, rouge, { 1, 1, 0, 5 }), add(all[1].id, blue), add(all[2].id, rouge), SetItemTrashed { all[2].id } });
    const auto before = labels();
    const auto boxesBefore = boxes(all[0].id);
    const auto merged = apply({ MergeLabels { rouge, red } }, "Merged");
    EXPECT_TRUE(merged.labelsChanged);
    ASSERT_EQ(labels().size(), 2u);
    for (const auto& item : all)
        for (const auto& box : boxes(item.id))
            EXPECT_EQ(box.label, box.label == blue ? blue : red);
    EXPECT_EQ(m_store->readCounts()->byLabel.at(red).boxes, 3);
    EXPECT_EQ(m_store->readCounts()->byLabel.at(red).items, 2) << "pictures that had both count once";
    expectSound();

    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(labels(), before);
    EXPECT_EQ(boxes(all[0].id), boxesBefore);
    EXPECT_EQ(boxes(all[2].id)[0].label, rouge);
    EXPECT_EQ(m_store->readCounts()->byLabel.at(rouge).boxes, 2);
    expectSound();
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_EQ(labels().size(), 2u);
    expectSound();

    EXPECT_TRUE(m_store->apply(std::vector<Edit> { MergeLabels { red, red } }, "x").hasError());
    EXPECT_TRUE(m_store->apply(std::vector<Edit> { MergeLabels { red, rouge } }, "x").hasError()) << "it has gone";
    EXPECT_EQ(labels().size(), 2u);
}

TEST_F(StoreTest, AClassGoesWithItsBoxesWhenThatIsAskedFor)
{
    create();
    importPictures(2);
    const auto all = items();
    const LabelId red = labels()[0].id, green = labels()[1].id;
    apply({ add(all[0].id, red), add(all[0].id, green), add(all[1].id, red), SetItemTrashed { all[1].id } });
    apply({ DeleteLabel { red, /*withBoxes=*/true } });
    ASSERT_EQ(labels().size(), 1u);
    ASSERT_EQ(boxes(all[0].id).size(), 1u);
    EXPECT_EQ(boxes(all[0].id)[0].label, green);
    EXPECT_TRUE(boxes(all[1].id).empty());
    expectSound();
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(boxes(all[0].id).size(), 2u);
    EXPECT_EQ(boxes(all[1].id).size(), 1u);
    expectSound();
}

// Keys change hands within a step, although no two classes may have the same one.
TEST_F(StoreTest, KeysOfClassesAreSwappedInOneStep)
{
    create();
    const auto before = labels();
    domain::Label red = before[0], green = before[1], without = green;
    without.key = 0;
    std::swap(red.key, green.key);
    apply({ UpdateLabel { without }, UpdateLabel { red }, UpdateLabel { green } });
    EXPECT_EQ(labels(), (std::vector { red, green }));
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(labels(), before);
    expectSound();
}

TEST_F(StoreTest, AClassAndItsFirstBoxesAreOneStep)
{
    create({});
    importPictures(1);
    const ItemId item = items()[0].id;
    const Committed made = apply({ AddLabel { { {}, "bolt" } }, AddLabel { { {}, "nut" } }, add(item, newLabel(1)), add(item, newLabel(0)) });
    ASSERT_EQ(made.addedLabels.size(), 2u);
    auto boxes = *m_store->readAnnotations(item);
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(boxes[0].label, made.addedLabels[1]);
    EXPECT_EQ(boxes[1].label, made.addedLabels[0]);
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_TRUE(labels().empty());
    EXPECT_TRUE(m_store->readAnnotations(item)->empty());
    ASSERT_TRUE(m_store->redo()->has_value());
    boxes = *m_store->readAnnotations(item);
    ASSERT_EQ(boxes.size(), 2u);
    boxes[0].label = newLabel(0);
    const Committed changed = apply({ AddLabel { { {}, "washer" } }, UpdateAnnotation { boxes[0] } });
    EXPECT_EQ(m_store->readAnnotations(item)->front().label, changed.addedLabels.at(0));
    EXPECT_TRUE(m_store->apply(std::vector<Edit> { add(item, newLabel(0)) }, "x").hasError()) << "no class comes before it";
    expectSound();
}

TEST_F(StoreTest, TrashHidesAndGivesBack)
{
    create();
    importPictures(3);
    const auto all = items();
    const LabelId red = labels()[0].id;
    apply({ add(all[0].id, red) });
    apply({ SetItemTrashed { all[0].id } });
    EXPECT_EQ(items().size(), 2u);
    ItemFilter trash;
    trash.inTrash = true;
    ASSERT_EQ(items(trash).size(), 1u);
    EXPECT_EQ(m_store->readCounts()->trashed, 1);
    EXPECT_EQ(m_store->readCounts()->boxes, 0);
    apply({ SetItemTrashed { all[0].id, false } });
    EXPECT_EQ(m_store->readCounts()->boxes, 1);
    apply({ SetItemTrashed { all[0].id } });
    ASSERT_TRUE(m_store->emptyTrash().hasValue());
    EXPECT_EQ(m_store->readCounts()->trashed, 0);
    EXPECT_FALSE(m_store->readItem(all[0].id)->has_value());
    expectSound();
    // What concerned the removed picture alone has nothing left to undo; the import still has.
    const auto undone = m_store->undo();
    ASSERT_TRUE(undone.hasValue()) << undone.error().message << undone.error().detail;
    ASSERT_TRUE(undone->has_value());
    EXPECT_EQ(items().size(), 0u);
    EXPECT_EQ(items(trash).size(), 2u);
    expectSound();
    // All at once; and what was undone before cannot be made again on pictures that are no more.
    ASSERT_TRUE(m_store->redoTitle()->has_value());
    ASSERT_TRUE(m_store->emptyTrash().hasValue());
    EXPECT_EQ(m_store->readCounts()->trashed, 0);
    EXPECT_FALSE(m_store->redoTitle()->has_value());
    EXPECT_FALSE(m_store->redo()->has_value());
    expectSound();
}

TEST_F(StoreTest, AClassThatIsUsedInTheTrashStays)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    const LabelId red = labels()[0].id;
    apply({ add(item, red), SetItemTrashed { item } });
    const auto used = m_store->apply(std::vector<Edit> { DeleteLabel { red } }, "x");
    ASSERT_TRUE(used.hasError());
    EXPECT_NE(used.error().message.find("1 box in the trash"), std::string::npos) << used.error().message;
    ASSERT_TRUE(m_store->emptyTrash().hasValue());
    apply({ DeleteLabel { red } });
    expectSound();
}

TEST_F(StoreTest, PagesByKeyAndFilters)
{
    create();
    std::vector<ImportItem> batch;
    for (int i = 0; i < 50; ++i)
        batch.push_back(importItem(i,
            i % 3 == 0 ? std::vector<ImportBox> { { "red", { 1, 1, 5, 5 }, {} } } : std::vector<ImportBox> {},
            i % 2 == 0, i % 5 == 0 ? SplitSet::Train : SplitSet::None));
    importItems(batch);
    std::vector<ItemId> paged;
    ItemId after;
    while (true) {
        const auto page = *m_store->readItems({}, after, 7);
        if (page.empty())
            break;
        for (const auto& item : page)
            paged.push_back(item.id);
        after = page.back().id;
    }
    EXPECT_EQ(paged.size(), 50u);
    EXPECT_TRUE(std::is_sorted(paged.begin(), paged.end()));
    EXPECT_EQ(paged, *m_store->readItemIds({}));
    const auto count = [&](const ItemFilter& filter) { return m_store->readItemIds(filter)->size(); };
    EXPECT_EQ(count({ .states = { ItemState::Done } }), 25u);
    EXPECT_EQ(count({ .sets = { SplitSet::Train } }), 10u);
    EXPECT_EQ(count({ .states = { ItemState::Done }, .sets = { SplitSet::Train } }), 5u);
    EXPECT_EQ(count({ .labels = { labels()[0].id } }), 17u);
    EXPECT_EQ(count({ .labels = { labels()[1].id } }), 0u);
    EXPECT_EQ(count({ .labels = { labels()[0].id, labels()[1].id } }), 17u);
    EXPECT_EQ(count({ .states = { ItemState::Done }, .labels = { labels()[0].id } }), 9u);
    EXPECT_EQ(count({ .states = { ItemState::Done }, .sets = { SplitSet::Train }, .labels = { labels()[0].id } }), 2u);
    EXPECT_EQ(m_store->readItems({ .labels = { labels()[0].id } }, paged[20], 3)->size(), 3u);
    EXPECT_EQ(count({ .noObjects = true }), 33u);
    EXPECT_EQ(count({ .nameContains = "p1" }), 11u);
    EXPECT_EQ(count({ .nameContains = "%" }), 0u);
    ASSERT_TRUE(m_store->writeItemProblem(paged[3], "it is not a picture").hasValue());
    EXPECT_EQ(count({ .unreadable = true }), 1u);
    EXPECT_EQ(count({ .flaggedBoxes = true }), 0u);
}

TEST_F(StoreTest, ReadersSeeCommitsBesideTheWriter)
{
    create();
    importPictures(2);
    auto reader = ProjectReader::open(m_project);
    ASSERT_TRUE(reader.hasValue()) << reader.error().message << reader.error().detail;
    const ItemId item = items()[0].id;
    apply({ add(item, labels()[0].id) });
    EXPECT_EQ((*reader)->readAnnotations(item)->size(), 1u);
    EXPECT_EQ((*reader)->readCounts()->boxes, 1);
    EXPECT_EQ(*(*reader)->readRevision(), *m_store->readRevision());
}

TEST_F(StoreTest, ASecondWriterIsToldWhoHasIt)
{
    create();
    const auto second = ProjectStore::open(m_project, "percept");
    ASSERT_TRUE(second.hasError());
    EXPECT_EQ(second.error().code, base::ErrorCode::Conflict);
    EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos)
        << second.error().message;
    m_store.reset();
    EXPECT_TRUE(ProjectStore::open(m_project, "percept").hasValue());
}

TEST_F(StoreTest, RunAndModelNumbersOnlyGrow)
{
    create();
    EXPECT_EQ(*m_store->nextRunId(), "r0001");
    fs::create_directories(m_project / "runs" / "r0002");
    EXPECT_EQ(*m_store->nextRunId(), "r0003");
    EXPECT_EQ(m_store->addModelVersion("r0001", "packages/a.ppkg")->version, "1.0");
    EXPECT_EQ(m_store->addModelVersion("r0003", "packages/b.ppkg", "1.1")->version, "1.1");
    const auto other = m_store->addModelVersion("r0002", "packages/d.ppkg", "1.1");
    ASSERT_TRUE(other.hasError());
    EXPECT_EQ(other.error().code, base::ErrorCode::Conflict);
    EXPECT_EQ(m_store->readModelVersions()->size(), 2u) << "nothing is written";
    ASSERT_TRUE(m_store->updateModelVersionFile("1.1", "packages/c.ppkg").hasValue());
    EXPECT_TRUE(m_store->updateModelVersionFile("7.0", "x").hasError());
    reopen();
    EXPECT_EQ(m_store->readInfo()->lastRun, "r0003");
    const auto models = *m_store->readModelVersions();
    ASSERT_EQ(models.size(), 2u);
    EXPECT_EQ(models[1].file, "packages/c.ppkg");
    EXPECT_EQ(*m_store->nextRunId(), "r0004");
    EXPECT_FALSE(m_store->readFact("armed")->has_value());
    ASSERT_TRUE(m_store->writeFact("armed", "3").hasValue());
    ASSERT_TRUE(m_store->writeFact("armed", "4").hasValue());
    EXPECT_EQ(m_store->readFact("armed")->value(), "4");
}

TEST_F(StoreTest, LabelingDaysAddUp)
{
    create();
    importItems({ importItem(0), importItem(1, { { "red", { 0, 0, 9, 9 }, {} } }, true), importItem(2) });
    const auto all = items();
    apply({ add(all[0].id, labels()[0].id), SetItemState { all[0].id, ItemState::Done } });
    std::int64_t gathered = 0, labeled = 0, done = 0;
    const auto days = *m_store->readLabelingDays();
    for (const LabelingDay& day : days) {
        EXPECT_EQ(day.day.size(), 10u);
        gathered += day.gathered, labeled += day.labeled, done += day.done;
    }
    EXPECT_EQ(gathered, 3);
    EXPECT_EQ(labeled, 2);
    EXPECT_EQ(done, 2);
}

}
