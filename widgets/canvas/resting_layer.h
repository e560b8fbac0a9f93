#pragma once

#include "widgets/canvas/box_scene.h"
#include "widgets/canvas/picture_levels.h"
#include "widgets/canvas/view_transform.h"

#include <QObject>
#include <QRegion>
#include <QThreadPool>
#include <functional>
#include <memory>

class QPainter;

namespace percept::canvas {

// Everything that does not move, as one image: the picture and the boxes that rest. A pan moves its pixels and draws only
// the new strips; an edit redraws only the outlines concerned; a zoom shows it scaled at once and, when drawing anew would
// take long, sharp from a thread a little later. Lives on the interface thread; the thread gets values.
class RestingLayer : public QObject {
    Q_OBJECT
public:
    explicit RestingLayer(const BoxScene& scene, QObject* parent = nullptr);
    ~RestingLayer() override;

    void setPicture(std::shared_ptr<const PictureLevels> picture);
    const PictureLevels* picture() const { return m_picture.get(); }
    void setSurround(QRgb color);
    // Decides which shapes rest; the others (selected, dragged) are drawn live.
    void setRests(std::function<bool(const Shape&)> rests) { m_rests = std::move(rests); }

    void invalidateOutline(const domain::Box& box); // a shape with this box came, went or changed its look
    void invalidateAll();

    // Brings the image up to the view, as far as that is quick; `view` in device-independent pixels.
    void prepare(const ViewTransform& transform, QSize view, double devicePixelRatio);
    void paint(QPainter& painter, const QRegion& exposed) const;

    bool isSharp() const;      // what paint() draws is what was asked for
    bool waitUntilSharp(int timeoutMs); // for tests and benchmarks: runs an event loop
    double lastFullMs() const { return m_lastFullMs; }
    // Milliseconds that may be spent on drawing at once before the thread takes over.
    void setSyncBudgetMs(double ms) { m_syncBudgetMs = ms; }

    struct Resting { domain::Box box; QRgb color; bool missed, dimmed, flagged, locked = false; };
    struct Spec {
        ViewTransform transform;
        QSize view;
        double dpr = 1;
        QRgb surround = 0xFF0F1012;
        bool operator==(const Spec&) const = default;
    };

signals:
    void sharpened();

private:
    std::vector<Resting> restingIn(const domain::Box& area) const;
    domain::Box areaOf(const QRect& deviceRect, const Spec& spec) const;
    void render(const Spec& spec);
    void renderNow(const Spec& spec, const std::vector<Resting>& shapes);
    void renderInThread(const Spec& spec, std::vector<Resting> shapes);
    void takeRendered(QImage image, const Spec& spec, std::int64_t generation, double ms);
    void scrollTo(const Spec& spec);
    void repaint(const QRegion& deviceRegion);
    void repaintDirtyOutlines();
    static double estimateMs(const Spec& spec, std::size_t shapes);

    const BoxScene& m_scene;
    std::shared_ptr<const PictureLevels> m_picture;
    std::function<bool(const Shape&)> m_rests;
    QRgb m_surround = 0xFF0F1012;

    QImage m_image;
    Spec m_have, m_want;
    bool m_valid = false;
    std::vector<domain::Box> m_dirty;       // outlines to redraw in m_image
    std::vector<domain::Box> m_dirtySince;  // the same, since the thread took its values
    std::int64_t m_generation = 0;          // raised by invalidateAll
    std::int64_t m_runningGeneration = -1;
    double m_lastFullMs = 0, m_syncBudgetMs = 12;
    QThreadPool m_pool;
};

// The pixels that the outline of a box may touch; `view` in device-independent pixels, the answer in those of the device.
QRegion outlineRegion(const domain::Box& box, const ViewTransform& transform, QSize view, double devicePixelRatio);

// Draws picture and shapes into `image` within `clip` (device pixels).
void renderResting(QImage& image, const QRect& clip, const RestingLayer::Spec& spec, const PictureLevels* picture,
    const std::vector<RestingLayer::Resting>& shapes);

}
