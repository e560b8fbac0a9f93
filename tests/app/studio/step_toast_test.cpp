// What Ctrl+Z and Ctrl+Y did is said wherever it is not plainly seen.
#include "app/studio/label/label_page.h"
#include "app/studio/top_bar.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/widgets.h"

#include <QToolButton>

using namespace percept;
using namespace percept::studio;

namespace {

class StepToast : public percept::studio::test_support::Studio {
protected:
    style::Toast& toast() { return *m_window->findChild<style::Toast*>(); }
    QString toastText() { return toast().isVisible() ? toast().text() : QString(); }
    QString action() { return toast().findChild<style::LinkButton*>()->text(); }
    bool says(const char* text)
    {
        const auto settled = [&] { return text[0] == 'U' ? !m_window->context().redoTitle().isEmpty() : !m_window->context().undoTitle().isEmpty(); };
        return eventually([&] { return toastText() == QString::fromUtf8(text) && settled(); }, 5000);
    }
    void moveToReserve(int row)
    {
        find<GalleryView>("gallery")->selectionModel()->select(model().index(row), QItemSelectionModel::ClearAndSelect);
        for (QAction* command : gather().commands())
            if (command->text() == QStringLiteral("Move to set: Reserve"))
                command->trigger();
        ASSERT_TRUE(says("Moved 1 picture to Reserve"));
    }
    LabelPage& label() { return *static_cast<LabelPage*>(m_window->page(QStringLiteral("label"))); }
};

}

TEST_F(StepToast, UndoAndRedoAreSaidWithTheWayBack)
{
    openSquares(6);
    moveToReserve(2);
    const auto inReserve = [&] { return inSet(domain::SplitSet::Reserve); };
    key(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(says("Undone: Moved 1 picture to Reserve")) << toastText().toStdString();
    EXPECT_EQ(action(), QStringLiteral("Redo"));
    ASSERT_TRUE(eventually([&] { return inReserve() == 0; }));
    click(toast().findChild<style::LinkButton*>());
    ASSERT_TRUE(says("Redone: Moved 1 picture to Reserve"));
    EXPECT_EQ(action(), QStringLiteral("Undo"));
    EXPECT_TRUE(eventually([&] { return inReserve() == 1; }));
    click(find<QToolButton>("undo"));
    ASSERT_TRUE(says("Undone: Moved 1 picture to Reserve"));
    key(Qt::Key_Y, Qt::ControlModifier);
    ASSERT_TRUE(says("Redone: Moved 1 picture to Reserve"));
    // On another page as well.
    key(Qt::Key_7, Qt::ControlModifier);
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("report"));
    key(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(says("Undone: Moved 1 picture to Reserve"));
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return !toastText().startsWith(QStringLiteral("Undone: Moved")); })) << "what its Redo would do again is another step now";
}

TEST_F(StepToast, ItGoesWhenAnotherStepComes)
{
    openSquares(6);
    moveToReserve(2);
    key(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(says("Undone: Moved 1 picture to Reserve"));
    m_window->context().apply({ dataset::SetItemState { model().itemAt(1), domain::ItemState::ToDo } }, QStringLiteral("Marked"));
    EXPECT_TRUE(eventually([&] { return toastText().isEmpty(); }, 3000)) << "there is nothing to redo any more";
}

TEST_F(StepToast, OnLabelOnlyWhatIsNotInThePictureIsSaid)
{
    openSquares(6);
    const ItemId shown = model().itemAt(2), other = model().itemAt(4);
    m_window->context().openItem({ shown });
    ASSERT_TRUE(eventually([&] { return label().document().item().id == shown; }));
    const auto boxes = label().document().annotations();
    ASSERT_FALSE(boxes.empty());
    m_window->context().apply({ dataset::SetItemSet { other, domain::SplitSet::Reserve } }, QStringLiteral("Moved the other"));
    m_window->context().apply({ dataset::DeleteAnnotation { boxes.front().id } }, QStringLiteral("Deleted a box"));
    ASSERT_TRUE(eventually([&] { return m_window->context().undoTitle() == QStringLiteral("Deleted a box"); }));
    key(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(eventually([&] { return m_window->context().redoTitle() == QStringLiteral("Deleted a box"); }));
    QTest::qWait(50);
    EXPECT_EQ(toastText(), QString()) << "the box is back before the eyes";
    key(Qt::Key_Z, Qt::ControlModifier);
    const std::string name = m_window->context().session()->reader().readItem(other).valueOr({}).value_or(domain::Item {}).name;
    EXPECT_TRUE(says(("Undone: Moved the other, on " + name).c_str())) << toastText().toStdString();
    EXPECT_EQ(action(), QStringLiteral("Show"));
    click(toast().findChild<style::LinkButton*>());
    EXPECT_TRUE(eventually([&] { return label().document().item().id == other; }));
}
