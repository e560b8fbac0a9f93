// The Train page by mouse and keys: the wizard with a stand-in for the trainer, crash, resume and stop with the real one.
#include "app/studio/train/run_list_model.h"
#include "core/runs/run_status.h"
#include "core/runs/run_store.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/core/runs/fake_programs.h"
#include "tests/support/run_program.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QSpinBox>
#include <csignal>
#include <future>
#include <thread>

namespace percept::studio {
namespace {

class TrainPageTest : public StudioTest {
protected:
    void openTrain(int pictures)
    {
        ASSERT_NO_FATAL_FAILURE(openSquares(pictures));
        key(Qt::Key_3, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("train"));
    }
    void openWizard()
    {
        click(button("New run…"));
        ASSERT_TRUE(eventually([&] { return startButton()->isVisible() && startButton()->isEnabled(); }));
    }
    QPushButton* startButton() { return find<QPushButton>("startTraining"); }
    int step() { return named<QListWidget>("Steps")->currentRow(); }
    std::filesystem::path project() const { return m_folder / "squares.percept"; }
    runs::RunInfo run(const std::string& id = "r0001") const { return runs::readRun(runs::runFolder(project(), id)).valueOr({}); }
    void killTrainer()
    {
        const auto status = runs::readStatus(runs::runFolder(project(), "r0001"));
        ASSERT_TRUE(status.hasValue());
        ASSERT_EQ(::kill(static_cast<pid_t>(status->process.pid), SIGKILL), 0);
    }
    style::Note* failureNote()
    {
        return visible<style::Note>([](const style::Note& note) { return !note.text().isEmpty(); });
    }
};

TEST_F(TrainPageTest, WithoutRunsThePageSaysWhatARunIsAndOffersOne)
{
    ASSERT_NO_FATAL_FAILURE(openTrain(6));
    EXPECT_TRUE(shows("No runs yet"));
    QPushButton* first = button("New run…");
    ASSERT_TRUE(tabTo(first));
    key(Qt::Key_Space);
    EXPECT_TRUE(startButton()->isVisible());
    key(Qt::Key_Escape);
    EXPECT_FALSE(startButton()->isVisible());
    EXPECT_TRUE(shows("No runs yet"));
}

TEST_F(TrainPageTest, TheWizardIsWalkedAndStartedByKeys)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_TRUE(tabTo(button("New run…")));
    key(Qt::Key_Space);
    ASSERT_TRUE(eventually([&] { return startButton()->isEnabled(); })) << "squares are good enough to learn from";
    EXPECT_TRUE(eventually([&] { return shows("4 pictures for training"); }));
    key(Qt::Key_Right, Qt::AltModifier);
    EXPECT_EQ(step(), 1);
    ASSERT_TRUE(tabTo(named<style::SegmentedControl>("By time, By epochs")));
    key(Qt::Key_Right);
    ASSERT_TRUE(tabTo(find<QSpinBox>("trainEpochs")));
    key(Qt::Key_A, Qt::ControlModifier);
    type(QStringLiteral("17"));
    ASSERT_TRUE(tabTo(find<QSpinBox>("trainSeed")));
    key(Qt::Key_A, Qt::ControlModifier);
    type(QStringLiteral("5"));
    key(Qt::Key_Right, Qt::AltModifier);
    EXPECT_EQ(step(), 2);
    EXPECT_TRUE(shows("Before you start"));
    key(Qt::Key_Left, Qt::AltModifier);
    EXPECT_EQ(step(), 1);
    key(Qt::Key_Return, Qt::ControlModifier);
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); })) << "what the trainer said";
    EXPECT_EQ(run().config.epochs, 17);
    EXPECT_EQ(run().config.seed, 5u);
    EXPECT_EQ(find<QListView>("runList")->model()->rowCount(), 1);
}

