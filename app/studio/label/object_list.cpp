#include "app/studio/label/object_list.h"

#include "app/studio/label/object_delegate.h"
#include "widgets/style/widgets.h"

#include <QItemSelection>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <unordered_set>

namespace percept::studio {

ObjectList::ObjectList(StudioContext& context, QWidget* parent)
    : RowList(style::height::kRow, parent)
    , m_model(new ObjectModel(context, this))
{
    setObjectName(QStringLiteral("objectList"));
    setAccessibleName(tr("Objects on this picture"));
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setModel(m_model);
    setItemDelegate(new ObjectDelegate(context, this));
    const auto stale = [this] { m_isStale = true; };
    connect(m_model, &QAbstractItemModel::rowsInserted, this, stale);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, stale);
    connect(m_model, &QAbstractItemModel::modelReset, this, stale);
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (m_syncing)
            return;
        std::vector<AnnotationId> ids;
        for (const QModelIndex& index : selectionModel()->selectedIndexes())
            ids.push_back(rows()[std::size_t(index.row())].id);
        m_isStale = true;
        Q_EMIT selectionRequested(ids);
    });
}

// Rows that come and go move the selection about; the canvas says what is selected.
template <typename Change>
void ObjectList::changeRows(Change change)
{
    m_syncing = true;
    change();
    m_syncing = false;
}

void ObjectList::setRows(std::vector<Row> proposals, std::vector<Row> objects)
{
    changeRows([&] { m_model->setRows(std::move(proposals), std::move(objects)); });
}

void ObjectList::setFilter(const QString& text)
{
    m_filter = text.trimmed();
    m_model->setFilter(m_filter);
    viewport()->update(); // what it says when nothing is left names the filter
}

void ObjectList::setProposals(std::vector<Row> proposals)
{
    changeRows([&] { m_model->setProposals(std::move(proposals)); });
}

void ObjectList::changeRow(AnnotationId id, const std::optional<Row>& row)
{
    changeRows([&] { m_model->changeRow(id, row); });
}

void ObjectList::replaceId(AnnotationId from, AnnotationId to)
{
    m_model->replaceId(from, to);
    std::replace(m_selected.begin(), m_selected.end(), from, to);
    if (m_hovered == from)
        m_hovered = to;
}

QString ObjectList::nameOf(AnnotationId id) const
{
    return m_model->nameOf(id);
}

QItemSelection ObjectList::rowsOf(const std::vector<AnnotationId>& ids) const
{
    constexpr std::size_t kFew = 16;
    if (ids.size() <= kFew)
        return rowsOfFew(ids);
    const std::unordered_set<AnnotationId> chosen(ids.begin(), ids.end());
    QItemSelection selection;
    if (chosen.empty())
        return selection;
    const auto isChosen = [&](const Row& row) { return row.id.value != 0 && chosen.count(row.id) > 0; };
    for (auto at = rows().begin(); (at = std::find_if(at, rows().end(), isChosen)) != rows().end();) {
        const auto end = std::find_if_not(at, rows().end(), isChosen);
        selection.select(m_model->index(int(at - rows().begin()), 0), m_model->index(int(end - rows().begin()) - 1, 0));
        at = end;
    }
    return selection;
}

// Without a look at all the others.
QItemSelection ObjectList::rowsOfFew(const std::vector<AnnotationId>& ids) const
{
    std::vector<int> chosen;
    for (AnnotationId id : ids)
        if (const int row = m_model->rowOf(id); row >= 0)
            chosen.push_back(row);
    std::sort(chosen.begin(), chosen.end());
    QItemSelection selection;
    for (int row : chosen)
        selection.select(m_model->index(row, 0), m_model->index(row, 0));
    return selection;
}

void ObjectList::setSelectedIds(const std::vector<AnnotationId>& ids)
{
    if (!std::exchange(m_isStale, false) && ids == m_selected)
        return;
    m_selected = ids;
    const QItemSelection selection = rowsOf(ids);
    m_syncing = true;
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    if (!selection.isEmpty()) {
        const QModelIndex last = selection.back().bottomRight();
        selectionModel()->setCurrentIndex(last, QItemSelectionModel::NoUpdate);
        scrollTo(last);
    }
    m_syncing = false;
}

void ObjectList::updateRow(AnnotationId id)
{
    if (const int row = m_model->rowOf(id); row >= 0)
        update(m_model->index(row, 0));
}

void ObjectList::setHovered(AnnotationId id)
{
    updateRow(std::exchange(m_hovered, id));
    updateRow(id);
}

void ObjectList::setHighlighted(std::optional<int> proposal)
{
    if (std::exchange(m_highlighted, proposal) == proposal)
        return;
    viewport()->update();
    const auto at = std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return proposal && row.proposal == *proposal; });
    if (at != rows().end())
        scrollTo(m_model->index(int(at - rows().begin()), 0));
}

void ObjectList::setDone(bool done)
{
    if (std::exchange(m_done, done) != done)
        viewport()->update();
}

void ObjectList::setProposing(bool proposing)
{
    if (std::exchange(m_proposing, proposing) != proposing)
        viewport()->update();
}

bool ObjectList::pressAction(const Row& row, int x)
{
    const int fromRight = viewport()->width() - 1 - ObjectDelegate::kEdge - x;
    if (fromRight < 0 || fromRight >= 2 * ObjectDelegate::kAction)
        return false;
    const bool second = fromRight >= ObjectDelegate::kAction;
    if (row.shownOnly && second)
        return false;
    if (row.proposal >= 0)
        second ? Q_EMIT acceptRequested(row.proposal) : Q_EMIT dropRequested(row.proposal);
    else
        second ? Q_EMIT visibilityRequested(row.id) : row.locked ? Q_EMIT unlockRequested(row.id) : Q_EMIT deleteRequested(row.id);
    return true;
}

void ObjectList::mousePressEvent(QMouseEvent* event)
{
    const QModelIndex index = indexAt(event->position().toPoint());
    if (index.isValid() && event->button() == Qt::LeftButton) {
        const Row row = rows()[std::size_t(index.row())];
        if (pressAction(row, int(event->position().x())))
            return;
        if (row.proposal >= 0) {
            Q_EMIT proposalRequested(row.proposal);
            return;
        }
    }
    RowList::mousePressEvent(event);
}

void ObjectList::mouseMoveEvent(QMouseEvent* event)
{
    RowList::mouseMoveEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    Q_EMIT hoverRequested(index.isValid() ? rows()[std::size_t(index.row())].id : AnnotationId {});
}

void ObjectList::leaveEvent(QEvent* event)
{
    RowList::leaveEvent(event);
    Q_EMIT hoverRequested({});
}

void ObjectList::paintEvent(QPaintEvent* event)
{
    RowList::paintEvent(event);
    if (!rows().empty())
        return;
    QPainter painter(viewport());
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(style::tokens().text2);
    painter.drawText(viewport()->rect().adjusted(12, 8, -12, 0), Qt::AlignTop | Qt::AlignLeft | Qt::TextWordWrap,
        isFiltered() && numObjects() > 0 ? tr("No object here is or is called \u201C%1\u201D. Esc in the field above lists all.").arg(m_filter)
            : m_done                     ? tr("Done without objects: it trains as background.")
            : m_proposing                ? tr("No objects yet. Press R and draw, or let a model propose.")
                                         : tr("No objects yet. Press R and draw."));
}

}
