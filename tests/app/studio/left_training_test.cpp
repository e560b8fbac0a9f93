// A training outlives the window, or its interruption is said.
#include "app/studio/frame/last_run.h"
#include "app/studio/start/recent_list.h"
#include "app/studio/start/start_page.h"
#include "app/studio/top_bar.h"
#include "core/base/files.h"
#include "core/runs/run_status.h"
#include "core/runs/run_store.h"
#include "tests/app/studio/studio_support.h"
#include "tests/core/runs/fake_programs.h"
#include "widgets/style/widgets.h"

#include <csignal>

using namespace percept;
using namespace percept::studio;

namespace {

class LeftTraining : public percept::studio::test_support::Studio {
protected:
    void train()
    {
        openSquares(12);
        key(Qt::Key_3, Qt::ControlModifier);
        click(button("New run…"));
        ASSERT_TRUE(eventually([&] { return find<QPushButton>("startTraining")->isEnabled(); }));
        click(find<QPushButton>("startTraining"));
        ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    }
    // Answers the question at closing; what the trainer does that is started then.
    void answer(int chosen, const std::string& next)
    {
        m_window->context().choosers().choose = [this, chosen, next](QWidget*, const QString&, const QString&, const QStringList& verbs) {
            m_asked << verbs;
            m_programs.behave(next);
            return chosen;
        };
    }
    std::filesystem::path project() const { return m_folder / "squares.percept"; }
    std::filesystem::path runFolder() const { return runs::runFolder(project(), "r0001"); }
    runs::RunInfo run() const { return runs::readRun(runFolder()).valueOr({}); }
    void killTrainer() { ::kill(static_cast<pid_t>(runs::readStatus(runFolder()).value().process.pid), SIGKILL); }
    style::Note& interrupted() { return *find<style::Note>("interrupted-run"); }
    RecentList& recent() { return *m_window->startPage()->findChild<RecentList*>(); }

    runs::testing_support::FakePrograms m_programs { "--trainer --wait-for-stop" };
    QList<QStringList> m_asked;
};

}

TEST_F(LeftTraining, LetGoOnItRunsByItselfAndIsFollowedAgain)
{
    ASSERT_NO_FATAL_FAILURE(train());
    answer(-1, "");
    EXPECT_FALSE(m_window->close());
    EXPECT_EQ(run().status, "running") << "Cancel: nothing happened";
    ASSERT_EQ(m_asked.size(), 1);
    EXPECT_EQ(m_asked.front(), QStringList({ QStringLiteral("Let it go on"), QStringLiteral("Pause it") }));
    answer(0, "--trainer --no-finished --hang");
    ASSERT_TRUE(m_window->closeProject());
    EXPECT_EQ(run().status, "running");
    const auto status = runs::readStatus(runFolder());
    EXPECT_TRUE(status->detached);
    EXPECT_FALSE(runs::isAlive(status->follower)) << "nobody's";
    EXPECT_TRUE(eventually([&] { return recent().secondLine(0).startsWith(QStringLiteral("is training")); })) << recent().secondLine(0).toStdString();
    m_asked.clear();

    ASSERT_TRUE(m_window->openProject(project()));
    ASSERT_TRUE(eventually([&] { return m_window->context().jobs().running() != nullptr; })) << "found running";
    EXPECT_EQ(m_window->context().jobs().running()->name(), QStringLiteral("Training"));
    m_window->showPage(QStringLiteral("train"));
    EXPECT_TRUE(eventually([&] { return button("Stop and keep") != nullptr; }));
    EXPECT_FALSE(interrupted().isVisible());
    ASSERT_TRUE(m_window->closeProject());
    EXPECT_TRUE(m_asked.isEmpty()) << "it does not need the window";
    EXPECT_EQ(run().status, "running");

    ASSERT_TRUE(m_window->openProject(project()));
    ASSERT_TRUE(eventually([&] { return button("Stop and keep") != nullptr; }));
    click(button("Stop and keep"));
    EXPECT_TRUE(std::filesystem::exists(runFolder() / "stop")) << "what the trainer looks for";
    killTrainer();
    EXPECT_TRUE(eventually([&] { return !m_window->context().jobs().running(); })) << "its end is seen";
    EXPECT_TRUE(eventually([&] { return button("Resume") != nullptr; }));
}

