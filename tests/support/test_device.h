#pragma once

#include "core/protocol/fleet_enrolment.h"
#include "core/protocol/fleet_state.h"
#include "core/protocol/fleet_telemetry.h"
#include "core/transport/mqtt_client.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace percept::test {

// Until `isTrue`, at most so long: the limit is for a machine that has other work.
bool eventually(const std::function<bool()>& isTrue, double seconds = 40);

// A device of a fleet as far as the hub can tell: it enrols, asks for its state, and sends the windows of its outbox until
// they are acknowledged. It runs no model.
class TestDevice {
public:
    // Enrols at `server` ("http://..."). With `caFile` as a device on another machine, by certificate; the files lie in `folder`.
    static base::Result<protocol::EnrolAnswer> enrol(const std::string& server, const std::string& token, const std::string& name,
        const std::filesystem::path& caFile = {}, const std::filesystem::path& folder = {});
    // How a client reaches the broker after that.
    static transport::MqttOptions optionsFor(const protocol::EnrolAnswer& enrolled, const std::filesystem::path& folder = {});

    explicit TestDevice(transport::MqttOptions options);
    ~TestDevice();

    void add(std::int64_t frames); // one more window
    void report(const protocol::ReportedState& state);
    std::int64_t acknowledged() const { return m_acknowledged; }
    std::int64_t sent() const { return m_sent; } // entries, counted again when they were sent again
    bool isConnected() const { return m_client->isConnected(); }
    std::optional<protocol::DesiredState> desired() const;
    transport::MqttClient& client() { return *m_client; }

private:
    void received(const transport::MqttMessage& message);
    void pump();
    void sendBatch();

    std::string m_name, m_stream;
    mutable std::mutex m_mutex;
    std::vector<std::int64_t> m_frames; // of window i + 1
    std::optional<protocol::DesiredState> m_desired;
    std::atomic<std::int64_t> m_acknowledged = 0, m_sent = 0;
    std::int64_t m_upTo = 0; // sent last
    double m_sentAt = 0;
    std::atomic<bool> m_stopping = false;
    std::unique_ptr<transport::MqttClient> m_client;
    std::thread m_thread;
};

}
