// A project that is opened again is where it was left.
#include "app/studio/frame/recent_projects.h"
#include "app/studio/label/label_page.h"
#include "app/studio/train/run_list_model.h"
#include "core/runs/run_status.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"
#include "tests/app/studio/studio_support.h"
#include "tests/support/test_package.h"
#include "widgets/plots/curve_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QListView>
#include <QScrollBar>
#include <QSlider>
#include <fstream>

using namespace percept;
using namespace percept::studio;

namespace {

class Reopen : public percept::studio::test_support::Studio {
protected:
    LabelPage& label() { return *static_cast<LabelPage*>(m_window->page(QStringLiteral("label"))); }
    // Another start of the program.
    void startAgain()
    {
        m_window = std::make_unique<MainWindow>();
        m_window->show();
        m_window->activateWindow();
        ASSERT_TRUE(QTest::qWaitForWindowActive(m_window.get()));
        ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    }
};

}

TEST(FolderBeside, TellsProjectsOfOneNameApart)
{
    RecentProjects::Entry a, b, c;
    a.name = b.name = QStringLiteral("Blood cells");
    c.name = QStringLiteral("Parts");
    a.path = QDir::homePath() + QStringLiteral("/one/cells.percept");
    b.path = QStringLiteral("/data/two/cells.percept");
    c.path = QStringLiteral("/data/parts.percept");
    EXPECT_EQ(folderBeside(a, { a, b, c }), QStringLiteral("~/one/cells.percept"));
    EXPECT_EQ(folderBeside(b, { a, b, c }), b.path);
    EXPECT_EQ(folderBeside(c, { a, b, c }), QString()) << "its name tells";
    EXPECT_EQ(folderBeside(a, { a, c }), QString());
}

TEST_F(Reopen, GatherHasItsFiltersItsPictureAndItsPlace)
{
    openSquares(120);
    m_window->context().apply({ dataset::SetItemState { model().itemAt(0), domain::ItemState::ToDo } }, QStringLiteral("Marked"));
    ASSERT_TRUE(eventually([&] { return m_window->context().counts().byState.contains(domain::ItemState::ToDo); }));
    auto* view = find<GalleryView>("gallery");
    gather().showFilter({ .states = { domain::ItemState::Done }, .nameContains = "p" });
    ASSERT_TRUE(rowsAre(119));
    gather().findChild<QSlider*>()->setValue(200);
    view->setFocus();
    for (int i = 0; i < 8; ++i)
        key(Qt::Key_PageDown);
    key(Qt::Key_PageUp);
    view->verticalScrollBar()->setValue(view->verticalScrollBar()->value() - 13);
    const ItemId current = model().itemAt(view->currentIndex().row());
    const auto top = view->top();
    ASSERT_GT(top.first, 0);
    ASSERT_GT(top.second, 0);
    const auto filter = gather().filter();

    startAgain();
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("gather"));
    ASSERT_TRUE(rowsAre(119));
    view = find<GalleryView>("gallery");
    EXPECT_EQ(gather().filter(), filter);
    EXPECT_EQ(find<QLineEdit>("search")->text(), QStringLiteral("p"));
    EXPECT_EQ(view->thumbWidth(), 200);
    ASSERT_TRUE(eventually([&] { return view->top() == top; })) << view->top().first << " " << view->top().second;
    EXPECT_EQ(model().itemAt(view->currentIndex().row()), current);
    key(Qt::Key_Right);
    EXPECT_EQ(model().rowOf(current) + 1, view->currentIndex().row()) << "the keyboard goes on from there";
}

TEST_F(Reopen, LabelShowsThePictureThatWasInFront)
{
    openSquares(12);
    const ItemId item = model().itemAt(7);
    m_window->context().openItem({ item });
    ASSERT_TRUE(eventually([&] { return label().document().item().id == item; }));
    const LabelId blue = m_window->context().labels().at(1).id;
    ASSERT_NE(label().armedLabel(), blue);
    label().armClass(blue);
    ASSERT_TRUE(m_window->closeProject());
    EXPECT_EQ(label().document().item().id, ItemId {});
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept")); // the same window
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    EXPECT_TRUE(eventually([&] { return label().document().item().id == item; }));
    startAgain();
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    EXPECT_TRUE(eventually([&] { return label().document().item().id == item; })) << "also after another start";
    EXPECT_EQ(label().armedLabel(), blue) << "and draws on with the same class";
    // Another page was in front when it was left: it comes first, Label is where it was all the same.
    m_window->showPage(QStringLiteral("gather"));
    startAgain();
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("gather"));
    m_window->showPage(QStringLiteral("label"));
    EXPECT_TRUE(eventually([&] { return label().document().item().id == item; }));
}

