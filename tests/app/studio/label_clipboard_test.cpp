// Objects that are copied, pasted and duplicated, by keys and by the Edit menu.
#include "app/studio/frame/commands.h"
#include "tests/app/studio/label_fixture.h"

#include <QAction>

namespace percept::studio {
namespace {

class ClipboardTest : public LabelPageTest {
protected:
    QStringList enabled()
    {
        settle();
        QStringList texts;
        for (const QAction* action : page->editCommands())
            if (action->isEnabled())
                texts << commandKeys(*action);
        return texts;
    }
    void trigger(const char* keys)
    {
        settle(); // what is off cannot be triggered
        for (QAction* action : page->editCommands())
            if (commandKeys(*action) == QLatin1String(keys))
                return action->trigger();
        ADD_FAILURE() << keys;
    }
    std::string boxAt(std::size_t i)
    {
        const domain::Box box = stored().at(i).box;
        return std::to_string(int(box.x)) + " " + std::to_string(int(box.y)) + " " + std::to_string(int(box.w)) + " " + std::to_string(int(box.h));
    }
};

const QStringList kOnSelection { QStringLiteral("Ctrl X"), QStringLiteral("Ctrl C"), QStringLiteral("Ctrl D"), QStringLiteral("Del"), QStringLiteral("Ctrl A") };

TEST_F(ClipboardTest, TheEditMenuOffersWhatDoesSomething)
{
    start({ "RBC" });
    EXPECT_EQ(enabled(), QStringList());
    EXPECT_EQ(commandReason(*page->editCommands().front()), QStringLiteral("select objects first"));
    drag({ 50, 50 }, { 100, 100 });
    EXPECT_EQ(enabled(), kOnSelection) << "the new box is selected";
    trigger("Ctrl C");
    EXPECT_TRUE(enabled().contains(QStringLiteral("Ctrl V")));
    trigger("Ctrl D");
    EXPECT_EQ(stored().size(), 2u);
    trigger("Ctrl A");
    EXPECT_EQ(selection().size(), 2u);
    trigger("Ctrl X");
    EXPECT_TRUE(stored().empty());
    EXPECT_EQ(enabled(), QStringList(QStringLiteral("Ctrl V")));
    key(Qt::Key_D);
    EXPECT_EQ(enabled(), QStringList(QStringLiteral("Ctrl V")));
    trigger("Ctrl V");
    EXPECT_EQ(stored().size(), 2u);
    key(Qt::Key_L, Qt::ShiftModifier);
    EXPECT_EQ(enabled(), QStringList(QStringLiteral("Ctrl V"))) << "what is locked is not selected";
    key(Qt::Key_L, Qt::ShiftModifier);
    trigger("Ctrl A");
    trigger("Del");
    EXPECT_TRUE(stored().empty());
}

TEST_F(ClipboardTest, PastesAtThePointerAndKeepsWithinThePicture)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 90, 70 });
    drag({ 130, 90 }, { 150, 110 }); // together 100 wide and 60 high, the middle at 100, 80
    key(Qt::Key_A, Qt::ControlModifier);
    key(Qt::Key_C, Qt::ControlModifier);
    key(Qt::Key_D);
    mouse(QEvent::MouseMove, { 300, 200 });
    key(Qt::Key_V, Qt::ControlModifier);
    ASSERT_EQ(stored().size(), 2u);
    EXPECT_NEAR(stored()[0].box.x, 250, 2);
    EXPECT_NEAR(stored()[0].box.y, 170, 2);
    EXPECT_NEAR(stored()[1].box.x - stored()[0].box.x, stored(0)[1].box.x - stored(0)[0].box.x, 0.01) << "they lie to each other as they did";
    EXPECT_NEAR(stored()[0].box.w, stored(0)[0].box.w, 0.01);
    EXPECT_EQ(selection().size(), 2u);
    key(Qt::Key_V, Qt::ControlModifier);
    ASSERT_EQ(stored().size(), 4u);
    EXPECT_NE(boxAt(2), boxAt(0)) << "a second time at the same place they are seen";

    mouse(QEvent::MouseMove, { 635, 475 });
    key(Qt::Key_V, Qt::ControlModifier);
    ASSERT_EQ(stored().size(), 6u);
    EXPECT_NEAR(stored()[5].box.right(), 640, 1);
    EXPECT_NEAR(stored()[5].box.bottom(), 480, 1);
    EXPECT_NEAR(stored()[5].box.w, stored(0)[1].box.w, 0.01) << "none is cut";
}

TEST_F(ClipboardTest, PastesWhereTheyWereWhenThePointerIsElsewhere)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 90, 70 });
    const std::string drawn = boxAt(0);
    key(Qt::Key_C, Qt::ControlModifier);
    key(Qt::Key_D);
    moveAway();
    key(Qt::Key_V, Qt::ControlModifier);
    EXPECT_EQ(boxAt(0), drawn);
    key(Qt::Key_D);
    mouse(QEvent::MouseMove, { 300, 200 });
    trigger("Ctrl V");
    EXPECT_EQ(boxAt(0), drawn) << "in the menu the pointer is at the menu";
    key(Qt::Key_Delete);
    mouse(QEvent::MouseMove, { -20, 200 }); // on the canvas, beside the picture
    key(Qt::Key_V, Qt::ControlModifier);
    EXPECT_EQ(boxAt(0), drawn);
}

TEST_F(LabelPageTest, RubberBandCopyPasteDuplicateAndThePreviousPicture)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    drag({ 200, 50 }, { 250, 100 });
    key(Qt::Key_V);
    click({ 400, 400 });
    drag({ 30, 30 }, { 300, 150 });
    ASSERT_EQ(selection().size(), 2u);
    key(Qt::Key_C, Qt::ControlModifier);
    key(Qt::Key_D, Qt::ControlModifier);
    EXPECT_EQ(stored().size(), 4u);
    EXPECT_EQ(selection().size(), 2u) << "the copies are selected";
    key(Qt::Key_D);
    EXPECT_EQ(page->currentIndex(), 1);
    moveAway();
    key(Qt::Key_V, Qt::ControlModifier);
    EXPECT_EQ(stored().size(), 2u);
    key(Qt::Key_V, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_EQ(stored().size(), 4u) << "the two that lie there already stay once";
    undo();
    EXPECT_EQ(stored().size(), 2u);
}

TEST_F(LabelPageTest, PastingOnTheSamePictureDoesNotHideTheCopies)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    key(Qt::Key_C, Qt::ControlModifier);
    moveAway();
    key(Qt::Key_V, Qt::ControlModifier);
    key(Qt::Key_V, Qt::ControlModifier);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 3u);
    EXPECT_EQ(boxes[1].box.x, boxes[0].box.x + 10);
    EXPECT_EQ(boxes[2].box.y, boxes[0].box.y + 20);
}

}
}
