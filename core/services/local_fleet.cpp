#include "core/services/local_fleet.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/fleet/serve_settings.h"
#include "core/runs/spawn.h"
#include "core/transport/loopback.h"

#include <arpa/inet.h>
#include <csignal>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <thread>
#include <unistd.h>

namespace percept::services {

namespace fs = std::filesystem;

namespace {

// What ends or answers sooner is not waited for: a machine with other work may need long.
constexpr double kStartSeconds = 90, kStopSeconds = 60;
// For the hub of somebody who started one at the same moment: of two only one gets the folder, and the other ends before that answers.
constexpr double kOthersSeconds = 8;

bool isAlive(int pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM); }

void pauseShortly() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

// One that answers, not one whose address was left behind.
base::Result<fleet::HubClient> answeringHub(const fs::path& folder)
{
    PERCEPT_ASSIGN(hub, fleet::HubClient::find(folder));
    PERCEPT_TRY(hub.get("/api/status"));
    return hub;
}

// Devices remember the ports, so they are chosen once: the usual ones, unless somebody else has them.
base::Result<void> choosePorts(fleet::ServeSettings& outside)
{
    for (int* port : { &outside.brokerPort, &outside.packagePort })
        if (transport::isAnswering(*port)) {
            PERCEPT_ASSIGN(free, transport::findFreePort());
            *port = free;
        }
    if (outside.brokerPort == outside.packagePort)
        return base::failed("No two free ports were found. Try again.");
    return {};
}

std::vector<std::string> serveLine(const fs::path& folder)
{
    std::vector<std::string> line { "fleet", "serve", "--state", folder.string() };
    const auto options = fleet::serveArguments(fleet::readServeSettings(folder));
    line.insert(line.end(), options.begin(), options.end());
    return line;
}

// What the hub said last, from where its log was before.
std::string lastWords(const fs::path& log, std::uintmax_t from)
{
    const auto text = base::readTextFile(log);
    if (text.hasError() || text->size() <= from)
        return {};
    std::string said = text->substr(from);
    while (!said.empty() && said.back() == '\n')
        said.pop_back();
    const auto line = said.rfind('\n');
    return line == std::string::npos ? said : said.substr(line + 1);
}

base::Result<fleet::HubClient> startHub(const fs::path& folder, const base::CancelToken& cancel)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error)
        fs::permissions(folder, fs::perms::owner_all, error);
    if (error)
        return base::failed(fmt::format("The hub's folder {} cannot be made: {}.", folder.string(), base::describeErrno(error.value())));
    const fs::path program = base::sisterProgram("percept"), log = folder / "hub.log";
    const std::uintmax_t before = fs::exists(log, error) ? fs::file_size(log, error) : 0;
    pid_t pid = 0;
    if (const int problem = runs::spawnDetached(program, serveLine(folder), log, pid); problem != 0)
        return base::failed(fmt::format("The hub could not be started, {}: {}.", program.string(), base::describeErrno(problem)));
    bool hasEnded = false;
    for (double end = base::monotonicSeconds() + kStartSeconds; base::monotonicSeconds() < end; pauseShortly()) {
        if (auto hub = answeringHub(folder); hub.hasValue())
            return hub;
        if (!hasEnded && !isAlive(pid)) {
            hasEnded = true;
            end = base::monotonicSeconds() + kOthersSeconds;
        }
        if (cancel.isCancelled()) {
            if (!hasEnded) // else its number may be somebody else's by now
                ::kill(pid, SIGTERM);
            return base::cancelled();
        }
    }
    if (hasEnded)
        return base::failed(fmt::format("The hub has ended again. {} All it said is in {}.", lastWords(log, before), log.string()));
    ::kill(pid, SIGTERM);
    return base::failed(fmt::format("The hub did not begin to answer within {:.0f} s and was stopped. What it said is in {}.", kStartSeconds, log.string()));
}

}

std::vector<std::string> addressesOfThisComputer()
{
    std::vector<std::string> found;
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0)
        return found;
    for (const ifaddrs* one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || (one->ifa_flags & IFF_LOOPBACK) || !(one->ifa_flags & IFF_UP))
            continue;
        char text[INET_ADDRSTRLEN] {};
        if (::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text, sizeof(text)))
            found.emplace_back(text);
    }
    ::freeifaddrs(all);
    char name[256] {};
    if (::gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0')
        found.emplace_back(name);
    return found;
}

bool knowsFleet(const fs::path& folder)
{
    std::error_code error;
    return fs::exists(folder / "fleet.db", error);
}

base::Result<fleet::HubClient> ensureHub(const fs::path& folder, const base::CancelToken& cancel)
{
    if (auto hub = answeringHub(folder); hub.hasValue())
        return hub;
    return startHub(folder, cancel);
}

base::Result<void> stopHub(const fs::path& folder)
{
    const auto address = fleet::readHubAddress(folder);
    if (address.hasError() || answeringHub(folder).hasError()) // its process id may be somebody else's by now
        return {};
    if (address->processId <= 0 || address->processId == ::getpid())
        return base::failed("The hub of " + folder.string() + " is part of this program and ends with it.");
    ::kill(address->processId, SIGTERM);
    for (const double end = base::monotonicSeconds() + kStopSeconds; base::monotonicSeconds() < end; pauseShortly())
        if (fleet::readHubAddress(folder).hasError() && !isAlive(address->processId))
            return {};
    return base::failed(fmt::format("The hub of {} (process {}) does not end. End it by hand.", folder.string(), address->processId));
}

base::Result<fleet::HubClient> openHub(const fs::path& folder, const std::vector<std::string>& hosts, const base::CancelToken& cancel)
{
    std::error_code error;
    fs::create_directories(folder, error);
    fleet::ServeSettings outside = fleet::readServeSettings(folder);
    if (!outside.broker.url.empty()) { // before a hub that works is stopped
        PERCEPT_ASSIGN(broker, fleet::OthersBroker::read(outside.broker));
        PERCEPT_TRY(broker.checkHosts(hosts));
    }
    PERCEPT_TRY(stopHub(folder));
    if (outside.hosts.empty())
        PERCEPT_TRY(choosePorts(outside));
    outside.hosts = hosts;
    PERCEPT_TRY(fleet::writeServeSettings(folder, outside));
    return ensureHub(folder, cancel);
}

}
