#include "core/fleet/rollout_view.h"

#include "core/base/time.h"
#include "core/fleet/rollout_watch.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace percept::fleet {

namespace {

std::size_t ringIndex(const std::string& ring)
{
    for (std::size_t i = 0; i < std::size(kRings); ++i)
        if (ring == kRings[i])
            return i;
    return 0;
}

bool isModel(const std::optional<NamedModel>& model, const std::string& sha256) { return model && model->sha256 == sha256; }

std::string sinceText(std::int64_t thenMs, std::int64_t nowMs)
{
    return base::describeDuration(static_cast<double>(std::max<std::int64_t>(0, nowMs - thenMs)) / 1000);
}

void count(RingView& ring, DeviceStand stand)
{
    ring.stands.push_back(stand);
    ring.runs += stand == DeviceStand::Runs;
    ring.refused += stand == DeviceStand::Refused;
    ring.offline += stand == DeviceStand::Offline;
}

RingView::State stateOf(const Rollout& rollout, std::size_t ring)
{
    const std::size_t reached = ringIndex(rollout.ring);
    if (ring > reached)
        return RingView::State::Waiting;
    if (rollout.state == "done" || ring < reached)
        return RingView::State::Passed;
    return rollout.state == "running" ? RingView::State::Watching : RingView::State::Stopped;
}

using State = RingCondition::State;

RingCondition healthyCondition(const RingView& ring, const PromotionRule& rule)
{
    // Who is away does not hold the others up; nobody at all says nothing.
    const std::size_t there = ring.devices() - ring.offline, wanted = std::max(rule.healthy, there);
    const std::string value = fmt::format("{} of {}", ring.runs, ring.devices());
    if (ring.devices() == 0)
        return { State::Open, "No device in this ring", {} };
    return { ring.runs >= wanted ? State::Met : State::Open, wanted == ring.devices() ? "Every device runs it" : "All that are online run it", value };
}

RingCondition refusalCondition(const RingView& ring)
{
    return { ring.refused > 0 ? State::Broken : State::Met, "No device refuses it", ring.refused > 0 ? std::to_string(ring.refused) : std::string() };
}

RingCondition watchCondition(const RingView& ring, const PromotionRule& rule, std::int64_t nowMs)
{
    const bool long_enough = static_cast<double>(nowMs - ring.sinceMs) >= rule.minutes * 60'000;
    const std::string watched = sinceText(ring.sinceMs, nowMs);
    return { long_enough ? State::Met : State::Open, "Watched", long_enough ? watched : fmt::format("{} of {}", watched, base::describeDuration(rule.minutes * 60)) };
}

void judge(RolloutView& view, const PromotionRule& rule, std::int64_t nowMs)
{
    const std::size_t at = ringIndex(view.rollout->ring);
    RingView& ring = view.rings[at];
    if (view.rollout->state == "done") // nothing is waited for any more
        return;
    ring.sinceMs = view.rollout->changedMs;
    ring.conditions = { healthyCondition(ring, rule), refusalCondition(ring), watchCondition(ring, rule, nowMs) };
    const auto open = std::count_if(ring.conditions.begin(), ring.conditions.end(), [](const RingCondition& c) { return c.state != State::Met; });
    view.isSuggested = view.isRunning() && open == 0;
    if (view.isRunning() && open > 0)
        view.whyNotYet = fmt::format("{} {} open", open, open == 1 ? "condition is" : "conditions are");
}

NamedModel namedOf(const StoredPackage& package) { return { package.name, package.version, package.sha256 }; }

std::optional<std::string> versionOf(const FleetState& fleet, const std::string& sha256)
{
    for (const Rollout& rollout : fleet.rollouts)
        if (rollout.package.sha256 == sha256)
            return rollout.package.version;
    return std::nullopt;
}

}

DeviceStand standOf(const DeviceState& device, const std::string& sha256)
{
    if (isModel(device.running, sha256))
        return device.online ? DeviceStand::Runs : DeviceStand::Offline;
    if (!isModel(device.wanted, sha256))
        return DeviceStand::NotMeant;
    if (device.refused && device.refused->sha256 == sha256 && protocol::isVerdict(device.refused->kind))
        return DeviceStand::Refused;
    if (!device.online)
        return DeviceStand::Offline;
    return device.activity.empty() || device.activity == "idle" ? DeviceStand::Waiting : DeviceStand::Working;
}

