#include "core/transport/http_client.h"

#include "core/base/files.h"
#include "core/transport/line_pipe.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::transport {

namespace {

std::unique_ptr<httplib::Client> connectionTo(const std::string& server, const HttpClient::Options& options)
{
    auto client = std::make_unique<httplib::Client>(server);
    client->set_connection_timeout(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(options.connectSeconds)));
    client->set_read_timeout(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(options.readSeconds)));
    client->set_write_timeout(std::chrono::seconds(10));
    client->set_follow_location(false);
    client->set_tcp_nodelay(true);
    if (!options.caFile.empty())
        client->set_ca_cert_path(options.caFile.c_str());
    client->enable_server_certificate_verification(options.checksServer);
    if (!options.bearerToken.empty())
        client->set_default_headers({ { "Authorization", "Bearer " + options.bearerToken } });
    return client;
}

base::Error noAnswer(const std::string& server, httplib::Error error)
{
    return base::failed(server + " does not answer: " + httplib::to_string(error) + ".");
}

// Takes an answer's body, up to a limit.
struct Collected {
    std::size_t limit;
    std::string body;
    bool operator()(const char* data, std::size_t length)
    {
        if (length > limit - body.size())
            return false;
        body.append(data, length);
        return true;
    }
};

class PartFile {
public:
    explicit PartFile(const std::filesystem::path& path)
        : m_fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600))
        , m_problem(m_fd < 0 ? errno : 0)
    {
        struct stat info { };
        if (m_fd >= 0 && ::fstat(m_fd, &info) == 0)
            size = info.st_size;
    }
    ~PartFile()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    bool isOpen() const { return m_fd >= 0; }
    bool append(const char* data, std::size_t length)
    {
        if (writeAll(m_fd, std::span(reinterpret_cast<const std::uint8_t*>(data), length)).hasError()) {
            m_problem = errno;
            return false;
        }
        size += static_cast<std::int64_t>(length);
        return true;
    }
    void empty()
    {
        if (::ftruncate(m_fd, 0) == 0)
            size = 0;
    }
    bool sync()
    {
        const bool done = ::fsync(m_fd) == 0;
        m_problem = done ? 0 : errno;
        return done;
    }
    int problem() const { return m_problem; }

    std::int64_t size = 0;

private:
    int m_fd, m_problem;
};

// What a server means that gives no package. Only a status that may pass by itself is worth another try soon.
base::Error notGiven(const std::string& server, const std::string& path, int status)
{
    if (status == 401 || status == 403)
        return base::refused(fmt::format("{} does not know this device any more, so that it gives it no package (status {}). Enrol the device anew.", server, status));
    if (status == 404 || status == 410)
        return base::notFound(fmt::format("{} has no {} (status {}). Deploy the package again.", server, path, status));
    return base::failed(fmt::format("{} does not give the package: status {}.", server, status));
}

}

HttpClient::HttpClient(std::string server, Options options)
    : m_server(std::move(server))
    , m_options(std::move(options))
{
}

base::Result<HttpAnswer> HttpClient::get(const std::string& path) const
{
    Collected collected { m_options.maxAnswerBytes, {} };
    const auto client = connectionTo(m_server, m_options);
    const auto answer = client->Get(path.c_str(), [&](const char* data, std::size_t length) { return collected(data, length); });
    if (!answer)
        return noAnswer(m_server, answer.error());
    return HttpAnswer { answer->status, std::move(collected.body) };
}

base::Result<HttpAnswer> HttpClient::post(const std::string& path, std::string_view body, const std::string& contentType) const
{
    Collected collected { m_options.maxAnswerBytes, {} };
    const auto client = connectionTo(m_server, m_options);
    httplib::Request request; // httplib has no Post() that takes the answer in pieces
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.headers.emplace("Content-Type", contentType);
    request.content_receiver = [&](const char* data, std::size_t length, std::uint64_t, std::uint64_t) { return collected(data, length); };
    const auto answer = client->send(request);
    if (!answer)
        return noAnswer(m_server, answer.error());
    return HttpAnswer { answer->status, std::move(collected.body) };
}

base::Result<void> HttpClient::fetch(const std::string& path, const std::filesystem::path& target, std::int64_t bytes,
    const base::CancelToken& cancel, const base::ProgressFn& progress) const
{
    PartFile part(target);
    if (!part.isOpen())
        return base::failed(target.string() + " cannot be written: " + base::describeErrno(part.problem()) + ".");
    if (part.size > bytes)
        part.empty();
    if (part.size == bytes)
        return {};
    bool otherSize = false;
    int status = 0; // kept here: an answer whose header was not taken is none for httplib
    const auto onHeader = [&](const httplib::Response& response) {
        status = response.status;
        if (status == 200)
            part.empty(); // a server that knows no ranges begins anew
        const auto length = static_cast<std::int64_t>(response.get_header_value<std::uint64_t>("Content-Length"));
        otherSize = (status == 200 || status == 206) && part.size + length != bytes;
        return !otherSize && (status == 200 || status == 206);
    };
    const auto onPiece = [&](const char* data, std::size_t length) {
        if (part.size + static_cast<std::int64_t>(length) > bytes || !part.append(data, length))
            return false;
        if (progress)
            progress({ part.size, bytes, "Fetching the package" });
        return !cancel.isCancelled();
    };
    const auto client = connectionTo(m_server, m_options);
    const httplib::Headers headers { httplib::make_range_header({ { part.size, -1 } }) };
    (void)client->Get(path.c_str(), headers, onHeader, onPiece);
    if (cancel.isCancelled())
        return base::cancelled();
    if (otherSize || status == 416) { // what is there is longer than what the server has: nothing can go on from it
        std::error_code ignored;
        std::filesystem::remove(target, ignored);
        return base::refused("What " + m_server + path + " holds has another size than was said.");
    }
    if (part.problem() != 0 || (part.size == bytes && !part.sync()))
        return base::failed(target.string() + " cannot be written: " + base::describeErrno(part.problem()) + ".");
    if (part.size == bytes)
        return {};
    if (status != 0 && status != 206 && status != 200)
        return notGiven(m_server, path, status);
    return base::failed("The connection to " + m_server + " ended before the package was complete.");
}

}
