// The list of objects: what edits make of its rows is what it would be made anew, and costs one row.
#include "app/studio/label/hint_strip.h"
#include "app/studio/label/label_bar.h"
#include "app/studio/label/object_list.h"
#include "tests/app/studio/label_support.h"
#include "widgets/style/tokens.h"

#include <QHelpEvent>
#include <QLabel>
#include <QPaintEvent>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <random>

namespace percept::studio {
namespace {

class ObjectListTest : public testing::Test {
protected:
    void SetUp() override
    {
        test::makeProject(temporary.path().toStdString(), 1, { "RBC", "WBC", "Platelets", "Erythrocyte, nucleated, seen from the side" });
        ASSERT_TRUE(context.openProject(std::filesystem::path(temporary.path().toStdString()) / "p.percept").hasValue());
        list.resize(280, 400);
        list.show();
        ASSERT_TRUE(QTest::qWaitForWindowExposed(&list));
    }
    ObjectRow row(std::int64_t id, std::size_t label)
    {
        ObjectRow r;
        r.id = { id };
        r.label = context.labels()[label].id;
        r.width = double(id);
        r.height = 10;
        return r;
    }
    std::vector<ObjectRow> rows(int count)
    {
        std::vector<ObjectRow> made;
        for (int i = 1; i <= count; ++i)
            made.push_back(row(i, 0));
        return made;
    }
    QString name(int at) { return list.model()->index(at, 0).data().toString(); }

