#include "core/transport/http_server.h"

#include "core/transport/patient_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace percept::transport {

namespace {

bool isLoopbackHost(std::string_view host)
{
    in_addr v4 { };
    in6_addr v6 { };
    const std::string text(host);
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return text == "localhost";
}

// "host:port", "host", "[v6]:port"; empty when it is neither.
std::pair<std::string, std::string> splitHostPort(std::string_view text)
{
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos)
            return {};
        const std::string_view rest = text.substr(end + 1);
        if (!rest.empty() && rest[0] != ':')
            return {};
        return { std::string(text.substr(1, end - 1)), std::string(rest.empty() ? rest : rest.substr(1)) };
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return { std::string(text), {} };
    return { std::string(text.substr(0, colon)), std::string(text.substr(colon + 1)) };
}

// Pictures and frames that a page of another site includes carry no Origin; browsers of today say so in these headers. A link
// may be followed.
bool isPartOfAnotherSite(const httplib::Request& request)
{
    const bool isFollowed = request.method == "GET" && request.get_header_value("Sec-Fetch-Mode") == "navigate"
        && request.get_header_value("Sec-Fetch-Dest") == "document";
    return request.get_header_value("Sec-Fetch-Site") == "cross-site" && !isFollowed;
}

// A page of any web site can make a browser send requests to this machine (also by a name that it lets resolve to
// 127.0.0.1). Those carry the site's name in Host or in Origin.
bool comesFromThisMachine(const httplib::Request& request)
{
    if (!isLoopbackHost(splitHostPort(request.get_header_value("Host")).first))
        return false;
    if (isPartOfAnotherSite(request))
        return false;
    if (!request.has_header("Origin"))
        return true;
    std::string_view origin;
    const std::string value = request.get_header_value("Origin");
    origin = value;
    if (!origin.starts_with("http://"))
        return false;
    return isLoopbackHost(splitHostPort(origin.substr(7)).first);
}

HttpRequest ownRequest(const httplib::Request& request)
{
    HttpRequest own;
    own.contentType = request.get_header_value("Content-Type");
    own.query = { request.params.begin(), request.params.end() };
    for (std::size_t i = 1; i < request.matches.size(); ++i)
        own.parts.push_back(request.matches[i]);
    if (const std::string value = request.get_header_value("Authorization"); value.starts_with("Bearer "))
        own.bearerToken = value.substr(7);
    return own;
}

void send(const HttpResponse& from, httplib::Response& to)
{
    to.status = from.status;
    to.set_content(from.body, from.contentType);
}

// One open file for all pieces of an answer: what is sent does not change when the name is given to another file meanwhile.
struct OpenFile {
    explicit OpenFile(const std::filesystem::path& path)
        : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))
    {
        struct stat info { };
        size = fd >= 0 && ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
    }
    ~OpenFile()
    {
        if (fd >= 0)
            ::close(fd);
    }
    int fd;
    std::size_t size = 0;
};

bool sendPiece(const OpenFile& file, std::size_t offset, std::size_t length, httplib::DataSink& sink)
{
    char block[1 << 16];
    const ssize_t n = ::pread(file.fd, block, std::min(length, sizeof(block)), static_cast<off_t>(offset));
    return n > 0 && sink.write(block, static_cast<std::size_t>(n));
}

// httplib cuts the range out by itself, but does not look whether it lies inside.
bool isPossible(const httplib::Ranges& ranges, std::size_t size)
{
    const auto most = static_cast<ssize_t>(size);
    return ranges.empty()
        || (ranges.size() == 1 && (ranges[0].first >= 0 ? ranges[0].first < most : ranges[0].second > 0 && ranges[0].second <= most)
            && (ranges[0].first < 0 || ranges[0].second < 0 || (ranges[0].second >= ranges[0].first && ranges[0].second < most)));
}

void sendFile(const httplib::Request& request, const HttpResponse& from, httplib::Response& to)
{
    const auto file = std::make_shared<OpenFile>(from.file);
    if (file->size == 0)
        return send(httpError(404, "There is nothing at this address."), to);
    if (!isPossible(request.ranges, file->size))
        return send(httpError(416, "There is no such part of the file."), to);
    to.set_header("Accept-Ranges", "bytes");
    to.set_content_provider(file->size, from.contentType,
        [file](std::size_t offset, std::size_t length, httplib::DataSink& sink) { return sendPiece(*file, offset, length, sink); });
}

}

bool HttpAddress::isLoopback() const { return isLoopbackHost(host); }

base::Result<HttpAddress> parseHttpAddress(const std::string& text)
{
    const auto [host, port] = splitHostPort(text);
    HttpAddress address { host, -1 };
    const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (host.empty() || read.ec != std::errc() || read.ptr != port.data() + port.size() || address.port < 0
        || address.port > 65535)
        return base::usage(fmt::format("\"{}\" is not HOST:PORT, for example 127.0.0.1:8080.", text));
    return address;
}

HttpResponse httpError(int status, const std::string& message)
{
    return { status, nlohmann::json { { "ok", false }, { "error", message } }.dump(-1, ' ', false,
                         nlohmann::json::error_handler_t::replace) + "\n", "application/json" };
}

struct HttpServer::State {
    struct Route { std::regex path; const char* methods; };
    Options options;
    std::unique_ptr<PatientServer> server;
    std::vector<Route> routes; // once more, because httplib does not tell that another method would do
    std::thread thread;

    void sendNothingHere(const httplib::Request& request, httplib::Response& response) const
    {
        std::string methods;
        for (const Route& route : routes)
            if (std::regex_match(request.path, route.path) && methods.find(route.methods) == std::string::npos)
                methods += (methods.empty() ? "" : ", ") + std::string(route.methods);
        if (methods.empty())
            return send(httpError(404, "There is nothing at this address."), response);
        response.set_header("Allow", methods);
        send(httpError(405, "This address takes " + methods + " only."), response);
    }

