#include "app/studio/deploy/deploy_controller.h"

#include "app/studio/background.h"
#include "core/base/time.h"
#include "core/services/local_fleet.h"

#include <QTimer>

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

DeployController::Reading DeployController::read(const std::filesystem::path& folder)
{
    Reading reading { base::notFound({}), {}, services::readThisComputer(folder) };
    const auto hub = fleet::HubClient::find(folder, kReadSeconds);
    if (hub.hasError())
        reading.fleet = hub.error();
    else
        reading.fleet = hub->readState();
    if (reading.fleet.hasValue())
        reading.view = fleet::viewRollout(reading.fleet.value(), {}, base::nowMs());
    return reading;
}

void DeployController::refresh()
{
    m_readAgain = m_isReading;
    if (m_isReading)
        return;
    m_isReading = true;
    runInBackground(
        this, [folder = m_folder] { return read(folder); },
        [this](const Reading& reading) {
            m_isReading = false;
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
