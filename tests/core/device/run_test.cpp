#include "core/base/files.h"
#include "core/base/time.h"
#include "core/media/picture.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <httplib.h>
#include <thread>

// percept-edge run, as a service on loopback.
namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Run : public ::testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(makeTestPackage(m_folder / "a.ppkg").hasValue());
        m_png = media::encodePng(testPicture(192, 128, { { 32, 32, 16, 0 }, { 112, 64, 16, 1 } })).value();
        writePicture("a.png");
    }
    void writePicture(const fs::path& name)
    {
        fs::create_directories((m_folder / name).parent_path());
        ASSERT_TRUE(base::atomicWrite(m_folder / name, std::span<const std::uint8_t>(m_png)).hasValue());
    }
    std::vector<std::string> arguments(const std::vector<std::string>& more) const
    {
        std::vector<std::string> list { "run", "--threads", "1", "--state", (m_folder / "state").string(), "--package", (m_folder / "a.ppkg").string() };
        list.insert(list.end(), more.begin(), more.end());
        return list;
    }
    // An HTTP client of a service that is up.
    httplib::Client client()
    {
        const json state = waitForState(m_folder / "state");
        const std::string url = state["url"];
        m_port = std::stoi(url.substr(url.rfind(':') + 1));
        httplib::Client client("127.0.0.1", m_port);
        client.set_read_timeout(30);
        return client;
    }
    httplib::Result post(httplib::Client& client, const std::string& path = "/predict")
    {
        return client.Post(path, std::string(m_png.begin(), m_png.end()), "image/png");
    }
    std::vector<json> results() const
    {
        std::ifstream file(m_folder / "state/results.jsonl");
        std::vector<json> lines;
        for (std::string line; std::getline(file, line);)
            if (json value = json::parse(line, nullptr, false); !value.is_discarded()) // torn ones are part of a test
                lines.push_back(std::move(value));
        return lines;
    }
    template <typename Condition>
    static bool waitUntil(Condition condition, double seconds = 20)
    {
        const double deadline = base::monotonicSeconds() + seconds;
        while (!condition()) {
            if (base::monotonicSeconds() > deadline)
                return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return true;
    }
    static json withoutTime(json answer)
    {
        for (const char* key : { "id", "ok", "ms", "file" })
            answer.erase(key);
        return answer;
    }

    TemporaryFolder m_folder;
    std::vector<std::uint8_t> m_png;
    int m_port = 0;
};

// On a disk that takes nothing more, or nothing at all.
class RunOnABadDisk : public Run {
protected:
    void SetUp() override
    {
        Run::SetUp();
        m_disk.emplace(m_folder / "state", 4096);
        if (!m_disk->isMounted())
            GTEST_SKIP() << "only root can have a small disk";
    }
    // Answers of one that is started on that disk, with a folder beside.
    void expectAnswers()
    {
        EdgeProcess edge(arguments({ "--http", "127.0.0.1:0", "--source", "folder:" + (m_folder / "in").string() }));
        std::string said;
        const auto hasAddress = [&] {
            said = edge.errors();
            const auto at = said.find("answers at http://127.0.0.1:");
            return at != std::string::npos && said.find('\n', at) != std::string::npos;
        };
        ASSERT_TRUE(waitUntil(hasAddress, 60)) << said;
        httplib::Client client("127.0.0.1", std::stoi(said.substr(said.find("answers at http://127.0.0.1:") + 28)));
        client.set_read_timeout(30);
        const auto answer = post(client);
        ASSERT_TRUE(answer) << said;
        EXPECT_EQ(answer->status, 200) << said;
        edge.signal(SIGTERM);
        EXPECT_EQ(edge.wait(), 0) << said << edge.errors();
    }
    std::optional<SmallDisk> m_disk;
};

TEST_F(RunOnABadDisk, comesBackAfterARestart)
{
    writePicture("in/a.png");
    expectAnswers();
    m_disk->fill();
    expectAnswers();
    m_disk->setReadOnly(true);
    expectAnswers();
    m_disk->setReadOnly(false);
}

