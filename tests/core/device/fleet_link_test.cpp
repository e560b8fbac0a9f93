#include "core/base/files.h"
#include "core/device/control_socket.h"
#include "tests/core/device/answer_watch.h"
#include "tests/core/device/fleet_link_fixture.h"

#include <csignal>

// percept-edge run --mqtt: what it makes of a hub that lies, forgets or goes away. Broker and package server are real, the
// hub is the test.
namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using protocol::DesiredState;
using protocol::FleetTopic;

TEST_F(FleetLink, everyLieOfAHubIsRefusedWithItsKind)
{
    startEdge();
    EXPECT_EQ(reported()->running->sha256, base::sha256OfFile(m_folder / "v1.ppkg").value());
    EXPECT_EQ(refusedAs(want(version("3.1", 6, 2), 1)), "untrusted");
    EXPECT_EQ(refusedAs(want(version("3.2", 4), 2)), "older");
    auto otherBytes = want(version("3.3", 7), 3);
    fs::copy_file(version("3.4", 7), m_folder / otherBytes.package->sha256, fs::copy_options::overwrite_existing);
    EXPECT_EQ(refusedAs(otherBytes), "fetch");
    auto otherSize = want(version("3.5", 7), 4);
    otherSize.package->bytes += 1;
    EXPECT_EQ(refusedAs(otherSize), "fetch");
    auto huge = want(version("3.6", 7), 5);
    huge.package->bytes = 1ll << 39;
    EXPECT_EQ(refusedAs(huge), "fetch");
    makeBadPackage(m_folder / "nan.ppkg", Fault::WrongGolden, 1, testKey(1));
    EXPECT_EQ(refusedAs(want(m_folder / "nan.ppkg", 6)), "golden");
    for (const char* rubbish : { "", "garbage", "{}", R"({"v":99,"version":99})", R"({"v":1,"version":99,"package":{"sha256":"../../etc"}})" })
        send(FleetTopic::Desired, rubbish);
    send(FleetTopic::Ack, R"({"v":1,"stream":"x","sequence":9})");
    tell(want(version("2.0", 8), 7));
    EXPECT_TRUE(runsVersion("2.0")) << m_edge->errors();
    EXPECT_FALSE(reported()->refusal.has_value());
    EXPECT_TRUE(eventually([&] { return reported()->desiredVersion == 7; }));
}

TEST_F(FleetLink, aLowerVersionIsIgnoredAndARefusedPackageNotTriedAgain)
{
    startEdge();
    tell(want(version("2.0", 6), 10));
    ASSERT_TRUE(runsVersion("2.0")) << m_edge->errors();
    tell(want(version("3.0", 7), 9));
    const auto stranger = want(version("4.1", 8, 2), 11);
    tell(stranger);
    ASSERT_TRUE(eventually([&] { return reported()->refusal.has_value(); }));
    EXPECT_EQ(reported()->running->version, "2.0");
    const int fetches = m_fetches;
    auto again = stranger;
    again.version = 12; // other rules, say
    tell(again);
    ASSERT_TRUE(eventually([&] { return reported()->desiredVersion == 12; }));
    EXPECT_EQ(m_fetches, fetches);
    EXPECT_EQ(reported()->refusal->kind, "untrusted");
}

TEST_F(FleetLink, whatCouldNotBeFetchedComesWhenTheServerIsBack)
{
    startEdge();
    m_isBroken = true;
    tell(want(version("2.0", 6), 1));
    ASSERT_TRUE(eventually([&] { return m_fetches >= 2; }));
    EXPECT_EQ(reported()->running->version, "1.0");
    EXPECT_FALSE(reported()->refusal.has_value()); // the way is no word about the package
    m_isBroken = false;
    EXPECT_TRUE(runsVersion("2.0")) << m_edge->errors();
}

TEST_F(FleetLink, itComesBackToABrokerThatWasAwayAndAsksForItsState)
{
    startEdge();
    const int before = asked();
    m_broker.kill();
    ASSERT_TRUE(eventually([&] { return !device::askEdge(m_folder / "state", { { "type", "status" } })->at("fleet").value("connected", true); }));
    m_broker.start();
    ASSERT_TRUE(eventually([&] { return m_hub->isConnected(); }));
    ASSERT_TRUE(eventually([&] { return asked() > before; }, 20)) << m_edge->errors();
    m_edge->signal(SIGKILL);
    EXPECT_TRUE(eventually([&] { // the broker says it for him
        const std::lock_guard lock(m_mutex);
        return m_isOnline == false;
    }));
}

