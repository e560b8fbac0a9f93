#include "tests/support/raw_mqtt.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace percept::test {

namespace {

std::string lengthOf(std::size_t bytes)
{
    std::string text;
    do {
        text += static_cast<char>((bytes % 128) | (bytes >= 128 ? 0x80 : 0));
        bytes /= 128;
    } while (bytes > 0);
    return text;
}

std::string stringOf(const std::string& text)
{
    return std::string { static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff) } + text;
}

std::string packet(int first, const std::string& rest) { return static_cast<char>(first) + lengthOf(rest.size()) + rest; }

}

std::string RawMqtt::connect(const std::string& clientId, const std::string& user, const std::string& password)
{
    constexpr char kNamePasswordClean = '\xc2';
    std::string rest = stringOf("MQTT") + '\x04' + kNamePasswordClean;
    rest += std::string("\0\x3c", 2); // keep-alive
    return packet(0x10, rest + stringOf(clientId) + stringOf(user) + stringOf(password));
}

std::string RawMqtt::publish(const std::string& topic, const std::string& payload, int quality, bool isRetained)
{
    const std::string id = quality > 0 ? std::string("\0\x01", 2) : std::string();
    return packet(0x30 | (quality << 1) | (isRetained ? 1 : 0), stringOf(topic) + id + payload);
}

std::string RawMqtt::publishHeader(std::size_t bytes) { return '\x30' + lengthOf(bytes); }

RawConnection::RawConnection(int port)
    : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(m_fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        ::shutdown(m_fd, SHUT_RDWR);
}

RawConnection::~RawConnection() { ::close(m_fd); }

bool RawConnection::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t sent = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string RawConnection::receive(std::size_t bytes, double seconds)
{
    std::string text;
    pollfd watched { m_fd, POLLIN, 0 };
    while (text.size() < bytes && ::poll(&watched, 1, static_cast<int>(seconds * 1000)) > 0) {
        char buffer[4096];
        const ssize_t count = ::recv(m_fd, buffer, std::min(sizeof(buffer), bytes - text.size()), 0);
        if (count <= 0)
            break;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
}

bool RawConnection::isCutWithin(double seconds)
{
    pollfd watched { m_fd, POLLIN, 0 };
    char byte;
    while (::poll(&watched, 1, static_cast<int>(seconds * 1000)) > 0)
        if (::recv(m_fd, &byte, 1, 0) <= 0)
            return true;
    return false;
}

}
