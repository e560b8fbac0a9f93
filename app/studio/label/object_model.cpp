#include "app/studio/label/object_model.h"

#include "app/studio/label/label_document.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace percept::studio {

ObjectModel::ObjectModel(const StudioContext& context, QObject* parent)
    : QAbstractListModel(parent)
    , m_context(context)
{
}

bool ObjectModel::before(const ObjectRow& a, const ObjectRow& b) const
{
    constexpr int kLast = 1 << 20; // of a class that is not known yet
    if (a.label == b.label)
        return madeBefore(a.id, b.id);
    return std::pair(m_places.value(a.label.value, kLast), a.label) < std::pair(m_places.value(b.label.value, kLast), b.label);
}

void ObjectModel::setRows(std::vector<ObjectRow> proposals, std::vector<ObjectRow> objects)
{
    m_places.clear();
    for (const domain::Label& label : m_context.labels())
        m_places.insert(label.id.value, label.position);
    m_counts.clear();
    m_labelOf.clear();
    for (const ObjectRow& row : objects) {
        ++m_counts[row.label.value];
        m_labelOf.emplace(row.id, row.label);
    }
    std::sort(objects.begin(), objects.end(), [this](const ObjectRow& a, const ObjectRow& b) { return before(a, b); });
    applyFilter(proposals, objects);
    m_numProposals = int(proposals.size());
    proposals.insert(proposals.end(), objects.begin(), objects.end());
    // The same lines in the same order: only what they show has changed, so selection and scroll position stay.
    const auto same = [](const auto& a, const auto& b) { return a.id == b.id && a.proposal == b.proposal; };
    if (std::equal(m_rows.begin(), m_rows.end(), proposals.begin(), proposals.end(), same)) {
        m_rows = std::move(proposals);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, 0), index(int(m_rows.size()) - 1, 0));
        return;
    }
    beginResetModel();
    m_rows = std::move(proposals);
    endResetModel();
}

void ObjectModel::setFilter(const QString& text) { m_filter = text.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts); }

QString ObjectModel::wordFor(LabelId id) const
{
    const domain::Label* label = m_context.label(id);
    return label ? QString::fromStdString(label->name) : QString();
}

bool ObjectModel::isListed(const ObjectRow& row) const
{
    const std::pair<bool, QString> traits[] = { { row.flags.occluded, tr("occluded") }, { row.flags.truncated, tr("truncated") }, { row.flags.crowd, tr("crowd") },
        { row.flags.difficult, tr("difficult") }, { row.hidden, tr("hidden") }, { row.locked, tr("locked") }, { row.problem != BoxProblem::None, tr("problem") },
        { row.proposal >= 0, tr("proposal") } };
    QString said = wordFor(row.label).toLower();
    for (const auto& [has, word] : traits)
        if (has)
            said += QLatin1Char(' ') + word;
    return std::all_of(m_filter.begin(), m_filter.end(), [&](const QString& word) { return said.contains(word); });
}

// Numbers are those of the whole list.
void ObjectModel::applyFilter(std::vector<ObjectRow>& proposals, std::vector<ObjectRow>& objects)
{
    m_numbers.clear();
    if (m_filter.isEmpty())
        return;
    QHash<qint64, int> seen;
    for (const ObjectRow& row : objects)
        m_numbers.emplace(row.id, ++seen[row.label.value]);
    for (std::vector<ObjectRow>* rows : { &proposals, &objects })
        std::erase_if(*rows, [this](const ObjectRow& row) { return !isListed(row); });
}

void ObjectModel::setProposals(std::vector<ObjectRow> proposals)
{
    if (std::equal(proposals.begin(), proposals.end(), m_rows.begin(), m_rows.begin() + m_numProposals))
        return;
    if (m_numProposals > 0) {
        beginRemoveRows({}, 0, m_numProposals - 1);
        m_rows.erase(m_rows.begin(), m_rows.begin() + m_numProposals);
        m_numProposals = 0;
        endRemoveRows();
    }
    if (proposals.empty())
        return;
    beginInsertRows({}, 0, int(proposals.size()) - 1);
    m_rows.insert(m_rows.begin(), proposals.begin(), proposals.end());
    m_numProposals = int(proposals.size());
    endInsertRows();
}

int ObjectModel::placeOf(const ObjectRow& row) const
{
    const auto at = std::lower_bound(m_rows.begin() + m_numProposals, m_rows.end(), row,
        [this](const ObjectRow& a, const ObjectRow& b) { return before(a, b); });
    return int(at - m_rows.begin());
}

