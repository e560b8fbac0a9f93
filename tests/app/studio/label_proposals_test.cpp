// What a model proposes on the Label page.
#include "tests/app/studio/label_fixture.h"
#include "tests/core/runs/fake_programs.h"

#include <QLabel>
#include <QPushButton>

namespace percept::studio {
namespace {

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
    key(Qt::Key_Delete);
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

TEST_F(LabelPageTest, AProposalThatIsDraggedIsAcceptedAsItIsLeftInOneStep)
{
    start({ "RBC", "WBC" });
    const LabelId wbc = context->labels()[1].id;
    page->setPredictionsForTest({ { 0, wbc, { 100, 100, 60, 60 }, 0.94 } });
    drag({ 130, 130 }, { 180, 130 }, Qt::ControlModifier); // with the box tool
    auto boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_NEAR(boxes[0].box.x, 150, 1);
    EXPECT_EQ(boxes[0].box.w, 60);
    EXPECT_EQ(boxes[0].label, wbc);
    EXPECT_EQ(boxes[0].origin, domain::Origin::ProposalCorrected);
    EXPECT_DOUBLE_EQ(boxes[0].score, 0.94);
    EXPECT_EQ(selection(), std::vector { boxes[0].id });
    EXPECT_TRUE(page->proposals().empty()) << "it is that object, though they overlap by little now";
    undo();
    EXPECT_TRUE(stored().empty());
    ASSERT_EQ(page->proposals().size(), 1u) << "one step back is where it was";
    EXPECT_EQ(page->proposals()[0].box, (domain::Box { 100, 100, 60, 60 }));
    key(Qt::Key_V);
    drag({ 160, 160 }, { 170, 180 });
    boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_EQ(boxes[0].box, (domain::Box { 100, 100, 70, 80 })) << "its corner";
}

TEST_F(LabelPageTest, ArrowsMoveAProposalThatSomebodyWentTo)
{
    start({ "RBC" });
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 100, 100, 60, 60 }, 0.94 } });
    key(Qt::Key_Right);
    EXPECT_TRUE(stored().empty()) << "it highlighted itself";
    key(Qt::Key_Tab);
    key(Qt::Key_Right);
    key(Qt::Key_Down, Qt::ControlModifier);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_EQ(boxes[0].box, (domain::Box { 101, 100, 60, 61 }));
}

TEST_F(LabelPageTest, WhatIsThereToCompareIsNotDragged)
{
    test::makeProject(folder(), 1, { "a" });
    {
        auto store = dataset::ProjectStore::open(folder() / "p.percept", "test");
        const std::vector<dataset::Edit> edits { dataset::SetItemSet { { 1 }, domain::SplitSet::Test }, dataset::SetItemState { { 1 }, domain::ItemState::Done } };
        ASSERT_TRUE((*store)->apply(edits, "Finished").hasValue());
    }
    open();
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 100, 100, 60, 60 }, 0.94 } });
    key(Qt::Key_P);
    ASSERT_EQ(page->proposals().size(), 1u);
    key(Qt::Key_V);
    drag({ 130, 130 }, { 180, 130 });
    key(Qt::Key_Tab);
    key(Qt::Key_Right);
    EXPECT_TRUE(stored().empty());
}

TEST_F(LabelPageTest, UndoBringsADroppedProposalBackFirst)
{
    start({ "RBC" });
    drag({ 300, 50 }, { 400, 100 });
    ASSERT_EQ(stored().size(), 1u);
    QStringList toasts;
    std::function<void()> back;
    QObject::connect(context.get(), &StudioContext::toastRequested, page.get(), [&](const QString& text, const QString&, std::function<void()> run, const QString&) {
        toasts << text;
        back = std::move(run);
    });
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 10, 10, 40, 40 }, 0.97 }, { 1, page->armedLabel(), { 100, 100, 60, 60 }, 0.94 } });
    key(Qt::Key_Tab); // nothing is selected any more
    c().setHighlightedProposal(0);
    key(Qt::Key_Delete);
    EXPECT_EQ(toasts, QStringList { QStringLiteral("Dropped the proposal RBC 0.97") });
    c().setHighlightedProposal(1);
    key(Qt::Key_Delete);
    ASSERT_TRUE(page->proposals().empty());
    key(Qt::Key_Z, Qt::ControlModifier);
    ASSERT_EQ(page->proposals().size(), 1u);
    EXPECT_EQ(page->proposals()[0].key, 1) << "the last first";
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(page->proposals().size(), 2u);
    EXPECT_EQ(stored().size(), 1u);
    c().setHighlightedProposal(1);
    key(Qt::Key_Delete);
    back();
    EXPECT_EQ(page->proposals().size(), 2u) << "the toast does the same";
    c().setHighlightedProposal(1);
    key(Qt::Key_Delete);
    key(Qt::Key_Return); // an edit: undo means that now
    ASSERT_EQ(stored().size(), 2u);
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(page->proposals().empty());
}

