// Geometry, hit tests, layers' pixels: all without a window.
#include "widgets/canvas/box_scene.h"
#include "widgets/canvas/picture_levels.h"
#include "widgets/canvas/picture_sampler.h"
#include "widgets/canvas/span_raster.h"
#include "widgets/canvas/view_transform.h"

#include <QPainter>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <random>

namespace percept::canvas {
namespace {

class Dice {
public:
    explicit Dice(unsigned seed) : m_engine(seed) { }
    double real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(m_engine); }
    int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(m_engine); }

private:
    std::mt19937 m_engine;
};

domain::Box someBox(Dice& dice, double w, double h)
{
    const double large = dice.whole(0, 9) == 0 ? 1 : 0.05;
    return { dice.real(-20, w), dice.real(-20, h), dice.real(0, w * large), dice.real(0, h * large) };
}

TEST(ViewTransform, ImageAndViewAreInverse)
{
    Dice dice(1);
    for (int i = 0; i < 500; ++i) {
        const auto t = ViewTransform::centredOn({ dice.real(0, 7000), dice.real(0, 5000) }, dice.real(0.01, 64), { 900, 600 });
        const QPointF p(dice.real(-100, 8000), dice.real(-100, 6000));
        const QPointF back = t.imageFromView(t.viewFromImage(p));
        EXPECT_NEAR(back.x(), p.x(), 1e-6);
        EXPECT_NEAR(back.y(), p.y(), 1e-6);
    }
}

TEST(ViewTransform, ZoomKeepsThePointUnderTheCursor)
{
    Dice dice(2);
    auto t = ViewTransform::fitted({ 7360, 4912 }, { 884, 572 }, 10);
    for (int i = 0; i < 500; ++i) {
        const QPointF cursor(dice.real(0, 884), dice.real(0, 572));
        const QPointF before = t.imageFromView(cursor);
        t = t.zoomedAt(cursor, dice.real(0.5, 2), { 7360, 4912 });
        const QPointF after = t.imageFromView(cursor);
        EXPECT_NEAR(before.x(), after.x(), 1e-6);
        EXPECT_NEAR(before.y(), after.y(), 1e-6);
        EXPECT_LE(t.scale(), ViewTransform::kMaxScale);
        EXPECT_GE(t.scale() * 7360, ViewTransform::kMinLongSide - 1e-9);
    }
}

TEST(ViewTransform, FitShowsAllAndIsTight)
{
    Dice dice(3);
    for (int i = 0; i < 200; ++i) {
        const QSizeF picture(dice.whole(200, 9000), dice.whole(200, 9000)), view(dice.whole(200, 2000), dice.whole(200, 2000));
        const QRectF shown = ViewTransform::fitted(picture, view, 10).viewFromImage({ 0, 0, picture.width(), picture.height() });
        EXPECT_TRUE(QRectF(QPointF(), view).adjusted(9.9, 9.9, -9.9, -9.9).contains(shown));
        const bool capped = shown.width() / picture.width() > 7.99;
        EXPECT_TRUE(capped || view.width() - shown.width() < 20.1 || view.height() - shown.height() < 20.1);
    }
}

TEST(ViewTransform, PictureNeverLeavesTheView)
{
    Dice dice(4);
    const QSizeF picture(640, 480), view(884, 572);
    for (int i = 0; i < 500; ++i) {
        auto t = ViewTransform::centredOn({ dice.real(-9000, 9000), dice.real(-9000, 9000) }, dice.real(0.05, 20), view);
        t = t.keptInView(picture, view, 48);
        const QRectF shown = t.viewFromImage({ 0, 0, 640, 480 }).intersected(QRectF(QPointF(), view));
        EXPECT_GE(shown.width(), std::min(48.0, 640 * t.scale()) - 1e-6);
        EXPECT_GE(shown.height(), std::min(48.0, 480 * t.scale()) - 1e-6);
    }
}

TEST(SpatialIndex, FindsWhatBruteForceFinds)
{
    Dice dice(5);
    SpatialIndex index;
    index.reset(4000, 3000, 800);
    std::map<SpatialIndex::Key, domain::Box> truth;
    for (int step = 0; step < 3000; ++step) {
        const SpatialIndex::Key key = dice.whole(1, 900);
        if (dice.whole(0, 2) == 0) {
            index.remove(key);
            truth.erase(key);
        } else {
            truth[key] = someBox(dice, 4000, 3000);
            index.update(key, truth[key]);
        }
        if (step % 20)
            continue;
        const domain::Box area = someBox(dice, 4000, 3000);
        std::vector<SpatialIndex::Key> expected;
        for (const auto& [k, b] : truth)
            if (b.x <= area.right() && area.x <= b.right() && b.y <= area.bottom() && area.y <= b.bottom())
                expected.push_back(k);
        ASSERT_EQ(index.query(area), expected) << "step " << step;
        ASSERT_EQ(index.size(), truth.size());
    }
}

