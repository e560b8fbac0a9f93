#pragma once

#include "core/transport/mqtt_client.h"

#include <cstddef>
#include <deque>
#include <utility>

namespace percept::device {

// What a broker has sent and the link has not looked at yet. Bounded in number and bytes: a broker that floods costs nothing but
// its own messages. Not thread-safe.
class LinkInbox {
public:
    static constexpr std::size_t kMostMessages = 1000, kMostBytes = 8u << 20;

    // False: there is no room, and it is dropped.
    bool put(transport::MqttMessage message)
    {
        const std::size_t bytes = message.topic.size() + message.payload.size();
        if (m_messages.size() >= kMostMessages || m_bytes + bytes > kMostBytes)
            return false;
        m_bytes += bytes;
        m_messages.push_back(std::move(message));
        return true;
    }
    bool isEmpty() const { return m_messages.empty(); }
    // All of them.
    std::deque<transport::MqttMessage> take()
    {
        m_bytes = 0;
        return std::exchange(m_messages, {});
    }

private:
    std::deque<transport::MqttMessage> m_messages;
    std::size_t m_bytes = 0;
};

}
