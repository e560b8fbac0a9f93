// DeployPage: what is shown of the fleet.
#include "app/studio/deploy/deploy_page.h"
#include "app/studio/deploy/deploy_text.h"
#include "app/studio/deploy/join_panel.h"
#include "app/studio/deploy/live_panel.h"
#include "app/studio/deploy/package_view.h"
#include "app/studio/deploy/step_strip.h"
#include "app/studio/frame/side_panel.h"
#include "core/base/time.h"
#include "core/services/local_fleet.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QComboBox>
#include <QItemSelectionModel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <algorithm>

namespace percept::studio {

using fleet::RingView;
using fleet::RolloutView;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString ago(std::int64_t thenMs)
{
    return qs(base::describeDuration(static_cast<double>(std::max<std::int64_t>(0, base::nowMs() - thenMs)) / 1000));
}

int ringNumber(const std::string& ring) { return ring == "test" ? 1 : ring == "part" ? 2 : 3; }

}

void DeployPage::showFleet()
{
    const bool isPackaging = m_stack->currentWidget() == m_package;
    const auto& fleet = m_fleet->fleet();
    const bool isEmpty = fleet.devices.empty() && fleet.rollouts.empty() && m_join->isHidden();
    if (!isPackaging)
        m_stack->setCurrentIndex(isEmpty ? 2 : 0);
    m_steps->setVisible(isPackaging || !isEmpty);
    showBar();
    showNote();
    showSteps();
    showCards();
    m_devices.setDevices(fleet.devices, base::nowMs());
    showDevices();
    showHere();
    m_join->setServesOutside(fleet.servesOutside);
    m_join->setBusy(m_fleet->isBusy());
    const RolloutView& view = m_fleet->view();
    const auto running = fleet::runningModel(fleet, m_fleet->isOwn());
    // What a device can bear does not depend on whose model it runs.
    if (const auto any = fleet::runningModel(fleet, [](const auto&) { return true; }))
        m_shipment->setAgainst(running ? qs(running->version) : QString(), m_fleet->folder() / "packages" / (any->sha256 + ".ppkg"), services::speedsOf(fleet, any->sha256));
    else
        m_shipment->setAgainst({}, {}, {});
    m_package->setOther(m_fleet->otherModel());
    m_package->setReach(view.rings[0].devices(), view.isRunning() ? qs(view.rollout->package.version) : QString(),
        [&] {
            QStringList versions;
            for (const auto& version : fleet::versionsInRing(fleet, fleet::kRings[0]))
                versions << qs(version);
            return versions.join(tr(" and "));
        }());
    QHash<QString, QString> refused;
    for (const auto& [version, words] : fleet::refusedVersions(fleet, m_fleet->isOwn()))
        refused.insert(qs(version), qs(words));
    m_package->setRefused(refused);
    m_package->setDeploying(m_fleet->isBusy());
}

// Why nothing can be rolled back.
QString DeployPage::backReason() const
{
    const auto& rollout = m_fleet->view().rollout;
    if (!rollout)
        return tr("Nothing was rolled out yet: there is nothing to go back from.");
    const QString version = qs(rollout->package.version);
    if (rollout->note.starts_with("in the place of ")) // as the hub writes it
        return tr("%1 came back by a roll-back itself. Deploy another package to change what devices run.").arg(version);
    return tr("No device has run another version before %1: there is nothing to go back to.").arg(version);
}

