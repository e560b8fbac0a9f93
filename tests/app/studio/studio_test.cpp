#include "app/studio/frame/item_name.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/frame/thumbnails.h"
#include "app/studio/gather/filter_panel.h"
#include "app/studio/gather/import_report.h"
#include "app/studio/label/label_page.h"
#include "app/studio/start/class_chips.h"
#include "app/studio/start/start_page.h"
#include "app/studio/status_line.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/widgets.h"

#include <QHelpEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <atomic>

using namespace percept;
using namespace percept::studio;
using percept::studio::test_support::Studio;

TEST_F(Studio, StartPageCreatesAProjectAndImportsWhatWasDropped)
{
    test::makeSquaresProject(m_folder / "other.percept", m_folder / "pictures", 12);
    drop(m_folder / "pictures");
    auto* name = find<QLineEdit>("project-name");
    EXPECT_EQ(name->text(), QStringLiteral("pictures")) << "the folder's name is offered";
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral("Red & blue"));
    find<QLineEdit>("project-folder")->setText(toQString(m_folder / "projects"));
    auto* classes = find<QLineEdit>("class-name");
    QTest::keyClicks(classes, QStringLiteral("red"));
    QTest::keyClick(classes, Qt::Key_Return);
    QTest::keyClicks(classes, QStringLiteral("blue"));
    QTest::mouseClick(find<QPushButton>("create-project"), Qt::LeftButton);

    ASSERT_NE(m_window->context().session(), nullptr);
    EXPECT_EQ(m_window->context().session()->folder().filename(), "red-blue.percept");
    ASSERT_EQ(m_window->context().labels().size(), 2u);
    EXPECT_EQ(m_window->context().labels()[1].name, "blue");
    ASSERT_TRUE(eventually([&] { return m_window->context().counts().items == 12; }));
    ASSERT_TRUE(eventually([&] { return find<ImportReportPanel>("import-report")->isVisible(); }));
    EXPECT_TRUE(find<ImportReportPanel>("import-report")->text().contains(QStringLiteral("12 pictures came in")));
    EXPECT_EQ(find<StatusLine>("status-line")->savedText(), QStringLiteral("All changes saved"));
    EXPECT_EQ(RecentProjects().entries().size(), 1u);
}

TEST_F(Studio, ANameThatIsTakenIsRefusedInPlace)
{
    test::makeSquaresProject(m_folder / "taken.percept", m_folder / "pictures", 1);
    find<QLineEdit>("project-folder")->setText(toQString(m_folder.path()));
    find<QLineEdit>("project-name")->setText(QStringLiteral("Taken"));
    EXPECT_FALSE(find<QPushButton>("create-project")->isEnabled());
    find<QLineEdit>("project-name")->setText(QStringLiteral("Free"));
    EXPECT_TRUE(find<QPushButton>("create-project")->isEnabled());
}

