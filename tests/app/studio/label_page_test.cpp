// The Label page on a real project, driven by mouse and keys; what counts is what the store says afterwards.
#include "app/studio/frame/thumbnails.h"
#include "app/studio/label/filmstrip.h"
#include "app/studio/label/label_page.h"
#include "tests/app/studio/label_support.h"
#include "tests/core/runs/fake_programs.h"
#include "tests/support/studio_main.h"
#include "widgets/style/tokens.h"

#include <QAbstractItemView>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QSettings>
#include <fstream>
#include <gtest/gtest.h>

namespace percept::studio {
namespace {

using canvas::BoxCanvas;
using canvas::Tool;

class LabelPageTest : public testing::Test {
protected:
    void start(std::vector<std::string> labels, int pictures = 3)
    {
        test::makeProject(folder(), pictures, labels);
        open();
    }
    std::filesystem::path folder() const { return temporary.path().toStdString(); }
    void open()
    {
        context = std::make_unique<StudioContext>();
        const auto opened = context->openProject(folder() / "p.percept");
        ASSERT_TRUE(opened.hasValue()) << opened.error().message;
        page = std::make_unique<LabelPage>(*context);
        page->resize(1208, 736);
        page->show();
        ASSERT_TRUE(QTest::qWaitForWindowExposed(page.get()));
        page->activated();
        EXPECT_TRUE(test::waitFor([&] { return page->currentIndex() >= 0; })) << "the items are read on another thread";
    }
    void reopen()
    {
        page.reset();
        context.reset();
        open();
    }
    // As if it had been decoded before: there is no decoder here.
    void keepThumbnail(const std::string& picture, int id)
    {
        const auto cache = folder() / "p.percept" / "cache" / "thumbnails" / "0";
        std::filesystem::create_directories(cache);
        const auto name = std::to_string(id) + "-" + std::to_string(std::filesystem::file_size(folder() / picture)) + ".jpg";
        ASSERT_TRUE(QImage(QString::fromStdString((folder() / picture).string())).scaled(256, 192).save(QString::fromStdString((cache / name).string())));
    }
    // A version of a model; what answers is a fake program.
    void addModel(dataset::ProjectStore& store)
    {
        std::filesystem::create_directories(folder() / "p.percept" / "packages");
        std::ofstream(folder() / "p.percept" / "packages" / "m-1.0.ppkg") << "package";
        ASSERT_TRUE(store.addModelVersion("r0001", "packages/m-1.0.ppkg").hasValue());
    }
    void TearDown() override
    {
        page.reset();
        context.reset();
    }

    BoxCanvas& c() { return page->boxCanvas(); }
    void mouse(QEvent::Type type, QPointF image, Qt::KeyboardModifiers m = {}) { test::sendMouse(c(), type, image, m); }
    void drag(QPointF a, QPointF b, Qt::KeyboardModifiers m = {}) { test::drag(c(), a, b, m); }
    void click(QPointF p, Qt::KeyboardModifiers m = {})
    {
        mouse(QEvent::MouseButtonPress, p, m);
        mouse(QEvent::MouseButtonRelease, p, m);
    }
    void key(int k, Qt::KeyboardModifiers m = {}) { QTest::keyClick(&c(), static_cast<Qt::Key>(k), m); }
    bool saved()
    {
        return test::waitFor([&] {
            const auto state = context->session()->saveState();
            return !page->document().hasPending() && state.pending == 0;
        });
    }
    std::vector<domain::Annotation> stored(int picture = -1)
    {
        EXPECT_TRUE(saved());
        const ItemId item { picture < 0 ? page->document().item().id.value : picture + 1 };
        return context->session()->reader().readAnnotations(item).valueOr({});
    }
    std::string labelName(LabelId id) { return context->label(id) ? context->label(id)->name : "?"; }
    domain::ItemState stateOf(int picture)
    {
        EXPECT_TRUE(saved());
        return context->session()->reader().readItem({ picture + 1 }).valueOr({}).value_or(domain::Item {}).state;
    }
    void undo()
    {
        bool done = false;
        context->session()->undo([&](const auto& result) { done = result.hasValue(); });
        EXPECT_TRUE(test::waitFor([&] { return done; }));
        QTest::qWait(20);
    }
    std::vector<AnnotationId> selection() { return c().scene().selection(); }

