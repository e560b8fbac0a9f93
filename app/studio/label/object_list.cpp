#include "app/studio/label/object_list.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QAbstractListModel>
#include <QItemSelection>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>
#include <set>

namespace percept::studio {

namespace {
    constexpr int kAction = 22; // width of one action at the right end of a row
    constexpr int kEdge = 8;
}

class ObjectModel : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;
    int rowCount(const QModelIndex& parent) const override { return parent.isValid() ? 0 : int(rows.size()); }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!index.isValid() || index.row() >= int(rows.size()))
            return {};
        const ObjectList::Row& row = rows[std::size_t(index.row())];
        if (role == Qt::DisplayRole)
            return row.name;
        if (role == Qt::AccessibleTextRole)
            return QStringList { row.name, row.note, row.figure }.join(QLatin1Char(' '));
        return {};
    }
    Qt::ItemFlags flags(const QModelIndex& index) const override
    {
        const bool object = rows[std::size_t(index.row())].id.value != 0;
        return object ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::ItemFlags(Qt::ItemIsEnabled);
    }
    void reset(std::vector<ObjectList::Row> next)
    {
        // The same objects in the same order: only what they show has changed, so selection and scroll position stay.
        const auto same = [](const auto& a, const auto& b) { return a.id == b.id && a.proposal == b.proposal; };
        if (next.size() == rows.size() && std::equal(rows.begin(), rows.end(), next.begin(), same)) {
            rows = std::move(next);
            if (!rows.empty())
                Q_EMIT dataChanged(index(0, 0), index(int(rows.size()) - 1, 0));
            return;
        }
        beginResetModel();
        rows = std::move(next);
        endResetModel();
    }

    std::vector<ObjectList::Row> rows;
    AnnotationId hovered;
    std::optional<int> highlighted;
};

namespace {

class ObjectDelegate : public QStyledItemDelegate {
public:
    ObjectDelegate(const ObjectModel& model, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_model(model)
    {
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return { 200, style::height::kRow }; }
    void paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        const ObjectList::Row& row = m_model.rows[std::size_t(index.row())];
        const bool selected = option.state & QStyle::State_Selected;
        const bool proposal = row.proposal >= 0;
        const bool hover = (option.state & QStyle::State_MouseOver) || (row.id.value && row.id == m_model.hovered)
            || (proposal && m_model.highlighted == row.proposal);
        p->fillRect(option.rect, selected ? t.accentSoft : hover ? t.hover : t.panel);
        paintMark(*p, option.rect, row);
        const int right = paintActions(*p, option.rect, row, hover || selected);
        paintTexts(*p, option.rect, right, row, selected);
    }

private:
    static void paintMark(QPainter& p, const QRect& r, const ObjectList::Row& row)
    {
        const QRectF box(r.left() + 13, r.center().y() - 4.5, 10, 10);
        if (row.proposal < 0)
            return style::paintSwatch(p, box, row.color, row.hatched);
        p.save();
        p.setRenderHint(QPainter::Antialiasing);
        QPen pen(row.color, 1.5);
        pen.setDashPattern({ 2, 1 });
        p.setPen(pen);
        p.setBrush(Qt::NoBrush);
        p.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
        p.restore();
    }
    static int paintActions(QPainter& p, const QRect& r, const ObjectList::Row& row, bool active)
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
        } else {
            icon(1, row.hidden ? "eyeoff" : "eye", row.hidden ? t.text : t.text3);
            if (active)
                icon(0, "trash", t.text3);
        }
        return r.right() - kEdge - 2 * kAction;
    }
    static void paintTexts(QPainter& p, const QRect& r, int right, const ObjectList::Row& row, bool selected)
    {
        const auto& t = style::tokens();
        const QFont table = style::font(style::TextRole::Table);
        const int figure = style::tabularWidth(table, row.figure);
        p.setFont(table);
        p.setPen(row.proposal >= 0 ? t.text2 : t.text3);
        style::drawTabular(p, QRect(right - figure - 2, r.top(), figure, r.height()), Qt::AlignRight | Qt::AlignVCenter, row.figure);
        int end = right - figure - 8;
        for (auto it = row.flags.rbegin(); it != row.flags.rend(); ++it) {
            style::paintKeyCap(p, QRect(end - 18, r.center().y() - 7, 16, 16), QString(*it));
            end -= 20;
        }
        p.setFont(style::font(selected ? style::TextRole::Section : style::TextRole::Table));
        p.setPen(row.hidden ? t.text3 : t.text);
        const int left = r.left() + 32;
        const QString name = p.fontMetrics().elidedText(row.name, Qt::ElideRight, end - left);
        p.drawText(QRect(left, r.top(), end - left, r.height()), Qt::AlignVCenter | Qt::TextSingleLine, name);
        if (!row.note.isEmpty()) {
            const int x = left + p.fontMetrics().horizontalAdvance(name) + 8;
            p.setFont(table);
            p.setPen(t.text3);
            p.drawText(QRect(x, r.top(), end - x, r.height()), Qt::AlignVCenter | Qt::TextSingleLine, row.note);
        }
    }
    const ObjectModel& m_model;
};

}

