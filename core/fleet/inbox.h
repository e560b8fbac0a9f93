#pragma once

#include "core/transport/mqtt_client.h"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace percept::fleet {

// Messages on their way from the connection to the hub's thread. Bounded: what does not fit is dropped, and its device sends
// it again, because nobody acknowledges it.
class Inbox {
public:
    static constexpr std::size_t kMaxBytes = 64u << 20;

    void put(transport::MqttMessage message)
    {
        {
            std::lock_guard lock(m_mutex);
            if (m_bytes + message.payload.size() > kMaxBytes)
                return;
            m_bytes += message.payload.size() + message.topic.size() + sizeof(message);
            m_messages.push_back(std::move(message));
        }
        m_filled.notify_one();
    }

    // All that is there; waits at most so long for the first.
    std::vector<transport::MqttMessage> take(double seconds)
    {
        std::unique_lock lock(m_mutex);
        m_filled.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return !m_messages.empty() || m_woken; });
        m_woken = false;
        m_bytes = 0;
        return std::exchange(m_messages, {});
    }
    void wake()
    {
        {
            std::lock_guard lock(m_mutex);
            m_woken = true;
        }
        m_filled.notify_one();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_filled;
    std::vector<transport::MqttMessage> m_messages;
    std::size_t m_bytes = 0;
    bool m_woken = false;
};

}
