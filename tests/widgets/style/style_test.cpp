#include "tests/widgets/style/color_difference.h"
#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QHelpEvent>
#include <QPushButton>
#include <QTest>
#include <QToolTip>
#include <gtest/gtest.h>

using namespace percept;
using namespace percept::style;
using test::Sight;

namespace {

// The smallest distance between any two of the first `count` class colours, under every sight.
double smallestDistance(QColor (*color)(int), int count)
{
    double smallest = 1e9;
    for (const Sight sight : { Sight::Normal, Sight::Protan, Sight::Deutan, Sight::Tritan })
        for (int i = 0; i < count; ++i)
            for (int k = i + 1; k < count; ++k)
                smallest = std::min(smallest, test::ciede2000(test::seenBy(color(i), sight), test::seenBy(color(k), sight)));
    return smallest;
}

int paintedPixels(const QImage& image)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            count += qAlpha(image.pixel(x, y)) > 0;
    return count;
}

QColor middle(QWidget& widget) { return widget.grab().toImage().pixelColor(4, widget.height() / 2); }

}

TEST(ColorDifference, MatchesThePublishedPairs)
{
    // White to black is 100 by definition; a grey step by its lightness alone.
    EXPECT_NEAR(test::ciede2000(Qt::white, Qt::black), 100, 0.1);
    EXPECT_NEAR(test::ciede2000(QColor(10, 20, 30), QColor(10, 20, 30)), 0, 1e-9);
    EXPECT_NEAR(test::contrast(Qt::white, Qt::black), 21, 0.01);
}

TEST(Palette, ClassColorsStayApartForEverySight)
{
    EXPECT_GE(smallestDistance(classBright, 4), 10.0);
    EXPECT_GE(smallestDistance(classBright, 8), 9.8);
    EXPECT_GE(smallestDistance(classBright, 10), 5.0);
    EXPECT_GE(smallestDistance(classInk, 4), 16.3);
    EXPECT_GE(smallestDistance(classInk, 10), 8.3);
    EXPECT_FALSE(classHatched(9));
    EXPECT_TRUE(classHatched(10));
    EXPECT_EQ(classBright(10), classBright(0));
}

TEST(Palette, TextIsReadableOnPanels)
{
    for (const Theme which : { Theme::Dark, Theme::Light }) {
        const Tokens& t = tokensOf(which);
        EXPECT_GE(test::contrast(t.text, t.panel), 13);
        EXPECT_GE(test::contrast(t.text2, t.panel), 6.9);
        EXPECT_GE(test::contrast(t.text3, t.panel), 4.5);
        EXPECT_GE(test::contrast(t.onAccent, t.accentFill), 4.5);
        EXPECT_GE(test::contrast(t.error, t.panel), 4.5);
        EXPECT_GE(test::contrast(t.good, t.panel), 4.5);
        EXPECT_GE(test::contrast(t.warning, t.panel), 4.5);
    }
}

TEST(Icons, EveryIconPaintsSomethingAndStaysInItsSquare)
{
    const QStringList names = iconNames();
    EXPECT_GE(names.size(), 60);
    for (const QString& name : names)
        for (const int size : { 12, 16, 20 }) {
            const QImage image = iconPixmap(name, size, Qt::red, 1.0).toImage();
            EXPECT_EQ(image.size(), QSize(size, size)) << qPrintable(name);
            EXPECT_GT(paintedPixels(image), 3) << qPrintable(name) << " at " << size;
        }
}

TEST(Icons, ThePagesOfTheLoopHaveTheirs)
{
    for (const char* name : { "gather", "label", "train", "validate", "report", "undo", "redo", "search", "trash", "ok", "warn", "alert" })
        EXPECT_TRUE(existsIcon(QString::fromLatin1(name))) << name;
    EXPECT_FALSE(existsIcon(QStringLiteral("no-such-icon")));
}

TEST(Icons, FollowTheTheme)
{
    setTheme(Theme::Dark);
    const QIcon undo = icon("undo", Ink::Text);
    const QImage dark = undo.pixmap(20, 20).toImage();
    setTheme(Theme::Light);
    const QImage light = undo.pixmap(20, 20).toImage();
    setTheme(Theme::Dark);
    EXPECT_NE(dark, light);
    EXPECT_EQ(paintedPixels(dark), paintedPixels(light));
}

TEST(Style, ButtonsSayTheirKind)
{
    setTheme(Theme::Dark);
    const std::unique_ptr<QPushButton> primary(makeButton(QStringLiteral("Start"), ButtonKind::Primary));
    const std::unique_ptr<QPushButton> plain(makeButton(QStringLiteral("Pause")));
    EXPECT_EQ(primary->sizeHint().height(), 28);
    EXPECT_EQ(makeButton(QStringLiteral("x"), ButtonKind::Quiet, nullptr, ControlSize::Compact, plain.get())->sizeHint().height(), 24);
    primary->resize(primary->sizeHint());
    plain->resize(plain->sizeHint());
    EXPECT_EQ(middle(*primary), tokens().accentFill);
    EXPECT_EQ(middle(*plain), tokens().raised);
    primary->setEnabled(false);
    EXPECT_NE(middle(*primary), tokens().accentFill);
}

TEST(Style, EnterPressesTheButtonThatHasTheFocus)
{
    QWidget page; // no dialog
    QPushButton* start = makeButton(QStringLiteral("Start"), ButtonKind::Primary, nullptr, ControlSize::Normal, &page);
    int started = 0;
    QObject::connect(start, &QPushButton::clicked, &page, [&] { ++started; });
    page.show();
    QTest::keyClick(start, Qt::Key_Return);
    QTest::keyClick(start, Qt::Key_Enter, Qt::KeypadModifier);
    EXPECT_EQ(started, 2);
    QTest::keyClick(start, Qt::Key_Return, Qt::ControlModifier);
    EXPECT_EQ(started, 2) << "that is a key of the page";
    start->setEnabled(false);
    QTest::keyClick(start, Qt::Key_Return);
    EXPECT_EQ(started, 2);
}

