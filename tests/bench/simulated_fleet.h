#pragma once

#include "core/protocol/fleet_enrolment.h"
#include "core/protocol/fleet_state.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mosquitto.h>
#include <string>
#include <vector>

namespace percept::bench {

// Many devices of a fleet on one event loop, as far as a hub can tell: each is connected, sends a window of telemetry every few
// seconds until it is acknowledged, fetches what it is to run over HTTP, and reports that it runs it. On this machine, without TLS.
class SimulatedFleet {
public:
    struct Figures {
        std::vector<double> connectSeconds;     // start to connected and listening, of each device
        std::vector<double> acknowledgeSeconds; // from the moment a window was over to its acknowledgement by the hub
        std::vector<double> toldSeconds;        // from `rolloutSince` to the desired state, of each device
        std::vector<double> fetchedSeconds;     // from there to the whole package
        std::int64_t sentAgain = 0, connectsAgain = 0, fetchesAgain = 0, disconnects = 0, waiting = 0; // waiting: windows at the end
        std::size_t mostBehind = 0;                                                 // windows that waited on one device
    };
    SimulatedFleet(const std::vector<protocol::EnrolAnswer>& devices, double windowSeconds);
    ~SimulatedFleet();

    // On the calling thread, until `stop`.
    void run(const std::atomic<bool>& stop);
    std::atomic<double> rolloutSince = 0; // by base::monotonicSeconds(); set before it is told
    std::atomic<bool> sendsWindows = false;
    std::atomic<std::size_t> numConnected = 0;
    const Figures& figures() const { return m_figures; }

private:
    struct Device;
    struct Fetch;
    static Device& deviceOf(void* state) { return *static_cast<Device*>(state); }
    void connect(Device& device);
    void disconnected(Device& device);
    void serve(Device& device, unsigned ready);
    void watch(Device& device);
    void tick(Device& device, double now);
    void sendWindows(Device& device, double now);
    void received(Device& device, const mosquitto_message& message);
    void beginFetch(Device& device);
    void goOnFetching(Device& device);
    void report(Device& device);
    void say(Device& device, int topic, const std::string& payload);

    const double m_windowSeconds, m_began;
    int m_epoll = -1;
    std::vector<std::unique_ptr<Device>> m_devices;
    Figures m_figures;
};

}
