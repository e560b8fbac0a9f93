#pragma once

#include "core/fleet/hub_client.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace percept::fleet {

// What must hold in a ring before its roll-out should go on.
struct PromotionRule {
    double minutes = 10;   // that it has been watched
    std::size_t healthy = 1; // devices that run it, at least
};

// One thing that must hold, in plain words.
struct RingCondition {
    enum class State { Met, Open, Broken } state = State::Open;
    std::string text, value;
};

// What one device has made of the package of the roll-out.
enum class DeviceStand { NotMeant, Runs, Working, Waiting, Offline, Refused };

// A ring as a roll-out sees it.
struct RingView {
    enum class State { Waiting, Watching, Passed, Stopped } state = State::Waiting;
    std::string ring;
    std::int64_t sinceMs = 0;           // when the roll-out reached it; 0: not yet, or not known any more
    std::vector<DeviceStand> stands;    // one a device of the ring, by name
    std::size_t runs = 0, refused = 0, offline = 0;
    std::vector<RingCondition> conditions;
    std::size_t devices() const { return stands.size(); }
};

// The newest roll-out that stands, ring by ring, and what can be done with it.
struct RolloutView {
    std::optional<Rollout> rollout;
    std::array<RingView, std::size(kRings)> rings;
    bool isRunning() const { return rollout && rollout->state == "running"; }

    std::string nextRing;           // that Promote reaches; empty: none
    std::size_t nextDevices = 0;    // that Promote would tell
    bool isSuggested = false;       // every condition of the ring is met
    std::string whyNotYet;          // a sentence, when it is not
    std::int64_t promotesMs = 0;    // when it goes to nextRing by itself, as long as nothing is wrong; 0: people promote it
    std::optional<std::string> back; // the version that a roll-back brings; nothing: there is none before
    std::size_t backDevices = 0;    // that a roll-back tells
};
RolloutView viewRollout(const FleetState& fleet, const PromotionRule& rule, std::int64_t nowMs);

// Whether a model is one of those that are asked about: a project's own (see own_packages.h), or all of a name.
using IsOwn = std::function<bool(const NamedModel&)>;
IsOwn isCalled(const std::string& name);

// What most devices that run such a model run; as many: what was rolled out last. Else what the newest roll-out that stands
// brings. Nothing: no such package is known.
std::optional<NamedModel> runningModel(const FleetState& fleet, const IsOwn& isOwn);

// What the devices of a ring really run, each version once.
std::vector<std::string> versionsInRing(const FleetState& fleet, const std::string& ring);
// Versions among such models that devices have refused (not: could not get), and that in words: "refused by 1 device: too slow".
std::map<std::string, std::string> refusedVersions(const FleetState& fleet, const IsOwn& isOwn);

// Of one device, for the roll-out of `sha256`.
DeviceStand standOf(const DeviceState& device, const std::string& sha256);
// What stands in the column of the state: "Runs 1.4", "Fetching 1.4", "Refused 1.4: SENTENCE", "Offline for 38 min", "Waits for 1.4", or with why it
// does not get it: "Waits for 1.4: SENTENCE".
std::string describeState(const DeviceState& device, std::int64_t nowMs);
// Devices in the rings up to `ring`: whom a roll-out there reaches.
std::size_t devicesUpTo(const FleetState& fleet, const std::string& ring);

}
