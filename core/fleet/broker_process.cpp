#include "core/fleet/broker_process.h"

#include "core/base/files.h"
#include "core/transport/loopback.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace percept::fleet {

namespace fs = std::filesystem;

namespace {

constexpr int kStartMs = 10'000, kStopMs = 3000;

// Debian has it in /usr/sbin, which is not in everybody's PATH.
fs::path findMosquitto()
{
    const char* path = std::getenv("PATH");
    std::istringstream folders(std::string(path ? path : "") + ":/usr/sbin:/usr/local/sbin:/usr/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (!folder.empty() && ::access((fs::path(folder) / "mosquitto").c_str(), X_OK) == 0)
            return fs::path(folder) / "mosquitto";
    return {};
}

[[noreturn]] void becomeMosquitto(const char* program, const char* config, int log, pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) // it died in between
        ::_exit(127);
    rlimit files {}; // a connection is one, and the usual limit is 1,024
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    ::setpgid(0, 0); // Ctrl+C at the terminal is for the hub, which ends us in order
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execl(program, "mosquitto", "-c", config, nullptr);
    ::_exit(127);
}

std::string lastLine(const fs::path& log)
{
    std::istringstream lines(base::readTextFile(log).valueOr({}));
    std::string last;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty())
            last = line;
    return last;
}

}

base::Result<std::unique_ptr<BrokerProcess>> BrokerProcess::start(const fs::path& config, int port)
{
    const std::string program = findMosquitto().string();
    if (program.empty())
        return base::failed("mosquitto is not installed. Install the package mosquitto.");
    if (transport::isAnswering(port))
        return base::failed("Port " + std::to_string(port) + " of 127.0.0.1 is used by another program.");
    const fs::path logFile = config.parent_path() / "mosquitto.log";
    const std::string configFile = config.string();
    const int log = ::open(logFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0)
        becomeMosquitto(program.c_str(), configFile.c_str(), log, parent);
    if (log >= 0)
        ::close(log);
    if (pid < 0)
        return base::failed("mosquitto cannot be started: " + base::describeErrno(errno) + ".");
    std::unique_ptr<BrokerProcess> broker(new BrokerProcess(pid));
    for (int waited = 0; waited < kStartMs && broker->isRunning(); waited += 10) {
        if (transport::isAnswering(port))
            return broker;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return base::failed("mosquitto does not start: " + lastLine(logFile), "see " + logFile.string());
}

BrokerProcess::~BrokerProcess()
{
    if (!isRunning())
        return;
    ::kill(m_pid, SIGTERM);
    for (int waited = 0; waited < kStopMs && isRunning(); waited += 10)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
    }
}

bool BrokerProcess::isRunning()
{
    if (m_pid > 0 && ::waitpid(m_pid, nullptr, WNOHANG) != 0)
        m_pid = 0;
    return m_pid > 0;
}

void BrokerProcess::reload() const
{
    if (m_pid > 0)
        ::kill(m_pid, SIGHUP);
}

}
