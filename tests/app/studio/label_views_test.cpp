// The lists beside the canvas follow it, and paint no more than what changed.
#include "app/studio/frame/thumbnails.h"
#include "app/studio/label/filmstrip.h"
#include "tests/app/studio/label_fixture.h"
#include "widgets/style/tokens.h"

#include <QPaintEvent>

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