TEST_F(Run, answersOverHttpWhatItAnswersOnStdio)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0", "--stdio" }));
    auto http = client();
    const auto response = post(http);
    ASSERT_TRUE(response) << edge.errors();
    ASSERT_EQ(response->status, 200) << response->body;
    const json overHttp = json::parse(response->body);
    EXPECT_EQ(overHttp["predictions"].size(), 2u);
    EXPECT_FALSE(overHttp.contains("id"));
    const json overStdio = edge.ask({ { "id", "x" }, { "type", "predict" }, { "file", (m_folder / "a.png").string() } });
    EXPECT_EQ(overStdio["id"], "x");
    EXPECT_EQ(withoutTime(overHttp), withoutTime(overStdio));
    const auto low = post(http, "/predict?minScore=0.001");
    const json lowStdio = edge.ask({ { "id", 1 }, { "type", "predict" }, { "file", (m_folder / "a.png").string() }, { "minScore", 0.001 } });
    EXPECT_EQ(withoutTime(json::parse(low->body)), withoutTime(lowStdio));
    EXPECT_EQ(edge.ask({ { "id", 2 }, { "type", "golden" } }).value("ok", false), true);
    EXPECT_EQ(edge.ask({ { "id", 3 }, { "type", "load" }, { "package", "/x" } }).value("ok", true), false);
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(), 0) << edge.errors();
}

TEST_F(Run, tellsHealthModelAndCounts)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0", "--json" }));
    auto http = client();
    ASSERT_EQ(post(http)->status, 200);
    ASSERT_EQ(http.Post("/predict", "not a picture", "image/png")->status, 422);
    EXPECT_EQ(json::parse(http.Get("/healthz")->body)["ok"], true);
    EXPECT_EQ(json::parse(http.Get("/model")->body)["version"], "1.0");
    const std::string metrics = http.Get("/metrics")->body;
    for (const char* line : { "\npercept_predictions_total 1\n", "\npercept_errors_total 1\n", "\npercept_restarts_total 0\n",
             "\npercept_predict_seconds_count 1\n", "percept_predict_seconds_bucket{le=\"+Inf\"} 1\n", "version=\"1.0\"" })
        EXPECT_NE(metrics.find(line), std::string::npos) << line << "\n" << metrics;
    EXPECT_EQ(http.Get("/other")->status, 404);
    EXPECT_EQ(http.Get("/predict")->status, 405);
    EXPECT_EQ(http.Post("/model", "x", "a/b")->status, 405);
    edge.signal(SIGINT);
    EXPECT_EQ(edge.wait(), 0);
    const json summary = json::parse(edge.readLine().value_or("{}"));
    EXPECT_EQ(summary.value("predictions", 0), 1);
    EXPECT_EQ(summary.value("errors", 0), 1);
}

TEST_F(Run, badRequestsGetSentences)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    auto http = client();
    const std::string half(m_png.begin(), m_png.begin() + static_cast<std::ptrdiff_t>(m_png.size() / 2));
    for (const std::string& body : { std::string("<html>"), half, std::string(1, '\0') }) {
        const auto response = http.Post("/predict", body, "image/jpeg");
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 422);
        EXPECT_GT(json::parse(response->body).value("error", "").size(), 15u);
    }
    EXPECT_EQ(http.Post("/predict", "", "image/png")->status, 400);
    EXPECT_EQ(post(http, "/predict?minScore=x")->status, 400);
    EXPECT_EQ(post(http, "/predict?minScore=nan")->status, 400);
    EXPECT_EQ(post(http)->status, 200);
}

