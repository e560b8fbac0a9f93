#include "core/streams/video_player.h"

#include "core/base/time.h"
#include "core/transport/line_pipe.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_video.h"

#include <chrono>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace percept::streams {
namespace {

TEST(VideoPlayer, whoAsksSlowlyGetsTheNewestAndIsToldWhatWasDropped)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestVideo(folder / "a.mp4", { 192, 128, 40, 20, "mpeg4", 0, {} }).hasValue());
    auto player = VideoPlayer::open(folder / "a.mp4", {});
    ASSERT_TRUE(player.hasValue());
    int given = 0;
    double lastSeconds = -1;
    while (true) {
        const auto shown = (*player)->next();
        ASSERT_TRUE(shown.hasValue());
        if (shown->step.isEnd) {
            EXPECT_EQ(shown->step.counts.frames, 40);
            EXPECT_EQ(shown->step.counts.frames, given + shown->step.counts.dropped);
            EXPECT_GT(shown->step.counts.dropped, 5);
            EXPECT_NEAR(lastSeconds, 39.0 / 20, 1e-3);
            break;
        }
        ++given;
        EXPECT_GT(shown->step.seconds, lastSeconds);
        EXPECT_NEAR(shown->step.seconds * 20, static_cast<double>(shown->step.counts.frames - 1), 1e-2); // the newest there was
        lastSeconds = shown->step.seconds;
        std::this_thread::sleep_for(std::chrono::milliseconds(210));
    }
}

TEST(VideoPlayer, endsAtOnceWhileSomethingIsStillToCome)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestVideo(folder / "a.mp4", { 192, 128, 10, 0.2, "mpeg4", 0, {} }).hasValue()); // one in five seconds
    const double start = base::monotonicSeconds();
    {
        auto player = VideoPlayer::open(folder / "a.mp4", {});
        ASSERT_TRUE((*player)->next().hasValue());
    }
    EXPECT_LT(base::monotonicSeconds() - start, 4);
}

TEST(VideoPlayer, aFileWithoutAPictureDoesNotGoRound)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestVideo(folder / "a.avi", { 192, 128, 5, 20, "mjpeg", 0, {} }).hasValue());
    VideoPlayer::Options options;
    options.loops = true;
    options.fromSeconds = 60; // behind its end
    auto player = VideoPlayer::open(folder / "a.avi", options);
    if (player.hasError())
        return; // cannot be gone to: as good
    const auto shown = (*player)->next();
    EXPECT_TRUE(shown.hasError() || shown->step.isEnd || shown->step.counts.frames > 0);
}

TEST(VideoService, saysWhatConfinesItAndAnswersRubbishWithAFailure)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestVideo(folder / "a.mp4", { 192, 128, 3, 20, "mpeg4", 0, {} }).hasValue());
    const auto say = [&](const std::string& lines) {
        return test::runProgram("/bin/sh", { "-c", "printf '" + lines + "' | '" PERCEPT_BIN_DIR "/percept-video' '" + (folder / "a.mp4").string() + "' | head -c 400" });
    };
    const auto opened = nlohmann::json::parse(say("{\"type\":\"open\"}\\n").out);
    EXPECT_EQ(opened["ok"], true);
    EXPECT_EQ(opened["width"], 192);
#if !defined(__SANITIZE_ADDRESS__) // which cannot live in it
    EXPECT_EQ(opened["confined"], "seccomp");
#endif
    for (const char* lines : { "{\"type\":\"next\"}\\n", "rubbish\\n", "{\"type\":\"delete\"}\\n", "[]\\n" })
        EXPECT_EQ(nlohmann::json::parse(say(lines).out)["ok"], false) << lines;
    EXPECT_EQ(say("").out, "");
}

}
}
