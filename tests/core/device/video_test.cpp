#include "core/base/files.h"
#include "core/base/time.h"
#include "core/device/video_log.h"
#include "core/device/video_source.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"
#include "tests/support/test_package.h"
#include "tests/support/test_video.h"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <httplib.h>

// percept-edge run --source VIDEO, with the real decoder in its own process.
namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class VideoRun : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(makeTestPackage(m_folder / "a.ppkg").hasValue()); }
    std::vector<std::string> arguments(const fs::path& video, const std::vector<std::string>& more) const
    {
        std::vector<std::string> list { "run", "--threads", "1", "--state", (m_folder / "state").string(), "--package",
            (m_folder / "a.ppkg").string(), "--source", video.string() };
        list.insert(list.end(), more.begin(), more.end());
        return list;
    }
    fs::path video(const std::string& name, const TestVideo& video = {}) const
    {
        const auto made = makeTestVideo(m_folder / name, video);
        EXPECT_TRUE(made.hasValue()) << made.error().message;
        return m_folder / name;
    }
    std::vector<json> lines(const std::string& name = "videos.jsonl") const
    {
        std::ifstream file(m_folder / "state" / name);
        std::vector<json> lines;
        for (std::string line; std::getline(file, line);)
            if (json value = json::parse(line, nullptr, false); !value.is_discarded())
                lines.push_back(std::move(value));
        return lines;
    }
    json status()
    {
        const json state = waitForState(m_folder / "state");
        httplib::Client client(state["url"].get<std::string>());
        const auto answer = client.Get("/status");
        return answer ? json::parse(answer->body) : json { { "videos", json::array({ json::object() }) } };
    }
    // The process that decodes, or the other one; 0: none.
    static int childOf(const EdgeProcess& edge, bool decodes)
    {
        for (const int child : childrenOf(edge.pid())) {
            std::ifstream comm("/proc/" + std::to_string(child) + "/comm");
            std::string name;
            if (std::getline(comm, name) && (name == "percept-video") == decodes)
                return child;
        }
        return 0;
    }
    static int decoderOf(const EdgeProcess& edge) { return childOf(edge, true); }

    TemporaryFolder m_folder;
};

TEST_F(VideoRun, playsToTheEndAtTheFilesOwnPaceAndSaysWhatCameOfIt)
{
    const TestVideo clip { 192, 128, 30, 15, "mpeg4", 0, {} };
    const double start = base::monotonicSeconds();
    EdgeProcess edge(arguments(video("clip.mp4", clip), { "--json" }));
    ASSERT_EQ(edge.wait(60), 0) << edge.errors();
    EXPECT_GE(base::monotonicSeconds() - start, 29.0 / 15); // not faster than it is; how much slower is the machine's business
    const json summary = json::parse(edge.readLine().value_or("{}"));
    const json played = summary["videos"][0];
    EXPECT_EQ(played["state"], "ended");
    EXPECT_EQ(played["answered"].get<int>() + played["dropped"].get<int>() + played["failed"].get<int>(), clip.frames) << played;
    EXPECT_EQ(played["damaged"], 0);
    EXPECT_EQ(played["message"], "");
    const auto answers = lines();
    ASSERT_EQ(static_cast<int>(answers.size()), played["answered"].get<int>());
    ASSERT_GT(answers.size(), 3u);
    int last = -1;
    for (const auto& line : answers) {
        const int frame = line["frame"];
        EXPECT_GT(frame, last);
        last = frame;
        EXPECT_NEAR(line["seconds"].get<double>(), frame / 15.0, 1e-3);
        EXPECT_EQ(line["width"], 192);
        ASSERT_EQ(line["predictions"].size(), 1u) << line; // the box is where that very frame has the square
        const json& box = line["predictions"][0]["box"];
        EXPECT_NEAR(box[0].get<double>() + box[2].get<double>() / 2, testSquareX(clip, frame) + 8, 8);
        EXPECT_EQ(line["model"], "1.0");
    }
    EXPECT_EQ(last, clip.frames - 1); // the last picture is not lost
}

TEST_F(VideoRun, leavesPicturesOutRatherThanQueueThem)
{
    // 200 pictures a second are more than decoding, two pipes and an answer leave time for.
    const TestVideo clip { 960, 640, 200, 200, "mjpeg", 0, {} };
    const fs::path file = video("fast.avi", clip);
    const double start = base::monotonicSeconds();
    EdgeProcess edge(arguments(file, { "--json" }));
    ASSERT_EQ(edge.wait(100), 0) << edge.errors();
    const double seconds = base::monotonicSeconds() - start;
    const json played = json::parse(edge.readLine().value_or("{}"))["videos"][0];
    EXPECT_GT(played["dropped"].get<int>(), 10) << played;
    EXPECT_GT(played["answered"].get<int>(), 3) << played;
    EXPECT_EQ(played["answered"].get<int>() + played["dropped"].get<int>(), clip.frames) << played;
    std::printf("%s in %.1f s\n", played.dump().c_str(), seconds);
}

TEST_F(VideoRun, goesRoundAndEndsWhenItIsTold)
{
    EdgeProcess edge(arguments(video("round.mp4", { 192, 128, 8, 20, "mpeg4", 0, {} }), { "--loop", "--http", "127.0.0.1:0" }));
    ASSERT_TRUE(eventually([&] { return status()["videos"][0].value("loops", 0) >= 3; }, 60)) << edge.errors();
    const json played = status()["videos"][0];
    EXPECT_EQ(played["state"], "playing");
    EXPECT_GE(played["answered"].get<int>() + played["dropped"].get<int>(), 24);
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(10), 0) << edge.errors();
}