TEST_F(Run, refusesABodyOf300MegabytesAndGoesOn)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    auto http = client();
    const auto known = http.Post("/predict", std::string(300u << 20, 'x'), "image/jpeg");
    if (known) { // the answer may be lost when the server closes while the client still sends
        EXPECT_EQ(known->status, 413);
    }
    std::size_t sent = 0;
    auto again = client();
    const auto chunked = again.Post("/predict", [&](std::size_t, httplib::DataSink& sink) {
        const std::string block(1 << 20, 'x');
        sent += block.size();
        if (sent > (300u << 20))
            sink.done();
        return sink.write(block.data(), block.size());
    }, "image/jpeg");
    if (chunked) {
        EXPECT_EQ(chunked->status, 413);
    }
    auto third = client();
    EXPECT_EQ(post(third)->status, 200);
    std::ifstream status("/proc/" + std::to_string(edge.pid()) + "/status");
    std::string line;
    long peakKib = 0;
    while (std::getline(status, line))
        if (line.starts_with("VmHWM:"))
            peakKib = std::stol(line.substr(6));
    EXPECT_LT(peakKib, 250 * 1024); // it did not hold what it refused
}

TEST_F(Run, aPageInABrowserCannotReachIt)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    auto http = client();
    const std::string body(m_png.begin(), m_png.end());
    EXPECT_EQ(http.Post("/predict", { { "Origin", "https://evil.example" } }, body, "text/plain")->status, 403);
    EXPECT_EQ(http.Get("/model", { { "Host", "evil.example" } })->status, 403);
    EXPECT_EQ(http.Get("/model", { { "Host", "127.0.0.1.evil.example:80" } })->status, 403);
    EXPECT_EQ(http.Get("/model", { { "Host", "localhost:" + std::to_string(m_port) } })->status, 200);
}

TEST_F(Run, answersAgainAfterItsChildWasKilled)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    auto http = client();
    ASSERT_EQ(post(http)->status, 200);
    for (int round = 0; round < 2; ++round) {
        const auto children = childrenOf(edge.pid());
        ASSERT_EQ(children.size(), 1u);
        ::kill(children[0], SIGKILL);
        const double killed = base::monotonicSeconds();
        ASSERT_TRUE(waitUntil([&] {
            const auto response = post(http);
            return response && response->status == 200;
        }, 5));
        std::printf("answers again %.2f s after the kill\n", base::monotonicSeconds() - killed);
    }
    EXPECT_NE(http.Get("/metrics")->body.find("\npercept_restarts_total 2\n"), std::string::npos);
    // The package may have gone meanwhile: what was verified lies in the state folder.
    fs::remove(m_folder / "a.ppkg");
    ::kill(childrenOf(edge.pid()).at(0), SIGKILL);
    EXPECT_TRUE(waitUntil([&] {
        const auto response = post(http);
        return response && response->status == 200;
    }, 5));
}

TEST_F(Run, givesUpWithASentenceWhenItsChildDiesAgainAndAgain)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    client();
    int kills = 0;
    ASSERT_TRUE(waitUntil([&] {
        if (edge.wait(0) >= 0)
            return true;
        for (const int child : childrenOf(edge.pid()))
            kills += ::kill(child, SIGKILL) == 0;
        return false;
    }, 60));
    EXPECT_EQ(edge.wait(0), 1);
    EXPECT_GE(kills, 4);
    EXPECT_NE(edge.errors().find("gives up"), std::string::npos) << edge.errors();
}

TEST_F(Run, noChildOutlivesAKilledSupervisor)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    client();
    const auto children = childrenOf(edge.pid());
    ASSERT_EQ(children.size(), 1u);
    edge.signal(SIGKILL);
    edge.wait();
    EXPECT_TRUE(waitUntil([&] { // a zombie counts as gone: nobody here reaps it
        std::ifstream stat("/proc/" + std::to_string(children[0]) + "/stat");
        std::string pid, name, state;
        return !(stat >> pid >> name >> state) || state == "Z";
    }, 5));
}

