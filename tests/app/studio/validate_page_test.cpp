// The Validate page on a scored model that needs no training (tests/support/test_model.h), by mouse and keys, with the real
// percept-edge.
#include "app/studio/label/label_page.h"
#include "app/studio/overlays.h"
#include "app/studio/validate/mistakes_model.h"
#include "app/studio/validate/threshold_panel.h"
#include "app/studio/validate/try_view.h"
#include "core/packaging/package.h"
#include "core/services/loop.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/support/run_program.h"
#include "tests/support/test_package.h"
#include "widgets/canvas/box_canvas.h"
#include "widgets/plots/confusion_view.h"
#include "widgets/plots/curve_plot.h"
#include "widgets/plots/interval_tile.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QSlider>
#include <QThreadPool>

namespace percept::studio {
namespace {

class ValidatePageTest : public StudioTest {
protected:
    void SetUp() override
    {
        if (!percept::test::hasProgram("percept-edge"))
            GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
        StudioTest::SetUp();
    }
    // As a training leaves it that nobody followed to its end.
    void makeTrained()
    {
        percept::test::makeSquaresProject(project(), m_folder / "pictures", kPictures);
        auto session = services::ProjectSession::open(project(), "test").value();
        const std::string run = services::prepareRun(*session, {}).value();
        ASSERT_TRUE(percept::test::putTestModel(runs::runFolder(project(), run)).hasValue());
    }
    void openPage()
    {
        ASSERT_TRUE(m_window->openProject(project()));
        key(Qt::Key_4, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("validate"));
    }
    void makeScored()
    {
        ASSERT_NO_FATAL_FAILURE(makeTrained());
        const auto finished = services::finishRun(project(), "r0001", {}, {});
        ASSERT_TRUE(finished.hasValue()) << finished.error().message;
    }
    void openScored()
    {
        ASSERT_NO_FATAL_FAILURE(makeScored());
        ASSERT_NO_FATAL_FAILURE(openPage());
        ASSERT_TRUE(eventually([&] { return slider()->isVisible(); }));
    }
    static constexpr int kPictures = 30;
    std::filesystem::path picture() const { return m_folder / "pictures" / "p1.png"; } // of two squares
    const std::vector<TryView::Answer>& answers() { return tried()->answers(); }
    TryView* tried() { return m_window->findChild<TryView*>(); }
    std::filesystem::path project() const { return m_folder / "squares.percept"; }
    QSlider* slider() { return find<QSlider>("thresholdSlider"); }
    QListView* gallery() { return find<QListView>("mistakes"); }
    QString tile(const char* name) { return named<plots::IntervalTile>(name)->accessibleDescription(); }
    QString models() // what the list of models says
    {
        QStringList texts;
        for (auto* box = find<QComboBox>("validateRunBox"); texts.size() < box->count();)
            texts << box->itemText(static_cast<int>(texts.size()));
        return texts.join(QStringLiteral("; "));
    }
    QAction* command(const char* text)
    {
        for (QAction* action : static_cast<Page*>(m_window->page(QStringLiteral("validate")))->commands())
            if (action->text() == QString::fromUtf8(text))
                return action;
        return nullptr;
    }
    QStringList kinds() { return named<style::SegmentedControl>("All, Missed, False alarms, Wrong class, Badly placed")->texts(); }
    QString matrix() { return find<QWidget>("confusion")->accessibleDescription(); }
};

TEST_F(ValidatePageTest, WithoutAModelThePageLeadsToTrain)
{
    ASSERT_NO_FATAL_FAILURE(openSquares(3));
    key(Qt::Key_4, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return shows("No model yet"); }));
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

TEST_F(ValidatePageTest, TheCostCurveIsThatOfWhatTheSliderMoves)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    auto* plot = visible<plots::CurvePlot>([](const auto& p) { return p.accessibleName().startsWith(QStringLiteral("Threshold")); });
    ASSERT_NE(plot, nullptr);
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_Home); // where nobody would leave it, so that the others cost
    const QString all = plot->accessibleDescription();
    auto* scope = named<QComboBox>("Class that the slider moves");
    ASSERT_NE(scope, nullptr);
    scope->setFocus();
    key(Qt::Key_Down);
    ASSERT_EQ(scope->currentIndex(), 1);
    EXPECT_TRUE(eventually([&] { return plot->accessibleDescription() != all; })) << "the others stay where they are";
    key(Qt::Key_Up);
    EXPECT_TRUE(eventually([&] { return plot->accessibleDescription() == all; }));
}

