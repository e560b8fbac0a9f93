#include "app/studio/gather/filter_panel.h"

#include "app/studio/gather/filter_words.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace percept::studio {
namespace {

using style::tokens;

template <typename T>
void toggleIn(std::vector<T>& list, T value)
{
    if (const auto it = std::find(list.begin(), list.end(), value); it != list.end())
        list.erase(it);
    else
        list.push_back(value);
}

template <typename K>
qint64 countOf(const std::map<K, qint64>& counts, K key)
{
    const auto it = counts.find(key);
    return it == counts.end() ? 0 : it->second;
}

}

FilterPanel::FilterPanel(StudioContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("filters"));
    setAccessibleName(tr("Filters"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

void FilterPanel::setFilter(const dataset::ItemFilter& filter)
{
    m_filter = filter;
    rebuild();
}

void FilterPanel::setCounts(const FilterCounts& counts)
{
    m_counts = counts;
    rebuild();
}

void FilterPanel::setFolded(const QStringList& heads)
{
    m_folded = heads;
    rebuild();
}

void FilterPanel::head(const QString& text)
{
    Row row;
    row.kind = Row::Kind::Head;
    row.text = text;
    row.height = 36;
    row.folded = m_folded.contains(text);
    m_skip = row.folded;
    m_rows.push_back(std::move(row));
}

void FilterPanel::check(Row row)
{
    row.enabled = row.count > 0 || row.on;
    if (!m_skip)
        m_rows.push_back(std::move(row));
}

void FilterPanel::addStates()
{
    head(tr("State"));
    for (const auto state : { domain::ItemState::Done, domain::ItemState::ToReview, domain::ItemState::ToDo }) {
        Row row;
        row.text = stateName(state);
        row.count = countOf(m_counts.byState, state);
        row.on = std::count(m_filter.states.begin(), m_filter.states.end(), state) > 0;
        row.toggle = [state](dataset::ItemFilter& filter) { toggleIn(filter.states, state); };
        check(std::move(row));
    }
}

void FilterPanel::addSets()
{
    head(tr("Set"));
    for (const auto set : { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test, domain::SplitSet::Reserve, domain::SplitSet::None }) {
        Row row;
        row.text = setName(set);
        row.count = countOf(m_counts.bySet, set);
        row.on = std::count(m_filter.sets.begin(), m_filter.sets.end(), set) > 0;
        if (set == domain::SplitSet::Test) {
            row.icon = "lock";
            row.tip = tr("Locked away from training: the test set only measures. Its pictures are labeled by hand, without proposals.");
        }
        row.toggle = [set](dataset::ItemFilter& filter) { toggleIn(filter.sets, set); };
        check(std::move(row));
    }
}

void FilterPanel::addLabels()
{
    head(tr("Class in picture"));
    for (const domain::Label& label : m_context.labels()) {
        Row row;
        row.text = QString::fromStdString(label.name);
        row.count = countOf(m_counts.byLabel, label.id);
        row.on = std::count(m_filter.labels.begin(), m_filter.labels.end(), label.id) > 0;
        row.swatch = m_context.labelColor(label.id);
        row.hatched = m_context.labelHatched(label.id);
        row.toggle = [id = label.id](dataset::ItemFilter& filter) {
            toggleIn(filter.labels, id);
            filter.noObjects = false;
        };
        check(std::move(row));
    }
    Row none;
    none.text = tr("No object");
    none.count = m_counts.noObjects;
    none.on = m_filter.noObjects;
    none.toggle = [](dataset::ItemFilter& filter) {
        filter.noObjects = !filter.noObjects;
        filter.labels.clear();
    };
    check(std::move(none));
}

void FilterPanel::addQuality()
{
    head(tr("Trouble"));
    Row flagged;
    flagged.text = tr("Box errors");
    flagged.count = m_counts.flagged;
    flagged.on = m_filter.flaggedBoxes;
    flagged.warning = m_counts.flagged > 0;
    flagged.toggle = [](dataset::ItemFilter& filter) { filter.flaggedBoxes = !filter.flaggedBoxes; };
    check(std::move(flagged));
    Row unreadable;
    unreadable.text = tr("Unreadable");
    unreadable.count = m_counts.unreadable;
    unreadable.on = m_filter.unreadable;
    unreadable.warning = m_counts.unreadable > 0;
    unreadable.toggle = [](dataset::ItemFilter& filter) { filter.unreadable = !filter.unreadable; };
    check(std::move(unreadable));
    Row trash;
    trash.text = tr("Trash");
    trash.count = m_counts.trashed;
    trash.on = m_filter.inTrash;
    trash.icon = "trash";
    trash.toggle = [](dataset::ItemFilter& filter) { filter.inTrash = !filter.inTrash; };
    check(std::move(trash));
}

void FilterPanel::rebuild()
{
    m_rows.clear();
    m_skip = false;
    addStates();
    addSets();
    addLabels();
    addQuality();
    int y = 0;
    for (Row& row : m_rows) {
        if (row.kind == Row::Kind::Head && y > 0)
            y += 6;
        row.top = y;
        y += row.height;
    }
    setMinimumHeight(y + 8);
    updateGeometry();
    update();
}

std::vector<FilterPanel::RowText> FilterPanel::rows() const
{
    std::vector<RowText> shown;
    for (const Row& row : m_rows)
        shown.push_back({ row.text, row.count, row.top });
    return shown;
}

QSize FilterPanel::sizeHint() const { return { 220, minimumHeight() }; }

int FilterPanel::rowAt(int y) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (y >= m_rows[i].top && y < m_rows[i].top + m_rows[i].height)
            return static_cast<int>(i);
    return -1;
}

void FilterPanel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().panel);
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        paintRow(painter, m_rows[i], static_cast<int>(i) == m_hover, hasFocus() && static_cast<int>(i) == m_current);
}