TEST_F(Studio, AClassThatDiffersFromAnotherInCapitalsAloneIsRefusedInPlace)
{
    find<QLineEdit>("project-folder")->setText(toQString(m_folder / "projects"));
    find<QLineEdit>("project-name")->setText(QStringLiteral("Cells"));
    auto* classes = find<QLineEdit>("class-name");
    auto* chips = find<ClassChips>("classes");
    QTest::keyClicks(classes, QStringLiteral("RBC"));
    QTest::keyClick(classes, Qt::Key_Return);
    EXPECT_TRUE(chips->problem().isEmpty());
    QTest::keyClicks(classes, QStringLiteral(" rbc"));
    QTest::keyClick(classes, Qt::Key_Return);
    EXPECT_EQ(classes->text(), QStringLiteral("rbc")) << "it stays to be mended";
    EXPECT_EQ(find<QLabel>("class-problem")->text(), QStringLiteral("RBC is in the list already: rbc differs from it in capitals alone."));
    EXPECT_FALSE(find<QPushButton>("create-project")->isEnabled());
    EXPECT_EQ(chips->names(), QStringList(QStringLiteral("RBC")));
    QTest::keyClicks(classes, QStringLiteral("2,WBC,wbc,"));
    EXPECT_EQ(chips->names(), QStringList({ QStringLiteral("RBC"), QStringLiteral("rbc2"), QStringLiteral("WBC") }));
    EXPECT_EQ(classes->text(), QStringLiteral("wbc"));
    QTest::keyClick(classes, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(classes, Qt::Key_Delete);
    EXPECT_TRUE(find<QLabel>("class-problem")->text().isEmpty());
    QTest::mouseClick(find<QPushButton>("create-project"), Qt::LeftButton);
    ASSERT_NE(m_window->context().session(), nullptr);
    EXPECT_EQ(m_window->context().labels().size(), 3u);
}

TEST_F(Studio, ABrokenProjectIsExplainedOnTheStartPage)
{
    std::filesystem::create_directories(m_folder / "no.percept");
    EXPECT_FALSE(m_window->openProject(m_folder / "no.percept"));
    auto* problem = find<style::Note>("start-problem");
    EXPECT_TRUE(problem->isVisible());
    EXPECT_FALSE(problem->text().isEmpty());
}

TEST_F(Studio, AnImportThatBringsNothingSaysWhy)
{
    openSquares(3);
    std::filesystem::create_directories(m_folder / "nothing in it");
    drop(m_folder / "nothing in it");
    ASSERT_TRUE(eventually([&] { return find<ImportReportPanel>("import-report")->isVisible(); }));
    EXPECT_TRUE(find<ImportReportPanel>("import-report")->text().contains(QStringLiteral("nothing came in"), Qt::CaseInsensitive));
    EXPECT_EQ(m_window->context().counts().items, 3);
}

TEST_F(Studio, FiltersShowWhatTheyCountAndChipsTakeThemBack)
{
    openSquares(30);
    EXPECT_EQ(model().rowCount(), 30);
    dataset::ItemFilter train;
    train.sets = { domain::SplitSet::Train };
    gather().showFilter(train);
    EXPECT_TRUE(rowsAre(inSet(domain::SplitSet::Train)));
    EXPECT_GT(model().rowCount(), 0);
    EXPECT_LT(model().rowCount(), 30);
    auto* chip = gather().findChild<style::Chip*>();
    ASSERT_NE(chip, nullptr);
    QTest::mouseClick(chip, Qt::LeftButton);
    EXPECT_TRUE(eventually([&] { return model().rowCount() == 30; }));
}

TEST_F(Studio, ClickingAFilterRowFilters)
{
    openSquares(30);
    auto* panel = find<FilterPanel>("filters");
    QTest::mouseClick(panel, Qt::LeftButton, Qt::NoModifier, QPoint(20, 36 + 24 * 3 + 6 + 36 + 12)); // Split: Train
    EXPECT_EQ(gather().filter().sets, std::vector { domain::SplitSet::Train });
    EXPECT_TRUE(rowsAre(inSet(domain::SplitSet::Train)));
}

TEST_F(Studio, SearchByNameNarrowsTheGallery)
{
    openSquares(30);
    const QString name = QString::fromStdString(model().cell(7)->item.name);
    QTest::keyClicks(find<QLineEdit>("search"), name);
    ASSERT_TRUE(eventually([&] { return model().rowCount() == 1; }));
    EXPECT_EQ(model().cell(0)->item.name, name.toStdString());
}

TEST_F(Studio, MovingASelectionToASetIsOneStepThatUndoTakesBack)
{
    openSquares(12);
    const qint64 before = inSet(domain::SplitSet::Reserve), train = inSet(domain::SplitSet::Train);
    auto* view = find<GalleryView>("gallery");
    QTest::mouseClick(view->viewport(), Qt::LeftButton, Qt::NoModifier, view->visualRect(model().index(0)).center());
    QTest::mouseClick(view->viewport(), Qt::LeftButton, Qt::ControlModifier, view->visualRect(model().index(2)).center());
    ASSERT_EQ(gather().selected().size(), 2u);
    EXPECT_TRUE(find<QWidget>("selection-bar")->isVisible());
    for (QAction* action : gather().commands())
        if (action->text() == QStringLiteral("Move to set: Reserve"))
            action->trigger();
    ASSERT_TRUE(eventually([&] { return inSet(domain::SplitSet::Reserve) == before + 2; }));
    ASSERT_TRUE(eventually([&] { return m_window->context().undoTitle() == QStringLiteral("Moved 2 pictures to Reserve"); }));
    QTest::mouseClick(find<QToolButton>("undo"), Qt::LeftButton);
    EXPECT_TRUE(eventually([&] { return inSet(domain::SplitSet::Reserve) == before && inSet(domain::SplitSet::Train) == train; }));
    EXPECT_TRUE(eventually([&] { return find<QToolButton>("redo")->isEnabled(); }));
}

TEST_F(Studio, TheTrashTakesAndGivesBack)
{
    openSquares(8);
    auto* view = find<GalleryView>("gallery");
    view->setFocus();
    view->setCurrentIndex(model().index(3));
    const ItemId gone = model().itemAt(3);
    QTest::mouseClick(find<QPushButton>("selection-trash"), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return model().rowCount() == 7; }));
    EXPECT_EQ(model().rowOf(gone), -1);
    dataset::ItemFilter trash;
    trash.inTrash = true;
    gather().showFilter(trash);
    ASSERT_TRUE(rowsAre(1));
    view->selectAll();
    QTest::mouseClick(find<QPushButton>("selection-restore"), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return model().rowCount() == 0; }));
    gather().showFilter({});
    EXPECT_TRUE(rowsAre(8));
}

