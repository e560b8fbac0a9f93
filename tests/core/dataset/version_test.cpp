#include "core/dataset/version_changes.h"
#include "tests/core/dataset/store_support.h"

namespace percept::dataset::testing {

using domain::ItemState;
using domain::SplitSet;
using VersionTest = StoreTest;

namespace {
std::vector<ImportBox> twoBoxes()
{
    return { { "red", { 1, 2, 3, 4 }, { .difficult = true } }, { "green", { 5, 6, 0, 8 }, {} } };
}
}

TEST_F(VersionTest, HoldsWhatTrains)
{
    create();
    importItems({ importItem(0, twoBoxes(), true, SplitSet::Train), importItem(1, {}, true, SplitSet::Test),
        importItem(2), importItem(3, {}, true) });
    apply({ SetItemTrashed { items()[3].id } });
    const DatasetVersion version = *m_store->freezeVersion();
    EXPECT_EQ(version.items, 2);
    EXPECT_EQ(version.boxes, 1); // the one without area never trains
    EXPECT_EQ(version.manifestSha256.size(), 64u);
    const auto frozen = *m_store->readVersionItems(version.id, std::nullopt);
    ASSERT_EQ(frozen.size(), 2u);
    EXPECT_EQ(frozen[0].annotations.size(), 1u);
    EXPECT_EQ(frozen[0].annotations[0], boxes(items()[0].id)[0]);
    EXPECT_EQ(m_store->readVersionItems(version.id, SplitSet::Test)->size(), 1u);
    EXPECT_EQ(m_store->readVersionLabels(version.id)->size(), 2u);
    EXPECT_EQ(m_store->readVersionItems(VersionId { 9 }, std::nullopt).error().code, base::ErrorCode::NotFound);
}

TEST_F(VersionTest, EqualContentIsTheSameVersion)
{
    create();
    importItems({ importItem(0, twoBoxes(), true, SplitSet::Train) });
    const DatasetVersion first = *m_store->freezeVersion();
    EXPECT_EQ(m_store->freezeVersion()->id, first.id);
    apply({ add(items()[0].id, labels()[0].id) });
    const DatasetVersion second = *m_store->freezeVersion();
    EXPECT_NE(second.id, first.id);
    EXPECT_NE(second.manifestSha256, first.manifestSha256);
    ASSERT_TRUE(m_store->undo()->has_value());
    const DatasetVersion third = *m_store->freezeVersion();
    EXPECT_EQ(third.manifestSha256, first.manifestSha256);
    EXPECT_EQ(m_store->readVersions()->size(), 3u);
    expectSound();
}

TEST_F(VersionTest, StaysAsItWas)
{
    create();
    importItems({ importItem(0, twoBoxes(), true, SplitSet::Train), importItem(1, {}, true, SplitSet::Test) });
    const VersionId version = m_store->freezeVersion()->id;
    const auto before = *m_store->readVersionItems(version, std::nullopt);
    const auto all = items();
    const auto old = boxes(all[0].id);
    domain::Annotation moved = old[0];
    moved.box.x = 99;
    apply(
        { UpdateAnnotation { moved }, DeleteAnnotation { old[1].id }, SetItemSet { all[0].id, SplitSet::Validation } });
    domain::Label renamed = labels()[0];
    renamed.name = "crimson";
    apply({ UpdateLabel { renamed } });
    apply({ SetItemTrashed { all[0].id }, SetItemTrashed { all[1].id } });
    ASSERT_TRUE(m_store->emptyTrash().hasValue());
    reopen();
    const auto after = *m_store->readVersionItems(version, std::nullopt);
    ASSERT_EQ(after.size(), 2u);
    EXPECT_EQ(after[0].annotations, before[0].annotations);
    EXPECT_EQ(after[0].item.set, SplitSet::Train);
    EXPECT_EQ(after[0].item.path, before[0].item.path);
    EXPECT_EQ((*m_store->readVersionLabels(version))[0].name, "red");
    expectSound();
}

TEST_F(VersionTest, ChangesSinceAreCountedBySet)
{
    create();
    importItems({ importItem(0, twoBoxes(), true, SplitSet::Train), importItem(1, twoBoxes(), true, SplitSet::Train),
        importItem(2, twoBoxes(), true, SplitSet::Train), importItem(3, {}, true, SplitSet::Test), importItem(4) });
    const VersionId version = m_store->freezeVersion()->id;
    const auto all = items();
    EXPECT_EQ((*readChangesSince(m_project, version))[SplitSet::Train].changed, 0);

    domain::Annotation moved = boxes(all[0].id)[0];
    moved.box.x = 99;
    apply({ UpdateAnnotation { moved } });
    apply({ SetItemTrashed { all[1].id } });
    // Touched, and as it was again.
    domain::Annotation back = boxes(all[2].id)[0];
    const double x = back.box.x;
    back.box.x = 50;
    apply({ UpdateAnnotation { back } });
    back.box.x = x;
    apply({ UpdateAnnotation { back } });
    apply({ SetItemSet { all[3].id, SplitSet::Train } });
    apply({ add(all[4].id, labels()[0].id), SetItemState { all[4].id, ItemState::Done } });

    const VersionChanges changes = *readChangesSince(m_project, version);
    const SetChanges train = changes.at(SplitSet::Train);
    EXPECT_EQ(train.before, 3);
    EXPECT_EQ(train.changed, 1);
    EXPECT_EQ(train.removed, 1);
    EXPECT_EQ(train.added, 1); // came over from the test set
    EXPECT_EQ(train.addedBoxes, 0);
    EXPECT_EQ(changes.at(SplitSet::Test).removed, 1);
    EXPECT_EQ(changes.at(SplitSet::None).added, 1);
    EXPECT_EQ(changes.at(SplitSet::None).addedBoxes, 1);
    EXPECT_EQ(readChangesSince(m_project, VersionId { 7 }).error().code, base::ErrorCode::NotFound);
}

TEST_F(VersionTest, AnImportUnderWayIsNoChange)
{
    create();
    importItems({ importItem(0, twoBoxes(), true, SplitSet::Train) });
    const VersionId version = m_store->freezeVersion()->id;
    const auto batch = m_store->beginImport("More");
    const std::vector<ImportItem> more { importItem(1, twoBoxes(), true, SplitSet::Train), importItem(0, { { "red", { 7, 7, 7, 7 }, {} } }, true) };
    ASSERT_TRUE(m_store->addToImport(*batch, more).hasValue());
    EXPECT_EQ((*readChangesSince(m_project, version)).at(SplitSet::Train).added, 0);
    ASSERT_TRUE(m_store->finishImport(*batch).hasValue());
    const SetChanges train = (*readChangesSince(m_project, version)).at(SplitSet::Train);
    EXPECT_EQ(train.added, 1);
    EXPECT_EQ(train.changed, 1);
}

}