TEST_F(TrainPageTest, ThePictureSizeGoesByTheObjectsOrAsSomebodySays)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    percept::test::makeSpecksProject(project(), m_folder / "pictures");
    ASSERT_TRUE(m_window->openProject(project()));
    key(Qt::Key_3, Qt::ControlModifier);
    ASSERT_NO_FATAL_FAILURE(openWizard());
    auto* size = find<QComboBox>("trainSize");
    ASSERT_TRUE(eventually([&] { return size->currentText() == QStringLiteral("By the objects: 640 pixels"); })) << size->currentText().toStdString();
    key(Qt::Key_Right, Qt::AltModifier);
    EXPECT_TRUE(shows("Objects of the class red are small"));
    key(Qt::Key_Right, Qt::AltModifier);
    EXPECT_TRUE(shows("640 pixels, long side")) << "in the summary";
    key(Qt::Key_Left, Qt::AltModifier);
    size->setFocus();
    type(QStringLiteral("320"));
    ASSERT_EQ(size->currentText(), QStringLiteral("320 pixels, long side"));
    EXPECT_TRUE(shows("Objects of the class red get too small: at 320 pixels a quarter of them is narrower than 10."));
    key(Qt::Key_Return, Qt::ControlModifier);
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    EXPECT_EQ(run().config.longSide, 320);
}

TEST_F(TrainPageTest, EnterOnTheFocusedButtonStarts)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    ASSERT_TRUE(tabTo(startButton()));
    key(Qt::Key_Return);
    EXPECT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
}

// The database is held up, so that the preparation waits.
TEST_F(TrainPageTest, APreparationIsCancelledAndLeavesNothing)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    std::promise<void> mayGoOn;
    std::thread holder([session = m_window->context().session(), wait = mayGoOn.get_future().share()] {
        session->call([wait](dataset::ProjectStore&) {
            wait.wait();
            return 0;
        });
    });
    click(startButton());
    EXPECT_TRUE(eventually([&] { return shows("Preparing the first run"); }));
    Job* job = m_window->context().jobs().running();
    click(button("Cancel"));
    mayGoOn.set_value();
    holder.join();
    ASSERT_TRUE(eventually([&] { return shows("No runs yet"); }));
    ASSERT_NE(job, nullptr);
    EXPECT_EQ(job->state(), Job::State::Cancelled);
    EXPECT_FALSE(std::filesystem::exists(project() / "runs" / "r0001"));
    EXPECT_FALSE(find<style::Note>("banner")->isVisible()) << "who cancels is not told of a failure";
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    EXPECT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); })) << "and can start again";
}

TEST_F(TrainPageTest, NothingIsPolledWhileThePageIsHidden)
{
    ASSERT_NO_FATAL_FAILURE(openTrain(6));
    const auto running = [&] {
        const auto timers = m_window->page(QStringLiteral("train"))->findChildren<QTimer*>();
        return std::any_of(timers.begin(), timers.end(), [](const QTimer* timer) { return timer->isActive(); });
    };
    EXPECT_TRUE(running());
    key(Qt::Key_1, Qt::ControlModifier);
    EXPECT_FALSE(running());
    key(Qt::Key_3, Qt::ControlModifier);
    EXPECT_TRUE(running());
    m_window->closeProject();
    EXPECT_FALSE(running());
}

TEST_F(TrainPageTest, WhatStandsInTheWayIsSaidAndNothingStarts)
{
    ASSERT_NO_FATAL_FAILURE(openTrain(1)); // nothing for validation
    click(button("New run…"));
    ASSERT_TRUE(eventually([&] { return shows("No finished picture is in the validation set"); }));
    EXPECT_FALSE(startButton()->isEnabled());
    key(Qt::Key_Return, Qt::ControlModifier);
    QTest::qWait(100);
    EXPECT_FALSE(std::filesystem::exists(project() / "runs" / "r0001"));
    click(visible<style::LinkButton>([](const style::LinkButton& l) { return l.text() == QStringLiteral("Mend it"); }));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("gather"));
}

