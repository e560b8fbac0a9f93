// Does a hub keep up with many devices? fleet_bench [DEVICES] [SECONDS OF TELEMETRY] [SECONDS OF A WINDOW]: the hub's own process
// and broker, simulated devices on one event loop; telemetry all the time, and a roll-out to all in the middle.
#include "core/base/time.h"
#include "tests/bench/simulated_fleet.h"
#include "tests/e2e/hub_process.h"
#include "tests/support/bad_package.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <future>
#include <sstream>
#include <unistd.h>

namespace {

using namespace percept;
using base::monotonicSeconds;
using nlohmann::json;

// Processor time and memory of a process so far.
struct Usage {
    double seconds = 0, megabytes = 0;
};

Usage usageOf(int process)
{
    Usage usage;
    const std::string folder = "/proc/" + std::to_string(process);
    std::ifstream stat(folder + "/stat");
    std::string line;
    std::getline(stat, line);
    std::istringstream fields(line.substr(line.rfind(')') + 2)); // from field 3 on
    std::string word;
    for (int i = 3; i <= 15 && fields >> word; ++i)
        if (i >= 14)
            usage.seconds += std::atof(word.c_str()) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::ifstream status(folder + "/status");
    while (std::getline(status, line))
        if (line.starts_with("VmHWM:"))
            usage.megabytes = std::atof(line.c_str() + 6) / 1024;
    return usage;
}

void printPercentiles(const char* what, std::vector<double> seconds)
{
    if (seconds.empty())
        return;
    std::sort(seconds.begin(), seconds.end());
    const auto at = [&](double share) { return 1000 * seconds[std::min(seconds.size() - 1, static_cast<std::size_t>(share * static_cast<double>(seconds.size())))]; };
    fmt::print("{:<44} p50 {:8.1f} ms   p95 {:8.1f} ms   p99 {:8.1f} ms   max {:8.1f} ms   ({})\n", what, at(0.5), at(0.95), at(0.99), at(1), seconds.size());
}

std::vector<protocol::EnrolAnswer> enrolAll(const test::HubProcess& hub, int count)
{
    std::vector<protocol::EnrolAnswer> devices;
    const double began = monotonicSeconds();
    for (int i = 0; i < count; ++i) {
        const std::string name = fmt::format("sim-{:04}", i);
        const char* ring = i == 0 ? "test" : i < count / 10 ? "part" : "all";
        const auto granted = hub.tell("/api/enroll", { { "device", name }, { "ring", ring } });
        devices.push_back(test::TestDevice::enrol(hub.server(), granted.at("token"), name).value());
    }
    fmt::print("{} devices enrolled in {:.1f} s\n", count, monotonicSeconds() - began);
    return devices;
}

std::size_t numThatRun(const test::HubProcess& hub, const std::string& sha256)
{
    const json document = hub.ask("/api/devices");
    const json& devices = document.at("devices");
    return static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), [&](const json& device) {
        return device.at("running").is_object() && device["running"].value("sha256", "") == sha256;
    }));
}

// Ring by ring; how long the last and largest one took until the hub knew of all.
void rollOut(const test::HubProcess& hub, bench::SimulatedFleet& fleet, const std::string& file, std::size_t count)
{
    const std::string sha256 = hub.tell("/api/deploy", { { "file", file } }).at("rollout").at("package").at("sha256");
    hub.tell("/api/promote", {});
    test::eventually([&] { return numThatRun(hub, sha256) >= count / 10; }, 300);
    const std::size_t before = numThatRun(hub, sha256);
    fleet.rolloutSince = monotonicSeconds();
    hub.tell("/api/promote", {});
    const double told = monotonicSeconds() - fleet.rolloutSince;
    const bool all = test::eventually([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return numThatRun(hub, sha256) == count;
    }, 300);
    fmt::print("roll-out to {} devices: the hub has answered after {:.2f} s, {} report it after {:.2f} s\n", count - before, told,
        all ? "all" : "NOT all", monotonicSeconds() - fleet.rolloutSince);
}

}

int main(int argc, char** argv)
{
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
    const double seconds = argc > 2 ? std::atof(argv[2]) : 60, window = argc > 3 ? std::atof(argv[3]) : 10;
    test::TemporaryFolder folder;
    ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
    const std::string package = (folder / "next.ppkg").string();
    test::makeVersion(package, "2.0", 2, packaging::loadOrMakeUserKey().value());
    test::HubProcess hub(folder / "fleet");
    bench::SimulatedFleet fleet(enrolAll(hub, count), window);
    std::atomic<bool> stop = false;
    const auto control = std::async(std::launch::async, [&] {
        if (!test::eventually([&] { return fleet.numConnected == static_cast<std::size_t>(count); }, 120))
            fmt::print("only {} of {} devices are connected\n", fleet.numConnected.load(), count);
        fleet.sendsWindows = true;
        const double began = monotonicSeconds();
        const Usage hubBefore = usageOf(hub.processId()), brokerBefore = usageOf(hub.brokerProcessId());
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        const double took = monotonicSeconds() - began;
        const Usage hubAfter = usageOf(hub.processId()), brokerAfter = usageOf(hub.brokerProcessId());
        fmt::print("telemetry, {} devices, a window every {} s: hub {:.0f} % of a processor, broker {:.0f} %\n", count, window,
            100 * (hubAfter.seconds - hubBefore.seconds) / took, 100 * (brokerAfter.seconds - brokerBefore.seconds) / took);
        rollOut(hub, fleet, package, static_cast<std::size_t>(count));
        fmt::print("most memory: hub {:.0f} MiB, broker {:.0f} MiB\n", usageOf(hub.processId()).megabytes, usageOf(hub.brokerProcessId()).megabytes);
        fleet.sendsWindows = false;
        std::this_thread::sleep_for(std::chrono::seconds(2)); // for the last acknowledgements
        stop = true;
    });
    fleet.run(stop);
    control.wait();
    const auto& figures = fleet.figures();
    printPercentiles("connected and listening, from the start", figures.connectSeconds);
    printPercentiles("window over -> acknowledged", figures.acknowledgeSeconds);
    printPercentiles("roll-out -> told", figures.toldSeconds);
    printPercentiles("told -> package fetched", figures.fetchedSeconds);
    fmt::print("sent again {}, connected again {}, fetched again {}, disconnects {}, windows that wait at the end {}, at most {} on one device\n", figures.sentAgain,
        figures.connectsAgain, figures.fetchesAgain, figures.disconnects, figures.waiting, figures.mostBehind);
    return figures.waiting == 0 && figures.disconnects == 0 ? 0 : 1;
}
