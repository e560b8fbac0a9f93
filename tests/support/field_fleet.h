#pragma once

#include "core/fleet/fleet_store.h"
#include "tests/support/field.h"

#include <filesystem>
#include <functional>
#include <string>

namespace percept::test {

// A fleet.db as a hub would have filled it. The hub does not run, but is said to (hub.json), unless told otherwise.
class FieldFleet {
public:
    FieldFleet(const std::filesystem::path& folder, std::string project);

    fleet::FleetStore& store() { return *m_store; }
    // The 64 digits of a version's package, which the fleet knows.
    std::string packageOf(const std::string& version);
    void enrol(const std::string& device, std::int64_t timeMs, const std::string& ring = "all");
    // Takes one window as if it came at `receivedMs`.
    void tell(const std::string& device, const protocol::TelemetryWindow& window, std::int64_t receivedMs);
    // Takes one picture of a version's model as if it came at `receivedMs`; its place in the stream and its package are filled in.
    void send(const std::string& device, protocol::FieldSample sample, std::int64_t receivedMs);
    // Hourly windows in [fromMs, toMs), about `perHour` predictions by day and a third of it at night.
    void live(const std::string& device, const Field& field, std::int64_t fromMs, std::int64_t toMs, std::int64_t perHour, const std::string& version);
    // What the device says of itself, and with that it is online.
    void report(const std::string& device, const std::string& version, std::int64_t timeMs, std::int64_t outbox = 0);
    void setHubRuns(bool runs);

private:
    std::filesystem::path m_folder;
    std::string m_project;
    std::unique_ptr<fleet::FleetStore> m_store;
    std::map<std::string, std::int64_t> m_next; // sequence by device
};

// Three cameras over two weeks that end at `nowMs`: cam-1 goes from version 1.0 to 1.1, cam-2 gets darker four days before the end,
// cam-3 has been offline for 38 minutes.
void fillThreeCameras(FieldFleet& fleet, std::int64_t nowMs, const Field& usual = usualField());

}
