// From picture to picture.
#include "tests/app/studio/label_fixture.h"

#include <QAbstractButton>
#include <QAction>
#include <QLabel>
#include <QTimer>
#include <future>
#include <thread>

namespace percept::studio {
namespace {

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

// X11 tells a held key as releases and presses that Qt does not always know as repeats.
TEST_F(LabelPageTest, AHeldSpaceFinishesNothing)
{
    start({ "RBC" });
    auto* timer = page->findChild<QTimer*>(QStringLiteral("spaceUp"));
    timer->setInterval(40);
    QTest::keyPress(&c(), Qt::Key_Space);
    for (int i = 0; i < 30; ++i) {
        QTest::keyRelease(&c(), Qt::Key_Space);
        QTest::keyPress(&c(), Qt::Key_Space);
        QTest::qWait(30);
    }
    EXPECT_EQ(page->currentIndex(), 0);
    QTest::keyRelease(&c(), Qt::Key_Space);
    QTest::qWait(100);
    EXPECT_EQ(page->currentIndex(), 0) << "held that long it was no tap";
    key(Qt::Key_Space);
    ASSERT_TRUE(test::waitFor([&] { return page->currentIndex() == 1; }));
    EXPECT_EQ(stateOf(0), domain::ItemState::Done);
    EXPECT_EQ(stateOf(1), domain::ItemState::ToDo);
}

TEST_F(LabelPageTest, APictureWithoutObjectsIsSaidToBecomeBackground)
{
    start({ "RBC" });
    QString said;
    QObject::connect(context.get(), &StudioContext::toastRequested, page.get(), [&](const QString& text) { said = text; });
    key(Qt::Key_Space);
    EXPECT_TRUE(said.contains(QStringLiteral("background"))) << said.toStdString();
    said.clear();
    drag({ 50, 50 }, { 100, 100 });
    key(Qt::Key_Space);
    EXPECT_TRUE(said.isEmpty());
}

TEST_F(LabelPageTest, TheStateOfAPictureCanBeSetHere)
{
    start({ "RBC" });
    const auto run = [&](const char* name) {
        for (QAction* action : page->commands())
            if (action->text() == QLatin1String(name))
                return action->trigger();
        FAIL() << name;
    };
    run("Done here, stay");
    EXPECT_EQ(stateOf(0), domain::ItemState::Done);
    EXPECT_EQ(page->currentIndex(), 0);
    run("Mark as to review");
    EXPECT_EQ(stateOf(0), domain::ItemState::ToReview);
    undo();
    EXPECT_EQ(stateOf(0), domain::ItemState::Done);
    run("Move the picture to the trash");
    ASSERT_TRUE(test::waitFor([&] { return page->document().item().id.value == 2; })) << "the next one comes up";
}

TEST_F(LabelPageTest, WhoComesFromAFilterRunsThroughWhatPassedIt)
{
    start({ "RBC" }, 6);
    auto* chip = page->findChild<QAbstractButton*>(QStringLiteral("within"));
    EXPECT_FALSE(chip->isVisible());
    ItemTarget target { { 2 } };
    target.within = std::make_shared<ItemTarget::Group>(ItemTarget::Group { QStringLiteral("Has <b>RBC"), { { 2 }, { 4 }, { 5 } } });
    page->showItem(target);
    EXPECT_EQ(page->document().item().id.value, 2);
    EXPECT_TRUE(chip->isVisible());
    EXPECT_EQ(chip->accessibleName(), QStringLiteral("Only: Has <b>RBC"));
    key(Qt::Key_D);
    EXPECT_EQ(page->document().item().id.value, 4);
    EXPECT_EQ(page->currentIndex(), 1);
    key(Qt::Key_Space);
    ASSERT_TRUE(test::waitFor([&] { return page->document().item().id.value == 5; })) << "the next unfinished one of these";
    key(Qt::Key_Space);
    ASSERT_TRUE(test::waitFor([&] { return page->document().item().id.value == 2; })) << "from the beginning";
    key(Qt::Key_Space);
    EXPECT_EQ(stateOf(1), domain::ItemState::Done);
    QTest::qWait(50);
    EXPECT_EQ(page->document().item().id.value, 2) << "the others are not of these";
    QTest::mouseClick(chip, Qt::LeftButton);
    ASSERT_TRUE(test::waitFor([&] { return page->currentIndex() == 1 && !chip->isVisible(); }));
    key(Qt::Key_D);
    EXPECT_EQ(page->document().item().id.value, 3);
}

// The store is busy, so that it does not know of what was finished when it is asked what is not.
TEST_F(LabelPageTest, APictureWhoseEndIsOnItsWayIsNotUnfinished)
{
    for (const bool within : { true, false }) {
        temporary = QTemporaryDir();
        start({ "RBC" }, 3);
        ItemTarget target { { 1 } };
        if (within)
            target.within = std::make_shared<ItemTarget::Group>(ItemTarget::Group { QStringLiteral("All"), { { 1 }, { 2 }, { 3 } } });
        page->showItem(target);
        std::promise<void> busy, free;
        std::thread holder([&] {
            context->session()->call([&](dataset::ProjectStore&) {
                busy.set_value();
                free.get_future().wait();
                return 0;
            });
        });
        busy.get_future().wait();
        for (const int next : { 2, 3 }) {
            key(Qt::Key_Space);
            EXPECT_TRUE(test::waitFor([&] { return page->document().item().id.value == next; })) << next;
        }
        key(Qt::Key_Space);
        QTest::qWait(150);
        EXPECT_EQ(page->document().item().id.value, 3) << "there is no other";
        free.set_value();
        holder.join();
        EXPECT_EQ(stateOf(2), domain::ItemState::Done);
        TearDown();
    }
}

TEST_F(LabelPageTest, WhatLeavesTheProjectLeavesTheFilteredPicturesToo)
{
    start({ "RBC" }, 6);
    ItemTarget target { { 2 } };
    target.within = std::make_shared<ItemTarget::Group>(ItemTarget::Group { QStringLiteral("Some"), { { 2 }, { 4 }, { 5 } } });
    page->showItem(target);
    bool done = false;
    context->apply({ dataset::SetItemTrashed { { 4 }, true } }, QStringLiteral("Trashed"), [&](const auto&) { done = true; });
    ASSERT_TRUE(test::waitFor([&] {
        const auto labels = page->findChildren<QLabel*>();
        return done && std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->text() == QStringLiteral("1 of 2"); });
    }));
    key(Qt::Key_D);
    EXPECT_EQ(page->document().item().id.value, 5);
}

