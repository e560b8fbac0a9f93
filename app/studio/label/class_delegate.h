#pragma once

#include "app/studio/label/class_list.h"

#include <QStyledItemDelegate>

namespace percept::studio {

// A row of the list of classes: key, colour, name, whether it is armed, how many, eye.
class ClassDelegate : public QStyledItemDelegate {
public:
    static constexpr int kEyeWidth = 24;
    // "1"; of the eleventh to the twentieth class "⇧1".
    static QString keyOf(const QModelIndex& index, char own);

    ClassDelegate(const StudioContext& context, ClassList* list)
        : QStyledItemDelegate(list)
        , m_context(context)
        , m_list(list)
    {
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const override;
    void paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    // The whole name where it is cut.
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index) override;

private:
    QRect nameRect(const QRect& row, const domain::Label& label) const; // between the swatch and the count, without the word "armed"
    const StudioContext& m_context;
    ClassList* m_list;
};

}
