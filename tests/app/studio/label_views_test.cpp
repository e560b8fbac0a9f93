// The lists beside the canvas follow it, and paint no more than what changed.
#include "app/studio/frame/thumbnails.h"
#include "app/studio/label/filmstrip.h"
#include "app/studio/label/item_loader.h"
#include "tests/app/studio/label_fixture.h"
#include "widgets/style/tokens.h"

#include <QHelpEvent>
#include <QPaintEvent>
#include <QToolTip>

namespace percept::studio {
namespace {

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
    // Until nothing more is painted for a while.
    bool settles()
    {
        return test::waitFor([this] {
            const QRegion before = region;
            QTest::qWait(30);
            return region == before;
        });
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
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("objectList"));
    c().setSelection({ stored()[4].id });
    // The pictures of the strip, the one on the canvas and its boxes come from threads.
    ItemLoader& loader = *page->findChild<ItemLoader*>();
    ASSERT_TRUE(test::waitFor([&] { return context->thumbnails().pending() == 0 && loader.cached(page->document().item().id) && c().isSharp(); }));
    PaintWatch rows(list->viewport()), film(page->findChild<QWidget*>(QStringLiteral("filmstrip"))), canvas(&c());
    PaintWatch classes(page->findChild<QAbstractItemView*>(QStringLiteral("classList"))->viewport());
    PaintWatch* const all[] = { &rows, &film, &canvas, &classes };
    for (PaintWatch* watch : all)
        ASSERT_TRUE(watch->settles());
    for (PaintWatch* watch : all)
        watch->region = {};
    key(Qt::Key_Right);
    ASSERT_TRUE(saved());
    ASSERT_TRUE(test::waitFor([&] { return rows.height() > 0 && film.width() > 0 && canvas.width() > 0; }));
    for (PaintWatch* watch : all)
        ASSERT_TRUE(watch->settles());
    EXPECT_EQ(rows.height(), style::height::kRow);
    EXPECT_LT(film.width(), 100) << "one little picture";
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
    ASSERT_TRUE(test::waitFor([&] { return !page->document().hasPending() && !page->document().find(boxes[1].id); }));
    settle();
    auto* film = static_cast<Filmstrip*>(page->findChild<QWidget*>(QStringLiteral("filmstrip")));
    const QImage shown = film->grab().toImage();
    film->forgetAll();
    EXPECT_EQ(shown, film->grab().toImage());
}

TEST_F(LabelPageTest, WhatIsWrongWithABoxIsSaidInTheListAndOnTheCanvas)
{
    test::makeProject(folder(), 1, { "RBC" });
    {
        auto store = dataset::ProjectStore::open(folder() / "p.percept", "test").value();
        const LabelId rbc = store->readLabels().value().front().id;
        std::vector<dataset::Edit> edits;
        for (const domain::Box box : { domain::Box { 50, 50, 40, 40 }, { 200, 100, 0, 80 }, { 560, 300, 100, 60 }, { 700, 10, 20, 20 } }) {
            domain::Annotation a;
            a.item = { 1 };
            a.label = rbc;
            a.box = box;
            edits.push_back(dataset::AddAnnotation { a });
        }
        const auto applied = store->apply(edits, "Imported");
        ASSERT_TRUE(applied.hasValue()) << applied.error().message;
    }
    open();
    QTest::qWait(50);
    const auto boxes = stored();
    ASSERT_EQ(boxes.size(), 4u);
    auto* list = page->findChild<QAbstractItemView*>(QStringLiteral("objectList"));
    const char* const said[] = { "", "has no area", "over the edge", "outside the picture" };
    for (int i = 0; i < 4; ++i) {
        const QString tip = list->model()->index(i, 0).data(Qt::ToolTipRole).toString(), wanted = QString::fromLatin1(said[i]);
        EXPECT_TRUE(wanted.isEmpty() ? tip.isEmpty() : tip.contains(wanted)) << i << tip.toStdString();
        EXPECT_EQ(c().scene().find(boxes[std::size_t(i)].id)->problem, tip);
    }
    const auto tipAt = [&](QPointF image) {
        const QPoint at = c().view().viewFromImage(image).toPoint();
        QHelpEvent help(QEvent::ToolTip, at, c().mapToGlobal(at));
        QApplication::sendEvent(&c(), &help);
        return QToolTip::text();
    };
    EXPECT_TRUE(tipAt({ 200, 140 }).contains(QStringLiteral("has no area")));
    tipAt({ 300, 300 });
    EXPECT_TRUE(test::waitFor([] { return QToolTip::text().isEmpty(); })) << "nothing is wrong there";
    c().setSelection({ boxes[2].id });
    for (int i = 0; i < 3; ++i)
        key(Qt::Key_Left, Qt::ShiftModifier); // 10 px each
    key(Qt::Key_Left, Qt::ShiftModifier);
    ASSERT_TRUE(saved());
    QTest::qWait(20);
    EXPECT_TRUE(list->model()->index(2, 0).data(Qt::ToolTipRole).toString().isEmpty()) << "it lies inside now";
}

}
}