    QTemporaryDir temporary;
    std::unique_ptr<StudioContext> context;
    std::unique_ptr<LabelPage> page;
};

TEST_F(LabelPageTest, DrawsWithTheArmedClassByDragAndByTwoClicks)
{
    start({ "RBC", "WBC" });
    EXPECT_EQ(labelName(page->armedLabel()), "RBC");
    drag({ 20, 30 }, { 120, 130 });
    key(Qt::Key_2); // arms, though the new box is shown as selected
    click({ 200, 200 });
    click({ 260, 280 });
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(labelName(boxes[0].label), "RBC");
    EXPECT_NEAR(boxes[0].box.x, 20, 1);
    EXPECT_NEAR(boxes[0].box.w, 100, 1.5);
    EXPECT_EQ(boxes[0].origin, domain::Origin::Drawn);
    EXPECT_EQ(labelName(boxes[1].label), "WBC");
    EXPECT_NEAR(boxes[1].box.h, 80, 1.5);
    EXPECT_TRUE(c().scene().find(boxes[1].id)) << "the canvas knows the stored id";
    EXPECT_EQ(c().scene().size(), 2u);
}

TEST_F(LabelPageTest, WithoutClassesTheFirstBoxAsksForANameAndDrawingGoesOn)
{
    start({});
    drag({ 20, 30 }, { 120, 130 });
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    ASSERT_TRUE(edit && edit->isVisible());
    QTest::keyClicks(edit, QStringLiteral("Bolt"));
    QTest::keyClick(edit, Qt::Key_Return);
    ASSERT_TRUE(test::waitFor([&] { return stored().size() == 1; }));
    EXPECT_FALSE(edit->isVisible());
    ASSERT_TRUE(test::waitFor([&] { return labelName(page->armedLabel()) == "Bolt"; }));
    drag({ 220, 30 }, { 320, 130 });
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(labelName(boxes[1].label), "Bolt");
}

TEST_F(LabelPageTest, TheFirstBoxAndItsClassAreOneUndoStep)
{
    start({});
    drag({ 20, 30 }, { 120, 130 });
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    QTest::keyClicks(edit, QStringLiteral("Bolt"));
    QTest::keyClick(edit, Qt::Key_Return);
    key(Qt::Key_Right); // before the store has answered
    ASSERT_TRUE(test::waitFor([&] { return stored().size() == 1 && labelName(page->armedLabel()) == "Bolt"; }));
    EXPECT_EQ(c().scene().find(stored()[0].id)->name, QStringLiteral("Bolt"));
    EXPECT_NEAR(stored()[0].box.x, 21, 1);
    undo(); // the nudge
    undo();
    EXPECT_TRUE(stored().empty());
    EXPECT_TRUE(context->labels().empty()) << "the class has gone with its box";
    EXPECT_TRUE(context->undoTitle() == QStringLiteral("Imported pictures")) << context->undoTitle().toStdString();
}

TEST_F(LabelPageTest, ABoxThatWaitsForItsClassDoesNotGetTheOneBeforeIt)
{
    start({});
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    drag({ 20, 30 }, { 120, 130 });
    QTest::keyClicks(edit, QStringLiteral("Bolt"));
    QTest::keyClick(edit, Qt::Key_Return);
    drag({ 220, 30 }, { 320, 130 }); // before the store has answered
    ASSERT_TRUE(edit->isVisible());
    ASSERT_TRUE(test::waitFor([&] { return labelName(page->armedLabel()) == "Bolt"; }));
    EXPECT_EQ(stored().size(), 1u);
    EXPECT_TRUE(edit->isVisible());
    QTest::keyClicks(edit, QStringLiteral("Nut"));
    QTest::keyClick(edit, Qt::Key_Return);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(labelName(boxes[0].label), "Bolt");
    EXPECT_EQ(labelName(boxes[1].label), "Nut");
}

TEST_F(LabelPageTest, AClassThatIsMadeTwiceBeforeItIsStoredIsOneClass)
{
    start({});
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    for (double x : { 20, 220 }) {
        drag({ x, 30 }, { x + 100, 130 });
        QTest::keyClicks(edit, QStringLiteral("Bolt"));
        QTest::keyClick(edit, Qt::Key_Return);
    }
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(labelName(boxes[0].label), "Bolt");
    EXPECT_EQ(boxes[1].label, boxes[0].label);
    EXPECT_EQ(context->labels().size(), 1u);
    EXPECT_EQ(labelName(page->armedLabel()), "Bolt");
}

TEST_F(LabelPageTest, AClassThatWasStoredWhileItsNameWasTypedAgainIsTaken)
{
    start({});
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    drag({ 20, 30 }, { 120, 130 });
    QTest::keyClicks(edit, QStringLiteral("Bolt"));
    QTest::keyClick(edit, Qt::Key_Return);
    drag({ 220, 30 }, { 320, 130 });
    QTest::keyClicks(edit, QStringLiteral("Bolt"));
    ASSERT_TRUE(test::waitFor([&] { return context->labels().size() == 1; }));
    QTest::keyClick(edit, Qt::Key_Return); // its list still offers to make it
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(boxes[1].label, boxes[0].label);
}

TEST_F(LabelPageTest, ARefusedEditTakesOnlyThoseAlongThatBuiltOnIt)
{
    start({ "RBC" });
    LabelDocument& document = page->document();
    QStringList refused;
    QObject::connect(&document, &LabelDocument::editRefused, [&](const QString& message) { refused << message; });
    const auto boxAt = [&](double x) {
        domain::Annotation a;
        a.label = page->armedLabel();
        a.box = { x, 50, 40, 40 };
        return a;
    };
    const auto moved = [&](AnnotationId id) {
        domain::Annotation a = *document.find(id);
        a.box.y = 100;
        return a;
    };
    domain::Label nameless;
    nameless.name = " ";
    const AnnotationId first = document.add({ boxAt(10) }, QStringLiteral("Drew")).front();
    document.update({ moved(first) }, QStringLiteral("Moved"));
    const AnnotationId second = document.add({ boxAt(100) }, QStringLiteral("Drew"), nameless).front();
    domain::Annotation wider = *document.find(first);
    wider.box.w = 60;
    document.update({ moved(second), wider }, QStringLiteral("Changed"));
    domain::Annotation child = boxAt(200);
    child.label = document.find(second)->label;
    const AnnotationId third = document.add({ child }, QStringLiteral("Drew")).front();
    document.update({ moved(third) }, QStringLiteral("Moved"));
    document.add({ boxAt(300) }, QStringLiteral("Drew"));
    EXPECT_EQ(context->saveState().pending, 6) << "what waits for an answer is not saved either";
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(boxes[0].box, (domain::Box { 10, 100, 60, 40 }));
    EXPECT_EQ(boxes[1].box.x, 300);
    EXPECT_EQ(refused.size(), 1) << refused.join(QLatin1Char('|')).toStdString();
    EXPECT_EQ(c().scene().size(), 2u) << "the view is what the store says";
    EXPECT_TRUE(test::waitFor([&] { return context->saveState().pending == 0; }));
}

TEST_F(LabelPageTest, ANewClassForTheSelectionIsOneUndoStep)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    drag({ 200, 50 }, { 250, 100 });
    key(Qt::Key_A, Qt::ControlModifier);
    key(Qt::Key_Slash);
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    QTest::keyClicks(edit, QStringLiteral("Artifact"));
    QTest::keyClick(edit, Qt::Key_Return);
    ASSERT_TRUE(test::waitFor([&] { return labelName(stored()[1].label) == "Artifact"; }));
    EXPECT_EQ(labelName(stored()[0].label), "Artifact");
    undo();
    EXPECT_EQ(labelName(stored()[0].label), "RBC");
    EXPECT_EQ(context->labels().size(), 1u);
}

TEST_F(LabelPageTest, SlashFindsAClassByLettersOrMakesOne)
{
    start({ "Red cell", "White cell", "Platelet" });
    key(Qt::Key_Slash);
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    ASSERT_TRUE(edit->isVisible());
    QTest::keyClicks(edit, QStringLiteral("wc"));
    QTest::keyClick(edit, Qt::Key_Return);
    EXPECT_EQ(labelName(page->armedLabel()), "White cell");
    key(Qt::Key_Slash);
    QTest::keyClicks(edit, QStringLiteral("Artifact"));
    QTest::keyClick(edit, Qt::Key_Return);
    EXPECT_TRUE(test::waitFor([&] { return labelName(page->armedLabel()) == "Artifact"; }));
}

TEST_F(LabelPageTest, SelectsMovesChangesAndDeletesAsOneUndoStepEach)
{
    start({ "RBC", "WBC" });
    drag({ 50, 50 }, { 100, 100 });
    drag({ 200, 50 }, { 250, 100 });
    key(Qt::Key_V);
    key(Qt::Key_Escape);
    click({ 75, 75 });
    click({ 225, 75 }, Qt::ShiftModifier);
    ASSERT_EQ(selection().size(), 2u);
    const std::vector<domain::Annotation> before = stored();

    drag({ 75, 75 }, { 105, 95 });
    auto moved = stored();
    EXPECT_NEAR(moved[0].box.x - before[0].box.x, 30, 1);
    EXPECT_NEAR(moved[1].box.x - before[1].box.x, 30, 1);
    undo();
    EXPECT_EQ(stored()[0].box, before[0].box);
    EXPECT_EQ(stored()[1].box, before[1].box);
    EXPECT_EQ(c().scene().find(before[0].id)->box, before[0].box) << "the view follows the undo";

    key(Qt::Key_2);
    EXPECT_EQ(labelName(stored()[1].label), "WBC");
    key(Qt::Key_T);
    EXPECT_TRUE(stored()[0].flags.truncated && stored()[1].flags.truncated);
    key(Qt::Key_Right, Qt::ShiftModifier);
    EXPECT_EQ(stored()[0].box.x, before[0].box.x + 10);
    key(Qt::Key_Delete);
    EXPECT_TRUE(stored().empty());
    EXPECT_EQ(c().scene().size(), 0u);
    undo();
    EXPECT_EQ(stored().size(), 2u) << "one step brings both back";
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

TEST_F(LabelPageTest, UndoWorksAfterReopening)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    drag({ 200, 50 }, { 250, 100 });
    ASSERT_EQ(stored().size(), 2u);
    reopen();
    EXPECT_EQ(c().scene().size(), 2u);
    undo();
    EXPECT_EQ(stored().size(), 1u);
    EXPECT_EQ(c().scene().size(), 1u);
}

TEST_F(LabelPageTest, SpaceFinishesAndGoesOnButNotWhenItPanned)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    QTest::keyPress(&c(), Qt::Key_Space);
    drag({ 300, 300 }, { 330, 310 });
    QTest::keyRelease(&c(), Qt::Key_Space);
    EXPECT_EQ(page->currentIndex(), 0);
    EXPECT_EQ(stateOf(0), domain::ItemState::ToDo);
    EXPECT_EQ(stored().size(), 1u);
    key(Qt::Key_Space);
    EXPECT_EQ(page->currentIndex(), 1);
    EXPECT_EQ(stateOf(0), domain::ItemState::Done);
    key(Qt::Key_D);
    EXPECT_EQ(page->currentIndex(), 2);
    key(Qt::Key_A);
    key(Qt::Key_A);
    EXPECT_EQ(page->currentIndex(), 0);
    key(Qt::Key_D, Qt::ShiftModifier);
    EXPECT_EQ(page->currentIndex(), 1) << "the next unfinished";
    key(Qt::Key_D);
    key(Qt::Key_A, Qt::ShiftModifier);
    EXPECT_TRUE(test::waitFor([&] { return page->currentIndex() == 1; })) << "the unfinished one before";
    key(Qt::Key_A, Qt::ShiftModifier);
    QTest::qWait(50);
    EXPECT_EQ(page->currentIndex(), 1) << "picture 0 is done";
    key(Qt::Key_PageDown);
    EXPECT_EQ(page->currentIndex(), 2);
    key(Qt::Key_PageUp);
    EXPECT_EQ(page->currentIndex(), 0);
}