void FilterPanel::paintRow(QPainter& painter, const Row& row, bool hover, bool current) const
{
    const style::Tokens& t = tokens();
    const QRect r(0, row.top, width(), row.height);
    if (row.kind == Row::Kind::Head) {
        painter.fillRect(0, row.top, width(), 1, t.line);
        style::paintIcon(painter, row.folded ? QStringLiteral("cr") : QStringLiteral("cd"), QRectF(8, row.top + 13, 12, 12), hover ? t.text : t.text3);
        painter.setFont(style::font(style::TextRole::Section));
        painter.setPen(t.text);
        painter.drawText(r.adjusted(28, 2, -12, 0), Qt::AlignVCenter, row.text);
        if (current)
            style::paintRounded(painter, r.adjusted(0, 1, 0, 0), 0, QColor(), t.accent, 1.5);
        return;
    }
    if (hover && row.enabled)
        painter.fillRect(r, t.hover);
    if (current)
        style::paintRounded(painter, r, 0, QColor(), t.accent, 1.5);
    style::paintCheck(painter, QRectF(12, row.top + 5, 14, 14), row.on, hover, row.enabled);
    int x = 34;
    if (row.swatch.isValid()) {
        style::paintSwatch(painter, QRectF(x, row.top + 7, 10, 10), row.enabled ? row.swatch : t.disabled, row.hatched);
        x += 18;
    }
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(row.enabled ? t.text : t.disabled);
    const int bar = width() - 12 - 28 - 8 - 32;
    const QString text = painter.fontMetrics().elidedText(row.text, Qt::ElideRight, bar - x - 22);
    painter.drawText(QRect(x, row.top, bar - x, 24), Qt::AlignVCenter, text);
    x += painter.fontMetrics().horizontalAdvance(text) + 8;
    if (row.warning)
        style::paintIcon(painter, QStringLiteral("warn"), QRectF(x, row.top + 5, 14, 14), t.warning);
    else if (row.icon)
        style::paintIcon(painter, QString::fromLatin1(row.icon), QRectF(x, row.top + 6, 12, 12), t.text3);
    const qreal total = std::max<qreal>(1, m_context.counts().items);
    style::paintRounded(painter, QRectF(bar, row.top + 11, 32, 3), 1.5, t.pressed);
    if (row.count > 0)
        style::paintRounded(painter, QRectF(bar, row.top + 11, std::clamp(row.count / total * 32, 1.5, 32.0), 3), 1.5, t.text3);
    painter.setPen(row.enabled ? t.text2 : t.disabled);
    const QString count = row.count >= 100000 ? QStringLiteral("%1k").arg(row.count / 1000) : style::count(row.count);
    style::drawTabular(painter, QRect(width() - 12 - 44, row.top, 44, 24), Qt::AlignRight | Qt::AlignVCenter, count);
}

void FilterPanel::trigger(const Row& row)
{
    if (row.kind == Row::Kind::Head) {
        if (!m_folded.removeOne(row.text))
            m_folded << row.text;
        return rebuild();
    }
    if (!row.enabled || !row.toggle)
        return;
    dataset::ItemFilter filter = m_filter;
    row.toggle(filter);
    Q_EMIT filterChanged(filter);
}

bool FilterPanel::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = rowAt(help->pos().y());
    QToolTip::showText(help->globalPos(), row < 0 ? QString() : m_rows[static_cast<std::size_t>(row)].tip, this);
    return true;
}

void FilterPanel::mousePressEvent(QMouseEvent* event)
{
    const int row = rowAt(event->pos().y());
    if (event->button() != Qt::LeftButton || row < 0)
        return;
    m_current = row;
    const Row copy = m_rows[static_cast<std::size_t>(row)];
    trigger(copy);
}

void FilterPanel::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = rowAt(event->pos().y());
    update();
}

void FilterPanel::leaveEvent(QEvent*)
{
    m_hover = -1;
    update();
}

void FilterPanel::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_rows.size()) - 1;
    if (event->key() == Qt::Key_Down)
        m_current = std::min(m_current + 1, last);
    else if (event->key() == Qt::Key_Up)
        m_current = std::max(m_current - 1, 0);
    else if ((event->key() == Qt::Key_Space || event->key() == Qt::Key_Return) && m_current <= last) {
        const Row copy = m_rows[static_cast<std::size_t>(m_current)];
        trigger(copy);
    } else
        return QWidget::keyPressEvent(event);
    update();
}

}
