// The Validate page on a scored model that needs no training (tests/support/test_model.h), by mouse and keys, with the real
// percept-edge.
#include "app/studio/validate/threshold_panel.h"
#include "core/packaging/package.h"
#include "core/services/loop.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/support/run_program.h"
#include "tests/support/test_package.h"
#include "widgets/plots/confusion_view.h"
#include "widgets/plots/interval_tile.h"
#include "widgets/style/widgets.h"

#include <QListView>
#include <QSlider>

namespace percept::studio {
namespace {

class ValidatePageTest : public StudioTest {
protected:
    void openScored()
    {
        if (!percept::test::hasProgram("percept-edge"))
            GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
        percept::test::makeSquaresProject(project(), m_folder / "pictures", 30);
        {
            auto session = services::ProjectSession::open(project(), "test").value();
            const std::string run = services::prepareRun(*session, {}).value();
            ASSERT_TRUE(percept::test::putTestModel(runs::runFolder(project(), run)).hasValue());
            const auto finished = services::finishRun(project(), run, {}, {});
            ASSERT_TRUE(finished.hasValue()) << finished.error().message;
        }
        ASSERT_TRUE(m_window->openProject(project()));
        key(Qt::Key_4, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("validate"));
        ASSERT_TRUE(eventually([&] { return slider()->isVisible(); }));
    }
    std::filesystem::path project() const { return m_folder / "squares.percept"; }
    QSlider* slider() { return find<QSlider>("thresholdSlider"); }
    QListView* gallery() { return find<QListView>("mistakes"); }
    QString tile(const char* name) { return named<plots::IntervalTile>(name)->accessibleDescription(); }
    QString matrix() { return find<QWidget>("confusion")->accessibleDescription(); }
};

TEST_F(ValidatePageTest, WithoutAModelThePageLeadsToTrain)
{
    ASSERT_NO_FATAL_FAILURE(openSquares(3));
    key(Qt::Key_4, Qt::ControlModifier);
    EXPECT_TRUE(shows("No model yet"));
    EXPECT_FALSE(find<QPushButton>("packageModel")->isVisible());
    click(button("Train a model"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
}

TEST_F(ValidatePageTest, TheSliderMovesTilesMatrixAndGalleryTogether)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_Home);
    const QString right = tile("Marks right"), cost = tile("Cost"), cells = matrix();
    const int mistakes = gallery()->model()->rowCount();
    key(Qt::Key_End);
    EXPECT_NE(tile("Marks right"), right);
    EXPECT_NE(tile("Cost"), cost);
    EXPECT_NE(matrix(), cells);
    EXPECT_NE(gallery()->model()->rowCount(), mistakes);
    EXPECT_TRUE(shows((std::to_string(gallery()->model()->rowCount()) + " mistakes").c_str()));
    key(Qt::Key_Home);
    EXPECT_EQ(matrix(), cells);
    EXPECT_EQ(gallery()->model()->rowCount(), mistakes);
}

TEST_F(ValidatePageTest, ThresholdsAreStoredWithTheModelAndTakenBack)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    const auto stored = [&] { return services::readThresholds(project(), "r0001").value(); };
    const std::vector<double> before = stored();
    EXPECT_FALSE(find<QPushButton>("useThresholds")->isEnabled());
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_End);
    click(find<QPushButton>("useThresholds"));
    ASSERT_TRUE(eventually([&] { return stored() == std::vector<double>(before.size(), slider()->maximum() / 100.0); }));
    ASSERT_TRUE(eventually([&] { return shows("Thresholds stored"); }));
    click(visible<style::LinkButton>([](const style::LinkButton& l) { return l.text() == QStringLiteral("Undo"); }));
    EXPECT_TRUE(eventually([&] { return stored() == before; }));
}

TEST_F(ValidatePageTest, EnterOpensTheMistakeOnTheCanvas)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_End);
    ASSERT_GT(gallery()->model()->rowCount(), 1);
    gallery()->setFocus();
    key(Qt::Key_Home);
    key(Qt::Key_Right);
    ASSERT_TRUE(gallery()->currentIndex().isValid());
    const QString name = gallery()->currentIndex().data(Qt::DisplayRole).toString().section(QStringLiteral(", "), -1);
    key(Qt::Key_Return);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    EXPECT_TRUE(eventually([&] { return shows(name.toUtf8().constData()); })) << "the Label page names the picture " << name.toStdString();
}

TEST_F(ValidatePageTest, TheTestSetIsScoredOnDemandAndLocksTheThresholds)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    choose(named<QWidget>("Validation, Test"), 1, 2);
    ASSERT_TRUE(eventually([&] { return shows("not scored on the test set yet"); }));
    click(button("Score it now"));
    ASSERT_TRUE(eventually([&] { return slider()->isVisible(); }, 60000));
    EXPECT_FALSE(slider()->isEnabled());
    EXPECT_FALSE(find<QPushButton>("useThresholds")->isVisible());
    EXPECT_TRUE(services::readPredictions(project(), "r0001", domain::SplitSet::Test).hasValue());
}

TEST_F(ValidatePageTest, PackageMakesAVerifiedFileWithAVersion)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    click(find<QPushButton>("packageModel"));
    ASSERT_TRUE(eventually([&] { return shows("Model 1.0 is packaged"); }, 60000));
    const auto versions = m_window->context().session()->reader().readModelVersions().value();
    ASSERT_EQ(versions.size(), 1u);
    const auto package = packaging::Package::open(project() / versions[0].file);
    ASSERT_TRUE(package.hasValue()) << package.error().message;
    EXPECT_EQ(package->manifest().version, "1.0");
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