TEST_F(TrainPageTest, ALinkOfTheDataCheckShowsThePicturesOfThatClass)
{
    ASSERT_NO_FATAL_FAILURE(openSquares(12));
    const domain::Label blue = m_window->context().labels().at(1);
    m_window->context().followLink(QStringLiteral("gather?label=%1").arg(blue.id.value)); // as checkTrainingData writes it
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("gather"));
    EXPECT_TRUE(visible<style::Chip>([](const style::Chip& c) { return c.text().contains(QStringLiteral("blue")); }));
}

// kill -9 of the trainer costs nothing that was learned: the run says so, Resume goes on, Stop and keep ends it with a model.
TEST_F(TrainPageTest, AKilledTrainerIsResumedAndStoppedWithItsModelKept)
{
    for (const char* program : { "percept-trainer", "percept-edge" })
        if (!percept::test::hasProgram(program))
            GTEST_SKIP() << program << " is not built (configure with PERCEPT_WITH_TORCH=ON and PERCEPT_WITH_EDGE=ON)";
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(button("Next"));
    choose(named<QWidget>("By time, By epochs"), 1, 2);
    fill(find<QSpinBox>("trainEpochs"), QStringLiteral("500"));
    click(startButton());
    ASSERT_TRUE(eventually([&] { return run().lastMap50.has_value(); }, 60000)) << "no epoch was scored";
    EXPECT_TRUE(button("Stop and keep"));

    killTrainer();
    ASSERT_TRUE(eventually([&] { return button("Resume") != nullptr; }));
    EXPECT_TRUE(shows("Interrupted"));
    EXPECT_TRUE(failureNote()) << "why it ended stays on the page";
    EXPECT_FALSE(button("Stop and keep"));
    EXPECT_EQ(run().status, "crashed");
    const int before = run().progress ? run().progress->epoch : 0;

    click(button("Resume"));
    EXPECT_FALSE(failureNote()) << "it is going on: the failure is over";
    ASSERT_TRUE(button("Pause"));
    EXPECT_TRUE(button("Pause")->hasFocus()) << "the keyboard stays where it was";
    ASSERT_TRUE(eventually([&] { return run().progress && run().progress->epoch > before; }, 60000));
    click(button("Stop and keep"));
    ASSERT_TRUE(eventually([&] { return button("Validate") != nullptr; }, 60000));
    EXPECT_EQ(run().status, "stopped");
    EXPECT_TRUE(run().hasModel);
    EXPECT_TRUE(shows("Stopped, kept"));
    EXPECT_FALSE(button("Resume"));
}

TEST_F(TrainPageTest, AWizardThatIsLeftOpenLearnsThatTheOtherRunIsOver)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    click(button("New run…"));
    ASSERT_TRUE(eventually([&] { return shows("Run 1 is still training"); }));
    EXPECT_EQ(startButton()->text(), QStringLiteral("Train next"));
    killTrainer();
    EXPECT_TRUE(eventually([&] { return startButton()->isVisible() && startButton()->text() == QStringLiteral("Start training"); }));
    EXPECT_FALSE(shows("Run 1 is still training"));
}

// One run waits while another is trained, and starts by itself however that ends.
TEST_F(TrainPageTest, TheNextRunWaitsItsTurn)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    const auto listed = [&](int row) { return find<QListView>("runList")->model()->index(row, 0).data(Qt::AccessibleTextRole).toString(); };
    ASSERT_TRUE(eventually([&] { return listed(0).startsWith(QStringLiteral("Run 2, Waits its turn")); })) << listed(0).toStdString();
    EXPECT_EQ(run("r0002").status, "prepared") << "on disk already";
    EXPECT_TRUE(listed(1).startsWith(QStringLiteral("Run 1, Training"))) << listed(1).toStdString();
    click(button("New run…"));
    ASSERT_TRUE(eventually([&] { return shows("Run 2 waits its turn; one can wait at a time"); }));
    EXPECT_FALSE(startButton()->isEnabled());
    key(Qt::Key_Escape);
    killTrainer();
    ASSERT_TRUE(eventually([&] { return run("r0002").status == "running"; }));
    EXPECT_EQ(run("r0001").status, "crashed");
    EXPECT_TRUE(eventually([&] { return listed(0).startsWith(QStringLiteral("Run 2, Training")); })) << listed(0).toStdString();
}