TEST_F(LabelPageTest, ProposalsAreWalkedAcceptedCorrectedAndDropped)
{
    start({ "RBC", "WBC" });
    const LabelId rbc = context->labels()[0].id, wbc = context->labels()[1].id;
    page->setPredictionsForTest({ { 0, rbc, { 10, 10, 40, 40 }, 0.71 }, { 1, wbc, { 100, 100, 60, 60 }, 0.94 },
        { 2, rbc, { 300, 300, 50, 50 }, 0.60 }, { 3, rbc, { 500, 300, 50, 50 }, 0.30 } });
    ASSERT_EQ(page->proposals().size(), 3u) << "one is below the slider";
    EXPECT_EQ(c().scene().highlightedProposal(), 1) << "best first";
    key(Qt::Key_Return);
    auto boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_EQ(boxes[0].label, wbc);
    EXPECT_EQ(boxes[0].origin, domain::Origin::ProposalAccepted);
    EXPECT_DOUBLE_EQ(boxes[0].score, 0.94);
    EXPECT_EQ(c().scene().highlightedProposal(), 0);
    key(Qt::Key_Escape);
    EXPECT_EQ(page->proposals().size(), 1u);
    EXPECT_EQ(stored().size(), 1u);
    key(Qt::Key_Return, Qt::ControlModifier);
    EXPECT_EQ(stored().size(), 2u);
    EXPECT_TRUE(page->proposals().empty());
    key(Qt::Key_Tab);
    ASSERT_EQ(selection().size(), 1u);
    key(Qt::Key_Right);
    boxes = stored();
    EXPECT_EQ(std::count_if(boxes.begin(), boxes.end(), [](const auto& a) { return a.origin == domain::Origin::ProposalCorrected; }), 1);
}

