#pragma once

#include "app/studio/frame/studio_context.h"
#include "app/studio/label/box_problem.h"

#include <QAbstractListModel>
#include <QHash>
#include <optional>
#include <unordered_map>
#include <vector>

namespace percept::studio {

// A line of the object list as values; its words are made when it is painted or read aloud.
struct ObjectRow {
    AnnotationId id;    // none: a proposal
    int proposal = -1;  // its key
    LabelId label;
    domain::AnnotationFlags flags;
    double width = 0, height = 0; // picture pixels
    double score = 0;   // of a proposal
    bool hidden = false, locked = false;
    bool shownOnly = false; // a proposal that cannot be taken
    BoxProblem problem = BoxProblem::None;
    bool operator==(const ObjectRow&) const = default;
};

// The lines of the object list: proposals as they are given, then objects by class, those of a class in the order in which
// they were made. An edit changes the lines of the objects concerned and no other, however many there are. A filter leaves lines
// out and the names of the others as they are; while there is one, every change is told by setRows().
class ObjectModel : public QAbstractListModel {
    Q_OBJECT
public:
    explicit ObjectModel(const StudioContext& context, QObject* parent = nullptr);

    // All of its words have to stand in what a line says: class, flags, "hidden", "locked", "problem", "proposal". Empty: all lines.
    void setFilter(const QString& text);
    bool isFiltered() const { return !m_filter.isEmpty(); }
    void setRows(std::vector<ObjectRow> proposals, std::vector<ObjectRow> objects);
    void setProposals(std::vector<ObjectRow> proposals);
    void changeRow(AnnotationId id, const std::optional<ObjectRow>& row); // none: it has gone
    void replaceId(AnnotationId from, AnnotationId to); // the same object, stored now

    const std::vector<ObjectRow>& rows() const { return m_rows; }
    int rowOf(AnnotationId id) const; // -1: not there
    int numberOf(int row) const;      // of an object within its class, from 1
    const QHash<qint64, int>& counts() const { return m_counts; } // objects by label id
    int numListed() const { return int(m_rows.size()) - m_numProposals; } // objects that have a line
    int numObjects() const { return int(m_labelOf.size()); }

    QString name(int row) const;   // "WBC 1"
    QString nameOf(AnnotationId id) const; // also of one that the filter leaves out; empty: not there
    QString figure(int row) const; // "149 × 154", "0.94"

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(m_rows.size()); }
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    bool before(const ObjectRow& a, const ObjectRow& b) const;
    int placeOf(const ObjectRow& row) const; // where it stands or would stand
    void insert(const ObjectRow& row);
    void remove(int row);
    void count(LabelId label, int by);
    bool isListed(const ObjectRow& row) const;
    void applyFilter(std::vector<ObjectRow>& proposals, std::vector<ObjectRow>& objects);
    QString wordFor(LabelId label) const;

    const StudioContext& m_context;
    std::vector<ObjectRow> m_rows;
    int m_numProposals = 0;
    QHash<qint64, int> m_counts;
    QHash<qint64, int> m_places; // of the classes, as of the last setRows
    std::unordered_map<AnnotationId, LabelId> m_labelOf; // of the objects: where to look for their rows
    QStringList m_filter;                                // lower case
    std::unordered_map<AnnotationId, int> m_numbers;     // within their classes; of all objects, while there is a filter
};

}
