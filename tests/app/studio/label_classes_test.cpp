// Classes on the Label page: armed, made, found, changed.
#include "tests/app/studio/label_fixture.h"

namespace percept::studio {
namespace {

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

TEST_F(LabelPageTest, ShiftAndADigitReachTheEleventhToTheTwentiethClass)
{
    std::vector<std::string> names;
    for (char c = 'a'; c < 'v'; ++c)
        names.push_back(std::string(1, c));
    start(names);
    pressSign(Qt::Key_Exclam, 10);
    EXPECT_EQ(labelName(page->armedLabel()), "k");
    pressSign(Qt::Key_ParenRight, 19);
    EXPECT_EQ(labelName(page->armedLabel()), "t");
    key(Qt::Key_2, Qt::ShiftModifier); // on a keyboard that has digits there
    EXPECT_EQ(labelName(page->armedLabel()), "l");
    key(Qt::Key_2);
    EXPECT_EQ(labelName(page->armedLabel()), "b");
    drag({ 50, 50 }, { 100, 100 });
    c().setSelection({});
    c().setSelection({ stored()[0].id });
    pressSign(Qt::Key_At, 11);
    EXPECT_EQ(labelName(stored()[0].label), "l") << "with a selection it changes its class";
    pressSign(Qt::Key_Slash, 16); // Shift+7 of a German keyboard
    EXPECT_TRUE(page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"))->isVisible());
}

}
}
