#include "core/report/fleet.h"

#include "core/fleet/fleet_view.h"
#include "core/fleet/hub_address.h"
#include "core/fleet/own_packages.h"
#include "core/report/wording.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>

namespace percept::report {

namespace {

std::vector<RolledBack> rolledBackOf(const std::vector<fleet::Rollout>& rollouts, const fleet::OwnPackages& own, const std::map<std::string, std::int64_t>& running)
{
    std::vector<RolledBack> all;
    std::set<std::string> known; // what became of a version last is what counts
    for (auto rollout = rollouts.begin(); rollout != rollouts.end(); ++rollout) {
        const auto& package = rollout->package;
        if (!own.has({ package.name, package.version, package.sha256 }) || !known.insert(package.version).second || rollout->state != "rolled-back")
            continue;
        RolledBack back { package.version, rollout->changedMs, {}, 0 };
        // What took its place was begun in the same moment, right after it.
        for (auto later = std::make_reverse_iterator(rollout); later != rollouts.rend() && back.replacedBy.empty(); ++later)
            if (later->startedMs == rollout->changedMs)
                back.replacedBy = later->package.version;
        if (const auto at = running.find(package.version); at != running.end())
            back.devices = at->second;
        all.push_back(std::move(back));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.timeMs > b.timeMs; });
    return all;
}

}

base::Result<FleetStand> readFleetStand(const std::filesystem::path& folder, const dataset::ProjectReader& project)
{
    FleetStand stand;
    const auto view = fleet::FleetView::open(folder);
    if (view.hasError())
        return view.error().code == base::ErrorCode::NotFound ? base::Result<FleetStand>(stand) : view.error();
    fleet::OwnPackages own(folder);
    PERCEPT_TRY(own.read(project));
    PERCEPT_ASSIGN(devices, (*view)->readAllDevices());
    stand.isKnown = true;
    stand.hubRuns = fleet::readHubAddress(folder).hasValue();
    std::map<std::string, std::int64_t> versions;
    for (const auto& device : devices) {
        const auto isOwn = [&](const auto& model) { return model && own.has({ model->name, model->version, model->sha256 }); };
        const bool runs = device.reported && isOwn(device.reported->running), isTold = isOwn(device.desired.package);
        if (!runs && !isTold)
            continue;
        ++stand.devices;
        stand.online += stand.hubRuns && device.online ? 1 : 0;
        if (runs)
            ++versions[device.reported->running->version];
    }
    PERCEPT_ASSIGN(rollouts, (*view)->readAllRollouts());
    stand.rolledBack = rolledBackOf(rollouts, own, versions);
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

const RolledBack* findRolledBack(const FleetStand& fleet, const std::string& version)
{
    const auto at = std::find_if(fleet.rolledBack.begin(), fleet.rolledBack.end(), [&](const RolledBack& back) { return back.version == version; });
    return at == fleet.rolledBack.end() ? nullptr : &*at;
}

std::string inWords(const RolledBack& back)
{
    std::string text = fmt::format("Version {} was rolled back on {}", back.version, longDate(back.timeMs));
    if (back.devices == 0)
        text += " and no longer runs";
    if (!back.replacedBy.empty())
        text += fmt::format("; version {} took its place", back.replacedBy);
    if (back.devices > 0)
        text += fmt::format(", but {} it still", counted(back.devices, "device runs", "devices run"));
    return text + ".";
}

}
