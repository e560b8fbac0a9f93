#pragma once

#include "core/transport/line_pipe.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace percept::test {

// A program that speaks in lines on standard input and output.
class LineProgram {
public:
    LineProgram(const std::string& program, const std::vector<std::string>& arguments);
    ~LineProgram(); // kills what is left
    LineProgram(const LineProgram&) = delete;
    LineProgram& operator=(const LineProgram&) = delete;

    nlohmann::json ask(const nlohmann::json& request);
    void writeLine(const std::string& line);
    std::optional<std::string> readLine(double timeoutSeconds = 30);
    void closeInput();
    void signal(int number);
    // The exit status, or 128 + signal; -1 when it has not ended in time.
    int wait(double timeoutSeconds = 30);
    std::string errors(); // what it has written to stderr so far
    int pid() const { return m_pid; }

private:
    int m_pid = 0, m_in = -1, m_out = -1, m_errors = -1;
    std::optional<int> m_status;
    std::optional<transport::LineReader> m_reader;
};

// percept-edge as another program would start it.
class EdgeProcess : public LineProgram {
public:
    explicit EdgeProcess(const std::vector<std::string>& arguments);
};

// Waits until `run` has written its state file with an address; throws after 30 s.
nlohmann::json waitForState(const std::filesystem::path& state);
// Children of a process, by /proc.
std::vector<int> childrenOf(int pid);

}