    // The body in pieces, counted as they come: httplib's own limit does not hold for chunked and compressed bodies.
    void answerPost(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& read,
        const Handler& handler) const
    {
        if (request.is_multipart_form_data())
            return refuseForm(response, read);
        HttpRequest own = ownRequest(request);
        bool tooLarge = false;
        const bool complete = read([&](const char* data, std::size_t length) {
            tooLarge = length > options.maxBodyBytes - own.body.size();
            if (!tooLarge)
                own.body.insert(own.body.end(), data, data + length);
            return !tooLarge;
        });
        if (tooLarge || response.status == 413)
            return sendTooLarge(response);
        if (!complete)
            return send(httpError(400, "The request's body could not be read."), response);
        send(handler(own), response);
    }
    // Read to its end, so that the connection can be used on.
    static void refuseForm(httplib::Response& response, const httplib::ContentReader& read)
    {
        read([](const httplib::MultipartFormData&) { return true; }, [](const char*, std::size_t) { return true; });
        send(httpError(415, "The body must be the file itself, not a form."), response);
    }
    void sendTooLarge(httplib::Response& response) const
    {
        response.set_header("Connection", "close");
        send(httpError(413, fmt::format("The request is over the limit of {} MiB.", options.maxBodyBytes >> 20)), response);
    }
};

HttpServer::HttpServer()
    : HttpServer(Options())
{
}

HttpServer::HttpServer(const Options& options)
    : m_state(std::make_unique<State>())
{
    m_state->options = options;
    std::optional<TlsContext> tls;
    if (options.tls)
        tls = makeTlsContext(options.tls->certificateFile, options.tls->keyFile);
    m_state->server = std::make_unique<PatientServer>(
        PatientServer::Patience { options.requestSeconds, options.crowdedSeconds }, options.threads, std::move(tls));
    auto& server = *m_state->server;
    server.set_payload_max_length(options.maxBodyBytes);
    server.set_read_timeout(10);
    server.set_write_timeout(10);
    server.set_keep_alive_max_count(1000);
    server.set_keep_alive_timeout(2);
    server.set_tcp_nodelay(true);
    // Not httplib's SO_REUSEPORT, with which two programs share a port and each gets half of the requests.
    server.set_socket_options([](int socket) {
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    server.set_pre_routing_handler([isOpen = options.tls.has_value()](const httplib::Request& request, httplib::Response& response) {
        if (isOpen || comesFromThisMachine(request))
            return httplib::Server::HandlerResponse::Unhandled;
        response.set_header("Connection", "close");
        send(httpError(403, "Only programs on this machine are answered."), response);
        return httplib::Server::HandlerResponse::Handled;
    });
    server.set_exception_handler([](const auto&, httplib::Response& response, std::exception_ptr) {
        send(httpError(500, "The request could not be answered."), response);
    });
    server.set_error_handler([state = m_state.get()](const httplib::Request& request, httplib::Response& response) {
        if (!response.body.empty())
            return;
        if (response.status == 413)
            return state->sendTooLarge(response);
        if (response.status == 404)
            return state->sendNothingHere(request, response);
        send(httpError(response.status, "The request could not be answered."), response);
    });
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::get(const std::string& path, Handler handler)
{
    m_state->routes.push_back({ std::regex(path), "GET, HEAD" });
    m_state->server->Get(path, [handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
        const HttpResponse own = handler(ownRequest(request));
        if (own.file.empty())
            send(own, response);
        else
            sendFile(request, own, response);
    });
}

void HttpServer::post(const std::string& path, Handler handler)
{
    m_state->routes.push_back({ std::regex(path), "POST" });
    m_state->server->Post(path,
        [state = m_state.get(), handler = std::move(handler)](const httplib::Request& request, httplib::Response& response,
            const httplib::ContentReader& read) { state->answerPost(request, response, read, handler); });
}

void HttpServer::stream(const std::string& path, const std::string& contentType, std::function<base::Result<Pieces>()> begin)
{
    m_state->routes.push_back({ std::regex(path), "GET" });
    m_state->server->Get(path, [contentType, begin = std::move(begin)](const httplib::Request&, httplib::Response& response) {
        auto pieces = begin();
        if (pieces.hasError())
            return send(httpError(503, pieces.error().message), response);
        response.set_header("Cache-Control", "no-store");
        response.set_content_provider(contentType, [next = std::move(pieces).value()](std::size_t, httplib::DataSink& sink) {
            const std::string piece = next();
            return piece.empty() || sink.write(piece.data(), piece.size());
        });
    });
}

base::Result<int> HttpServer::start(const HttpAddress& address)
{
    if (!m_state->options.tls && !address.isLoopback())
        return base::usage(fmt::format("{} can be reached from other machines, which needs TLS and a token; here is neither. "
                                       "Use 127.0.0.1.", address.host));
    auto& server = *m_state->server;
    if (!server.is_valid())
        return base::failed("The certificate of the server cannot be used.");
    const int port = address.port == 0 ? server.bind_to_any_port(address.host)
                                       : (server.bind_to_port(address.host, address.port) ? address.port : -1);
    if (port <= 0)
        return base::failed(fmt::format("Port {} of {} cannot be used: another program has it, or the address does not exist.",
            address.port, address.host));
    server.letManyWait();
    m_state->thread = std::thread([&server] { server.listen_after_bind(); });
    while (!server.is_running()) // bound and listening since bind; this waits for the loop, so that stop() finds it
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return port;
}

void HttpServer::stop()
{
    if (!m_state->thread.joinable())
        return;
    m_state->server->stop();
    m_state->thread.join();
}

}
