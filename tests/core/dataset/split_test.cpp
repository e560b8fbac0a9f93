#include "tests/core/dataset/store_support.h"

namespace percept::dataset::testing {

using domain::ItemState;
using domain::SplitSet;
using SplitTest = StoreTest;

TEST_F(SplitTest, GivesTheSharesThatWereAskedFor)
{
    create();
    importPictures(100);
    const SplitResult result = *m_store->split({});
    EXPECT_EQ(result.assigned.at(SplitSet::Train), 60);
    EXPECT_EQ(result.assigned.at(SplitSet::Validation), 20);
    EXPECT_EQ(result.assigned.at(SplitSet::Test), 20);
    EXPECT_EQ(result.groups, 100);
    EXPECT_EQ(result.tornGroups, 0);
    EXPECT_EQ(m_store->readCounts()->bySet.at(SplitSet::Train), 60);
    expectSound();
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(m_store->readCounts()->bySet.at(SplitSet::None), 100);
    expectSound();
}

TEST_F(SplitTest, IsTheSameForTheSameSeed)
{
    create();
    importPictures(40);
    const auto sets = [&](std::uint64_t seed) {
        (void)m_store->split({ .seed = seed });
        std::vector<SplitSet> found;
        for (const auto& item : items())
            found.push_back(item.set);
        (void)m_store->undo();
        return found;
    };
    const auto first = sets(1);
    EXPECT_EQ(first, sets(1));
    EXPECT_NE(first, sets(2));
}

TEST_F(SplitTest, NeverTearsAGroup)
{
    create();
    std::vector<ImportItem> all;
    for (int i = 0; i < 60; ++i) {
        all.push_back(importItem(i));
        all.back().groupKey = "film " + std::to_string(i / 7);
    }
    importItems(all);
    const SplitResult result = *m_store->split({});
    EXPECT_EQ(result.groups, 9);
    EXPECT_GT(result.assigned.at(SplitSet::Test), 0);
    std::map<GroupId, std::set<SplitSet>> setsOf;
    for (const auto& item : items())
        setsOf[item.group].insert(item.set);
    for (const auto& [group, sets] : setsOf)
        EXPECT_EQ(sets.size(), 1u);
    EXPECT_TRUE(m_store->readTornGroups()->empty());
}

TEST_F(SplitTest, KeepsSetsThatCameWithTheDataAndReserve)
{
    create();
    std::vector<ImportItem> all;
    for (int i = 0; i < 30; ++i)
        all.push_back(importItem(i, {}, true, i < 10 ? SplitSet::Test : SplitSet::None));
    importItems(all);
    const auto before = items();
    apply({ SetItemSet { before[20].id, SplitSet::Reserve }, SetItemSet { before[21].id, SplitSet::Validation } });
    (void)*m_store->split({ .validation = 0.5, .test = 0 });
    auto after = items();
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(after[static_cast<std::size_t>(i)].set, SplitSet::Test);
    EXPECT_EQ(after[20].set, SplitSet::Reserve);
    EXPECT_EQ(after[21].set, SplitSet::Validation);
    EXPECT_EQ(m_store->readCounts()->bySet.at(SplitSet::Test), 10);
    // Asked to: those that were given here change, the imported ones and reserve do not.
    (void)*m_store->split({ .validation = 0, .test = 0, .onlyUnassigned = false });
    after = items();
    EXPECT_EQ(after[21].set, SplitSet::Train);
    EXPECT_EQ(after[20].set, SplitSet::Reserve);
    EXPECT_EQ(m_store->readCounts()->bySet.at(SplitSet::Test), 10);
    expectSound();
}

TEST_F(SplitTest, ReportsGroupsThatTheDataTears)
{
    create();
    ImportItem a = importItem(0, {}, true, SplitSet::Train), b = importItem(1, {}, true, SplitSet::Test),
               c = importItem(2, {}, true);
    a.contentHash = b.contentHash = c.contentHash = "same";
    importItems({ a, b, c, importItem(3), importItem(4) });
    const SplitResult result = *m_store->split({});
    EXPECT_EQ(result.tornGroups, 1);
    const auto torn = *m_store->readTornGroups();
    ASSERT_EQ(torn.size(), 1u);
    EXPECT_EQ(torn[0].second.size(), 2u);
    // The third copy joins neither side: the test set that came with the data is not extended, and train must not see it.
    EXPECT_EQ(items()[2].set, SplitSet::None);
}

TEST_F(SplitTest, TheOthersOfAGroupGoWhereMostOfItAre)
{
    create();
    std::vector<ImportItem> all;
    for (int i = 0; i < 6; ++i) {
        all.push_back(importItem(i));
        all.back().groupKey = i < 4 ? "film" : "kept";
    }
    importItems(all);
    const auto before = items();
    apply({ SetItemSet { before[0].id, SplitSet::Train }, SetItemSet { before[1].id, SplitSet::Validation },
        SetItemSet { before[2].id, SplitSet::Validation }, SetItemSet { before[4].id, SplitSet::Reserve } });
    (void)*m_store->split({});
    const auto after = items();
    EXPECT_EQ(after[3].set, SplitSet::Validation);
    EXPECT_EQ(after[5].set, SplitSet::None); // Reserve is filled by hand only
    expectSound();
}

TEST_F(SplitTest, TakesGroupsFromAList)
{
    create();
    importPictures(20);
    SplitOptions options;
    for (int i = 0; i < 20; ++i)
        options.groupOfName["p" + std::to_string(i) + ".jpg"] = i < 10 ? "left" : "right";
    const SplitResult result = *m_store->split(options);
    EXPECT_EQ(result.groups, 2);
    const auto all = items();
    for (int i = 1; i < 10; ++i)
        EXPECT_EQ(all[static_cast<std::size_t>(i)].set, all[0].set);
    expectSound();
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_NE(items()[0].group, items()[1].group);
    expectSound();
    EXPECT_EQ(m_store->split({ .validation = 0.7, .test = 0.7 }).error().code, base::ErrorCode::Usage);
}

TEST_F(SplitTest, AFewDoneAmongThousandsReachEverySet)
{
    create();
    std::vector<ImportItem> all;
    for (int i = 0; i < 300; ++i)
        all.push_back(importItem(i, {}, i < 10));
    importItems(all);
    (void)*m_store->split({});
    std::map<SplitSet, int> done;
    for (const auto& item : items({ .states = { ItemState::Done } }))
        ++done[item.set];
    EXPECT_EQ(done[SplitSet::Train], 6);
    EXPECT_EQ(done[SplitSet::Validation], 2);
    EXPECT_EQ(done[SplitSet::Test], 2);
}

}
