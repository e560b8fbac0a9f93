#include "core/media/picture.h"
#include "core/packaging/package.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/browser.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"
#include "tests/support/test_package.h"
#include "tests/support/test_video.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <httplib.h>
#include <opencv2/core.hpp>
#include <thread>

// The live page of percept-edge in a real browser. PERCEPT_SHOTS=FOLDER keeps pictures of it.
namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Thin lines are blurred by JPEG and by the browser: what is left is that the first class is drawn in blue, and its squares are red.
bool isBlue(const cv::Vec3b& rgb) { return rgb[2] > rgb[0] + 50 && rgb[2] > 90; }
bool isRed(const cv::Vec3b& rgb) { return rgb[0] > rgb[1] + 80 && rgb[0] > rgb[2] + 80; }

// Middle of the pixels that are so; nothing when there are few.
std::optional<cv::Point2d> middleOf(const cv::Mat& rgb, bool (*isSo)(const cv::Vec3b&))
{
    double x = 0, y = 0;
    int count = 0;
    for (int row = 0; row < rgb.rows; ++row)
        for (int column = 0; column < rgb.cols; ++column)
            if (isSo(rgb.at<cv::Vec3b>(row, column))) {
                x += column;
                y += row;
                ++count;
            }
    return count > 20 ? std::optional(cv::Point2d(x / count, y / count)) : std::nullopt;
}

class LivePage : public ::testing::Test {
protected:
    void SetUp() override
    {
        m_spec = testSpec();
        makePackage("a.ppkg", "1.0", 1);
        makePackage("b.ppkg", "2.0", 2);
        const auto made = makeTestVideo(m_folder / "tray.mp4", m_video);
        ASSERT_TRUE(made.hasValue()) << made.error().message;
    }
    void makePackage(const char* name, const std::string& version, std::int64_t releaseCounter) const
    {
        auto manifest = testManifest(m_spec, version);
        manifest.releaseCounter = releaseCounter;
        ASSERT_TRUE(packaging::writePackage(m_folder / name, manifest, testPackageFiles(m_spec), testKey()).hasValue());
    }
    void startEdge(bool loops = true)
    {
        fs::remove(m_folder / "state/edge.json");
        m_edge.reset();
        std::vector<std::string> arguments { "run", "--threads", "1", "--state", (m_folder / "state").string(), "--package",
            (m_folder / "a.ppkg").string(), "--source", (m_folder / "tray.mp4").string(), "--http", "127.0.0.1:" + std::to_string(m_port),
            "--grace", "0.5", "--live-wait", "2", "--live-pictures", "2" };
        if (loops)
            arguments.emplace_back("--loop");
        m_edge.emplace(arguments);
        m_url = waitForState(m_folder / "state")["url"];
        m_port = std::stoi(m_url.substr(m_url.rfind(':') + 1));
    }
    json status() const
    {
        httplib::Client client(m_url);
        client.set_read_timeout(20);
        const auto answer = client.Get("/status");
        return answer ? json::parse(answer->body) : json();
    }
    // Where box and square are in what the browser shows, in its own pixels.
    struct Seen {
        cv::Point2d box, square;
    };
    static std::optional<Seen> look(Browser& browser)
    {
        if (browser.value("document.getElementById('picture').naturalHeight") == 0)
            return std::nullopt; // the first one has not come
        const cv::Mat shown = browser.screenshot("#picture");
        const auto box = middleOf(shown, isBlue), square = middleOf(shown, isRed);
        return box && square ? std::optional(Seen { *box, *square }) : std::nullopt;
    }
    void keepShot(Browser& browser, const std::string& name) const
    {
        const char* folder = std::getenv("PERCEPT_SHOTS");
        if (folder == nullptr)
            return;
        const auto png = media::encodePng(browser.screenshot());
        std::ofstream(fs::path(folder) / (name + ".png"), std::ios::binary).write(reinterpret_cast<const char*>(png->data()), static_cast<std::streamsize>(png->size()));
    }
    void expectMovingBoxes(Browser& browser);
    void expectItsFigures(Browser& browser);
    void expectFitsInAllSizes(Browser& browser) const;
    void expectTheNextVersion(Browser& browser);
    void expectItComesBack(Browser& browser);
    // Nothing in the console but, where the edge was away, that it could not be reached.
    static void expectQuietConsole(Browser& browser, bool wasAway)
    {
        for (const auto& line : browser.console()) {
            const bool isOutage = wasAway && (line.message.find("net::ERR_") != std::string::npos);
            EXPECT_TRUE(isOutage || line.level == "INFO" || line.level == "DEBUG") << line.level << ": " << line.message;
        }
    }

    TemporaryFolder m_folder;
    protocol::ModelSpec m_spec;
    const TestVideo m_video { 576, 384, 24, 4, "mpeg4", 0, {} };
    std::optional<EdgeProcess> m_edge;
    std::string m_url;
    int m_port = 0;
};

