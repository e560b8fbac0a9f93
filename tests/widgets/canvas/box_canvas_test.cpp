// The canvas as hands meet it: real mouse, wheel and key events, and what its pixels show.
#include "widgets/canvas/box_canvas.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <gtest/gtest.h>

namespace percept::canvas {
namespace {

constexpr QRgb kBlue = 0xFF45C8FF;

class BoxCanvasTest : public testing::Test {
protected:
    void SetUp() override
    {
        canvas.resize(660, 500); // a 640 x 480 picture at 100 %, 10 px free on each side
        QImage picture(640, 480, QImage::Format_RGB32);
        picture.fill(QColor(200, 190, 180));
        canvas.setPicture(PictureLevels::build(picture), { 640, 480 });
        canvas.setShapes({ { { 1 }, { 100, 100, 80, 60 }, kBlue, QStringLiteral("RBC") },
            { { 2 }, { 300, 200, 100, 100 }, kBlue, QStringLiteral("RBC") },
            { { 3 }, { 320, 220, 20, 20 }, kBlue, QStringLiteral("Platelets") } });
        canvas.show();
        ASSERT_TRUE(QTest::qWaitForWindowExposed(&canvas));
        canvas.fitPicture();
        QObject::connect(&canvas, &BoxCanvas::boxDrawn, [this](domain::Box b) { drawn.push_back(b); });
        QObject::connect(&canvas, &BoxCanvas::boxesChanged, [this](std::vector<BoxChange> c) { changed.push_back(c); });
    }
    QPoint at(double x, double y) { return canvas.view().viewFromImage(QPointF(x, y)).toPoint(); }
    void press(double x, double y, Qt::KeyboardModifiers m = {}) { QTest::mousePress(&canvas, Qt::LeftButton, m, at(x, y)); }
    void move(double x, double y)
    {
        // QTest::mouseMove sends no buttons on the offscreen platform.
        QMouseEvent event(QEvent::MouseMove, QPointF(at(x, y)), canvas.mapToGlobal(QPointF(at(x, y))), Qt::NoButton,
            Qt::LeftButton, modifiers);
        QApplication::sendEvent(&canvas, &event);
    }
    void release(double x, double y, Qt::KeyboardModifiers m = {}) { QTest::mouseRelease(&canvas, Qt::LeftButton, m, at(x, y)); }
    void click(double x, double y, Qt::KeyboardModifiers m = {})
    {
        press(x, y, m);
        release(x, y, m);
    }
    void drag(QPointF a, QPointF b)
    {
        press(a.x(), a.y());
        move((a.x() + b.x()) / 2, (a.y() + b.y()) / 2);
        move(b.x(), b.y());
        release(b.x(), b.y());
    }
    void wheel(QPoint at, int delta, Qt::KeyboardModifiers m = {})
    {
        QWheelEvent event(QPointF(at), canvas.mapToGlobal(QPointF(at)), {}, { 0, delta }, Qt::NoButton, m, Qt::NoScrollPhase, false);
        QApplication::sendEvent(&canvas, &event);
    }
    QImage grab()
    {
        canvas.repaint();
        EXPECT_TRUE(canvas.waitUntilSharp(5000));
        return canvas.grab().toImage().convertToFormat(QImage::Format_RGB32);
    }

