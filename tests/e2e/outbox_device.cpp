// A device that has something to tell and no model: the real outbox, link and enrolment, filled as fast as the fleet takes it.
// outbox_device STATE COUNT SAMPLE_EVERY MOST_WAITING [BROKER]: what is entry number n of its outbox is a function of n, so that
// it goes on after any end; ends with 0 when all COUNT are acknowledged. STATE/filled: all are in the outbox.
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/device/enrolment.h"
#include "core/device/fleet_link.h"
#include "core/device/telemetry_merge.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <thread>
#include <utility>

namespace {

using namespace percept;

// The same in tests/e2e/fleet_once_test.cpp.
base::Result<void> add(device::Outbox& outbox, const std::string& name, std::int64_t number, int sampleEvery)
{
    if (number % sampleEvery != 0) {
        protocol::TelemetryWindow window;
        window.packageSha256 = std::string(64, 'f');
        window.packageVersion = "1.0";
        window.frames = 1 + number % 1000;
        return outbox.addWindow(device::bodyOf(window), device::stampNow());
    }
    const std::vector<std::uint8_t> picture(2000, static_cast<std::uint8_t>(number));
    const nlohmann::json body { { "v", 1 }, { "id", base::sha256Hex(fmt::format("{} {}", name, number)).substr(0, 32) }, { "package", std::string(64, 'f') },
        { "packageVersion", "1.0" }, { "reason", "random" }, { "width", 4 }, { "height", 3 }, { "predictions", nlohmann::json::array() },
        { "format", "jpeg" }, { "sha256", base::sha256Hex(picture) } };
    return outbox.addSample(body, picture, device::stampNow());
}

base::Result<void> run(const std::filesystem::path& state, std::int64_t count, int sampleEvery, std::int64_t mostWaiting, const std::string& broker)
{
    device::FleetOptions options;
    options.broker = broker;
    PERCEPT_ASSIGN(access, device::findFleet(state, options));
    PERCEPT_ASSIGN(slots, device::Slots::open(state));
    device::Metrics metrics;
    device::Supervisor supervisor({}, metrics);
    device::Updater updater({}, *slots, supervisor);
    PERCEPT_ASSIGN(outbox, device::Outbox::open({ .folder = state / "outbox", .merge = device::mergedBodies }));
    device::FleetLink link({ device::fleetFolder(state), "test", *access, {}, {} }, *slots, supervisor, updater, metrics, *outbox);
    PERCEPT_TRY(link.start());
    bool isFilled = false;
    for (auto fill = outbox->fill(); fill.acknowledged < count; fill = outbox->fill()) {
        if (fill.last < count && fill.last - fill.acknowledged < mostWaiting) {
            PERCEPT_TRY(add(*outbox, access->device, fill.last + 1, sampleEvery));
        } else {
            if (fill.last == count && !std::exchange(isFilled, true))
                PERCEPT_TRY(base::atomicWrite(state / "filled", std::string_view()));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    updater.interrupt();
    link.stop();
    return {};
}

}

int main(int argc, char** argv)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (argc < 5)
        return 2;
    const auto done = run(argv[1], std::atoll(argv[2]), std::atoi(argv[3]), std::atoll(argv[4]), argc > 5 ? argv[5] : "");
    if (done.hasValue())
        return 0;
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return 1;
}
