#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace percept::test {

// Packets of MQTT 3.1.1 by hand, for what no client library would send.
struct RawMqtt {
    static std::string connect(const std::string& clientId, const std::string& user, const std::string& password);
    static std::string publish(const std::string& topic, const std::string& payload, int quality, bool isRetained = false);
    // Of a publication with so many bytes after the header; the largest that MQTT knows: 268,435,455.
    static std::string publishHeader(std::size_t bytes);
};

// A connection to a port of 127.0.0.1 without TLS, on which anything can be said.
class RawConnection {
public:
    explicit RawConnection(int port);
    ~RawConnection();
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    // False: the other side has hung up.
    bool send(std::string_view bytes);
    // What comes, at most so much, or what came until it hung up or nothing more came for so long.
    std::string receive(std::size_t bytes, double seconds = 5);
    bool isCutWithin(double seconds);

private:
    int m_fd;
};

}