    QTemporaryDir temporary;
    StudioContext context;
    ObjectList list { context };
};

// What was painted since the last call.
class Painted : public QObject {
public:
    explicit Painted(QWidget* widget) { widget->installEventFilter(this); }
    bool eventFilter(QObject*, QEvent* event) override
    {
        if (event->type() == QEvent::Paint)
            m_region += static_cast<QPaintEvent*>(event)->region();
        return false;
    }
    QRect take()
    {
        QTest::qWait(20);
        return std::exchange(m_region, {}).boundingRect();
    }

private:
    QRegion m_region;
};

TEST_F(ObjectListTest, ChangedRowsAreWhatAllRowsMadeAnewWouldBe)
{
    ObjectModel changed(context), anew(context);
    std::mt19937 dice(3);
    const auto upTo = [&](std::size_t n) { return std::size_t(dice() % n); };
    std::vector<ObjectRow> truth, proposals;
    std::int64_t nextStored = 1, nextTemporary = -1;
    changed.setRows({}, {});
    for (int step = 0; step < 2000; ++step) {
        const std::size_t kind = truth.empty() ? 0 : upTo(6), at = truth.empty() ? 0 : upTo(truth.size());
        const AnnotationId id = truth.empty() ? AnnotationId {} : truth[at].id;
        if (kind < 2) {
            truth.push_back(row(nextTemporary--, upTo(3)));
            changed.changeRow(truth.back().id, truth.back());
        } else if (kind == 2) {
            truth.erase(truth.begin() + std::ptrdiff_t(at));
            changed.changeRow(id, std::nullopt);
        } else if (kind == 3) {
            truth[at] = row(id.value, upTo(3));
            truth[at].flags.crowd = upTo(2) == 0;
            changed.changeRow(id, truth[at]);
        } else if (kind == 4) { // the store answers in the order of making
            const auto first = std::find_if(truth.begin(), truth.end(), [](const ObjectRow& r) { return r.id.value < 0; });
            if (first != truth.end()) {
                changed.replaceId(first->id, { nextStored });
                first->id = { nextStored++ };
            }
        } else {
            ObjectRow proposal;
            proposal.proposal = step;
            proposal.label = context.labels()[upTo(3)].id;
            proposals.assign(upTo(3), proposal);
            changed.setProposals(proposals);
        }
        anew.setRows(proposals, truth);
        ASSERT_EQ(changed.rows(), anew.rows()) << "step " << step << " kind " << kind;
        ASSERT_EQ(changed.counts(), anew.counts());
        ASSERT_EQ(changed.numObjects(), int(truth.size()));
    }
}

TEST_F(ObjectListTest, NamesCountWithinTheClass)
{
    list.setRows({}, { row(1, 1), row(2, 0), row(3, 0), row(-1, 1), row(-2, 0) });
    QStringList names;
    for (int i = 0; i < 5; ++i)
        names << name(i);
    EXPECT_EQ(names.join(QLatin1Char(',')), QStringLiteral("RBC 1,RBC 2,RBC 3,WBC 1,WBC 2"));
    list.changeRow({ 2 }, row(2, 1));
    EXPECT_EQ(name(1), QStringLiteral("RBC 2"));
    EXPECT_EQ(name(3), QStringLiteral("WBC 2"));
    EXPECT_EQ(list.rows()[3].id, AnnotationId { 2 });
}

TEST_F(ObjectListTest, AFilterLeavesLinesOutAndNamesAsTheyAre)
{
    ObjectRow occluded = row(2, 0), proposal;
    occluded.flags.occluded = true;
    proposal.proposal = 7;
    proposal.label = context.labels()[0].id;
    const std::vector<ObjectRow> all { row(1, 0), occluded, row(3, 1) };
    const auto listed = [&](const char* text) {
        list.setFilter(QString::fromLatin1(text));
        list.setRows({ proposal }, all);
        QStringList names;
        for (int i = 0; i < list.model()->rowCount(); ++i)
            names << name(i);
        return names.join(QLatin1Char(',')).toStdString();
    };
    EXPECT_EQ(listed("rbc"), "RBC,RBC 1,RBC 2");
    EXPECT_EQ(listed("RB occ"), "RBC 2");
    EXPECT_EQ(listed("proposal"), "RBC");
    EXPECT_EQ(listed("nothing"), "");
    EXPECT_EQ(list.numObjects(), 3);
    EXPECT_EQ(list.numListed(), 0);
    EXPECT_EQ(list.nameOf({ 2 }), QStringLiteral("RBC 2")) << "what is said of it stays";
    EXPECT_EQ(list.counts().value(context.labels()[0].id.value), 2);
    list.replaceId({ 3 }, { 30 });
    EXPECT_EQ(list.nameOf({ 30 }), QStringLiteral("WBC 1"));
    EXPECT_EQ(listed(" "), "RBC,RBC 1,RBC 2,WBC 1");
}

TEST_F(ObjectListTest, AnIdThatIsKnownAlreadyTakesTheOtherRowAway)
{
    list.setRows({}, { row(1, 0), row(2, 0), row(-1, 0) });
    list.replaceId({ -1 }, { 2 });
    EXPECT_EQ(list.numObjects(), 2);
    EXPECT_EQ(list.counts().value(context.labels()[0].id.value), 2);
}

TEST_F(ObjectListTest, OneChangedRowPaintsOneRow)
{
    Painted painted(list.viewport());
    list.setRows({}, rows(10000));
    painted.take();
    ObjectRow next = row(3, 0);
    next.flags.occluded = true;
    list.changeRow({ 3 }, next);
    EXPECT_EQ(painted.take(), list.visualRect(list.model()->index(2, 0)));
    list.changeRow({ 9000 }, next = row(9000, 0));
    EXPECT_TRUE(painted.take().isEmpty()) << "it is out of sight";
    list.changeRow({ -1 }, row(-1, 0));
    EXPECT_TRUE(painted.take().isEmpty());
    list.changeRow({ 5 }, std::nullopt);
    EXPECT_EQ(painted.take().top(), list.visualRect(list.model()->index(4, 0)).top()) << "those below move up";
    list.setHovered({ 2 });
    EXPECT_EQ(painted.take(), list.visualRect(list.model()->index(1, 0)));
}

TEST_F(ObjectListTest, MouseAndKeysSelectRows)
{
    std::vector<std::vector<AnnotationId>> asked;
    QObject::connect(&list, &ObjectList::selectionRequested, [&](std::vector<AnnotationId> ids) { asked.push_back(std::move(ids)); });
    ObjectRow proposal;
    proposal.proposal = 7;
    proposal.label = context.labels()[0].id;
    list.setRows({ proposal }, rows(100));
    const auto click = [&](int at, Qt::KeyboardModifiers m = {}) {
        QTest::mouseClick(list.viewport(), Qt::LeftButton, m, QPoint(60, at * style::height::kRow + 5));
    };
    click(2);
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked.back(), std::vector { AnnotationId { 2 } });
    click(5, Qt::ShiftModifier);
    EXPECT_EQ(asked.back().size(), 4u);
    click(3, Qt::ControlModifier);
    EXPECT_EQ(asked.back().size(), 3u);
    QTest::keyClick(&list, Qt::Key_End);
    EXPECT_EQ(asked.back(), std::vector { AnnotationId { 100 } });
    EXPECT_GT(list.verticalScrollBar()->value(), 0);
    EXPECT_TRUE(list.viewport()->rect().contains(list.visualRect(list.currentIndex())));
    QTest::keyClick(&list, Qt::Key_Up, Qt::ShiftModifier);
    EXPECT_EQ(asked.back().size(), 2u);
    const std::size_t before = asked.size();
    list.setSelectedIds({ { 4 } });
    EXPECT_EQ(asked.size(), before) << "what the canvas says is not said back";
    EXPECT_TRUE(list.viewport()->rect().contains(list.visualRect(list.model()->index(4, 0))));
}

// However long the name of the class is: the number tells objects apart, and pointing at the line tells the rest.
TEST_F(ObjectListTest, ALongClassDoesNotPushTheNumberOut)
{
    const auto object = [&](std::int64_t id, std::size_t label) {
        ObjectRow one = row(id, label);
        one.width = 100;
        one.flags = { true, true, true, true };
        return one;
    };
    list.setRows({}, { object(1, 0), object(2, 3), object(3, 3) });
    const auto picture = [&](int at) { return list.viewport()->grab(list.visualRect(list.model()->index(at, 0))).toImage(); };
    EXPECT_NE(picture(1), picture(2)) << "they differ in their numbers alone";
    const auto tip = [&](int at) {
        const QPoint there = list.visualRect(list.model()->index(at, 0)).center();
        QHelpEvent help(QEvent::ToolTip, there, list.viewport()->mapToGlobal(there));
        QApplication::sendEvent(list.viewport(), &help);
        return QToolTip::isVisible() ? QToolTip::text() : QString();
    };
    EXPECT_EQ(tip(0), QString()) << "it is seen whole";
    EXPECT_TRUE(tip(2).contains(QStringLiteral("Erythrocyte, nucleated, seen from the side 2"))) << tip(2).toStdString();
}

TEST_F(ObjectListTest, TheNameOfThePictureGoesBeforeTheWordsBesideTheSlider)
{
    LabelBar bar;
    domain::Item item;
    item.name = "BloodImage_00042_of_the_second_series.jpg";
    bar.resize(960, bar.height());
    bar.show();
    bar.showItem(item, 6, 364, {});
    bar.showProposals(QStringLiteral("Blood cells 1.0"), 12, {});
    QTest::qWait(1);
    auto* name = bar.findChild<QLabel*>(QStringLiteral("pictureName"));
    const int whole = name->sizeHint().width();
    EXPECT_GE(name->width(), whole);
    EXPECT_TRUE(bar.findChild<QWidget*>(QStringLiteral("scoreSlider"))->isVisible());
    bar.resize(1600, bar.height());
    QTest::qWait(1);
    const auto shown = [&](const char* text) {
        const auto labels = bar.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->isVisible() && label->text() == QLatin1String(text); });
    };
    EXPECT_TRUE(shown("Blood cells 1.0 proposes")) << "with room for it, it is there";
}