    BoxCanvas canvas;
    Qt::KeyboardModifiers modifiers;
    std::vector<domain::Box> drawn;
    std::vector<std::vector<BoxChange>> changed;
};

TEST_F(BoxCanvasTest, OneDragDrawsABox)
{
    canvas.setTool(Tool::Box);
    drag({ 20, 30 }, { 90, 75 });
    ASSERT_EQ(drawn.size(), 1u);
    EXPECT_EQ(drawn[0], (domain::Box { 20, 30, 70, 45 }));
    EXPECT_FALSE(canvas.isDrawing());
}

TEST_F(BoxCanvasTest, TwoClicksDrawABoxAlsoFromTheLowerRight)
{
    canvas.setTool(Tool::Box);
    click(90, 75);
    EXPECT_TRUE(canvas.isDrawing());
    EXPECT_TRUE(drawn.empty());
    move(40, 40);
    click(20, 30);
    ASSERT_EQ(drawn.size(), 1u);
    EXPECT_EQ(drawn[0], (domain::Box { 20, 30, 70, 45 }));
}

TEST_F(BoxCanvasTest, ADoubleClickIsNoBoxAndEscGivesUp)
{
    canvas.setTool(Tool::Box);
    click(20, 30);
    click(20, 30);
    EXPECT_TRUE(drawn.empty());
    EXPECT_TRUE(canvas.isDrawing());
    QTest::keyClick(&canvas, Qt::Key_Escape);
    EXPECT_FALSE(canvas.isDrawing());
    click(50, 50);
    EXPECT_TRUE(canvas.isDrawing());
    QTest::keyClick(&canvas, Qt::Key_Backspace);
    EXPECT_FALSE(canvas.isDrawing());
    EXPECT_TRUE(drawn.empty());
}

TEST_F(BoxCanvasTest, BoxesAreCutAtThePicture)
{
    canvas.setTool(Tool::Box);
    drag({ 600, 440 }, { 648, 488 });
    ASSERT_EQ(drawn.size(), 1u);
    EXPECT_EQ(drawn[0], (domain::Box { 600, 440, 40, 40 }));
}

TEST_F(BoxCanvasTest, ExistingBoxesDoNotStealClicksWhileTheToolIsArmed)
{
    canvas.setTool(Tool::Box);
    drag({ 110, 110 }, { 150, 150 }); // inside box 1
    EXPECT_EQ(drawn.size(), 1u);
    EXPECT_TRUE(canvas.scene().selection().empty());
    EXPECT_TRUE(changed.empty());
    click(120, 130, Qt::ControlModifier);
    EXPECT_TRUE(canvas.scene().isSelected({ 1 }));
    QTest::mouseClick(&canvas, Qt::RightButton, {}, at(390, 290));
    EXPECT_TRUE(canvas.scene().isSelected({ 2 }));
    EXPECT_EQ(drawn.size(), 1u);
}

TEST_F(BoxCanvasTest, ClickSelectsTheSmallestShiftAddsNothingDeselects)
{
    click(330, 230);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 3 } }));
    click(380, 280);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 2 } }));
    click(140, 130, Qt::ShiftModifier);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 2 }, { 1 } }));
    click(140, 130, Qt::ShiftModifier);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 2 } }));
    click(20, 20);
    EXPECT_TRUE(canvas.scene().selection().empty());
}

TEST_F(BoxCanvasTest, AltClickTakesWhatLiesBeneathRound)
{
    canvas.setTool(Tool::Box);
    click(330, 230, Qt::AltModifier);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 3 } }));
    click(330, 230, Qt::AltModifier);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 2 } }));
    click(330, 230, Qt::AltModifier);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 3 } }));
    EXPECT_TRUE(drawn.empty());
}

TEST_F(BoxCanvasTest, ABandMayBeginOnABoxAndMovesNothing)
{
    canvas.setTool(Tool::Select);
    modifiers = Qt::ShiftModifier;
    press(310, 210, Qt::ShiftModifier);
    move(345, 245);
    release(345, 245, Qt::ShiftModifier);
    EXPECT_EQ(canvas.scene().selection(), (std::vector<AnnotationId> { { 3 } }));
    EXPECT_TRUE(changed.empty());
}

TEST_F(BoxCanvasTest, HandlesAreShownOnlyWhereTheyWork)
{
    canvas.setSelection({ { 2 } });
    canvas.setTool(Tool::Select);
    const QPoint corner = at(300, 200) - QPoint(3, 3);
    EXPECT_EQ(grab().pixelColor(corner + QPoint(1, 1)), QColor(Qt::white));
    canvas.setTool(Tool::Box);
    EXPECT_NE(grab().pixelColor(corner + QPoint(1, 1)), QColor(Qt::white));
}

TEST_F(BoxCanvasTest, RubberBandSelectsMany)
{
    QSignalSpy spy(&canvas, &BoxCanvas::selectionChanged);
    drag({ 280, 180 }, { 420, 320 });
    EXPECT_EQ(canvas.scene().selection().size(), 2u);
    EXPECT_TRUE(canvas.scene().isSelected({ 2 }));
    EXPECT_TRUE(canvas.scene().isSelected({ 3 }));
    EXPECT_EQ(spy.count(), 1);
    EXPECT_TRUE(changed.empty());
}

TEST_F(BoxCanvasTest, DragMovesTheSelectionAsOneChangeInsideThePicture)
{
    canvas.setSelection({ { 1 }, { 2 } });
    drag({ 140, 130 }, { 150, 135 });
    ASSERT_EQ(changed.size(), 1u);
    ASSERT_EQ(changed[0].size(), 2u);
    EXPECT_EQ(changed[0][0], (BoxChange { { 1 }, { 110, 105, 80, 60 } }));
    EXPECT_EQ(changed[0][1], (BoxChange { { 2 }, { 310, 205, 100, 100 } }));
    EXPECT_EQ(canvas.scene().find({ 1 })->box.x, 110) << "shown at once";
    drag({ 150, 135 }, { -200, 135 });
    EXPECT_EQ(canvas.scene().find({ 1 })->box.x, 0);
    EXPECT_EQ(canvas.scene().find({ 2 })->box.x, 200) << "the group keeps its shape";
}

