#include "app/studio/label/row_list.h"

#include <QAbstractItemDelegate>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

namespace percept::studio {

RowList::RowList(int rowHeight, QWidget* parent)
    : QListView(parent)
    , m_rowHeight(rowHeight)
{
    setMouseTracking(true);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void RowList::setModel(QAbstractItemModel* model)
{
    QListView::setModel(model);
    connect(model, &QAbstractItemModel::rowsRemoved, this, [this](const QModelIndex&, int first) { rowsMoved(first); });
}

// These pass QListView by: it would lay out everything.
void RowList::dataChanged(const QModelIndex& first, const QModelIndex& last, const QList<int>& roles)
{
    QAbstractItemView::dataChanged(first, last, roles);
}

void RowList::rowsInserted(const QModelIndex& parent, int first, int last)
{
    QAbstractItemView::rowsInserted(parent, first, last);
    rowsMoved(first);
}

void RowList::rowsAboutToBeRemoved(const QModelIndex& parent, int first, int last)
{
    QAbstractItemView::rowsAboutToBeRemoved(parent, first, last);
}

void RowList::rowsMoved(int first)
{
    updateGeometries();
    const int top = std::max(rectOf(first, first).top(), 0);
    viewport()->update(0, top, viewport()->width(), viewport()->height() - top);
}

int RowList::numRows() const { return model() ? model()->rowCount(rootIndex()) : 0; }

int RowList::rowAt(int y) const
{
    const int place = y + verticalOffset();
    return place >= 0 ? place / m_rowHeight : -1;
}

int RowList::verticalOffset() const { return verticalScrollBar()->value(); }

QRect RowList::rectOf(int first, int last) const
{
    return { 0, first * m_rowHeight - verticalOffset(), viewport()->width(), (last - first + 1) * m_rowHeight };
}

QRect RowList::visualRect(const QModelIndex& index) const { return index.isValid() ? rectOf(index.row(), index.row()) : QRect(); }

QModelIndex RowList::indexAt(const QPoint& point) const
{
    const int row = rowAt(point.y());
    return row >= 0 && row < numRows() ? model()->index(row, 0, rootIndex()) : QModelIndex();
}

void RowList::scrollTo(const QModelIndex& index, ScrollHint hint)
{
    if (!index.isValid())
        return;
    executeDelayedItemsLayout();
    const int top = index.row() * m_rowHeight, room = viewport()->height(), now = verticalOffset();
    const int lowest = top + m_rowHeight - room; // the row at the lower edge
    int to = now;
    if (hint == PositionAtTop)
        to = top;
    else if (hint == PositionAtBottom)
        to = lowest;
    else if (hint == PositionAtCenter)
        to = (top + lowest) / 2;
    else if (top < now || lowest > now)
        to = top < now ? top : std::min(lowest, top);
    verticalScrollBar()->setValue(to);
}

void RowList::updateGeometries()
{
    verticalScrollBar()->setSingleStep(m_rowHeight);
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setRange(0, std::max(numRows() * m_rowHeight - viewport()->height(), 0));
    QAbstractItemView::updateGeometries();
}

void RowList::resizeEvent(QResizeEvent* event)
{
    QAbstractItemView::resizeEvent(event);
    updateGeometries();
}

void RowList::scrollContentsBy(int dx, int dy) { viewport()->scroll(dx, dy); }

QModelIndex RowList::moveCursor(CursorAction action, Qt::KeyboardModifiers)
{
    const int rows = numRows(), page = std::max(viewport()->height() / m_rowHeight - 1, 1);
    if (rows == 0)
        return {};
    int row = std::max(currentIndex().row(), 0);
    switch (action) {
    case MoveUp:
    case MoveLeft:
    case MovePrevious: --row; break;
    case MoveDown:
    case MoveRight:
    case MoveNext: ++row; break;
    case MovePageUp: row -= page; break;
    case MovePageDown: row += page; break;
    case MoveHome: row = 0; break;
    case MoveEnd: row = rows - 1; break;
    }
    return model()->index(std::clamp(row, 0, rows - 1), 0, rootIndex());
}

void RowList::setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags command)
{
    // The view hands in corners in any order, and also such that lie outside it.
    const int last = numRows() - 1;
    const int from = std::max(rowAt(std::min(rect.top(), rect.bottom())), 0);
    const int to = std::min(rowAt(std::max(rect.top(), rect.bottom())), last);
    QItemSelection selection;
    if (from <= to)
        selection.select(model()->index(from, 0, rootIndex()), model()->index(to, 0, rootIndex()));
    selectionModel()->select(selection, command);
}

QRegion RowList::visualRegionForSelection(const QItemSelection& selection) const
{
    QRegion region;
    for (const QItemSelectionRange& range : selection)
        region += rectOf(range.top(), range.bottom()).intersected(viewport()->rect());
    return region;
}

void RowList::setHover(int row)
{
    if (row == m_hover)
        return;
    viewport()->update(rectOf(m_hover, m_hover));
    m_hover = row;
    viewport()->update(rectOf(m_hover, m_hover));
}

void RowList::mouseMoveEvent(QMouseEvent* event)
{
    QAbstractItemView::mouseMoveEvent(event);
    setHover(indexAt(event->position().toPoint()).row());
}

void RowList::leaveEvent(QEvent* event)
{
    QAbstractItemView::leaveEvent(event);
    setHover(-1);
}

void RowList::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    QStyleOptionViewItem option;
    initViewItemOption(&option);
    const QStyle::State state = option.state & ~(QStyle::State_MouseOver | QStyle::State_Selected);
    const int last = std::min(rowAt(event->rect().bottom()), numRows() - 1);
    for (int row = std::max(rowAt(event->rect().top()), 0); row <= last; ++row) {
        const QModelIndex index = model()->index(row, 0, rootIndex());
        option.rect = rectOf(row, row);
        option.state = state;
        if (selectionModel()->isSelected(index))
            option.state |= QStyle::State_Selected;
        if (row == m_hover)
            option.state |= QStyle::State_MouseOver;
        itemDelegateForIndex(index)->paint(&painter, option, index);
    }
}

}
