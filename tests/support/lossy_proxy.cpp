#include "tests/support/lossy_proxy.h"

#include "core/transport/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace percept::test {

namespace {

constexpr int kPublish = 3;

int connectTo(int port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    const sockaddr_in address = transport::loopbackAddress(port);
    ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)); // fails: the first write does too
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

struct Header {
    std::size_t bytes = 0, rest = 0; // its own, and of what follows
};
// Nothing: it is not all there yet.
std::optional<Header> headerOf(std::string_view bytes)
{
    Header header { 1, 0 };
    for (std::size_t factor = 1; header.bytes < bytes.size() && header.bytes <= 4; factor *= 128) {
        const auto digit = static_cast<unsigned char>(bytes[header.bytes++]);
        header.rest += (digit & 0x7f) * factor;
        if ((digit & 0x80) == 0)
            return header;
    }
    return std::nullopt;
}

// What confirms a message of quality 1; empty for other packets.
std::string confirmationOf(const std::string& packet)
{
    const auto first = static_cast<unsigned char>(packet[0]);
    if ((first >> 4) != kPublish || ((first >> 1) & 3) != 1)
        return {};
    const std::size_t at = headerOf(packet)->bytes;
    const std::size_t topic = static_cast<unsigned char>(packet[at]) * 256u + static_cast<unsigned char>(packet[at + 1]);
    return std::string("\x40\x02", 2) + packet.substr(at + 2 + topic, 2);
}

}

LossyProxy::LossyProxy(int brokerPort, double share, std::uint64_t seed)
    : m_brokerPort(brokerPort)
    , m_share(share)
    , m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    , m_random(seed)
{
    sockaddr_in address = transport::loopbackAddress(0);
    socklen_t size = sizeof(address);
    ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(m_listener, 128);
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { acceptAll(); });
}

LossyProxy::~LossyProxy()
{
    ::shutdown(m_listener, SHUT_RDWR);
    m_thread.join();
    ::close(m_listener);
    for (auto& connection : m_connections) {
        ::shutdown(connection.client.fd, SHUT_RDWR);
        ::shutdown(connection.broker.fd, SHUT_RDWR);
        connection.up.join();
        connection.down.join();
        ::close(connection.client.fd);
        ::close(connection.broker.fd);
    }
}

void LossyProxy::acceptAll()
{
    while (true) {
        const int fd = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC), one = 1;
        if (fd < 0)
            return;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        auto& connection = m_connections.emplace_back();
        connection.client.fd = fd;
        connection.broker.fd = connectTo(m_brokerPort);
        connection.up = std::thread([this, &connection] { pump(connection.client, connection.broker); });
        connection.down = std::thread([this, &connection] { pump(connection.broker, connection.client); });
    }
}

void LossyProxy::pump(Side& from, Side& to)
{
    std::string bytes;
    char buffer[65536];
    for (ssize_t count; (count = ::recv(from.fd, buffer, sizeof(buffer), 0)) > 0;) {
        bytes.append(buffer, static_cast<std::size_t>(count));
        for (auto header = headerOf(bytes); header && bytes.size() >= header->bytes + header->rest; header = headerOf(bytes)) {
            const std::string packet = bytes.substr(0, header->bytes + header->rest);
            bytes.erase(0, packet.size());
            if (!forward(packet, from, to))
                break;
        }
    }
    ::shutdown(from.fd, SHUT_RDWR);
    ::shutdown(to.fd, SHUT_RDWR);
}

bool LossyProxy::forward(const std::string& packet, Side& from, Side& to)
{
    const std::string confirmation = confirmationOf(packet);
    const bool isLost = !confirmation.empty() && isToBeLost();
    m_passed += !confirmation.empty() && !isLost;
    m_lost += isLost;
    return isLost ? from.send(confirmation) : to.send(packet);
}

bool LossyProxy::isToBeLost()
{
    const std::lock_guard lock(m_mutex);
    return m_random.uniform(0, 1) < m_share;
}

bool LossyProxy::Side::send(const std::string& bytes)
{
    const std::lock_guard lock(mutex);
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

}
