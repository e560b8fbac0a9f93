#include "tests/support/mqtt_listener.h"

namespace percept::test {

using transport::MqttMessage;

MqttListener::MqttListener(transport::MqttOptions options)
{
    options.firstRetrySeconds = 0.05;
    options.longestRetrySeconds = 0.2;
    transport::MqttEvents events;
    events.disconnected = [this](const transport::MqttProblem&) {
        std::lock_guard lock(m_mutex);
        ++m_failures;
    };
    events.received = [this](MqttMessage message) {
        std::lock_guard lock(m_mutex);
        m_messages.push_back(std::move(message));
    };
    client = transport::MqttClient::start(std::move(options), events).value();
}

std::size_t MqttListener::failures() const
{
    std::lock_guard lock(m_mutex);
    return m_failures;
}

std::vector<MqttMessage> MqttListener::heard() const
{
    std::lock_guard lock(m_mutex);
    return m_messages;
}

}
