// Where somebody was: the run that is looked at, those that are drawn beside it, how far the list is scrolled.
#include "app/studio/train/run_view.h"
#include "app/studio/train/train_page.h"

#include <QJsonArray>
#include <QListView>
#include <QScrollBar>

namespace percept::studio {
namespace {
const QString kRun = QStringLiteral("run"), kTicked = QStringLiteral("drawn"), kScroll = QStringLiteral("scroll");
}

QJsonObject TrainPage::viewState() const
{
    if (!m_view || m_view->run().isEmpty())
        return {};
    return { { kRun, m_view->run() }, { kTicked, QJsonArray::fromStringList(m_model.ticked()) }, { kScroll, m_list->verticalScrollBar()->value() } };
}

// As new: the newest run, as the list has chosen it.
void TrainPage::restoreViewState(const QJsonObject& state)
{
    const QString run = state.value(kRun).toString();
    if (!m_view || m_model.rowOf(run) < 0)
        return;
    const QJsonArray drawn = state.value(kTicked).toArray();
    for (const QString& ticked : m_model.ticked())
        m_model.setTicked(ticked, drawn.contains(QJsonValue(ticked)));
    for (const QJsonValue& one : drawn)
        if (m_model.rowOf(one.toString()) >= 0)
            m_model.setTicked(one.toString(), true);
    showOnly(run);
    m_list->doItemsLayout(); // the bar has no range before
    m_list->verticalScrollBar()->setValue(state.value(kScroll).toInt());
}

}
