#include "core/transport/http_origin.h"

#include "core/transport/http_server.h"

#include <arpa/inet.h>
#include <charconv>
#include <fmt/format.h>
#include <httplib.h>

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

}

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

}