ObjectList::ObjectList(QWidget* parent)
    : QListView(parent)
    , m_model(new ObjectModel(this))
{
    setObjectName(QStringLiteral("objectList"));
    setAccessibleName(tr("Objects on this picture"));
    setFrameShape(QFrame::NoFrame);
    setUniformItemSizes(true);
    setMouseTracking(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setModel(m_model);
    setItemDelegate(new ObjectDelegate(*m_model, this));
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (m_syncing)
            return;
        std::vector<AnnotationId> ids;
        for (const QModelIndex& index : selectionModel()->selectedIndexes())
            ids.push_back(m_model->rows[std::size_t(index.row())].id);
        Q_EMIT selectionRequested(ids);
    });
}

void ObjectList::setRows(std::vector<Row> rows)
{
    m_syncing = true; // a reset clears the selection; the canvas says what is selected
    m_model->reset(std::move(rows));
    m_syncing = false;
}

const std::vector<ObjectList::Row>& ObjectList::rows() const { return m_model->rows; }

void ObjectList::setSelectedIds(const std::vector<AnnotationId>& ids)
{
    const std::set<AnnotationId> chosen(ids.begin(), ids.end());
    QItemSelection selection;
    QModelIndex last;
    for (std::size_t row = 0; row < m_model->rows.size(); ++row)
        if (m_model->rows[row].id.value && chosen.count(m_model->rows[row].id)) {
            const QModelIndex index = m_model->index(int(row), 0);
            selection.select(index, index);
            last = index;
        }
    m_syncing = true;
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    if (last.isValid()) {
        selectionModel()->setCurrentIndex(last, QItemSelectionModel::NoUpdate);
        scrollTo(last);
    }
    m_syncing = false;
    viewport()->update();
}

void ObjectList::setHovered(AnnotationId id)
{
    m_model->hovered = id;
    viewport()->update();
}

void ObjectList::setHighlighted(std::optional<int> proposal)
{
    m_model->highlighted = proposal;
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
        const Row row = m_model->rows[std::size_t(index.row())];
        if (pressAction(row, int(event->position().x())))
            return;
        if (row.proposal >= 0) {
            Q_EMIT proposalRequested(row.proposal);
            return;
        }
    }
    QListView::mousePressEvent(event);
}

void ObjectList::mouseMoveEvent(QMouseEvent* event)
{
    QListView::mouseMoveEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());
    Q_EMIT hoverRequested(index.isValid() ? m_model->rows[std::size_t(index.row())].id : AnnotationId {});
}

void ObjectList::leaveEvent(QEvent* event)
{
    QListView::leaveEvent(event);
    Q_EMIT hoverRequested({});
}

void ObjectList::paintEvent(QPaintEvent* event)
{
    QListView::paintEvent(event);
    if (!m_model->rows.empty())
        return;
    QPainter painter(viewport());
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(style::tokens().text2);
    painter.drawText(viewport()->rect().adjusted(12, 8, -12, 0), Qt::AlignTop | Qt::AlignLeft | Qt::TextWordWrap,
        tr("No objects yet. Press R and draw, or let a model propose."));
}

}
