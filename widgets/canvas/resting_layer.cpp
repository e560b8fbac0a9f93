#include "widgets/canvas/resting_layer.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QPainter>
#include <QPointer>
#include <QTimer>
#include <cmath>
#include <cstring>

namespace percept::canvas {

namespace {
    constexpr double kReach = 5; // view pixels that an outline reaches beyond its box, mark included
    // For deciding what is drawn at once; measured on one core at 2.5 GHz.
    constexpr double kMsPerMegapixel = 4, kMsPerThousandShapes = 1.2;
}

QRegion outlineRegion(const domain::Box& box, const ViewTransform& transform, QSize view, double dpr)
{
    const int reach = static_cast<int>(std::ceil(kReach * dpr)) + 1;
    const QRectF rect = transform.viewFromImage(box);
    const QRectF device(rect.topLeft() * dpr, rect.size() * dpr);
    // Far outside values would not fit an int; what is outside needs no repaint.
    const QRectF room(-10000, -10000, view.width() * dpr + 20000, view.height() * dpr + 20000);
    const QRect outer = device.intersected(room).toAlignedRect().adjusted(-reach, -reach, reach, reach);
    const QRect inner = outer.adjusted(2 * reach, 2 * reach, -2 * reach, -2 * reach);
    return inner.isValid() ? QRegion(outer).subtracted(inner) : QRegion(outer);
}

RestingLayer::RestingLayer(const BoxScene& scene, QObject* parent)
    : QObject(parent)
    , m_scene(scene)
{
    m_pool.setMaxThreadCount(1);
}

RestingLayer::~RestingLayer() { m_pool.waitForDone(); }

void RestingLayer::setPicture(std::shared_ptr<const PictureLevels> picture)
{
    m_picture = std::move(picture);
    m_image = {};
    invalidateAll();
}

void RestingLayer::setSurround(QRgb color)
{
    m_surround = color;
    invalidateAll();
}

void RestingLayer::invalidateAll()
{
    ++m_generation;
    m_valid = false;
    m_dirty.clear();
}

void RestingLayer::invalidateOutline(const domain::Box& box)
{
    m_dirty.push_back(box);
    if (m_runningGeneration >= 0)
        m_dirtySince.push_back(box);
}

domain::Box RestingLayer::areaOf(const QRect& device, const Spec& spec) const
{
    const QRectF view(QPointF(device.topLeft()) / spec.dpr, QSizeF(device.size()) / spec.dpr);
    return spec.transform.imageFromView(view.adjusted(-kReach, -kReach, kReach, kReach));
}

std::vector<RestingLayer::Resting> RestingLayer::restingIn(const domain::Box& area) const
{
    std::vector<Resting> resting;
    for (const Shape* s : m_scene.touching(area))
        if (!m_rests || m_rests(*s))
            resting.push_back({ s->box, s->color, s->missed, s->dimmed, !s->problem.isEmpty(), s->locked });
    return resting;
}

double RestingLayer::estimateMs(const Spec& spec, std::size_t shapes)
{
    const double megapixels = spec.view.width() * spec.view.height() * spec.dpr * spec.dpr / 1e6;
    return megapixels * kMsPerMegapixel + double(shapes) / 1000 * kMsPerThousandShapes;
}

void RestingLayer::prepare(const ViewTransform& transform, QSize view, double dpr)
{
    const Spec spec { transform.snapped(dpr), view, dpr, m_surround };
    m_want = spec;
    if (view.isEmpty())
        return;
    const bool sameFrame = m_valid && m_have.view == view && m_have.dpr == dpr && m_have.transform.scale() == transform.scale();
    if (!sameFrame)
        return render(spec);
    if (!(m_have.transform == spec.transform))
        scrollTo(spec);
    repaintDirtyOutlines();
}

void RestingLayer::render(const Spec& spec)
{
    if (m_runningGeneration >= 0)
        return; // one at a time; takeRendered() scrolls in what was panned meanwhile, or starts the next
    auto shapes = restingIn(areaOf(QRect(QPoint(0, 0), spec.view * spec.dpr), spec));
    if (estimateMs(spec, shapes.size()) <= m_syncBudgetMs)
        renderNow(spec, shapes);
    else
        renderInThread(spec, std::move(shapes));
}

void RestingLayer::renderNow(const Spec& spec, const std::vector<Resting>& shapes)
{
    QElapsedTimer clock;
    clock.start();
    const QSize size = spec.view * spec.dpr;
    if (m_image.size() != size)
        m_image = QImage(size, QImage::Format_RGB32);
    renderResting(m_image, m_image.rect(), spec, m_picture.get(), shapes);
    m_have = spec;
    m_valid = true;
    m_dirty.clear();
    m_lastFullMs = double(clock.nsecsElapsed()) / 1e6;
}

void RestingLayer::renderInThread(const Spec& spec, std::vector<Resting> shapes)
{
    m_runningGeneration = m_generation;
    m_dirtySince.clear();
    m_pool.start([this, spec, shapes = std::move(shapes), picture = m_picture, generation = m_generation] {
        QElapsedTimer clock;
        clock.start();
        QImage image(spec.view * spec.dpr, QImage::Format_RGB32);
        renderResting(image, image.rect(), spec, picture.get(), shapes);
        const double ms = double(clock.nsecsElapsed()) / 1e6;
        // The destructor waits for this pool, so `this` lives; the queued call dies with the object.
        QMetaObject::invokeMethod(this, [this, image, spec, generation, ms] { takeRendered(image, spec, generation, ms); },
            Qt::QueuedConnection);
    });
}

void RestingLayer::takeRendered(QImage image, const Spec& spec, std::int64_t generation, double ms)
{
    m_runningGeneration = -1;
    m_lastFullMs = ms;
    const bool fits = generation == m_generation && spec.view == m_want.view && spec.dpr == m_want.dpr
        && spec.transform.scale() == m_want.transform.scale();
    if (!fits) {
        prepare(m_want.transform, m_want.view, m_want.dpr);
        if (isSharp())
            emit sharpened();
        return;
    }
    m_image = std::move(image);
    m_have = spec;
    m_valid = true;
    m_dirty = std::move(m_dirtySince);
    m_dirtySince.clear();
    prepare(m_want.transform, m_want.view, m_want.dpr);
    emit sharpened();
}

void RestingLayer::scrollTo(const Spec& spec)
{
    const QPointF delta = (spec.transform.offset() - m_have.transform.offset()) * spec.dpr;
    const int dx = static_cast<int>(std::lround(delta.x())), dy = static_cast<int>(std::lround(delta.y()));
    const int w = m_image.width(), h = m_image.height();
    m_have = spec;
    if (std::abs(dx) >= w || std::abs(dy) >= h)
        return renderNow(spec, restingIn(areaOf(m_image.rect(), spec)));
    const qsizetype stride = m_image.bytesPerLine();
    const qsizetype bytes = qsizetype(w - std::abs(dx)) * 4;
    uchar* bits = m_image.bits();
    const auto moveRow = [&](int y) {
        std::memmove(bits + y * stride + std::max(dx, 0) * 4, bits + (y - dy) * stride + std::max(-dx, 0) * 4, std::size_t(bytes));
    };
    if (dy > 0)
        for (int y = h - 1; y >= dy; --y)
            moveRow(y);
    else
        for (int y = 0; y < h + dy; ++y)
            moveRow(y);
    const QRect kept = QRect(0, 0, w, h).translated(dx, dy).intersected(QRect(0, 0, w, h));
    repaint(QRegion(0, 0, w, h).subtracted(kept));
}

void RestingLayer::repaint(const QRegion& region)
{
    const QRect all(QPoint(0, 0), m_image.size());
    for (const QRect& rect : region) {
        const QRect clip = rect.intersected(all);
        if (!clip.isEmpty())
            renderResting(m_image, clip, m_have, m_picture.get(), restingIn(areaOf(clip, m_have)));
    }
}

void RestingLayer::repaintDirtyOutlines()
{
    if (m_dirty.empty())
        return;
    constexpr std::size_t kAllFrom = 400; // so many outlines cost more than everything
    if (m_dirty.size() > kAllFrom) {
        m_dirty.clear();
        invalidateAll();
        return prepare(m_want.transform, m_want.view, m_want.dpr);
    }
    QRegion region;
    for (const domain::Box& box : m_dirty)
        region += outlineRegion(box, m_have.transform, m_have.view, m_have.dpr);
    m_dirty.clear();
    repaint(region);
}

bool RestingLayer::isSharp() const { return m_valid && m_have == m_want && m_dirty.empty(); }

bool RestingLayer::waitUntilSharp(int timeoutMs)
{
    if (isSharp())
        return true;
    QEventLoop loop;
    connect(this, &RestingLayer::sharpened, &loop, &QEventLoop::quit);
    QTimer::singleShot(timeoutMs, &loop, &QEventLoop::quit);
    loop.exec();
    return isSharp();
}

void RestingLayer::paint(QPainter& painter, const QRegion& exposed) const
{
    if (isSharp() || (m_valid && m_have == m_want)) {
        for (const QRect& rect : exposed) {
            const QRectF source(QPointF(rect.topLeft()) * m_have.dpr, QSizeF(rect.size()) * m_have.dpr);
            painter.drawImage(QRectF(rect), m_image, source);
        }
        return;
    }
    painter.save();
    painter.fillRect(exposed.boundingRect(), QColor::fromRgb(m_surround));
    const ViewTransform& t = m_want.transform;
    if (m_picture && !m_picture->isNull()) {
        double factor = 1;
        const QImage& level = m_picture->levelFor(t.scale() / 2, factor);
        painter.drawImage(QRectF(t.offset(), QSizeF(m_picture->size()) * t.scale()), level, QRectF(QPointF(), QSizeF(level.size())));
    }
    if (!m_image.isNull() && m_have.transform.scale() > 0) {
        const QPointF corner = t.viewFromImage(m_have.transform.imageFromView(QPointF()));
        const double zoom = t.scale() / m_have.transform.scale();
        painter.drawImage(QRectF(corner, QSizeF(m_have.view) * zoom), m_image, QRectF(QPointF(), QSizeF(m_image.size())));
    }
    painter.restore();
}

}
