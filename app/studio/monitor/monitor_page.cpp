#include "app/studio/monitor/monitor_page.h"

#include "app/studio/background.h"
#include "app/studio/frame/retrain_card.h"
#include "app/studio/monitor/alert_list.h"
#include "app/studio/monitor/drift_matrix.h"
#include "app/studio/monitor/drift_plot.h"
#include "app/studio/monitor/field_plots.h"
#include "app/studio/monitor/field_start.h"
#include "app/studio/monitor/field_tiles.h"
#include "app/studio/monitor/field_view.h"
#include "core/base/time.h"
#include "core/fleet/hub_address.h"
#include "core/services/local_fleet.h"
#include "core/services/this_computer.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTimer>
#include <algorithm>
#include <utility>

namespace percept::studio {

namespace {

constexpr int kFewDevices = 10; // that are seen without looking for one
constexpr std::array kDays { 1, 7, 30 };
constexpr std::array kGroupings { FieldGrouping::Device, FieldGrouping::Class, FieldGrouping::Version };

QString qs(const std::string& text) { return QString::fromStdString(text); }

std::optional<monitoring::Measure> measureOf(const monitoring::Alert& alert)
{
    for (const auto measure : monitoring::kMeasures)
        if (alert.kind == monitoring::nameOf(measure))
            return measure;
    return std::nullopt;
}

}

QList<KeyHelp> MonitorPage::keys() const
{
    if (isOnPictures())
        return { { QStringLiteral("R"), tr("the answers are right: the picture is finished; without an answer it is background") },
            { QStringLiteral("W"), tr("wrong: draw it on Label, with the answers as proposals") }, { QStringLiteral("I"), tr("ignore it") },
            { QStringLiteral("U, Ctrl+Z"), tr("take the last one back") }, { tr("Arrow keys"), tr("the picture before, the next one") },
            { QStringLiteral("Space"), tr("held: drag the picture; the wheel zooms") } };
    return { { tr("Up, Down"), tr("walk through the alerts") }, { tr("Arrow keys"), tr("choose a device and a measure in the table") } };
}

QList<QWidget*> MonitorPage::panels()
{
    return isOnPictures() ? QList<QWidget*> { m_bar, m_retrain, m_field } : QList<QWidget*> { m_bar, m_retrain, m_alerts, m_center };
}

QWidget* MonitorPage::home() { return isOnPictures() ? m_field->home() : nullptr; }

bool MonitorPage::isOnPictures() const { return m_view->current() == 1; }

void MonitorPage::showView()
{
    m_views->setCurrentIndex(m_view->current());
    m_span->setVisible(!isOnPictures() && m_stack->currentIndex() == 1);
    if (isOnPictures())
        m_field->home()->setFocus();
    showFieldCount();
    draw();
}

void MonitorPage::showFieldCount()
{
    const qint64 all = context().field() ? static_cast<qint64>(context().field()->waiting().size()) : 0;
    const bool hasMore = context().field() && context().field()->hasMore();
    m_view->setTexts({ tr("Overview"), all > 0 ? (hasMore ? tr("Pictures %1+") : tr("Pictures %1")).arg(style::count(all)) : tr("Pictures") });
    if (isOnPictures())
        setStatus({ m_field->count() == 0 ? tr("No picture waits") : tr("%1 of devices").arg(style::counted(m_field->count(), tr("picture"), tr("pictures"))) });
}

void MonitorPage::showDevice(const QString& device)
{
    m_view->setCurrent(1);
    m_wantedDevice = device;
    if (const int at = m_device->findData(device); at >= 0)
        m_device->setCurrentIndex(at);
    m_field->setDevice(device);
    showView();
}

QJsonObject MonitorPage::viewState() const { return { { QStringLiteral("pictures"), isOnPictures() } }; }

void MonitorPage::restoreViewState(const QJsonObject& state)
{
    m_view->setCurrent(state.value(QStringLiteral("pictures")).toBool() ? 1 : 0);
    showView();
}

void MonitorPage::openProject()
{
    ++m_project;
    m_monitor = std::make_shared<monitoring::FleetMonitor>(fleet::defaultFleetFolder(), context().session()->folder());
    m_cancel = {};
    m_reading = m_isAsking = false;
    m_driftChosen = false;
    m_unfinished.clear();
    m_wantedDevice.clear();
    m_field->setInbox(context().field());
    m_empty->showWaiting(tr("Reading what devices have told."));
    showEmpty();
    if (isVisible())
        activated();
}

void MonitorPage::closeProject()
{
    ++m_project;
    m_cancel.cancel();
    m_poll->stop();
    m_monitor.reset();
    m_overview.reset();
    m_alerts->setAlerts({});
    m_field->setInbox(nullptr);
}

void MonitorPage::activated()
{
    m_poll->start();
    read();
    m_retrain->refresh();
    if (context().field())
        context().field()->setWatched(true);
    if (isOnPictures())
        m_field->home()->setFocus();
}

void MonitorPage::deactivated()
{
    m_poll->stop();
    if (context().field())
        context().field()->setWatched(false);
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
                m_empty->showWaiting(tr("Reading what devices have told: %1 of %2 windows.").arg(style::count(p.done), style::count(p.total)));
        });
    };
}

