#include "app/studio/deploy/deploy_controller.h"

#include "app/studio/background.h"
#include "core/base/time.h"
#include "core/services/local_fleet.h"
#include "core/services/rollout_caution.h"

#include <QTimer>
#include <algorithm>

namespace percept::studio {

namespace {

constexpr int kPollMs = 2000;
constexpr double kReadSeconds = 10; // a hub that takes longer is as good as silent

}

DeployController::DeployController(std::filesystem::path folder, QObject* parent)
    : QObject(parent)
    , m_folder(std::move(folder))
    , m_poll(new QTimer(this))
{
    m_poll->setInterval(kPollMs);
    connect(m_poll, &QTimer::timeout, this, &DeployController::refresh);
}

void DeployController::setWatching(bool on)
{
    if (!on)
        return m_poll->stop();
    m_poll->start();
    refresh();
}

DeployController::Reading DeployController::read(const std::filesystem::path& folder, const std::filesystem::path& project)
{
    Reading reading { base::notFound({}), {}, services::readThisComputer(folder), {} };
    const auto hub = fleet::HubClient::find(folder, kReadSeconds);
    if (hub.hasError())
        reading.fleet = hub.error();
    else
        reading.fleet = hub->readState();
    if (reading.fleet.hasValue()) {
        reading.view = fleet::viewRollout(reading.fleet.value(), {}, base::nowMs());
        reading.models = readModels(reading.fleet.value(), folder, project);
    }
    return reading;
}

// Packages are files: read beside the window, with the fleet that speaks of them.
DeployController::Models DeployController::readModels(const fleet::FleetState& fleet, const std::filesystem::path& folder, const std::filesystem::path& project)
{
    Models models;
    fleet::OwnPackages own(folder);
    const auto reader = project.empty() ? base::Result<std::unique_ptr<dataset::ProjectReader>>(base::notFound({})) : dataset::ProjectReader::open(project);
    const bool isKnown = reader.hasValue() && own.read(**reader).hasValue();
    const auto add = [&](const fleet::NamedModel& model) {
        if (model.sha256.empty() || models.keys.contains(model.sha256))
            return;
        models.keys[model.sha256] = fleet::modelKeyOf(folder / "packages" / (model.sha256 + ".ppkg"));
        if (const auto version = isKnown ? own.versionOf(model) : std::nullopt)
            models.own[model.sha256] = *version;
    };
    for (const auto& rollout : fleet.rollouts)
        add({ rollout.package.name, rollout.package.version, rollout.package.sha256 });
    for (const auto& device : fleet.devices)
        for (const auto* model : { &device.running, &device.wanted })
            if (*model)
                add(**model);
    if (isKnown)
        models.other = QString::fromStdString(services::otherModelWords(fleet, folder, own.test()));
    return models;
}

void DeployController::setProject(const std::filesystem::path& project)
{
    if (m_project == project)
        return;
    m_project = project;
    m_models = {};
    if (m_poll->isActive())
        refresh();
}

std::optional<std::string> DeployController::ownVersion(const std::string& sha256) const
{
    const auto at = m_models.own.find(sha256);
    return at == m_models.own.end() ? std::nullopt : std::optional(at->second);
}

fleet::IsOwn DeployController::isOwn() const
{
    return [this](const fleet::NamedModel& model) { return m_models.own.contains(model.sha256); };
}

std::size_t DeployController::numRunning(const fleet::StoredPackage& package) const
{
    const auto keyOf = [this](const std::string& sha256) {
        const auto at = m_models.keys.find(sha256);
        return at == m_models.keys.end() || at->second.empty() ? sha256 : at->second;
    };
    return static_cast<std::size_t>(std::count_if(m_fleet.devices.begin(), m_fleet.devices.end(),
        [&](const fleet::DeviceState& device) { return device.online && device.running && keyOf(device.running->sha256) == keyOf(package.sha256); }));
}

void DeployController::refresh()
{
    m_readAgain = m_isReading;
    if (m_isReading)
        return;
    m_isReading = true;
    runInBackground(
        this, [folder = m_folder, project = m_project] { return read(folder, project); },
        [this, project = m_project](const Reading& reading) {
            m_isReading = false;
            if (project == m_project) // else it is read again
                take(reading);
            if (m_readAgain)
                refresh();
        });
}

void DeployController::take(const Reading& reading)
{
    m_here = reading.here;
    if (m_hub == Hub::Starting)
        return; // who starts it will say how that went
    if (reading.fleet.hasValue()) {
        m_hub = Hub::Answers;
        m_problem.clear();
        m_fleet = reading.fleet.value();
        m_view = reading.view;
        m_models = reading.models;
    } else {
        m_hub = Hub::None;
        const bool isMissing = reading.fleet.error().code == base::ErrorCode::NotFound;
        m_problem = isMissing ? m_problem : QString::fromStdString(reading.fleet.error().message);
    }
    emit changed();
}

void DeployController::wakeHub()
{
    if (m_hub != Hub::Starting)
        act([](fleet::HubClient&) -> base::Result<QString> { return QString(); });
}

void DeployController::act(Work work, Done done)
{
    ++m_actions;
    if (m_hub != Hub::Answers) {
        m_hub = Hub::Starting;
        emit changed();
    }
    emit busyChanged();
    runInBackground(
        this,
        [folder = m_folder, work = std::move(work)]() -> std::pair<base::Result<QString>, bool> {
            auto hub = services::ensureHub(folder);
            if (hub.hasError())
                return { hub.error(), false };
            return { work(hub.value()), true };
        },
        [this, done = std::move(done)](const std::pair<base::Result<QString>, bool>& outcome) {
            --m_actions;
            if (m_hub == Hub::Starting)
                m_hub = Hub::None; // until it has been read
            m_problem = outcome.second ? QString() : QString::fromStdString(outcome.first.error().message);
            if (done)
                done(outcome.first);
            emit busyChanged();
            refresh();
        });
}

}
