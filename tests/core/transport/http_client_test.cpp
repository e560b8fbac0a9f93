#include "core/transport/http_client.h"

#include "core/base/files.h"
#include "core/transport/http_server.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <httplib.h>

namespace percept::transport {
namespace {

class Fetching : public ::testing::Test {
protected:
    Fetching()
    {
        for (int i = 0; i < 300'000; ++i)
            content += static_cast<char>(i * 7 + i / 256);
        EXPECT_TRUE(base::atomicWrite(folder / "served", std::string_view(content)).hasValue());
        m_server.get("/files/([a-z]+)", [this](const HttpRequest& request) {
            return HttpResponse { 200, {}, "application/octet-stream", folder / request.parts.at(0) };
        });
        m_server.get("/status/([0-9]+)", [](const HttpRequest& request) { return httpError(std::stoi(request.parts.at(0)), "no"); });
        m_server.get("/who", [](const HttpRequest& request) { return HttpResponse { 200, request.bearerToken, "text/plain", {} }; });
        m_server.post("/echo", [](const HttpRequest& request) {
            return HttpResponse { 201, std::string(request.body.begin(), request.body.end()), "text/plain", {} };
        });
        m_server.post("/token", [](const HttpRequest& request) { return HttpResponse { 200, request.bearerToken, "text/plain", {} }; });
        m_port = m_server.start({}).value();
    }
    std::string server() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    base::Result<void> fetch(const std::string& path, std::int64_t bytes) { return HttpClient(server(), {}).fetch(path, folder / "target", bytes); }
    std::string fetched() const { return base::readTextFile(folder / "target").value(); }
    httplib::Result askFor(const std::string& range)
    {
        return httplib::Client("127.0.0.1", m_port).Get("/files/served", httplib::Headers { { "Range", range } });
    }
    std::int64_t size() const { return static_cast<std::int64_t>(content.size()); }

    test::TemporaryFolder folder;
    std::string content;
    HttpServer m_server;
    int m_port = 0;
};

TEST_F(Fetching, requestsAndTokens)
{
    HttpClient::Options options;
    options.bearerToken = "s3cret";
    const HttpClient client(server(), options);
    EXPECT_EQ(client.get("/who")->body, "s3cret");
    EXPECT_EQ(HttpClient(server(), {}).get("/who")->body, "");
    EXPECT_EQ(client.get("/nothing")->status, 404);
    const auto answer = client.post("/echo", "hello").value();
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(client.post("/token", "")->body, "s3cret");
    options.maxAnswerBytes = 1000;
    EXPECT_TRUE(HttpClient(server(), options).get("/files/served").hasError());
    EXPECT_EQ(HttpClient(server(), options).post("/echo", std::string(1000, 'x'))->body.size(), 1000u);
    EXPECT_TRUE(HttpClient(server(), options).post("/echo", std::string(1001, 'x')).hasError());
    EXPECT_TRUE(HttpClient("http://127.0.0.1:1", {}).get("/").hasError());
}

TEST_F(Fetching, oneRangeOfAFileIsGiven)
{
    EXPECT_EQ(askFor("bytes=0-9")->body, content.substr(0, 10));
    EXPECT_EQ(askFor("bytes=0-9")->status, 206);
    EXPECT_EQ(askFor("bytes=299990-")->body, content.substr(299'990));
    EXPECT_EQ(askFor("bytes=-5")->body, content.substr(content.size() - 5));
    for (const char* range : { "bytes=300000-", "bytes=5-300000", "bytes=9-5", "bytes=-300001", "bytes=99999999999-", "bytes=0-1,5-6" }) {
        const auto answer = askFor(range);
        ASSERT_TRUE(answer) << range;
        EXPECT_EQ(answer->status, 416) << range;
    }
}

TEST_F(Fetching, goesOnWhereItWasCut)
{
    ASSERT_TRUE(fetch("/files/served", size()).hasValue());
    EXPECT_EQ(fetched(), content);
    for (const std::size_t have : { std::size_t { 0 }, std::size_t { 1 }, std::size_t { 150'000 }, content.size() - 1, content.size() }) {
        ASSERT_TRUE(base::atomicWrite(folder / "target", std::string_view(content).substr(0, have)).hasValue());
        ASSERT_TRUE(fetch("/files/served", size()).hasValue());
        EXPECT_EQ(fetched(), content) << have;
    }
    // What is there is kept, right or not: the bytes are checked by whoever wants them.
    ASSERT_TRUE(base::atomicWrite(folder / "target", std::string_view("XY")).hasValue());
    ASSERT_TRUE(fetch("/files/served", size()).hasValue());
    EXPECT_EQ(fetched(), "XY" + content.substr(2));
    ASSERT_TRUE(base::atomicWrite(folder / "target", std::string_view(content + "too much")).hasValue());
    ASSERT_TRUE(fetch("/files/served", size()).hasValue());
    EXPECT_EQ(fetched(), content);
}

TEST_F(Fetching, anotherSizeThanWasSaidIsRefused)
{
    for (const std::int64_t bytes : { size() - 1, size() + 1, std::int64_t { 1 } }) {
        EXPECT_EQ(fetch("/files/served", bytes).error().code, base::ErrorCode::Refused) << bytes;
        EXPECT_FALSE(std::filesystem::exists(folder / "target"));
    }
}

// Why nothing comes decides what is done about it: who is not let in, or asks for what is not there, does not wait for a better line.
TEST_F(Fetching, aServerThatGivesNothingIsNoConnectionThatEnded)
{
    const std::pair<int, base::ErrorCode> answers[] { { 401, base::ErrorCode::Refused }, { 403, base::ErrorCode::Refused }, { 404, base::ErrorCode::NotFound },
        { 410, base::ErrorCode::NotFound }, { 500, base::ErrorCode::Failed }, { 503, base::ErrorCode::Failed } };
    ASSERT_TRUE(base::atomicWrite(folder / "target", std::string_view("XY")).hasValue());
    for (const auto& [status, code] : answers) {
        const auto none = fetch("/status/" + std::to_string(status), size());
        ASSERT_TRUE(none.hasError()) << status;
        EXPECT_EQ(none.error().code, code) << status;
        EXPECT_NE(none.error().message.find("status " + std::to_string(status)), std::string::npos) << none.error().message;
    }
    EXPECT_EQ(fetched(), "XY") << "what came so far stays";
    EXPECT_EQ(fetch("/files/nothing", size()).error().code, base::ErrorCode::NotFound);
    m_server.stop();
    EXPECT_EQ(fetch("/files/served", size()).error().code, base::ErrorCode::Failed);
}

// More came than the server has now: going on from there can never end.
TEST_F(Fetching, whatIsLongerThanTheFileOfTheServerIsRemoved)
{
    ASSERT_TRUE(base::atomicWrite(folder / "target", std::string_view(content + "more")).hasValue());
    const auto stale = fetch("/files/served", size() + 8);
    ASSERT_TRUE(stale.hasError());
    EXPECT_EQ(stale.error().code, base::ErrorCode::Refused);
    EXPECT_FALSE(std::filesystem::exists(folder / "target"));
}

TEST_F(Fetching, whatCameStaysWhenItIsCancelled)
{
    base::CancelToken cancel;
    std::int64_t last = 0;
    const auto stopped = HttpClient(server(), {}).fetch("/files/served", folder / "target", size(), cancel, [&](const base::Progress& progress) {
        last = progress.done;
        cancel.cancel();
    });
    EXPECT_EQ(stopped.error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(fetched(), content.substr(0, static_cast<std::size_t>(last)));
    EXPECT_GT(last, 0);
    ASSERT_TRUE(fetch("/files/served", size()).hasValue());
    EXPECT_EQ(fetched(), content);
}

TEST_F(Fetching, aLinkInThePlaceOfTheTargetIsNotFollowed)
{
    ASSERT_TRUE(base::atomicWrite(folder / "victim", std::string_view("precious")).hasValue());
    std::filesystem::create_symlink(folder / "victim", folder / "target");
    EXPECT_EQ(fetch("/files/served", size()).error().code, base::ErrorCode::Failed);
    EXPECT_EQ(base::readTextFile(folder / "victim").value(), "precious");
}

}
}
