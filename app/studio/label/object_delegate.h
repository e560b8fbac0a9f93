#pragma once

#include "app/studio/label/object_list.h"

#include <QStyledItemDelegate>

namespace percept::studio {

// A row of the object list: colour, name, what is wrong, flags, figure, actions.
class ObjectDelegate : public QStyledItemDelegate {
public:
    static constexpr int kAction = 22; // width of one action at the right end of a row
    static constexpr int kEdge = 8;

    ObjectDelegate(const StudioContext& context, ObjectList* list)
        : QStyledItemDelegate(list)
        , m_context(context)
        , m_list(*list)
    {
    }
    void paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index) override;

private:
    void paintMark(QPainter& p, const QRect& r, const ObjectRow& row) const;
    void paintFigure(QPainter& p, const QRect& r, int at) const; // with what stands before it
    QRect nameRect(const QRect& r, int at) const;
    QString shownName(const QRect& r, int at, bool selected) const; // the number of an object stays, however long its class
    void paintTexts(QPainter& p, const QRect& r, int at, bool selected) const;

    const StudioContext& m_context;
    const ObjectList& m_list;
};

}