void DeployPage::showBar()
{
    const RolloutView& view = m_fleet->view();
    const bool isPackaging = m_stack->currentWidget() == m_package, isBusy = m_fleet->isBusy();
    m_chip->setVisible(view.rollout.has_value() && !isPackaging);
    if (view.rollout) {
        const auto& r = *view.rollout;
        const QString version = qs(r.package.version);
        m_chip->setText(r.state == "running" ? tr("%1: ring %2 of 3, for %3").arg(version).arg(ringNumber(r.ring)).arg(ago(r.changedMs))
                : r.state == "stopped"       ? tr("%1 was stopped").arg(version)
                : r.ring == "all"            ? tr("%1 is on all devices").arg(version)
                                             : tr("%1 is back").arg(version));
        m_chip->setTone(r.state == "running" ? style::Tone::Accent : r.state == "stopped" ? style::Tone::Error : style::Tone::Good);
    }
    // Of a hub that does not answer only what it said last is known: it may have been taken back since.
    const bool answers = m_fleet->hub() == DeployController::Hub::Answers;
    if (view.rollout && !answers)
        m_chip->setText(tr("%1, as of %2").arg(m_chip->text(), momentText(m_fleet->fleet().readMs)));
    if (view.rollout && !answers)
        m_chip->setTone(style::Tone::Neutral);
    const bool canStop = view.isRunning() && !isBusy && answers, canGoBack = view.back.has_value() && !isBusy && answers;
    m_stop->setVisible(view.isRunning() && !isPackaging);
    m_stop->setEnabled(canStop);
    m_back->setEnabled(canGoBack);
    m_back->setText(view.back ? tr("Roll back to %1…").arg(qs(*view.back)) : tr("Roll back…"));
    style::setTip(m_back, m_back->text(), {}, view.rollout && !answers ? tr("The hub does not answer. Start it: what was rolled out may have changed since.")
            : view.back                                  ? tr("What ran before comes back to every device that this roll-out reached.")
                                                         : backReason());
    m_new->setVisible(!isPackaging);
    const bool canPromote = !view.nextRing.empty() && !isBusy && answers;
    m_promoteAction->setEnabled(canPromote);
    m_byHandAction->setEnabled(view.promotesMs > 0 && !isBusy && answers);
    m_stopAction->setEnabled(canStop);
    m_backAction->setEnabled(canGoBack);
    // One primary a page: what should be done next.
    style::setButtonKind(m_new, view.isSuggested ? style::ButtonKind::Default : style::ButtonKind::Primary);
}

// What went wrong last stays until it is closed; a hub that is silent, until it answers.
void DeployPage::showNote()
{
    const bool isStarting = m_fleet->hub() == DeployController::Hub::Starting;
    const bool isGone = m_fleet->hub() == DeployController::Hub::None && services::knowsFleet(m_fleet->folder());
    const auto& rollout = m_fleet->view().rollout;
    QString text = m_failure, action = tr("Close");
    style::Tone tone = style::Tone::Error;
    if (text.isEmpty() && (isStarting || !m_doing.isEmpty())) {
        text = m_doing.isEmpty() ? tr("The hub is being started…") : m_doing;
        action.clear();
        tone = style::Tone::Accent;
    } else if (text.isEmpty() && (isGone || !m_fleet->problem().isEmpty())) {
        text = m_fleet->problem().isEmpty() ? tr("The hub does not run: what you see is what was known last, and devices wait.") : m_fleet->problem();
        action = tr("Start it");
    } else if (text.isEmpty() && !m_fleet->fleet().brokerProblem.empty()) { // until somebody has mended it: the hub tries for ever
        text = qs(m_fleet->fleet().brokerProblem);
        action.clear();
        tone = style::Tone::Warning;
    } else if (text.isEmpty() && rollout && rollout->state == "stopped" && !rollout->note.empty()) {
        text = tr("The roll-out of %1 was stopped: %2 Devices that have it keep it.").arg(qs(rollout->package.version), qs(rollout->note) + (rollout->note.ends_with('.') ? QString() : QStringLiteral(".")));
        action.clear();
        tone = style::Tone::Warning;
    }
    m_noteIsPlan = text.isEmpty() && m_fleet->view().promotesMs > 0 && m_stack->currentWidget() != m_package;
    if (m_noteIsPlan) {
        const auto& view = m_fleet->view();
        const QString to = ringName(view.nextRing), what = qs(rollout->package.version);
        const bool isLate = view.promotesMs <= base::nowMs();
        text = isLate ? tr("%1 goes to ring %2 by itself as soon as every device that was reached and is online runs it, and none has refused it or fallen silent.").arg(what, to)
                      : tr("%1 goes to ring %2 by itself %3 %4, if every device that was reached and is online runs it then, and none has refused it or fallen silent.").arg(what, to, isToday(view.promotesMs) ? tr("at") : tr("on"), momentText(view.promotesMs));
        action = tr("Promote by hand");
        tone = style::Tone::Accent;
    }
    m_note->setTone(tone);
    m_note->setText(text);
    m_note->setAction(action);
    m_note->setVisible(!text.isEmpty());
}

