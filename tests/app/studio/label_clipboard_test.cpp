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
    key(Qt::Key_V, Qt::ControlModifier);
    key(Qt::Key_V, Qt::ControlModifier);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 3u);
    EXPECT_EQ(boxes[1].box.x, boxes[0].box.x + 10);
    EXPECT_EQ(boxes[2].box.y, boxes[0].box.y + 20);
}

}
}
