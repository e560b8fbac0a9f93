#pragma once

#include "core/transport/mqtt_client.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace percept::test {

// A client that writes down all that it hears and every connection that failed or ended. Any thread.
class MqttListener {
public:
    explicit MqttListener(transport::MqttOptions options);
    ~MqttListener() { client.reset(); }
    std::size_t failures() const;
    std::vector<transport::MqttMessage> heard() const;
    bool isConnected() const { return client->isConnected(); }
    void say(const std::string& topic, const std::string& payload) { (void)client->publish(topic, payload).hasValue(); }

    std::unique_ptr<transport::MqttClient> client;

private:
    mutable std::mutex m_mutex;
    std::size_t m_failures = 0;
    std::vector<transport::MqttMessage> m_messages;
};

}