TEST_F(Studio, TheGalleryAnswersKeysAndPlacesByArithmetic)
{
    openSquares(40);
    auto* view = find<GalleryView>("gallery");
    view->setFocus();
    QTest::keyClick(view, Qt::Key_End);
    EXPECT_EQ(view->currentIndex().row(), 39);
    EXPECT_TRUE(view->viewport()->rect().contains(view->visualRect(view->currentIndex()).center()));
    QTest::keyClick(view, Qt::Key_Home);
    EXPECT_EQ(view->currentIndex().row(), 0);
    for (int row = 0; row < 12; ++row)
        EXPECT_EQ(view->indexAt(view->visualRect(model().index(row)).center()).row(), row);
    QTest::keyClick(view, Qt::Key_A, Qt::ControlModifier);
    EXPECT_EQ(gather().selected().size(), 40u);
    QTest::keyClick(view, Qt::Key_Escape);
    EXPECT_TRUE(gather().selected().empty());
}

TEST_F(Studio, ThumbnailsArriveAndAreKeptOnDisk)
{
    openSquares(6);
    find<GalleryView>("gallery")->viewport()->repaint();
    ASSERT_TRUE(eventually([&] { return !model().thumbnail(0).isNull(); }));
    EXPECT_TRUE(eventually([&] { return m_window->context().thumbnails().pending() == 0; }));
    EXPECT_TRUE(std::filesystem::exists(m_folder / "squares.percept" / "cache" / "thumbnails"));
}