TEST_F(LabelPageTest, AnEditElsewhereHighlightsNoProposal)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 300, 300, 50, 50 }, 0.9 } });
    key(Qt::Key_Tab); // the proposal
    key(Qt::Key_Tab); // the object
    ASSERT_EQ(selection().size(), 1u);
    key(Qt::Key_Right);
    EXPECT_FALSE(c().scene().highlightedProposal()) << "Enter would take it, Backspace drop it instead of the object";
    key(Qt::Key_Backspace);
    EXPECT_TRUE(stored().empty());
    EXPECT_EQ(page->proposals().size(), 1u);
}

TEST_F(LabelPageTest, EscPrecedenceDrawingThenProposalThenSelectionThenTool)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 300, 300, 50, 50 }, 0.9 } });
    click({ 200, 200 });
    ASSERT_TRUE(c().isDrawing());
    key(Qt::Key_Escape);
    EXPECT_FALSE(c().isDrawing());
    EXPECT_EQ(page->proposals().size(), 1u);
    key(Qt::Key_Escape);
    EXPECT_TRUE(page->proposals().empty());
    EXPECT_EQ(selection().size(), 1u);
    key(Qt::Key_Escape);
    EXPECT_TRUE(selection().empty());
    EXPECT_EQ(c().tool(), Tool::Box);
    key(Qt::Key_Escape);
    EXPECT_EQ(c().tool(), Tool::Select);
    EXPECT_EQ(stored().size(), 1u);
}

