// The number beside a filter is what one gets by choosing it.
#include "app/studio/gather/filter_counts.h"
#include "app/studio/gather/filter_panel.h"
#include "tests/app/studio/studio_support.h"

using namespace percept;
using namespace percept::studio;
using domain::ItemState;
using domain::SplitSet;

namespace {

class Filters : public percept::studio::test_support::Studio {
protected:
    const FilterCounts& counts() { return gather().findChild<FilterCounter*>()->counts(); }
    LabelId labelNamed(const char* name)
    {
        for (const domain::Label& label : m_window->context().labels())
            if (label.name == name)
                return label.id;
        return {};
    }
    qint64 number(const dataset::ItemFilter& filter)
    {
        return static_cast<qint64>(m_window->context().session()->reader().readItemIds(filter).value().size());
    }
};

}

TEST_F(Filters, CountsFollowTheOtherFilters)
{
    openSquares(30); // 10 in each set, every tenth shows nothing
    std::vector<dataset::Edit> edits;
    for (int row = 0; row < 7; ++row)
        edits.push_back(dataset::SetItemState { model().itemAt(row), ItemState::ToDo });
    m_window->context().apply(edits, QStringLiteral("Marked"));
    ASSERT_TRUE(eventually([&] { return counts().byState.contains(ItemState::ToDo) && counts().byState.at(ItemState::ToDo) == 7; }));
    EXPECT_EQ(counts().bySet.at(SplitSet::Train), 10);
    ASSERT_TRUE(eventually([&] { return counts().noObjects == 3; }));

    gather().showFilter({ .states = { ItemState::ToDo } });
    ASSERT_TRUE(eventually([&] { return counts().bySet.at(SplitSet::Train) == 3; })) << counts().bySet.at(SplitSet::Train);
    EXPECT_EQ(counts().bySet.at(SplitSet::Validation), 2);
    EXPECT_EQ(counts().bySet.at(SplitSet::Reserve), 0);
    EXPECT_EQ(counts().byState.at(ItemState::ToDo), 7);
    EXPECT_EQ(counts().byState.at(ItemState::Done), 23) << "the choices of one group stand beside each other";
    EXPECT_EQ(counts().noObjects, 0);
    const LabelId red = labelNamed("red");
    EXPECT_EQ(counts().byLabel.at(red), number({ .states = { ItemState::ToDo }, .labels = { red } }));

    gather().showFilter({ .sets = { SplitSet::Validation }, .labels = { red }, .nameContains = "1" });
    const qint64 done = number({ .states = { ItemState::Done }, .sets = { SplitSet::Validation }, .labels = { red }, .nameContains = "1" });
    ASSERT_TRUE(eventually([&] { return counts().byState.at(ItemState::Done) == done; }));
    EXPECT_EQ(counts().bySet.at(SplitSet::Test), number({ .sets = { SplitSet::Test }, .labels = { red }, .nameContains = "1" }));
    EXPECT_EQ(counts().noObjects, number({ .sets = { SplitSet::Validation }, .noObjects = true, .nameContains = "1" }));
}

TEST_F(Filters, AClickBringsAsManyPicturesAsTheNumberSays)
{
    openSquares(30);
    auto* panel = find<FilterPanel>("filters");
    gather().showFilter({ .sets = { SplitSet::Train } });
    ASSERT_TRUE(rowsAre(10));
    const auto rows = panel->rows();
    const auto it = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.text == QStringLiteral("red"); });
    ASSERT_NE(it, rows.end());
    ASSERT_TRUE(eventually([&] { return counts().byLabel.contains(labelNamed("red")) && counts().byLabel.at(labelNamed("red")) < 10; }));
    const qint64 promised = counts().byLabel.at(labelNamed("red"));
    QTest::mouseClick(panel, Qt::LeftButton, {}, QPoint(60, it->top + 12));
    EXPECT_TRUE(rowsAre(promised)) << model().rowCount() << " instead of " << promised;
}