TEST_F(Reopen, TrainShowsTheRunThatWasLookedAt)
{
    openSquares(30);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(services::prepareRun(*m_window->context().session(), {}).hasValue());
    m_window->showPage(QStringLiteral("train"));
    auto* list = find<QListView>("runList");
    ASSERT_EQ(list->model()->rowCount(), 3);
    const auto shown = [&] { return find<QListView>("runList")->currentIndex().data().toString(); };
    const auto drawn = [&](int row) { return find<QListView>("runList")->model()->index(row, 0).data(RunListModel::TickedRole).toBool(); };
    EXPECT_EQ(shown(), QStringLiteral("Run 3"));
    list->setFocus();
    key(Qt::Key_Down);
    key(Qt::Key_Space);
    ASSERT_EQ(shown(), QStringLiteral("Run 2"));
    ASSERT_TRUE(drawn(1));
    ASSERT_TRUE(m_window->closeProject());
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
    EXPECT_EQ(shown(), QStringLiteral("Run 2"));
    startAgain();
    EXPECT_EQ(shown(), QStringLiteral("Run 2")) << "also after another start";
    EXPECT_TRUE(drawn(1));
    EXPECT_FALSE(drawn(0));
    m_window->closeProject();
    RecentProjects().writeView(toQString(m_folder / "squares.percept"), R"({"page":"train","train":{"run":"r0077","drawn":[7,"r0066"],"scroll":"x"}})");
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    EXPECT_EQ(shown(), QStringLiteral("Run 3")) << "what is gone is passed over";
}

// The same colours, whatever order they were ticked in, and the same epochs: a run that can be gone on with is drawn up to where it
// wants to come to, as while it trained.
TEST_F(Reopen, ThePlotsOfTrainLookAsTheyDid)
{
    openSquares(30);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(services::prepareRun(*m_window->context().session(), {}).hasValue());
    const auto folder = [&](int number) { return runs::runFolder(m_folder / "squares.percept", "r000" + std::to_string(number)); };
    for (int number = 1; number <= 3; ++number) {
        std::ofstream metrics(folder(number) / "metrics.jsonl");
        for (int epoch = 1; epoch <= 7; ++epoch)
            metrics << R"({"name":"val/map50","step":)" << epoch << R"(,"epoch":)" << epoch << R"(,"value":0.)" << number << epoch << "}\n";
    }
    runs::RunStatus status;
    status.status = "running"; // of a process that is gone
    status.process.pid = 1;
    status.progress = protocol::ProgressMessage {};
    status.progress->epoch = 7;
    status.progress->epochs = 16;
    ASSERT_TRUE(runs::writeStatus(folder(2), status).hasValue());
    m_window->showPage(QStringLiteral("train"));
    auto* list = find<QListView>("runList");
    list->setFocus();
    for (const int row : { 0, 2, 0 }) { // Run 3, which is ticked as new, goes, and comes back after Run 1
        list->setCurrentIndex(list->model()->index(row, 0));
        key(Qt::Key_Space);
    }
    list->setCurrentIndex(list->model()->index(1, 0));
    const auto look = [&] {
        QStringList colors;
        const auto* model = find<QListView>("runList")->model();
        for (int row = 0; row < model->rowCount(); ++row)
            colors << model->index(row, 0).data(RunListModel::ColorRole).value<QColor>().name();
        const auto range = find<plots::CurvePlot>("scorePlot")->xRange();
        return colors.join(QLatin1Char(' ')) + QStringLiteral(" up to %1").arg(range ? range->high : -1);
    };
    ASSERT_TRUE(eventually([&] { return look().endsWith(QStringLiteral("up to 16")); })) << look().toStdString();
    const QString before = look();
    ASSERT_EQ(before.split(QLatin1Char(' ')).mid(0, 3).removeDuplicates(), 0) << before.toStdString();
    startAgain();
    EXPECT_TRUE(eventually([&] { return look() == before; }, 5000)) << look().toStdString() << ", before " << before.toStdString();
}