// One history: the toast, Ctrl+Z and redo move the model's thresholds, and the slider with them.
TEST_F(ValidatePageTest, ThresholdsAreStoredWithTheModelAndTakenBack)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    const auto stored = [&] { return services::readThresholds(project(), "r0001").value(); };
    const std::vector<double> before = stored();
    EXPECT_FALSE(find<QPushButton>("useThresholds")->isEnabled());
    ASSERT_TRUE(tabTo(slider()));
    const int at = slider()->value();
    key(Qt::Key_End);
    const std::vector<double> high = m_window->findChild<ThresholdPanel*>()->thresholds();
    ASSERT_EQ(high, std::vector<double>(before.size(), high.front()));
    ASSERT_GE(high.front(), 0.98);
    click(find<QPushButton>("useThresholds"));
    ASSERT_TRUE(eventually([&] { return stored() == high; }));
    ASSERT_TRUE(eventually([&] { return shows("Changed the thresholds of run 1"); }));
    ASSERT_TRUE(eventually([&] { return !find<QPushButton>("useThresholds")->isEnabled(); })) << "they are the model's now";
    click(visible<style::LinkButton>([](const style::LinkButton& l) { return l.text() == QStringLiteral("Undo"); }));
    ASSERT_TRUE(eventually([&] { return stored() == before && slider()->value() == at; }));
    key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    ASSERT_TRUE(eventually([&] { return stored() == high && slider()->value() == slider()->maximum(); }));
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return stored() == before && slider()->value() == at; }));
}

// Of a sure model all that matters lies above .98.
// Towards 1 nothing is found: the cost of that is far above the cheapest, and is what the slider stands on.
TEST(ThresholdPanel, TheCostOfTheThresholdThatIsLookedAtIsInThePicture)
{
    const std::vector<evaluation::CostPoint> costs { { 0.02, 0, 900, 900 }, { 0.5, 10, 10, 30 }, { 0.98, 200, 0, 400 }, { 0.9999, 250, 0, 500 } };
    EXPECT_DOUBLE_EQ(costTop(costs, std::nullopt), 90);
    EXPECT_DOUBLE_EQ(costTop(costs, 0.5), 90);
    EXPECT_GT(costTop(costs, 0.9999), 500);
    EXPECT_GT(costTop(costs, 0.98), 400);
    EXPECT_LT(costTop(costs, 0.98), 500) << "no more than is needed";
    EXPECT_GT(costTop(costs, 0.02), 900);
    EXPECT_DOUBLE_EQ(costTop({}, 0.5), 1);
}

TEST(ThresholdPanel, TheSliderFollowsTheScoresTowards1)
{
    const domain::Box here { 0, 0, 50, 50 }, there { 200, 0, 50, 50 };
    evaluation::EvaluationImage image;
    image.truths = { { 0, here } };
    image.detections = { { 0, 0.9996, here }, { 0, 0.9993, there } };
    ScoredRun scored;
    scored.labels = { "red" };
    scored.thresholds = { 0.995 };
    scored.table = std::make_shared<evaluation::MatchTable>(std::vector { image }, 1);
    priceMistakes(scored, 2);
    ThresholdPanel panel;
    panel.setScored(&scored, true);
    EXPECT_EQ(panel.thresholds(), scored.thresholds) << "to show them moves none";
    const auto says = [&](const char* text) {
        const auto labels = panel.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->text() == QString::fromLatin1(text); });
    };
    EXPECT_TRUE(says("0.995"));
    panel.findChild<style::LinkButton*>()->click(); // Cheapest
    const double cheapest = panel.thresholds().front();
    EXPECT_GT(cheapest, 0.9993);
    EXPECT_LE(cheapest, 0.9996);
    auto* slider = panel.findChild<QSlider*>();
    slider->triggerAction(QAbstractSlider::SliderSingleStepAdd);
    EXPECT_NEAR(panel.thresholds().front() - cheapest, 0.0001, 1e-9) << "by the keys as well";
    slider->setValue(slider->minimum());
    EXPECT_EQ(panel.thresholds().front(), 0.02);
}

