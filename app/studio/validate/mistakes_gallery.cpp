#include "app/studio/validate/mistakes_gallery.h"

#include "widgets/style/widgets.h"

#include <QVBoxLayout>
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
    m_empty = new QWidget(viewport());
    m_emptyText = new style::PlainLabel({}, style::TextRole::Body, style::Ink::Text2);
    m_all = new style::LinkButton(tr("Show all mistakes"));
    auto* layout = new QVBoxLayout(m_empty);
    layout->setSpacing(8);
    layout->addWidget(m_emptyText, 0, Qt::AlignHCenter);
    layout->addWidget(m_all, 0, Qt::AlignHCenter);
    m_empty->hide();
    connect(m_all, &QAbstractButton::clicked, this, &MistakesGallery::allRequested);
}

void MistakesGallery::setEmptyText(const QString& text, bool filtered)
{
    m_emptyText->setText(text);
    m_all->setVisible(filtered);
    m_empty->setVisible(!text.isEmpty());
    placeEmpty();
}

void MistakesGallery::placeEmpty()
{
    m_empty->adjustSize();
    m_empty->move((viewport()->width() - m_empty->width()) / 2, std::max(0, (viewport()->height() - m_empty->height()) / 3));
}

void MistakesGallery::resizeEvent(QResizeEvent* event)
{
    const int width = viewport()->width() - 1; // a row that is exactly as wide as the view loses its last cell
    m_delegate.setCellWidth(width / std::max(1, width / MistakeDelegate::kMinWidth));
    QListView::resizeEvent(event);
    placeEmpty();
    scheduleDelayedItemsLayout();
}

}
