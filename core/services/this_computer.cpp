#include "core/services/this_computer.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/protocol/fleet_enrolment.h"
#include "core/protocol/fleet_topics.h"
#include "core/runs/process.h"
#include "core/runs/spawn.h"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <thread>
#include <unistd.h>

namespace percept::services {

namespace fs = std::filesystem;

namespace {

// What ends or answers sooner is not waited for: a machine with other work may need long.
constexpr double kStartSeconds = 90, kStopSeconds = 60;

fs::path stateOf(const fs::path& fleetFolder) { return fleetFolder / "this-computer"; }

void pauseShortly() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

// A process id alone may be somebody else's by now: its command line names our folder.
bool isOurs(int pid, const fs::path& state)
{
    if (pid <= 0)
        return false;
    std::string said;
    if (FILE* file = std::fopen(fmt::format("/proc/{}/cmdline", pid).c_str(), "r")) {
        char block[4096];
        said.assign(block, std::fread(block, 1, sizeof(block), file));
        std::fclose(file);
    }
    return said.find(state.string()) != std::string::npos;
}

nlohmann::json documentIn(const fs::path& file)
{
    const auto text = base::readTextFile(file, 1u << 20);
    auto json = text.hasValue() ? nlohmann::json::parse(text.value(), nullptr, /*allow_exceptions=*/false) : nlohmann::json();
    return json.is_object() ? json : nlohmann::json::object();
}

// The name of this machine as one of a device: "desk-7"
std::string deviceName()
{
    char host[256] {};
    (void)::gethostname(host, sizeof(host) - 1);
    std::string name;
    for (const char c : std::string(host)) {
        if (c == '.')
            break;
        name += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ? c : '-';
    }
    return protocol::isDeviceName(name) ? name : "this-computer";
}

// A name that no device has yet.
std::string freeName(const fleet::FleetState& state)
{
    const auto isTaken = [&](const std::string& name) {
        return std::any_of(state.devices.begin(), state.devices.end(), [&](const auto& device) { return device.name == name; });
    };
    const std::string name = deviceName();
    for (int i = 2; i < 1000; ++i)
        if (const std::string next = i == 2 ? name : fmt::format("{}-{}", name, i - 1); !isTaken(next))
            return next;
    return name;
}

bool knows(const fleet::FleetState& state, const std::string& device)
{
    return std::any_of(state.devices.begin(), state.devices.end(), [&](const auto& known) { return known.name == device; });
}

base::Result<void> enrolHere(const fs::path& state, const std::string& line)
{
    std::string said;
    runs::LineProcess::Options options;
    options.program = base::sisterProgram("percept-edge");
    options.arguments = { "enroll", "--state", state.string(), "--replace", line };
    runs::Ending ending;
    auto process = runs::LineProcess::start(options, [](std::string_view) {}, [&](const runs::Ending& end) { ending = end; });
    process->wait();
    if (ending.kind == runs::Ending::Kind::Finished && ending.exitCode == 0)
        return {};
    return base::failed("This computer could not be enrolled. " + ending.message);
}

bool isOnline(const fleet::HubClient& hub, const std::string& device)
{
    const auto state = hub.readState();
    return state.hasValue()
        && std::any_of(state->devices.begin(), state->devices.end(), [&](const auto& known) { return known.name == device && known.online; });
}

base::Result<ThisComputer> launch(const fleet::HubClient& hub, const fs::path& fleetFolder, const base::CancelToken& cancel)
{
    const fs::path state = stateOf(fleetFolder), log = state / "log.txt", program = base::sisterProgram("percept-edge");
    pid_t pid = 0;
    if (const int problem = runs::spawnDetached(program, { "run", "--state", state.string(), "--http", "127.0.0.1:0", "--collect" }, log, pid); problem != 0)
        return base::failed(fmt::format("{} could not be started: {}.", program.string(), base::describeErrno(problem)));
    for (const double end = base::monotonicSeconds() + kStartSeconds; base::monotonicSeconds() < end; pauseShortly()) {
        const ThisComputer now = readThisComputer(fleetFolder);
        if (now.processId == pid && isOnline(hub, now.device))
            return now;
        if (!isOurs(pid, state))
            return base::failed(fmt::format("percept-edge has ended again. What it said is in {}.", log.string()));
        if (cancel.isCancelled()) {
            ::kill(pid, SIGTERM);
            return base::cancelled();
        }
    }
    ::kill(pid, SIGTERM);
    return base::failed(fmt::format("percept-edge did not reach the hub within {:.0f} s and was stopped. What it said is in {}.", kStartSeconds, log.string()));
}

}

ThisComputer readThisComputer(const fs::path& fleetFolder)
{
    const fs::path state = stateOf(fleetFolder);
    ThisComputer now;
    const auto enrolment = documentIn(state / "fleet" / "enrolment.json");
    if (enrolment.contains("device") && enrolment["device"].is_string())
        now.device = enrolment["device"];
    const auto edge = documentIn(state / "edge.json");
    const int pid = edge.contains("pid") && edge["pid"].is_number_integer() ? edge["pid"].get<int>() : 0;
    if (!isOurs(pid, state))
        return now;
    now.processId = pid;
    if (edge.contains("url") && edge["url"].is_string())
        now.server = edge["url"];
    return now;
}

base::Result<ThisComputer> startThisComputer(const fleet::HubClient& hub, const fs::path& fleetFolder, const base::CancelToken& cancel)
{
    const ThisComputer before = readThisComputer(fleetFolder);
    PERCEPT_ASSIGN(state, hub.readState());
    const bool isKnown = !before.device.empty() && knows(state, before.device);
    if (before.isRunning() && isKnown)
        return before;
    PERCEPT_TRY(stopThisComputer(fleetFolder)); // one that was thrown out of the fleet
    if (!isKnown) {
        PERCEPT_ASSIGN(grant, hub.enroll(freeName(state), "test", 1));
        // By loopback, whatever else the hub serves.
        PERCEPT_TRY(enrolHere(stateOf(fleetFolder), protocol::encode(protocol::EnrolLine { grant.hub, grant.device, grant.token, {} })));
    }
    return launch(hub, fleetFolder, cancel);
}

base::Result<void> stopThisComputer(const fs::path& fleetFolder)
{
    const ThisComputer now = readThisComputer(fleetFolder);
    if (!now.isRunning())
        return {};
    ::kill(now.processId, SIGTERM);
    for (const double end = base::monotonicSeconds() + kStopSeconds; base::monotonicSeconds() < end; pauseShortly())
        if (!isOurs(now.processId, stateOf(fleetFolder)))
            return {};
    return base::failed(fmt::format("percept-edge (process {}) does not end. End it by hand.", now.processId));
}

}
