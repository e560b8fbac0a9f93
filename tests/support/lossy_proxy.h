#pragma once

#include "core/base/random.h"

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace percept::test {

// Stands between clients and a broker on 127.0.0.1 (without TLS) and loses a share of the messages, both ways: a lost one is
// confirmed to who sent it, as by a broker that died a moment later, and never arrives. Everything else passes in order.
class LossyProxy {
public:
    LossyProxy(int brokerPort, double share, std::uint64_t seed);
    ~LossyProxy();
    LossyProxy(const LossyProxy&) = delete;
    LossyProxy& operator=(const LossyProxy&) = delete;
    int port() const { return m_port; }
    std::int64_t passed() const { return m_passed; } // messages
    std::int64_t lost() const { return m_lost; }

private:
    struct Side {
        int fd = -1;
        std::mutex mutex; // of whole packets to it
        bool send(const std::string& bytes);
    };
    struct Connection {
        Side client, broker;
        std::thread up, down;
    };
    void acceptAll();
    void pump(Side& from, Side& to);
    bool forward(const std::string& packet, Side& from, Side& to);
    bool isToBeLost();

    const int m_brokerPort;
    const double m_share;
    int m_port = 0, m_listener = -1;
    std::mutex m_mutex;
    base::Random m_random;
    std::list<Connection> m_connections;
    std::atomic<std::int64_t> m_passed = 0, m_lost = 0;
    std::thread m_thread;
};

}