// The rule, written down once more and slowly: nearest border within the tolerance, else the smallest box around the point.
std::optional<AnnotationId> slowHit(const std::vector<Shape>& shapes, QPointF p, double tolerance)
{
    std::optional<AnnotationId> best;
    double nearest = tolerance;
    for (const Shape& s : shapes)
        if (!s.hidden && distanceToBorder(s.box, p) <= nearest) {
            nearest = distanceToBorder(s.box, p);
            best = s.id;
        }
    if (best)
        return best;
    double smallest = 1e300;
    for (const Shape& s : shapes)
        if (!s.hidden && s.box.contains(p.x(), p.y()) && s.box.area() <= smallest) {
            smallest = s.box.area();
            best = s.id;
        }
    return best;
}

TEST(BoxScene, HitTestAgreesWithBruteForce)
{
    Dice dice(6);
    std::vector<Shape> shapes;
    for (int i = 1; i <= 600; ++i) {
        Shape s;
        s.id = { i };
        s.box = someBox(dice, 1000, 800);
        s.hidden = i % 11 == 0;
        shapes.push_back(s);
    }
    BoxScene scene;
    scene.reset({ 1000, 800 }, shapes);
    int hits = 0;
    for (int i = 0; i < 3000; ++i) {
        const QPointF p(dice.real(-10, 1010), dice.real(-10, 810));
        const double tolerance = dice.real(0.1, 8);
        const auto expected = slowHit(shapes, p, tolerance);
        ASSERT_EQ(scene.hitTest(p, tolerance), expected) << p.x() << ", " << p.y();
        hits += expected.has_value();
    }
    EXPECT_GT(hits, 1000);
}

TEST(BoxScene, OverlapAgreesWithBruteForce)
{
    Dice dice(8);
    std::vector<Shape> shapes;
    for (int i = 1; i <= 400; ++i) {
        Shape s;
        s.id = { i };
        s.box = someBox(dice, 1000, 800);
        s.hidden = i % 7 == 0; // a hidden box is there all the same
        shapes.push_back(s);
    }
    BoxScene scene;
    scene.reset({ 1000, 800 }, shapes);
    int overlapping = 0;
    for (int i = 0; i < 3000; ++i) {
        const domain::Box box = someBox(dice, 1000, 800);
        const bool expected = std::any_of(shapes.begin(), shapes.end(), [&](const Shape& s) { return domain::iou(s.box, box) >= 0.3; });
        ASSERT_EQ(scene.overlaps(box, 0.3), expected);
        overlapping += expected;
    }
    EXPECT_GT(overlapping, 100);
    EXPECT_LT(overlapping, 2900);
}

TEST(BoxScene, SelectionKnowsOnlyWhatExists)
{
    BoxScene scene;
    scene.reset({ 100, 100 }, { { { 1 }, { 10, 10, 20, 20 }, 0xFF45C8FF, {} }, { { 2 }, { 50, 50, 20, 20 }, 0xFF45C8FF, {} } });
    EXPECT_TRUE(scene.select({ { 1 }, { 7 }, { 1 }, { 2 } }));
    EXPECT_EQ(scene.selection(), (std::vector<AnnotationId> { { 1 }, { 2 } }));
    scene.remove({ 1 });
    EXPECT_EQ(scene.selection(), (std::vector<AnnotationId> { { 2 } }));
    EXPECT_FALSE(scene.isSelected({ 1 }));
}

TEST(SpanRaster, FractionalFillMatchesQPainter)
{
    Dice dice(7);
    for (int i = 0; i < 60; ++i) {
        QImage ours(48, 40, QImage::Format_RGB32), theirs(48, 40, QImage::Format_RGB32);
        ours.fill(QColor(200, 150, 90));
        theirs.fill(QColor(200, 150, 90));
        const QRectF rect(dice.real(-6, 40), dice.real(-6, 34), dice.real(0.2, 30), dice.real(0.2, 30));
        const double opacity = dice.real(0.2, 1);
        SpanRaster(ours, ours.rect()).fill(rect, qRgb(20, 90, 240), opacity);
        QPainter painter(&theirs);
        painter.setRenderHint(QPainter::Antialiasing);
        QColor color(20, 90, 240);
        color.setAlphaF(float(opacity));
        painter.fillRect(rect, color);
        painter.end();
        for (int y = 0; y < 40; ++y)
            for (int x = 0; x < 48; ++x) {
                const QColor a = ours.pixelColor(x, y), b = theirs.pixelColor(x, y);
                ASSERT_NEAR(a.red(), b.red(), 5) << i << ": " << x << ", " << y;
                ASSERT_NEAR(a.blue(), b.blue(), 5) << i << ": " << x << ", " << y;
            }
    }
}