TEST_F(ValidatePageTest, TheFocusStaysAtTheThresholdsThatWereStored)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_End);
    ASSERT_TRUE(tabTo(find<QPushButton>("useThresholds")));
    key(Qt::Key_Space);
    ASSERT_TRUE(eventually([&] { return !find<QPushButton>("useThresholds")->isEnabled(); }));
    EXPECT_TRUE(slider()->hasFocus());
}

TEST_F(ValidatePageTest, AVersionsNameIsThatOfWhatItShips)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    EXPECT_EQ(models(), QStringLiteral("Draft of run 1"));
    click(find<QPushButton>("packageModel"));
    ASSERT_TRUE(eventually([&] { return models() == QStringLiteral("Model 1.0, run 1"); }, 60000)) << models().toStdString();
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_End);
    click(find<QPushButton>("useThresholds"));
    ASSERT_TRUE(eventually([&] { return models() == QStringLiteral("Draft of run 1, not as in 1.0"); })) << models().toStdString();
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return models() == QStringLiteral("Model 1.0, run 1"); })) << models().toStdString();
}

// The counter, the kinds and the empty gallery speak of what is shown.
TEST_F(ValidatePageTest, TheGallerySaysWhatItShowsAndWhyItIsEmpty)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    auto* hint = find<style::PlainLabel>("galleryHint");
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_Home); // where there are false alarms
    const int all = gallery()->model()->rowCount();
    ASSERT_GT(all, 1);
    const auto counts = [&] {
        std::vector<int> numbers;
        for (const QString& kind : kinds())
            numbers.push_back(kind.section(QLatin1Char(' '), -1).toInt());
        return numbers;
    };
    EXPECT_EQ(counts()[0], all);
    EXPECT_EQ(counts()[1] + counts()[2] + counts()[3] + counts()[4], all);
    ASSERT_EQ(counts()[3], 0) << "the squares are told apart";
    find<QWidget>("confusion")->setFocus();
    for (int i = 0; i < 2; ++i)
        key(Qt::Key_Down);
    key(Qt::Key_Return); // background called red
    const int shown = gallery()->model()->rowCount();
    ASSERT_LT(shown, all);
    ASSERT_GT(shown, 0);
    EXPECT_TRUE(hint->text().startsWith(QStringLiteral("%1 of %2 mistakes").arg(shown).arg(all))) << hint->text().toStdString();
    choose(named<QWidget>("All, Missed, False alarms, Wrong class, Badly placed"), 3, 5);
    ASSERT_EQ(gallery()->model()->rowCount(), 0);
    EXPECT_TRUE(shows("No mistakes of this kind in this cell"));
    click(visible<style::LinkButton>([](const style::LinkButton& l) { return l.text() == QStringLiteral("Show all mistakes"); }));
    EXPECT_EQ(gallery()->model()->rowCount(), all);
    EXPECT_FALSE(shows("No mistakes of this kind"));
    EXPECT_TRUE(hint->text().startsWith(QStringLiteral("%1 mistakes").arg(all))) << hint->text().toStdString();
}