std::string describeState(const DeviceState& device, std::int64_t nowMs)
{
    const std::string wanted = device.wanted ? device.wanted->version : std::string();
    const bool isKept = device.refused && device.wanted && device.refused->sha256 == device.wanted->sha256;
    if (isKept && protocol::isVerdict(device.refused->kind))
        return fmt::format("Refused {}: {}", wanted, device.refused->message);
    if (!device.online)
        return device.seenMs == 0 ? "Not heard of yet" : "Offline for " + sinceText(device.seenMs, nowMs);
    if (device.activity == "fetching")
        return "Fetching " + wanted;
    if (device.activity == "checking")
        return "Checking " + wanted;
    if (device.activity == "trial")
        return "On trial with " + (device.running ? device.running->version : wanted);
    if (isKept)
        return fmt::format("Waits for {}: {}", wanted, device.refused->message);
    if (device.wanted && (!device.running || device.running->sha256 != device.wanted->sha256))
        return "Waits for " + wanted;
    return device.running ? "Runs " + device.running->version : "Runs no model yet";
}

std::size_t devicesUpTo(const FleetState& fleet, const std::string& ring)
{
    return static_cast<std::size_t>(std::count_if(fleet.devices.begin(), fleet.devices.end(),
        [&](const DeviceState& device) { return ringIndex(device.ring) <= ringIndex(ring); }));
}

std::vector<std::string> versionsInRing(const FleetState& fleet, const std::string& ring)
{
    std::vector<std::string> versions;
    for (const DeviceState& device : fleet.devices)
        if (device.ring == ring && device.running && std::find(versions.begin(), versions.end(), device.running->version) == versions.end())
            versions.push_back(device.running->version);
    return versions;
}

IsOwn isCalled(const std::string& name)
{
    return [name](const NamedModel& model) { return model.name == name; };
}

std::map<std::string, std::string> refusedVersions(const FleetState& fleet, const IsOwn& isOwn)
{
    std::map<std::string, std::string> refused;
    for (const Rollout& rollout : fleet.rollouts) { // newest first
        const StoredPackage& package = rollout.package;
        if (!isOwn(namedOf(package)) || refused.contains(package.version))
            continue;
        std::size_t devices = 0;
        std::string why;
        for (const DeviceState& device : fleet.devices)
            if (device.refused && device.refused->sha256 == package.sha256 && protocol::isVerdict(device.refused->kind)) {
                ++devices;
                why = device.refused->kind == "slow" ? "too slow" : device.refused->message;
            }
        if (devices > 0)
            refused[package.version] = fmt::format("refused by {} {}: {}", devices, devices == 1 ? "device" : "devices", why);
        else if (wasStoppedForRefusals(rollout))
            refused[package.version] = rollout.note;
    }
    return refused;
}

std::optional<NamedModel> runningModel(const FleetState& fleet, const IsOwn& isOwn)
{
    std::map<std::string, std::size_t> devices; // by hash
    for (const DeviceState& device : fleet.devices)
        if (device.running && isOwn(*device.running))
            ++devices[device.running->sha256];
    std::optional<NamedModel> most;
    std::size_t number = 0;
    for (const Rollout& rollout : fleet.rollouts) { // newest first
        const auto at = devices.find(rollout.package.sha256);
        if (at != devices.end() && isOwn(namedOf(rollout.package)) && at->second > number) {
            number = at->second;
            most = namedOf(rollout.package);
        }
    }
    for (const Rollout& rollout : fleet.rollouts)
        if (!most && rollout.state != "rolled-back" && isOwn(namedOf(rollout.package)))
            most = namedOf(rollout.package);
    for (const DeviceState& device : fleet.devices) // got by hand
        if (!most && device.running && isOwn(*device.running))
            most = device.running;
    return most;
}

RolloutView viewRollout(const FleetState& fleet, const PromotionRule& rule, std::int64_t nowMs)
{
    RolloutView view;
    const auto found = std::find_if(fleet.rollouts.begin(), fleet.rollouts.end(), [](const Rollout& r) { return r.state != "rolled-back"; });
    if (found != fleet.rollouts.end())
        view.rollout = *found;
    for (std::size_t i = 0; i < view.rings.size(); ++i) {
        view.rings[i].ring = kRings[i];
        if (view.rollout)
            view.rings[i].state = stateOf(*view.rollout, i);
    }
    for (const DeviceState& device : fleet.devices)
        count(view.rings[ringIndex(device.ring)], view.rollout ? standOf(device, view.rollout->package.sha256) : DeviceStand::NotMeant);
    if (!view.rollout)
        return view;
    judge(view, rule, nowMs);
    const std::size_t at = ringIndex(view.rollout->ring);
    if (view.isRunning() && at + 1 < view.rings.size()) {
        view.nextRing = kRings[at + 1];
        view.nextDevices = view.rings[at + 1].devices();
        if (fleet.promoteAfterMinutes > 0)
            view.promotesMs = view.rollout->changedMs + std::int64_t { 60'000 } * fleet.promoteAfterMinutes;
    }
    if (!view.rollout->previous.empty())
        view.back = versionOf(fleet, view.rollout->previous);
    view.backDevices = devicesUpTo(fleet, view.rollout->ring);
    return view;
}

}
