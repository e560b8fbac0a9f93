#include "tests/support/field_fleet.h"

#include "core/base/hash.h"
#include "core/fleet/hub_address.h"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <unistd.h>

namespace percept::test {

namespace {

constexpr std::int64_t kHourMs = 3'600'000, kDayMs = 24 * kHourMs;
const std::string kStream(32, 'a');

template <typename T>
T must(base::Result<T> result)
{
    if (result.hasError())
        throw std::runtime_error(result.error().message);
    return std::move(result).value();
}

}

FieldFleet::FieldFleet(const std::filesystem::path& folder, std::string project)
    : m_folder(folder)
    , m_project(std::move(project))
    , m_store(must(fleet::FleetStore::open(folder, "test")))
{
    setHubRuns(true);
}

void FieldFleet::setHubRuns(bool runs)
{
    if (!runs)
        fleet::removeHubAddress(m_folder);
    else if (const auto written = fleet::writeHubAddress(m_folder, { "http://127.0.0.1:1", std::string(64, 'a'), ::getpid() }); written.hasError())
        throw std::runtime_error(written.error().message);
}

std::string FieldFleet::packageOf(const std::string& version)
{
    fleet::StoredPackage package { base::sha256Hex(m_project + version), 1000, m_project, version, 1, "signer" };
    if (!must(m_store->readPackage(package.sha256)))
        if (const auto written = m_store->writePackage(package, 1); written.hasError())
            throw std::runtime_error(written.error().message);
    return package.sha256;
}

void FieldFleet::enrol(const std::string& device, std::int64_t timeMs, const std::string& ring)
{
    must(m_store->enrol(must(m_store->makeToken(device, ring, timeMs, kHourMs)), device, timeMs));
}

void FieldFleet::tell(const std::string& device, const protocol::TelemetryWindow& window, std::int64_t receivedMs)
{
    std::int64_t& next = m_next.try_emplace(device, 1).first->second;
    const fleet::Incoming message { device, protocol::TelemetryBatch { kStream, next++, { window } } };
    must(m_store->ingest({ &message, 1 }, receivedMs));
}

void FieldFleet::send(const std::string& device, protocol::FieldSample sample, std::int64_t receivedMs)
{
    sample.stream = kStream;
    sample.sequence = m_next.try_emplace(device, 1).first->second++;
    sample.packageSha256 = packageOf(sample.packageVersion);
    const fleet::Incoming message { device, std::move(sample) };
    must(m_store->ingest({ &message, 1 }, receivedMs));
}

void FieldFleet::live(const std::string& device, const Field& field, std::int64_t fromMs, std::int64_t toMs, std::int64_t perHour, const std::string& version)
{
    base::Random random(7, static_cast<std::uint64_t>(device.back()), static_cast<std::uint64_t>(fromMs / kHourMs));
    std::int64_t& next = m_next.try_emplace(device, 1).first->second;
    protocol::TelemetryBatch batch { kStream, next, {} };
    FieldHour hour;
    hour.version = version;
    hour.packageSha256 = packageOf(version);
    for (hour.fromMs = fromMs; hour.fromMs < toMs; hour.fromMs += kHourMs) {
        const double day = 0.65 + 0.35 * std::sin(2 * std::numbers::pi * (static_cast<double>(hour.fromMs / kHourMs % 24) - 6) / 24);
        hour.predictions = static_cast<std::int64_t>(static_cast<double>(perHour) * day * random.uniform(0.9, 1.1));
        batch.entries.emplace_back(drawHour(field, hour, random));
    }
    next += static_cast<std::int64_t>(batch.entries.size());
    const fleet::Incoming message { device, std::move(batch) };
    must(m_store->ingest({ &message, 1 }, toMs));
}

void FieldFleet::report(const std::string& device, const std::string& version, std::int64_t timeMs, std::int64_t outbox)
{
    protocol::ReportedState state;
    state.program = "0.1.0";
    state.running = protocol::RunningModel { packageOf(version), m_project, version, "a", 1 };
    state.framesPerSecond = 2;
    state.outboxEntries = outbox;
    state.timeMs = timeMs;
    const fleet::Incoming message { device, state };
    must(m_store->ingest({ &message, 1 }, timeMs));
}

void fillThreeCameras(FieldFleet& fleet, std::int64_t nowMs, const Field& usual)
{
    Field darker = usual;
    darker.brightness = darkerField().brightness;
    const std::int64_t begin = nowMs / kDayMs * kDayMs - 14 * kDayMs, end = nowMs / kHourMs * kHourMs, silentMs = 38 * 60'000;
    for (const char* device : { "cam-1", "cam-2", "cam-3" })
        fleet.enrol(device, begin - kHourMs, device == std::string("cam-1") ? "test" : "all");
    fleet.live("cam-1", usual, begin, begin + 6 * kDayMs, 260, "1.0");
    fleet.live("cam-1", usual, begin + 6 * kDayMs, end, 260, "1.1");
    fleet.live("cam-2", usual, begin, begin + 10 * kDayMs, 180, "1.0");
    fleet.live("cam-2", darker, begin + 10 * kDayMs, end, 180, "1.0");
    fleet.live("cam-3", usual, begin, (nowMs - silentMs) / kHourMs * kHourMs, 340, "1.0");
    fleet.report("cam-1", "1.1", nowMs - 20'000);
    fleet.report("cam-2", "1.0", nowMs - 35'000);
    fleet.report("cam-3", "1.0", nowMs - silentMs, 12);
}

}
