#pragma once

#include "core/fleet/broker_config.h"
#include "core/fleet/broker_process.h"
#include "core/fleet/fleet_store.h"

#include <mutex>
#include <optional>
#include <string>

namespace percept::fleet {

// The broker of a hub: its files in FOLDER/broker and its process. Any thread but for start(), which wants the one that
// lives as long as the hub (see BrokerProcess).
class OwnBroker {
public:
    OwnBroker(FleetStore& store, int port);
    // Also listens beyond this machine from the next start on.
    void openOutside(BrokerSettings::Outside outside) { m_outside = std::move(outside); }

    base::Result<void> start();
    bool isRunning();
    // Who may do what has changed.
    base::Result<void> reload();
    // About once a second. mosquitto overlooks the word to read its files again that comes while it reads them for the word before: who
    // was enrolled at that moment stays unknown to it. So it is told twice.
    void reloadOnceMore();
    void stop();

    int port() const { return m_port; }
    const std::string& hubPassword() const { return m_hubPassword; }
    std::filesystem::path folder() const { return m_store.folder() / "broker"; }

private:
    base::Result<void> writeAccess(); // the lock is held

    FleetStore& m_store;
    const int m_port; // of 127.0.0.1
    std::optional<BrokerSettings::Outside> m_outside;
    const std::string m_hubPassword; // a new one at every start
    std::mutex m_mutex;
    std::unique_ptr<BrokerProcess> m_process;
    bool m_isReloadDue = false;
};

}