TEST_F(Run, watchesAFolderAndRepeatsNothingAfterARestart)
{
    writePicture("in/a.png");
    ASSERT_TRUE(base::atomicWrite(m_folder / "in/b.jpg", std::string_view("<html>")).hasValue());
    {
        EdgeProcess edge(arguments({ "--source", "folder:" + (m_folder / "in").string() }));
        ASSERT_TRUE(waitUntil([&] { return results().size() == 2; }));
        writePicture("in/c.png");
        ASSERT_TRUE(waitUntil([&] { return results().size() == 3; }));
        edge.signal(SIGTERM);
        EXPECT_EQ(edge.wait(), 0);
    }
    EXPECT_EQ(results()[0]["predictions"].size(), 2u);
    EXPECT_TRUE(results()[1].contains("error"));
    EXPECT_EQ(results()[2]["model"], "1.0");
    { // a line that a power cut has torn
        std::ofstream torn(m_folder / "state/results.jsonl", std::ios::app);
        torn << "{\"file\":\"ha";
    }
    writePicture("in/d.png");
    EdgeProcess edge(arguments({ "--source", (m_folder / "in").string() }));
    ASSERT_TRUE(waitUntil([&] { return results().size() == 4; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    EXPECT_EQ(results().size(), 4u);
    EXPECT_NE(results()[3]["file"].get<std::string>().find("d.png"), std::string::npos);
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(), 0);
}

TEST_F(Run, endsByItselfAfterSinglePictures)
{
    EdgeProcess edge(arguments({ "--source", (m_folder / "a.png").string(), "--results-to-stdout" }));
    const auto line = edge.readLine();
    ASSERT_TRUE(line.has_value());
    EXPECT_EQ(json::parse(*line)["predictions"].size(), 2u);
    EXPECT_EQ(edge.wait(), 0);
}

TEST_F(Run, drainsOnSigterm)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    client();
    std::atomic<int> good = 0, other = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; ++i)
        clients.emplace_back([&] {
            httplib::Client http("127.0.0.1", m_port);
            while (const auto response = http.Post("/predict", std::string(m_png.begin(), m_png.end()), "image/png"))
                ++(response->status == 200 ? good : other);
        });
    ASSERT_TRUE(waitUntil([&] { return good > 20; }));
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(15), 0);
    for (auto& thread : clients)
        thread.join();
    EXPECT_EQ(other, 0) << "a request that was taken was not answered";
}

TEST_F(Run, anAddressThatOthersReachIsRefused)
{
    for (const char* address : { "0.0.0.0:0", "192.168.1.5:80", "[::]:0", "example.org:80", "8080", "127.0.0.1:99999" }) {
        EdgeProcess edge(arguments({ "--http", address }));
        EXPECT_EQ(edge.wait(), 2) << address;
        EXPECT_GT(edge.errors().size(), 30u);
    }
}

TEST_F(Run, whatCannotBeServedEndsWithItsStatus)
{
    auto bytes = base::readFile(m_folder / "a.ppkg").value();
    bytes[100] ^= 1;
    ASSERT_TRUE(base::atomicWrite(m_folder / "a.ppkg", std::span<const std::uint8_t>(bytes)).hasValue());
    EdgeProcess spoiled(arguments({ "--http", "127.0.0.1:0" }));
    EXPECT_EQ(spoiled.wait(), 3);
    EXPECT_NE(spoiled.errors().find("a.ppkg"), std::string::npos) << spoiled.errors();
    auto files = testPackageFiles(testSpec());
    files["golden/0.scores.f32"][3] ^= 1; // signed, and yet not what the model answers
    ASSERT_TRUE(packaging::writePackage(m_folder / "a.ppkg", testManifest(testSpec()), files, testKey()).hasValue());
    EdgeProcess differs(arguments({ "--http", "127.0.0.1:0" }));
    EXPECT_EQ(differs.wait(), 3);
    fs::remove(m_folder / "a.ppkg");
    EdgeProcess missing(arguments({ "--http", "127.0.0.1:0" }));
    EXPECT_EQ(missing.wait(), 1);
}