TEST_F(VideoRun, aDecoderThatDiesIsStartedAgainBehindThatPlace)
{
    EdgeProcess edge(arguments(video("long.mkv", { 192, 128, 300, 10, "mjpeg", 0, {} }), { "--http", "127.0.0.1:0" }));
    ASSERT_TRUE(eventually([&] { return lines().size() > 3; }, 60));
    const int model = childOf(edge, false), first = decoderOf(edge);
    ASSERT_NE(first, 0);
    const double before = lines().back()["seconds"];
    ::kill(first, SIGSEGV);
    ASSERT_TRUE(eventually([&] { return lines().back()["seconds"].get<double>() > before + 0.5; }, 60)) << edge.errors();
    EXPECT_NE(decoderOf(edge), first);
    EXPECT_GT(lines().back()["seconds"].get<double>(), before + 0.5);
    const json now = status();
    EXPECT_EQ(now["restarts"], 0); // of the model
    EXPECT_EQ(now["serving"], true);
    EXPECT_EQ(childOf(edge, false), model);
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(10), 0);
    EXPECT_NE(edge.errors().find("started again"), std::string::npos) << edge.errors();
}

TEST_F(VideoRun, oneThatDiesAgainAndAgainIsGivenUpAndTheRestGoesOn)
{
    EdgeProcess edge(arguments(video("long.mp4", { 192, 128, 400, 10, "mpeg4", 0, {} }), { "--http", "127.0.0.1:0" }));
    ASSERT_TRUE(eventually([&] { return !lines().empty(); }, 60));
    ASSERT_TRUE(eventually([&] {
        if (const int decoder = decoderOf(edge))
            ::kill(decoder, SIGKILL);
        return status()["videos"][0].value("state", "") == "failed";
    }, 100)) << edge.errors();
    EXPECT_NE(status()["videos"][0]["message"].get<std::string>().find("killed"), std::string::npos) << status();
    EXPECT_EQ(status()["serving"], true);
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(10), 0);
}

TEST_F(VideoRun, whatCannotBePlayedIsToldAtTheStart)
{
    ASSERT_TRUE(base::atomicWrite(m_folder / "page.mp4", std::string_view("<html>no video</html>")).hasValue());
    const struct { fs::path file; int status; const char* sentence; } kFiles[] {
        { m_folder / "page.mp4", 3, "is no video of a kind" },
        { m_folder / "missing.mp4", 1, "does not exist" },
        { "/dev/zero", 1, "is not a folder or a picture" },
        { "video:/dev/zero", 3, "is not a file" },
        { "video:http://127.0.0.1:1/a.mp4", 1, "does not exist" },
    };
    for (const auto& [file, expected, sentence] : kFiles) {
        EdgeProcess edge(arguments(file, { "--http", "127.0.0.1:0" }));
        EXPECT_EQ(edge.wait(), expected) << file;
        EXPECT_NE(edge.errors().find(sentence), std::string::npos) << file << ": " << edge.errors();
    }
}

TEST_F(VideoRun, oneThatWasCutOffEndsWithASentence)
{
    const fs::path whole = video("whole.mp4", { 192, 128, 120, 20, "mjpeg", 0, {} });
    auto bytes = base::readFile(whole).value();
    bytes.resize(bytes.size() / 2);
    ASSERT_TRUE(base::atomicWrite(m_folder / "half.mp4", std::span<const std::uint8_t>(bytes)).hasValue());
    EdgeProcess edge(arguments(m_folder / "half.mp4", { "--json" }));
    EXPECT_EQ(edge.wait(60), 0) << edge.errors();
    const json played = json::parse(edge.readLine().value_or("{}"))["videos"][0];
    EXPECT_EQ(played["state"], "ended");
    EXPECT_NE(played["message"].get<std::string>().find("it was cut off"), std::string::npos) << played;
    EXPECT_GT(played["answered"].get<int>(), 0);
    EXPECT_LT(played["answered"].get<int>(), 90);
}

TEST(VideoLog, staysSmallAndLosesNothingThatIsNew)
{
    TemporaryFolder folder;
    const auto sizeOf = [&](const char* name) { return fs::exists(folder / name) ? static_cast<std::int64_t>(fs::file_size(folder / name)) : 0; };
    {
        device::VideoLog log(folder / "v.jsonl", 4000);
        for (int i = 0; i < 1000; ++i) {
            log.add({ { "frame", i }, { "text", std::string(50, 'x') } });
            ASSERT_LE(sizeOf("v.jsonl"), 4000);
            ASSERT_LE(sizeOf("v.jsonl.1"), 4000);
        }
    }
    int expected = -1;
    for (const char* name : { "v.jsonl.1", "v.jsonl" }) {
        std::ifstream file(folder / name);
        for (std::string line; std::getline(file, line);) {
            const int frame = json::parse(line)["frame"];
            EXPECT_TRUE(expected < 0 || frame == expected) << frame;
            expected = frame + 1;
        }
    }
    EXPECT_EQ(expected, 1000);
}

TEST(VideoSource, knowsAVideoByItsName)
{
    for (const char* text : { "a.mp4", "/x/b.MKV", "video:/dev/video0", "c.webm" })
        EXPECT_TRUE(device::VideoSource::isVideo(text)) << text;
    for (const char* text : { "a.jpg", "folder:/x/b.mp4", "/tmp", "mp4", "" })
        EXPECT_FALSE(device::VideoSource::isVideo(text)) << text;
}

}
}
