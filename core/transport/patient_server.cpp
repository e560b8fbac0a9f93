#include "core/transport/patient_server.h"

#include "core/base/time.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace percept::transport {

namespace {

constexpr int kSliceMs = 50; // how soon a waiting thread sees that others wait
constexpr double kIdleSeconds = 2, kWriteSeconds = 10;

// One connection. A request's time begins with beginRequest().
class PatientStream : public httplib::Stream {
public:
    PatientStream(socket_t socket, SSL_CTX* tls, const PatientServer& server)
        : m_socket(socket)
        , m_server(server)
        , m_wire(socket, tls)
    {
    }

    // The handshake of TLS has the time of a request.
    bool greet()
    {
        m_start = base::monotonicSeconds();
        return m_wire.greet([this] { return age() <= m_server.secondsForRequest(); });
    }

    // Waits for the next request; false when none comes, or the thread is needed elsewhere.
    bool beginRequest(bool isFirst)
    {
        m_start = base::monotonicSeconds();
        while (m_begin == m_end && !m_wire.isReady(POLLIN, kSliceMs)) {
            if (m_server.isCrowded() && !isFirst)
                return false;
            if (age() > std::min(kIdleSeconds, m_server.secondsForRequest()))
                return false;
        }
        m_start = base::monotonicSeconds();
        return true;
    }
    bool isCut() const { return m_isCut; } // what follows would begin amid a request

    ssize_t read(char* target, size_t size) override
    {
        if (m_begin == m_end && !fill())
            return m_isCut ? -1 : 0;
        const size_t n = std::min(size, m_end - m_begin);
        std::memcpy(target, m_buffer.data() + m_begin, n);
        m_begin += n;
        return static_cast<ssize_t>(n);
    }

    ssize_t write(const char* bytes, size_t size) override
    {
        const double start = base::monotonicSeconds();
        for (size_t sent = 0; sent < size;) {
            if (base::monotonicSeconds() - start > kWriteSeconds)
                return -1;
            if (!m_wire.isReady(POLLOUT, kSliceMs))
                continue;
            const ssize_t n = m_wire.send(bytes + sent, size - sent);
            if (n < 0 && errno != EINTR && errno != EAGAIN)
                return -1;
            sent += static_cast<size_t>(std::max<ssize_t>(n, 0));
        }
        return static_cast<ssize_t>(size);
    }

    bool is_readable() const override { return m_begin < m_end || m_wire.isReady(POLLIN, 0); }
    bool is_writable() const override { return m_wire.isReady(POLLOUT, 0); }
    // Nothing here asks for them.
    void get_remote_ip_and_port(std::string&, int&) const override { }
    void get_local_ip_and_port(std::string&, int&) const override { }
    socket_t socket() const override { return m_socket; }

private:
    double age() const { return base::monotonicSeconds() - m_start; }

    // False at the end, on an error, and when the time is over.
    bool fill()
    {
        while (!m_isCut) {
            m_isCut = age() > m_server.secondsForRequest();
            if (m_isCut || !m_wire.isReady(POLLIN, kSliceMs))
                continue;
            const ssize_t n = m_wire.receive(m_buffer.data(), m_buffer.size());
            if (n < 0 && (errno == EINTR || errno == EAGAIN))
                continue;
            m_isCut = n < 0;
            m_begin = 0;
            m_end = static_cast<size_t>(std::max<ssize_t>(n, 0));
            return n > 0;
        }
        return false;
    }

    const socket_t m_socket;
    const PatientServer& m_server;
    Wire m_wire;
    double m_start = 0;
    bool m_isCut = false;
    std::array<char, 16 * 1024> m_buffer;
    size_t m_begin = 0, m_end = 0;
};

}

// httplib's threads, with a count of what waits for one.
class PatientServer::Tasks : public httplib::TaskQueue {
public:
    Tasks(std::atomic<int>& waiting, int threads)
        : m_waiting(waiting)
        , m_pool(static_cast<size_t>(threads))
    {
    }
    void enqueue(std::function<void()> task) override
    {
        ++m_waiting;
        m_pool.enqueue([this, task = std::move(task)] {
            --m_waiting;
            task();
        });
    }
    void shutdown() override { m_pool.shutdown(); }

private:
    std::atomic<int>& m_waiting;
    httplib::ThreadPool m_pool;
};

PatientServer::PatientServer(const Patience& patience, int threads, std::optional<TlsContext> tls)
    : m_patience(patience)
    , m_tls(std::move(tls))
{
    new_task_queue = [this, threads] { return new Tasks(m_waiting, threads); };
}

void PatientServer::letManyWait() { ::listen(svr_sock_, SOMAXCONN); }

bool PatientServer::process_and_close_socket(socket_t socket)
{
    bool isGood = true;
    {
        PatientStream stream(socket, m_tls ? m_tls->get() : nullptr, *this);
        bool isClosed = !stream.greet();
        for (size_t left = keep_alive_max_count_; left > 0 && isGood && !isClosed && svr_sock_ != INVALID_SOCKET; --left) {
            if (!stream.beginRequest(/*isFirst=*/left == keep_alive_max_count_))
                break;
            isGood = process_request(stream, /*close_connection=*/left == 1, isClosed, nullptr) && !stream.isCut();
        }
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return isGood;
}

}
