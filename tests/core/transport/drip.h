#pragma once

#include <array>
#include <chrono>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace percept::test {

// Peers who begin a request and then send a byte now and then, until they are gone.
class Drip {
public:
    Drip(int port, int connections, const std::string& beginning)
    {
        for (int i = 0; i < connections; ++i)
            m_sockets.push_back(connectAndSend(port, beginning));
        m_thread = std::jthread([this](const std::stop_token& stop) {
            for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(50)))
                for (const int socket : m_sockets)
                    ::send(socket, "x", 1, MSG_NOSIGNAL);
        });
    }
    ~Drip()
    {
        m_thread = {};
        for (const int socket : m_sockets)
            ::close(socket);
    }
    Drip(const Drip&) = delete;
    Drip& operator=(const Drip&) = delete;

    // Whether the server has closed the connection within this time.
    bool isCutWithin(int ms) const
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
        pollfd entry { m_sockets.front(), POLLIN, 0 };
        std::array<char, 4096> answer;
        while (std::chrono::steady_clock::now() < end)
            if (::poll(&entry, 1, 20) > 0 && ::recv(entry.fd, answer.data(), answer.size(), 0) <= 0)
                return true;
        return false;
    }

private:
    static int connectAndSend(int port, const std::string& text)
    {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address { };
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        EXPECT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
        return socket;
    }
    std::vector<int> m_sockets;
    std::jthread m_thread;
};

}
