// MonitorPage: what is read of the fleet, and what the hub is asked for.
#include "app/studio/background.h"
#include "app/studio/frame/retrain_card.h"
#include "app/studio/monitor/alert_list.h"
#include "app/studio/monitor/field_start.h"
#include "app/studio/monitor/monitor_page.h"
#include "core/base/time.h"
#include "core/fleet/hub_address.h"
#include "core/services/local_fleet.h"
#include "core/services/this_computer.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QStackedWidget>
#include <algorithm>
#include <utility>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

// Without the figures of the field the others stand all the same.
void MonitorPage::readAccuracy(const dataset::ProjectReader& reader, Look& look)
{
    look.accuracy = report::readFieldAccuracy(reader).valueOr({});
    for (const auto& stored : reader.readFieldSamples().valueOr({}))
        if (stored.sample.isRandom() && !stored.trashed && stored.state != domain::ItemState::Done)
            look.unfinished.push_back(stored.item);
    std::sort(look.unfinished.begin(), look.unfinished.end());
}

void MonitorPage::read()
{
    if (m_reading || !m_monitor)
        return;
    m_reading = true;
    runInBackground(
        this,
        [monitor = m_monitor, project = context().session()->folder(), progress = progress(), cancel = m_cancel]() -> Look {
            const auto reader = dataset::ProjectReader::open(project);
            if (reader.hasError())
                return { reader.error(), {}, {} };
            Look look { monitor->read(**reader, {}, base::nowMs(), progress, cancel), {}, {} };
            readAccuracy(**reader, look);
            return look;
        },
        [this, number = m_project](Look look) {
            if (number != m_project)
                return;
            m_reading = false;
            take(std::move(look));
        });
}

// Weeks of many devices take seconds when they are read for the first time.
base::ProgressFn MonitorPage::progress()
{
    return [guard = QPointer<QObject>(this), this, number = m_project](const base::Progress& p) {
        postToInterface(guard, [this, number, p] {
            if (number == m_project && !m_overview)
                m_empty->showWaiting(tr("Reading what devices have told: %1 of %2 reports.").arg(style::count(p.done), style::count(p.total)));
        });
    };
}

void MonitorPage::take(Look look)
{
    showAccuracy(look);
    if (m_isAsking && m_stack->currentIndex() == 0)
        return; // what is being done stands there
    auto& overview = look.overview;
    if (overview.hasError()) {
        m_overview.reset();
        if (overview.error().code == base::ErrorCode::NotFound)
            m_empty->showNoDevice();
        else
            m_empty->showProblem(qs(overview.error().message));
        return showEmpty();
    }
    m_overview = std::move(overview).value();
    if (m_overview->tracks.empty())
        return showNothingTold();
    m_stack->setCurrentIndex(1);
    m_retrain->setDrift(std::any_of(m_overview->alerts.begin(), m_overview->alerts.end(), [](const auto& alert) { return alert.isOpen() && measureOf(alert); }));
    showDevices();
    draw();
}

void MonitorPage::showNothingTold()
{
    const auto running = std::count_if(m_overview->devices.begin(), m_overview->devices.end(), [](const auto& state) { return !state.version.empty(); });
    if (m_overview->devices.empty())
        m_empty->showNoDevice();
    else
        m_empty->showSilent(static_cast<qint64>(m_overview->devices.size()), running);
    showEmpty();
}

void MonitorPage::showEmpty()
{
    m_stack->setCurrentIndex(0);
    m_device->hide();
    m_span->hide();
    m_online->setText({});
    if (!isOnPictures())
        setStatus({});
}

// At the hub of this user, which is started when none runs; it goes on when the studio is closed.
void MonitorPage::askHub(std::function<base::Result<QString>(fleet::HubClient&)> work)
{
    runInBackground(
        this,
        [folder = fleet::defaultFleetFolder(), work = std::move(work), cancel = m_cancel]() -> base::Result<QString> {
            PERCEPT_ASSIGN(hub, services::ensureHub(folder, cancel));
            return work(hub);
        },
        [this, number = m_project](const base::Result<QString>& done) {
            if (number != m_project)
                return;
            m_isAsking = false;
            m_hubNote->setAction(tr("Start it"));
            if (done.hasError())
                context().reportError(tr("The step was not done"), done.error());
            else if (!done->isEmpty())
                context().showToast(*done);
            read();
        });
}

void MonitorPage::testHere()
{
    if (m_isAsking)
        return;
    m_isAsking = true;
    m_empty->showWaiting(tr("This computer is being made a test device…"));
    askHub([folder = fleet::defaultFleetFolder(), cancel = m_cancel](fleet::HubClient& hub) -> base::Result<QString> {
        PERCEPT_ASSIGN(here, services::startThisComputer(hub, folder, cancel));
        return tr("This computer is a test device now: %1").arg(qs(here.device));
    });
}

void MonitorPage::startHub()
{
    if (m_isAsking)
        return;
    m_isAsking = true;
    m_hubNote->setAction({}); // until that is done
    askHub([](fleet::HubClient&) -> base::Result<QString> { return tr("The hub runs"); });
}

}
