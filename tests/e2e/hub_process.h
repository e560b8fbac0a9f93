#pragma once

#include "core/fleet/hub_address.h"
#include "core/transport/http_client.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/types.h>
#include <vector>

namespace percept::test {

// `percept fleet serve`, to be killed.
class HubProcess {
public:
    explicit HubProcess(std::filesystem::path folder, std::vector<std::string> arguments = {});
    ~HubProcess();
    void start(); // waits until it answers
    void kill(int signal);
    bool killBroker(); // -9
    bool isAnswering() const;
    int processId() const { return m_pid; }
    int brokerProcessId() const; // 0: none runs

    // Of the interface for studio and command line.
    nlohmann::json ask(const std::string& path) const;
    nlohmann::json tell(const std::string& path, const nlohmann::json& body) const;
    nlohmann::json device(const std::string& name) const; // as of /api/devices; null: not there
    std::string server() const;

private:
    transport::HttpClient client() const;

    std::filesystem::path m_folder;
    std::vector<std::string> m_arguments;
    pid_t m_pid = 0;
};

}
