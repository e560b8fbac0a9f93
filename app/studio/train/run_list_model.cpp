#include "app/studio/train/run_list_model.h"

#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"
#include "widgets/style/widgets.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

namespace percept::studio {

using style::tokens;

namespace {

constexpr int kRowHeight = 58;

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString figureText(double figure) { return QString::number(figure, 'f', 3); }

// One truth: what the model reaches once it is scored, until then what its best epoch did.
QString shortScore(const runs::RunInfo& run)
{
    if (const auto score = run.scoredMap50 ? run.scoredMap50 : run.bestMap50)
        return figureText(*score);
    return isLive(run) ? QString() : QStringLiteral("–");
}

}

QString scoreText(const runs::RunInfo& run)
{
    if (run.scoredMap50)
        return RunListModel::tr("AP50 %1 on validation").arg(figureText(*run.scoredMap50));
    return run.bestMap50 ? RunListModel::tr("best AP50 %1 while training").arg(figureText(*run.bestMap50)) : QString();
}

QString scoreWords(const runs::RunInfo& run)
{
    if (run.scoredMap50 && run.bestMap50)
        return RunListModel::tr("AP50 %1: the model that was kept, scored on the validation set as it ships, as on Validate.\n"
                                "The curve reached %2 at its best epoch. It shows the weights of each epoch, measured inside the training; the model that is kept need not be that of the best one.")
            .arg(figureText(*run.scoredMap50), figureText(*run.bestMap50));
    if (run.scoredMap50)
        return RunListModel::tr("AP50 %1: the model that was kept, scored on the validation set as it ships, as on Validate.").arg(figureText(*run.scoredMap50));
    return run.bestMap50 ? RunListModel::tr("AP50 %1 on the validation set: the best epoch so far, measured inside the training. The model is scored when it is through.").arg(figureText(*run.bestMap50)) : QString();
}

QString runTitle(const std::string& id)
{
    bool ok = false;
    const int number = qs(id).mid(1).toInt(&ok);
    return ok ? RunListModel::tr("Run %1").arg(number) : qs(id);
}

QString runTitle(const runs::RunInfo& run) { return run.name.empty() ? runTitle(run.id) : qs(run.name); }

namespace {

QString recipeName(const runs::RunInfo& run) { return run.config.recipe == "full" ? RunListModel::tr("Full") : qs(run.config.recipe); }

}

QString shortRunFacts(const runs::RunInfo& run)
{
    QStringList parts;
    if (!run.name.empty())
        parts << runTitle(run.id);
    parts << recipeName(run);
    if (run.config.datasetVersion > 0)
        parts << RunListModel::tr("v%1").arg(run.config.datasetVersion);
    parts << RunListModel::tr("seed %1").arg(run.config.seed);
    return parts.join(QStringLiteral(" · "));
}

QString runFacts(const runs::RunInfo& run)
{
    QStringList parts;
    if (!run.name.empty())
        parts << runTitle(run.id);
    parts << recipeName(run);
    parts << (run.config.backbone == "efficientnet-lite0" ? QStringLiteral("Lite0") : qs(run.config.backbone));
    if (run.config.longSide > 0)
        parts << RunListModel::tr("%1 px").arg(run.config.longSide);
    if (run.config.datasetVersion > 0)
        parts << RunListModel::tr("data v%1").arg(run.config.datasetVersion);
    parts << RunListModel::tr("seed %1").arg(run.config.seed);
    return parts.join(QStringLiteral(" · "));
}

bool isLive(const runs::RunInfo& run) { return run.status == "running"; }

bool isUnfinished(const runs::RunInfo& run)
{
    return (run.status == "stopped" && !run.hasModel) || run.status == "crashed" || run.status == "failed" || run.status == "prepared";
}

QString runStatusText(const runs::RunInfo& run)
{
    if (run.status == "running")
        return RunListModel::tr("Training");
    if (run.status == "ok")
        return run.modelVersion.empty() ? RunListModel::tr("Finished") : RunListModel::tr("Model %1").arg(qs(run.modelVersion));
    if (run.status == "stopped" && !run.hasModel)
        return RunListModel::tr("Stopped, no model");
    if (run.status == "stopped")
        return run.modelVersion.empty() ? RunListModel::tr("Stopped, kept") : RunListModel::tr("Model %1").arg(qs(run.modelVersion));
    if (run.status == "crashed")
        return RunListModel::tr("Interrupted");
    if (run.status == "prepared")
        return RunListModel::tr("Not started");
    return RunListModel::tr("Failed");
}

namespace {

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

QSize RunDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return { 200, kRowHeight }; }

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* model = qobject_cast<const RunListModel*>(index.model());
    const runs::RunInfo& run = model->runs()[static_cast<std::size_t>(index.row())];
    const auto& t = tokens();
    const QRect r = option.rect;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(r, t.accentSoft);
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(r, t.hover);
    painter->fillRect(QRect(r.left(), r.bottom(), r.width(), 1), t.line);

