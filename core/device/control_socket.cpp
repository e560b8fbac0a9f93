#include "core/device/control_socket.h"

#include "core/base/files.h"
#include "core/device/model_session.h"
#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::size_t kMaxConnections = 16;
constexpr timeval kWriteTime { 5, 0 }; // for one who asks and does not read the answer
constexpr int kShortMs = 100;

// A socket's address holds 107 bytes of path; through the descriptor of its folder any path fits.
class SocketAddress {
public:
    explicit SocketAddress(const fs::path& path)
        : m_folder(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
    {
        m_address.sun_family = AF_UNIX;
        const std::string name = fmt::format("/proc/self/fd/{}/{}", m_folder, path.filename().string());
        std::strncpy(m_address.sun_path, name.c_str(), sizeof(m_address.sun_path) - 1);
    }
    ~SocketAddress() { ::close(m_folder); }
    SocketAddress(const SocketAddress&) = delete;
    SocketAddress& operator=(const SocketAddress&) = delete;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&m_address); }
    static constexpr socklen_t size() { return sizeof(sockaddr_un); }

private:
    int m_folder;
    sockaddr_un m_address { };
};

bool isOurUser(int fd)
{
    ucred peer { };
    socklen_t size = sizeof(peer);
    return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == ::geteuid() || peer.uid == 0);
}

}

ControlServer::~ControlServer() { stop(); }

base::Result<void> ControlServer::start(const fs::path& state, Handler handler)
{
    m_path = state / "control";
    m_handler = std::move(handler);
    std::error_code problem;
    fs::remove(m_path, problem); // of one that was killed; the lock of the state folder is ours
    m_listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); // who came may have gone before it is taken
    const SocketAddress address(m_path);
    const bool listens = m_listener >= 0 && ::bind(m_listener, address.get(), SocketAddress::size()) == 0
        && ::chmod(m_path.c_str(), 0600) == 0 && ::listen(m_listener, 8) == 0 && ::pipe2(m_wake, O_CLOEXEC) == 0;
    if (!listens)
        return base::failed(fmt::format("{} cannot be made: {}.", m_path.string(), base::describeErrno(errno)));
    m_thread = std::thread([this] { accept(); });
    return {};
}

void ControlServer::accept()
{
    while (true) {
        pollfd waits[2] { { m_listener, POLLIN, 0 }, { m_wake[0], POLLIN, 0 } };
        const int ready = ::poll(waits, 2, -1);
        if (ready < 0 && errno == EINTR) // nothing is known of either then
            continue;
        if (ready < 0 || waits[1].revents != 0)
            return;
        const int fd = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) {
            const bool isShort = errno != EINTR && errno != EAGAIN && errno != ECONNABORTED; // of descriptors or memory: later, not at once
            if (isShort)
                (void)::poll(&waits[1], 1, kShortMs);
            continue;
        }
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kWriteTime, sizeof(kWriteTime));
        joinFinished(/*all=*/false);
        const std::lock_guard lock(m_mutex);
        if (!isOurUser(fd) || m_connections.size() >= kMaxConnections) {
            ::close(fd);
            continue;
        }
        Connection& connection = m_connections.emplace_back();
        connection.fd = fd;
        connection.thread = std::thread([this, &connection] { answer(connection); });
    }
}

json ControlServer::handled(const json& request) const
{
    try {
        return m_handler(request);
    } catch (const std::exception& e) { // one question, and not the device
        spdlog::error("a request at {} failed: {}", m_path.string(), e.what());
        return failureAnswer(nullptr, base::failed("The request could not be answered. The log of percept-edge says why."));
    }
}

void ControlServer::answer(Connection& connection)
{
    transport::LineReader reader(connection.fd);
    while (true) {
        const auto line = reader.readLine();
        if (line.hasError() || !line.value().has_value())
            break;
        const auto request = protocol::parseJson(*line.value(), "The request", 1u << 20);
        const json answer = request.hasValue() && request.value().is_object()
            ? handled(request.value())
            : failureAnswer(nullptr, base::refused("The request is not a JSON object."));
        if (transport::writeLine(connection.fd, protocol::dumpLine(answer)).hasError())
            break;
    }
    const std::lock_guard lock(m_mutex);
    connection.isDone = true;
}

void ControlServer::joinFinished(bool all)
{
    std::list<Connection> finished;
    {
        const std::lock_guard lock(m_mutex);
        for (auto it = m_connections.begin(); it != m_connections.end();) {
            const auto next = std::next(it);
            if (all)
                ::shutdown(it->fd, SHUT_RD);
            if (all || it->isDone)
                finished.splice(finished.end(), m_connections, it);
            it = next;
        }
    }
    for (auto& connection : finished) {
        connection.thread.join();
        ::close(connection.fd);
    }
}

void ControlServer::stop()
{
    if (m_thread.joinable()) {
        (void)transport::writeLine(m_wake[1], "");
        m_thread.join();
        joinFinished(/*all=*/true);
        std::error_code problem;
        fs::remove(m_path, problem);
    }
    for (int* fd : { &m_listener, &m_wake[0], &m_wake[1] }) {
        if (*fd >= 0)
            ::close(*fd);
        *fd = -1;
    }
}

base::Result<json> askEdge(const fs::path& state, const json& request)
{
    const SocketAddress address(state / "control");
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    base::Result<json> result = base::notFound(fmt::format("No percept-edge runs on the state folder {}. Start it with "
        "percept-edge run --state {} ...", state.string(), state.string()));
    if (fd >= 0 && ::connect(fd, address.get(), SocketAddress::size()) == 0) {
        transport::LineReader reader(fd);
        const auto sent = transport::writeLine(fd, protocol::dumpLine(request));
        const auto line = sent.hasValue() ? reader.readLine() : base::Result<std::optional<std::string>>(sent.error());
        if (line.hasValue() && line.value().has_value())
            result = protocol::parseJson(*line.value(), "The answer of percept-edge");
        else
            result = base::failed("percept-edge ended before it answered.");
    }
    if (fd >= 0)
        ::close(fd);
    if (result.hasValue())
        if (const auto error = errorOfAnswer(result.value()))
            return *error;
    return result;
}

}
