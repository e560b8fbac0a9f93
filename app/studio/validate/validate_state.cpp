// Where somebody was: model, set, thresholds that were moved but not stored, what is shown of the mistakes. The scores are read
// beside the interface: what belongs to them waits until they are there.
#include "app/studio/validate/mistakes_gallery.h"
#include "app/studio/validate/threshold_panel.h"
#include "app/studio/validate/validate_page.h"
#include "widgets/plots/confusion_view.h"
#include "widgets/style/widgets.h"

#include <QJsonArray>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <algorithm>
#include <utility>

namespace percept::studio {
namespace {

const QString kRun = QStringLiteral("run"), kTest = QStringLiteral("test"), kView = QStringLiteral("view"), kShares = QStringLiteral("shares"),
              kMissCost = QStringLiteral("missCost"), kScope = QStringLiteral("scope"), kThresholds = QStringLiteral("thresholds"),
              kKind = QStringLiteral("kind"), kCell = QStringLiteral("cell"), kMistake = QStringLiteral("mistake"), kScroll = QStringLiteral("scroll");

}

QJsonObject ValidatePage::viewState() const
{
    if (m_place)
        return *m_place; // never seen since
    QJsonObject state { { kRun, currentRun() }, { kTest, m_setChoice->current() }, { kView, m_viewChoice->current() }, { kShares, m_matrixChoice->current() },
        { kMissCost, m_thresholds->missCost() }, { kScope, m_thresholds->scope() }, { kKind, m_kindChoice->current() },
        { kMistake, m_gallery->currentIndex().row() }, { kScroll, m_gallery->verticalScrollBar()->value() } };
    if (m_isScored && isAdjustable() && m_thresholds->thresholds() != m_scored->thresholds) {
        QJsonArray moved;
        for (const double threshold : m_thresholds->thresholds())
            moved.append(threshold);
        state.insert(kThresholds, moved);
    }
    if (m_mistakes.isInCell())
        state.insert(kCell, QJsonArray { m_mistakes.cell().first, m_mistakes.cell().second });
    return state;
}

void ValidatePage::restoreViewState(const QJsonObject& state)
{
    m_wanted = state.value(kRun).toString();
    m_place = state;
    m_thresholds->setMissCost(state.value(kMissCost).toDouble(ThresholdPanel::kUsualMissCost));
    m_viewChoice->setCurrent(state.value(kView).toInt());
    m_matrixChoice->setCurrent(state.value(kShares).toInt());
    m_kindChoice->setCurrent(state.value(kKind).toInt());
    m_matrix->setChosen(-1, -1);
    chooseCell(-1, -1);
    m_setChoice->setCurrent(state.value(kTest).toInt());
}

// Once the scores are there that it belongs to; of another model it says nothing.
void ValidatePage::takePlace()
{
    const QJsonObject place = std::exchange(m_place, {}).value_or(QJsonObject());
    if (place.isEmpty() || !m_scored || place.value(kRun).toString() != currentRun() || place.value(kTest).toInt() != m_setChoice->current())
        return;
    m_thresholds->setScope(place.value(kScope).toInt());
    std::vector<double> moved;
    for (const QJsonValue& threshold : place.value(kThresholds).toArray())
        moved.push_back(threshold.toDouble(-1));
    const bool sound = std::all_of(moved.begin(), moved.end(), [](double threshold) { return threshold >= 0 && threshold <= 1; });
    if (sound && isAdjustable() && moved.size() == m_scored->thresholds.size())
        m_thresholds->setThresholds(moved);
    applyThresholds();
    const QJsonArray cell = place.value(kCell).toArray();
    const int row = cell.at(0).toInt(-1), column = cell.at(1).toInt(-1), classes = static_cast<int>(m_scored->labels.size());
    if (row >= 0 && column >= 0 && row <= classes && column <= classes) {
        m_matrix->setChosen(row, column);
        chooseCell(row, column);
    }
    if (!m_tryButton->isChecked())
        m_stack->setCurrentIndex(kResults); // laid out before it is scrolled
    m_gallery->doItemsLayout();
    if (const int mistake = place.value(kMistake).toInt(-1); mistake >= 0 && mistake < m_mistakes.rowCount())
        m_gallery->setCurrentIndex(m_mistakes.index(mistake));
    m_gallery->verticalScrollBar()->setValue(place.value(kScroll).toInt());
}

}