// What a training has that was started here: how long it takes, and a pause, which outlives the window too.
TEST_F(LeftTraining, OneThatRunsByItselfSaysTheTimeLeftAndCanBePaused)
{
    ASSERT_NO_FATAL_FAILURE(train());
    answer(0, "--trainer --no-finished --hang");
    ASSERT_TRUE(m_window->closeProject());
    protocol::ProgressMessage progress;
    progress.epoch = 1, progress.epochs = 2, progress.step = 4, progress.steps = 6, progress.secondsLeft = 300, progress.phase = "training";
    ASSERT_TRUE(base::atomicWrite(runFolder() / "progress.json", protocol::encode(progress, 0)).hasValue()); // as its trainer does

    ASSERT_TRUE(m_window->openProject(project()));
    m_window->showPage(QStringLiteral("train"));
    ASSERT_TRUE(eventually([&] { return shows("5 min left"); }));
    ASSERT_TRUE(eventually([&] { return button("Pause") != nullptr; }));
    click(button("Pause"));
    EXPECT_TRUE(std::filesystem::exists(runFolder() / "pause")) << "what the trainer looks for";
    EXPECT_TRUE(button("Continue"));
    QTest::qWait(1500); // it is looked at again meanwhile
    EXPECT_TRUE(button("Continue"));

    ASSERT_TRUE(m_window->closeProject());
    ASSERT_TRUE(m_window->openProject(project()));
    ASSERT_TRUE(eventually([&] { return button("Continue") != nullptr; })) << "it is paused still";
    click(button("Continue"));
    EXPECT_FALSE(std::filesystem::exists(runFolder() / "pause"));
    EXPECT_TRUE(button("Pause"));
    click(button("Pause"));
    click(button("Stop and keep"));
    EXPECT_TRUE(std::filesystem::exists(runFolder() / "stop"));
    EXPECT_FALSE(std::filesystem::exists(runFolder() / "pause"));
    killTrainer();
    EXPECT_TRUE(eventually([&] { return !m_window->context().jobs().running(); }));
}

TEST_F(LeftTraining, AnInterruptedOneIsSaidOnTheStartPageAndInTheProject)
{
    ASSERT_NO_FATAL_FAILURE(train());
    answer(1, "--trainer --wait-for-stop");
    m_window->showPage(QStringLiteral("gather"));
    ASSERT_TRUE(m_window->closeProject());
    ASSERT_EQ(run().status, "crashed");
    EXPECT_TRUE(eventually([&] { return recent().secondLine(0) == QStringLiteral("training interrupted at epoch 1 of 2"); })) << recent().secondLine(0).toStdString();

    ASSERT_TRUE(m_window->openProject(project()));
    ASSERT_TRUE(eventually([&] { return interrupted().isVisible(); }));
    EXPECT_TRUE(interrupted().text().startsWith(QStringLiteral("A training was interrupted at epoch 1 of 2."))) << interrupted().text().toStdString();
    click(interrupted().findChild<QAbstractButton*>(QStringLiteral("note-close")));
    EXPECT_FALSE(interrupted().isVisible());
    ASSERT_TRUE(m_window->closeProject());

    ASSERT_TRUE(m_window->openProject(project()));
    ASSERT_TRUE(eventually([&] { return interrupted().isVisible(); }));
    for (QPushButton* action : interrupted().findChildren<QPushButton*>())
        if (action->text() == QStringLiteral("Resume"))
            click(action);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
    EXPECT_FALSE(interrupted().isVisible());
    EXPECT_TRUE(eventually([&] { return run().status == "running"; }));
}
