#include "core/monitoring/overview.h"

#include "core/base/files.h"
#include "core/fleet/hub_address.h"
#include "core/monitoring/validation_reference.h"
#include "core/monitoring/wording.h"
#include "core/packaging/package.h"

#include <algorithm>

namespace percept::monitoring {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kLeastSilenceMs = 5000;
constexpr std::int64_t kProgressEvery = 2000;
constexpr int kSilentWindows = 3; // as the hub counts silence

// The broker's word that a device is gone (its will, or its own goodbye) is heard at once; a device that hangs with its connection open
// has no such word and is missed after some windows.
bool isSilent(const fleet::Device& device, std::int64_t nowMs)
{
    const std::int64_t grace = std::max<std::int64_t>(kLeastSilenceMs, std::int64_t { 1000 } * kSilentWindows * device.desired.windowSeconds);
    return nowMs - device.seenMs > grace;
}

std::optional<fleet::NamedModel> runningOn(const fleet::Device& device)
{
    if (!device.reported || !device.reported->running)
        return std::nullopt;
    const auto& running = *device.reported->running;
    return fleet::NamedModel { running.name, running.version, running.sha256 };
}

std::optional<fleet::NamedModel> wantedOf(const fleet::Device& device)
{
    if (!device.desired.package)
        return std::nullopt;
    return fleet::NamedModel { device.desired.package->name, device.desired.package->version, device.desired.package->sha256 };
}

int rankOf(const Alert& alert)
{
    if (alert.level == Level::Watch)
        return 3;
    if (alert.endedMs != 0)
        return 2;
    return alert.version.empty() ? 0 : 1;
}

}

base::Result<void> FleetMonitor::readProject(const dataset::ProjectReader& reader)
{
    PERCEPT_TRY(m_own.read(reader));
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    for (const auto& version : versions) {
        if (const auto known = m_runs.find(version.version); known != m_runs.end() && known->second == version.run)
            continue;
        m_runs[version.version] = version.run;
        m_validation.erase(version.version);
        // Without its scores or its file a version is compared by the field alone.
        const auto file = base::safePath(m_project, version.file);
        if (file.hasError())
            continue;
        if (const auto shipped = packaging::readManifest(*file); shipped.hasValue())
            if (auto window = readValidation(m_project, version.run, shipped->spec.labels); window.hasValue())
                m_validation[version.version] = std::move(window).value();
    }
    return {};
}

base::Result<void> FleetMonitor::readWindows(const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(total, m_view->numWindows());
    PERCEPT_ASSIGN(passed, m_view->readWindows(m_cursor, [&](const fleet::StoredWindow& stored) {
        if (++m_windows % kProgressEvery == 0 && progress)
            progress({ m_windows, std::max(total, m_windows), "Reading what devices have told" });
        if (!m_own.has({ stored.packageName, stored.window.packageVersion, stored.window.packageSha256 }))
            return !cancel.isCancelled();
        Track& track = m_tracks[{ stored.device, stored.window.packageVersion }];
        track.device = stored.device;
        track.version = stored.window.packageVersion;
        track.add(stored.timeMs(), stored.window);
        return !cancel.isCancelled();
    }));
    m_unreadable += passed.unreadable;
    if (cancel.isCancelled())
        return base::cancelled();
    return {};
}

std::vector<DeviceState> FleetMonitor::statesOf(const std::vector<fleet::Device>& devices) const
{
    std::vector<DeviceState> states;
    for (const fleet::Device& device : devices) {
        const auto told = m_tracks.lower_bound({ device.name, {} });
        const bool hasTrack = told != m_tracks.end() && told->first.first == device.name;
        const auto running = runningOn(device), wanted = wantedOf(device);
        const bool runsOurs = running && m_own.has(*running), isOurs = runsOurs || (wanted && m_own.has(*wanted));
        if (!hasTrack && (running || wanted) && !isOurs)
            continue; // it belongs to another project
        DeviceState state { device.name, device.ring, {}, device.online, device.seenMs, 0 };
        if (device.reported)
            state.outboxEntries = device.reported->outboxEntries;
        if (runsOurs) // else that number is another project's
            state.version = running->version;
        states.push_back(std::move(state));
    }
    return states;
}

base::Result<Overview> FleetMonitor::read(
    const dataset::ProjectReader& reader, const Rules& rules, std::int64_t nowMs, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    if (!m_view) {
        PERCEPT_ASSIGN(view, fleet::FleetView::open(m_fleet));
        m_view = std::move(view);
    }
    PERCEPT_TRY(readProject(reader));
    PERCEPT_TRY(readWindows(progress, cancel));
    PERCEPT_ASSIGN(devices, m_view->readAllDevices());
    Overview overview;
    overview.nowMs = nowMs;
    overview.rules = rules;
    overview.unreadable = m_unreadable;
    overview.hubRuns = fleet::readHubAddress(m_fleet).hasValue();
    overview.devices = statesOf(devices);
    for (const auto& [key, track] : m_tracks)
        if (std::any_of(devices.begin(), devices.end(), [&](const fleet::Device& d) { return d.name == track.device; }))
            overview.tracks.push_back(track);
    auto judgement = judge(overview.tracks, m_validation, rules, nowMs);
    overview.judged = std::move(judgement.tracks);
    if (!overview.hubRuns)
        overview.alerts.push_back(detail::noHubAlert(m_fleet.string()));
    for (const fleet::Device& device : devices)
        for (DeviceState& state : overview.devices)
            if (state.name == device.name && device.seenMs > 0 && (!device.online || isSilent(device, nowMs))) {
                state.online = false;
                if (overview.hubRuns) // else nobody can be heard
                    overview.alerts.push_back(detail::offlineAlert(state, nowMs));
            }
    for (const DriftAlert& alert : judgement.alerts)
        overview.alerts.push_back(detail::worded(alert, rules.windows));
    std::stable_sort(overview.alerts.begin(), overview.alerts.end(), [](const Alert& a, const Alert& b) { return rankOf(a) < rankOf(b); });
    return overview;
}

Tally totalSince(const Track& track, std::int64_t fromMs)
{
    Tally total;
    for (auto at = track.hours.lower_bound(fromMs / kHourMs); at != track.hours.end(); ++at)
        total.add(at->second);
    return total;
}

std::optional<ToldSpan> toldSince(std::span<const Track> tracks, const std::string& device, std::int64_t fromMs)
{
    std::optional<ToldSpan> span;
    for (const Track& track : tracks) {
        if ((!device.empty() && track.device != device) || track.hours.empty() || track.lastMs <= fromMs)
            continue;
        const std::int64_t begin = std::max(fromMs, track.firstMs);
        span = span ? ToldSpan { std::min(span->fromMs, begin), std::max(span->toMs, track.lastMs) } : ToldSpan { begin, track.lastMs };
    }
    return span;
}

}