// Also the thresholds that were moved and not stored: nothing that somebody has set is lost by closing.
TEST_F(ValidatePageTest, AProjectThatIsOpenedAgainShowsWhatWasLookedAt)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    const auto panel = [&] { return m_window->findChild<ThresholdPanel*>(); };
    const auto stored = panel()->thresholds();
    find<QComboBox>("thresholdScope")->setCurrentIndex(2);
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_End);
    choose(named<QWidget>("All, Missed, False alarms, Wrong class, Badly placed"), 1, 5);
    find<QWidget>("confusion")->setFocus();
    key(Qt::Key_Down);
    key(Qt::Key_Right);
    key(Qt::Key_Right);
    key(Qt::Key_Return); // blue that was missed
    ASSERT_GT(gallery()->model()->rowCount(), 1);
    gallery()->setFocus();
    key(Qt::Key_Home);
    key(Qt::Key_Right);
    const auto moved = panel()->thresholds();
    ASSERT_NE(moved, stored);
    const int shown = gallery()->model()->rowCount();
    const QString cells = matrix();
    for (const bool restarted : { false, true }) {
        if (restarted) {
            m_window = std::make_unique<MainWindow>();
            m_window->show();
            m_window->activateWindow();
            ASSERT_TRUE(QTest::qWaitForWindowActive(m_window.get()));
        } else {
            ASSERT_TRUE(m_window->closeProject());
        }
        ASSERT_TRUE(m_window->openProject(project()));
        EXPECT_EQ(m_window->currentPage(), QStringLiteral("validate"));
        ASSERT_TRUE(eventually([&] { return slider()->isVisible(); }));
        EXPECT_EQ(panel()->thresholds(), moved);
        EXPECT_EQ(slider()->value(), slider()->maximum());
        EXPECT_EQ(find<QComboBox>("thresholdScope")->currentIndex(), 2);
        EXPECT_EQ(matrix(), cells);
        EXPECT_EQ(gallery()->model()->rowCount(), shown);
        EXPECT_EQ(gallery()->currentIndex().row(), 1);
        EXPECT_TRUE(find<QPushButton>("useThresholds")->isEnabled()) << "they are not the model's";
    }
    EXPECT_EQ(services::readThresholds(project(), "r0001").value(), stored);
    // Where another page leads to comes first.
    choose(named<QWidget>("Validation, Test"), 1, 2);
    ASSERT_TRUE(eventually([&] { return shows("not scored on the test set yet"); }));
    ASSERT_TRUE(m_window->closeProject());
    ASSERT_TRUE(m_window->openProject(project()));
    EXPECT_TRUE(eventually([&] { return shows("not scored on the test set yet"); })) << "the set as well";
}

// From any page: it is gone to first, and what the command needs may still have to be read there.
TEST_F(ValidatePageTest, CtrlKFindsItsCommandsAndItsModelsFromElsewhere)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    ASSERT_TRUE(m_window->openProject(project()));
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("gather"));
    int asked = 0;
    m_window->context().choosers().files = [&](QWidget*, const QString&, const QString&, const QString&) { return ++asked, QStringList(); };
    const auto run = [&](const QString& text) {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* palette = find<CommandPalette>("command-palette");
        QTest::keyClicks(palette->findChild<QLineEdit*>(), text);
        auto* list = palette->findChild<QListWidget*>();
        EXPECT_TRUE(eventually([&] { return list->item(0)->text().startsWith(text, Qt::CaseInsensitive); })) << list->item(0)->text().toStdString();
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Return);
    };
    run(QStringLiteral("Try the model on pictures"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("validate"));
    EXPECT_TRUE(eventually([&] { return asked == 1; }));
    key(Qt::Key_1, Qt::ControlModifier);
    run(QStringLiteral("Use these thresholds"));
    EXPECT_TRUE(eventually([&] { return shows("these are the model's thresholds already"); })) << "or why not";
    key(Qt::Key_1, Qt::ControlModifier);
    run(QStringLiteral("Validate Run 1"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("validate"));
    run(QStringLiteral("Run 1"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
}

TEST_F(ValidatePageTest, APictureThatIsGoneIsNamedInItsCell)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    std::filesystem::rename(m_folder / "pictures", m_folder / "moved");
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return slider()->isVisible(); }));
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_End);
    auto& mistakes = static_cast<MistakesModel&>(*gallery()->model());
    ASSERT_TRUE(eventually([&] { return mistakes.pictureProblem(0) == QStringLiteral("Picture is missing on disk"); }));
    EXPECT_TRUE(mistakes.index(0).data(Qt::ToolTipRole).toString().contains(QStringLiteral("It was moved or deleted")));
}

