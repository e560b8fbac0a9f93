#pragma once

#include "core/fleet/authority.h"
#include "core/fleet/fleet_store.h"
#include "core/fleet/others_broker.h"
#include "core/fleet/package_shelf.h"
#include "core/transport/http_server.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace percept::fleet {

// What the hub's HTTP routes work on. Any thread.
struct HubCore {
    explicit HubCore(FleetStore& fleetStore)
        : store(fleetStore)
        , shelf(fleetStore)
    {
    }
    FleetStore& store;
    PackageShelf shelf;
    std::mutex rollouts; // held from reading what is rolled out to its change: one deployment, promotion or roll-back at a time
    std::string apiToken;
    std::optional<Authority> authority; // with devices on other machines
    std::string host;                   // by which those reach this machine
    std::optional<OthersBroker> othersBroker; // in the place of the hub's own
    int brokerPort = 0, apiPort = 0;    // of 127.0.0.1; of somebody else's broker: its own
    int outsideBrokerPort = 0, outsidePackagePort = 0; // 0: other machines are not served

    // Why somebody else's broker is not connected, a sentence; empty: it is. True when that is news.
    bool setBrokerProblem(const std::string& problem)
    {
        const std::lock_guard lock(m_problemMutex);
        return std::exchange(m_brokerProblem, problem) != problem;
    }
    std::string brokerProblem() const
    {
        const std::lock_guard lock(m_problemMutex);
        return m_brokerProblem;
    }

    std::function<void(const std::string& device)> desiredChanged;
    std::function<void()> devicesChanged; // passwords and access list of the hub's own broker are to be written again; else empty
    std::function<bool()> isConnected;

private:
    mutable std::mutex m_problemMutex;
    std::string m_brokerProblem;
};

// For studio and command line, on loopback, with the token: /api/...
void addApiRoutes(transport::HttpServer& server, HubCore& core);
// POST /api/rules {"device" (none: all), "rules": change of a desired state: sampling, windowSeconds, liveFrames}
void addRuleRoutes(transport::HttpServer& server, HubCore& core);
// GET /api/acl: what somebody else's broker has to know of the devices, see access_routes.cpp
void addAccessRoutes(transport::HttpServer& server, HubCore& core);
void addSampleRoutes(transport::HttpServer& server, HubCore& core); // GET /api/samples[?device=D][&package=NAME][&state=S][&most=N][&skip=N][&waiting=1]
// For devices: POST /enrol with a one-time token, over TLS GET /authority (the certificate of the fleet's authority), GET /packages/SHA256 with a device's secret. `isOutside`: over TLS.
void addDeviceRoutes(transport::HttpServer& server, HubCore& core, bool isOutside);

}
