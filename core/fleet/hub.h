#pragma once

#include "core/base/result.h"
#include "core/fleet/fleet_store.h"
#include "core/fleet/hub_address.h"
#include "core/fleet/others_broker.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace percept::fleet {

struct HubOptions {
    std::filesystem::path folder; // fleet.db, packages, samples, the authority, the broker's files
    int apiPort = 0;              // of 127.0.0.1; 0: any free one
    // Names and addresses by which devices on other machines reach this one; empty: only devices on this machine.
    std::vector<std::string> hosts;
    std::string listen = "0.0.0.0"; // with hosts: the address that is listened at
    int brokerPort = 8883, packagePort = 8884;
    OthersBrokerOptions broker; // in the place of an own one; brokerPort means nothing then
    double silentWindows = 3; // without a word for so many windows a device is called silent
};

// The hub of a fleet: broker, memory, package server and the interface for studio and command line, until it is destroyed. A broker of
// somebody else's need not answer when the hub starts: it is tried for ever, and what keeps them apart is in the status.
class Hub {
public:
    static base::Result<std::unique_ptr<Hub>> start(HubOptions options);
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    FleetStore& store();
    int apiPort() const;
    int brokerPort() const; // of 127.0.0.1, or of somebody else's broker
    const std::string& apiToken() const;
    bool isConnected() const; // to its broker
    // It has ended by itself: its folder was deleted, or is another hub's by now. It serves nobody any more and is to be destroyed.
    bool hasEnded() const;

private:
    struct State;
    explicit Hub(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}