TEST_F(LabelPageTest, FieldsEditTheBoxAndEnterGivesTheKeysBack)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    ASSERT_EQ(stored().size(), 1u);
    QTest::qWait(10);
    auto* field = page->findChild<QLineEdit*>(QStringLiteral("fieldW"));
    field->setFocus();
    field->selectAll();
    QTest::keyClicks(field, QStringLiteral("77"));
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_DOUBLE_EQ(stored()[0].box.w, 77);
    EXPECT_DOUBLE_EQ(c().scene().find(stored()[0].id)->box.w, 77);
    field->selectAll();
    QTest::keyClicks(field, QStringLiteral("9000"));
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_DOUBLE_EQ(stored()[0].box.w, 77) << "outside the picture";
}

TEST_F(LabelPageTest, QuickEditsOnABoxThatIsStillBeingWrittenAllArrive)
{
    start({ "RBC", "WBC" });
    drag({ 50, 50 }, { 100, 100 });
    for (int i = 0; i < 20; ++i)
        key(Qt::Key_Right); // no answer of the store can come in between
    key(Qt::Key_Q);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_NEAR(boxes[0].box.x, 70, 1);
    EXPECT_TRUE(boxes[0].flags.occluded);
}

TEST_F(LabelPageTest, ClosingWithEditsUnderWayLosesNone)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    key(Qt::Key_Right);
    key(Qt::Key_U);
    reopen();
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_NEAR(boxes[0].box.x, 51, 1);
    EXPECT_TRUE(boxes[0].flags.difficult);
}