TEST_F(Run, aSecondOneOnTheSameStateIsTurnedAway)
{
    EdgeProcess first(arguments({ "--http", "127.0.0.1:0" }));
    client();
    EdgeProcess second(arguments({ "--http", "127.0.0.1:0" }));
    EXPECT_EQ(second.wait(), 1);
    EXPECT_NE(second.errors().find("Another percept-edge"), std::string::npos) << second.errors();
}

// Reads /stream on a connection of its own until it has what it waits for.
class Watcher {
public:
    explicit Watcher(int port)
        : m_thread([this, port] {
            httplib::Client client("127.0.0.1", port);
            client.set_read_timeout(20);
            const auto answer = client.Get("/stream", [this](const char* data, std::size_t length) {
                const std::lock_guard lock(m_mutex);
                m_bytes.append(data, length);
                return !m_stopping;
            });
            m_status = answer ? answer->status : -1;
        })
    {
    }
    ~Watcher()
    {
        m_stopping = true;
        m_thread.join();
    }
    // The newest whole JPEG.
    std::optional<cv::Mat> picture()
    {
        const std::lock_guard lock(m_mutex);
        const auto end = m_bytes.rfind("\xFF\xD9\r\n"), begin = m_bytes.rfind("\r\n\r\n\xFF\xD8", end);
        if (end == std::string::npos || begin == std::string::npos)
            return std::nullopt;
        const std::vector<std::uint8_t> jpeg(m_bytes.begin() + static_cast<std::ptrdiff_t>(begin + 4), m_bytes.begin() + static_cast<std::ptrdiff_t>(end + 2));
        const auto decoded = media::decodePicture(jpeg, "streamed");
        return decoded.hasValue() ? std::optional(decoded.value()) : std::nullopt;
    }
    bool hasBytes()
    {
        const std::lock_guard lock(m_mutex);
        return !m_bytes.empty();
    }
    std::atomic<int> m_status = 0;

private:
    std::mutex m_mutex;
    std::string m_bytes;
    std::atomic<bool> m_stopping = false;
    std::thread m_thread;
};

TEST_F(Run, showsWhatItAnswersWithBoxesAndEndsWhileSomebodyWatches)
{
    EdgeProcess edge(arguments({ "--http", "127.0.0.1:0" }));
    auto http = client();
    EXPECT_NE(http.Get("/")->body.find("<img id=\"picture\" src=\"/stream\""), std::string::npos);
    EXPECT_EQ(json::parse(http.Get("/status")->body)["running"]["version"], "1.0");
    Watcher watcher(m_port);
    ASSERT_TRUE(waitUntil([&] { return watcher.hasBytes(); })); // an answer begins though there is no picture yet
    ASSERT_TRUE(waitUntil([&] {
        post(http);
        return watcher.picture().has_value();
    }));
    const cv::Mat seen = *watcher.picture(), plain = testPicture(192, 128, { { 32, 32, 16, 0 }, { 112, 64, 16, 1 } });
    ASSERT_EQ(seen.size(), plain.size());
    // A line round the red square, and grey where nothing was found.
    const auto differs = [&](int x, int y) {
        const auto a = seen.at<cv::Vec3b>(y, x), b = plain.at<cv::Vec3b>(y, x);
        return std::abs(a[0] - b[0]) + std::abs(a[1] - b[1]) + std::abs(a[2] - b[2]) > 90;
    };
    int different = 0;
    for (int x = 20; x < 60; ++x)
        for (int y = 20; y < 60; ++y)
            different += differs(x, y) ? 1 : 0;
    EXPECT_GT(different, 30);
    EXPECT_FALSE(differs(170, 20));
    std::vector<std::unique_ptr<Watcher>> crowd;
    for (int i = 0; i < 5; ++i)
        crowd.push_back(std::make_unique<Watcher>(m_port));
    EXPECT_TRUE(waitUntil([&] { return std::count_if(crowd.begin(), crowd.end(), [](const auto& one) { return one->m_status == 503; }) == 2; }));
    EXPECT_EQ(post(http)->status, 200); // they take nothing from who asks
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(5), 0) << edge.errors();
}

}
}
