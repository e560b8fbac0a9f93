#include "app/studio/label/class_list.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QAbstractListModel>
#include <QApplication>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>
#include <utility>

namespace percept::studio {
namespace {

constexpr int kEyeWidth = 24, kEditorLeft = 50;

// "1"; of the eleventh to the twentieth class "⇧1".
QString keyOf(const QModelIndex& index, char own)
{
    if (own)
        return QString(QLatin1Char(own));
    const int row = index.row();
    return row >= 10 && row < 20 ? QStringLiteral("⇧%1").arg((row + 1) % 10) : QString();
}

class LabelModel : public QAbstractListModel {
public:
    LabelModel(StudioContext& context, ClassList* list)
        : QAbstractListModel(list)
        , m_context(context)
        , m_list(list)
    {
        connect(&context, &StudioContext::labelsChanged, this, [this] {
            const int row = m_list->currentIndex().row();
            const LabelId current = row >= 0 && row < int(m_ids.size()) ? m_ids[std::size_t(row)] : LabelId {};
            beginResetModel();
            readIds();
            endResetModel();
            if (const auto at = std::find(m_ids.begin(), m_ids.end(), current); at != m_ids.end()) // whoever moves it by keys goes with it
                m_list->setCurrentIndex(index(int(at - m_ids.begin())));
        });
        readIds();
    }
    int rowCount(const QModelIndex& parent) const override { return parent.isValid() ? 0 : int(m_context.labels().size()); }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!index.isValid() || index.row() >= rowCount({}))
            return {};
        const domain::Label& label = m_context.labels()[std::size_t(index.row())];
        const QString name = QString::fromStdString(label.name);
        if (role == Qt::DisplayRole || role == Qt::EditRole)
            return name;
        if (role == Qt::UserRole)
            return qint64(label.id.value);
        if (role == Qt::AccessibleTextRole)
            return ClassList::tr("%1, key %2, %3 on this picture").arg(name).arg(keyOf(index, label.key)).arg(m_list->countOf(label.id));
        return {};
    }
    Qt::ItemFlags flags(const QModelIndex&) const override { return Qt::ItemIsEnabled | Qt::ItemIsEditable; }
    bool setData(const QModelIndex& index, const QVariant& value, int role) override
    {
        const QString name = value.toString().trimmed();
        if (role != Qt::EditRole || name.isEmpty() || name == data(index, Qt::EditRole).toString())
            return false;
        Q_EMIT m_list->renameRequested({ data(index, Qt::UserRole).toLongLong() }, name);
        return true; // the new name comes with the commit
    }

private:
    void readIds()
    {
        m_ids.clear();
        for (const domain::Label& label : m_context.labels())
            m_ids.push_back(label.id);
    }
    StudioContext& m_context;
    ClassList* m_list;
    std::vector<LabelId> m_ids; // in the rows of now: the labels have changed already when they are said to
};

