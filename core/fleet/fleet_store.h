#pragma once

#include "core/base/result.h"
#include "core/dataset/connection.h"
#include "core/dataset/project_lock.h"
#include "core/protocol/fleet_sample.h"
#include "core/protocol/fleet_state.h"
#include "core/protocol/fleet_telemetry.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace percept::fleet {

// Rings of a roll-out, in order: a package reaches the next one when somebody (or a rule) promotes it.
inline constexpr const char* kRings[] { "test", "part", "all" };
bool isRing(std::string_view ring);

struct Device {
    std::string name, ring;
    std::int64_t enrolledMs = 0, seenMs = 0; // seen 0: never
    bool online = false;                     // by its own word or the broker's
    protocol::DesiredState desired;
    std::optional<protocol::ReportedState> reported;
};

// What a device holds after its enrolment; the secret is not kept here.
struct Enrolled {
    std::string device, secret;
    std::string certificateName; // of this enrolment alone: for a certificate, should it get one
};

// What lets a device into the broker: on this machine its password, from another one a certificate of this name.
struct BrokerAccess {
    std::string device, passwordHash, certificateName;
};

struct Incoming {
    std::string device;
    std::variant<protocol::TelemetryBatch, protocol::FieldSample, protocol::ReportedState, protocol::Presence> body;
};
struct Outgoing {
    std::string device;
    protocol::Acknowledgement ack;
};

struct StoredPackage {
    std::string sha256;
    std::int64_t bytes = 0;
    std::string name, version;
    std::int64_t releaseCounter = 0;
    std::string signer;
};

struct Rollout {
    std::int64_t id = 0;
    StoredPackage package;
    std::string previous; // sha256 of what devices ran before and can come back; empty: nothing
    std::string ring, state, note;
    std::int64_t startedMs = 0, changedMs = 0;
};

// The roll-out that somebody had before their eyes when they decided: what they want is not to happen to another one. id 0: whichever
// there is; ring empty: wherever it has got.
struct SeenRollout {
    std::int64_t id = 0;
    std::string ring {};
};

struct BeginOptions {
    int promoteAfterMinutes = 0; // see planPromotion()
    std::int64_t replaces = 0;   // the roll-out that is stopped in the same transaction, if it still runs; 0: none
};

// A roll-out after a change, and the devices whose desired state it changed.
struct RolloutChange {
    Rollout rollout;
    std::vector<std::string> devices;
};

// A device after its move to another ring.
struct RingChange {
    protocol::DesiredState desired;
    std::string note; // why it does not get what has reached that ring, a sentence; empty: it does
};

struct Alert {
    std::int64_t id = 0;
    std::string device, kind, text;
    std::int64_t sinceMs = 0, endedMs = 0; // ended 0: it goes on
};

struct DeviceTotals {
    std::string device;
    std::int64_t windows = 0, frames = 0, objects = 0, samples = 0, dropped = 0;
};

enum class SampleState { Waiting = 0, Taken = 1, Ignored = 2 };
const char* nameOf(SampleState state); // "waiting", "taken", "ignored"
struct StoredSample {
    std::string id, device;
    std::int64_t receivedMs = 0;
    std::filesystem::path picture;
    SampleState state = SampleState::Waiting;
    std::string packageName; // of the model that answered, as it was rolled out; empty: the device got it by hand
    nlohmann::json description; // as it came, see protocol/fleet_sample.h
};
// How much a hub keeps of what one device sends: a device whose rules or clock are broken must not fill the disk that all share.
struct SampleLimits {
    std::int64_t dayPictures = 20'000, dayBytes = 2ll << 30;   // that come on one day, by UTC and the hub's clock; an outbox holds far less
    std::int64_t keptPictures = 50'000, keptBytes = 8ll << 30; // in all
    std::int64_t seenMs = 30ll * 86'400'000; // how long pictures stay after they were taken or ignored, so that this can be undone
};
struct SampleUse {
    std::int64_t day = 0, dayPictures = 0, dayBytes = 0, keptPictures = 0, keptBytes = 0;
    bool isSaid = false; // that it is too much: an alert is open
};

struct SampleQuery {
    static constexpr std::int64_t kMost = 10'000;
    static constexpr unsigned bit(SampleState state) { return 1u << static_cast<unsigned>(state); }
    std::string device; // empty: of all
    // Only of models whose package was rolled out under this name, and with `byHand` of those that devices got by hand, which have no
    // name here. With neither: of all.
    std::optional<std::string> package;
    bool byHand = false;
    unsigned states = bit(SampleState::Waiting) | bit(SampleState::Taken) | bit(SampleState::Ignored);
    std::int64_t most = 100, skip = 0; // of those that match
};
struct StoredSamples {
    std::vector<StoredSample> newest; // first; at most as many as were asked for
    std::int64_t total = 0;           // that match
};

// The memory of a hub: FOLDER/fleet.db, FOLDER/samples. Every change is one committed transaction on disk before the call
// returns. Any thread; calls wait for each other.
class FleetStore {
public:
    // Conflict when another hub has the folder. Makes it when it is not there.
    static base::Result<std::unique_ptr<FleetStore>> open(const std::filesystem::path& folder, const std::string& programName);
    const std::filesystem::path& folder() const { return m_folder; }