TEST_F(BoxCanvasTest, EachHandleMovesItsEdges)
{
    struct Case { QPointF from; domain::Box expected; };
    const Case cases[] = { { { 100, 100 }, { 105, 107, 75, 53 } }, { { 180, 100 }, { 100, 107, 85, 53 } },
        { { 180, 160 }, { 100, 100, 85, 67 } }, { { 100, 160 }, { 105, 100, 75, 67 } }, { { 140, 100 }, { 100, 107, 80, 53 } },
        { { 180, 130 }, { 100, 100, 85, 60 } }, { { 140, 160 }, { 100, 100, 80, 67 } }, { { 100, 130 }, { 105, 100, 75, 60 } } };
    for (const Case& c : cases) {
        canvas.updateShape({ { 1 }, { 100, 100, 80, 60 }, kBlue, QStringLiteral("RBC") });
        canvas.setSelection({ { 1 } });
        drag(c.from, c.from + QPointF(5, 7));
        EXPECT_EQ(canvas.scene().find({ 1 })->box, c.expected) << c.from.x() << ", " << c.from.y();
    }
    EXPECT_EQ(changed.size(), 8u);
}

TEST_F(BoxCanvasTest, EscTakesADragBack)
{
    canvas.setSelection({ { 1 } });
    press(140, 130);
    move(200, 200);
    QTest::keyClick(&canvas, Qt::Key_Escape);
    release(200, 200);
    EXPECT_TRUE(changed.empty());
    EXPECT_EQ(canvas.scene().find({ 1 })->box.x, 100);
}

