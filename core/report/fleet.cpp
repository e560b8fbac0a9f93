#include "core/report/fleet.h"

#include "core/fleet/fleet_view.h"
#include "core/fleet/hub_address.h"
#include "core/report/wording.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace percept::report {

base::Result<FleetStand> readFleetStand(const std::filesystem::path& folder, const std::string& project)
{
    FleetStand stand;
    const auto view = fleet::FleetView::open(folder);
    if (view.hasError())
        return view.error().code == base::ErrorCode::NotFound ? base::Result<FleetStand>(stand) : view.error();
    PERCEPT_ASSIGN(devices, (*view)->readAllDevices());
    stand.isKnown = true;
    stand.hubRuns = fleet::readHubAddress(folder).hasValue();
    std::map<std::string, std::int64_t> versions;
    for (const auto& device : devices) {
        const bool runs = device.reported && device.reported->running && device.reported->running->name == project;
        const bool isTold = device.desired.package && device.desired.package->name == project;
        if (!runs && !isTold)
            continue;
        ++stand.devices;
        stand.online += stand.hubRuns && device.online ? 1 : 0;
        if (runs)
            ++versions[device.reported->running->version];
    }
    stand.versions.assign(versions.begin(), versions.end());
    std::stable_sort(stand.versions.begin(), stand.versions.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return stand;
}

std::string inWords(const FleetStand& fleet)
{
    if (fleet.devices == 0)
        return {};
    std::string text = fleet.hubRuns ? fmt::format("{} of {} online", fleet.online, counted(fleet.devices, "device is", "devices are"))
                                     : counted(fleet.devices, "device is", "devices are") + " known, and no hub runs to hear them";
    constexpr std::size_t kNamed = 3;
    for (std::size_t i = 0; i < fleet.versions.size() && i < kNamed; ++i) {
        const auto& [version, n] = fleet.versions[i];
        text += i == 0 ? fmt::format("; {} {} version {}", n, n == 1 ? "runs" : "run", version) : fmt::format(", {} version {}", n, version);
    }
    if (fleet.versions.size() > kNamed)
        text += ", others older ones";
    return text + ".";
}

}
