// Once round the loop: what people labeled proposes a training, the new run is compared with the version that runs, and goes on
// its way to the devices or not; one click each.
#include "app/studio/frame/retrain_state.h"
#include "app/studio/train/train_wizard.h"
#include "core/base/time.h"
#include "core/runs/run_status.h"
#include "core/services/loop.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/core/runs/fake_programs.h"
#include "tests/support/run_program.h"
#include "tests/support/test_package.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QListWidget>
#include <fstream>

namespace percept::studio {
namespace {

using Step = RetrainState::Step;

class RetrainTest : public StudioTest {
protected:
    void SetUp() override
    {
        if (!percept::test::hasProgram("percept-edge"))
            GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
        qputenv("PERCEPT_FLEET_DIR", QByteArray::fromStdString((m_folder / "fleet").string()));
        StudioTest::SetUp();
        percept::test::makeSquaresProject(project(), m_folder / "pictures", 30);
        auto session = services::ProjectSession::open(project(), "test").value();
        const auto run = addRun(*session);
        ASSERT_TRUE(services::packageRun(*session, run, {}, {}, {}).hasValue());
    }
    std::filesystem::path project() const { return m_folder / "squares.percept"; }
    std::filesystem::path folderOf(const std::string& run) const { return runs::runFolder(project(), run); }
    // Trained and checked, not packaged.
    std::string addRun(services::ProjectSession& session)
    {
        const std::string run = services::prepareRun(session, {}).value();
        EXPECT_TRUE(percept::test::putTestModel(folderOf(run)).hasValue());
        const auto finished = services::finishRun(project(), run, {}, {});
        EXPECT_TRUE(finished.hasValue()) << finished.error().message;
        auto status = runs::readStatus(folderOf(run)).value();
        status.status = "ok";
        status.endedMs = base::nowMs();
        EXPECT_TRUE(runs::writeStatus(folderOf(run), status).hasValue());
        return run;
    }
    std::string addRun()
    {
        auto session = services::ProjectSession::open(project(), "test").value();
        return addRun(*session);
    }
    // `most` pictures of the training set get other boxes than the model was trained on.
    static void correct(services::ProjectSession& session, std::size_t most)
    {
        std::vector<dataset::Edit> edits;
        dataset::ItemFilter filter;
        filter.sets = { domain::SplitSet::Train };
        const auto reader = session.openReader().value();
        const auto items = reader->readItemIds(filter).valueOr({});
        for (const auto item : items)
            if (auto boxes = reader->readAnnotations(item).value(); !boxes.empty() && edits.size() < most) {
                boxes[0].box.w += 1;
                edits.push_back(dataset::UpdateAnnotation { boxes[0] });
            }
        ASSERT_TRUE(session.call([&](dataset::ProjectStore& store) { return store.apply(edits, "Corrected"); }).hasValue());
    }
    // As many new finished pictures as make a training worth its time.
    void gather(services::ProjectSession& session, int pictures)
    {
        std::vector<dataset::ImportItem> items;
        for (int i = 0; i < pictures; ++i) {
            dataset::ImportItem item;
            item.name = "new" + std::to_string(i) + ".png";
            item.file = m_folder / item.name;
            std::ofstream(item.file) << i;
            item.sizeBytes = 1;
            item.width = item.height = 50;
            item.labeled = true;
            items.push_back(item);
        }
        const auto done = session.call([&](dataset::ProjectStore& store) -> base::Result<dataset::ImportTotals> {
            PERCEPT_ASSIGN(batch, store.beginImport("More"));
            PERCEPT_TRY(store.addToImport(batch, items));
            return store.finishImport(batch);
        });
        ASSERT_TRUE(done.hasValue());
    }
    RetrainState state(bool hasDrift = false) const { return readRetrainState(*dataset::ProjectReader::open(project()).value(), hasDrift); }
    void openMonitor()
    {
        ASSERT_TRUE(m_window->openProject(project()));
        key(Qt::Key_6, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("monitor"));
    }
    QPushButton* action()
    {
        return visible<QPushButton>([](const QPushButton& b) { return b.objectName() == QLatin1String("retrainAction"); });
    }
};

TEST_F(RetrainTest, DriftMakesFewLabelsEnough)
{
    EXPECT_EQ(state(true).step, Step::Nothing) << "nothing new to learn from";
    {
        auto session = services::ProjectSession::open(project(), "test").value();
        ASSERT_NO_FATAL_FAILURE(correct(*session, 3));
    }
    EXPECT_EQ(state(false).step, Step::Nothing) << "3 of 10 are too few to be worth it";
    const auto drifted = state(true);
    EXPECT_EQ(drifted.step, Step::Train);
    EXPECT_TRUE(drifted.words.contains(QStringLiteral("3 pictures corrected"))) << drifted.words.toStdString();
    EXPECT_TRUE(drifted.words.contains(QStringLiteral("has changed")));
}

TEST_F(RetrainTest, EnoughLabelsProposeATrainingFromTheVersionThatRuns)
{
    runs::testing_support::FakePrograms programs("--trainer --wait-for-stop");
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    EXPECT_EQ(action(), nullptr);
    ASSERT_NO_FATAL_FAILURE(gather(*m_window->context().session(), 20));
    ASSERT_TRUE(eventually([&] { return action() != nullptr; })) << "while somebody looks";
    EXPECT_TRUE(shows("Since version 1.0: 20 pictures labeled"));
    EXPECT_EQ(action()->text(), QStringLiteral("Train again…"));
    click(action());
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("train"));
    auto* start = find<QPushButton>("startTraining");
    ASSERT_TRUE(eventually([&] { return start->isVisible(); }));
    EXPECT_EQ(action(), nullptr) << "the wizard does what the card asks for";
    click(button("Close"));
    EXPECT_TRUE(eventually([&] { return action() != nullptr; })) << "nothing was trained";
    click(action());
    EXPECT_TRUE(eventually([&] { return start->isVisible() && !action(); }));
    key(Qt::Key_Right, Qt::AltModifier);
    EXPECT_EQ(find<style::SegmentedControl>("trainStart")->texts().at(1), QStringLiteral("Version 1.0"));
    EXPECT_EQ(find<style::SegmentedControl>("trainStart")->current(), 1);
    EXPECT_TRUE(eventually([&] { return shows("version 1.0"); })) << "among what will happen";
    EXPECT_EQ(m_window->findChild<TrainWizard*>()->request().from, "r0001");
    auto* size = find<QComboBox>("trainSize");
    size->setCurrentIndex(size->findData(1024));
    EXPECT_TRUE(find<QLabel>("trainSizeHint")->text().contains(QStringLiteral("about 6.1 times as long for an answer as with version 1.0"))) << find<QLabel>("trainSizeHint")->text().toStdString();
    size->setCurrentIndex(size->findData(416));
    EXPECT_FALSE(find<QLabel>("trainSizeHint")->text().contains(QStringLiteral("times as long")));
}

TEST_F(RetrainTest, ANewRunIsComparedInWordsAndShipped)
{
    const std::string run = addRun();
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    ASSERT_TRUE(eventually([&] { return action() && action()->text() == QStringLiteral("Compare with version 1.0"); }));
    click(action());
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("train"));
    ASSERT_TRUE(eventually([&] { return shows("no difference can be told"); }, 60'000)) << "the same model, on the same pictures";
    auto* test = find<QWidget>("compareTest");
    EXPECT_TRUE(test->isVisible());
    EXPECT_TRUE(test->accessibleDescription().contains(QStringLiteral("10 pictures"))) << test->accessibleDescription().toStdString();
    EXPECT_TRUE(find<QWidget>("compareField")->accessibleDescription().contains(QStringLiteral("no picture that both answered")));
    EXPECT_FALSE(action()) << "what the card led to stands here";
    click(find<QPushButton>("shipRun"));
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("deploy"));
    auto* list = find<QListWidget>("candidates");
    ASSERT_TRUE(eventually([&] { return list->isVisible() && list->currentItem() && list->currentItem()->text() == QStringLiteral("Run 2"); }));
    EXPECT_EQ(find<QPushButton>("shipmentGo")->text(), QStringLiteral("Package and check"));
}

// What was found out about 1.0 says nothing about the 1.1 that was packaged while it was.
TEST_F(RetrainTest, AComparisonBelongsToTheVersionThatItWasAskedFor)
{
    const std::string run = addRun();
    ASSERT_TRUE(m_window->openProject(project()));
    auto& context = m_window->context();
    context.openComparison(QString::fromStdString(run));
    ASSERT_TRUE(eventually([&] { return context.jobs().running() && shows("Instead of version 1.0?"); }));
    const auto file = context.session()->reader().readModelVersions()->at(0).file;
    ASSERT_TRUE(context.session()->call([&](dataset::ProjectStore& store) { return store.addModelVersion("r0001", file); }).hasValue());
    emit context.runsChanged();
    ASSERT_TRUE(eventually([&] { return shows("Instead of version 1.1?"); }));
    ASSERT_TRUE(eventually([&] { return !context.jobs().running(); }, 60'000));
    EXPECT_TRUE(eventually([&] { return button("Compare with version 1.1") != nullptr; }));
    EXPECT_FALSE(find<QWidget>("compareTest")->isVisible());
}

TEST_F(RetrainTest, KeepingTheVersionEndsTheQuestion)
{
    const std::string run = addRun();
    ASSERT_EQ(state().step, Step::Compare);
    ASSERT_TRUE(m_window->openProject(project()));
    m_window->context().openComparison(QString::fromStdString(run));
    auto* keep = find<QPushButton>("keepVersion");
    ASSERT_TRUE(eventually([&] { return keep->isVisible(); }, 60'000));
    EXPECT_EQ(keep->text(), QStringLiteral("Keep 1.0"));
    click(keep);
    EXPECT_TRUE(eventually([&] { return shows("Version 1.0 was kept on"); }));
    EXPECT_FALSE(keep->isVisible());
    EXPECT_EQ(state().step, Step::Nothing);
    EXPECT_EQ(readKept(folderOf(run))->version, "1.0");
}

TEST_F(RetrainTest, AModelThatCannotBeAskedSaysWhy)
{
    const std::string run = addRun();
    std::ofstream(folderOf(run) / "model" / "model.onnx") << "no model";
    std::filesystem::remove(folderOf(run) / "predictions-test.jsonl");
    ASSERT_TRUE(m_window->openProject(project()));
    m_window->context().openComparison(QString::fromStdString(run));
    EXPECT_TRUE(eventually([&] { return button("Try again") != nullptr; }, 60'000));
    EXPECT_FALSE(find<QLabel>("compareWords")->text().isEmpty());
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