TEST_F(BoxCanvasTest, ArrowsNudgeAndGrow)
{
    canvas.setSelection({ { 1 } });
    QTest::keyClick(&canvas, Qt::Key_Right);
    QTest::keyClick(&canvas, Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(&canvas, Qt::Key_Right, Qt::ControlModifier);
    QTest::keyClick(&canvas, Qt::Key_Up, Qt::AltModifier);
    EXPECT_EQ(canvas.scene().find({ 1 })->box, (domain::Box { 101, 110, 81, 59 }));
    EXPECT_EQ(changed.size(), 4u);
}

TEST_F(BoxCanvasTest, SpaceTapsOrPansButNeverBoth)
{
    QSignalSpy tapped(&canvas, &BoxCanvas::spaceTapped);
    QTest::keyClick(&canvas, Qt::Key_Space);
    EXPECT_EQ(tapped.count(), 1);
    const QPointF before = canvas.view().offset();
    canvas.setTool(Tool::Box);
    QTest::keyPress(&canvas, Qt::Key_Space);
    drag({ 100, 100 }, { 130, 90 });
    QTest::keyRelease(&canvas, Qt::Key_Space);
    EXPECT_EQ(tapped.count(), 1);
    EXPECT_NE(canvas.view().offset(), before);
    EXPECT_TRUE(drawn.empty());
}

TEST_F(BoxCanvasTest, WheelZoomsAtTheCursor)
{
    const QPoint cursor = at(500, 100);
    const QPointF before = canvas.view().imageFromView(cursor);
    wheel(cursor, 360);
    EXPECT_GT(canvas.view().scale(), 1.5);
    const QPointF after = canvas.view().imageFromView(cursor);
    EXPECT_NEAR(before.x(), after.x(), 0.6); // the offset snaps to whole pixels
    EXPECT_NEAR(before.y(), after.y(), 0.6);
    canvas.fitPicture();
    EXPECT_DOUBLE_EQ(canvas.view().scale(), 1);
}

TEST_F(BoxCanvasTest, PannedAndEditedPixelsEqualAFreshDrawing)
{
    wheel(at(300, 200), 240);
    grab();
    QTest::keyPress(&canvas, Qt::Key_Space);
    drag({ 300, 200 }, { 260, 230 });
    drag({ 260, 230 }, { 330, 180 });
    QTest::keyRelease(&canvas, Qt::Key_Space);
    canvas.updateShape({ { 1 }, { 160, 140, 90, 33 }, kBlue, QStringLiteral("RBC") });
    canvas.removeShape({ 3 });
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(&canvas, &leave);
    const QImage stepwise = grab();
    canvas.setShapesHidden(true);
    canvas.setShapesHidden(false);
    EXPECT_EQ(stepwise, grab());
}

TEST_F(BoxCanvasTest, LooksAsTheDesignSays)
{
    QImage image = grab();
    const auto pixel = [&](double x, double y) { return image.pixelColor(at(x, y)); };
    EXPECT_EQ(image.pixelColor(3, 3), QColor(0x0F, 0x10, 0x12)) << "surround";
    EXPECT_NEAR(pixel(100, 130).blue(), 255, 8) << "class line";
    EXPECT_LT(image.pixelColor(at(100, 130) - QPoint(1, 0)).red(), 160) << "dark halo beside it";
    EXPECT_EQ(pixel(140, 130), QColor(200, 190, 180)) << "no fill at rest";
    canvas.setHovered({ 1 });
    image = grab();
    EXPECT_LT(pixel(140, 130).red(), 190) << "hover fills 14 %";
    canvas.setHovered({});
    canvas.setSelection({ { 1 } });
    image = grab();
    EXPECT_GT(pixel(120, 100).green(), 230) << "white line of the selection";
    EXPECT_EQ(pixel(100, 100), QColor(Qt::white)) << "handle";
}

TEST_F(BoxCanvasTest, ProposalsAreDashedAndTheNextOneIsFilled)
{
    canvas.setProposals({ { 7, { 400, 50, 100, 80 }, kBlue, QStringLiteral("RBC 0.94") } });
    QImage image = grab();
    EXPECT_EQ(image.pixelColor(at(450, 90)), QColor(200, 190, 180));
    int coloured = 0, gaps = 0;
    for (int x = 405; x < 495; ++x)
        (image.pixelColor(at(x, 130)).blue() > 230 ? coloured : gaps) += 1;
    EXPECT_GT(coloured, 30);
    EXPECT_GT(gaps, 20);
    canvas.setHighlightedProposal(7);
    image = grab();
    EXPECT_LT(image.pixelColor(at(450, 90)).red(), 190);
    QSignalSpy clicked(&canvas, &BoxCanvas::proposalClicked);
    click(450, 90);
    ASSERT_EQ(clicked.count(), 1);
    EXPECT_EQ(clicked.at(0).at(0).toInt(), 7);
}

TEST_F(BoxCanvasTest, AProposalIsGrabbedWhereItLies)
{
    std::vector<ProposalChange> left;
    QObject::connect(&canvas, &BoxCanvas::proposalChanged, [&](const ProposalChange& change) { left.push_back(change); });
    canvas.setTool(Tool::Select);
    canvas.setProposals({ { 7, { 400, 50, 100, 80 }, kBlue, QStringLiteral("RBC 0.94") }, { 8, { 20, 300, 60, 60 }, kBlue, QStringLiteral("RBC 0.90") } });
    drag({ 450, 90 }, { 470, 80 });
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left.back(), (ProposalChange { 7, { 420, 40, 100, 80 } }));
    EXPECT_EQ(canvas.scene().findProposal(7)->box.x, 400) << "until the owner says what becomes of it";
    drag({ 500, 130 }, { 520, 150 }); // its corner, though it was not clicked before
    EXPECT_EQ(left.back(), (ProposalChange { 7, { 400, 50, 120, 100 } }));
    drag({ 20, 330 }, { -40, 330 });
    EXPECT_EQ(left.back(), (ProposalChange { 8, { 0, 300, 80, 60 } })) << "kept inside the picture";
    press(450, 90);
    move(500, 90);
    EXPECT_TRUE(canvas.cancelInteraction());
    release(500, 90);
    click(450, 90);
    EXPECT_EQ(left.size(), 3u) << "given up, and a click";
    EXPECT_TRUE(changed.empty());
    EXPECT_TRUE(drawn.empty());
}

TEST_F(BoxCanvasTest, WhatIsNoProposalOrFixedIsNotGrabbed)
{
    QSignalSpy clicked(&canvas, &BoxCanvas::proposalClicked);
    int left = 0;
    QObject::connect(&canvas, &BoxCanvas::proposalChanged, [&] { ++left; });
    Proposal inside { 1, { 320, 270, 20, 20 }, kBlue, {} }, around { 2, { 280, 180, 150, 150 }, kBlue, {} }, fixed { 3, { 10, 10, 50, 50 }, kBlue, {} };
    fixed.fixed = true;
    canvas.setProposals({ inside, around, fixed });
    canvas.setTool(Tool::Select);
    drag({ 35, 35 }, { 60, 60 });
    EXPECT_EQ(clicked.count(), 1) << "fixed: it can be gone to";
    EXPECT_EQ(left, 0);
    drag({ 370, 270 }, { 375, 275 }); // shape 2, which is smaller than the proposal around it
    EXPECT_EQ(changed.size(), 1u);
    drag({ 335, 285 }, { 345, 295 }); // a proposal within it, but shape 2 is selected: it is meant
    EXPECT_EQ(changed.size(), 2u);
    EXPECT_EQ(left, 0);
    canvas.setSelection({});
    drag({ 330, 280 }, { 335, 285 });
    EXPECT_EQ(left, 1);
    canvas.setTool(Tool::Box);
    drag({ 330, 280 }, { 350, 290 });
    EXPECT_EQ(left, 1);
    EXPECT_EQ(drawn.size(), 1u) << "an armed tool draws over proposals";
}

