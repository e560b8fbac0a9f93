#pragma once

#include "app/studio/frame/studio_context.h"

#include <QListView>
#include <optional>
#include <vector>

namespace percept::studio {

class ObjectModel;

// What lies on the picture: proposals first, best first, then objects by class. Selection and hover go both ways with the
// canvas; actions of a row appear at its right end.
class ObjectList : public QListView {
    Q_OBJECT
public:
    struct Row {
        AnnotationId id;               // none: a proposal
        int proposal = -1;             // key of the proposal
        QString name, note;            // "WBC 1"; "proposal"
        QString figure;                // "149 × 154", "0.94"
        QString flags;                 // letters of the flags that are set
        QColor color;
        bool hatched = false, hidden = false;
    };

    explicit ObjectList(QWidget* parent = nullptr);
    void setRows(std::vector<Row> rows);
    const std::vector<Row>& rows() const;
    void setSelectedIds(const std::vector<AnnotationId>& ids);
    void setHovered(AnnotationId id); // from the canvas
    void setHighlighted(std::optional<int> proposal);

Q_SIGNALS:
    void selectionRequested(std::vector<percept::AnnotationId> ids);
    void hoverRequested(percept::AnnotationId id); // none: nothing
    void visibilityRequested(percept::AnnotationId id);
    void deleteRequested(percept::AnnotationId id);
    void proposalRequested(int key);
    void acceptRequested(int key);
    void dropRequested(int key);

protected:
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    bool pressAction(const Row& row, int x);
    ObjectModel* m_model;
    bool m_syncing = false;
};

}
