#include "core/protocol/video_messages.h"

#include <gtest/gtest.h>

namespace percept::protocol {
namespace {

using nlohmann::json;

TEST(VideoMessages, comeBackAsTheyWere)
{
    VideoFacts facts;
    facts.width = 640;
    facts.height = 360;
    facts.seconds = 12.5;
    facts.framesPerSecond = 25;
    facts.codec = "h264";
    facts.confined = "seccomp";
    const auto read = videoFactsFromJson(toJson(facts));
    ASSERT_TRUE(read.hasValue()) << read.error().message;
    EXPECT_EQ(toJson(read.value()), toJson(facts));
    for (const bool isEnd : { false, true }) {
        VideoStep step { { 17, 2, 1, 3 }, isEnd, isEnd ? "It ends early." : "", isEnd ? 0 : 0.5, isEnd ? 0 : 640, isEnd ? 0 : 360, isEnd ? 0u : 691254u };
        const auto again = videoStepFromJson(toJson(step));
        ASSERT_TRUE(again.hasValue()) << again.error().message;
        EXPECT_EQ(toJson(again.value()), toJson(step));
    }
    const auto failure = videoStepFromJson(videoFailure(base::refused("It is no video.")));
    ASSERT_TRUE(failure.hasError());
    EXPECT_EQ(failure.error().code, base::ErrorCode::Refused);
    EXPECT_EQ(failure.error().message, "It is no video.");
}

// Whoever has taken the decoder over may answer anything.
TEST(VideoMessages, nothingIsBelievedUnchecked)
{
    const json good = toJson(VideoStep { { 1, 0, 0, 0 }, false, "", 0, 640, 360, 691254 });
    const std::pair<const char*, json> kWrong[] { { "bytes", kMostVideoBytes + 1 }, { "bytes", -1 }, { "bytes", 0 }, { "bytes", "x" },
        { "bytes", nullptr }, { "width", 0 }, { "height", 1 << 20 }, { "frame", -1 }, { "dropped", 1.5 }, { "seconds", -1 }, { "seconds", "now" } };
    for (const auto& [name, value] : kWrong) {
        json wrong = good;
        wrong[name] = value;
        EXPECT_TRUE(videoStepFromJson(wrong).hasError()) << wrong;
    }
    for (const json& wrong : { json(), json(1), json::array(), json { { "ok", false } }, json { { "ok", "yes" } } }) {
        EXPECT_TRUE(videoStepFromJson(wrong).hasError()) << wrong;
        EXPECT_TRUE(videoFactsFromJson(wrong).hasError()) << wrong;
    }
    VideoFacts large;
    large.width = large.height = 60000;
    large.codec = large.confined = "x";
    EXPECT_TRUE(videoFactsFromJson(toJson(large)).hasError());
}

}
}