// The queue ends with the project, and says so before and after; the run itself is kept.
TEST_F(TrainPageTest, ARunThatWaitedIsKeptWhenTheProjectCloses)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    for (int i = 0; i < 2; ++i) {
        ASSERT_NO_FATAL_FAILURE(openWizard());
        click(startButton());
        ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    }
    ASSERT_TRUE(eventually([&] { return run("r0002").status == "prepared"; }));
    QString asked;
    m_window->context().choosers().choose = [&](QWidget*, const QString&, const QString& text, const QStringList&) {
        asked = text;
        return 0; // stop and keep
    };
    ASSERT_TRUE(eventually([&] { return find<QListView>("runList")->model()->index(0, 0).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("Waits")); }));
    ASSERT_TRUE(m_window->closeProject());
    EXPECT_TRUE(asked.contains(QStringLiteral("Run 2, which waits its turn, stays in the list"))) << asked.toStdString();
    ASSERT_TRUE(m_window->openProject(project()));
    m_window->showPage(QStringLiteral("train"));
    auto* list = find<QListView>("runList"); // it shows the run that was looked at, which is the other one
    ASSERT_TRUE(eventually([&] { return list->model()->rowCount() == 2; }));
    list->setCurrentIndex(list->model()->index(0, 0));
    ASSERT_TRUE(eventually([&] { return shows("Not started") && button("Start"); }));
    ASSERT_TRUE(failureNote());
    EXPECT_TRUE(failureNote()->text().contains(QStringLiteral("A queue ends with the project"))) << failureNote()->text().toStdString();
    click(button("Start"));
    EXPECT_TRUE(eventually([&] { return run("r0002").status == "running"; }));
}

TEST_F(TrainPageTest, ARunIsNamedNotedDeletedAndBroughtBack)
{
    runs::testing_support::FakePrograms programs("--trainer --no-finished --crash");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return run().status == "crashed" && button("Resume"); }));
    auto* list = find<QListView>("runList");
    const auto rows = [&] { return list->model()->rowCount(); };
    list->setFocus();
    key(Qt::Key_F2);
    ASSERT_TRUE(find<QLineEdit>("runNameField")->hasFocus());
    type(QStringLiteral("Night shift"));
    key(Qt::Key_Tab);
    ASSERT_TRUE(find<QLineEdit>("runNoteField")->hasFocus());
    type(QStringLiteral("more blur, <b>worse</b>"));
    key(Qt::Key_Return);
    ASSERT_TRUE(eventually([&] { return list->model()->index(0, 0).data().toString() == QStringLiteral("Night shift"); }));
    EXPECT_TRUE(list->hasFocus());
    EXPECT_TRUE(eventually([&] { return find<style::PlainLabel>("runNote")->text() == QStringLiteral("more blur, <b>worse</b>"); }));
    EXPECT_TRUE(shows("Run 1")) << "its number stays among the facts";
    key(Qt::Key_F2);
    type(QStringLiteral("Nonsense"));
    key(Qt::Key_Escape);
    EXPECT_TRUE(list->hasFocus());
    key(Qt::Key_Delete);
    ASSERT_TRUE(eventually([&] { return rows() == 0 && shows("No runs yet"); }));
    EXPECT_TRUE(eventually([&] { return shows("Deleted run 1"); }));
    key(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(eventually([&] { return rows() == 1; }));
    EXPECT_EQ(list->model()->index(0, 0).data().toString(), QStringLiteral("Night shift"));
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return list->model()->index(0, 0).data().toString() == QStringLiteral("Run 1"); }));
}

