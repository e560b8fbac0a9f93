#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <openssl/ssl.h>
#include <sys/types.h>

namespace percept::transport {

// What a TLS server shows its peers; null when certificate or key cannot be used.
struct FreeTlsContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;
TlsContext makeTlsContext(const std::filesystem::path& certificateFile, const std::filesystem::path& keyFile);

// The server's end of a connection, with TLS or without. Nothing here waits but isReady(): the deadlines are the caller's.
class Wire {
public:
    // `context` null: without TLS. The socket stays the caller's.
    Wire(int socket, SSL_CTX* context);
    ~Wire(); // says goodbye
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // The handshake; false when the peer does it wrong, goes, or `mayWait` says no.
    bool greet(const std::function<bool()>& mayWait);
    // Bytes; 0: the peer has ended; -1 with errno, EAGAIN when there is nothing to do yet.
    ssize_t receive(char* target, std::size_t size);
    ssize_t send(const char* bytes, std::size_t size);
    // Whether one of them could go on (POLLIN, POLLOUT); waits so long for it.
    bool isReady(short events, int ms) const;

private:
    struct FreeTls {
        void operator()(SSL* tls) const { SSL_free(tls); }
    };
    ssize_t outcome(int result);

    const int m_socket;
    std::unique_ptr<SSL, FreeTls> m_tls;
    short m_wanted = 0; // what TLS waits for beside what was asked: it may have to write in order to read
    bool m_isBroken = false;
};

}
