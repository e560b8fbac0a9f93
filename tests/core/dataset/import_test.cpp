#include "tests/core/dataset/store_support.h"

#include <sys/wait.h>

namespace percept::dataset::testing {

using domain::ItemState;
using domain::SplitSet;

namespace {
ImportBox box(const std::string& label, double x, double w = 10) { return { label, { x, 5, w, 10 }, {} }; }
}

using ImportTest = StoreTest;

TEST_F(ImportTest, BringsItemsBoxesClassesAndTheirSplit)
{
    create();
    const ImportTotals totals = importItems({ importItem(0, { box("red", 1), box("new", 2) }, true, SplitSet::Test),
                                                importItem(1, {}, true), importItem(2) },
        "Imported a set");
    EXPECT_EQ(totals.items, 3);
    EXPECT_EQ(totals.newItems, 3);
    EXPECT_EQ(totals.annotations, 2);
    const auto all = items();
    EXPECT_EQ(all[0].state, ItemState::Done);
    EXPECT_EQ(all[0].set, SplitSet::Test);
    EXPECT_EQ(all[0].boxCount, 2);
    EXPECT_EQ(all[1].state, ItemState::Done);
    EXPECT_EQ(all[2].state, ItemState::ToDo);
    ASSERT_EQ(labels().size(), 3u);
    EXPECT_EQ(labels()[2].name, "new");
    EXPECT_EQ(labels()[2].key, '3');
    EXPECT_EQ(boxes(all[0].id)[0].origin, domain::Origin::Imported);
    EXPECT_EQ(boxes(all[0].id)[0].revision, *m_store->readRevision());
    EXPECT_EQ(m_store->undoTitle()->value(), "Imported a set");
    expectSound(/*readMedia=*/true);
}

TEST_F(ImportTest, IsInvisibleUntilItIsFinished)
{
    create();
    importPictures(2);
    const ItemId old = items()[0].id;
    const auto batch = m_store->beginImport("Second");
    ASSERT_TRUE(batch.hasValue());
    const std::int64_t revision = *m_store->readRevision();
    ASSERT_TRUE(
        m_store
            ->addToImport(*batch,
                std::vector { importItem(0, { box("hidden", 1) }, true), importItem(7, { box("red", 1) }, true) })
            .hasValue());
    EXPECT_EQ(items().size(), 2u);
    EXPECT_EQ(labels().size(), 2u);
    EXPECT_TRUE(boxes(old).empty());
    EXPECT_EQ(m_store->readCounts()->boxes, 0);
    EXPECT_EQ(*m_store->readRevision(), revision);
    EXPECT_FALSE(m_store->readItem(ItemId { old.value + 2 })->has_value());
    EXPECT_TRUE(m_store->apply(std::vector<Edit> { SetItemState { ItemId { old.value + 2 }, ItemState::Done } }, "x")
                    .hasError());
    for (const std::int64_t hidden : { 1, 2 }) // the boxes of the import are the first of all
        EXPECT_EQ(m_store->apply(std::vector<Edit> { DeleteAnnotation { AnnotationId { hidden } } }, "x").error().code,
            base::ErrorCode::NotFound);
    expectSound();
    // Edits go on meanwhile, also to an item that the import touches.
    apply({ add(old, labels()[0].id), SetItemSet { old, SplitSet::Validation } });
    EXPECT_EQ(m_store->beginImport("Third").error().code, base::ErrorCode::Conflict);
    expectSound();
    ASSERT_TRUE(m_store->finishImport(*batch).hasValue());
    EXPECT_EQ(items().size(), 3u);
    EXPECT_EQ(boxes(old).size(), 2u);
    EXPECT_EQ(labels().size(), 3u);
    EXPECT_EQ((*m_store->readItem(old))->state, ItemState::Done);
    EXPECT_EQ((*m_store->readItem(old))->set, SplitSet::Validation);
    expectSound();
}

TEST_F(ImportTest, AnAbandonedOneLeavesNothing)
{
    create();
    importPictures(1);
    const auto batch = m_store->beginImport("x");
    ASSERT_TRUE(
        m_store
            ->addToImport(*batch, std::vector { importItem(0, { box("a", 1) }, true), importItem(5, { box("b", 1) }) })
            .hasValue());
    ASSERT_TRUE(m_store->abandonImport(*batch).hasValue());
    EXPECT_EQ(items().size(), 1u);
    EXPECT_EQ(labels().size(), 2u);
    EXPECT_TRUE(m_store->finishImport(*batch).hasError());
    expectSound();
    const auto again = m_store->beginImport("x");
    ASSERT_TRUE(m_store->addToImport(*again, std::vector { importItem(5, { box("b", 1) }) }).hasValue());
    reopen(); // as after a crash: an unfinished one is removed
    EXPECT_EQ(items().size(), 1u);
    EXPECT_EQ(labels().size(), 2u);
    expectSound();
}

TEST_F(ImportTest, TheSameSetAgainAddsNothing)
{
    create();
    const std::vector<ImportItem> set { importItem(0, { box("red", 1), box("green", 2) }, true, SplitSet::Train),
        importItem(1, {}, true) };
    importItems(set);
    const std::int64_t revision = *m_store->readRevision();
    const ImportTotals again = importItems(set);
    EXPECT_EQ(again.items, 2);
    EXPECT_EQ(again.newItems, 0);
    EXPECT_EQ(again.annotations, 0);
    EXPECT_EQ(again.duplicateBoxes, 2);
    EXPECT_EQ(again.repeatedBoxes, 0) << "they were there before";
    EXPECT_EQ(*m_store->readRevision(), revision);
    EXPECT_EQ(m_store->readHistory(10)->size(), 1u);
    const ImportTotals more = importItems({ importItem(0, { box("red", 1), box("green", 77) }, true, SplitSet::Test) });
    EXPECT_EQ(more.annotations, 1);
    EXPECT_EQ(more.duplicateBoxes, 1);
    EXPECT_EQ(boxes(items()[0].id).size(), 3u);
    EXPECT_EQ(items()[0].set, SplitSet::Train); // given before: kept
    expectSound();
}

TEST_F(ImportTest, EqualBoxesOfOneSourceAreCountedOnce)
{
    create();
    const ImportTotals totals
        = importItems({ importItem(0, { box("red", 1), box("red", 1), box("green", 1), box("red", 2, 0) }),
            importItem(0, { box("red", 1), box("red", 9), box("blue", 3) }, true, SplitSet::Test) });
    EXPECT_EQ(items()[0].set, SplitSet::Test);
    EXPECT_EQ(items()[0].state, ItemState::Done);
    EXPECT_EQ(totals.annotations, 5);
    EXPECT_EQ(totals.duplicateBoxes, 2);
    EXPECT_EQ(totals.repeatedBoxes, 2) << "the project was empty";
    EXPECT_EQ(totals.emptyAreaBoxes, 1);
    EXPECT_EQ(totals.newItems, 1);
    EXPECT_EQ(m_store->readCounts()->emptyAreaBoxes, 1);
    ItemFilter flagged;
    flagged.flaggedBoxes = true;
    EXPECT_EQ(items(flagged).size(), 1u);
    expectSound();
}

TEST_F(ImportTest, UndoMovesTheBatchToTheTrashAndRedoBringsItBack)
{
    create();
    importPictures(2);
    const ItemId old = items()[0].id;
    apply({ add(old, labels()[0].id) });
    const auto before = items();
    const auto boxesBefore = boxes(old);
    importItems({ importItem(0, { box("red", 1), box("green", 2) }, true, SplitSet::Train),
                    importItem(9, { box("red", 3) }, true) },
        "Boxes");
    const auto after = items();
    const auto boxesAfter = boxes(old);
    ASSERT_EQ(boxesAfter.size(), 3u);
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(boxes(old), boxesBefore);
    ASSERT_EQ(items().size(), 2u);
    EXPECT_EQ(items()[0].state, before[0].state);
    EXPECT_EQ(items()[0].set, before[0].set);
    EXPECT_EQ(items()[0].boxCount, 1);
    ItemFilter trash;
    trash.inTrash = true;
    EXPECT_EQ(items(trash).size(), 1u);
    expectSound();
    reopen();
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_EQ(boxes(old), boxesAfter);
    ASSERT_EQ(items().size(), 3u);
    EXPECT_EQ(items()[0].state, after[0].state);
    EXPECT_EQ(items()[0].set, SplitSet::Train);
    expectSound();
    // Undone, then imported anew: the pictures come back out of the trash.
    ASSERT_TRUE(m_store->undo()->has_value());
    const ImportTotals again = importItems({ importItem(9, { box("red", 3) }, true) });
    EXPECT_EQ(again.newItems, 0);
    EXPECT_EQ(items().size(), 3u);
    EXPECT_EQ(boxes(old), boxesBefore);
    expectSound();
}

// Undo and redo count the boxes of a picture anew; those of an import that is under way are no part of it yet.
TEST_F(ImportTest, UndoBesideAnImportCountsNoHiddenBoxes)
{
    create();
    importPictures(1);
    importItems({ importItem(0, { box("red", 1) }) }, "Boxes");
    const auto batch = m_store->beginImport("More");
    ASSERT_TRUE(m_store->addToImport(*batch, std::vector { importItem(0, { box("red", 2), box("red", 3, 0) }) }).hasValue());
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(items()[0].boxCount, 0);
    expectSound();
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_EQ(items()[0].boxCount, 1);
    expectSound();
    ASSERT_TRUE(m_store->finishImport(*batch).hasValue());
    EXPECT_EQ(items()[0].boxCount, 3);
    expectSound();
}

// The import knows the class from a box that was there already, and has brought none of it when the class goes.
TEST_F(ImportTest, AClassThatIsDeletedMeanwhileComesBack)
{
    create({ "kept", "red" });
    importItems({ importItem(0, { box("red", 1) }) });
    const auto batch = m_store->beginImport("More");
    ASSERT_TRUE(m_store->addToImport(*batch, std::vector { importItem(0, { box("red", 1) }) }).hasValue());
    apply({ DeleteAnnotation { boxes(items()[0].id).at(0).id } });
    apply({ DeleteLabel { labels().at(1).id } });
    ASSERT_TRUE(m_store->addToImport(*batch, std::vector { importItem(1, { box("red", 2) }) }).hasValue());
    ASSERT_TRUE(m_store->finishImport(*batch).hasValue());
    ASSERT_EQ(labels().size(), 2u);
    EXPECT_EQ(boxes(items()[1].id).at(0).label, labels()[1].id);
    expectSound();
}

TEST_F(ImportTest, EqualBytesAndEqualKeysShareAGroup)
{
    create();
    ImportItem a = importItem(0), b = importItem(1), c = importItem(2), d = importItem(3), e = importItem(4);
    a.contentHash = b.contentHash = "aa";
    b.groupKey = c.groupKey = "film 1";
    d.contentHash = "dd";
    importItems({ a, b, c, d, e });
    auto all = items();
    EXPECT_EQ(all[0].group, all[1].group);
    EXPECT_EQ(all[1].group, all[2].group);
    EXPECT_NE(all[0].group, all[3].group);
    EXPECT_NE(all[3].group, all[4].group);
    // A hash that is found out later joins groups too.
    ASSERT_TRUE(m_store->writeContentHashes(std::vector<ItemHash> { { all[4].id, "dd" }, { ItemId { 999 }, "dd" }, { all[2].id, "dd" } }).hasValue());
    all = items();
    for (const auto& item : all)
        EXPECT_EQ(item.group, all[0].group);
    // Later films join by key, and one that ties two groups merges them.
    ImportItem f = importItem(5), g = importItem(6);
    f.groupKey = "film 2";
    g.groupKey = "film 1";
    importItems({ f, g });
    EXPECT_EQ(items()[6].group, all[0].group);
    EXPECT_NE(items()[5].group, all[0].group);
    ImportItem h = importItem(7);
    h.groupKey = "film 2";
    h.contentHash = "aa";
    importItems({ h });
    EXPECT_EQ(items()[5].group, items()[6].group);
    expectSound();
}

TEST_F(ImportTest, RefusesBoxesThatAreNoNumbers)
{
    create();
    const auto batch = m_store->beginImport("x");
    const auto added = m_store->addToImport(*batch, std::vector { importItem(0, { box("red", HUGE_VAL) }) });
    ASSERT_TRUE(added.hasError());
    EXPECT_EQ(added.error().code, base::ErrorCode::Refused);
    // The batch goes on: only this chunk is refused.
    ASSERT_TRUE(m_store->addToImport(*batch, std::vector { importItem(1) }).hasValue());
    EXPECT_EQ(m_store->finishImport(*batch)->newItems, 1);
}

TEST_F(ImportTest, PathsAreRelativeAndOneFileHasOneName)
{
    create();
    importPictures(1);
    EXPECT_EQ(items()[0].path, "../pictures/p0.jpg");
    fs::create_directory_symlink(m_root / "pictures", m_root / "link");
    ImportItem same = importItem(0);
    same.file = m_root / "link" / "p0.jpg";
    EXPECT_EQ(importItems({ same }).newItems, 0);
    ImportItem twisted = importItem(0);
    twisted.file = m_root / "pictures" / ".." / "pictures" / "p0.jpg";
    EXPECT_EQ(importItems({ twisted }).newItems, 0);
}

// A process that dies in the middle of an import leaves no trace of it, and every edit made meanwhile.
TEST_F(ImportTest, KilledInTheMiddle)
{
    create();
    importPictures(1);
    m_store.reset();
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    const pid_t child = fork();
    if (child == 0) {
        auto store = ProjectStore::open(m_project, "child");
        m_store = std::move(*store);
        const auto batch = m_store->beginImport("x");
        const ItemId old = items()[0].id;
        const LabelId red = labels()[0].id;
        for (int i = 1;; ++i) {
            (void)m_store->addToImport(*batch,
                std::vector {
                    importItem(i, { box("red", i), box("other", i) }, true), importItem(0, { box("red", i) }) });
            if (i % 5 == 0
                && m_store->apply(std::vector<Edit> { add(old, red, { 0.0 + i, 0, 1, 1 }) }, "drew").hasValue()) {
                const char sign = 1;
                if (write(pipes[1], &sign, 1) != 1)
                    _exit(1);
            }
        }
    }
    char signs[8];
    for (int i = 0; i < 6; ++i)
        ASSERT_EQ(read(pipes[0], &signs[i], 1), 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(pipes[1]);
    std::size_t acknowledged = 6;
    while (read(pipes[0], signs, 1) == 1)
        ++acknowledged;
    close(pipes[0]);
    reopen();
    EXPECT_EQ(items().size(), 1u);
    EXPECT_EQ(labels().size(), 2u);
    EXPECT_GE(boxes(items()[0].id).size(), acknowledged);
    EXPECT_LE(boxes(items()[0].id).size(), acknowledged + 1);
    expectSound();
}

}
