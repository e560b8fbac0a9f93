#pragma once

#include <QStyledItemDelegate>

namespace percept::studio {

// A cell of the gallery: thumbnail with its boxes, tick, state, name, count of boxes by class.
class GalleryDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}