// From the mistake to the canvas and back to where one was.
TEST_F(ValidatePageTest, EscapeLeadsBackToTheMistake)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_End);
    auto* back = find<QPushButton>("back");
    for (const bool byMouse : { false, true }) {
        gallery()->setFocus();
        key(Qt::Key_Home);
        key(Qt::Key_Right);
        EXPECT_FALSE(back->isVisible());
        key(Qt::Key_Return);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("label"));
        EXPECT_TRUE(back->isVisible());
        ASSERT_TRUE(eventually([&] { return !shows("No object selected"); }));
        if (byMouse)
            click(back);
        else
            key(Qt::Key_Escape); // once, whatever was selected or armed for whoever came to look
        EXPECT_EQ(m_window->currentPage(), QStringLiteral("validate"));
        EXPECT_EQ(gallery()->currentIndex().row(), 1);
        EXPECT_TRUE(gallery()->hasFocus());
        EXPECT_EQ(slider()->value(), slider()->maximum());
    }
    // What is being drawn is given up first; on other pictures Esc is what it is everywhere on the page.
    key(Qt::Key_Return);
    ASSERT_TRUE(eventually([&] { return !shows("No object selected"); }));
    auto& canvas = *find<canvas::BoxCanvas>("boxCanvas");
    ASSERT_TRUE(eventually([&] { return !canvas.scene().pictureSize().isEmpty(); }));
    canvas.setFocus();
    key(Qt::Key_R);
    ASSERT_EQ(canvas.tool(), canvas::Tool::Box);
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.rect().center());
    ASSERT_TRUE(canvas.isDrawing());
    key(Qt::Key_Escape);
    EXPECT_FALSE(canvas.isDrawing());
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    key(Qt::Key_Escape);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("validate"));
    key(Qt::Key_Return);
    ASSERT_TRUE(eventually([&] { return !shows("No object selected"); }));
    const auto* label = static_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    const int mistakeAt = label->currentIndex();
    key(mistakeAt > 0 ? Qt::Key_A : Qt::Key_D);
    ASSERT_NE(label->currentIndex(), mistakeAt);
    key(Qt::Key_R);
    key(Qt::Key_Escape);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label")) << "the tool was put down";
    key(Qt::Key_2, Qt::ControlModifier);
    key(Qt::Key_4, Qt::ControlModifier);
    key(Qt::Key_2, Qt::ControlModifier);
    EXPECT_FALSE(back->isVisible()) << "who comes by another way has nothing to go back to";
    for (int i = 0; i < 3; ++i)
        key(Qt::Key_Escape);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
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
    // At the highest threshold every mistake is a miss: the object that was missed is the one that is selected.
    EXPECT_TRUE(eventually([&] {
        const QString selected = find<QWidget>("objectHead")->accessibleName();
        return !selected.isEmpty() && selected != QStringLiteral("No object selected");
    }));
}

TEST_F(ValidatePageTest, AFalseAlarmIsDrawnOnTheCanvasAsTheModelSaidIt)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    ASSERT_TRUE(tabTo(slider()));
    key(Qt::Key_Home); // everything that the model said, however unsure
    int row = 0;
    const auto wordsOf = [&](int at) { return gallery()->model()->index(at, 0).data(Qt::DisplayRole).toString(); };
    while (row < gallery()->model()->rowCount() && !wordsOf(row).contains(QStringLiteral("false alarm")))
        ++row;
    ASSERT_LT(row, gallery()->model()->rowCount());
    const QString words = wordsOf(row);
    gallery()->setFocus();
    gallery()->setCurrentIndex(gallery()->model()->index(row, 0));
    key(Qt::Key_Return);
    auto* canvas = find<canvas::BoxCanvas>("boxCanvas");
    ASSERT_TRUE(eventually([&] { return canvas->scene().proposals().size() == 1; }));
    const canvas::Proposal said = canvas->scene().proposals().front();
    EXPECT_TRUE(said.shownOnly) << "it is no proposal that could be taken";
    EXPECT_TRUE(said.box.hasArea());
    EXPECT_TRUE(said.tag.contains(words.section(QStringLiteral(", "), 0, 0))) << said.tag.toStdString();
    // The list cuts, so that it never shows more than there is; the canvas rounds.
    const double listed = words.section(QStringLiteral("score "), 1).section(QLatin1Char(','), 0, 0).toDouble(), drawn = said.tag.section(QLatin1Char(' '), -1).toDouble();
    EXPECT_GT(listed, 0) << words.toStdString();
    EXPECT_NEAR(listed, drawn, 0.0101) << said.tag.toStdString();
    key(Qt::Key_Escape);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("validate"));
}

