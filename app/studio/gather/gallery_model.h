#pragma once

#include "app/studio/frame/studio_context.h"

#include <QAbstractListModel>
#include <QImage>
#include <atomic>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace percept::studio {

// The items of a filter as a list: all ids (8 bytes each, read on another thread), and the details of the pages that were
// looked at last. Details are read when a row is painted, a page at a time by key.
class GalleryModel : public QAbstractListModel {
    Q_OBJECT
public:
    struct Cell {
        domain::Item item;
        std::vector<domain::Annotation> annotations;
    };
    explicit GalleryModel(StudioContext& context, QObject* parent = nullptr);

    void setFilter(const dataset::ItemFilter& filter); // the rows follow; rowsRead() says when
    const dataset::ItemFilter& filter() const { return m_filter; }
    void reload();   // the same filter again; keeps what is equal (rows are removed and inserted, not reset, when few changed)
    void clear();
    // Nobody looks at it: what commits change waits until somebody does.
    void setShown(bool shown);
    bool isReading() const { return m_reading; }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    ItemId itemAt(int row) const;
    int rowOf(ItemId item) const; // -1: not in this filter
    int rowFrom(ItemId item) const; // its row, or the one where it would be; -1: there are none
    const std::vector<ItemId>& ids() const { return m_ids; }
    const Cell* cell(int row) const; // null only when it cannot be read
    QImage thumbnail(int row) const; // null while it is made
    StudioContext& context() const { return m_context; }

Q_SIGNALS:
    void rowsRead(); // the rows are those of the filter

private:
    void readPage(int row) const;
    void onCommitted(const services::ProjectSession::Notice& notice);
    void keepForLater(const services::ProjectSession::Notice& notice);
    void lookAgain(const std::vector<ItemId>& items);
    void replaceIds(std::vector<ItemId> ids);
    void changeIds(const std::vector<ItemId>& gone, const std::vector<ItemId>& come);

    StudioContext& m_context;
    dataset::ItemFilter m_filter;
    std::vector<ItemId> m_ids;
    std::shared_ptr<std::atomic<int>> m_newest; // number of the last reading: older ones are dropped, also before they begin
    bool m_reading = false, m_shown = true;
    std::optional<services::ProjectSession::Notice> m_missed; // committed while nobody looked
    mutable std::unordered_map<std::int64_t, Cell> m_cells;
};

}