class ClassDelegate : public QStyledItemDelegate {
public:
    ClassDelegate(StudioContext& context, ClassList* list)
        : QStyledItemDelegate(list)
        , m_context(context)
        , m_list(list)
    {
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return { 200, style::height::kClassRow }; }
    // Over the old name, which must not shine through.
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QWidget* editor = QStyledItemDelegate::createEditor(parent, option, index);
        if (auto* field = qobject_cast<QLineEdit*>(editor)) {
            style::setControlSize(field, style::ControlSize::Compact);
            QPalette palette = field->palette();
            palette.setColor(QPalette::Base, style::tokens().raised);
            field->setPalette(palette);
            field->setAutoFillBackground(true);
            field->setFrame(true);
        }
        return editor;
    }
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        editor->setGeometry(option.rect.adjusted(kEditorLeft, 0, -kEyeWidth - 2, 0));
    }
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        editor->setGeometry(option.rect.adjusted(52, 2, -60, -2));
    }
    void paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        const domain::Label& label = m_context.labels()[std::size_t(index.row())];
        const bool armed = label.id == m_list->armed(), hidden = m_list->isHidden(label.id);
        const bool hover = option.state & QStyle::State_MouseOver;
        const QRect r = option.rect;
        p->fillRect(r, armed ? t.accentSoft : hover ? t.hover : t.panel);
        if ((option.state & QStyle::State_HasFocus) && index == m_list->currentIndex()) {
            p->setPen(t.accent);
            p->drawRect(r.adjusted(0, 0, -1, -1));
        }
        if (const QString key = keyOf(index, label.key); !key.isEmpty())
            style::paintKeyCap(*p, QRect(r.left() + 10, r.center().y() - 8, key.size() > 1 ? 24 : 18, 18), key);
        style::paintSwatch(*p, QRectF(r.left() + 38, r.center().y() - 4, 10, 10), m_context.labelColor(label.id), m_context.labelHatched(label.id));
        const int right = r.right() - kEyeWidth - 6;
        const QString count = style::count(m_list->countOf(label.id));
        const QFont table = style::font(style::TextRole::Table);
        const int countWidth = style::tabularWidth(table, count);
        const auto role = armed ? style::TextRole::Section : style::TextRole::Table;
        const QString armedText = armed ? ClassList::tr("armed") : QString();
        const int armedWidth = armed ? style::textWidth(style::TextRole::Caption, armedText) + 8 : 0;
        const int left = r.left() + 57, room = right - countWidth - 8 - left - armedWidth;
        const QString name = QString::fromStdString(label.name);
        style::drawText(*p, role, QRect(left, r.top(), room, r.height()), hidden ? t.text3 : t.text, name);
        const int nameWidth = std::min(style::textWidth(role, name), room);
        if (armed)
            style::drawText(*p, style::TextRole::Caption, QRect(left + nameWidth + 8, r.top(), armedWidth, r.height()), t.accent, armedText);
        p->setFont(table);
        p->setPen(t.text2);
        style::drawTabular(*p, QRect(right - countWidth, r.top(), countWidth, r.height()), Qt::AlignVCenter | Qt::AlignRight, count);
        style::paintIcon(*p, hidden ? QStringLiteral("eyeoff") : QStringLiteral("eye"),
            QRectF(r.right() - kEyeWidth + 2, r.center().y() - 6.5, 14, 14), hidden ? t.text : t.text3);
    }

private:
    StudioContext& m_context;
    ClassList* m_list;
};

}

ClassList::ClassList(StudioContext& context, QWidget* parent)
    : QListView(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("classList"));
    setAccessibleName(tr("Classes"));
    setFrameShape(QFrame::NoFrame);
    setUniformItemSizes(true);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus); // the page gives it the keys when a click arms; an eye leaves them where they are
    setSelectionMode(QAbstractItemView::NoSelection);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    setModel(new LabelModel(context, this));
    setItemDelegate(new ClassDelegate(context, this));
    connect(&context, &StudioContext::labelsChanged, this, [this] { updateGeometry(); });
}

LabelId ClassList::labelAt(const QModelIndex& index) const { return { index.data(Qt::UserRole).toLongLong() }; }

QSize ClassList::sizeHint() const
{
    const int rows = std::clamp(int(m_context.labels().size()), 1, 7);
    return { 200, rows * style::height::kClassRow };
}

void ClassList::setArmed(LabelId id)
{
    const bool isSame = id == m_armed && currentIndex().isValid();
    m_armed = id;
    viewport()->update();
    if (const QModelIndex index = indexOf(id); index.isValid() && !isSame) {
        setCurrentIndex(index);
        scrollTo(index);
    }
}

QModelIndex ClassList::indexOf(LabelId id) const
{
    for (int row = 0; row < model()->rowCount(); ++row)
        if (labelAt(model()->index(row, 0)) == id)
            return model()->index(row, 0);
    return {};
}

void ClassList::setCounts(const QHash<qint64, int>& counts)
{
    if (counts == m_counts)
        return;
    const QHash<qint64, int> before = std::exchange(m_counts, counts);
    for (int row = 0; row < model()->rowCount(); ++row) {
        const QModelIndex index = model()->index(row, 0);
        const qint64 id = labelAt(index).value;
        if (before.value(id) != counts.value(id))
            update(index);
    }
}

void ClassList::rename(LabelId id)
{
    if (const QModelIndex index = indexOf(id); index.isValid())
        edit(index);
}

