#include "app/studio/validate/class_table_model.h"

#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPixmap>
#include <cmath>

namespace percept::studio {

QString scoreText(double value) { return std::isfinite(value) && value >= 0 ? QString::number(value, 'f', 3) : QStringLiteral("–"); }

double numberOr(const nlohmann::json& object, const char* name, double fallback)
{
    if (!object.is_object() || !object.contains(name) || !object[name].is_number())
        return fallback;
    return object[name].get<double>();
}

ClassTableModel::ClassTableModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void ClassTableModel::setScored(const ScoredRun* scored, QVector<QColor> colors)
{
    beginResetModel();
    m_rows.clear();
    for (std::size_t i = 0; scored && i < scored->labels.size(); ++i) {
        Row row;
        row.name = QString::fromStdString(scored->labels[i]);
        row.color = colors.value(static_cast<int>(i));
        const auto& perClass = scored->document.contains("per_class") ? scored->document["per_class"] : nlohmann::json::array();
        if (perClass.is_array() && i < perClass.size()) {
            const auto& entry = perClass[i];
            row.objects = static_cast<qint64>(numberOr(entry, "objects", 0));
            row.ap50 = numberOr(entry, "map50", -1);
            row.low = numberOr(entry, "map50_low", -1);
            row.high = numberOr(entry, "map50_high", -1);
            row.ap = numberOr(entry, "map", -1);
        }
        m_rows.append(row);
    }
    endResetModel();
}

void ClassTableModel::setPoint(const evaluation::OperatingPoint& point, const std::vector<double>& thresholds)
{
    for (int i = 0; i < m_rows.size(); ++i) {
        const auto label = static_cast<std::size_t>(i);
        m_rows[i].found = point.confusion[label][label];
        m_rows[i].of = 0;
        for (const auto n : point.confusion[label])
            m_rows[i].of += n;
        m_rows[i].threshold = label < thresholds.size() ? thresholds[label] : 0.5;
    }
    if (!m_rows.isEmpty())
        emit dataChanged(index(0, Found), index(rowCount() - 1, Threshold));
}

int ClassTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }

QString ClassTableModel::text(const Row& row, int column) const
{
    switch (column) {
    case Name: return row.name;
    case Ap50: return scoreText(row.ap50);
    case Ap50Interval: return row.low < 0 ? QStringLiteral("–") : QStringLiteral("%1–%2").arg(scoreText(row.low), scoreText(row.high));
    case Ap: return scoreText(row.ap);
    case Found: return row.of == 0 ? QStringLiteral("–") : tr("%1 of %2").arg(style::count(row.found), style::count(row.of));
    case Threshold: return QString::fromStdString(evaluation::thresholdText(row.threshold));
    default: return {};
    }
}

QString ClassTableModel::tip(const Row& row, int column) const
{
    if (column == Name)
        return row.name;
    if (column == Found && row.objects < kTooFew)
        return tr("Under %1 objects: too few to judge; read the interval").arg(kTooFew);
    return column == Ap50 || column == Ap50Interval ? tr("AP, the mean over overlaps from 0.50 to 0.95: %1").arg(scoreText(row.ap)) : QString();
}

// As its curve and its column in the matrix.
QVariant ClassTableModel::swatch(int row) const
{
    QPixmap swatch(10, 10);
    swatch.fill(style::tokens().dark ? m_rows[row].color : style::classInk(row));
    return swatch;
}

QVariant ClassTableModel::data(const QModelIndex& index, int role) const
{
    const Row& row = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole: return text(row, index.column());
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignVCenter | (index.column() == Name ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ForegroundRole:
        if (index.column() == Found && row.objects < kTooFew)
            return style::tokens().warning;
        return index.column() == Name || index.column() == Ap50 ? style::tokens().text : style::tokens().text2;
    case Qt::ToolTipRole: return tip(row, index.column()).toHtmlEscaped();
    case Qt::AccessibleTextRole: return index.column() == Found && row.objects < kTooFew ? tr("%1, too few").arg(text(row, Found)) : text(row, index.column());
    case Qt::DecorationRole: return index.column() == Name ? swatch(index.row()) : QVariant();
    default: return {};
    }
}

QVariant ClassTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter | (section == Name ? Qt::AlignLeft : Qt::AlignRight));
    if (role != Qt::DisplayRole)
        return {};
    const QString names[] = { tr("Class"), tr("AP50"), tr("95 %"), tr("AP"), tr("Found"), tr("Threshold") };
    return names[section];
}

}
