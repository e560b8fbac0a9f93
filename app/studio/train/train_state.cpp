// Where somebody was: the run that is looked at, those that are drawn beside it and in which colours, how far the list is scrolled.
#include "app/studio/train/run_view.h"
#include "app/studio/train/train_page.h"

#include <QJsonArray>
#include <QListView>
#include <QScrollBar>

namespace percept::studio {
namespace {
const QString kRun = QStringLiteral("run"), kTicked = QStringLiteral("drawn"), kScroll = QStringLiteral("scroll"), kColors = QStringLiteral("colors");

QJsonObject toJson(const QHash<QString, int>& colors)
{
    QJsonObject json;
    for (auto it = colors.begin(); it != colors.end(); ++it)
        json.insert(it.key(), it.value());
    return json;
}

QHash<QString, int> colorsOf(const QJsonObject& json)
{
    QHash<QString, int> colors;
    for (auto it = json.begin(); it != json.end(); ++it)
        colors.insert(it.key(), it.value().toInt(-1));
    return colors;
}
}

QJsonObject TrainPage::viewState() const
{
    if (!m_view || m_view->run().isEmpty())
        return {};
    return { { kRun, m_view->run() }, { kTicked, QJsonArray::fromStringList(m_model.ticked()) }, { kColors, toJson(m_model.colors()) }, { kScroll, m_list->verticalScrollBar()->value() } };
}

// As new: the newest run, as the list has chosen it.
void TrainPage::restoreViewState(const QJsonObject& state)
{
    const QString run = state.value(kRun).toString();
    if (!m_view || m_model.rowOf(run) < 0)
        return;
    QStringList ticked;
    for (const QJsonValue& one : state.value(kTicked).toArray())
        ticked << one.toString();
    showOnly(run);
    m_model.restore(ticked, colorsOf(state.value(kColors).toObject()));
    m_list->doItemsLayout(); // the bar has no range before
    m_list->verticalScrollBar()->setValue(state.value(kScroll).toInt());
}

}