TEST_F(ObjectListTest, TheStripTellsWhatItHadNoRoomFor)
{
    HintStrip strip;
    strip.resize(600, strip.height());
    strip.setTool(Qt::red, QStringLiteral("Box, Erythrocyte, nucleated, seen from the side, with a name that goes on and on"), QStringLiteral("drag, or click two corners"));
    strip.setKeys(QStringLiteral("Erythrocyte 12"), { { QStringLiteral("Del"), QStringLiteral("delete") }, { QStringLiteral("F1"), QStringLiteral("all keys") } });
    strip.show();
    strip.grab();
    EXPECT_TRUE(strip.toolTip().contains(QStringLiteral("drag, or click two corners"))) << strip.toolTip().toStdString();
    strip.resize(1600, strip.height());
    strip.grab();
    EXPECT_TRUE(strip.toolTip().isEmpty()) << strip.toolTip().toStdString();
}

TEST_F(ObjectListTest, RowsThatComeAndGoAskForNoSelection)
{
    int asked = 0;
    QObject::connect(&list, &ObjectList::selectionRequested, [&] { ++asked; });
    list.setRows({}, rows(10));
    list.setSelectedIds({ { 3 } });
    list.changeRow({ 3 }, std::nullopt);
    list.setSelectedIds({});
    EXPECT_EQ(asked, 0);
    EXPECT_TRUE(list.selectionModel()->selectedIndexes().isEmpty()) << "nobody selected the row that moved up";
}

}
}

int main(int argc, char** argv)
{
    QTemporaryDir home;
    for (const char* name : { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" })
        qputenv(name, home.path().toUtf8());
    QApplication app(argc, argv);
    percept::style::install(app, percept::style::Theme::Dark);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
