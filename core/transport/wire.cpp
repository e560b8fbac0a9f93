#include "core/transport/wire.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

namespace percept::transport {

namespace {
constexpr int kSliceMs = 50; // how soon the handshake looks whether it may wait on
}

TlsContext makeTlsContext(const std::filesystem::path& certificateFile, const std::filesystem::path& keyFile)
{
    TlsContext context(SSL_CTX_new(TLS_server_method()));
    const bool made = context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1
        && SSL_CTX_use_certificate_chain_file(context.get(), certificateFile.c_str()) == 1
        && SSL_CTX_use_PrivateKey_file(context.get(), keyFile.c_str(), SSL_FILETYPE_PEM) == 1
        && SSL_CTX_check_private_key(context.get()) == 1;
    ERR_clear_error();
    if (!made)
        return nullptr;
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

Wire::Wire(int socket, SSL_CTX* context)
    : m_socket(socket)
    , m_tls(context ? SSL_new(context) : nullptr)
{
    m_isBroken = context && (!m_tls || SSL_set_fd(m_tls.get(), socket) != 1);
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

Wire::~Wire()
{
    if (m_tls && !m_isBroken)
        SSL_shutdown(m_tls.get());
    ERR_clear_error();
}

// Of a call of OpenSSL that went wrong or has to be made again, in the words of recv() and send().
ssize_t Wire::outcome(int result)
{
    const int reason = SSL_get_error(m_tls.get(), result);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
        m_wanted = reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
        errno = EAGAIN;
        return -1;
    }
    if (reason == SSL_ERROR_ZERO_RETURN)
        return 0;
    m_isBroken = true;
    errno = EIO;
    return -1;
}

bool Wire::greet(const std::function<bool()>& mayWait)
{
    if (m_isBroken || !m_tls)
        return !m_isBroken;
    while (mayWait()) {
        ERR_clear_error();
        const int result = SSL_accept(m_tls.get());
        m_wanted = 0;
        if (result == 1)
            return true;
        if (outcome(result) == 0 || errno != EAGAIN)
            break;
        isReady(m_wanted, kSliceMs);
    }
    m_isBroken = true; // there is nobody to say goodbye to
    return false;
}

ssize_t Wire::receive(char* target, std::size_t size)
{
    if (!m_tls)
        return ::recv(m_socket, target, size, MSG_DONTWAIT);
    ERR_clear_error();
    m_wanted = 0;
    const int n = SSL_read(m_tls.get(), target, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    return n > 0 ? n : outcome(n);
}

ssize_t Wire::send(const char* bytes, std::size_t size)
{
    if (!m_tls)
        return ::send(m_socket, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    ERR_clear_error();
    m_wanted = 0;
    const int n = SSL_write(m_tls.get(), bytes, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (n > 0)
        return n;
    const ssize_t done = outcome(n);
    if (done == 0)
        errno = EPIPE; // nobody is there to take it
    return -1;
}

bool Wire::isReady(short events, int ms) const
{
    if (m_tls && (events & POLLIN) != 0 && SSL_pending(m_tls.get()) > 0)
        return true;
    pollfd entry { m_socket, m_wanted != 0 ? m_wanted : events, 0 };
    return ::poll(&entry, 1, ms) > 0;
}

}
