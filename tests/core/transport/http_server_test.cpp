#include "core/transport/http_server.h"

#include "tests/core/transport/drip.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

namespace percept::transport {
namespace {

TEST(HttpAddress, isHostAndPort)
{
    EXPECT_EQ(parseHttpAddress("127.0.0.1:8080").value().port, 8080);
    EXPECT_EQ(parseHttpAddress("[::1]:0").value().host, "::1");
    for (const char* text : { "", ":", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1:8x",
             "[::1", "[::1]8080", ":8080", "::1:8080" })
        EXPECT_EQ(parseHttpAddress(text).error().code, base::ErrorCode::Usage) << text;
}

TEST(HttpAddress, knowsWhatOthersReach)
{
    for (const char* host : { "127.0.0.1", "127.5.6.7", "::1", "localhost" })
        EXPECT_TRUE((HttpAddress { host, 0 }.isLoopback())) << host;
    for (const char* host : { "0.0.0.0", "::", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "", "::ffff:127.0.0.1" })
        EXPECT_FALSE((HttpAddress { host, 0 }.isLoopback())) << host;
}

class Server : public ::testing::Test {
protected:
    Server()
        : m_server(HttpServer::Options { .maxBodyBytes = 1000, .threads = 2, .tls = {}, .requestSeconds = 1, .crowdedSeconds = 0.2 })
    {
        m_server.post("/size", [](const HttpRequest& request) { return HttpResponse { 200, std::to_string(request.body.size()), "text/plain" }; });
        m_server.post("/throw", [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("oh"); });
        m_server.get("/health", [](const HttpRequest&) { return HttpResponse { 200, "well", "text/plain" }; });
        m_port = m_server.start({}).value();
    }
    HttpServer m_server;
    int m_port = 0;
};

TEST_F(Server, takesBodiesUpToTheLimitAndNotBeyond)
{
    httplib::Client client("127.0.0.1", m_port);
    EXPECT_EQ(client.Post("/size", std::string(1000, 'x'), "a/b")->body, "1000");
    const auto response = client.Post("/size", std::string(1001, 'x'), "a/b");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 413);
    EXPECT_GT(nlohmann::json::parse(response->body).value("error", "").size(), 10u);
}

// How many connections may wait to be accepted at this port of our own; 0: nobody listens there.
unsigned backlogOf(int port)
{
    for (int fd = 3; fd < 1024; ++fd) {
        sockaddr_in address {};
        tcp_info info {};
        int listens = 0;
        socklen_t size = sizeof(address), infoSize = sizeof(info), flagSize = sizeof(listens);
        if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &flagSize) == 0 && listens
            && ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 && ntohs(address.sin_port) == port
            && ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &infoSize) == 0)
            return info.tcpi_sacked; // of a socket that listens it is that
    }
    return 0;
}

// A fleet comes for its package all at once.
TEST_F(Server, letsManyConnectionsWait) { EXPECT_GE(backlogOf(m_port), 128u); }

// 5 MB of zeros are 5 kB when compressed: the limit counts what comes out.
TEST_F(Server, countsWhatACompressedBodyBecomes)
{
    httplib::Client client("127.0.0.1", m_port);
    client.set_compress(true);
    const auto response = client.Post("/size", std::string(5'000'000, '0'), "text/plain");
    if (response) {
        EXPECT_EQ(response->status, 413);
    }
    httplib::Client after("127.0.0.1", m_port);
    EXPECT_EQ(after.Post("/size", "abc", "text/plain")->body, "3");
}

TEST_F(Server, aConnectionThatDripsIsCut)
{
    for (const char* beginning : { "GET /hea", "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n" }) {
        const test::Drip drip(m_port, 1, beginning);
        EXPECT_TRUE(drip.isCutWithin(10'000)) << beginning;
    }
}

TEST_F(Server, answersBesideConnectionsThatDrip)
{
    const test::Drip bodies(m_port, 10, "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n");
    const test::Drip lines(m_port, 10, "GET /hea");
    httplib::Client client("127.0.0.1", m_port);
    client.set_read_timeout(20);
    const auto response = client.Get("/health");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "well");
}

TEST_F(Server, aFormIsRefusedWithASentence)
{
    httplib::Client client("127.0.0.1", m_port);
    const auto response = client.Post("/size", httplib::MultipartFormDataItems { { "file", "abc", "a.jpg", "image/jpeg" } });
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 415);
    EXPECT_NE(response->body.find("not a form"), std::string::npos);
    EXPECT_EQ(client.Post("/size", "abc", "a/b")->body, "3");
}

TEST_F(Server, aHandlerThatThrowsIsAnAnswer)
{
    httplib::Client client("127.0.0.1", m_port);
    EXPECT_EQ(client.Post("/throw", "x", "a/b")->status, 500);
    EXPECT_EQ(client.Get("/none")->status, 404);
}

TEST_F(Server, aWrongMethodIsNamed)
{
    httplib::Client client("127.0.0.1", m_port);
    const auto posted = client.Post("/health", "x", "a/b");
    ASSERT_TRUE(posted);
    EXPECT_EQ(posted->status, 405);
    EXPECT_EQ(posted->get_header_value("Allow"), "GET, HEAD");
    EXPECT_NE(posted->body.find("GET, HEAD"), std::string::npos) << posted->body;
    EXPECT_EQ(client.Get("/size")->status, 405);
    EXPECT_EQ(client.Get("/size")->get_header_value("Allow"), "POST");
    EXPECT_EQ(client.Delete("/health")->status, 405);
    EXPECT_EQ(client.Put("/size", "x", "a/b")->status, 405);
    EXPECT_EQ(client.Delete("/none")->status, 404);
}

TEST_F(Server, aPortIsOneProgramsAlone)
{
    HttpServer second;
    const auto started = second.start({ "127.0.0.1", m_port });
    ASSERT_TRUE(started.hasError());
    EXPECT_EQ(started.error().code, base::ErrorCode::Failed);
}

TEST(HttpServer, refusesToListenBeyondThisMachine)
{
    HttpServer server;
    EXPECT_EQ(server.start({ "0.0.0.0", 0 }).error().code, base::ErrorCode::Usage);
}

}
}
