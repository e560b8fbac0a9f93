#include "tests/e2e/hub_process.h"

#include "tests/support/run_program.h"
#include "tests/support/test_device.h"

#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::test {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

json documentOf(const base::Result<transport::HttpAnswer>& answer, const std::string& path)
{
    if (answer.hasError())
        throw std::runtime_error("the hub does not answer " + path + ": " + answer.error().message + " " + answer.error().detail);
    return json::parse(answer->body);
}

}

HubProcess::HubProcess(fs::path folder, std::vector<std::string> arguments)
    : m_folder(std::move(folder))
    , m_arguments(std::move(arguments))
{
    start();
}

HubProcess::~HubProcess() { kill(SIGTERM); }

void HubProcess::start()
{
    const std::string program = (fs::path(PERCEPT_BIN_DIR) / "percept").string();
    std::vector<std::string> words { "percept", "fleet", "serve", "--state", m_folder.string() };
    words.insert(words.end(), m_arguments.begin(), m_arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    m_pid = ::fork();
    if (m_pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int null = ::open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; ++fd)
            ::dup2(null, fd);
        ::execv(program.c_str(), argv.data());
        ::_exit(127);
    }
    if (!eventually([&] { return isAnswering(); }, 120)) // with a million rows to check, on a machine that has other work
        throw std::runtime_error("percept fleet serve has not started");
}

void HubProcess::kill(int signal)
{
    if (m_pid <= 0)
        return;
    ::kill(m_pid, signal);
    ::waitpid(m_pid, nullptr, 0);
    m_pid = 0;
}

bool HubProcess::killBroker()
{
    const int broker = brokerProcessId();
    return broker > 0 && ::kill(broker, SIGKILL) == 0;
}

int HubProcess::brokerProcessId() const { return findProcess("mosquitto", (m_folder / "broker/mosquitto.conf").string()); }

bool HubProcess::isAnswering() const
{
    const auto address = fleet::readHubAddress(m_folder);
    return address.hasValue() && address->processId == m_pid && client().get("/api/status").hasValue();
}

transport::HttpClient HubProcess::client() const
{
    const auto address = fleet::readHubAddress(m_folder).value();
    transport::HttpClient::Options options;
    options.bearerToken = address.token;
    return transport::HttpClient(address.server, options);
}

std::string HubProcess::server() const { return fleet::readHubAddress(m_folder)->server; }

json HubProcess::ask(const std::string& path) const { return documentOf(client().get(path), path); }

json HubProcess::tell(const std::string& path, const json& body) const { return documentOf(client().post(path, body.dump()), path); }

json HubProcess::device(const std::string& name) const
{
    const json document = ask("/api/devices");
    for (const auto& entry : document.at("devices"))
        if (entry.at("device") == name)
            return entry;
    return {};
}

}