TEST_F(Studio, WhatChangesBehindAnotherPageShowsOnTheWayBack)
{
    openSquares(30);
    dataset::ItemFilter train;
    train.sets = { domain::SplitSet::Train };
    gather().showFilter(train);
    const qint64 before = inSet(domain::SplitSet::Train);
    ASSERT_TRUE(rowsAre(before));
    const std::vector<ItemId> shown = model().ids();
    m_window->showPage(QStringLiteral("label"));
    for (int i = 0; i < 2; ++i) {
        bool done = false;
        m_window->context().apply({ dataset::SetItemSet { shown[std::size_t(i)], domain::SplitSet::Test } }, QStringLiteral("Moved"), [&](const auto&) { done = true; });
        ASSERT_TRUE(eventually([&] { return done; }));
    }
    ASSERT_TRUE(eventually([&] { return inSet(domain::SplitSet::Train) == before - 2; }));
    QTest::qWait(50);
    EXPECT_EQ(model().rowCount(), int(before)) << "nobody looked";
    m_window->showPage(QStringLiteral("gather"));
    EXPECT_TRUE(rowsAre(before - 2));
    EXPECT_EQ(gather().statusLeft().value(0), QStringLiteral("%1 of 30 shown").arg(before - 2));
}

TEST_F(Studio, TheTipOfUndoSaysWhatItTakesBack)
{
    openSquares(3);
    bool done = false;
    m_window->context().apply({ dataset::SetItemState { { 1 }, domain::ItemState::ToDo } }, QStringLiteral("Marked <one>"), [&](const auto&) { done = true; });
    auto* undo = find<QToolButton>("undo");
    ASSERT_TRUE(eventually([&] { return done && undo->isEnabled(); }));
    ASSERT_TRUE(eventually([&] { return m_window->context().undoTitle() == QStringLiteral("Marked <one>"); }));
    QHelpEvent help(QEvent::ToolTip, QPoint(5, 5), undo->mapToGlobal(QPoint(5, 5)));
    QApplication::sendEvent(undo, &help);
    EXPECT_TRUE(undo->toolTip().contains(QStringLiteral("Marked &lt;one&gt;"))) << undo->toolTip().toStdString();
}

TEST_F(Studio, EnterInAFilteredGalleryRunsThroughItOnLabel)
{
    openSquares(30);
    dataset::ItemFilter train;
    train.sets = { domain::SplitSet::Train };
    gather().showFilter(train);
    ASSERT_TRUE(rowsAre(inSet(domain::SplitSet::Train)));
    const std::vector<ItemId> shown = model().ids();
    auto* view = find<GalleryView>("gallery");
    view->setCurrentIndex(model().index(1));
    QTest::keyClick(view, Qt::Key_Return);
    auto& label = *static_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    ASSERT_TRUE(eventually([&] { return label.document().item().id == shown[1]; }));
    EXPECT_EQ(find<QAbstractButton>("within")->accessibleName(), QStringLiteral("Only: Train"));
    for (std::size_t i = 2; i < 6; ++i) {
        QTest::keyClick(&label.boxCanvas(), Qt::Key_D);
        EXPECT_EQ(label.document().item().id, shown[i]);
    }
}

TEST_F(Studio, EnterOpensTheItemInLabel)
{
    openSquares(6);
    ASSERT_TRUE(m_window->page(QStringLiteral("label")));
    auto* view = find<GalleryView>("gallery");
    view->setFocus();
    view->setCurrentIndex(model().index(4));
    QTest::keyClick(view, Qt::Key_Return);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
}

TEST_F(Studio, ABackupIsRestoredFromTheMenu)
{
    openSquares(4);
    const auto made = m_window->context().session()->call([](dataset::ProjectStore& store) { return store.backup("hand"); });
    ASSERT_TRUE(made.hasValue());
    m_window->context().apply({ dataset::SetItemTrashed { model().itemAt(0), true } }, QStringLiteral("Moved 1 picture to the trash"));
    ASSERT_TRUE(eventually([&] { return m_window->context().counts().items == 3; }));
    m_window->context().choosers().confirm = [](QWidget*, const QString&, const QString&, const QString&) { return true; };
    auto* menu = find<QMenu>("backups");
    Q_EMIT menu->aboutToShow();
    ASSERT_FALSE(menu->actions().isEmpty());
    QAction* byHand = nullptr;
    for (QAction* action : menu->actions())
        if (action->text().contains(QStringLiteral("hand")))
            byHand = action;
    ASSERT_NE(byHand, nullptr);
    byHand->trigger();
    ASSERT_NE(m_window->context().session(), nullptr);
    EXPECT_EQ(m_window->context().counts().items, 4);
    EXPECT_TRUE(rowsAre(4));
}

