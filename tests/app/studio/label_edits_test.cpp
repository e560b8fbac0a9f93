// What an annotator does to objects, and that none of it is lost.
#include "app/studio/label/class_list.h"
#include "tests/app/studio/label_fixture.h"

namespace percept::studio {
namespace {

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

TEST_F(LabelPageTest, ADigitMeansTheNewBoxOnceItWasClickedOrVWasPressed)
{
    start({ "RBC", "WBC" });
    drag({ 20, 30 }, { 120, 130 });
    click({ 60, 60 }, Qt::ControlModifier);
    key(Qt::Key_2);
    EXPECT_EQ(labelName(stored()[0].label), "WBC");
    key(Qt::Key_1);
    drag({ 200, 30 }, { 300, 130 });
    key(Qt::Key_V);
    key(Qt::Key_2);
    EXPECT_EQ(labelName(stored()[1].label), "WBC");
}

// The strip says what a digit would do at the moment, and that is what it does.
TEST_F(LabelPageTest, TheStripSaysWhatADigitWouldDo)
{
    start({ "RBC", "WBC" });
    const auto said = [&] {
        settle();
        return page->findChild<QWidget*>(QStringLiteral("hintStrip"))->accessibleDescription();
    };
    EXPECT_TRUE(said().contains(QStringLiteral("1–9: class to draw"))) << said().toStdString();
    drag({ 20, 30 }, { 120, 130 });
    EXPECT_TRUE(said().contains(QStringLiteral("V, 1–9: class of this box, 1–9: class of the next box"))) << said().toStdString();
    page->setPredictionsForTest({ { 0, context->labels()[0].id, { 300, 300, 50, 50 }, 0.9 } });
    EXPECT_TRUE(said().contains(QStringLiteral("1–9: class of the next box"))) << "whatever is proposed: " << said().toStdString();
    key(Qt::Key_2);
    EXPECT_EQ(labelName(stored()[0].label), "RBC");
    EXPECT_EQ(labelName(page->armedLabel()), "WBC");
    key(Qt::Key_V);
    EXPECT_TRUE(said().contains(QStringLiteral("1–9: change its class"))) << said().toStdString();
    key(Qt::Key_2);
    EXPECT_EQ(labelName(stored()[0].label), "WBC");
    key(Qt::Key_Tab); // on from the last object to the first proposal
    ASSERT_TRUE(c().scene().highlightedProposal());
    EXPECT_TRUE(said().contains(QStringLiteral("1–9: accept as that class"))) << said().toStdString();
}

TEST_F(LabelPageTest, ADigitGoesBackToDrawing)
{
    start({ "RBC", "WBC" });
    key(Qt::Key_V);
    key(Qt::Key_2);
    EXPECT_EQ(c().tool(), Tool::Box) << "what is armed can be drawn";
    drag({ 20, 30 }, { 120, 130 });
    EXPECT_EQ(labelName(stored().at(0).label), "WBC");
}

TEST_F(LabelPageTest, UndoGivesUpAFirstCornerBeforeItTakesABoxBack)
{
    start({ "RBC" });
    drag({ 20, 30 }, { 120, 130 });
    click({ 200, 200 });
    ASSERT_TRUE(c().isDrawing());
    QKeyEvent asked(QEvent::ShortcutOverride, Qt::Key_Z, Qt::ControlModifier);
    asked.ignore();
    QApplication::sendEvent(&c(), &asked);
    EXPECT_TRUE(asked.isAccepted()) << "else the window's Undo takes it";
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_FALSE(c().isDrawing());
    EXPECT_EQ(stored().size(), 1u);
    asked.ignore();
    QApplication::sendEvent(&c(), &asked);
    EXPECT_FALSE(asked.isAccepted());
}

TEST_F(LabelPageTest, WhatIsAddedIsSeenWhateverWasHidden)
{
    start({ "RBC" });
    key(Qt::Key_H, Qt::ControlModifier);
    ASSERT_TRUE(c().shapesHidden());
    drag({ 20, 30 }, { 120, 130 });
    EXPECT_FALSE(c().shapesHidden());
    auto* classes = page->findChild<ClassList*>();
    classes->setHidden(page->armedLabel(), true);
    EXPECT_TRUE(c().scene().find(stored()[0].id)->hidden);
    drag({ 200, 30 }, { 300, 130 });
    EXPECT_FALSE(classes->isHidden(page->armedLabel()));
    EXPECT_FALSE(c().scene().find(stored()[1].id)->hidden);
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

TEST_F(LabelPageTest, TheFieldsTakeACommaClampIntoThePictureAndSayWhatTheyRefuse)
{
    start({ "RBC" });
    drag({ 50, 50 }, { 100, 100 });
    settle();
    QStringList said;
    QObject::connect(context.get(), &StudioContext::toastRequested, page.get(), [&](const QString& text) { said << text; });
    auto* x = page->findChild<QLineEdit*>(QStringLiteral("fieldX"));
    const auto type = [&](const QString& text) {
        x->setFocus();
        x->selectAll();
        QTest::keyClicks(x, text);
        QTest::keyClick(x, Qt::Key_Return);
    };
    type(QStringLiteral("12,5"));
    EXPECT_DOUBLE_EQ(stored()[0].box.x, 12.5);
    type(QStringLiteral("9999"));
    EXPECT_DOUBLE_EQ(stored()[0].box.right(), c().scene().pictureSize().width());
    EXPECT_TRUE(said.isEmpty()) << said.join(QLatin1Char('|')).toStdString();
    type(QStringLiteral("abc"));
    ASSERT_EQ(said.size(), 1);
    EXPECT_TRUE(said[0].contains(QStringLiteral("is not a number"))) << said[0].toStdString();
    EXPECT_EQ(x->text(), QStringLiteral("abc")) << "it stays to be mended";
}

TEST_F(LabelPageTest, SaysWhyAPictureIsNotDoneWhileABoxIsHalfDrawn)
{
    start({ "RBC" });
    QStringList said;
    QObject::connect(context.get(), &StudioContext::toastRequested, page.get(), [&](const QString& text) { said << text; });
    click({ 50, 50 });
    ASSERT_TRUE(c().isDrawing());
    key(Qt::Key_Space);
    EXPECT_EQ(said, QStringList { QStringLiteral("Finish the box or press Esc first") });
    EXPECT_EQ(stateOf(0), domain::ItemState::ToDo);
    key(Qt::Key_Escape);
    key(Qt::Key_Space);
    EXPECT_EQ(stateOf(0), domain::ItemState::Done);
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

TEST_F(LabelPageTest, WhatIsLockedIsSafeUntilItIsUnlocked)
{
    start({ "RBC", "WBC" });
    drag({ 50, 50 }, { 100, 100 });
    drag({ 200, 50 }, { 250, 100 });
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    key(Qt::Key_V);
    click({ 75, 75 });
    key(Qt::Key_L, Qt::ShiftModifier);
    EXPECT_TRUE(selection().empty()) << "what comes next is not meant for it";
    EXPECT_TRUE(c().scene().find(boxes[0].id)->locked);
    drag({ 75, 75 }, { 120, 120 });
    key(Qt::Key_A, Qt::ControlModifier);
    EXPECT_EQ(selection(), std::vector { boxes[1].id });
    c().setSelection({ boxes[0].id }); // as the list does
    key(Qt::Key_Right);
    key(Qt::Key_2);
    key(Qt::Key_Q);
    key(Qt::Key_Delete);
    EXPECT_EQ(stored(), boxes);
    key(Qt::Key_D);
    key(Qt::Key_A);
    EXPECT_TRUE(c().scene().find(boxes[0].id)->locked) << "also after a look at another picture";
    c().setSelection({});
    key(Qt::Key_L, Qt::ShiftModifier);
    EXPECT_FALSE(c().scene().find(boxes[0].id)->locked) << "without a selection: all";
    c().setSelection({ boxes[0].id });
    key(Qt::Key_L, Qt::ShiftModifier);
    c().setSelection({ boxes[0].id });
    key(Qt::Key_Delete, Qt::ShiftModifier);
    ASSERT_EQ(stored().size(), 1u) << "who means it";
    EXPECT_EQ(stored()[0].id, boxes[1].id);
}

TEST_F(LabelPageTest, AnObjectIsDrawnAnewAndStaysWhatItIs)
{
    start({ "RBC", "WBC" });
    key(Qt::Key_2);
    drag({ 50, 50 }, { 100, 100 });
    key(Qt::Key_Q);
    const auto before = stored();
    ASSERT_EQ(before.size(), 1u);
    key(Qt::Key_1);
    key(Qt::Key_W, Qt::ShiftModifier);
    drag({ 300, 200 }, { 400, 260 });
    auto boxes = stored();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_EQ(boxes[0].box, (domain::Box { 300, 200, 100, 60 }));
    EXPECT_EQ(boxes[0].id, before[0].id);
    EXPECT_EQ(boxes[0].label, before[0].label);
    EXPECT_TRUE(boxes[0].flags.occluded);
    drag({ 50, 50 }, { 100, 100 });
    ASSERT_EQ(stored().size(), 2u) << "once";
    key(Qt::Key_W, Qt::ShiftModifier);
    key(Qt::Key_Escape);
    drag({ 50, 300 }, { 100, 350 });
    EXPECT_EQ(stored().size(), 3u) << "Esc gives it up";
}

TEST_F(LabelPageTest, ExtremesStayArmedFromBoxToBox)
{
    start({ "RBC", "WBC" });
    key(Qt::Key_X);
    for (const QPointF p : { QPointF(60, 20), QPointF(20, 60), QPointF(100, 70), QPointF(50, 90) })
        click(p);
    key(Qt::Key_2);
    EXPECT_EQ(c().tool(), Tool::Extremes) << "a class does not change the tool";
    key(Qt::Key_V);
    key(Qt::Key_W);
    for (const QPointF p : { QPointF(260, 220), QPointF(220, 260), QPointF(400, 400) })
        click(p);
    key(Qt::Key_Backspace);
    EXPECT_EQ(c().pointsDrawn(), 2u);
    click({ 300, 270 });
    click({ 250, 290 });
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(boxes[0].box, (domain::Box { 20, 20, 80, 70 }));
    EXPECT_EQ(labelName(boxes[1].label), "WBC");
    EXPECT_EQ(boxes[1].box, (domain::Box { 220, 220, 80, 70 }));
}

TEST_F(LabelPageTest, OnlySomeObjectsAreListedAndThoseAreSelected)
{
    start({ "RBC", "WBC" });
    drag({ 50, 50 }, { 100, 100 });
    drag({ 200, 50 }, { 250, 100 });
    key(Qt::Key_Q);
    key(Qt::Key_2);
    drag({ 350, 50 }, { 400, 100 });
    ASSERT_EQ(stored().size(), 3u);
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("objectList"));
    key(Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
    auto* field = page->findChild<QLineEdit*>(QStringLiteral("objectFilterEdit"));
    ASSERT_TRUE(field->isVisible());
    QTest::keyClicks(field, QStringLiteral("occl"));
    settle();
    ASSERT_EQ(list->model()->rowCount(), 1);
    EXPECT_EQ(list->model()->index(0, 0).data().toString(), QStringLiteral("RBC 2")) << "called as in the whole list";
    QTest::keyClick(field, Qt::Key_Return);
    key(Qt::Key_A, Qt::ControlModifier);
    EXPECT_EQ(selection(), std::vector { stored()[1].id });
    key(Qt::Key_Q);
    ASSERT_TRUE(saved());
    settle();
    EXPECT_EQ(list->model()->rowCount(), 0) << "it is occluded no longer";
    key(Qt::Key_Delete);
    EXPECT_EQ(stored().size(), 2u);
    key(Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
    QTest::keyClick(field, Qt::Key_Escape);
    settle();
    EXPECT_EQ(list->model()->rowCount(), 2);
    EXPECT_FALSE(field->isVisible());
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
    EXPECT_DOUBLE_EQ(stored()[0].box.w, 590) << "as far as the picture reaches";
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

}
}