void DeployPage::showDevices()
{
    const auto& fleet = m_fleet->fleet();
    const auto online = std::count_if(fleet.devices.begin(), fleet.devices.end(), [](const auto& d) { return d.online; });
    const int listed = m_devices.rowCount(), total = m_devices.total();
    m_count->setText(listed == total ? style::count(total) : tr("%1 of %2").arg(style::count(listed), style::count(total)));
    m_rows->setCurrentIndex(listed == 0 && total > 0 ? 1 : 0);
    updateSelection();
    QStringList left, right;
    if (m_fleet->hub() == DeployController::Hub::Answers) {
        const QString broker = fleet.othersBroker.empty() ? tr("Broker") : tr("Broker %1").arg(qs(fleet.othersBroker));
        left << (fleet.brokerConnected ? tr("%1 connected") : tr("%1 not connected")).arg(broker);
        right << tr("%1: %2 online").arg(devicesText(fleet.devices.size())).arg(online);
        if (const auto& r = m_fleet->view().rollout) {
            const std::size_t runs = m_fleet->numRunning(r->package); // as whichever release: people know the model by its version
            right << (runs == 1 ? tr("%1 runs %2") : tr("%1 run %2")).arg(runs).arg(qs(r->package.version));
        }
    } else if (services::knowsFleet(m_fleet->folder())) {
        left << tr("No hub");
    }
    setStatus(left, right);
    const bool isKnown = m_fleet->hub() != DeployController::Hub::Unknown;
    m_empty->setSentence(isKnown ? tr("No device yet. A device runs your model where the pictures are made, and tells how it does.") : tr("Asking the hub…"));
    m_emptyAction->setText(tr("This computer as test device"));
    m_emptyAction->setEnabled(isKnown && !m_fleet->isBusy());
}

// One click either way. While it answers, what it answers can be seen.
void DeployPage::showHere()
{
    const auto& here = m_fleet->thisComputer();
    m_here->setText(here.isRunning() ? tr("Stop this computer") : tr("Test on this computer"));
    m_here->setEnabled(!m_fleet->isBusy());
    style::setTip(m_here, m_here->text(), {}, here.isRunning() ? tr("It answers no more pictures and stays in the fleet, offline.")
                                                                : tr("A percept-edge runs on this computer in ring Test, also when the studio is closed."));
    m_hereAction->setText(m_here->text());
    m_hereAction->setEnabled(!m_fleet->isBusy());
    const auto& devices = m_fleet->fleet().devices;
    const auto it = std::find_if(devices.begin(), devices.end(), [&](const auto& device) { return device.name == here.device; });
    const bool answers = here.isRunning() && it != devices.end() && it->running;
    m_liveSide->setVisible(answers);
    m_live->setServer(answers ? qs(here.server) : QString());
}

void DeployPage::updateSelection()
{
    const auto selected = m_table->selectionModel()->selectedRows().size();
    m_selected->setVisible(selected > 0);
    m_filters->setVisible(selected == 0);
    m_move->setText(selected == 1 ? tr("Ring of 1 device") : tr("Ring of %1 devices").arg(selected));
    m_move->setEnabled(!m_fleet->isBusy());
    m_remove->setEnabled(selected > 0 && !m_fleet->isBusy());
}

// Rows that were selected are selected again when the list was made anew.
void DeployPage::keepSelection()
{
    QItemSelection again;
    for (const QString& name : std::as_const(m_kept))
        if (const int row = m_devices.rowOf(name); row >= 0)
            again.select(m_devices.index(row, 0), m_devices.index(row, DeviceModel::ColumnCount - 1));
    m_table->selectionModel()->select(again, QItemSelectionModel::ClearAndSelect);
    if (!again.isEmpty())
        m_table->selectionModel()->setCurrentIndex(again.indexes().constFirst(), QItemSelectionModel::NoUpdate);
}

}
