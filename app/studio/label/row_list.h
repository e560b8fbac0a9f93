#pragma once

#include <QListView>

namespace percept::studio {

// A list whose rows are all equally high, so that nothing has to be laid out: a row that comes, goes or changes costs the
// same however many there are. (QListView itself lays out all rows anew after each of these.)
class RowList : public QListView {
    Q_OBJECT
public:
    explicit RowList(int rowHeight, QWidget* parent = nullptr);
    void setModel(QAbstractItemModel* model) override;
    QRect visualRect(const QModelIndex& index) const override;
    QModelIndex indexAt(const QPoint& point) const override;
    void scrollTo(const QModelIndex& index, ScrollHint hint = EnsureVisible) override;
    void doItemsLayout() override { QAbstractItemView::doItemsLayout(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void updateGeometries() override;
    void dataChanged(const QModelIndex& first, const QModelIndex& last, const QList<int>& roles = {}) override;
    void rowsInserted(const QModelIndex& parent, int first, int last) override;
    void rowsAboutToBeRemoved(const QModelIndex& parent, int first, int last) override;
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    int horizontalOffset() const override { return 0; }
    int verticalOffset() const override;
    void setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags command) override;
    QRegion visualRegionForSelection(const QItemSelection& selection) const override;

private:
    int numRows() const;
    int rowAt(int y) const; // also of places above and below the rows
    QRect rectOf(int first, int last) const;
    void setHover(int row);
    void rowsMoved(int first); // all from there on

    const int m_rowHeight;
    int m_hover = -1;
};

}