TEST_F(Reopen, ReportHasTheModelAndThePartsThatWereChosen)
{
    openSquares(5);
    m_window->showPage(QStringLiteral("report"));
    const auto part = [&](const char* text) {
        return visible<QCheckBox>([&](const QCheckBox& box) { return box.text() == QString::fromUtf8(text); });
    };
    ASSERT_TRUE(part("By class")->isChecked());
    part("By class")->click();
    part("Definitions")->click();
    startAgain();
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("report"));
    EXPECT_FALSE(part("By class")->isChecked());
    EXPECT_TRUE(part("Definitions")->isChecked());
    EXPECT_TRUE(part("Headline")->isChecked());
    // Another project has its own, and is as new at first.
    percept::test::makeSquaresProject(m_folder / "other.percept", m_folder / "others", 5);
    ASSERT_TRUE(m_window->openProject(m_folder / "other.percept"));
    m_window->showPage(QStringLiteral("report"));
    EXPECT_TRUE(part("By class")->isChecked());
    EXPECT_FALSE(part("Definitions")->isChecked());
}

TEST_F(Reopen, ReportShowsTheModelThatWasChosen)
{
    openSquares(30);
    for (int i = 0; i < 2; ++i) {
        const std::string run = services::prepareRun(*m_window->context().session(), {}).value();
        ASSERT_TRUE(percept::test::putTestModel(m_folder / "squares.percept" / "runs" / run).hasValue());
    }
    m_window->showPage(QStringLiteral("report"));
    auto* model = named<QComboBox>("Model");
    ASSERT_NE(model, nullptr);
    ASSERT_EQ(model->count(), 3);
    model->setCurrentIndex(2);
    const QString older = model->currentText();
    ASSERT_TRUE(m_window->closeProject());
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    EXPECT_EQ(named<QComboBox>("Model")->currentText(), older);
    startAgain();
    EXPECT_EQ(named<QComboBox>("Model")->currentText(), older) << "also after another start";
}

// Nobody has closed anything: what was changed is written by itself after a while.
TEST_F(Reopen, ThePlaceOutlivesACrash)
{
    if (!qEnvironmentVariableIsSet("PERCEPT_NIGHTLY"))
        GTEST_SKIP() << "it waits for twenty seconds: PERCEPT_NIGHTLY=1 runs it";
    openSquares(12);
    gather().showFilter({ .nameContains = "p1" });
    const auto isKept = [&] { return RecentProjects().view(toQString(m_folder / "squares.percept")).contains("\"p1\""); };
    EXPECT_FALSE(isKept());
    EXPECT_TRUE(eventually(isKept, 60000));
}

TEST_F(Reopen, WhatIsGoneSinceIsPassedOver)
{
    openSquares(12);
    const QString path = toQString(m_folder / "squares.percept");
    m_window->closeProject();
    RecentProjects().writeView(path, "{\"page\":\"nowhere\",\"gather\":{\"filter\":{\"labels\":[77],\"states\":[\"strange\",3],\"sets\":\"x\"},"
                                     "\"current\":99,\"top\":-4,\"topHidden\":-900000,\"pictureWidth\":100000},\"label\":{\"item\":99,\"class\":77}}");
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("gather"));
    ASSERT_TRUE(rowsAre(12));
    EXPECT_EQ(gather().filter(), dataset::ItemFilter());
    m_window->showPage(QStringLiteral("label"));
    EXPECT_TRUE(eventually([&] { return label().document().item().id.isValid(); }));
    m_window->closeProject();
    RecentProjects().writeView(path, "{ not JSON");
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("gather"));
}

// Every few seconds the window looks where somebody is: while that is the same, the file of all projects is neither read nor written.
TEST_F(Reopen, WhatHasNotChangedIsNotWrittenAgain)
{
    openSquares(12);
    const QString path = toQString(m_folder / "squares.percept");
    m_window->showPage(QStringLiteral("train"));
    EXPECT_TRUE(RecentProjects().view(path).contains("train"));
    RecentProjects().writeView(path, "as it is");
    m_window->closeProject();
    EXPECT_EQ(RecentProjects().view(path), QByteArray("as it is"));
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    m_window->showPage(QStringLiteral("report"));
    EXPECT_TRUE(RecentProjects().view(path).contains("report"));
}

TEST_F(Reopen, EachProjectHasItsOwnPlace)
{
    openSquares(12);
    gather().showFilter({ .nameContains = "p1" });
    percept::test::makeSquaresProject(m_folder / "other.percept", m_folder / "others", 5);
    ASSERT_TRUE(m_window->openProject(m_folder / "other.percept"));
    ASSERT_TRUE(rowsAre(5)) << "as new";
    EXPECT_EQ(gather().filter(), dataset::ItemFilter());
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    EXPECT_EQ(gather().filter().nameContains, "p1");
    ASSERT_TRUE(rowsAre(3)); // p1, p10, p11
}