int ObjectModel::rowOf(AnnotationId id) const
{
    const auto known = m_labelOf.find(id);
    if (known == m_labelOf.end())
        return -1;
    ObjectRow wanted;
    wanted.id = id;
    wanted.label = known->second;
    if (const int place = placeOf(wanted); place < int(m_rows.size()) && m_rows[std::size_t(place)].id == id)
        return place;
    // It kept the place that it had under its temporary id.
    const auto at = std::find_if(m_rows.begin() + m_numProposals, m_rows.end(), [id](const ObjectRow& row) { return row.id == id; });
    return at == m_rows.end() ? -1 : int(at - m_rows.begin());
}

void ObjectModel::changeRow(AnnotationId id, const std::optional<ObjectRow>& next)
{
    if (next) {
        const int place = placeOf(*next);
        if (place < int(m_rows.size()) && m_rows[std::size_t(place)].id == id) {
            m_rows[std::size_t(place)] = *next;
            Q_EMIT dataChanged(index(place, 0), index(place, 0));
            return;
        }
    }
    if (const int row = rowOf(id); row >= 0) // gone, or of another class now
        remove(row);
    if (next)
        insert(*next);
}

void ObjectModel::insert(const ObjectRow& row)
{
    const int place = placeOf(row);
    beginInsertRows({}, place, place);
    m_rows.insert(m_rows.begin() + place, row);
    m_labelOf.insert_or_assign(row.id, row.label);
    count(row.label, 1);
    endInsertRows();
}

void ObjectModel::remove(int row)
{
    beginRemoveRows({}, row, row);
    count(m_rows[std::size_t(row)].label, -1);
    m_labelOf.erase(m_rows[std::size_t(row)].id);
    m_rows.erase(m_rows.begin() + row);
    endRemoveRows();
}

void ObjectModel::count(LabelId label, int by)
{
    if ((m_counts[label.value] += by) == 0)
        m_counts.remove(label.value);
}

void ObjectModel::replaceId(AnnotationId from, AnnotationId to)
{
    const int row = rowOf(from);
    if (row < 0 && m_labelOf.count(from))
        m_labelOf.insert_or_assign(to, m_labelOf.extract(from).mapped()); // the filter leaves it out
    if (row >= 0 && rowOf(to) >= 0)
        remove(row); // it was read from the store meanwhile
    else if (row >= 0) {
        m_rows[std::size_t(row)].id = to; // and stands where it stood: after all that were stored before
        m_labelOf.erase(from);
        m_labelOf.emplace(to, m_rows[std::size_t(row)].label);
    }
    if (auto number = m_numbers.extract(from)) {
        number.key() = to;
        m_numbers.insert(std::move(number));
    }
}

int ObjectModel::numberOf(int row) const
{
    if (const auto known = m_numbers.find(m_rows[std::size_t(row)].id); known != m_numbers.end())
        return known->second;
    ObjectRow first = m_rows[std::size_t(row)];
    first.id = {}; // before all
    return row - placeOf(first) + 1;
}

QString ObjectModel::name(int at) const
{
    const ObjectRow& row = m_rows[std::size_t(at)];
    const QString kind = wordFor(row.label);
    if (row.proposal >= 0)
        return kind;
    return tr("%1 %2").arg(kind.isEmpty() ? tr("Object") : kind).arg(numberOf(at));
}

QString ObjectModel::nameOf(AnnotationId id) const
{
    if (const int row = rowOf(id); row >= 0)
        return name(row);
    const auto number = m_numbers.find(id);
    if (number == m_numbers.end())
        return {};
    const QString kind = wordFor(m_labelOf.at(id));
    return tr("%1 %2").arg(kind.isEmpty() ? tr("Object") : kind).arg(number->second);
}

QString ObjectModel::figure(int at) const
{
    const ObjectRow& row = m_rows[std::size_t(at)];
    if (row.proposal >= 0)
        return QString::number(row.score, 'f', 2);
    return QString::number(std::lround(row.width)) + QStringLiteral(" × ") + QString::number(std::lround(row.height));
}

QVariant ObjectModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    if (role == Qt::DisplayRole)
        return name(index.row());
    if (role == Qt::AccessibleTextRole) {
        QStringList words { name(index.row()), figure(index.row()) };
        if (m_rows[std::size_t(index.row())].proposal >= 0)
            words.insert(1, tr("proposal"));
        if (m_rows[std::size_t(index.row())].locked)
            words << tr("locked");
        words << problemText(m_rows[std::size_t(index.row())].problem);
        words.removeAll(QString());
        return words.join(QLatin1Char(' '));
    }
    if (role == Qt::ToolTipRole)
        return problemText(m_rows[std::size_t(index.row())].problem);
    return {};
}

Qt::ItemFlags ObjectModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    const bool object = m_rows[std::size_t(index.row())].id.value != 0;
    return object ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::ItemFlags(Qt::ItemIsEnabled);
}

}