TEST_F(LabelPageTest, TheNewestModelProposesAndItsCrashCostsOnePicture)
{
    runs::testing_support::FakePrograms programs("--edge");
    test::makeProject(folder(), 3, { "a" });
    std::filesystem::rename(folder() / "picture1.png", folder() / "crash.png");
    {
        auto store = dataset::ProjectStore::open(folder() / "p.percept", "test");
        addModel(**store);
        auto batch = (*store)->beginImport("More");
        for (const char* name : { "crash.png", "hang.png" }) {
            if (std::string(name) == "hang.png")
                std::filesystem::copy_file(folder() / "crash.png", folder() / name);
            dataset::ImportItem item;
            item.file = folder() / name;
            item.name = name;
            item.sizeBytes = std::int64_t(std::filesystem::file_size(item.file));
            item.width = 640;
            item.height = 480;
            ASSERT_TRUE((*store)->addToImport(*batch, std::vector { item }).hasValue());
        }
        ASSERT_TRUE((*store)->finishImport(*batch).hasValue());
    }
    open();
    ASSERT_TRUE(test::waitFor([&] { return page->proposals().size() == 1; }));
    EXPECT_EQ(page->proposals()[0].box, (domain::Box { 1, 2, 3, 4 }));
    page->showItem({ 4 }, {}); // crash.png
    EXPECT_TRUE(page->proposals().empty());
    ASSERT_TRUE(test::waitFor([&] {
        const auto labels = page->findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [](QLabel* l) { return l->isVisible() && l->text().contains(QStringLiteral("SIGSEGV")); });
    }));
    page->showItem({ 3 }, {});
    EXPECT_TRUE(test::waitFor([&] { return page->proposals().size() == 1; })) << "the next picture has proposals again";
    page->showItem({ 5 }, {}); // hang.png: leaving must not wait for it
    QTest::qWait(100);
    QElapsedTimer clock;
    clock.start();
    page.reset();
    EXPECT_LT(clock.elapsed(), 3000);
}

TEST_F(LabelPageTest, TestItemsShowNoProposalsUntilFinished)
{
    runs::testing_support::FakePrograms programs("--edge");
    test::makeProject(folder(), 3, { "a" });
    {
        auto store = dataset::ProjectStore::open(folder() / "p.percept", "test");
        addModel(**store);
    }
    open();
    ASSERT_TRUE(test::waitFor([&] { return page->proposals().size() == 1; })) << "the model proposes while it is in no set";
    const auto apply = [&](dataset::Edit edit) {
        bool done = false;
        context->apply({ edit }, QStringLiteral("Edit"), [&](const auto&) { done = true; });
        return test::waitFor([&] { return done; });
    };
    ASSERT_TRUE(apply(dataset::SetItemSet { { 1 }, domain::SplitSet::Test }));
    ASSERT_TRUE(test::waitFor([&] { return page->document().item().set == domain::SplitSet::Test; }));
    page->showItem({ 2 }, {});
    ASSERT_TRUE(test::waitFor([&] { return page->proposals().size() == 1; }));
    page->showItem({ 1 }, {});
    EXPECT_TRUE(page->proposals().empty()) << "though the model's answer is known";
    ASSERT_TRUE(apply(dataset::SetItemState { { 1 }, domain::ItemState::Done }));
    ASSERT_TRUE(test::waitFor([&] { return page->document().item().state == domain::ItemState::Done; }));
    page->showItem({ 2 }, {});
    page->showItem({ 1 }, {});
    EXPECT_TRUE(test::waitFor([&] { return page->proposals().size() == 1; })) << "finished by hand: the model may be seen";
}

