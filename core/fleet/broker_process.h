#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <sys/types.h>

namespace percept::fleet {

// mosquitto, started by us and ended with us: it gets SIGKILL from the system when the thread that started it dies, so start
// it on one that lives as long as the hub. What it says goes to FOLDER/mosquitto.log.
class BrokerProcess {
public:
    // Waits until it answers at `port` of loopback. Failed when mosquitto is not installed or ends at once.
    static base::Result<std::unique_ptr<BrokerProcess>> start(const std::filesystem::path& config, int port);
    ~BrokerProcess();
    BrokerProcess(const BrokerProcess&) = delete;
    BrokerProcess& operator=(const BrokerProcess&) = delete;

    bool isRunning();
    void reload() const; // passwords and access list
    pid_t processId() const { return m_pid; }

private:
    explicit BrokerProcess(pid_t pid)
        : m_pid(pid)
    {
    }
    pid_t m_pid;
};

}