TEST_F(LabelPageTest, NothingIsProposedOnAPictureThatCannotBeLoadedUntilItIsFoundAgain)
{
    test::makeProject(folder(), 2, { "RBC" });
    std::filesystem::rename(folder() / "picture0.png", folder() / "away.png");
    open();
    const auto proposed = [&](std::size_t n) {
        return test::waitFor([&] {
            page->setPredictionsForTest({ { 0, page->armedLabel(), { 10, 10, 40, 40 }, 0.97 } });
            return page->proposals().size() == n;
        });
    };
    ASSERT_TRUE(proposed(0));
    key(Qt::Key_Return, Qt::ControlModifier);
    EXPECT_TRUE(stored().empty());
    std::filesystem::rename(folder() / "away.png", folder() / "picture0.png");
    services::ProjectSession::Notice moved;
    moved.everything = true;
    Q_EMIT context->committed(moved);
    ASSERT_TRUE(proposed(1)) << "said that the files are elsewhere";
    std::filesystem::rename(folder() / "picture1.png", folder() / "away.png");
    reopen();
    page->showItem({ 2 }, {});
    ASSERT_TRUE(proposed(0));
    std::filesystem::rename(folder() / "away.png", folder() / "picture1.png");
    page->deactivated();
    page->activated();
    EXPECT_TRUE(proposed(1)) << "shown again";
}

TEST_F(LabelPageTest, ProposalsCanBeSwitchedOff)
{
    start({ "RBC" });
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 10, 10, 40, 40 }, 1.0 }, { 1, page->armedLabel(), { 100, 100, 60, 60 }, 0.94 } });
    key(Qt::Key_Delete);
    ASSERT_EQ(page->proposals().size(), 1u);
    key(Qt::Key_P);
    EXPECT_TRUE(page->proposals().empty());
    key(Qt::Key_Return);
    key(Qt::Key_Return, Qt::ControlModifier);
    EXPECT_TRUE(stored().empty()) << "what is not seen is not accepted";
    QTest::mouseClick(page->findChild<QAbstractButton*>(QStringLiteral("wand")), Qt::LeftButton);
    EXPECT_EQ(page->proposals().size(), 2u) << "the dropped one is back";
    auto* slider = page->findChild<QAbstractSlider*>(QStringLiteral("scoreSlider"));
    slider->setValue(slider->maximum());
    EXPECT_EQ(page->proposals().size(), 1u) << "the slider reaches all but what is certain";
}

TEST_F(LabelPageTest, OneThingIsProposedOnceWhateverItIsCalled)
{
    start({ "RBC", "WBC" });
    const LabelId rbc = context->labels()[0].id, wbc = context->labels()[1].id;
    page->setPredictionsForTest({ { 0, rbc, { 10, 10, 40, 40 }, 0.7 }, { 1, wbc, { 12, 11, 40, 40 }, 0.9 }, { 2, rbc, { 14, 14, 38, 40 }, 0.6 }, { 3, rbc, { 200, 10, 40, 40 }, 0.8 } });
    key(Qt::Key_Return, Qt::ControlModifier);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(boxes[0].label, wbc);
    EXPECT_EQ(boxes[1].label, rbc);
}

TEST_F(LabelPageTest, ADigitTakesAProposalThatSomebodyWentToAsThatClass)
{
    start({ "RBC", "WBC" });
    const LabelId rbc = context->labels()[0].id, wbc = context->labels()[1].id;
    page->setPredictionsForTest({ { 0, rbc, { 10, 10, 40, 40 }, 0.9 }, { 1, rbc, { 200, 10, 40, 40 }, 0.8 } });
    key(Qt::Key_2);
    EXPECT_EQ(page->armedLabel(), wbc) << "highlighted by itself: the digit is for the next box";
    EXPECT_TRUE(stored().empty());
    key(Qt::Key_Tab);
    key(Qt::Key_2);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_EQ(boxes[0].label, wbc);
    EXPECT_EQ(boxes[0].origin, domain::Origin::ProposalCorrected);
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

// The proposal that highlighted itself is not what somebody means who has just drawn or clicked an object.
TEST_F(LabelPageTest, DelMeansWhatWasJustDrawnOrClickedAndEnterLeadsBackToTheProposal)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    key(Qt::Key_Escape);
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 300, 300, 50, 50 }, 0.9 } });
    ASSERT_TRUE(c().scene().highlightedProposal());
    drag({ 150, 150 }, { 200, 200 });
    EXPECT_FALSE(c().scene().highlightedProposal());
    key(Qt::Key_Delete);
    EXPECT_EQ(stored().size(), 1u) << "the box that was drawn";
    EXPECT_EQ(page->proposals().size(), 1u);
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 300, 300, 50, 50 }, 0.9 } });
    click({ 75, 75 }, Qt::ControlModifier);
    ASSERT_EQ(selection().size(), 1u);
    EXPECT_FALSE(c().scene().highlightedProposal());
    key(Qt::Key_Return);
    EXPECT_EQ(stored().size(), 1u) << "it is shown before it is accepted";
    EXPECT_EQ(c().scene().highlightedProposal(), 0);
    key(Qt::Key_Return);
    EXPECT_EQ(stored().size(), 2u);
    click({ 75, 75 }, Qt::ControlModifier);
    key(Qt::Key_Delete);
    EXPECT_EQ(stored().size(), 1u);
}

