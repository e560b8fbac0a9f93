// The HTTP server that strangers reach: peers who dawdle, before and after the handshake of TLS.
#include "core/base/files.h"
#include "core/fleet/authority.h"
#include "core/transport/http_client.h"
#include "core/transport/http_server.h"
#include "tests/core/transport/drip.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace percept::fleet {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;

// The first bytes of a record of 512: what a client says first.
const std::string kBeginningOfHello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

class TlsServer : public ::testing::Test {
protected:
    TlsServer()
    {
        const auto authority = Authority::make("fleet").value();
        const auto issued = authority.issueServer({ "127.0.0.1" }).value();
        put("ca.crt", authority.certificate());
        put("server.crt", issued.certificate);
        put("server.key", issued.key);
        server = std::make_unique<transport::HttpServer>(transport::HttpServer::Options { .maxBodyBytes = 1 << 20,
            .threads = 2,
            .tls = transport::HttpServer::Tls { folder / "server.crt", folder / "server.key" },
            .requestSeconds = 3,
            .crowdedSeconds = 0.5 });
        server->post("/size", [](const HttpRequest& request) { return HttpResponse { 200, std::to_string(request.body.size()), "text/plain" }; });
        server->get("/file", [this](const HttpRequest&) { return HttpResponse { 200, {}, "text/plain", folder / "large" }; });
        port = server->start({}).value();
    }
    void put(const std::string& name, std::string_view text) { EXPECT_TRUE(base::atomicWrite(folder / name, text).hasValue()); }
    transport::HttpClient client() const
    {
        transport::HttpClient::Options options;
        options.caFile = folder / "ca.crt";
        return transport::HttpClient("https://127.0.0.1:" + std::to_string(port), options);
    }
    test::TemporaryFolder folder;
    std::unique_ptr<transport::HttpServer> server;
    int port = 0;
};

TEST_F(TlsServer, takesAndGivesMuch)
{
    EXPECT_EQ(client().post("/size", std::string(1 << 20, 'x'))->body, "1048576");
    std::string large(8 << 20, 'y');
    for (std::size_t i = 0; i < large.size(); i += 1001)
        large[i] = static_cast<char>('a' + i % 26);
    put("large", large);
    ASSERT_TRUE(client().fetch("/file", folder / "copy", static_cast<std::int64_t>(large.size())).hasValue());
    EXPECT_TRUE(base::readTextFile(folder / "copy").value() == large);
}

TEST_F(TlsServer, aHandshakeThatDripsIsCut)
{
    const test::Drip drip(port, 1, kBeginningOfHello);
    EXPECT_TRUE(drip.isCutWithin(10'000));
}

TEST_F(TlsServer, answersBesideHandshakesThatDrip)
{
    const test::Drip drip(port, 10, kBeginningOfHello);
    const auto answer = client().post("/size", "abc");
    ASSERT_TRUE(answer.hasValue()) << answer.error().message;
    EXPECT_EQ(answer->body, "3");
}

TEST_F(TlsServer, doesNotBeginWithoutItsKey)
{
    put("server.key", "nonsense");
    transport::HttpServer second(transport::HttpServer::Options {
        .tls = transport::HttpServer::Tls { folder / "server.crt", folder / "server.key" } });
    EXPECT_EQ(second.start({}).error().message, "The certificate of the server cannot be used.");
}

}
}