TEST_F(TrainPageTest, ARunInUseIsNotDeletedAndTheTrashIsEmptiedOnRequest)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    auto* list = find<QListView>("runList");
    list->setFocus();
    key(Qt::Key_Delete);
    auto* banner = find<style::Note>("banner");
    ASSERT_TRUE(eventually([&] { return banner->isVisible(); }));
    EXPECT_TRUE(banner->text().contains(QStringLiteral("being trained"))) << banner->text().toStdString();
    killTrainer();
    ASSERT_TRUE(eventually([&] { return button("Resume") != nullptr; }));
    list->setFocus();
    key(Qt::Key_Delete);
    ASSERT_TRUE(eventually([&] { return list->model()->rowCount() == 0; }));
    QString asked;
    m_window->context().choosers().confirm = [&](QWidget*, const QString& title, const QString& text, const QString&) {
        asked = title + QLatin1Char(' ') + text;
        return true;
    };
    for (QAction* action : m_window->page(QStringLiteral("train"))->commands())
        if (action->text().startsWith(QStringLiteral("Empty the trash")))
            action->trigger();
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(project() / "runs" / "r0001"); }));
    EXPECT_TRUE(asked.contains(QStringLiteral("Delete 1 run for good? Weights, curves and scores"))) << asked.toStdString();
}

TEST_F(TrainPageTest, TheWizardOfOneProjectIsNotOpenInTheNext)
{
    ASSERT_NO_FATAL_FAILURE(openTrain(6));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    ASSERT_TRUE(m_window->closeProject());
    ASSERT_TRUE(m_window->openProject(project()));
    m_window->showPage(QStringLiteral("train"));
    EXPECT_TRUE(shows("No runs yet"));
    EXPECT_FALSE(button("Close"));
    EXPECT_FALSE(startButton()->isVisible());
}

TEST_F(TrainPageTest, TheWizardPromisesTheSameModelOnlyForEpochs)
{
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    EXPECT_TRUE(shows("Defaults are good"));
    click(button("Next"));
    EXPECT_TRUE(shows("goes by the speed of the computer"));
    choose(named<QWidget>("By time, By epochs"), 1, 2);
    EXPECT_FALSE(shows("goes by the speed of the computer"));
    EXPECT_TRUE(shows("give the same model"));
    EXPECT_FALSE(shows("Defaults are good"));
    fill(find<QSpinBox>("trainEpochs"), QStringLiteral("1"));
    EXPECT_FALSE(shows("1 epochs"));
}

TEST_F(TrainPageTest, ListDashboardAndJobAgreeOnARunThatIsPausedOrStopping)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop --no-finished --hang");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    auto* list = find<QListView>("runList");
    auto* time = find<style::PlainLabel>("trainTimeLeft");
    const auto listed = [&] { return list->model()->index(0, 0).data(Qt::AccessibleTextRole).toString(); };
    Job* job = m_window->context().jobs().running();
    ASSERT_NE(job, nullptr);

    click(button("Pause"));
    EXPECT_TRUE(shows("Paused"));
    EXPECT_TRUE(listed().contains(QStringLiteral("Paused"))) << listed().toStdString();
    EXPECT_TRUE(time->text().contains(QStringLiteral("waits"))) << time->text().toStdString();
    EXPECT_EQ(job->detail(), QStringLiteral("paused"));
    EXPECT_TRUE(job->timeLeft().isEmpty());
    click(button("Continue"));
    EXPECT_TRUE(listed().contains(QStringLiteral("Training")));

    click(button("Stop and keep"));
    EXPECT_TRUE(shows("Stopping"));
    EXPECT_TRUE(listed().contains(QStringLiteral("Stopping"))) << listed().toStdString();
    EXPECT_EQ(job->detail(), QStringLiteral("writing the model"));
    EXPECT_FALSE(button("Pause")) << "it cannot be pressed any more";
    EXPECT_FALSE(button("Stop and keep"));
    killTrainer();
    ASSERT_TRUE(eventually([&] { return button("Resume") != nullptr; }));
    EXPECT_TRUE(listed().contains(QStringLiteral("Interrupted")));
}

