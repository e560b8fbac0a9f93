#include "app/studio/gather/gallery_view.h"

#include "app/studio/gather/gallery_delegate.h"
#include "widgets/style/paint.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QRubberBand>
#include <QScrollBar>
#include <QStyleOptionViewItem>

namespace percept::studio {
namespace {
constexpr int kMargin = 12, kGap = 12;
}

GalleryView::GalleryView(QWidget* parent)
    : QAbstractItemView(parent)
{
    setObjectName(QStringLiteral("gallery"));
    setAccessibleName(tr("Pictures"));
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(ExtendedSelection);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(ScrollPerPixel);
    setMouseTracking(true);
    viewport()->setMouseTracking(true);
    setEditTriggers(NoEditTriggers);
}

void GalleryView::setThumbWidth(int width)
{
    const QModelIndex top = indexAt(QPoint(kMargin + 1, kMargin + 1));
    m_thumbWidth = width;
    updateGeometries();
    if (top.isValid())
        scrollTo(top, PositionAtTop);
    viewport()->update();
}

// The cells share out the width: as many as fit at the wished width, a little larger.
QSize GalleryView::cellSize() const
{
    const int width = std::max(m_thumbWidth, (viewport()->width() - 2 * kMargin + kGap) / columns() - kGap);
    return { width, width * 3 / 4 + 24 };
}

void GalleryView::setBottomRoom(int pixels)
{
    m_bottomRoom = pixels;
    updateGeometries();
}

int GalleryView::count() const { return model() ? model()->rowCount() : 0; }
int GalleryView::columns() const { return std::max(1, (viewport()->width() - 2 * kMargin + kGap) / (m_thumbWidth + kGap)); }
int GalleryView::rows() const { return (count() + columns() - 1) / columns(); }
int GalleryView::verticalOffset() const { return verticalScrollBar()->value(); }

QRect GalleryView::visualRect(const QModelIndex& index) const
{
    if (!index.isValid())
        return {};
    const QSize cell = cellSize();
    const int column = index.row() % columns(), line = index.row() / columns();
    return QRect(QPoint(kMargin + column * (cell.width() + kGap), 4 + line * (cell.height() + 8) - verticalOffset()), cell);
}

QModelIndex GalleryView::indexAt(const QPoint& point) const
{
    const QSize cell = cellSize();
    const int x = point.x() - kMargin, y = point.y() - 4 + verticalOffset();
    if (x < 0 || y < 0)
        return {};
    const int column = x / (cell.width() + kGap), line = y / (cell.height() + 8);
    if (column >= columns() || x % (cell.width() + kGap) >= cell.width() || y % (cell.height() + 8) >= cell.height())
        return {};
    const int row = line * columns() + column;
    return row < count() ? model()->index(row, 0) : QModelIndex();
}

std::pair<int, int> GalleryView::visibleRows() const
{
    const int line = cellSize().height() + 8;
    const int first = std::max(0, (verticalOffset() - 4) / line) * columns();
    const int last = std::min(count(), ((verticalOffset() + viewport()->height()) / line + 1) * columns()) - 1;
    return { first, last };
}

std::pair<int, int> GalleryView::top() const
{
    const int row = visibleRows().first;
    return { row, count() > 0 ? 4 - visualRect(model()->index(row, 0)).top() : 0 };
}

void GalleryView::setTop(int row, int hiddenPixels)
{
    updateGeometries();
    verticalScrollBar()->setValue(row / columns() * (cellSize().height() + 8) + hiddenPixels);
}

void GalleryView::scrollTo(const QModelIndex& index, ScrollHint hint)
{
    const QRect rect = visualRect(index);
    if (!index.isValid())
        return;
    QScrollBar* bar = verticalScrollBar();
    const int bottom = viewport()->height() - m_bottomRoom;
    if (hint == PositionAtTop || rect.top() < 4)
        bar->setValue(bar->value() + rect.top() - 4);
    else if (hint == PositionAtCenter)
        bar->setValue(bar->value() + rect.center().y() - bottom / 2);
    else if (rect.bottom() > bottom - 4)
        bar->setValue(bar->value() + rect.bottom() - bottom + 4);
}

void GalleryView::updateGeometries()
{
    const int line = cellSize().height() + 8;
    const int content = 4 + rows() * line + m_bottomRoom;
    QScrollBar* bar = verticalScrollBar();
    bar->setSingleStep(line / 2);
    bar->setPageStep(viewport()->height());
    bar->setRange(0, std::max(0, content - viewport()->height()));
    QAbstractItemView::updateGeometries();
}

QModelIndex GalleryView::moveCursor(CursorAction action, Qt::KeyboardModifiers)
{
    if (count() == 0)
        return {};
    int row = currentIndex().isValid() ? currentIndex().row() : -1;
    const int page = std::max(1, viewport()->height() / (cellSize().height() + 8)) * columns();
    switch (action) {
    case MoveLeft:
    case MovePrevious: row -= 1; break;
    case MoveRight:
    case MoveNext: row += 1; break;
    case MoveUp: row = row - columns() < 0 ? row : row - columns(); break;
    case MoveDown: row = row + columns() >= count() ? row : row + columns(); break;
    case MovePageUp: row -= page; break;
    case MovePageDown: row += page; break;
    case MoveHome: row = 0; break;
    case MoveEnd: row = count() - 1; break;
    }
    return model()->index(std::clamp(row, 0, count() - 1), 0);
}

// Every cell that `rect` (of the viewport) touches.
void GalleryView::setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags flags)
{
    const QRect content = rect.normalized().translated(0, verticalOffset());
    const QSize cell = cellSize();
    const int line = cell.height() + 8;
    QItemSelection selection;
    for (int y = std::max(0, (content.top() - 4) / line); y <= (content.bottom() - 4) / line && y < rows(); ++y) {
        int first = -1, last = -1;
        for (int x = 0; x < columns(); ++x) {
            const int row = y * columns() + x;
            if (row < count() && visualRect(model()->index(row, 0)).intersects(rect.normalized())) {
                first = first < 0 ? row : first;
                last = row;
            }
        }
        if (first >= 0)
            selection.select(model()->index(first, 0), model()->index(last, 0));
    }
    selectionModel()->select(selection, flags);
}

