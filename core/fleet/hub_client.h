#pragma once

#include "core/base/result.h"
#include "core/fleet/fleet_store.h"
#include "core/fleet/hub_address.h"
#include "core/transport/http_client.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace percept::fleet {

// A model as the documents of the hub name it.
struct NamedModel {
    std::string name, version, sha256;
    bool operator==(const NamedModel&) const = default;
};

// One device as the hub answers for it. What it has not said yet is empty or 0.
struct DeviceState {
    struct Refused {
        std::string sha256, kind, message; // message: a sentence
        bool operator==(const Refused&) const = default;
    };
    std::string name, ring;
    bool online = false;
    std::int64_t enrolledMs = 0, seenMs = 0; // of the hub's clock; seen 0: never
    std::optional<NamedModel> running, wanted;
    std::optional<Refused> refused;
    std::string program, activity; // "idle", "fetching", "checking", "trial"
    double framesPerSecond = 0, latencyMs = 0;
    std::int64_t outbox = 0; // entries that wait on the device
    bool operator==(const DeviceState&) const = default;
};

// The fleet at one moment.
struct FleetState {
    std::vector<DeviceState> devices; // by name
    std::vector<Rollout> rollouts;    // newest first
    std::vector<Alert> alerts;        // open ones
    bool brokerConnected = false;
    int promoteAfterMinutes = 0; // of the roll-out that is running; 0: people promote it
    bool servesOutside = false; // other machines can reach the hub
    std::string othersBroker;   // address of a broker that is somebody else's; empty: the hub's own
    std::string brokerProblem;  // why that one is not connected, a sentence
    std::int64_t readMs = 0;
};

// Leave to enrol one device, once.
struct Grant {
    std::string token, device, ring;
    std::int64_t expiresMs = 0;
    std::string hub;                    // for a device on this machine
    std::string outsideHub, authority;  // for one elsewhere; empty: the hub serves only this machine
    std::string othersBroker;           // likewise; empty as well where that broker lets all devices in by one name
    std::string line;                   // what `percept-edge enroll` takes, for a device elsewhere where the hub serves those
};

// What a change of the roll-out did.
struct RolloutTold {
    Rollout rollout;
    std::size_t devices = 0; // whose desired state it changed
};

// Asks the hub that runs on a folder. Errors are sentences with cause and next step; NotFound: no hub runs there. Calls block,
// at most so long as it takes the hub to copy a package. One thread at a time.
class HubClient {
public:
    // readSeconds: how long a call waits for an answer.
    static base::Result<HubClient> find(const std::filesystem::path& folder, double readSeconds = 60);

    base::Result<FleetState> readState() const;
    // `device` empty: it brings a name of its own.
    base::Result<Grant> enroll(const std::string& device, const std::string& ring, int hours) const;
    base::Result<void> remove(const std::string& device) const;
    // Gives why it does not get what has reached that ring, a sentence; empty: it does.
    base::Result<std::string> moveToRing(const std::string& device, const std::string& ring) const;
    // promoteAfterMinutes: it goes to the next ring by itself when the one before has run it so long without trouble; 0: by hand.
    // replaces: the roll-out that is stopped for it, once the package can begin; 0: none, and Refused while one runs.
    base::Result<RolloutTold> deploy(const std::filesystem::path& package, int promoteAfterMinutes = 0, std::int64_t replaces = 0) const;
    // `seen`: what was decided about. Conflict: it is another one by now, or has gone on, and nothing was changed.
    base::Result<RolloutTold> promote(const SeenRollout& seen = {}) const;
    // Of the roll-out that is running, as deploy() would have it from now on; 0: by hand. NotFound: none is running.
    base::Result<RolloutTold> promoteAfter(int minutes, const SeenRollout& seen = {}) const;
    base::Result<RolloutTold> stop(const std::string& why, const SeenRollout& seen = {}) const;
    base::Result<RolloutTold> rollBack(const std::string& why, const SeenRollout& seen = {}) const;
    base::Result<void> markSample(const std::string& id, SampleState state) const;

    // The documents themselves, as resources/help/command-line.md has them.
    base::Result<nlohmann::json> get(const char* path) const;
    base::Result<nlohmann::json> post(const char* path, const nlohmann::json& body) const;

private:
    HubClient(std::filesystem::path folder, const HubAddress& address, double readSeconds);
    base::Result<RolloutTold> change(const char* path, nlohmann::json body, const SeenRollout& seen = {}) const;

    std::filesystem::path m_folder;
    transport::HttpClient m_http;
};

}
