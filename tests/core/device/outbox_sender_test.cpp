#include "core/device/outbox_sender.h"

#include "core/base/hash.h"
#include "core/device/telemetry_merge.h"
#include "core/protocol/fleet_sample.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace percept::device {
namespace {

using nlohmann::json;

class Sending : public ::testing::Test {
protected:
    Sending()
    {
        Outbox::Options options;
        options.folder = m_folder / "outbox";
        m_outbox = Outbox::open(std::move(options)).value();
        m_sender.emplace(*m_outbox, [this](bool isSample, const std::string& payload) {
            if (m_isBroken)
                return false;
            m_messages.emplace_back(isSample, payload);
            return true;
        });
    }
    void addWindow(std::int64_t frames)
    {
        protocol::TelemetryWindow window;
        window.packageSha256 = std::string(64, 'f');
        window.packageVersion = "1.0";
        window.frames = frames;
        ASSERT_TRUE(m_outbox->addWindow(bodyOf(window), stampNow()).hasValue());
    }
    void addSample()
    {
        const std::vector<std::uint8_t> picture { 1, 2, 3 };
        const json body { { "v", 1 }, { "id", std::string(32, 'a') }, { "package", std::string(64, 'f') }, { "packageVersion", "1.0" },
            { "reason", "random" }, { "width", 4 }, { "height", 3 }, { "predictions", json::array() }, { "format", "jpeg" },
            { "sha256", base::sha256Hex(picture) } };
        ASSERT_TRUE(m_outbox->addSample(body, picture, stampNow()).hasValue());
    }
    protocol::TelemetryBatch batch(std::size_t index) const { return protocol::decodeTelemetryBatch(m_messages.at(index).second).value(); }
    void acknowledge(std::int64_t number) { m_sender->acknowledged({ m_outbox->fill().stream, number }); }

