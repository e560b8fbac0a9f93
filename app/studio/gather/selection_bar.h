#pragma once

#include "core/domain/annotation.h"

#include <QWidget>

class QPushButton;

namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

// What can be done with the selected pictures; floats over the foot of the gallery.
class SelectionBar : public QWidget {
    Q_OBJECT
public:
    explicit SelectionBar(QWidget* parent);
    void setSelected(int count, bool inTrash);
    void place(); // at the foot of the parent

Q_SIGNALS:
    void labelRequested();
    void setRequested(percept::domain::SplitSet set);
    void stateRequested(percept::domain::ItemState state);
    void trashRequested(bool trashed);
    void clearRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    style::PlainLabel* m_count;
    QPushButton *m_label, *m_set, *m_state, *m_trash, *m_restore;
};

}
