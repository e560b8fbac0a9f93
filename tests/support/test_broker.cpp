#include "tests/support/test_broker.h"

#include "core/transport/loopback.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace percept::test {

namespace {

[[noreturn]] void becomeBroker(const std::string& config)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd)
        ::dup2(null, fd);
    ::execl("/usr/sbin/mosquitto", "mosquitto", "-c", config.c_str(), nullptr);
    ::_exit(127);
}

}

int freePort() { return transport::findFreePort().value(); }

TestBroker::TestBroker(std::string settings)
    : m_settings(std::move(settings))
    , m_port(freePort())
{
    start();
}

TestBroker::~TestBroker() { kill(); }

void TestBroker::start()
{
    const std::string config = (m_folder / "mosquitto.conf").string();
    std::ofstream(config) << "listener " << m_port << " 127.0.0.1\nuser " << (::geteuid() == 0 ? "root" : "mosquitto")
                          << "\npersistence false\n" << m_settings;
    m_pid = ::fork();
    if (m_pid == 0)
        becomeBroker(config);
    for (int i = 0; i < 1000; ++i) {
        if (transport::isAnswering(m_port))
            return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::fprintf(stderr, "mosquitto does not start; install the package mosquitto\n");
    std::exit(1);
}

void TestBroker::kill()
{
    if (m_pid <= 0)
        return;
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
    m_pid = 0;
}

void TestBroker::reload() { ::kill(m_pid, SIGHUP); }
void TestBroker::freeze() { ::kill(m_pid, SIGSTOP); }
void TestBroker::thaw() { ::kill(m_pid, SIGCONT); }

}