    test::TemporaryFolder m_folder;
    std::unique_ptr<Outbox> m_outbox;
    std::vector<std::pair<bool, std::string>> m_messages;
    bool m_isBroken = false;
    std::optional<OutboxSender> m_sender;
};

TEST_F(Sending, inOrderAndEachAgainUntilItIsAcknowledged)
{
    addWindow(1);
    addWindow(2);
    addSample();
    addWindow(4);
    m_sender->tick(0);
    ASSERT_EQ(m_messages.size(), 3u);
    EXPECT_EQ(batch(0).first, 1);
    EXPECT_EQ(batch(0).entries.size(), 2u);
    const auto sample = protocol::decodeFieldSample(m_messages[1].second);
    ASSERT_TRUE(m_messages[1].first && sample.hasValue()) << sample.error().message;
    EXPECT_EQ(sample->sequence, 3);
    EXPECT_EQ(sample->picture, (std::vector<std::uint8_t> { 1, 2, 3 }));
    EXPECT_EQ(batch(2).first, 4);
    m_sender->tick(0.9); // nothing new, and not yet too late
    EXPECT_EQ(m_messages.size(), 3u);
    acknowledge(2);
    m_sender->tick(11); // the rest, once more
    ASSERT_EQ(m_messages.size(), 5u);
    EXPECT_TRUE(m_messages[3].first);
    acknowledge(4);
    m_sender->tick(30);
    EXPECT_EQ(m_messages.size(), 5u);
    EXPECT_EQ(m_outbox->fill().acknowledged, 4);
}

TEST_F(Sending, afterANewConnectionAtOnce)
{
    addWindow(1);
    m_isBroken = true;
    m_sender->tick(0);
    EXPECT_TRUE(m_messages.empty());
    m_isBroken = false;
    m_sender->tick(0.1);
    EXPECT_EQ(m_messages.size(), 1u);
    m_sender->reconnected();
    m_sender->tick(0.2);
    EXPECT_EQ(m_messages.size(), 2u);
}

TEST_F(Sending, soonerWhereAnswersAreFastAndLaterWhereTheyAreSlow)
{
    addWindow(1);
    m_sender->tick(0);
    m_sender->tick(0.9);
    EXPECT_EQ(m_messages.size(), 1u);
    m_sender->tick(1.1); // a tenth of the longest
    m_sender->tick(3);
    EXPECT_EQ(m_messages.size(), 2u);
    m_sender->tick(3.2); // twice as long after that
    EXPECT_EQ(m_messages.size(), 3u);
    acknowledge(1);
    addWindow(2);
    m_sender->tick(4); // the answer may have been one to the first, and says nothing about how fast answers are: half of four
    m_sender->tick(5.9);
    EXPECT_EQ(m_messages.size(), 4u);
    m_sender->tick(6.1);
    EXPECT_EQ(m_messages.size(), 5u);
    for (double now = 20; now < 100; now += 10.1)
        m_sender->tick(now);
    EXPECT_EQ(m_messages.size(), 13u) << "never more seldom than every ten seconds";
    acknowledge(2);
    m_sender->tick(100);
    addWindow(3);
    m_sender->tick(200);
    acknowledge(3);
    m_sender->tick(200.5); // half a second
    addWindow(4);
    m_sender->tick(300);
    m_sender->tick(301.9);
    EXPECT_EQ(m_messages.size(), 15u);
    m_sender->tick(302.1);
    EXPECT_EQ(m_messages.size(), 16u);
}

TEST_F(Sending, whatIsAcknowledgedInPartIsNotWaitedForLonger)
{
    for (int i = 1; i <= 20; ++i)
        addWindow(i);
    m_sender->tick(0);
    acknowledge(1);
    m_sender->tick(0.01);
    double now = 0.01;
    for (std::int64_t i = 2; i <= 19; ++i) { // each time one more
        m_sender->tick(now += 0.26);
        ASSERT_EQ(m_messages.size(), static_cast<std::size_t>(i));
        acknowledge(i);
        m_sender->tick(now += 0.01);
    }
}

TEST_F(Sending, notBehindItselfOnASlowLine)
{
    addWindow(1);
    m_sender->tick(0);
    for (double now = 0; now < 100; now += 0.5)
        m_sender->tick(now, /*isOnItsWay=*/true);
    EXPECT_EQ(m_messages.size(), 1u);
    m_sender->tick(100.4); // the broker has it now, and the hub its time
    EXPECT_EQ(m_messages.size(), 1u);
    m_sender->tick(101);
    EXPECT_EQ(m_messages.size(), 2u);
}

TEST_F(Sending, aHubThatHasLostItsMemoryGetsWhatWaitsAsANewStream)
{
    for (int i = 1; i <= 4; ++i)
        addWindow(i);
    m_sender->tick(0);
    acknowledge(3);
    const std::string before = m_outbox->fill().stream;
    acknowledge(0); // it never heard of this stream
    m_sender->tick(1);
    EXPECT_NE(m_outbox->fill().stream, before);
    EXPECT_EQ(batch(1).stream, m_outbox->fill().stream);
    EXPECT_EQ(batch(1).first, 1);
    ASSERT_EQ(batch(1).entries.size(), 1u);
    EXPECT_EQ(std::get<protocol::TelemetryWindow>(batch(1).entries[0]).frames, 4);
    m_sender->acknowledged({ before, 4 }); // late: not of this stream
    EXPECT_EQ(m_outbox->fill().acknowledged, 0);
    acknowledge(1);
    EXPECT_EQ(m_outbox->fill().windows, 0);
    Outbox::Options options;
    options.folder = m_folder / "outbox";
    const std::string stream = m_outbox->fill().stream;
    m_outbox.reset();
    EXPECT_EQ(Outbox::open(std::move(options)).value()->fill().stream, stream); // nothing of the old one is left
}

TEST_F(Sending, timesAreThoseOfTheClockThatWasSetMeanwhile)
{
    protocol::TelemetryWindow window;
    window.packageSha256 = std::string(64, 'f');
    window.packageVersion = "1.0";
    window.fromMs = 1000; // 1970
    window.toMs = 61'000;
    const OutboxEntry entry { 1, OutboxEntry::Kind::Window, { "boot", 100'000, 61'000 }, bodyOf(window), {} };
    const std::int64_t today = 1'800'000'000'000;
    const auto told = std::get<protocol::TelemetryWindow>(telemetryEntryOf(entry, { "boot", 160'000, today }));
    EXPECT_EQ(told.toMs, today - 60'000);
    EXPECT_EQ(told.fromMs, today - 120'000);
    const auto otherRun = std::get<protocol::TelemetryWindow>(telemetryEntryOf(entry, { "other", 5, today }));
    EXPECT_EQ(otherRun.toMs, 61'000); // nothing better is known
    OutboxEntry broken = entry;
    broken.body = { { "type", "window" } };
    EXPECT_TRUE(std::holds_alternative<protocol::DroppedSample>(telemetryEntryOf(broken, { "boot", 160'000, today })));
}

}
}
