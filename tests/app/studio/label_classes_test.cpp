// Classes on the Label page: armed, made, found, changed, moved, merged.
#include "app/studio/label/class_list.h"
#include "tests/app/studio/label_fixture.h"

#include <QAction>
#include <QListWidget>
#include <QMenu>

namespace percept::studio {
namespace {

class ClassPanelTest : public LabelPageTest {
protected:
    ClassList& list() { return *page->findChild<ClassList*>(); }
    QPoint row(int n) { return list().visualRect(list().model()->index(n, 0)).center() - QPoint(20, 0); }
    std::string order()
    {
        std::string names;
        for (const domain::Label& label : context->labels())
            names += (names.empty() ? "" : " ") + label.name + (label.key ? std::string(1, label.key) : std::string());
        return names;
    }
    LabelId idOf(const char* name)
    {
        for (const domain::Label& label : context->labels())
            if (label.name == name)
                return label.id;
        return {};
    }
    bool orderIs(const char* wanted)
    {
        const bool is = test::waitFor([&] { return order() == wanted; }, 5000);
        EXPECT_TRUE(is) << order() << ", wanted " << wanted;
        return is;
    }
    // What stands in the menu of a class; triggers what begins with `text`, in the submenu `under` if that is given.
    QStringList inMenu(LabelId id, const QString& text = {}, const QString& under = {})
    {
        list().openMenu(id, page->mapToGlobal(QPoint(10, 10)));
        auto* menu = list().findChild<QMenu*>(QStringLiteral("classMenu"));
        QStringList texts;
        QAction* wanted = nullptr;
        const auto look = [&](const QMenu& in, bool counts) {
            for (QAction* action : in.actions()) {
                texts << action->text().section(QLatin1Char('\t'), 0, 0);
                if (counts && !wanted && action->text().startsWith(text) && !text.isEmpty())
                    wanted = action;
            }
        };
        look(*menu, under.isEmpty());
        for (QAction* action : menu->actions())
            if (action->menu())
                look(*action->menu(), !under.isEmpty() && action->text().startsWith(under));
        EXPECT_EQ(wanted != nullptr, !text.isEmpty()) << text.toStdString();
        if (wanted)
            wanted->trigger();
        menu->close();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        return texts;
    }
};

TEST_F(ClassPanelTest, ADragMovesAClassWhichKeepsItsColourAndItsKey)
{
    start({ "red", "green", "blue" });
    ASSERT_EQ(order(), "red1 green2 blue3");
    const QColor blue = context->labelColor(idOf("blue")), red = context->labelColor(idOf("red"));
    QTest::mousePress(list().viewport(), Qt::LeftButton, {}, row(2));
    for (const int y : { 30, 20, -4 }) { // to above the first
        QMouseEvent move(QEvent::MouseMove, QPointF(row(0).x(), y), list().viewport()->mapToGlobal(QPointF(row(0).x(), y)), Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(list().viewport(), &move);
    }
    QTest::mouseRelease(list().viewport(), Qt::LeftButton, {}, QPoint(row(0).x(), -4));
    ASSERT_TRUE(orderIs("blue3 red1 green2"));
    EXPECT_EQ(context->labelColor(idOf("blue")), blue);
    EXPECT_EQ(context->labelColor(idOf("red")), red);
    EXPECT_EQ(labelName(page->armedLabel()), "red") << "a drag arms nothing";
    undo();
    EXPECT_EQ(order(), "red1 green2 blue3") << "one step";

    // Given up, nothing moves; a click still arms.
    QTest::mousePress(list().viewport(), Qt::LeftButton, {}, row(0));
    QMouseEvent move(QEvent::MouseMove, QPointF(row(2)), list().viewport()->mapToGlobal(QPointF(row(2))), Qt::NoButton, Qt::LeftButton, {});
    QApplication::sendEvent(list().viewport(), &move);
    key(Qt::Key_Escape);
    QTest::mouseRelease(list().viewport(), Qt::LeftButton, {}, row(2));
    QTest::mouseClick(list().viewport(), Qt::LeftButton, {}, row(1));
    EXPECT_EQ(labelName(page->armedLabel()), "green");
    EXPECT_TRUE(saved());
    EXPECT_EQ(order(), "red1 green2 blue3");
}

TEST_F(ClassPanelTest, KeysMoveAClassAndGiveItAKey)
{
    start({ "red", "green", "blue" });
    list().setFocus(Qt::TabFocusReason);
    list().setCurrentIndex(list().model()->index(0, 0));
    const auto press = [&](Qt::Key k, Qt::KeyboardModifiers m = {}) { QTest::keyClick(&list(), k, m); };
    press(Qt::Key_Down, Qt::AltModifier);
    ASSERT_TRUE(orderIs("green2 red1 blue3"));
    press(Qt::Key_Down, Qt::AltModifier);
    ASSERT_TRUE(orderIs("green2 blue3 red1")) << "it is the same class that goes on";
    press(Qt::Key_Down, Qt::AltModifier); // at the end
    press(Qt::Key_3, Qt::AltModifier);
    ASSERT_TRUE(orderIs("green2 blue1 red3")) << "they have swapped";
    press(Qt::Key_7, Qt::AltModifier);
    ASSERT_TRUE(orderIs("green2 blue1 red7"));
    undo();
    undo();
    EXPECT_EQ(order(), "green2 blue3 red1") << "a swap is one step";
    inMenu(idOf("green"), QStringLiteral("None"), QStringLiteral("Key"));
    ASSERT_TRUE(orderIs("green blue3 red1"));
    EXPECT_TRUE(inMenu(idOf("green")).contains(QStringLiteral("3, now of blue: they swap"))) << "said before";
    inMenu(idOf("green"), QStringLiteral("3"), QStringLiteral("Key"));
    ASSERT_TRUE(orderIs("green3 blue red1"));
    key(Qt::Key_3);
    EXPECT_EQ(labelName(page->armedLabel()), "green");
}

TEST_F(ClassPanelTest, AClickOnAClassGivesItsKeysToTheListAndLeavesThePageTheOthers)
{
    start({ "red", "green", "blue" });
    drag({ 20, 30 }, { 120, 130 });
    ASSERT_EQ(stored().size(), 1u);
    const domain::Box before = stored()[0].box;
    QTest::mouseClick(list().viewport(), Qt::LeftButton, {}, row(1));
    EXPECT_EQ(labelName(page->armedLabel()), "green");
    ASSERT_EQ(page->focusWidget(), &list());
    QTest::keyClick(page->focusWidget(), Qt::Key_Up, Qt::AltModifier);
    ASSERT_TRUE(orderIs("green2 red1 blue3"));
    QTest::keyClick(page->focusWidget(), Qt::Key_7, Qt::AltModifier);
    ASSERT_TRUE(orderIs("green7 red1 blue3"));
    EXPECT_EQ(stored()[0].box, before) << "the canvas has none of it";
    QTest::keyClick(page->focusWidget(), Qt::Key_V);
    EXPECT_EQ(c().tool(), Tool::Select);
    c().setSelection({});
    QTest::keyClick(page->focusWidget(), Qt::Key_B); // no key of the page, and no search
    QTest::keyClick(page->focusWidget(), Qt::Key_3);
    EXPECT_EQ(labelName(page->armedLabel()), "blue");
    EXPECT_EQ(c().tool(), Tool::Box) << "drawing goes on at once";
    EXPECT_EQ(list().currentIndex().row(), 2);
    QTest::keyClick(page->focusWidget(), Qt::Key_Delete);
    ASSERT_TRUE(orderIs("green7 red1"));
    EXPECT_EQ(stored().size(), 1u);
}

TEST_F(ClassPanelTest, ARenameToTheNameOfAnotherClassOffersToMerge)
{
    start({ "red", "rouge" });
    QStringList said, errors;
    std::function<void()> run;
    QObject::connect(context.get(), &StudioContext::toastRequested, page.get(), [&](const QString& text, const QString& action, const std::function<void()>& does, const QString&) {
        said << text << action;
        run = does;
    });
    QObject::connect(context.get(), &StudioContext::errorReported, page.get(), [&](const QString&, const QString& message) { errors << message; });
    list().model()->setData(list().model()->index(1, 0), QStringLiteral("Red"), Qt::EditRole); // in other capitals it is that one too
    ASSERT_EQ(said, QStringList({ QStringLiteral("There is already a class red."), QStringLiteral("Merge into red") }));
    EXPECT_EQ(order(), "red1 rouge2") << "it is only asked";
    const std::function<void()> merge = run; // another toast says what it did
    merge();
    ASSERT_TRUE(orderIs("red1"));
    EXPECT_TRUE(errors.isEmpty()) << errors.join(QLatin1Char('|')).toStdString();
}

TEST_F(ClassPanelTest, AMergeSaysWhatItChangesAndIsOneStep)
{
    start({ "red", "rouge", "blue" });
    key(Qt::Key_2);
    drag({ 20, 30 }, { 120, 130 });
    drag({ 220, 30 }, { 320, 130 });
    key(Qt::Key_1);
    drag({ 20, 230 }, { 120, 330 });
    key(Qt::Key_D);
    key(Qt::Key_2);
    drag({ 20, 30 }, { 120, 130 });
    ASSERT_EQ(stored(0).size(), 3u);
    ASSERT_TRUE(saved());
    ASSERT_TRUE(test::waitFor([&] { return context->counts().boxes == 4; }));
    const QStringList texts = inMenu(idOf("rouge"));
    EXPECT_TRUE(texts.contains(QStringLiteral("Merge 3 objects on 2 pictures into"))) << texts.join('|').toStdString();
    EXPECT_TRUE(texts.contains(QStringLiteral("Delete class and its 3 objects on 2 pictures")));
    EXPECT_TRUE(inMenu(idOf("blue")).contains(QStringLiteral("Delete class")));
    ASSERT_EQ(labelName(page->armedLabel()), "rouge");
    inMenu(idOf("rouge"), QStringLiteral("red"), QStringLiteral("Merge"));
    ASSERT_TRUE(orderIs("red1 blue3"));
    EXPECT_EQ(labelName(page->armedLabel()), "red") << "who drew the one goes on with the other";
    for (const auto& box : stored(0))
        EXPECT_EQ(labelName(box.label), "red");
    EXPECT_EQ(labelName(page->document().annotations().front().label), "red") << "on the canvas too";
    EXPECT_EQ(context->undoTitle(), QStringLiteral("Merged rouge into red: 3 objects on 2 pictures"));
    undo();
    EXPECT_EQ(order(), "red1 rouge2 blue3");
    EXPECT_EQ(labelName(stored(1)[0].label), "rouge");

    inMenu(idOf("rouge"), QStringLiteral("Delete class"));
    ASSERT_TRUE(orderIs("red1 blue3"));
    EXPECT_EQ(stored(0).size(), 1u);
    undo();
    EXPECT_EQ(stored(0).size(), 3u);
}

// One click that would change more than a hundred objects is asked about, with how many there are; undo brings them back all the same.
TEST_F(ClassPanelTest, AClassOfManyObjectsIsNotMergedByASlip)
{
    start({ "red", "rouge" });
    const auto addTo = [&](std::int64_t item, int count) {
        std::vector<dataset::Edit> edits;
        for (int i = 0; i < count; ++i) {
            dataset::AddAnnotation add;
            add.annotation.item = { item };
            add.annotation.label = idOf("rouge");
            add.annotation.box = { double(i), 10, 20, 20 };
            edits.push_back(add);
        }
        const std::int64_t before = context->counts().boxes;
        context->apply(edits, QStringLiteral("Added"), {});
        ASSERT_TRUE(test::waitFor([&] { return context->counts().boxes == before + count; }));
    };
    QStringList asked;
    int answer = -1;
    context->choosers().choose = [&](QWidget*, const QString& title, const QString& text, const QStringList& verbs) {
        asked << title << text << verbs;
        return answer;
    };
    addTo(1, 60);
    addTo(2, 40);
    inMenu(idOf("rouge"), QStringLiteral("red"), QStringLiteral("Merge"));
    ASSERT_TRUE(orderIs("red1"));
    EXPECT_TRUE(asked.isEmpty()) << "a hundred are merged at once";
    undo();
    addTo(2, 1);
    ASSERT_EQ(order(), "red1 rouge2");

    inMenu(idOf("rouge"), QStringLiteral("red"), QStringLiteral("Merge"));
    EXPECT_EQ(asked, QStringList({ QStringLiteral("Merge rouge into red?"), QStringLiteral("101 objects on 2 pictures become red, and the class rouge goes. Undo (Ctrl+Z) brings all of it back."), QStringLiteral("Merge") }));
    EXPECT_TRUE(saved());
    EXPECT_EQ(order(), "red1 rouge2") << "nothing happens unless somebody says so";
    asked.clear();
    inMenu(idOf("rouge"), QStringLiteral("Delete class"));
    EXPECT_EQ(asked.value(0), QStringLiteral("Delete the class rouge?"));
    answer = 0;
    inMenu(idOf("rouge"), QStringLiteral("red"), QStringLiteral("Merge"));
    ASSERT_TRUE(orderIs("red1"));
    undo();
    EXPECT_EQ(order(), "red1 rouge2");
}

// By name, as Ctrl+K asks for it. Del means the class where the list has the keyboard, and takes none that is used.
TEST_F(ClassPanelTest, TheArmedClassIsMergedByNameAndDelSparesAUsedOne)
{
    start({ "red", "rouge", "blue" });
    drag({ 20, 30 }, { 120, 130 });
    ASSERT_EQ(stored().size(), 1u);
    ASSERT_TRUE(test::waitFor([&] { return context->counts().boxes == 1; }));
    QStringList errors;
    QObject::connect(context.get(), &StudioContext::errorReported, [&](const QString&, const QString& message) { errors << message; });
    list().setFocus(Qt::TabFocusReason);
    list().setCurrentIndex(list().model()->index(0, 0));
    QTest::keyClick(&list(), Qt::Key_Delete);
    ASSERT_TRUE(test::waitFor([&] { return errors.size() == 1; }));
    EXPECT_TRUE(errors.front().contains(QStringLiteral("Merge it into another class"))) << errors.front().toStdString();
    EXPECT_EQ(stored().size(), 1u) << "not the object on the canvas";
    list().setCurrentIndex(list().model()->index(2, 0));
    QTest::keyClick(&list(), Qt::Key_Delete);
    ASSERT_TRUE(orderIs("red1 rouge2"));
    for (QAction* action : page->moreCommands())
        if (action->text().startsWith(QStringLiteral("Merge the armed class")))
            action->trigger();
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    ASSERT_TRUE(edit->isVisible());
    EXPECT_EQ(edit->placeholderText(), QStringLiteral("Merge red (1 object on 1 picture) into"));
    QTest::keyClicks(edit, QStringLiteral("rou"));
    QTest::keyClick(edit, Qt::Key_Return);
    ASSERT_TRUE(orderIs("rouge2"));
    EXPECT_EQ(labelName(stored()[0].label), "rouge");
}

// The list paints the old name beneath it.
TEST_F(LabelPageTest, TheFieldThatRenamesAClassCoversItsName)
{
    start({ "RBC", "WBC" });
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("classList"));
    list->edit(list->model()->index(0, 0));
    const auto* field = list->viewport()->findChild<QLineEdit*>();
    ASSERT_TRUE(field);
    EXPECT_TRUE(field->autoFillBackground());
    EXPECT_TRUE(field->hasFrame());
    EXPECT_EQ(field->palette().color(QPalette::Base).alpha(), 255);
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

// Nobody makes a second class by typing the name of the first in other capitals.
TEST_F(LabelPageTest, ANameInOtherCapitalsIsTheClassThatIsThere)
{
    start({ "Platelet, small", "RBC" });
    drag({ 20, 30 }, { 120, 130 });
    key(Qt::Key_Slash);
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    auto* found = edit->parentWidget()->findChild<QListWidget*>();
    QTest::keyClicks(edit, QStringLiteral("rbc"));
    ASSERT_EQ(found->count(), 1) << "no second one is offered";
    EXPECT_EQ(found->item(0)->text(), QStringLiteral("RBC"));
    QTest::keyClick(edit, Qt::Key_Return);
    EXPECT_EQ(labelName(page->armedLabel()), "RBC");
    EXPECT_TRUE(saved());
    EXPECT_EQ(context->labels().size(), 2u);
}

TEST_F(LabelPageTest, AClassThatIsMadeTwiceInOtherCapitalsIsOneClass)
{
    start({});
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    for (const bool second : { false, true }) { // before the store has answered
        drag({ second ? 220.0 : 20.0, 30 }, { second ? 320.0 : 120.0, 130 });
        QTest::keyClicks(edit, second ? QStringLiteral("bolt") : QStringLiteral("Bolt"));
        QTest::keyClick(edit, Qt::Key_Return);
    }
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(boxes[1].label, boxes[0].label);
    ASSERT_TRUE(test::waitFor([&] { return labelName(page->armedLabel()) == "Bolt"; }));
    EXPECT_EQ(context->labels().size(), 1u);
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
