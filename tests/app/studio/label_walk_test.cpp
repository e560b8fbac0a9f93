// From picture to picture.
#include "tests/app/studio/label_fixture.h"

namespace percept::studio {
namespace {

TEST_F(LabelPageTest, SpaceFinishesAndGoesOnButNotWhenItPanned)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    QTest::keyPress(&c(), Qt::Key_Space);
    drag({ 300, 300 }, { 330, 310 });
    QTest::keyRelease(&c(), Qt::Key_Space);
    EXPECT_EQ(page->currentIndex(), 0);
    EXPECT_EQ(stateOf(0), domain::ItemState::ToDo);
    EXPECT_EQ(stored().size(), 1u);
    key(Qt::Key_Space);
    EXPECT_EQ(page->currentIndex(), 1);
    EXPECT_EQ(stateOf(0), domain::ItemState::Done);
    key(Qt::Key_D);
    EXPECT_EQ(page->currentIndex(), 2);
    key(Qt::Key_A);
    key(Qt::Key_A);
    EXPECT_EQ(page->currentIndex(), 0);
    key(Qt::Key_D, Qt::ShiftModifier);
    EXPECT_EQ(page->currentIndex(), 1) << "the next unfinished";
    key(Qt::Key_D);
    key(Qt::Key_A, Qt::ShiftModifier);
    EXPECT_TRUE(test::waitFor([&] { return page->currentIndex() == 1; })) << "the unfinished one before";
    key(Qt::Key_A, Qt::ShiftModifier);
    QTest::qWait(50);
    EXPECT_EQ(page->currentIndex(), 1) << "picture 0 is done";
    key(Qt::Key_PageDown);
    EXPECT_EQ(page->currentIndex(), 2);
    key(Qt::Key_PageUp);
    EXPECT_EQ(page->currentIndex(), 0);
}

}
}
