#pragma once

#include "app/studio/frame/studio_context.h"

#include <QHash>
#include <QImage>
#include <QWidget>
#include <span>
#include <vector>

namespace percept::studio {

// The pictures around the current one, with their state and what is drawn on them. A click goes there. Only what is in view
// is read and painted, however many there are.
class Filmstrip : public QWidget {
    Q_OBJECT
public:
    explicit Filmstrip(StudioContext& context, QWidget* parent = nullptr);
    void setItems(const std::vector<ItemId>* ids); // owned by the page, outlives this
    void setCurrent(int index);
    void forget(ItemId item); // it changed
    // The same with what it is now, so that nothing is read again: an edit must not cost more the more boxes there are.
    // Nothing is painted again that shows the same.
    void setItem(const domain::Item& item, std::span<const domain::Annotation> boxes);
    void forgetAll();

Q_SIGNALS:
    void itemClicked(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    struct Known {
        domain::Item item;
        std::vector<domain::Annotation> boxes; // at most kMostBoxes
        QImage picture {};     // with its boxes, when it was painted
        qint64 thumbnail = 0;  // from which it was made
    };
    static constexpr std::size_t kMostBoxes = 200; // more would hide the little picture
    Known* known(ItemId id);
    int first() const; // index of the leftmost cell
    int indexAt(QPoint point) const;
    QRect cellRect(int index) const; // with its frame and name
    void updateCell(ItemId item);
    void setHover(int index);
    void paintCell(QPainter& painter, int index, const QRect& thumb);
    QImage pictureOf(const Known& known, const QImage& thumbnail) const;
    void watchThumbnails();

    StudioContext& m_context;
    const std::vector<ItemId>* m_ids = nullptr;
    QHash<qint64, Known> m_known;
    int m_current = 0, m_scroll = 0, m_hover = -1; // m_scroll: cells away from the usual place
};

}
