#include "core/transport/http_server.h"

#include "core/transport/http_file.h"
#include "core/transport/http_origin.h"
#include "core/transport/patient_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <sys/socket.h>
#include <thread>

namespace percept::transport {

namespace {

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