TEST_F(FleetLink, aHubThatComesLaterThanTheBrokerIsToldAllTheSame)
{
    m_hub.reset();
    m_edge.emplace(arguments({ "--package", (m_folder / "v1.ppkg").string() }));
    ASSERT_TRUE(eventually([&] {
        const auto status = device::askEdge(m_folder / "state", { { "type", "status" } });
        return status.hasValue() && status->at("fleet").value("connected", false);
    })) << m_edge->errors();
    std::this_thread::sleep_for(std::chrono::milliseconds(300)); // what it says now nobody hears
    connectHub();
    EXPECT_TRUE(eventually([&] { return asked() > 0 && reported().has_value(); })) << m_edge->errors();
}

TEST_F(FleetLink, aRestartGoesOnWithWhatWasWantedAlsoWithoutABroker)
{
    startEdge();
    m_isBroken = true;
    tell(want(version("2.0", 6), 3));
    ASSERT_TRUE(eventually([&] { return m_fetches >= 1; }));
    m_edge->signal(SIGTERM);
    EXPECT_EQ(m_edge->wait(), 0) << m_edge->errors();
    m_broker.kill();
    m_isBroken = false;
    m_edge.emplace(arguments());
    EXPECT_TRUE(eventually([&] {
        const auto status = device::askEdge(m_folder / "state", { { "type", "status" } });
        return status.hasValue() && status->at("running").is_object() && status->at("running").value("version", "") == "2.0";
    })) << m_edge->errors();
}

TEST_F(FleetLink, theFirstPackageMayComeFromTheFleetAndABadOneLeavesItWaiting)
{
    m_edge.emplace(arguments());
    ASSERT_TRUE(eventually([this] { return reported().has_value(); })) << m_edge->errors();
    EXPECT_FALSE(reported()->running.has_value());
    makeBadPackage(m_folder / "bad.ppkg", Fault::WrongGolden, 1, testKey(1));
    tell(want(m_folder / "bad.ppkg", 1));
    ASSERT_TRUE(eventually([&] { return reported()->refusal.has_value(); })) << m_edge->errors();
    EXPECT_FALSE(reported()->running.has_value());
    tell(want(version("2.0", 6), 2));
    EXPECT_TRUE(runsVersion("2.0")) << m_edge->errors();
    // Its only slot becomes damaged while it is off: it goes on, and the package comes again.
    m_edge->signal(SIGTERM);
    EXPECT_EQ(m_edge->wait(), 0);
    auto bytes = base::readFile(m_folder / "state/slots/a.ppkg").value();
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(base::atomicWrite(m_folder / "state/slots/a.ppkg", std::span<const std::uint8_t>(bytes)).hasValue());
    m_edge.emplace(arguments());
    EXPECT_TRUE(eventually([&] {
        const auto status = device::askEdge(m_folder / "state", { { "type", "status" } });
        return status.hasValue() && status->at("running").is_object() && status->at("running").value("version", "") == "2.0";
    })) << m_edge->errors();
}

TEST_F(FleetLink, aFirstPackageThatDiesAgainAndAgainIsLeftForTheNext)
{
    m_grace = "60";
    LineProgram edge(PERCEPT_FAULTY_EDGE, arguments({ "--http", "127.0.0.1:0" }));
    ASSERT_TRUE(eventually([this] { return reported().has_value(); })) << edge.errors();
    makeVersion(m_folder / "crash.ppkg", "2.0", 6, testKey(1), "crash 9"); // at every ninth picture
    tell(want(m_folder / "crash.ppkg", 1));
    ASSERT_TRUE(eventually([&] { return reported()->running.has_value(); })) << edge.errors();
    {
        AnswerWatch pictures(waitForState(m_folder / "state"), 1);
        ASSERT_TRUE(eventually([&] { return reported()->refusal && !reported()->running; }, 20)) << edge.errors();
    }
    EXPECT_EQ(reported()->refusal->kind, "unhealthy");
    EXPECT_EQ(reported()->activity, "idle");
    tell(want(version("3.0", 7), 2));
    EXPECT_TRUE(eventually([&] { return reported()->running && reported()->running->version == "3.0"; })) << edge.errors();
    EXPECT_FALSE(reported()->refusal.has_value());
}

}
}