    const bool ticked = index.data(RunListModel::TickedRole).toBool();
    const QRectF box(r.left() + 12, r.top() + 10, 14, 14);
    style::paintCheck(*painter, box, ticked ? 1 : 0, false, true);
    if (model->drawn().contains(qs(run.id))) // as its curve
        style::paintRounded(*painter, QRectF(box.left(), box.bottom() + 6, box.width(), 3), 1.5, index.data(RunListModel::ColorRole).value<QColor>());

    const QRect line(r.left() + 36, r.top() + 7, r.width() - 48, 20);
    painter->setFont(style::font(style::TextRole::BodyStrong));
    painter->setPen(t.text);
    const int scoreWidth = painter->fontMetrics().horizontalAdvance(shortScore(run)) + 8;
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(runTitle(run), Qt::ElideRight, line.width() - scoreWidth));
    painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, shortScore(run));

    const QString status = model->statusText(run);
    const bool isLiveNow = isLive(run) || model->isWorking(run);
    const bool bad = !isLiveNow && (run.status == "failed" || run.status == "crashed");
    const QRect second = line.translated(0, 20);
    painter->setFont(style::font(style::TextRole::Table));
    const int statusWidth = painter->fontMetrics().horizontalAdvance(status) + 8;
    painter->setPen(t.text2);
    painter->drawText(second.adjusted(0, 0, -statusWidth, 0), Qt::AlignLeft | Qt::AlignVCenter,
        painter->fontMetrics().elidedText(shortRunFacts(run), Qt::ElideRight, second.width() - statusWidth));
    painter->setPen(bad ? t.error : (isLiveNow ? t.accent : t.text2));
    painter->drawText(second, Qt::AlignRight | Qt::AlignVCenter, status);

    if (isLive(run) && run.progress && run.progress->steps > 0) {
        const double share = static_cast<double>(run.progress->step) / static_cast<double>(run.progress->steps);
        const QRectF bar(line.left(), r.bottom() - 7, line.width(), 3);
        style::paintRounded(*painter, bar, 1.5, t.lineStrong);
        style::paintRounded(*painter, QRectF(bar.left(), bar.top(), bar.width() * std::clamp(share, 0.0, 1.0), bar.height()), 1.5, t.accent);
    }
    painter->restore();
}

bool RunDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    auto* runs = qobject_cast<RunListModel*>(model);
    const auto toggle = [&] { runs->setTicked(index.data(RunListModel::IdRole).toString(), !index.data(RunListModel::TickedRole).toBool()); };
    if (event->type() == QEvent::MouseButtonRelease) {
        const QPoint at = static_cast<QMouseEvent*>(event)->pos();
        if (QRect(option.rect.left(), option.rect.top(), 34, option.rect.height()).contains(at)) {
            toggle();
            return true;
        }
    }
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
        toggle();
        return true;
    }
    return false;
}

}