TEST_F(ValidatePageTest, TheTestSetIsScoredOnDemandAndLocksTheThresholds)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    choose(named<QWidget>("Validation, Test"), 1, 2);
    const auto* page = m_window->page(QStringLiteral("validate"));
    ASSERT_TRUE(page->statusLeft().join(QLatin1Char(' ')).contains(QStringLiteral("object")));
    ASSERT_TRUE(eventually([&] { return shows("not scored on the test set yet"); }));
    EXPECT_EQ(page->statusLeft(), QStringList { QStringLiteral("Not scored on the test set") }) << "and no counts of the other set";
    EXPECT_TRUE(page->statusRight().isEmpty());
    EXPECT_FALSE(find<QPushButton>("useThresholds")->isVisible()) << "thresholds are chosen on validation only";
    EXPECT_FALSE(command("Use these thresholds")->isEnabled());
    click(button("Score it now"));
    EXPECT_FALSE(button("Score it now")) << "it is being scored";
    EXPECT_FALSE(command("Score this set again")->isEnabled());
    EXPECT_TRUE(eventually([&] { return shows("Being scored"); }));
    EXPECT_EQ(m_window->context().scoringRuns(), QStringList { QStringLiteral("r0001") });
    ASSERT_TRUE(eventually([&] { return slider()->isVisible(); }, 60000));
    EXPECT_FALSE(slider()->isEnabled());
    EXPECT_FALSE(find<QPushButton>("useThresholds")->isVisible());
    EXPECT_FALSE(command("Use these thresholds")->isEnabled());
    EXPECT_TRUE(command("Score this set again")->isEnabled());
    EXPECT_TRUE(m_window->context().scoringRuns().isEmpty());
    EXPECT_TRUE(services::readPredictions(project(), "r0001", domain::SplitSet::Test).hasValue());
}

TEST_F(ValidatePageTest, AProjectMayCloseWhileItsModelIsRead)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(m_window->closeProject());
    QThreadPool::globalInstance()->waitForDone();
    QTest::qWait(50); // the late answer comes
    EXPECT_EQ(gallery()->model()->rowCount(), 0);
    ASSERT_TRUE(m_window->openProject(project()));
    key(Qt::Key_4, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return slider()->isVisible(); }));
}

TEST_F(ValidatePageTest, DroppedPicturesAreTriedAlsoOnASetThatIsNotScored)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    choose(named<QWidget>("Validation, Test"), 1, 2);
    ASSERT_TRUE(eventually([&] { return shows("not scored on the test set yet"); }));
    drop(picture());
    ASSERT_TRUE(eventually([&] { return answers().size() == 1; }));
    EXPECT_TRUE(answers()[0].error.isEmpty()) << answers()[0].error.toStdString();
    EXPECT_FALSE(answers()[0].picture.isNull());
    EXPECT_EQ(m_window->context().counts().items, kPictures) << "what is tried is not taken into the project";
}

TEST_F(ValidatePageTest, TryItAnswersAtTheThresholdsOfNow)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    drop(picture());
    ASSERT_TRUE(eventually([&] { return answers().size() == 1; }));
    ASSERT_TRUE(services::writeThresholds(project(), "r0001", { 1, 1 }).hasValue());
    drop(picture());
    ASSERT_TRUE(eventually([&] { return answers().size() == 2; }));
    EXPECT_GT(tried()->shownOf(answers()[0]).size(), 0u);
    EXPECT_EQ(tried()->shownOf(answers()[1]).size(), 0u);
}

// The slider shows more or fewer of the same answers; adding, clearing, and what is left on the page when one comes back.
TEST_F(ValidatePageTest, WhatWasTriedIsLookedAtFromAnyThresholdAddedToAndCleared)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    ASSERT_TRUE(services::writeThresholds(project(), "r0001", { 1, 1 }).hasValue());
    drop(picture());
    ASSERT_TRUE(eventually([&] { return answers().size() == 1; }));
    EXPECT_EQ(tried()->shownOf(answers()[0]).size(), 0u);
    EXPECT_TRUE(shows("0 objects"));
    EXPECT_TRUE(shows("as the model"));
    auto* shownFrom = find<QSlider>("trySlider");
    shownFrom->setFocus();
    key(Qt::Key_Home);
    EXPECT_GT(tried()->shownOf(answers()[0]).size(), 0u);
    EXPECT_FALSE(shows("0 objects"));
    click(visible<style::LinkButton>([](const style::LinkButton& l) { return l.text() == QStringLiteral("As the model"); }));
    EXPECT_EQ(tried()->shownOf(answers()[0]).size(), 0u);

    m_window->context().choosers().files = [&](QWidget*, const QString&, const QString&, const QString&) { return QStringList { toQString(m_folder / "pictures" / "p2.png") }; };
    click(button("Add pictures…"));
    ASSERT_TRUE(eventually([&] { return answers().size() == 2; }));
    key(Qt::Key_1, Qt::ControlModifier);
    key(Qt::Key_4, Qt::ControlModifier);
    QTest::qWait(100); // what the page reads when it comes to the front
    EXPECT_TRUE(tried()->isVisible());
    EXPECT_EQ(answers().size(), 2u);
    click(find<QPushButton>("clearTried"));
    EXPECT_TRUE(answers().empty());
    EXPECT_TRUE(shows("Drop pictures here"));
}

