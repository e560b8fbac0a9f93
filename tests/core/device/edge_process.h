#pragma once

#include "core/transport/line_pipe.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace percept::test {

// percept-edge as another program would start it.
class EdgeProcess {
public:
    explicit EdgeProcess(const std::vector<std::string>& arguments);
    ~EdgeProcess(); // kills what is left
    EdgeProcess(const EdgeProcess&) = delete;
    EdgeProcess& operator=(const EdgeProcess&) = delete;

    nlohmann::json ask(const nlohmann::json& request);
    void writeLine(const std::string& line);
    std::optional<std::string> readLine(double timeoutSeconds = 30);
    void closeInput();
    void signal(int number);
    // The exit status, or 128 + signal; -1 when it has not ended in time.
    int wait(double timeoutSeconds = 30);
    std::string errors(); // what it wrote to stderr, once it has ended
    int pid() const { return m_pid; }

private:
    int m_pid = 0, m_in = -1, m_out = -1, m_errors = -1;
    std::optional<int> m_status;
    std::optional<transport::LineReader> m_reader;
};

// Waits until `run` has written its state file with an address; throws after 30 s.
nlohmann::json waitForState(const std::filesystem::path& state);
// Children of a process, by /proc.
std::vector<int> childrenOf(int pid);

}