TEST_F(Studio, ARecentProjectThatIsGoneStaysInTheList)
{
    openSquares(2);
    m_window->closeProject();
    ASSERT_EQ(RecentProjects().entries().size(), 1u);
    std::filesystem::rename(m_folder / "squares.percept", m_folder / "moved.percept");
    m_window->startPage()->refresh();
    ASSERT_EQ(RecentProjects().entries().size(), 1u);
    EXPECT_TRUE(m_window->openProject(m_folder / "moved.percept"));
}

TEST(Jobs, ResultsComeOnTheInterfaceThreadUnlessTheReceiverHasGone)
{
    JobList jobs;
    QObject here;
    auto gone = std::make_unique<QObject>();
    int delivered = 0;
    const JobList::Work<int> work = [](const base::ProgressFn& progress, const base::CancelToken&) -> base::Result<int> {
        progress({ 1, 2, "half" });
        return 7;
    };
    jobs.start<int>({ QStringLiteral("a"), {}, {} }, &here, work, [&](base::Result<int> result) {
        EXPECT_EQ(QThread::currentThread(), QCoreApplication::instance()->thread());
        delivered += *result;
    });
    Job* second = jobs.start<int>({ QStringLiteral("b"), {}, {} }, gone.get(), work, [&](base::Result<int> result) { delivered += 100 * *result; });
    gone.reset();
    ASSERT_TRUE(eventually([&] { return !jobs.running(); }));
    EXPECT_EQ(delivered, 7);
    EXPECT_EQ(second->state(), Job::State::Done);
}

TEST(Jobs, CancelReachesTheWorkAndIsNotAFailure)
{
    JobList jobs;
    QObject here;
    std::atomic<bool> began = false;
    Job* job = jobs.start<int>({ QStringLiteral("long"), {}, {} }, &here,
        [&began](const base::ProgressFn&, const base::CancelToken& cancel) -> base::Result<int> {
            began = true;
            while (!cancel.isCancelled())
                QThread::msleep(2);
            return base::cancelled();
        },
        {});
    ASSERT_TRUE(eventually([&] { return began.load(); }));
    job->cancel();
    ASSERT_TRUE(eventually([&] { return !job->isRunning(); }));
    EXPECT_EQ(job->state(), Job::State::Cancelled);
    EXPECT_TRUE(job->error().isEmpty());
}

TEST(Names, OfPicturesKeepTheEndThatTellsThemApart)
{
    const QFontMetrics metrics(style::font(style::TextRole::Caption));
    EXPECT_EQ(shortItemName("a_1.jpg", metrics, 200), QStringLiteral("a_1"));
    EXPECT_EQ(shortItemName("BloodImage_00021.jpg", metrics, 60), QStringLiteral("00021"));
    const QString cut = shortItemName("IMG-20260102-very-long-00021.jpg", metrics, 60);
    EXPECT_TRUE(cut.endsWith(QStringLiteral("00021")) && cut.startsWith(QChar(0x2026))) << cut.toStdString();
    EXPECT_EQ(shortItemName(".hidden", metrics, 200), QStringLiteral(".hidden"));
}

TEST(Names, BecomeFileNames)
{
    EXPECT_EQ(projectFileName(QStringLiteral("Blood cells")), QStringLiteral("blood-cells"));
    EXPECT_EQ(projectFileName(QStringLiteral("../../etc")), QStringLiteral("etc"));
    EXPECT_EQ(projectFileName(QStringLiteral(" / ")), QString());
    EXPECT_EQ(projectFileName(QStringLiteral("Größe 3")), QStringLiteral("größe-3"));
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
