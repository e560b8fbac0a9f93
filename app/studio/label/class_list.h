#pragma once

#include "app/studio/frame/studio_context.h"

#include <QHash>
#include <QListView>
#include <QSet>

namespace percept::studio {

// The classes with their keys: swatch, name, how many on this picture, eye. A click arms; double click or F2 renames in
// place; the rest is in the context menu. The armed one is highlighted.
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
    QSize sizeHint() const override;

Q_SIGNALS:
    void armRequested(percept::LabelId id);
    void hiddenChanged();
    void renameRequested(percept::LabelId id, const QString& name);
    void colorRequested(percept::LabelId id, int rgb); // -1: the colour of its place
    void deleteRequested(percept::LabelId id);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    LabelId labelAt(const QModelIndex& index) const;
    StudioContext& m_context;
    LabelId m_armed;
    QHash<qint64, int> m_counts;
    QSet<qint64> m_hidden;
};

}
