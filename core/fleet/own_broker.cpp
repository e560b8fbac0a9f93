#include "core/fleet/own_broker.h"

#include "core/base/files.h"
#include "core/fleet/secrets.h"
#include "core/transport/loopback.h"

#include <chrono>
#include <fmt/format.h>
#include <pwd.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace percept::fleet {

namespace {

std::string systemUser()
{
    const passwd* user = ::getpwuid(::geteuid());
    return user ? user->pw_name : "mosquitto";
}

}

OwnBroker::OwnBroker(FleetStore& store, int port)
    : m_store(store)
    , m_port(port)
    , m_hubPassword(randomSecret())
{
}

base::Result<void> OwnBroker::writeAccess()
{
    PERCEPT_ASSIGN(devices, m_store.readBrokerAccess());
    std::string text = fmt::format("{}:{}\n", kHubUser, brokerPasswordHash(m_hubPassword));
    std::vector<BrokerUser> users;
    for (const auto& device : devices) {
        text += fmt::format("{}:{}\n", device.device, device.passwordHash);
        users.push_back({ device.device, device.device });
        users.push_back({ device.certificateName, device.device });
    }
    PERCEPT_TRY(base::atomicWrite(folder() / "passwd", std::string_view(text)));
    return base::atomicWrite(folder() / "acl", std::string_view(accessList(users)));
}

base::Result<void> OwnBroker::start()
{
    std::error_code ignored;
    std::filesystem::create_directories(folder(), ignored);
    std::lock_guard lock(m_mutex);
    PERCEPT_TRY(writeAccess());
    const std::string config = brokerConfig({ folder(), m_port, m_outside }, systemUser());
    PERCEPT_TRY(base::atomicWrite(folder() / "mosquitto.conf", std::string_view(config)));
    // The broker of a hub that was killed dies with it, but perhaps not before we are here.
    for (int waited = 0; waited < 3000 && transport::isAnswering(m_port); waited += 20)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    PERCEPT_ASSIGN(started, BrokerProcess::start(folder() / "mosquitto.conf", m_port));
    m_process = std::move(started);
    return {};
}

bool OwnBroker::isRunning()
{
    std::lock_guard lock(m_mutex);
    return m_process && m_process->isRunning();
}

base::Result<void> OwnBroker::reload()
{
    std::lock_guard lock(m_mutex);
    PERCEPT_TRY(writeAccess());
    if (m_process)
        m_process->reload();
    m_isReloadDue = true;
    return {};
}

void OwnBroker::reloadOnceMore()
{
    std::lock_guard lock(m_mutex);
    if (m_process && std::exchange(m_isReloadDue, false))
        m_process->reload();
}

void OwnBroker::stop()
{
    std::lock_guard lock(m_mutex);
    m_process.reset();
}

}