TEST(SpanRaster, StaysInsideItsClip)
{
    QImage image(40, 40, QImage::Format_RGB32);
    image.fill(Qt::black);
    SpanRaster raster(image, QRect(10, 10, 12, 8));
    raster.outline({ -1e7, -50, 2e7, 75.5 }, 3.5, 0xFFFFFFFF, 1);
    raster.fill({ 5.5, 5.5, 30, 30 }, 0xFFFFFFFF, 0.5);
    for (int y = 0; y < 40; ++y)
        for (int x = 0; x < 40; ++x)
            if (!QRect(10, 10, 12, 8).contains(x, y)) {
                ASSERT_EQ(image.pixel(x, y), 0xFF000000) << x << ", " << y;
            }
}

QImage waves(int width, int height)
{
    QImage image(width, height, QImage::Format_RGB32);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            image.setPixel(x, y, qRgb(128 + int(100 * std::sin(x / 3.0)), 128 + int(100 * std::cos(y / 4.0)), (x * 5 + y * 3) % 64 * 4));
    return image;
}

TEST(PictureSampler, LooksLikeQPainter)
{
    Dice dice(11);
    const QImage source = waves(90, 70);
    for (int i = 0; i < 60; ++i) {
        const double scale = dice.real(0.5, 3);
        const QRectF placed(dice.whole(-60, 60), dice.whole(-60, 60), source.width() * scale, source.height() * scale);
        QImage ours(120, 100, QImage::Format_RGB32), theirs(120, 100, QImage::Format_RGB32);
        ours.fill(Qt::black);
        theirs.fill(Qt::black);
        samplePicture(ours, ours.rect(), placed, source, /*smooth=*/true);
        QPainter painter(&theirs);
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(placed, source, QRectF(source.rect()));
        painter.end();
        // Not the outermost pixels: whether a half covered one belongs to the picture is a matter of taste.
        const QRect inside = placed.toAlignedRect().adjusted(2, 2, -2, -2).intersected(ours.rect());
        for (int y = inside.top(); y <= inside.bottom(); ++y)
            for (int x = inside.left(); x <= inside.right(); ++x) {
                const QColor a = ours.pixelColor(x, y), b = theirs.pixelColor(x, y);
                ASSERT_NEAR(a.red(), b.red(), 6) << i << ": " << x << ", " << y;
                ASSERT_NEAR(a.green(), b.green(), 6) << i << ": " << x << ", " << y;
            }
    }
}

TEST(PictureSampler, AStripIsThatPartOfTheWhole)
{
    Dice dice(12);
    const QImage source = waves(90, 70);
    for (int i = 0; i < 60; ++i) {
        const double scale = dice.whole(0, 4) == 0 ? 1 : dice.real(0.3, 8);
        const QRectF placed(dice.whole(-60, 60), dice.whole(-60, 60), source.width() * scale, source.height() * scale);
        const bool smooth = dice.whole(0, 1) == 0;
        QImage whole(120, 100, QImage::Format_RGB32), strips(120, 100, QImage::Format_RGB32);
        whole.fill(0xFF102030);
        strips.fill(0xFF102030);
        samplePicture(whole, whole.rect(), placed, source, smooth);
        const int x = dice.whole(1, 119), y = dice.whole(1, 99);
        for (const QRect& part : { QRect(0, 0, x, y), QRect(x, 0, 120 - x, y), QRect(0, y, 500, 500) })
            samplePicture(strips, part, placed, source, smooth);
        ASSERT_EQ(whole, strips) << i;
    }
}

TEST(PictureSampler, PixelsArePixelsWhenMagnifiedOrAsTheyAre)
{
    const QImage source = waves(40, 30);
    QImage same(40, 30, QImage::Format_RGB32), large(160, 120, QImage::Format_RGB32);
    samplePicture(same, same.rect(), QRectF(source.rect()), source, /*smooth=*/true);
    EXPECT_EQ(same, source);
    samplePicture(large, large.rect(), QRectF(large.rect()), source, /*smooth=*/false);
    for (int y = 0; y < 120; ++y)
        for (int x = 0; x < 160; ++x)
            ASSERT_EQ(large.pixel(x, y), source.pixel(x / 4, y / 4)) << x << ", " << y;
}

TEST(PictureLevels, LevelsAreAveragesAndChosenByZoom)
{
    QImage picture(1601, 1203, QImage::Format_RGB32);
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x)
            picture.setPixel(x, y, (x + y) % 2 ? qRgb(255, 0, 100) : qRgb(1, 0, 100));
    const auto levels = PictureLevels::build(picture);
    double factor = 0;
    EXPECT_EQ(levels->levelFor(2, factor).size(), picture.size());
    EXPECT_EQ(levels->levelFor(0.6, factor).size(), picture.size());
    const QImage& half = levels->levelFor(0.45, factor);
    EXPECT_EQ(half.size(), QSize(801, 602));
    EXPECT_NEAR(factor, 0.5, 0.01);
    EXPECT_NEAR(qRed(half.pixel(100, 100)), 128, 1);
    EXPECT_EQ(qBlue(half.pixel(100, 100)), 100);
    EXPECT_LE(levels->levelFor(0.001, factor).width(), 512);
    EXPECT_TRUE(PictureLevels::build({})->isNull());
}

}
}