QRegion GalleryView::visualRegionForSelection(const QItemSelection&) const { return viewport()->rect(); }

void GalleryView::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    painter.fillRect(event->rect(), style::tokens().panel);
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    const auto [first, last] = visibleRows();
    for (int row = first; row <= last; ++row) {
        const QModelIndex index = model()->index(row, 0);
        option.rect = visualRect(index);
        if (!option.rect.adjusted(-6, -6, 6, 6).intersects(event->rect()))
            continue;
        option.state = QStyle::State_Enabled;
        option.state.setFlag(QStyle::State_Selected, selectionModel()->isSelected(index));
        option.state.setFlag(QStyle::State_MouseOver, index == m_hover);
        option.state.setFlag(QStyle::State_HasFocus, m_byKey && hasFocus() && index == currentIndex());
        itemDelegateForIndex(index)->paint(&painter, option, index);
    }
}

void GalleryView::resizeEvent(QResizeEvent* event)
{
    QAbstractItemView::resizeEvent(event);
    updateGeometries();
}

QRect GalleryView::checkRect(const QModelIndex& index) const
{
    return QRect(visualRect(index).topLeft(), QSize(28, 28));
}

void GalleryView::mousePressEvent(QMouseEvent* event)
{
    setFocus(Qt::MouseFocusReason);
    m_byKey = false;
    const QModelIndex index = indexAt(event->pos());
    if (event->button() == Qt::LeftButton && index.isValid() && checkRect(index).contains(event->pos())
        && event->modifiers() == Qt::NoModifier) {
        selectionModel()->setCurrentIndex(index, QItemSelectionModel::Toggle);
        return;
    }
    if (event->button() == Qt::LeftButton && !index.isValid()) {
        m_banding = true;
        m_bandFrom = event->pos() + QPoint(0, verticalOffset());
        m_before = event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier) ? selectionModel()->selection() : QItemSelection();
        selectionModel()->select(m_before, QItemSelectionModel::ClearAndSelect);
        return;
    }
    QAbstractItemView::mousePressEvent(event);
}

void GalleryView::mouseMoveEvent(QMouseEvent* event)
{
    const QModelIndex index = indexAt(event->pos());
    if (index != m_hover) {
        m_hover = index;
        viewport()->update();
    }
    if (!m_banding)
        return; // no drag of cells, no selection by dragging over them
    const QRect band = QRect(m_bandFrom - QPoint(0, verticalOffset()), event->pos()).normalized();
    if (!m_band)
        m_band = new QRubberBand(QRubberBand::Rectangle, viewport());
    m_band->setGeometry(band);
    m_band->show();
    selectionModel()->select(m_before, QItemSelectionModel::ClearAndSelect);
    setSelection(band, QItemSelectionModel::Select);
}

void GalleryView::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_banding) {
        m_banding = false;
        if (m_band)
            m_band->hide();
        return;
    }
    QAbstractItemView::mouseReleaseEvent(event);
}

void GalleryView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const QModelIndex index = indexAt(event->pos()); index.isValid() && event->button() == Qt::LeftButton)
        Q_EMIT opened(index);
}

void GalleryView::keyPressEvent(QKeyEvent* event)
{
    m_byKey = true;
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (currentIndex().isValid())
            Q_EMIT opened(currentIndex());
        return;
    case Qt::Key_Escape:
        Q_EMIT escapePressed();
        return;
    case Qt::Key_Space:
        if (currentIndex().isValid())
            selectionModel()->select(currentIndex(), QItemSelectionModel::Toggle);
        return;
    default:
        QAbstractItemView::keyPressEvent(event);
    }
}

void GalleryView::leaveEvent(QEvent* event)
{
    m_hover = QModelIndex();
    viewport()->update();
    QAbstractItemView::leaveEvent(event);
}

bool GalleryView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::Leave && m_hover.isValid()) {
        m_hover = QModelIndex();
        viewport()->update();
    }
    return QAbstractItemView::viewportEvent(event);
}

void GalleryView::rowsInserted(const QModelIndex& parent, int start, int end)
{
    QAbstractItemView::rowsInserted(parent, start, end);
    updateGeometries();
    viewport()->update();
}

void GalleryView::rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end)
{
    QAbstractItemView::rowsAboutToBeRemoved(parent, start, end);
    scheduleDelayedItemsLayout();
}

}