// The training goes with the project: nobody closes that unawares.
TEST_F(TrainPageTest, ClosingAsksWhileARunIsTrainedAndSaysAfterwardsWhyItStopped)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    int answer = -1;
    QStringList asked;
    m_window->context().choosers().choose = [&](QWidget*, const QString& title, const QString& text, const QStringList&) {
        asked << title + QLatin1Char('\n') + text;
        return answer;
    };
    key(Qt::Key_W, Qt::ControlModifier);
    EXPECT_FALSE(m_window->close());
    ASSERT_EQ(asked.size(), 2);
    EXPECT_TRUE(asked.first().contains(QStringLiteral("Run 1")) && asked.first().contains(QStringLiteral("Resume"))) << asked.first().toStdString();
    EXPECT_TRUE(m_window->context().session());
    EXPECT_EQ(run().status, "running");
    answer = 1; // stop and keep
    EXPECT_TRUE(m_window->closeProject());
    EXPECT_EQ(run().status, "crashed") << "that is: it can be continued";

    ASSERT_TRUE(m_window->openProject(project()));
    m_window->showPage(QStringLiteral("train"));
    ASSERT_TRUE(eventually([&] { return button("Resume") && failureNote(); }));
    EXPECT_TRUE(failureNote()->text().contains(QStringLiteral("can be continued from step 3 of 6"))) << failureNote()->text().toStdString();
    asked.clear();
    EXPECT_TRUE(m_window->closeProject());
    EXPECT_TRUE(asked.isEmpty()) << "nothing runs any more";
}

TEST_F(TrainPageTest, ATrainerThatDiesBehindAnotherPageIsToldWithTheWayThere)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 2"); }));
    key(Qt::Key_1, Qt::ControlModifier);
    killTrainer();
    auto* banner = find<style::Note>("banner");
    ASSERT_TRUE(eventually([&] { return banner->isVisible(); }));
    EXPECT_TRUE(banner->text().contains(QStringLiteral("Run 1"))) << banner->text().toStdString();
    click(visible<style::LinkButton>([](const style::LinkButton& l) { return l.text() == QStringLiteral("Show it"); }));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
    EXPECT_TRUE(button("Resume"));
}

TEST_F(TrainPageTest, StoppedBeforeTheFirstStepItHasNoModelAndSaysSo)
{
    if (!percept::test::hasProgram("percept-trainer"))
        GTEST_SKIP() << "percept-trainer is not built (configure with PERCEPT_WITH_TORCH=ON)";
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    ASSERT_NO_FATAL_FAILURE(openWizard());
    click(startButton());
    ASSERT_TRUE(eventually([&] { return button("Stop and keep") != nullptr; }));
    click(button("Stop and keep")); // the trainer still reads its pictures
    ASSERT_TRUE(eventually([&] { return run().status == "stopped" && button("Resume"); }, 60000));
    EXPECT_FALSE(run().hasModel);
    EXPECT_TRUE(shows("Stopped, no model"));
    EXPECT_FALSE(shows("trained and scored"));
    EXPECT_FALSE(button("Validate"));
    ASSERT_TRUE(failureNote());
    EXPECT_TRUE(failureNote()->text().contains(QStringLiteral("nothing was learned"))) << failureNote()->text().toStdString();
}

// The run that Resume was pressed for goes on, not the one that this window trained last.
TEST_F(TrainPageTest, ResumeContinuesTheRunThatIsShown)
{
    runs::testing_support::FakePrograms programs("--trainer --no-finished --crash");
    ASSERT_NO_FATAL_FAILURE(openTrain(12));
    for (int i = 1; i <= 2; ++i) {
        ASSERT_NO_FATAL_FAILURE(openWizard());
        click(startButton());
        ASSERT_TRUE(eventually([&] { return run("r000" + std::to_string(i)).status == "crashed" && button("Resume"); }));
    }
    programs.behave("--trainer --wait-for-stop");
    auto* list = find<QListView>("runList");
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(list->model()->index(1, 0)).center());
    ASSERT_TRUE(shows("Run 1"));
    click(button("Resume"));
    ASSERT_TRUE(eventually([&] { return run("r0001").status == "running"; }));
    EXPECT_EQ(run("r0002").status, "crashed");
    EXPECT_EQ(list->currentIndex().row(), 1);
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