void MonitorPage::showAccuracy(const Look& look)
{
    m_tiles->drawAccuracy(look.accuracy);
    m_unfinished = look.unfinished;
    const auto n = static_cast<qint64>(m_unfinished.size());
    m_unfinishedNote->setText(n == 1 ? tr("A picture chosen by chance is not labeled yet: until it is, the accuracy in the field leaves it out.")
                                     : tr("%1 pictures chosen by chance are not labeled yet: until they are, the accuracy in the field leaves them out.").arg(style::count(n)));
    m_unfinishedNote->setVisible(n > 0);
}

void MonitorPage::openUnfinished()
{
    if (m_unfinished.empty())
        return;
    const auto group = std::make_shared<ItemTarget::Group>(ItemTarget::Group { tr("of devices, by chance"), m_unfinished });
    context().openItem({ m_unfinished.front(), {}, {}, group });
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

int MonitorPage::days() const { return kDays[static_cast<std::size_t>(std::clamp(m_span->current(), 0, 2))]; }
QString MonitorPage::device() const { return m_device->currentData().toString(); }

void MonitorPage::showDevices()
{
    m_device->show();
    m_span->setVisible(!isOnPictures());
    const QString before = m_wantedDevice.isEmpty() ? device() : std::exchange(m_wantedDevice, {});
    const QSignalBlocker blocker(m_device);
    m_device->clear();
    m_device->addItem(tr("All %1").arg(style::counted(static_cast<qint64>(m_overview->devices.size()), tr("device"), tr("devices"))), QString());
    for (const auto& state : m_overview->devices)
        m_device->addItem(qs(state.name), qs(state.name));
    m_device->setCurrentIndex(std::max(0, m_device->findData(before)));
    m_field->setDevice(device());
}

void MonitorPage::draw()
{
    if (!m_overview || m_overview->tracks.empty())
        return;
    const auto online = std::count_if(m_overview->devices.begin(), m_overview->devices.end(), [](const auto& state) { return state.online; });
    m_online->setText(m_overview->hubRuns ? tr("%1 of %2 online").arg(online).arg(m_overview->devices.size()) : tr("no hub runs"));
    std::vector<monitoring::Alert> alerts;
    for (const auto& alert : m_overview->alerts)
        if (alert.kind != "no-hub" && (device().isEmpty() || alert.device.empty() || qs(alert.device) == device()))
            alerts.push_back(alert); // that no hub runs is said above the figures, with the button that starts one
    m_hubNote->setVisible(!m_overview->hubRuns);
    m_alerts->setAlerts(alerts);
    const FieldScope scope = scopeOf(*m_overview, device(), days());
    m_tiles->draw(*m_overview, scope);
    m_openHelp->setText(scope.stepMs > monitoring::kHourMs ? tr("Hollow and dashed: the six hours that are not over yet, as far as they were told. Objects are counted per hour of the time that a device told of.")
                                                           : tr("Hollow and dashed: the hour that is not over yet, as far as it was told. Objects are counted per hour of the time that a device told of."));
    m_matrix->setOverview(*m_overview);
    m_matrixFilter->setTexts({ tr("All %1").arg(style::count(m_matrix->devices())), tr("Changed %1").arg(style::count(m_matrix->changed())) });
    m_matrixSearch->setVisible(m_matrix->devices() > kFewDevices);
    m_plots->draw(*m_overview, scope, kGroupings[static_cast<std::size_t>(std::clamp(m_grouping->current(), 0, 2))]);
    if (!m_driftChosen) {
        // What is wrong, else the first device.
        const auto open = std::find_if(alerts.begin(), alerts.end(), [](const auto& alert) { return alert.isOpen() && measureOf(alert); });
        m_driftDevice = open != alerts.end() ? qs(open->device) : device().isEmpty() && !m_overview->devices.empty() ? qs(m_overview->devices.front().name) : device();
        m_driftMeasure = open != alerts.end() ? *measureOf(*open) : monitoring::Measure::Confidence;
    }
    showDrift(m_driftDevice, m_driftMeasure);
    if (isOnPictures())
        return;
    const auto total = totalOf(*m_overview, scope);
    // Younger than what is looked at: the time that there is.
    const auto told = toldOf(*m_overview, scope);
    const bool isYoung = told && told->fromMs > scope.fromMs + monitoring::kHourMs;
    const QString time = isYoung ? lengthText(m_overview->nowMs - told->fromMs) : style::counted(days(), tr("day"), tr("days"));
    setStatus({ tr("%1 in %2").arg(style::counted(total.frames, tr("picture"), tr("pictures")), time) },
        { tr("Read at %1").arg(timeText(m_overview->nowMs)) });
}

void MonitorPage::showDrift(const QString& device, monitoring::Measure measure)
{
    m_driftDevice = device;
    m_driftMeasure = measure;
    if (!m_overview)
        return;
    m_drift->draw(*m_overview, device, measure);
    m_matrix->setCurrent(device, measure);
}

void MonitorPage::chooseAlert(const monitoring::Alert& alert)
{
    m_driftChosen = true;
    showDrift(qs(alert.device), measureOf(alert).value_or(m_driftMeasure));
}

}