TEST_F(LabelPageTest, SaysThatProposalsWereNotTakenWhenAPictureIsCalledDone)
{
    start({ "RBC" });
    QStringList said;
    QObject::connect(context.get(), &StudioContext::toastRequested, page.get(), [&](const QString& text) { said << text; });
    drag({ 50, 50 }, { 100, 100 });
    page->setPredictionsForTest({ { 0, page->armedLabel(), { 300, 300, 50, 50 }, 0.9 }, { 1, page->armedLabel(), { 200, 300, 50, 50 }, 0.8 } });
    const QString name = QString::fromStdString(page->document().item().name);
    QTest::mouseClick(page->findChild<QPushButton*>(QStringLiteral("done")), Qt::LeftButton);
    ASSERT_EQ(said.size(), 1) << said.join(QLatin1Char('|')).toStdString();
    EXPECT_EQ(said[0], name + QStringLiteral(" is done; 2 proposals were not taken"));
}

TEST_F(LabelPageTest, TheListFollowsTabToTheProposal)
{
    start({ "RBC" });
    std::vector<LabelPage::VisibleProposal> many;
    for (int i = 0; i < 40; ++i)
        many.push_back({ i, page->armedLabel(), { 10.0 + i % 10 * 50, 10.0 + i / 10 * 60, 30, 30 }, 0.99 - i * 0.01 });
    page->setPredictionsForTest(many);
    settle();
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("objectList"));
    for (int i = 0; i < 30; ++i)
        key(Qt::Key_Tab);
    settle();
    const auto at = c().scene().highlightedProposal();
    ASSERT_TRUE(at);
    ASSERT_GT(*at, 25);
    EXPECT_TRUE(list->viewport()->rect().contains(list->visualRect(list->model()->index(*at, 0)).center()));
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
    key(Qt::Key_Tab);
    EXPECT_TRUE(c().scene().highlightedProposal());
    key(Qt::Key_Escape);
    EXPECT_FALSE(c().scene().highlightedProposal()) << "left alone, not dropped";
    EXPECT_EQ(page->proposals().size(), 1u);
    click({ 75, 75 }, Qt::ControlModifier);
    EXPECT_EQ(selection().size(), 1u);
    key(Qt::Key_Escape);
    EXPECT_TRUE(selection().empty());
    EXPECT_EQ(c().tool(), Tool::Box);
    key(Qt::Key_Escape);
    EXPECT_EQ(c().tool(), Tool::Select);
    EXPECT_EQ(stored().size(), 1u);
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
    EXPECT_TRUE(page->proposals().empty()) << "a finished picture is not covered unasked";
    key(Qt::Key_P);
    EXPECT_TRUE(test::waitFor([&] { return page->proposals().size() == 1; })) << "finished by hand: the model may be seen";
    // And that is all: what measures a model must not come from one.
    EXPECT_FALSE(c().scene().highlightedProposal());
    EXPECT_FALSE(page->findChild<QPushButton*>(QStringLiteral("acceptAll"))->isVisible());
    key(Qt::Key_Return, Qt::ControlModifier);
    key(Qt::Key_Tab);
    key(Qt::Key_Return);
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("objectList"));
    QTest::qWait(20);
    const int top = list->visualRect(list->model()->index(0, 0)).center().y();
    for (int x = list->viewport()->width() - 60; x < list->viewport()->width() - 30; x += 4)
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(x, top)); // where the tick of a proposal is
    EXPECT_TRUE(stored().empty());
    EXPECT_EQ(page->proposals().size(), 1u);
}

TEST_F(LabelPageTest, WhatAModelSaidIsShownUntilThePictureIsLeft)
{
    start({ "RBC", "WBC" });
    ItemTarget target { { 2 } };
    target.answer = ItemTarget::Answer { context->labels()[1].id, { 300, 200, 50, 40 }, 0.87 };
    page->showItem(target);
    ASSERT_EQ(c().scene().proposals().size(), 1u);
    EXPECT_EQ(c().scene().proposals()[0].tag, QStringLiteral("the model said WBC 0.87"));
    EXPECT_EQ(c().scene().proposals()[0].box, target.answer->box);
    EXPECT_TRUE(page->proposals().empty());
    key(Qt::Key_V);
    click({ 320, 220 });
    key(Qt::Key_Return);
    key(Qt::Key_Return, Qt::ControlModifier);
    EXPECT_TRUE(stored().empty()) << "it is there to look at";
    key(Qt::Key_D);
    EXPECT_TRUE(c().scene().proposals().empty());
    key(Qt::Key_A);
    EXPECT_TRUE(c().scene().proposals().empty());
}

}
}
