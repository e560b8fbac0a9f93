#pragma once

#include "app/studio/validate/mistakes_model.h"

#include <QStyledItemDelegate>

namespace percept::studio {

// A crop around the mistake: the label solid, the prediction dashed, class, picture and scores below.
class MistakeDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    static constexpr int kMinWidth = 148;
    void setCellWidth(int width) { m_width = width; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_width = kMinWidth;
};

}
