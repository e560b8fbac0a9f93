#include "app/studio/gather/gallery_model.h"

#include "app/studio/frame/thumbnails.h"

#include <algorithm>
#include <utility>

namespace percept::studio {
namespace {
constexpr int kPage = 32;
constexpr std::size_t kMaxCells = 2048;
constexpr std::size_t kFew = 16; // items that are looked up one by one
}

GalleryModel::GalleryModel(StudioContext& context, QObject* parent)
    : QAbstractListModel(parent)
    , m_context(context)
    , m_newest(std::make_shared<std::atomic<int>>(0))
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
    ++*m_newest;
    m_reading = false;
    m_missed.reset();
    beginResetModel();
    m_ids.clear();
    m_cells.clear();
    endResetModel();
}

void GalleryModel::reload()
{
    if (!m_context.session())
        return clear();
    using Ids = base::Result<std::vector<ItemId>>;
    const int number = ++*m_newest;
    m_reading = true;
    m_context.readInBackground<Ids>(
        this,
        [filter = m_filter, newest = m_newest, number](dataset::ProjectReader& reader) -> Ids {
            if (*newest != number)
                return base::cancelled();
            return reader.readItemIds(filter);
        },
        [this, number](Ids ids) {
            if (*m_newest != number)
                return;
            m_reading = false;
            if (ids.hasError())
                m_context.reportError(tr("The gallery cannot be read"), ids.error());
            else
                replaceIds(std::move(ids).value());
            Q_EMIT rowsRead();
        });
}

// A few rows that went or came keep the scroll position; anything else is a new list (whoever selects, selects again).
void GalleryModel::replaceIds(std::vector<ItemId> ids)
{
    constexpr std::size_t kFewRows = 64;
    if (ids == m_ids)
        return;
    std::vector<ItemId> gone, come;
    std::set_difference(m_ids.begin(), m_ids.end(), ids.begin(), ids.end(), std::back_inserter(gone));
    std::set_difference(ids.begin(), ids.end(), m_ids.begin(), m_ids.end(), std::back_inserter(come));
    if (gone.size() + come.size() <= kFewRows)
        return changeIds(gone, come);
    beginResetModel();
    m_ids = std::move(ids);
    endResetModel();
}

void GalleryModel::changeIds(const std::vector<ItemId>& gone, const std::vector<ItemId>& come)
{
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

// After an edit of few items: only whether these pass the filter now.
void GalleryModel::lookAgain(const std::vector<ItemId>& items)
{
    using Passing = std::vector<ItemId>;
    m_context.readInBackground<Passing>(
        this,
        [filter = m_filter, items](dataset::ProjectReader& reader) {
            Passing passing;
            for (const ItemId id : items)
                if (const auto there = reader.readItems(filter, { id.value - 1 }, 1).valueOr({}); !there.empty() && there.front().id == id)
                    passing.push_back(id);
            return passing;
        },
        [this, items, number = m_newest->load()](Passing passing) {
            if (*m_newest != number)
                return; // a newer reading knows better
            Passing gone, come;
            for (const ItemId id : items) {
                const bool is = std::find(passing.begin(), passing.end(), id) != passing.end();
                if (is != (rowOf(id) >= 0))
                    (is ? come : gone).push_back(id);
            }
            changeIds(gone, come);
        });
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

int GalleryModel::rowFrom(ItemId item) const
{
    return std::min(static_cast<int>(std::lower_bound(m_ids.begin(), m_ids.end(), item) - m_ids.begin()), rowCount() - 1);
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

// The rows around `row`, from the reader of the interface thread: by key, so that no filter has to search.
void GalleryModel::readPage(int row) const
{
    if (!m_context.session())
        return;
    if (m_cells.size() > kMaxCells)
        m_cells.clear();
    const dataset::ProjectReader& reader = m_context.session()->reader();
    const int first = row / kPage * kPage;
    for (int near = first; near < std::min(first + kPage, rowCount()); ++near) {
        const ItemId id = itemAt(near);
        if (m_cells.contains(id.value))
            continue;
        auto item = reader.readItem(id).valueOr({});
        if (!item)
            continue;
        auto boxes = item->boxCount > 0 ? reader.readAnnotations(id).valueOr({}) : std::vector<domain::Annotation>();
        m_cells.emplace(id.value, Cell { std::move(*item), std::move(boxes) });
    }
}

QImage GalleryModel::thumbnail(int row) const
{
    const Cell* found = cell(row);
    if (!found || !m_context.session())
        return {};
    return m_context.thumbnails().thumbnail(found->item, m_context.session()->reader().mediaPath(found->item));
}

void GalleryModel::setShown(bool shown)
{
    m_shown = shown;
    if (shown && m_missed)
        onCommitted(*std::exchange(m_missed, {}));
}

void GalleryModel::keepForLater(const services::ProjectSession::Notice& notice)
{
    if (!m_missed)
        m_missed.emplace();
    m_missed->everything |= notice.everything;
    m_missed->labelsChanged |= notice.labelsChanged;
    for (const ItemId id : notice.items)
        if (m_missed->items.size() <= kFew && std::find(m_missed->items.begin(), m_missed->items.end(), id) == m_missed->items.end())
            m_missed->items.push_back(id);
    m_missed->everything |= m_missed->items.size() > kFew; // cheaper than to name them
}

void GalleryModel::onCommitted(const services::ProjectSession::Notice& notice)
{
    if (!m_shown)
        return keepForLater(notice);
    if (notice.everything || notice.labelsChanged)
        m_cells.clear();
    for (const ItemId id : notice.items)
        m_cells.erase(id.value);
    if (notice.everything || notice.items.size() > kFew || m_reading)
        reload();
    else if (!notice.items.empty())
        lookAgain(notice.items);
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
