#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace percept::transport {

struct HttpRequest {
    std::vector<std::uint8_t> body;
    std::string contentType;
    std::map<std::string, std::string> query; // of several with the same name the first
    std::vector<std::string> parts = {};      // what the groups of the route's pattern matched
    std::string bearerToken = {};             // of "Authorization: Bearer TOKEN"
};
struct HttpResponse {
    int status = 200;
    std::string body;
    std::string contentType = "application/json";
    std::filesystem::path file = {}; // instead of body: sent from the disk, whole or the one range that was asked for
};

struct HttpAddress {
    std::string host = "127.0.0.1";
    int port = 0; // 0: any free one
    bool isLoopback() const; // by the numbers of the address or the name "localhost"; other names count as not
};
// "127.0.0.1:8080", "localhost:0", "[::1]:8080"
base::Result<HttpAddress> parseHttpAddress(const std::string& text);

// A small HTTP/1.1 server with limits: body size (413), waiting times, a fixed number of threads. Without TLS it answers only
// requests that name a loopback host and come from no other web site, so that a page in a browser cannot reach it. With TLS
// it can be reached from anywhere: every handler has to ask for a token.
// Routes are regular expressions.
// Handlers run on its threads, several at once.
class HttpServer {
public:
    struct Tls {
        std::filesystem::path certificateFile, keyFile; // PEM
    };
    struct Options {
        std::size_t maxBodyBytes = 64u << 20;
        int threads = 32; // most of them wait for bytes
        std::optional<Tls> tls;
        // For all bytes of a request (and of the handshake before the first), and for them while other connections wait for a thread.
        double requestSeconds = 10, crowdedSeconds = 1;
    };
    using Handler = std::function<HttpResponse(const HttpRequest&)>;

    HttpServer();
    explicit HttpServer(const Options& options);
    ~HttpServer(); // stops
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    void get(const std::string& path, Handler handler);
    void post(const std::string& path, Handler handler);

    // An answer without an end, in pieces: each call gives the next one, within a moment; empty: nothing new yet. It is called
    // until who asked has gone or the server stops, and then destroyed. A thread of the server is taken all the while.
    using Pieces = std::function<std::string()>;
    void stream(const std::string& path, const std::string& contentType, std::function<base::Result<Pieces>()> begin);

    // Binds and serves on a thread of its own; gives the port. Only loopback addresses are taken.
    base::Result<int> start(const HttpAddress& address);
    // Takes no new connections, lets running handlers end, and joins.
    void stop();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// {"ok":false,"error":message}
HttpResponse httpError(int status, const std::string& message);

}
