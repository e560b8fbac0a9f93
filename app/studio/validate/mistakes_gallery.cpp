#include "app/studio/validate/mistakes_gallery.h"

#include <algorithm>

namespace percept::studio {

MistakesGallery::MistakesGallery(MistakesModel& model, QWidget* parent)
    : QListView(parent)
{
    setViewMode(QListView::IconMode);
    setResizeMode(QListView::Adjust);
    setMovement(QListView::Static);
    setUniformItemSizes(true);
    setLayoutMode(QListView::Batched);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn); // or the columns would change when it comes
    setModel(&model);
    setItemDelegate(&m_delegate);
}

void MistakesGallery::resizeEvent(QResizeEvent* event)
{
    const int width = viewport()->width() - 1; // a row that is exactly as wide as the view loses its last cell
    m_delegate.setCellWidth(width / std::max(1, width / MistakeDelegate::kMinWidth));
    QListView::resizeEvent(event);
    scheduleDelayedItemsLayout();
}

}
