#pragma once

#include "app/studio/label/object_model.h"
#include "app/studio/label/row_list.h"

namespace percept::studio {

// What lies on the picture: proposals first, best first, then objects by class. Selection and hover go both ways with the
// canvas; actions of a row appear at its right end.
class ObjectList : public RowList {
    Q_OBJECT
public:
    using Row = ObjectRow;

    explicit ObjectList(StudioContext& context, QWidget* parent = nullptr);
    void setRows(std::vector<Row> proposals, std::vector<Row> objects);
    void setProposals(std::vector<Row> proposals);
    void changeRow(AnnotationId id, const std::optional<Row>& row); // none: it has gone
    void replaceId(AnnotationId from, AnnotationId to);
    const std::vector<Row>& rows() const { return m_model->rows(); }
    const QHash<qint64, int>& counts() const { return m_model->counts(); } // objects by label id
    int numObjects() const { return m_model->numObjects(); }
    int numListed() const { return m_model->numListed(); }
    void setFilter(const QString& text); // shows with the next setRows()
    bool isFiltered() const { return m_model->isFiltered(); }
    QString nameOf(AnnotationId id) const; // "WBC 1"; empty: no such row
    void setSelectedIds(const std::vector<AnnotationId>& ids);
    void setHovered(AnnotationId id); // from the canvas
    void setHighlighted(std::optional<int> proposal);
    void setDone(bool done); // is the picture finished?
    void setProposing(bool proposing); // is there a model that may be asked here?

Q_SIGNALS:
    void selectionRequested(std::vector<percept::AnnotationId> ids);
    void hoverRequested(percept::AnnotationId id); // none: nothing
    void visibilityRequested(percept::AnnotationId id);
    void deleteRequested(percept::AnnotationId id);
    void unlockRequested(percept::AnnotationId id);
    void proposalRequested(int key);
    void acceptRequested(int key);
    void dropRequested(int key);

protected:
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    template <typename Change>
    void changeRows(Change change);
    QItemSelection rowsOf(const std::vector<AnnotationId>& ids) const;
    QItemSelection rowsOfFew(const std::vector<AnnotationId>& ids) const;
    void updateRow(AnnotationId id);
    bool pressAction(const Row& row, int x);

    ObjectModel* m_model;
    std::vector<AnnotationId> m_selected; // what the rows show as selected
    AnnotationId m_hovered;
    std::optional<int> m_highlighted;
    bool m_proposing = false, m_done = false;
    QString m_filter;
    bool m_syncing = false, m_isStale = true; // stale: rows came or went since they were told what is selected
    friend class ObjectDelegate;
};

}