// Boxes lie on what they are about, and move with it.
void LivePage::expectMovingBoxes(Browser& browser)
{
    ASSERT_TRUE(eventually([&] { return browser.value("document.getElementById('picture').naturalHeight") != 0; }, 60));
    keepShot(browser, "first");
    std::vector<Seen> seen;
    ASSERT_TRUE(eventually([&] {
        const auto now = look(browser);
        if (now && (seen.empty() || std::abs(now->square.x - seen.back().square.x) > 20))
            seen.push_back(*now);
        return seen.size() >= 4;
    }, 60)) << "seen " << seen.size() << " times; " << browser.text("body");
    for (const auto& [box, square] : seen) {
        EXPECT_NEAR(box.x, square.x, 60); // its text stretches to the right
        EXPECT_NEAR(box.y, square.y, 60);
    }
}

// Health and version are those of percept-edge.
void LivePage::expectItsFigures(Browser& browser)
{
    ASSERT_TRUE(eventually([&] { return browser.text("#state") == "Answers"; }, 20)) << browser.text("#state");
    json now = status();
    EXPECT_EQ(browser.text("#title"), now["running"]["name"].get<std::string>() + " 1.0");
    EXPECT_EQ(browser.value("document.title"), browser.text("#title"));
    EXPECT_EQ(browser.text("#model"), now["running"]["sha256"].get<std::string>().substr(0, 16) + ", release 1");
    EXPECT_EQ(browser.text("#failed"), "0");
    EXPECT_EQ(browser.text("#note"), "");
    EXPECT_EQ(browser.text("#refused"), "nothing");
    EXPECT_NE(browser.text("#video").find("tray.mp4: "), std::string::npos) << browser.text("#video");
}

void LivePage::expectFitsInAllSizes(Browser& browser) const
{
    for (const auto& [name, dark, width, height, phone] : { std::tuple("light", false, 1280, 800, false), std::tuple("dark", true, 1280, 800, false),
             std::tuple("narrow-light", false, 390, 844, true), std::tuple("narrow-dark", true, 390, 844, true) }) {
        browser.setDark(dark);
        browser.setSize(width, height, phone);
        EXPECT_LE(browser.value("document.documentElement.scrollWidth").get<int>(), width) << name << ": something sticks out";
        const cv::Vec3b corner = browser.screenshot().at<cv::Vec3b>(2, 2);
        EXPECT_EQ(corner[0] < 128, dark) << name;
        keepShot(browser, name);
    }
    browser.setSize(1280, 800);
    browser.setDark(false);
}

// Another version shows up by itself.
void LivePage::expectTheNextVersion(Browser& browser)
{
    const auto ran = runProgram("percept-edge", { "update", "--state", (m_folder / "state").string(), "--package", (m_folder / "b.ppkg").string() });
    ASSERT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(eventually([&] { return browser.text("#title").ends_with(" 2.0") && browser.text("#state") == "Answers"; }, 20))
        << browser.text("#title") << ", " << browser.text("#state");
    EXPECT_NE(browser.text("#model").find("release 2"), std::string::npos);
    expectQuietConsole(browser, /*wasAway=*/false);
}

// When percept-edge goes the page says so, and goes on by itself when it is back.
void LivePage::expectItComesBack(Browser& browser)
{
    m_edge->signal(SIGKILL);
    m_edge->wait();
    ASSERT_TRUE(eventually([&] { return browser.text("#state") == "Does not answer"; }, 20)) << browser.text("#state");
    EXPECT_NE(browser.text("#note").find("does not answer"), std::string::npos) << browser.text("#note");
    EXPECT_EQ(browser.value("document.getElementById('stage').className"), "stale"); // the last picture is not shown as if it were now
    keepShot(browser, "away");
    startEdge();
    ASSERT_TRUE(eventually([&] { return browser.text("#state") == "Answers" && browser.text("#note").empty(); }, 60)) << browser.text("body");
    EXPECT_TRUE(browser.text("#title").ends_with(" 2.0"));
    std::optional<Seen> before;
    EXPECT_TRUE(eventually([&] {
        const auto later = look(browser);
        if (!before)
            before = later;
        return later && std::abs(later->square.x - before->square.x) > 20;
    }, 30)) << "the picture stands still after the return; seen: " << before.has_value() << ", " << browser.text("body");
    expectQuietConsole(browser, /*wasAway=*/true);
}

TEST_F(LivePage, showsMovingBoxesHealthAndVersionAndRecovers)
{
    if (const auto missing = Browser::missing(); !missing.empty())
        GTEST_SKIP() << missing;
    startEdge();
    Browser browser;
    browser.open(m_url + "/");
    ASSERT_NO_FATAL_FAILURE(expectMovingBoxes(browser));
    ASSERT_NO_FATAL_FAILURE(expectItsFigures(browser));
    expectFitsInAllSizes(browser);
    ASSERT_NO_FATAL_FAILURE(expectTheNextVersion(browser));
    ASSERT_NO_FATAL_FAILURE(expectItComesBack(browser));
    const auto requests = browser.requests();
    EXPECT_GT(requests.size(), 5u);
    for (const auto& url : requests)
        EXPECT_TRUE(url.starts_with(m_url + "/") || url.starts_with("data:")) << "the page asked for " << url;
}

