#include "core/device/frame_watch.h"

#include "core/device/field_picture.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gtest/gtest.h>

namespace percept::device {
namespace {

using nlohmann::json;

// What a supervisor tells about one answer.
class Watching : public ::testing::Test {
protected:
    Watching()
    {
        Outbox::Options options;
        options.folder = m_folder / "outbox";
        m_outbox = Outbox::open(std::move(options)).value();
    }
    FrameWatch& watch(bool collects, double randomShare = 0, bool edges = false, double belowScore = 0)
    {
        m_watch.emplace(FrameWatch::Options { m_folder / "budget.json", collects, 7 }, *m_outbox);
        protocol::DesiredState state;
        state.windowSeconds = 86'400;
        state.sampling = { randomShare, belowScore, edges, 1'000'000 };
        m_watch->setRules(state);
        return *m_watch;
    }
    void frame(double score, const std::vector<std::uint8_t>& bytes = { 0xFF, 0xD8, 0xFF, 0xE0, 1 })
    {
        json predictions = json::array();
        if (score > 0.1)
            predictions.push_back({ { "label", "red" }, { "labelIndex", 0 }, { "score", score }, { "box", { 1, 2, 3, 4 } } });
        const json request { { "type", "predict" }, { "file", "picture" } };
        const base::Result<json> answer = json { { "ok", true }, { "file", "picture" }, { "width", 40 }, { "height", 30 }, { "predictions", predictions } };
        const json measured { { "scores", { score } }, { "brightness", 0.5 }, { "sharpness", 2.0 } };
        m_watch->add({ request, bytes, answer, m_model, measured, 0.01 });
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<Outbox> m_outbox;
    std::optional<FrameWatch> m_watch;
    Metrics m_metrics;
    Supervisor m_supervisor { {}, m_metrics };
    json m_model { { "sha256", std::string(64, 'f') }, { "version", "1.0" }, { "thresholds", { 0.5 } } };
};

TEST_F(Watching, countsAtThePackagesThresholdsWhoeverAsked)
{
    watch(/*collects=*/false);
    frame(0.9);
    frame(0.3); // somebody asked for all from 0.1 on
    frame(0.0);
    m_watch->finish();
    const auto entries = m_outbox->handOut(0, 10, 1 << 20).value();
    ASSERT_EQ(entries.size(), 1u);
    const auto window = protocol::decodeTelemetryWindow(entries[0].body.dump()).value();
    EXPECT_EQ(window.frames, 3);
    EXPECT_EQ(window.emptyFrames, 2);
    ASSERT_EQ(window.classes.size(), 1u);
    EXPECT_EQ(window.classes[0].count, 1);
    EXPECT_NEAR(window.brightness->mean, 0.5, 1e-9);
}

TEST_F(Watching, aWindowThatFindsNoRoomIsKeptWhenThereIsSome)
{
    watch(/*collects=*/false);
    frame(0.9);
    {
        const test::FullDisk disk(0);
        m_watch->finish();
        EXPECT_EQ(m_outbox->fill().windows, 0);
    }
    m_watch->tick(m_supervisor);
    EXPECT_EQ(m_outbox->fill().windows, 1);
}

TEST_F(Watching, windowsThatFindNoRoomForLongAreMergedAndStillCounted)
{
    watch(/*collects=*/false);
    constexpr int kWindows = 1000;
    {
        const test::FullDisk disk(0);
        for (int i = 0; i < kWindows; ++i) {
            frame(0.9);
            m_watch->finish();
        }
    }
    m_watch->tick(m_supervisor);
    EXPECT_LE(m_outbox->fill().windows, 300);
    std::int64_t frames = 0;
    const auto entries = m_outbox->handOut(0, kWindows, 64u << 20);
    ASSERT_TRUE(entries.hasValue()) << entries.error().message;
    for (const auto& entry : entries.value()) {
        const auto window = protocol::decodeTelemetryWindow(entry.body.dump());
        ASSERT_TRUE(window.hasValue()) << window.error().message << entry.body;
        frames += window->frames;
    }
    EXPECT_EQ(frames, kWindows);
}

TEST_F(Watching, withoutCollectNoPictureIsKept)
{
    watch(/*collects=*/false, 1.0, true);
    for (int i = 0; i < 50; ++i)
        frame(0.9);
    m_watch->tick(m_supervisor);
    EXPECT_EQ(m_outbox->fill().samples, 0);
}

TEST_F(Watching, aPickedPictureWaitsWithItsPredictions)
{
    // A budget that was saved up before.
    watch(/*collects=*/true, 1.0);
    json budget { { "random", { { "share", 1000 }, { "boot", stampNow().bootId }, { "bootMs", stampNow().bootMs } } } };
    std::ofstream(m_folder / "budget.json") << budget.dump();
    watch(/*collects=*/true, 1.0);
    frame(0.9);
    m_watch->tick(m_supervisor);
    ASSERT_EQ(m_outbox->fill().samples, 1);
    const auto entry = m_outbox->handOut(0, 10, 1 << 20).value().at(0);
    EXPECT_EQ(entry.body["reason"], "random");
    EXPECT_EQ(entry.body["predictions"].size(), 1u);
    EXPECT_EQ(entry.body["format"], "jpeg");
    EXPECT_EQ(entry.picture.size(), 5u);
    EXPECT_LT(json::parse(std::ifstream(m_folder / "budget.json"))["random"]["share"], 1000); // a restart gains nothing
}

}
}
