// DeployPage: what is done to the fleet.
#include "app/studio/deploy/deploy_page.h"

#include "app/studio/background.h"
#include "app/studio/deploy/deploy_text.h"
#include "app/studio/deploy/join_panel.h"
#include "app/studio/deploy/package_view.h"
#include "core/services/local_fleet.h"
#include "widgets/style/widgets.h"

#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <utility>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString toldText(const fleet::RolloutTold& told)
{
    return told.devices == 0 ? DeployPage::tr("no device is concerned yet") : DeployPage::tr("%1 told").arg(devicesText(told.devices) + (told.devices == 1 ? DeployPage::tr(" was") : DeployPage::tr(" were")));
}

}

QList<KeyHelp> DeployPage::keys() const
{
    return { { QStringLiteral("Ctrl+Return"), tr("the next step of a new package") }, { QStringLiteral("Delete"), tr("remove the selected devices") },
        { QStringLiteral("Menu, Shift+F10"), tr("what can be done with the selected devices") }, { QStringLiteral("Esc"), tr("close what is open") } };
}

QList<QWidget*> DeployPage::panels()
{
    if (m_stack->currentWidget() == m_package)
        return { m_bar, m_package };
    return { m_bar, m_join, m_table };
}

void DeployPage::activated()
{
    m_fleet->setProject(context().session() ? context().session()->folder() : std::filesystem::path());
    m_fleet->setWatching(true);
    if (m_fleet->hub() != DeployController::Hub::Answers && services::knowsFleet(m_fleet->folder()))
        m_fleet->wakeHub();
    readModels();
    readPictures();
    if (m_stack->currentIndex() == 0)
        m_table->setFocus();
}

void DeployPage::deactivated() { m_fleet->setWatching(false); }

void DeployPage::act(const QString& title, DeployController::Work work, const QString& doing)
{
    m_failure.clear();
    m_doing = doing;
    m_fleet->act(std::move(work), [this, title](const base::Result<QString>& done) {
        m_doing.clear();
        if (done.hasError())
            m_failure = title + QStringLiteral(". ") + qs(done.error().message);
        else if (!done.value().isEmpty())
            context().showToast(done.value());
        showFleet();
    });
    showFleet();
}

// ---- a new package

void DeployPage::readModels()
{
    if (!context().session())
        return;
    context().readInBackground<std::vector<Candidate>>(
        this, [project = context().session()->folder()](dataset::ProjectReader& reader) { return readCandidates(reader, project); },
        [this](std::vector<Candidate> candidates) {
            if (!m_shipment->isWorking()) // what is ready stays chosen: another page may have packaged a run meanwhile
                m_package->setCandidates(std::move(candidates));
            if (!m_wantedRun.isEmpty())
                m_package->choose(std::exchange(m_wantedRun, {}));
        });
}

void DeployPage::showRun(const QString& run)
{
    m_wantedRun = run;
    readModels();
    openPackage();
}

void DeployPage::openPackage()
{
    m_stack->setCurrentWidget(m_package);
    m_package->showProblem({});
    showFleet();
}

void DeployPage::closePackage()
{
    if (m_stack->currentWidget() != m_package)
        return;
    if (!m_shipment->isWorking())
        m_shipment->reset();
    m_package->reset();
    m_stack->setCurrentIndex(0);
    readModels();
    showFleet();
    m_table->setFocus();
}

void DeployPage::deploy()
{
    if (!m_shipment->facts())
        return;
    const auto file = m_shipment->facts()->file;
    const std::int64_t replaces = m_fleet->view().isRunning() ? m_fleet->view().rollout->id : 0;
    const int minutes = m_package->promoteAfterMinutes();
    m_fleet->act(
        [file, replaces, minutes](fleet::HubClient& hub) -> base::Result<QString> {
            PERCEPT_ASSIGN(told, hub.deploy(file, minutes, replaces));
            return tr("Model %1 is on its way: %2").arg(qs(told.rollout.package.version), toldText(told));
        },
        [this](const base::Result<QString>& done) {
            if (done.hasError())
                return m_package->showProblem(qs(done.error().message));
            closePackage();
            context().showToast(done.value());
        });
}