// What a page of another site, in the same browser, can do: nothing.
TEST_F(LivePage, otherSitesReachNothing)
{
    if (const auto missing = Browser::missing(); !missing.empty())
        GTEST_SKIP() << missing;
    fs::remove(m_folder / "tray.mp4"); // counts are to stand still
    ASSERT_TRUE(makeTestVideo(m_folder / "tray.mp4", { 192, 128, 1, 4, "mpeg4", 0, {} }).hasValue());
    startEdge(/*loops=*/false);
    ASSERT_TRUE(eventually([&] { return status()["videos"][0]["state"] == "ended"; }, 30));
    httplib::Server evil;
    evil.Get("/", [](const httplib::Request&, httplib::Response& response) { response.set_content("<!doctype html><title>evil</title>", "text/html"); });
    const int port = evil.bind_to_any_port("127.0.0.1");
    std::thread thread([&] { evil.listen_after_bind(); });
    {
        Browser browser({ "evil.example" });
        // Its name leads to this machine: the page of percept-edge itself would be of its origin.
        browser.open("http://evil.example:" + std::to_string(m_port) + "/");
        EXPECT_NE(browser.text("body").find("Only programs on this machine"), std::string::npos) << browser.text("body");
        browser.open("http://evil.example:" + std::to_string(port) + "/");
        const json before = status();
        const std::string edge = json(m_url).dump();
        for (const char* path : { "/status", "/model", "/metrics", "/healthz", "/" })
            EXPECT_NE(browser.awaited("fetch(" + edge + " + '" + path + "').then(a => a.text())").get<std::string>().find("Failed to fetch"), std::string::npos)
                << path;
        browser.awaited("fetch(" + edge + " + '/predict', { method: 'POST', mode: 'no-cors', body: 'x' }).then(() => 'sent')");
        EXPECT_EQ(browser.awaited("new Promise(done => { const i = new Image(); i.onload = () => done('shown'); i.onerror = () => done('refused'); i.src = "
                      + edge + " + '/stream'; setTimeout(() => done('no answer'), 8000); })"),
            "refused");
        const json after = status();
        for (const char* key : { "predictions", "errors", "running", "slots", "trusted" })
            EXPECT_EQ(before[key], after[key]) << key;
    }
    evil.stop();
    thread.join();
}

// No route changes anything, with or without a token; what changes a device goes by the socket in its state folder.
TEST_F(LivePage, noRequestChangesTheDevice)
{
    startEdge();
    httplib::Client client(m_url);
    client.set_read_timeout(30);
    const json before = status();
    int asked = 0;
    for (const char* path : { "/", "/stream", "/status", "/healthz", "/model", "/metrics", "/predict", "/update", "/rollback", "/package", "/trust",
             "/control", "/slots", "/run", "/stop" }) {
        for (const char* method : { "POST", "PUT", "PATCH", "DELETE", "OPTIONS" }) {
            for (const bool hasToken : { false, true }) {
                httplib::Request request;
                request.method = method;
                request.path = path;
                request.body = json { { "type", "update" }, { "package", (m_folder / "b.ppkg").string() } }.dump();
                request.set_header("Content-Type", "application/json");
                if (hasToken)
                    request.set_header("Authorization", "Bearer guessed");
                const auto answer = client.send(request);
                ASSERT_TRUE(answer) << method << " " << path;
                EXPECT_GE(answer->status, 400) << method << " " << path;
                EXPECT_LT(answer->status, 500) << method << " " << path;
                ++asked;
            }
        }
    }
    EXPECT_EQ(asked, 150);
    for (const char* origin : { "https://evil.example", "http://evil.example:80", "null", "http://127.0.0.1.evil.example" })
        EXPECT_EQ(client.Post("/predict", { { "Origin", origin } }, "x", "text/plain")->status, 403) << origin;
    for (const char* host : { "evil.example", "127.0.0.1.evil.example", "evil.example:8080", "" })
        EXPECT_EQ(client.Get("/status", { { "Host", host } })->status, 403) << host;
    EXPECT_EQ(client.Get("/stream", { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", "no-cors" }, { "Sec-Fetch-Dest", "image" } })->status, 403);
    EXPECT_EQ(client.Get("/", { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", "navigate" }, { "Sec-Fetch-Dest", "iframe" } })->status, 403);
    // A link to the page, in a message say, may be followed.
    EXPECT_EQ(client.Get("/", { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", "navigate" }, { "Sec-Fetch-Dest", "document" } })->status, 200);
    const json after = status();
    for (const char* key : { "running", "slots", "trusted", "activity", "lastRefusal", "restarts", "serving" })
        EXPECT_EQ(before[key], after[key]) << key;
}

}
}
