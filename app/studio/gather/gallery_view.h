#pragma once

#include <QAbstractItemView>

class QRubberBand;

namespace percept::studio {

// A grid of equal cells, placed by arithmetic: a list of a million rows costs no more than what is seen. Keys: arrows, Home,
// End, Page; Shift extends, Ctrl adds; Space ticks; Enter opens. A drag on empty ground selects by a frame.
class GalleryView : public QAbstractItemView {
    Q_OBJECT
public:
    explicit GalleryView(QWidget* parent = nullptr);
    void setThumbWidth(int width); // the cell follows: 4:3 over a line of text
    int thumbWidth() const { return m_thumbWidth; }
    QSize cellSize() const;
    void setBottomRoom(int pixels); // for a bar that floats over the foot

    QRect visualRect(const QModelIndex& index) const override;
    void scrollTo(const QModelIndex& index, ScrollHint hint = EnsureVisible) override;
    QModelIndex indexAt(const QPoint& point) const override;
    std::pair<int, int> visibleRows() const; // first and last; last < first when empty
    // How far it is scrolled: the first row that is seen, and how many pixels of it are not. Holds for other widths as well.
    std::pair<int, int> top() const;
    void setTop(int row, int hiddenPixels);

Q_SIGNALS:
    void opened(const QModelIndex& index);
    void escapePressed();

protected:
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    int horizontalOffset() const override { return 0; }
    int verticalOffset() const override;
    bool isIndexHidden(const QModelIndex&) const override { return false; }
    void setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags flags) override;
    QRegion visualRegionForSelection(const QItemSelection& selection) const override;
    void updateGeometries() override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void rowsInserted(const QModelIndex& parent, int start, int end) override;
    void rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end) override;
    bool viewportEvent(QEvent* event) override;

private:
    int columns() const;
    int rows() const; // of the grid
    int count() const;
    QRect checkRect(const QModelIndex& index) const;
    int m_thumbWidth = 156, m_bottomRoom = 0;
    QPersistentModelIndex m_hover;
    QRubberBand* m_band = nullptr;
    QPoint m_bandFrom; // in the content
    bool m_banding = false;
    bool m_byKey = false; // the current cell is shown once keys are used
    QItemSelection m_before;
};

}