TEST_F(LabelPageTest, AWholeNameGoesBeforeAPartOfOne)
{
    test::makeProject(folder(), 12, { "RBC" });
    {
        auto store = dataset::ProjectStore::open(folder() / "p.percept", "test");
        auto batch = (*store)->beginImport("More");
        dataset::ImportItem item;
        item.name = "1.png"; // part of picture1.png and picture11.png
        item.file = folder() / item.name;
        std::filesystem::copy_file(folder() / "picture3.png", item.file);
        item.sizeBytes = std::int64_t(std::filesystem::file_size(item.file));
        item.width = 640;
        item.height = 480;
        ASSERT_TRUE((*store)->addToImport(*batch, std::vector { item }).hasValue());
        ASSERT_TRUE((*store)->finishImport(*batch).hasValue());
    }
    open();
    key(Qt::Key_G, Qt::ControlModifier);
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("goFieldEdit"));
    QTest::keyClicks(edit, QStringLiteral("1.png"));
    QTest::keyClick(edit, Qt::Key_Return);
    EXPECT_TRUE(test::waitFor([&] { return page->document().item().name == "1.png"; })) << page->document().item().name;
}

TEST_F(LabelPageTest, CtrlGGoesToAPictureByNumberOrName)
{
    start({ "RBC" }, 12);
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("goFieldEdit"));
    auto* problem = page->findChild<QLabel*>(QStringLiteral("goFieldProblem"));
    const auto ask = [&](const char* text) {
        key(Qt::Key_G, Qt::ControlModifier);
        ASSERT_TRUE(edit->isVisible());
        edit->clear();
        QTest::keyClicks(edit, QString::fromLatin1(text));
        QTest::keyClick(edit, Qt::Key_Return);
    };
    ask("3");
    EXPECT_EQ(page->currentIndex(), 2);
    EXPECT_FALSE(edit->isVisible());
    ask("picture10.png");
    ASSERT_TRUE(test::waitFor([&] { return page->currentIndex() == 10; }));
    ask("picture1");
    ASSERT_TRUE(test::waitFor([&] { return page->currentIndex() == 11; })) << "the next one that has it in its name";
    ask("77");
    ASSERT_TRUE(test::waitFor([&] { return problem->isVisible(); }));
    EXPECT_EQ(problem->text(), QStringLiteral("There is no picture 77: they are 1 to 12"));
    QTest::keyClick(edit, Qt::Key_Escape);
    EXPECT_FALSE(edit->isVisible());
    EXPECT_EQ(page->currentIndex(), 11);
    key(Qt::Key_A);
    EXPECT_EQ(page->currentIndex(), 10) << "the keys are the canvas's again";
}

}
}