bool ClassList::edit(const QModelIndex& index, EditTrigger trigger, QEvent* event)
{
    const bool focused = hasFocus();
    const bool edits = QListView::edit(index, trigger, event);
    if (edits)
        m_renamedWithFocus = focused;
    return edits;
}

void ClassList::mousePressEvent(QMouseEvent* event)
{
    QListView::mousePressEvent(event);
    m_pressedAt = event->position().toPoint();
    m_pressedRow = event->button() == Qt::LeftButton && m_pressedAt.x() < viewport()->width() - kEyeWidth ? indexAt(m_pressedAt).row() : -1;
}

void ClassList::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    const bool drags = m_gap >= 0 || (at - m_pressedAt).manhattanLength() >= QApplication::startDragDistance();
    if (!(event->buttons() & Qt::LeftButton) || m_pressedRow < 0 || !drags)
        return QListView::mouseMoveEvent(event);
    m_gap = gapAt(at.y());
    scrollTo(model()->index(std::clamp(m_gap, 0, model()->rowCount() - 1), 0)); // beyond an end it goes on
    viewport()->update();
}

int ClassList::gapAt(int y) const
{
    const int top = visualRect(model()->index(0, 0)).top();
    return std::clamp((y - top + style::height::kClassRow / 2) / style::height::kClassRow, 0, model()->rowCount());
}

bool ClassList::cancelDrag()
{
    const bool drags = m_gap >= 0;
    endDrag();
    return drags;
}

void ClassList::endDrag()
{
    m_gap = m_pressedRow = -1;
    viewport()->update();
}

void ClassList::requestMove(int row, int to)
{
    to = std::clamp(to, 0, model()->rowCount() - 1);
    if (row >= 0 && to != row)
        Q_EMIT moveRequested(labelAt(model()->index(row, 0)), to);
}

void ClassList::paintEvent(QPaintEvent* event)
{
    QListView::paintEvent(event);
    if (m_gap < 0)
        return;
    QPainter painter(viewport());
    const int y = visualRect(model()->index(0, 0)).top() + m_gap * style::height::kClassRow;
    painter.fillRect(QRect(8, std::clamp(y - 1, 0, viewport()->height() - 2), viewport()->width() - 16, 2), style::tokens().accent);
}

void ClassList::keyPressEvent(QKeyEvent* event)
{
    const int row = currentIndex().row(), key = event->key();
    const bool alt = event->modifiers() & Qt::AltModifier;
    if (row >= 0 && alt && (key == Qt::Key_Up || key == Qt::Key_Down))
        requestMove(row, row + (key == Qt::Key_Up ? -1 : 1));
    else if (row >= 0 && alt && key >= Qt::Key_0 && key <= Qt::Key_9)
        Q_EMIT keyRequested(labelAt(currentIndex()), static_cast<char>('0' + key - Qt::Key_0));
    else if (row >= 0 && !event->modifiers() && key == Qt::Key_Delete)
        Q_EMIT deleteRequested(labelAt(currentIndex()), /*withBoxes=*/false);
    else
        QListView::keyPressEvent(event);
}

void ClassList::mouseReleaseEvent(QMouseEvent* event)
{
    QListView::mouseReleaseEvent(event);
    if (m_gap >= 0) {
        const int row = m_pressedRow, to = m_gap > row ? m_gap - 1 : m_gap;
        endDrag();
        return requestMove(row, to);
    }
    const QModelIndex index = indexAt(event->position().toPoint());
    if (!index.isValid() || event->button() != Qt::LeftButton)
        return;
    const LabelId id = labelAt(index);
    if (event->position().x() < viewport()->width() - kEyeWidth) {
        if (std::exchange(m_pressedRow, -1) >= 0) // else a drag was given up
            Q_EMIT armRequested(id);
        return;
    }
    setHidden(id, !isHidden(id));
}

void ClassList::setHidden(LabelId id, bool hidden)
{
    if (hidden == isHidden(id))
        return;
    if (!m_hidden.remove(id.value))
        m_hidden.insert(id.value);
    viewport()->update();
    Q_EMIT hiddenChanged();
}

}
