#include "app/studio/label/object_list.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QItemSelection>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>
#include <unordered_set>

namespace percept::studio {

namespace {
    constexpr int kAction = 22; // width of one action at the right end of a row
    constexpr int kEdge = 8;

    QString flagLetters(const domain::AnnotationFlags& flags)
    {
        const std::pair<bool, char> letters[] = { { flags.occluded, 'Q' }, { flags.truncated, 'T' }, { flags.crowd, 'Y' }, { flags.difficult, 'U' } };
        QString set;
        for (const auto& [on, letter] : letters)
            if (on)
                set += QLatin1Char(letter);
        return set;
    }
}

class ObjectDelegate : public QStyledItemDelegate {
public:
    ObjectDelegate(const StudioContext& context, ObjectList* list)
        : QStyledItemDelegate(list)
        , m_context(context)
        , m_list(*list)
    {
    }
    void paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        const ObjectRow& row = m_list.rows()[std::size_t(index.row())];
        const bool selected = option.state & QStyle::State_Selected;
        const bool proposal = row.proposal >= 0;
        const bool hover = (option.state & QStyle::State_MouseOver) || (row.id.value && row.id == m_list.m_hovered)
            || (proposal && m_list.m_highlighted == row.proposal);
        p->fillRect(option.rect, selected ? t.accentSoft : hover ? t.hover : t.panel);
        paintMark(*p, option.rect, row);
        paintActions(*p, option.rect, row, hover || selected);
        paintTexts(*p, option.rect, index.row(), selected);
    }

private:
    static int textEnd(const QRect& r) { return r.right() - kEdge - 2 * kAction; }
    void paintMark(QPainter& p, const QRect& r, const ObjectRow& row) const
    {
        const QRectF box(r.left() + 13, r.center().y() - 4.5, 10, 10);
        const QColor color = m_context.labelColor(row.label);
        if (row.proposal < 0)
            return style::paintSwatch(p, box, color, m_context.labelHatched(row.label));
        p.save();
        p.setRenderHint(QPainter::Antialiasing);
        QPen pen(color, 1.5);
        pen.setDashPattern({ 2, 1 });
        p.setPen(pen);
        p.setBrush(Qt::NoBrush);
        p.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
        p.restore();
    }
    static void paintActions(QPainter& p, const QRect& r, const ObjectRow& row, bool active)
    {
        const auto& t = style::tokens();
        const auto icon = [&](int place, const char* name, const QColor& color) {
            style::paintIcon(p, QLatin1String(name), QRectF(r.right() - kEdge - (place + 1) * kAction + 5, r.center().y() - 6.5, 14, 14), color);
        };
        if (row.proposal >= 0) {
            if (active) {
                icon(1, "check", t.good);
                icon(0, "x", t.text3);
            }
            return;
        }
        icon(1, row.hidden ? "eyeoff" : "eye", row.hidden ? t.text : t.text3);
        if (active)
            icon(0, "trash", t.text3);
    }
    // The figure and the letters of the flags, from the right; where they begin.
    int paintFigure(QPainter& p, const QRect& r, int at) const
    {
        const auto& t = style::tokens();
        const ObjectRow& row = m_list.rows()[std::size_t(at)];
        const QString text = m_list.m_model->figure(at);
        const QFont font = style::font(style::TextRole::Table);
        const int width = style::tabularWidth(font, text);
        p.setFont(font);
        p.setPen(row.proposal >= 0 ? t.text2 : t.text3);
        style::drawTabular(p, QRect(textEnd(r) - width - 2, r.top(), width, r.height()), Qt::AlignRight | Qt::AlignVCenter, text);
        int end = textEnd(r) - width - 8;
        const QString letters = flagLetters(row.flags);
        for (auto it = letters.rbegin(); it != letters.rend(); ++it) {
            style::paintKeyCap(p, QRect(end - 18, r.center().y() - 7, 16, 16), QString(*it));
            end -= 20;
        }
        return end;
    }
    void paintTexts(QPainter& p, const QRect& r, int at, bool selected) const
    {
        const auto& t = style::tokens();
        const ObjectRow& row = m_list.rows()[std::size_t(at)];
        const int left = r.left() + 32, end = paintFigure(p, r, at);
        const auto role = selected ? style::TextRole::Section : style::TextRole::Table;
        const QString name = m_list.m_model->name(at);
        style::drawText(p, role, QRect(left, r.top(), end - left, r.height()), row.hidden ? t.text3 : t.text, name);
        if (row.proposal < 0)
            return;
        const int x = left + style::textWidth(role, name) + 8;
        style::drawText(p, style::TextRole::Table, QRect(x, r.top(), end - x, r.height()), t.text3, ObjectList::tr("proposal"));
    }
    const StudioContext& m_context;
    const ObjectList& m_list;
};

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
    const int row = m_model->rowOf(id);
    return row < 0 ? QString() : m_model->name(row);
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
    if (std::exchange(m_highlighted, proposal) != proposal)
        viewport()->update();
}

bool ObjectList::pressAction(const Row& row, int x)
{
    const int fromRight = viewport()->width() - 1 - kEdge - x;
    if (fromRight < 0 || fromRight >= 2 * kAction)
        return false;
    const bool second = fromRight >= kAction;
    if (row.proposal >= 0)
        second ? Q_EMIT acceptRequested(row.proposal) : Q_EMIT dropRequested(row.proposal);
    else
        second ? Q_EMIT visibilityRequested(row.id) : Q_EMIT deleteRequested(row.id);
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
        tr("No objects yet. Press R and draw, or let a model propose."));
}

}
