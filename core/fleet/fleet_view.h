#pragma once

#include "core/fleet/fleet_store.h"

#include <functional>
#include <map>

namespace percept::fleet {

// One window as the hub has it.
struct StoredWindow {
    std::string device;
    std::int64_t enrolledMs = 0, receivedMs = 0; // of the hub's clock
    std::string packageName;                     // as it was rolled out; empty: the device got it by hand
    protocol::TelemetryWindow window;

    // When it ended: by the device's own clock where that is possible (windows may wait for days in an outbox), else when it came.
    std::int64_t timeMs() const;
};

// How far each stream was read.
using TelemetryCursor = std::map<std::int64_t, std::int64_t>;

// A fleet's memory for those who only look, while its hub runs or not: fleet.db, read-only. One thread at a time.
class FleetView {
public:
    // NotFound: no hub has ever run with this folder.
    static base::Result<std::unique_ptr<FleetView>> open(const std::filesystem::path& folder);

    base::Result<std::vector<Device>> readAllDevices() const; // without the removed ones, by name
    base::Result<std::vector<Rollout>> readAllRollouts() const; // newest first
    base::Result<std::vector<Alert>> readAlerts(bool onlyOpen) const; // newest first
    base::Result<StoredSamples> readSamples(const SampleQuery& wanted) const;
    base::Result<std::int64_t> numWindows() const; // of those devices
    // Every window that came after `cursor`, of all devices that are not removed, in the order of their streams, until `take` says
    // no; moves the cursor. Rows that cannot be read are passed over and counted.
    struct Passed {
        std::int64_t windows = 0, unreadable = 0;
    };
    base::Result<Passed> readWindows(TelemetryCursor& cursor, const std::function<bool(const StoredWindow&)>& take) const;

private:
    FleetView(std::unique_ptr<dataset::Connection> connection, std::filesystem::path folder)
        : m_connection(std::move(connection))
        , m_folder(std::move(folder))
    {
    }
    std::unique_ptr<dataset::Connection> m_connection;
    std::filesystem::path m_folder;
};

}
