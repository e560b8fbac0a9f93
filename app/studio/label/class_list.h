#pragma once

#include "app/studio/frame/studio_context.h"

#include <QHash>
#include <QListView>
#include <QSet>

class QMenu;

namespace percept::studio {

// The classes with their keys: swatch, name, how many on this picture, eye. A click arms and gives it the keyboard; double
// click or F2 renames in place; a drag or Alt with an arrow moves; Alt with a digit gives that key; Del deletes. The menu has
// all of it, and merges. The armed one is highlighted. Other keys are the page's: it does not search by letters.
class ClassList : public QListView {
    Q_OBJECT
public:
    explicit ClassList(StudioContext& context, QWidget* parent = nullptr);

    void setArmed(LabelId id);
    LabelId armed() const { return m_armed; }
    void setCounts(const QHash<qint64, int>& counts); // on this picture, by label id
    bool isHidden(LabelId id) const { return m_hidden.contains(id.value); }
    void setHidden(LabelId id, bool hidden);
    int countOf(LabelId id) const { return m_counts.value(id.value); }
    void rename(LabelId id);
    bool renamedWithFocus() const { return m_renamedWithFocus; } // the last name was typed by who had the keyboard here
    bool cancelDrag(); // false: there was none
    void openMenu(LabelId id, QPoint globalAt);
    QString usesOf(LabelId id) const; // "361 objects on 120 pictures"; empty: none, or in the trash alone
    QSize sizeHint() const override;
    void keyboardSearch(const QString&) override { }

Q_SIGNALS:
    void armRequested(percept::LabelId id);
    void hiddenChanged();
    void renameRequested(percept::LabelId id, const QString& name);
    void colorRequested(percept::LabelId id, int rgb); // -1: the colour of its place
    void deleteRequested(percept::LabelId id, bool withBoxes);
    void moveRequested(percept::LabelId id, int to); // its place among the classes
    void keyRequested(percept::LabelId id, char key); // '0' .. '9'; 0: none
    void mergeRequested(percept::LabelId from, percept::LabelId into);

protected:
    using QListView::edit;
    bool edit(const QModelIndex& index, EditTrigger trigger, QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void paintEvent(QPaintEvent* event) override; // and where the dragged class would go

private:
    LabelId labelAt(const QModelIndex& index) const;
    QModelIndex indexOf(LabelId id) const;
    int gapAt(int y) const; // above the row of that number, or below the last
    void endDrag();
    void requestMove(int row, int to);
    void addKeys(QMenu& menu, LabelId id);
    void addColors(QMenu& menu, LabelId id);
    void addMoves(QMenu& menu, LabelId id);
    void addMerges(QMenu& menu, LabelId id);
    void addDeletes(QMenu& menu, LabelId id);
    StudioContext& m_context;
    QPoint m_pressedAt;
    int m_pressedRow = -1, m_gap = -1; // m_gap: a class is being dragged there
    LabelId m_armed;
    QHash<qint64, int> m_counts;
    QSet<qint64> m_hidden;
    bool m_renamedWithFocus = false;
};

}
