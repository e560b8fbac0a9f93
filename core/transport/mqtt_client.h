#pragma once

#include "core/base/result.h"
#include "core/transport/mqtt_problem.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace percept::transport {

struct MqttMessage {
    std::string topic, payload;
};

struct MqttTls {
    std::filesystem::path caFile;                   // the one authority that may have signed the broker
    std::filesystem::path certificateFile, keyFile; // who we are; both or neither
};

struct MqttOptions {
    std::string host = "127.0.0.1";
    int port = 1883;
    std::string clientId;
    std::string userName, password;
    std::optional<MqttTls> tls;       // the broker's certificate must name `host`
    std::optional<MqttMessage> will;  // what the broker says for us when we fall silent
    std::vector<std::string> filters; // what we listen to, asked for again at every connect
    std::size_t maxMessageBytes = 1u << 20; // what we send is refused above; what comes in is dropped, but is in memory by then: the broker bounds that
    int maxUnconfirmed = 100;               // sent and not yet confirmed by the broker
    int keepAliveSeconds = 30;
    double connectSeconds = 10; // for one try, up to the answer to all filters
    double firstRetrySeconds = 0.25, longestRetrySeconds = 60; // doubles from one to the other, less a random part
    base::Result<void> check() const;
};

// All are called on the client's own thread; they may publish, but not destroy the client.
struct MqttEvents {
    std::function<void()> connected; // and every filter was granted
    // A try that failed or a connection that ended; another try follows by itself. Network, TLS or the broker's refusal.
    std::function<void(const MqttProblem& problem)> disconnected;
    std::function<void(MqttMessage message)> received;
};

// A client of an MQTT 3.1.1 broker (libmosquitto), with a thread that keeps it connected until it is destroyed. Messages are
// confirmed by the broker (QoS 1), sessions are clean, retained messages are ignored, and what was not confirmed ends with its
// connection: who must not lose anything keeps it until the receiver itself has answered.
class MqttClient {
public:
    static base::Result<std::unique_ptr<MqttClient>> start(MqttOptions options, MqttEvents events);
    ~MqttClient(); // says goodbye, so that the broker keeps the will to itself
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    bool isConnected() const;
    int numUnconfirmed() const; // messages of this connection that the broker has not confirmed yet
    // Hands a message to the connection; any thread. Failed without one, or with too many unconfirmed.
    base::Result<void> publish(const std::string& topic, std::string_view payload);

private:
    struct State;
    explicit MqttClient(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}
