// Where somebody was: filters, current picture, how far it is scrolled, how large the pictures are.
#include "app/studio/gather/filter_panel.h"
#include "app/studio/gather/filter_words.h"
#include "app/studio/gather/gallery_model.h"
#include "app/studio/gather/gallery_view.h"
#include "app/studio/gather/gather_page.h"

#include <QJsonArray>
#include <QSlider>
#include <utility>

namespace percept::studio {
namespace {
const QString kFilter = QStringLiteral("filter"), kSize = QStringLiteral("pictureWidth"), kFolded = QStringLiteral("folded"),
              kCurrent = QStringLiteral("current"), kTop = QStringLiteral("top"), kHidden = QStringLiteral("topHidden");
}

GatherPage::Place GatherPage::place() const
{
    if (m_place)
        return *m_place; // never seen since
    const auto [row, hidden] = m_view->top();
    return { m_model->itemAt(m_view->currentIndex().row()), m_model->itemAt(row), hidden };
}

QJsonObject GatherPage::viewState() const
{
    const Place here = place();
    QJsonObject state { { kFilter, filterToJson(filter()) }, { kSize, m_size->value() }, { kFolded, QJsonArray::fromStringList(m_filters->folded()) } };
    if (here.current.isValid())
        state.insert(kCurrent, static_cast<double>(here.current.value));
    if (here.top.isValid())
        state.insert(kTop, static_cast<double>(here.top.value));
    state.insert(kHidden, here.hiddenPixels);
    return state;
}

void GatherPage::restoreViewState(const QJsonObject& state)
{
    QStringList folded;
    for (const QJsonValue& head : state.value(kFolded).toArray())
        folded << head.toString();
    m_filters->setFolded(folded);
    m_size->setValue(state.value(kSize).toInt(kDefaultThumb));
    applyFilter(filterFromJson(state.value(kFilter).toObject(), context()));
    m_place = Place { ItemId { state.value(kCurrent).toInteger() }, ItemId { state.value(kTop).toInteger() }, state.value(kHidden).toInt() };
}

void GatherPage::takePlace()
{
    if (!m_place || m_model->isReading() || !isVisible())
        return;
    const Place wanted = *std::exchange(m_place, {});
    if (const int row = m_model->rowOf(wanted.current); row >= 0)
        m_view->selectionModel()->setCurrentIndex(m_model->index(row), QItemSelectionModel::NoUpdate);
    if (const int row = m_model->rowOf(wanted.top); row >= 0)
        m_view->setTop(row, wanted.hiddenPixels);
}

}
