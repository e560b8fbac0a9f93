// The keyboard stays where it was.
#include "app/studio/top_bar.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/widgets.h"

#include <QMenu>
#include <QToolButton>

using namespace percept;
using namespace percept::studio;

namespace {

class Focus : public percept::studio::test_support::Studio {
protected:
    GalleryView& gallery() { return *find<GalleryView>("gallery"); }
    void openSquares(int pictures)
    {
        Studio::openSquares(pictures);
        gallery().setFocus();
    }
    bool inGallery()
    {
        return eventually([&] { return gallery().hasFocus(); }, 2000);
    }
    static std::string where() { return QApplication::focusWidget() ? QApplication::focusWidget()->objectName().toStdString() : "nowhere"; }
};

}

TEST_F(Focus, SelectionActionsLeaveItInTheGallery)
{
    openSquares(12);
    gallery().setCurrentIndex(model().index(4));
    ASSERT_TRUE(find<QWidget>("selection-bar")->isVisible());
    click(find<QPushButton>("selection-trash"));
    ASSERT_TRUE(rowsAre(11));
    EXPECT_TRUE(inGallery()) << where();
    key(Qt::Key_Right);
    EXPECT_GE(gallery().currentIndex().row(), 4) << "goes on from there";
    // By the keyboard the bar goes away under the button that was pressed.
    ASSERT_TRUE(tabTo(find<QPushButton>("selection-trash")));
    key(Qt::Key_Space);
    ASSERT_TRUE(rowsAre(10));
    EXPECT_TRUE(inGallery()) << where();
    gallery().selectAll();
    click(named<QToolButton>("Clear the selection"));
    EXPECT_TRUE(inGallery()) << where();
}

TEST_F(Focus, ChipsAndFiltersThatGoGiveItBack)
{
    openSquares(12);
    gather().showFilter({ .sets = { domain::SplitSet::Train } });
    ASSERT_TRUE(rowsAre(4));
    click(visible<style::Chip>([](const style::Chip& chip) { return chip.text() == QStringLiteral("Train"); }));
    ASSERT_TRUE(rowsAre(12));
    EXPECT_TRUE(inGallery()) << where();
    gather().showFilter({ .nameContains = "nothing is called that" });
    ASSERT_TRUE(rowsAre(0));
    click(button("Clear the filters"));
    ASSERT_TRUE(rowsAre(12));
    EXPECT_TRUE(inGallery()) << where();
}

TEST_F(Focus, ChoosersAndTheChipOfAJobLeaveItInTheGallery)
{
    openSquares(6);
    m_window->context().choosers().folder = [](QWidget*, const QString&, const QString&) { return QString(); };
    auto* add = find<QPushButton>("add-data");
    QTimer::singleShot(50, add, [add] { // runs while the menu is open
        QTest::keyClick(add->menu(), Qt::Key_Down);
        QTest::keyClick(add->menu(), Qt::Key_Return);
    });
    click(add);
    EXPECT_TRUE(inGallery()) << where();
    bool cancelled = false;
    Job* job = m_window->context().jobs().adopt({ QStringLiteral("Import"), QStringLiteral("gather"), QString() }, [&] { cancelled = true; });
    auto* chip = find<JobIndicator>("job-indicator");
    ASSERT_TRUE(chip->isVisible());
    click(chip);
    EXPECT_TRUE(inGallery()) << where();
    QTest::mouseClick(chip, Qt::LeftButton, {}, QPoint(chip->width() - 14, 14));
    EXPECT_TRUE(cancelled);
    job->finish(Job::State::Cancelled);
    EXPECT_FALSE(chip->isVisible());
    EXPECT_TRUE(inGallery()) << where();
    // Reached by Tab it has the focus when it goes.
    job = m_window->context().jobs().adopt({ QStringLiteral("Import"), QStringLiteral("gather"), QString() }, {});
    ASSERT_TRUE(tabTo(chip));
    job->finish(Job::State::Done);
    EXPECT_TRUE(inGallery()) << where();
}