TEST_F(BoxCanvasTest, AHeldProposalThatGoesAwayIsLetGo)
{
    int left = 0;
    QObject::connect(&canvas, &BoxCanvas::proposalChanged, [&] { ++left; });
    canvas.setTool(Tool::Select);
    canvas.setProposals({ { 7, { 400, 50, 100, 80 }, kBlue, QStringLiteral("RBC 0.94") } });
    press(450, 90);
    move(470, 90);
    canvas.setProposals({});
    move(480, 90);
    EXPECT_FALSE(canvas.isBusy());
    release(480, 90);
    EXPECT_EQ(left, 0);
}

TEST_F(BoxCanvasTest, FourExtremesMakeABox)
{
    canvas.setTool(Tool::Extremes);
    click(150, 20);
    click(150, 20); // a double click is one point
    click(110, 60);
    EXPECT_EQ(canvas.pointsDrawn(), 2u);
    click(500, 400);
    EXPECT_TRUE(canvas.stepBack());
    click(200, 70);
    EXPECT_TRUE(drawn.empty());
    click(160, 90);
    ASSERT_EQ(drawn.size(), 1u);
    EXPECT_EQ(drawn[0], (domain::Box { 110, 20, 90, 70 }));
    EXPECT_FALSE(canvas.isDrawing());
    click(10, 10);
    click(20, 10);
    click(30, 10);
    click(40, 10);
    EXPECT_EQ(drawn.size(), 1u) << "all on one line";
    click(25, 30);
    ASSERT_EQ(drawn.size(), 2u);
    EXPECT_EQ(drawn[1], (domain::Box { 10, 10, 20, 20 }));
    click(10, 10);
    EXPECT_TRUE(canvas.stepBack());
    EXPECT_FALSE(canvas.isDrawing()) << "the first one, too";
}

TEST_F(BoxCanvasTest, LockedShapesStayWhereTheyAre)
{
    Shape locked { { 1 }, { 100, 100, 80, 60 }, kBlue, QStringLiteral("RBC") };
    locked.locked = true;
    canvas.updateShape(locked);
    canvas.setTool(Tool::Select);
    drag({ 140, 130 }, { 160, 150 });
    EXPECT_TRUE(changed.empty());
    EXPECT_TRUE(canvas.scene().selection().empty());
    canvas.setSelection({ { 1 }, { 2 } }); // from the list
    canvas.nudgeSelection(5, 0);
    ASSERT_EQ(changed.size(), 1u);
    ASSERT_EQ(changed[0].size(), 1u);
    EXPECT_EQ(changed[0][0].id, AnnotationId { 2 });
    canvas.setSelection({ { 1 } });
    drag({ 100, 100 }, { 120, 120 });
    canvas.setSelection({ { 1 } });
    canvas.growSelection(5, 5);
    EXPECT_EQ(changed.size(), 1u);
    EXPECT_EQ(canvas.scene().find({ 1 })->box, locked.box);
}

TEST_F(BoxCanvasTest, AnOptimisticIdIsReplacedWithoutLosingTheSelection)
{
    canvas.updateShape({ { -1 }, { 10, 10, 30, 30 }, kBlue, QStringLiteral("RBC") });
    canvas.setSelection({ { -1 } });
    canvas.replaceId({ -1 }, { 44 });
    EXPECT_TRUE(canvas.scene().isSelected({ 44 }));
    EXPECT_EQ(canvas.scene().find({ -1 }), nullptr);
}

TEST_F(BoxCanvasTest, AHeavyZoomIsShownAtOnceAndSharpSoon)
{
    std::vector<Shape> many;
    for (int i = 0; i < 10000; ++i)
        many.push_back({ { i + 1 }, { double(i % 100) * 6.3, double(i / 100) * 4.7, 9, 7 }, kBlue, QStringLiteral("RBC") });
    canvas.setShapes(many);
    grab();
    wheel(at(320, 240), 120);
    canvas.repaint();
    EXPECT_TRUE(canvas.waitUntilSharp(3000));
}

}
}

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
