#include "app/studio/gather/gallery_model.h"

#include "app/studio/frame/thumbnails.h"

#include <algorithm>

namespace percept::studio {
namespace {
constexpr int kPage = 32;
constexpr std::size_t kMaxCells = 2048;
}

GalleryModel::GalleryModel(StudioContext& context, QObject* parent)
    : QAbstractListModel(parent)
    , m_context(context)
{
    connect(&context, &StudioContext::committed, this, &GalleryModel::onCommitted);
    connect(&context, &StudioContext::projectAboutToClose, this, &GalleryModel::clear);
}

void GalleryModel::setFilter(const dataset::ItemFilter& filter)
{
    m_filter = filter;
    reload();
}

void GalleryModel::clear()
{
    beginResetModel();
    m_ids.clear();
    m_cells.clear();
    endResetModel();
}

void GalleryModel::reload()
{
    if (!m_context.session())
        return clear();
    auto ids = m_context.session()->reader().readItemIds(m_filter);
    if (ids.hasError())
        return m_context.reportError(tr("The gallery cannot be read"), ids.error());
    replaceIds(std::move(ids).value());
}

// A few rows that went or came keep the selection and the scroll position; anything else is a new list.
void GalleryModel::replaceIds(std::vector<ItemId> ids)
{
    if (ids == m_ids)
        return;
    std::vector<ItemId> gone, come;
    std::set_difference(m_ids.begin(), m_ids.end(), ids.begin(), ids.end(), std::back_inserter(gone));
    std::set_difference(ids.begin(), ids.end(), m_ids.begin(), m_ids.end(), std::back_inserter(come));
    if (gone.size() + come.size() > 64) {
        beginResetModel();
        m_ids = std::move(ids);
        endResetModel();
        return;
    }
    for (const ItemId id : gone) {
        const auto at = std::lower_bound(m_ids.begin(), m_ids.end(), id);
        const int row = static_cast<int>(at - m_ids.begin());
        beginRemoveRows({}, row, row);
        m_ids.erase(at);
        endRemoveRows();
    }
    for (const ItemId id : come) {
        const auto at = std::lower_bound(m_ids.begin(), m_ids.end(), id);
        const int row = static_cast<int>(at - m_ids.begin());
        beginInsertRows({}, row, row);
        m_ids.insert(at, id);
        endInsertRows();
    }
}

int GalleryModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_ids.size()); }

QVariant GalleryModel::data(const QModelIndex& index, int role) const
{
    const bool text = role == Qt::DisplayRole || role == Qt::AccessibleTextRole;
    if (!index.isValid() || !text)
        return {};
    const Cell* found = cell(index.row());
    return found ? QString::fromStdString(found->item.name) : QString();
}

ItemId GalleryModel::itemAt(int row) const
{
    return row >= 0 && row < static_cast<int>(m_ids.size()) ? m_ids[static_cast<std::size_t>(row)] : ItemId {};
}

int GalleryModel::rowOf(ItemId item) const
{
    const auto at = std::lower_bound(m_ids.begin(), m_ids.end(), item);
    return at != m_ids.end() && *at == item ? static_cast<int>(at - m_ids.begin()) : -1;
}

const GalleryModel::Cell* GalleryModel::cell(int row) const
{
    const ItemId id = itemAt(row);
    if (!id.isValid())
        return nullptr;
    auto found = m_cells.find(id.value);
    if (found == m_cells.end()) {
        readPage(row);
        found = m_cells.find(id.value);
    }
    return found == m_cells.end() ? nullptr : &found->second;
}

// The rows around `row`, from the reader of the interface thread: one query by key, and one a picture for its boxes.
void GalleryModel::readPage(int row) const
{
    if (!m_context.session())
        return;
    if (m_cells.size() > kMaxCells)
        m_cells.clear();
    const int first = row / kPage * kPage;
    const ItemId after { m_ids[static_cast<std::size_t>(first)].value - 1 };
    const dataset::ProjectReader& reader = m_context.session()->reader();
    auto items = reader.readItems(m_filter, after, kPage);
    if (items.hasError())
        return;
    for (domain::Item& item : *items) {
        if (m_cells.contains(item.id.value))
            continue;
        auto boxes = item.boxCount > 0 ? reader.readAnnotations(item.id) : base::Result<std::vector<domain::Annotation>>(std::vector<domain::Annotation>());
        const std::int64_t key = item.id.value;
        m_cells.emplace(key, Cell { std::move(item), std::move(boxes).valueOr({}) });
    }
    if (const ItemId id = itemAt(row); !m_cells.contains(id.value)) // changed since the ids were read
        if (auto item = reader.readItem(id); item.hasValue() && item->has_value())
            m_cells.emplace(id.value, Cell { **item, reader.readAnnotations(id).valueOr({}) });
}

QImage GalleryModel::thumbnail(int row) const
{
    const Cell* found = cell(row);
    if (!found || !m_context.session())
        return {};
    return m_context.thumbnails().thumbnail(found->item, m_context.session()->reader().mediaPath(found->item));
}

void GalleryModel::onCommitted(const services::ProjectSession::Notice& notice)
{
    if (notice.everything || notice.labelsChanged)
        m_cells.clear();
    for (const ItemId id : notice.items)
        m_cells.erase(id.value);
    reload();
    if (notice.everything || notice.labelsChanged) {
        if (!m_ids.empty())
            Q_EMIT dataChanged(index(0), index(rowCount() - 1));
        return;
    }
    for (const ItemId id : notice.items)
        if (const int row = rowOf(id); row >= 0)
            Q_EMIT dataChanged(index(row), index(row));
}

}
