#include "tests/core/device/edge_process.h"

#include "core/base/files.h"
#include "core/base/time.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace percept::test {

LineProgram::LineProgram(const std::string& program, const std::vector<std::string>& arguments)
{
    ::signal(SIGPIPE, SIG_IGN);
    int in[2], out[2];
    char name[] = "/tmp/percept-program-errors-XXXXXX";
    m_errors = ::mkstemp(name);
    ::unlink(name);
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 || m_errors < 0)
        throw std::runtime_error("no pipes");
    std::vector<char*> argv { const_cast<char*>(program.c_str()) };
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    m_pid = ::fork();
    if (m_pid == 0) {
        ::dup2(in[0], 0);
        ::dup2(out[1], 1);
        ::dup2(m_errors, 2);
        ::execv(program.c_str(), argv.data());
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    m_in = in[1];
    m_out = out[0];
    m_reader.emplace(m_out);
}

LineProgram::~LineProgram()
{
    if (!m_status.has_value()) {
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
    }
    closeInput();
    ::close(m_out);
    ::close(m_errors);
}

void LineProgram::writeLine(const std::string& line)
{
    if (transport::writeLine(m_in, line).hasError())
        throw std::runtime_error("the program takes no line");
}

std::optional<std::string> LineProgram::readLine(double timeoutSeconds)
{
    const auto line = m_reader->readLine(timeoutSeconds);
    return line.hasValue() ? line.value() : std::nullopt;
}

nlohmann::json LineProgram::ask(const nlohmann::json& request)
{
    writeLine(request.dump());
    const auto line = readLine();
    return line.has_value() ? nlohmann::json::parse(*line) : nlohmann::json { { "ok", false }, { "error", "no answer" } };
}

void LineProgram::closeInput()
{
    if (m_in >= 0)
        ::close(m_in);
    m_in = -1;
}

void LineProgram::signal(int number) { ::kill(m_pid, number); }

int LineProgram::wait(double timeoutSeconds)
{
    const double deadline = base::monotonicSeconds() + timeoutSeconds;
    while (!m_status.has_value()) {
        int status = 0;
        if (::waitpid(m_pid, &status, WNOHANG) == m_pid)
            m_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else if (base::monotonicSeconds() >= deadline)
            return -1;
        else
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return *m_status;
}

std::string LineProgram::errors()
{
    std::string text;
    char block[4096];
    // Its place in the file is also the program's, which may still be writing.
    for (ssize_t n = 0; (n = ::pread(m_errors, block, sizeof(block), static_cast<off_t>(text.size()))) > 0;)
        text.append(block, static_cast<std::size_t>(n));
    return text;
}

EdgeProcess::EdgeProcess(const std::vector<std::string>& arguments)
    : LineProgram(std::string(PERCEPT_BIN_DIR) + "/percept-edge", arguments)
{
}

nlohmann::json waitForState(const std::filesystem::path& state)
{
    for (int i = 0; i < 3000; ++i) {
        const auto text = base::readTextFile(state / "edge.json");
        if (text.hasValue())
            return nlohmann::json::parse(text.value());
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("percept-edge run has not started");
}

std::vector<int> childrenOf(int pid)
{
    std::vector<int> children;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        std::ifstream file(task.path() / "children");
        for (int child = 0; file >> child;)
            children.push_back(child);
    }
    return children;
}

}