TEST_F(LabelPageTest, TheObjectListFollowsTheCanvas)
{
    start({ "RBC", "WBC" });
    drag({ 50, 50 }, { 100, 100 });
    key(Qt::Key_2);
    drag({ 200, 50 }, { 250, 100 });
    ASSERT_EQ(stored().size(), 2u);
    QTest::qWait(20);
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("objectList"));
    ASSERT_EQ(list->model()->rowCount(), 2);
    EXPECT_EQ(list->model()->index(0, 0).data().toString(), QStringLiteral("RBC 1"));
    EXPECT_EQ(list->model()->index(1, 0).data().toString(), QStringLiteral("WBC 1"));
    EXPECT_TRUE(list->selectionModel()->isSelected(list->model()->index(1, 0))) << "the box that was drawn last";
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(60, 10));
    ASSERT_EQ(selection().size(), 1u);
    EXPECT_EQ(selection()[0], stored()[0].id);
    key(Qt::Key_2);
    QTest::qWait(20);
    ASSERT_EQ(list->model()->rowCount(), 2);
    EXPECT_EQ(list->model()->index(0, 0).data().toString(), QStringLiteral("WBC 1"));
    EXPECT_TRUE(list->selectionModel()->isSelected(list->model()->index(0, 0))) << "it moved to another class and is still the selected one";
    EXPECT_FALSE(list->selectionModel()->isSelected(list->model()->index(1, 0)));
    key(Qt::Key_Delete);
    QTest::qWait(20);
    EXPECT_EQ(list->model()->rowCount(), 1);
    EXPECT_TRUE(selection().empty()) << "the row that moved up was not selected by anybody";
}

// What a widget paints while the edit is made and everything about it settles.
class PaintWatch : public QObject {
public:
    explicit PaintWatch(QWidget* widget)
        : m_widget(widget)
    {
        widget->installEventFilter(this);
    }
    bool eventFilter(QObject* object, QEvent* event) override
    {
        if (object == m_widget && event->type() == QEvent::Paint)
            region += static_cast<QPaintEvent*>(event)->region();
        return false;
    }
    int height() const { return region.boundingRect().height(); }
    int width() const { return region.boundingRect().width(); }
    QRegion region;

private:
    QWidget* m_widget;
};

TEST_F(LabelPageTest, AnEditPaintsOnlyWhatChanged)
{
    start({ "RBC" }, 8);
    std::vector<domain::Annotation> many(300);
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i].label = page->armedLabel();
        many[i].box = { 10 + 20.0 * double(i % 30), 10 + 20.0 * double(i / 30), 12, 12 };
    }
    page->document().add(many, QStringLiteral("Drew"));
    ASSERT_TRUE(saved());
    QTest::qWait(50);
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("objectList"));
    c().setSelection({ stored()[4].id });
    QTest::qWait(50);
    PaintWatch rows(list->viewport()), film(page->findChild<QWidget*>(QStringLiteral("filmstrip"))), canvas(&c());
    PaintWatch classes(page->findChild<QAbstractItemView*>(QStringLiteral("classList"))->viewport());
    key(Qt::Key_Right);
    ASSERT_TRUE(saved());
    QTest::qWait(50);
    EXPECT_EQ(rows.height(), style::height::kRow);
    EXPECT_GT(film.width(), 0);
    EXPECT_LT(film.width(), 100) << "one little picture";
    EXPECT_GT(canvas.width(), 0);
    EXPECT_LT(canvas.width(), 150);
    EXPECT_LT(canvas.height(), 150);
    EXPECT_TRUE(classes.region.isEmpty()) << "no class got more objects or fewer";
}

TEST_F(LabelPageTest, TheFilmstripFollowsAnUndoThatCrossesAnEdit)
{
    test::makeProject(folder(), 3, { "RBC" });
    keepThumbnail("picture0.png", 1);
    open();
    drag({ 50, 50 }, { 250, 250 });
    drag({ 300, 50 }, { 500, 250 });
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    const domain::Item item = page->document().item();
    const auto file = context->session()->reader().mediaPath(item);
    ASSERT_TRUE(test::waitFor([&] { return !context->thumbnails().thumbnail(item, file).isNull(); })) << "without it there is nothing to draw on";
    c().setSelection({ boxes[0].id });
    context->undo();
    key(Qt::Key_Right); // its answer comes after the undo
    ASSERT_EQ(stored().size(), 1u);
    QTest::qWait(50);
    auto* film = static_cast<Filmstrip*>(page->findChild<QWidget*>(QStringLiteral("filmstrip")));
    const QImage shown = film->grab().toImage();
    film->forgetAll();
    EXPECT_EQ(shown, film->grab().toImage());
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