    // Permission for one device to enrol, once. `device` empty: it brings a name. The token is shown once and not kept.
    base::Result<std::string> makeToken(const std::string& device, const std::string& ring, std::int64_t nowMs, std::int64_t lifetimeMs);
    // Refused: a token that is not known, used, too old, or for another name; a name that is taken.
    base::Result<Enrolled> enrol(const std::string& token, const std::string& device, std::int64_t nowMs);
    // Its secret is worthless from now on; what it told stays.
    base::Result<void> removeDevice(const std::string& device, std::int64_t nowMs);
    base::Result<std::vector<Device>> readAllDevices() const; // without the removed ones, by name
    base::Result<std::optional<Device>> readDevice(const std::string& name) const;
    base::Result<std::optional<std::string>> findDeviceBySecret(const std::string& secret) const;
    base::Result<std::vector<BrokerAccess>> readBrokerAccess() const; // of all devices, by name

    // Gives the new state, its version one higher.
    base::Result<protocol::DesiredState> changeDesired(const std::string& device, const nlohmann::json& patch);
    // Gives the desired state, with what the roll-outs so far mean for that ring. A device that runs a newer release keeps it, as it would
    // refuse the older one; the next roll-out that reaches the ring, or the roll-back of what it runs, finds it.
    base::Result<RingChange> updateRing(const std::string& device, const std::string& ring);

    // All of it in one transaction, then what to answer about streams. Entries that are there already are passed over, entries after a gap
    // are left for later; messages of devices that are not enrolled are dropped. Pictures beyond the limits of their device are taken as
    // dropped ones: counted, and an alert of the kind "pictures" says why.
    base::Result<std::vector<Outgoing>> ingest(std::span<const Incoming> messages, std::int64_t nowMs);
    base::Result<std::vector<DeviceTotals>> readTotals() const;
    base::Result<StoredSamples> readSamples(const SampleQuery& wanted) const;
    // What people made of it. NotFound: no such sample.
    base::Result<void> markSample(const std::string& id, SampleState state);
    // Lets go of pictures that were taken or ignored long ago, at most so many; gives how many. What was counted stays counted.
    base::Result<std::int64_t> forgetSeenSamples(std::int64_t nowMs, std::int64_t most);
    void setSampleLimits(const SampleLimits& limits);

    base::Result<void> writePackage(const StoredPackage& package, std::int64_t nowMs);
    base::Result<std::optional<StoredPackage>> readPackage(const std::string& sha256) const;
    // The highest release counter that was ever rolled out; -1: none. Devices refuse what is not above theirs.
    base::Result<std::int64_t> readNewestRelease() const;
    // Begins at the ring "test". Refused while another one is running, and for a release that is not newer than what ran.
    base::Result<RolloutChange> beginRollout(const std::string& sha256, std::int64_t nowMs, const BeginOptions& options = {});
    // To the next ring; at "all" it is done. Conflict, here and below: it is another one than was seen, has gone on to another ring, or
    // has ended meanwhile.
    base::Result<RolloutChange> promoteRollout(std::int64_t nowMs, const SeenRollout& seen = {});
    // The running one stays where it is.
    base::Result<RolloutChange> stopRollout(const std::string& why, std::int64_t nowMs, const SeenRollout& seen = {});
    // The newest one ends, and every device that it reached, whatever its ring is by now, gets `replacement`: what ran before, signed as a
    // newer release.
    base::Result<RolloutChange> rollBack(const std::string& replacement, const std::string& why, std::int64_t nowMs, const SeenRollout& seen = {});
    base::Result<std::vector<Rollout>> readAllRollouts() const; // newest first
    base::Result<std::optional<Rollout>> readCurrentRollout() const; // the newest that was not taken back
    // The same, for who has seen it: Conflict when it is another one by now.
    base::Result<std::optional<Rollout>> readCurrentRollout(const SeenRollout& seen) const;

    // Opens an alert, or ends it; true when that changed something.
    base::Result<bool> raiseAlert(const std::string& device, const std::string& kind, const std::string& text, std::int64_t sinceMs);
    base::Result<bool> endAlert(const std::string& device, const std::string& kind, std::int64_t nowMs);
    base::Result<std::vector<Alert>> readAlerts(bool onlyOpen) const; // newest first

    base::Result<std::optional<std::string>> readSetting(const std::string& name) const;
    base::Result<void> writeSetting(const std::string& name, const std::string& value);

private:
    FleetStore(dataset::ProjectLock lock, std::unique_ptr<dataset::Connection> connection, std::filesystem::path folder);

    // `work` with the connection, alone, exceptions turned into errors; `change` in a transaction that commits unless it
    // gives an error.
    template <typename Work>
    auto read(Work work) const -> decltype(work(std::declval<dataset::Connection&>()));
    template <typename Work>
    auto change(Work work) -> decltype(work(std::declval<dataset::Connection&>()));

    mutable std::mutex m_mutex;
    dataset::ProjectLock m_lock;
    std::unique_ptr<dataset::Connection> m_connection;
    std::filesystem::path m_folder;
    SampleLimits m_limits;
    std::map<std::int64_t, SampleUse> m_sampleUse; // by device, once it has sent one
};

}