TEST(Widgets, LabelsNeverReadMarkup)
{
    PlainLabel label(QStringLiteral("<b>bold</b>"));
    EXPECT_EQ(label.textFormat(), Qt::PlainText);
    PlainLabel asPlain(QStringLiteral("bold"));
    EXPECT_GT(label.sizeHint().width(), asPlain.sizeHint().width());
    QWidget tipped;
    setTip(&tipped, QStringLiteral("<img src=x>"));
    EXPECT_FALSE(tipped.toolTip().contains(QStringLiteral("<img")));
}

TEST(Widgets, TheLastWordOfATextThatIsCutStays)
{
    const QString name = QStringLiteral("Erythrocyte, nucleated 12");
    const int whole = textWidth(TextRole::Table, name);
    EXPECT_EQ(elidedBeforeLastWord(TextRole::Table, name, whole), name);
    for (const int room : { whole - 1, whole / 2, 60 }) {
        const QString shown = elidedBeforeLastWord(TextRole::Table, name, room);
        EXPECT_TRUE(shown.endsWith(QStringLiteral(" 12")) && shown.contains(QChar(0x2026))) << shown.toStdString();
        EXPECT_LE(textWidth(TextRole::Table, shown), room);
    }
    EXPECT_LE(textWidth(TextRole::Table, elidedBeforeLastWord(TextRole::Table, name, 14)), 14) << "without room for both";
    EXPECT_TRUE(elidedBeforeLastWord(TextRole::Table, QStringLiteral("Erythrocyte"), 40).endsWith(QChar(0x2026))) << "one word";
}

TEST(Widgets, ATextThatIsCutIsToldWhole)
{
    QWidget page;
    PlainLabel label(QString(), TextRole::Table, Ink::Text, &page);
    label.setElideMode(Qt::ElideLeft);
    label.setGeometry(0, 0, 60, 20);
    page.show();
    const auto tip = [&] {
        QToolTip::hideText();
        QHelpEvent help(QEvent::ToolTip, QPoint(5, 5), label.mapToGlobal(QPoint(5, 5)));
        QApplication::sendEvent(&label, &help);
        return QToolTip::isVisible() ? QToolTip::text() : QString();
    };
    label.setText(QStringLiteral("short"));
    EXPECT_EQ(tip(), QString());
    label.setText(QStringLiteral("a long name <b> of a picture.jpg")); // in the place that the other had
    EXPECT_TRUE(tip().contains(QStringLiteral("a long name &lt;b&gt; of a picture.jpg"))) << tip().toStdString();
    label.setToolTip(QStringLiteral("why"));
    EXPECT_TRUE(tip().contains(QStringLiteral("picture.jpg"))) << tip().toStdString();
    EXPECT_TRUE(tip().contains(QStringLiteral("why")));
}

TEST(Widgets, SegmentsAreExclusiveAndFollowKeys)
{
    SegmentedControl control({ QStringLiteral("Count"), QStringLiteral("%") });
    int seen = -1;
    QObject::connect(&control, &SegmentedControl::currentChanged, &control, [&seen](int index) { seen = index; });
    QTest::keyClick(&control, Qt::Key_Right);
    EXPECT_EQ(control.current(), 1);
    EXPECT_EQ(seen, 1);
    QTest::keyClick(&control, Qt::Key_Right);
    EXPECT_EQ(control.current(), 1);
}

TEST(Widgets, AToastOffersTheWayBackOnce)
{
    QWidget host;
    host.resize(600, 300);
    host.show();
    Toast toast(&host);
    int undone = 0;
    toast.show(QStringLiteral("Deleted 1 object"), QStringLiteral("Undo"), [&undone] { ++undone; }, QStringLiteral("Ctrl Z"));
    ASSERT_TRUE(toast.isVisible());
    QTest::mouseClick(toast.findChild<LinkButton*>(), Qt::LeftButton);
    EXPECT_EQ(undone, 1);
    EXPECT_FALSE(toast.isVisible());
}

TEST(Widgets, AToastStaysInItsArea)
{
    QWidget host;
    host.resize(600, 300);
    host.show();
    Toast toast(&host);
    QRect area(44, 0, 300, 200);
    toast.setArea([&area] { return area; });
    toast.show(QStringLiteral("Deleted 1 object"));
    EXPECT_EQ(toast.geometry().center().x(), area.center().x());
    EXPECT_LT(toast.geometry().center().y(), area.bottom() - 18);
    EXPECT_GT(toast.geometry().center().y(), area.bottom() - 50);
    area.setHeight(120);
    toast.place();
    EXPECT_LT(toast.geometry().center().y(), 120);
}

TEST(Text, DigitsDoNotDance)
{
    const QFont f = font(TextRole::Tile);
    EXPECT_EQ(tabularWidth(f, QStringLiteral("1111")), tabularWidth(f, QStringLiteral("8888")));
    EXPECT_EQ(count(4934), QStringLiteral("4,934"));
    EXPECT_EQ(counted(1, QStringLiteral("box"), QStringLiteral("boxes")), QStringLiteral("1 box"));
    EXPECT_EQ(counted(2, QStringLiteral("box"), QStringLiteral("boxes")), QStringLiteral("2 boxes"));
}

int main(int argc, char** argv)
{
    ::testing::InitGoogleTest(&argc, argv);
    QApplication application(argc, argv);
    install(application, Theme::Dark);
    return RUN_ALL_TESTS();
}
