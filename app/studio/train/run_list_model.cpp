#include "app/studio/train/run_list_model.h"

#include "widgets/style/tokens.h"
#include "widgets/style/widgets.h"

#include <algorithm>

namespace percept::studio {

using style::tokens;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

// Whatever of it is too long for the list, then what people say, what the trainer said, and which score that is.
QString tipOf(const runs::RunInfo& run)
{
    QStringList lines;
    for (const QString& text : { qs(run.name), qs(run.note), qs(run.message), scoreWords(run) })
        if (!text.isEmpty())
            lines << text;
    return style::plainTip(lines.join(QLatin1Char('\n')));
}

}

RunListModel::RunListModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

void RunListModel::setRuns(std::vector<runs::RunInfo> runs)
{
    const bool sameRows = runs.size() == m_runs.size()
        && std::equal(runs.begin(), runs.end(), m_runs.begin(), [](const auto& a, const auto& b) { return a.id == b.id; });
    if (sameRows) {
        m_runs = std::move(runs);
        if (!m_runs.empty())
            emit dataChanged(index(0), index(rowCount() - 1));
        return;
    }
    // New runs come on top; anything else is a new document.
    const bool first = m_runs.empty();
    if (runs.empty()) { // the next project has runs of the same names
        m_ticked.clear();
        m_shown.clear();
    }
    beginResetModel();
    m_runs = std::move(runs);
    if (m_ticked.isEmpty() && first)
        for (const auto& run : m_runs)
            if (m_ticked.size() < 2 && (run.bestMap50 || isLive(run)))
                m_ticked.insert(qs(run.id));
    giveColors();
    endResetModel();
    emit tickedChanged();
}

const runs::RunInfo* RunListModel::find(const QString& id) const
{
    const int row = rowOf(id);
    return row < 0 ? nullptr : &m_runs[static_cast<std::size_t>(row)];
}

int RunListModel::rowOf(const QString& id) const
{
    for (std::size_t i = 0; i < m_runs.size(); ++i)
        if (qs(m_runs[i].id) == id)
            return static_cast<int>(i);
    return -1;
}

void RunListModel::setTicked(const QString& id, bool on)
{
    if (on == m_ticked.contains(id))
        return;
    if (on)
        m_ticked.insert(id);
    else
        m_ticked.remove(id);
    giveColors();
    if (const int row = rowOf(id); row >= 0)
        emit dataChanged(index(row), index(row));
    emit tickedChanged();
}

QStringList RunListModel::ticked() const
{
    QStringList ids;
    for (const auto& run : m_runs)
        if (m_ticked.contains(qs(run.id)))
            ids << qs(run.id);
    return ids;
}

void RunListModel::setShown(const QString& id)
{
    m_shown = id;
    giveColors();
    if (!m_runs.empty())
        emit dataChanged(index(0), index(rowCount() - 1));
}

QStringList RunListModel::drawn() const
{
    QStringList ids;
    for (const auto& run : m_runs)
        if (m_ticked.contains(qs(run.id)) || qs(run.id) == m_shown)
            ids << qs(run.id);
    return ids;
}

// Whoever is drawn keeps its colour; who comes gets the first that is free.
void RunListModel::giveColors()
{
    const QStringList now = drawn();
    for (const QString& id : m_colors.keys())
        if (!now.contains(id))
            m_colors.remove(id);
    for (const QString& id : now) {
        if (m_colors.contains(id))
            continue;
        const QList<int> taken = m_colors.values();
        int color = 0;
        while (taken.contains(color))
            ++color;
        m_colors.insert(id, color);
    }
}

void RunListModel::restore(const QStringList& ticked, const QHash<QString, int>& colors)
{
    m_ticked.clear();
    for (const QString& id : ticked)
        if (rowOf(id) >= 0)
            m_ticked.insert(id);
    m_colors.clear();
    const QStringList now = drawn();
    for (auto it = colors.begin(); it != colors.end(); ++it)
        if (now.contains(it.key()) && it.value() >= 0 && !m_colors.values().contains(it.value()))
            m_colors.insert(it.key(), it.value());
    giveColors();
    if (!m_runs.empty())
        emit dataChanged(index(0), index(rowCount() - 1));
    emit tickedChanged();
}

QColor RunListModel::colorOf(const QString& id) const
{
    // Besides the accent, class colours but the first, which is like it: they differ under all kinds of sight.
    const int color = m_colors.value(id, 0);
    if (color == 0)
        return tokens().accent;
    const int place = 1 + (color - 1) % (style::kClassColors - 1);
    return tokens().dark ? style::classBright(place) : style::classInk(place);
}

void RunListModel::setWorking(const QString& id, const QString& status)
{
    if (id == m_working && status == m_workingStatus)
        return;
    m_working = id;
    m_workingStatus = status;
    if (!m_runs.empty())
        emit dataChanged(index(0), index(rowCount() - 1));
}

bool RunListModel::isWorking(const runs::RunInfo& run) const { return qs(run.id) == m_working; }

void RunListModel::setWaiting(const QString& id)
{
    if (id == m_waiting)
        return;
    m_waiting = id;
    if (!m_runs.empty())
        emit dataChanged(index(0), index(rowCount() - 1));
}

QString RunListModel::titleOf(const QString& id) const
{
    const runs::RunInfo* run = find(id);
    return run ? runTitle(*run) : runTitle(id.toStdString());
}

QString RunListModel::statusText(const runs::RunInfo& run) const
{
    return isWorking(run) ? m_workingStatus : qs(run.id) == m_waiting ? tr("Waits its turn") : runStatusText(run);
}

int RunListModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_runs.size()); }

QVariant RunListModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const runs::RunInfo& run = m_runs[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return runTitle(run);
    case Qt::AccessibleTextRole: return QStringLiteral("%1, %2, %3").arg(runTitle(run), statusText(run), shortScore(run));
    case Qt::ToolTipRole: return tipOf(run);
    case IdRole: return qs(run.id);
    case TickedRole: return m_ticked.contains(qs(run.id));
    case ColorRole: return colorOf(qs(run.id));
    default: return {};
    }
}

}