TEST_F(ValidatePageTest, AModelThatWasNotCheckedSaysSoAndIsCheckedHere)
{
    ASSERT_NO_FATAL_FAILURE(makeTrained());
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return shows("not checked and scored yet"); }));
    EXPECT_FALSE(button("Try it"));
    drop(picture());
    EXPECT_TRUE(shows("can be tried once it was checked"));
    QTest::qWait(50);
    EXPECT_EQ(m_window->context().counts().items, kPictures);
    click(button("Check and score it"));
    ASSERT_TRUE(eventually([&] { return slider()->isVisible(); }, 60000));
    EXPECT_TRUE(button("Try it"));
}

// Both projects count their pictures from 1. The picture of the first one is still being read when it is closed.
TEST(MistakesModelTest, ShowsNoPictureOfTheProjectBefore)
{
    const percept::test::TemporaryFolder folder;
    const auto write = [&](const char* name, const QColor& color) {
        QImage image(64, 48, QImage::Format_RGB32);
        image.fill(color);
        EXPECT_TRUE(image.save(toQString(folder / name)));
        return folder / name;
    };
    const auto red = write("red.png", Qt::red), blue = write("blue.png", Qt::blue);
    evaluation::EvaluationImage image;
    image.item = 1;
    image.truths = { { 0, { 4, 4, 20, 20 } } };
    auto scored = std::make_shared<ScoredRun>();
    scored->labels = { "part" };
    scored->table = std::make_shared<evaluation::MatchTable>(std::vector { image }, 1);
    MistakesModel model;
    bool isRed = false, isBlue = false;
    const auto look = [&] {
        const QImage seen = model.picture(0);
        isRed = isRed || (!seen.isNull() && seen.pixelColor(20, 20).red() > 200);
        isBlue = isBlue || (!seen.isNull() && seen.pixelColor(20, 20).blue() > 200);
    };
    QObject::connect(&model, &MistakesModel::dataChanged, &model, look);
    const auto open = [&](const std::filesystem::path& file) {
        model.setPathOf([file](std::int64_t) { return file; });
        model.setScored(scored, {});
        model.setPoint(scored->table->at({ 0.5 }));
        look();
    };
    open(red);
    ASSERT_TRUE(eventually([&] { return isRed; }));
    model.setScored(nullptr, {});
    isRed = false;
    open(blue);
    ASSERT_TRUE(eventually([&] { return isBlue; }));
    EXPECT_FALSE(isRed);
    model.setScored(nullptr, {});
    open(red);
    QThreadPool::globalInstance()->waitForDone(); // it is read, and its project is closed before anybody has heard of it
    model.setScored(nullptr, {});
    isRed = isBlue = false;
    open(blue);
    ASSERT_TRUE(eventually([&] { return isBlue; }));
    EXPECT_FALSE(isRed);
}

TEST_F(ValidatePageTest, PackageMakesAVerifiedFileWithAVersion)
{
    ASSERT_NO_FATAL_FAILURE(openScored());
    click(find<QPushButton>("packageModel"));
    EXPECT_FALSE(find<QPushButton>("packageModel")->isEnabled()) << "one at a time";
    ASSERT_TRUE(eventually([&] { return shows("Model 1.0 is packaged"); }, 60000));
    EXPECT_TRUE(eventually([&] { return find<QPushButton>("packageModel")->isEnabled(); }));
    const auto versions = m_window->context().session()->reader().readModelVersions().value();
    ASSERT_EQ(versions.size(), 1u);
    const auto package = packaging::Package::open(project() / versions[0].file);
    ASSERT_TRUE(package.hasValue()) << package.error().message;
    EXPECT_EQ(package->manifest().version, "1.0");
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
