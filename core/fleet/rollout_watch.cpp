#include "core/fleet/rollout_watch.h"

#include "core/base/time.h"

#include <fmt/format.h>

namespace percept::fleet {

namespace {

using nlohmann::json;

constexpr const char* kRefused = "devices refused it."; // in the note of a roll-out that was stopped for that
constexpr std::int64_t kMinuteMs = 60'000;

enum class Proof { None, Runs, Trouble };

Proof proofOf(const Device& device, const Rollout& rollout)
{
    const std::string& sha256 = rollout.package.sha256;
    if (!device.desired.package || device.desired.package->sha256 != sha256)
        return Proof::None; // it was not reached
    if (device.reported && device.reported->refusal && device.reported->refusal->sha256 == sha256)
        return Proof::Trouble;
    if (!device.online)
        return device.seenMs > rollout.changedMs ? Proof::Trouble : Proof::None;
    return device.reported && device.reported->running && device.reported->running->sha256 == sha256 ? Proof::Runs : Proof::Trouble;
}

}

base::Result<void> planPromotion(FleetStore& store, std::int64_t rollout, int minutes)
{
    return store.writeSetting(kPromotionSetting, promotionPlan(rollout, minutes));
}

std::string promotionPlan(std::int64_t rollout, int minutes) { return json { { "rollout", rollout }, { "minutes", minutes } }.dump(); }

base::Result<int> readPlannedPromotion(const FleetStore& store, std::int64_t rollout)
{
    PERCEPT_ASSIGN(text, store.readSetting(kPromotionSetting));
    const json plan = json::parse(text.value_or(""), nullptr, /*allow_exceptions=*/false);
    const bool isOfThis = plan.is_object() && plan.value("rollout", json()) == rollout && plan.value("minutes", json()).is_number_integer();
    return isOfThis ? plan["minutes"].get<int>() : 0;
}

base::Result<bool> hasProvenItself(const FleetStore& store, std::int64_t nowMs)
{
    PERCEPT_ASSIGN(rollout, store.readCurrentRollout());
    if (!rollout || rollout->state != "running")
        return false;
    PERCEPT_ASSIGN(minutes, readPlannedPromotion(store, rollout->id));
    if (minutes <= 0 || nowMs - rollout->changedMs < minutes * kMinuteMs)
        return false;
    PERCEPT_ASSIGN(devices, store.readAllDevices());
    bool runsSomewhere = false;
    for (const auto& device : devices) {
        const Proof proof = proofOf(device, *rollout);
        if (proof == Proof::Trouble)
            return false;
        runsSomewhere = runsSomewhere || proof == Proof::Runs;
    }
    return runsSomewhere;
}

bool wasStoppedForRefusals(const Rollout& rollout)
{
    return rollout.state == "stopped" && rollout.note.find(kRefused) != std::string::npos;
}

base::Result<void> stopRefusedRollout(FleetStore& store)
{
    PERCEPT_ASSIGN(rollout, store.readCurrentRollout());
    if (!rollout || rollout->state != "running")
        return {};
    PERCEPT_ASSIGN(devices, store.readAllDevices());
    const std::string& sha256 = rollout->package.sha256;
    std::size_t reached = 0, refused = 0;
    std::string why;
    for (const auto& device : devices) {
        if (!device.desired.package || device.desired.package->sha256 != sha256)
            continue;
        ++reached;
        if (!device.reported || !device.reported->refusal)
            continue;
        const protocol::Refusal& refusal = *device.reported->refusal;
        if (refusal.sha256 == sha256 && protocol::isVerdict(refusal.kind)) { // one site without a line is no reason against it
            ++refused;
            why = device.name + ": " + refusal.message;
        }
    }
    if (refused > 0 && refused * 10 >= reached)
        PERCEPT_TRY(store.stopRollout(fmt::format("{} of {} {} {}", refused, reached, kRefused, why), base::nowMs(), { rollout->id, {} }));
    return {};
}

}