// ---- the roll-out

void DeployPage::promote()
{
    const auto view = m_fleet->view();
    if (view.nextRing.empty() || m_fleet->isBusy())
        return;
    const QString version = qs(view.rollout->package.version), ring = ringName(view.nextRing);
    const QString devices = devicesText(view.nextDevices);
    const QString open = view.isSuggested ? tr("Every condition of ring %1 is met.").arg(ringName(view.rollout->ring))
                                          : tr("In ring %1 %2.").arg(ringName(view.rollout->ring), qs(view.whyNotYet));
    if (!context().choosers().confirm(this, tr("Promote %1 to ring %2?").arg(version, ring),
            tr("%1 %2 in ring %3 will run it. Devices check it first and keep what they run when it does not suit them.").arg(open, devices, ring),
            view.nextDevices == 0 ? tr("Promote") : tr("Promote to %1").arg(devices)))
        return;
    // What was read before the question: the hub may have promoted it meanwhile, and one ring is what was agreed to.
    act(tr("%1 was not promoted").arg(version), [seen = fleet::SeenRollout { view.rollout->id, view.rollout->ring }](fleet::HubClient& hub) -> base::Result<QString> {
        PERCEPT_ASSIGN(told, hub.promote(seen));
        return tr("Model %1 has reached ring %2: %3").arg(qs(told.rollout.package.version), ringName(told.rollout.ring), toldText(told));
    });
}

void DeployPage::rollBack()
{
    const auto view = m_fleet->view();
    if (!view.back || m_fleet->isBusy())
        return;
    const QString version = qs(view.rollout->package.version), before = qs(*view.back), devices = devicesText(view.backDevices);
    if (!context().choosers().confirm(this, tr("Roll back to %1?").arg(before),
            (view.backDevices == 1 ? tr("%1 that %2 reached gets %3 again, signed as a newer release. It goes on answering meanwhile; when it is offline, it gets it once it is back.")
                                   : tr("%1 that %2 reached get %3 again, signed as a newer release. They go on answering meanwhile; those that are offline get it when they are back."))
                .arg(devices, version, before),
            tr("Roll back %1").arg(devices)))
        return;
    // In whichever ring it is by now: what is bad in one is bad in the next. So it is with a stop.
    act(tr("%1 was not rolled back").arg(version), [seen = fleet::SeenRollout { view.rollout->id }](fleet::HubClient& hub) -> base::Result<QString> {
        PERCEPT_ASSIGN(told, hub.rollBack("rolled back by hand", seen));
        return tr("Model %1 is taken back: %2").arg(qs(told.rollout.package.version), toldText(told));
    });
}

void DeployPage::stopRollout()
{
    const auto view = m_fleet->view();
    if (!view.isRunning() || m_fleet->isBusy())
        return;
    const QString version = qs(view.rollout->package.version);
    if (!context().choosers().confirm(this, tr("Stop the roll-out of %1?").arg(version),
            (view.backDevices == 1 ? tr("No further ring gets it. %1 in the rings that it reached keeps it, until another package is deployed or it is rolled back.")
                                   : tr("No further ring gets it. %1 in the rings that it reached keep it, until another package is deployed or it is rolled back."))
                .arg(devicesText(view.backDevices)),
            tr("Stop the roll-out")))
        return;
    act(tr("The roll-out was not stopped"), [seen = fleet::SeenRollout { view.rollout->id }](fleet::HubClient& hub) -> base::Result<QString> {
        PERCEPT_ASSIGN(told, hub.stop("stopped by hand", seen));
        return tr("The roll-out of %1 is stopped").arg(qs(told.rollout.package.version));
    });
}

void DeployPage::promoteByHand()
{
    if (m_fleet->view().promotesMs == 0 || m_fleet->isBusy())
        return;
    act(tr("It still goes on by itself"), [seen = fleet::SeenRollout { m_fleet->view().rollout->id }](fleet::HubClient& hub) -> base::Result<QString> {
        PERCEPT_ASSIGN(told, hub.promoteAfter(0, seen));
        return tr("Model %1 goes to the next ring only when you promote it").arg(qs(told.rollout.package.version));
    });
}

}
