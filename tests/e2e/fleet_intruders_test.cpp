// Twelve ways into a fleet, against the real hub and its broker, beyond loopback by TLS: each is refused or leads nowhere, and the
// fleet goes on working.
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/fleet/fleet_view.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/http_client.h"
#include "tests/core/device/edge_process.h"
#include "tests/e2e/intruded_fleet.h"
#include "tests/support/bad_package.h"
#include "tests/support/raw_mqtt.h"
#include "tests/support/run_program.h"
#include "tests/support/test_broker.h"

#include <cstdlib>
#include <fmt/format.h>

namespace percept::test {
namespace {

using nlohmann::json;
using protocol::FleetTopic;
using protocol::fleetTopic;
using transport::HttpClient;

class FleetIntruders : public IntrudedFleet {
protected:
    HttpClient overTls(const std::string& server, const std::string& secret = {}) const
    {
        HttpClient::Options options;
        options.caFile = folder / "ca.crt";
        options.bearerToken = secret;
        return HttpClient(server, options);
    }
    // A broker of the intruder's own at which the device "b" is led to look for its hub.
    std::unique_ptr<TestBroker> ownBroker(const fleet::Credentials& credentials)
    {
        put("rogue.crt", credentials.certificate);
        put("rogue.key", credentials.key);
        return std::make_unique<TestBroker>(fmt::format("allow_anonymous true\ncertfile {0}/rogue.crt\nkeyfile {0}/rogue.key\n", folder.path().string()));
    }
    transport::MqttOptions ledTo(const TestBroker& broker) const
    {
        auto options = asB();
        options.port = broker.port();
        return options;
    }
    // Of an outbox that nobody has heard of, with counts that must not be found later.
    static std::string forgedTelemetry()
    {
        protocol::TelemetryBatch batch { std::string(32, 'e'), 1, {} };
        protocol::TelemetryWindow window;
        window.packageSha256 = std::string(64, 'f');
        window.packageVersion = "1.0";
        window.frames = 1'000'000;
        batch.entries.emplace_back(window);
        return protocol::encode(batch);
    }
    // `b` is heard: what it said before has been dealt with.
    void waitUntilHeard(MqttListener& listener)
    {
        EXPECT_TRUE(eventually([&] {
            listener.say(fleetTopic("b", FleetTopic::Get), "");
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            for (const auto& message : listener.heard())
                if (message.topic == fleetTopic("b", FleetTopic::Desired))
                    return true;
            return false;
        }));
    }
    fleet::Authority authority() const { return fleet::Authority::loadOrMake(folder / "fleet").value(); }
};

TEST_F(FleetIntruders, theAnonymous)
{
    expectRefused(byPassword("", ""));
    auto anonymous = asB();
    anonymous.tls->certificateFile.clear();
    anonymous.tls->keyFile.clear();
    expectRefused(anonymous);
    anonymous.tls.reset(); // not even TLS
    expectRefused(anonymous);
    EXPECT_EQ(overTls(outside()).post("/enrol", R"({"v":1,"token":"","device":"c"})")->status, 400);
    EXPECT_EQ(overTls(outside()).get("/packages/" + std::string(64, '0'))->status, 401);
    EXPECT_EQ(HttpClient(hub->server(), {}).get("/api/devices")->status, 401);
    EXPECT_EQ(overTls(outside()).get("/api/devices")->status, 404);
    EXPECT_TRUE(hub->device("c").is_null());
}

TEST_F(FleetIntruders, aWrongPassword)
{
    expectRefused(byPassword("witness", "guess"));
    expectRefused(byPassword("witness", ""));
    expectRefused(byPassword("witness", b.secret)); // another's
    expectRefused(byPassword("hub", b.secret));
    auto beyond = byPassword("b", b.secret); // the right one is no way in from other machines
    beyond.port = brokerPort;
    expectRefused(beyond);
    beyond.tls = transport::MqttTls { folder / "ca.crt", {}, {} };
    expectRefused(beyond);
    EXPECT_EQ(overTls(outside(), "guess").get("/packages/" + std::string(64, '0'))->status, 401);
    EXPECT_EQ(overTls(outside(), b.secret).get("/packages/" + std::string(64, '0'))->status, 404) << "a secret that is right is let in";
}

TEST_F(FleetIntruders, anExpiredCertificate)
{
    const fleet::Validity over { "20000101000000Z", "20010101000000Z" }, notYet { "29000101000000Z", "29010101000000Z" };
    expectRefused(withCertificate(authority(), over));
    expectRefused(withCertificate(authority(), notYet));
    // The other way round: a broker that shows one to a device.
    for (const auto& validity : { over, notYet }) {
        const auto broker = ownBroker(authority().issueServer({ "127.0.0.1" }, validity).value());
        expectRefused(ledTo(*broker));
    }
    const MqttListener good(withCertificate(authority())); // or all of this would say nothing
    EXPECT_TRUE(eventually([&] { return good.isConnected(); }));
}

TEST_F(FleetIntruders, aSelfSignedCertificate)
{
    const auto stranger = fleet::Authority::loadOrMake(folder / "config").value(); // by itself, and of the fleet's very name
    auto selfSigned = asB();
    selfSigned.tls = transport::MqttTls { folder / "ca.crt", folder / "config/ca.crt", folder / "config/ca.key" };
    expectRefused(selfSigned);
    expectRefused(withCertificate(stranger));
    const fleet::Credentials itself { base::readTextFile(folder / "config/ca.crt").value(), base::readTextFile(folder / "config/ca.key").value() };
    for (const auto& credentials : { itself, stranger.issueServer({ "127.0.0.1" }).value() }) {
        const auto broker = ownBroker(credentials);
        expectRefused(ledTo(*broker));
    }
    // Nor is a package server believed that cannot show more.
    HttpClient::Options options;
    options.caFile = folder / "config/ca.crt";
    EXPECT_TRUE(HttpClient(outside(), options).get("/packages/" + std::string(64, '0')).hasError());
}

TEST_F(FleetIntruders, aCertificateOfAnotherHost)
{
    auto elsewhere = asB();
    elsewhere.host = "127.0.0.2"; // the hub itself, by an address that its certificate does not name
    expectRefused(elsewhere);
    EXPECT_TRUE(overTls("https://127.0.0.2:" + std::to_string(packagePort)).get("/authority").hasError());
    EXPECT_EQ(overTls(outside()).get("/authority")->status, 200);
    {
        const auto broker = ownBroker(authority().issueServer({ "hub.example" }).value());
        expectRefused(ledTo(*broker));
    }
    { // A device cannot play the hub for others with the certificate that it has.
        const auto broker = ownBroker({ base::readTextFile(folder / "b/device.crt").value(), base::readTextFile(folder / "b/device.key").value() });
        expectRefused(ledTo(*broker));
    }
    const auto broker = ownBroker(authority().issueServer({ "127.0.0.1" }).value());
    const MqttListener good(ledTo(*broker)); // or all of this would say nothing
    EXPECT_TRUE(eventually([&] { return good.isConnected(); }));
}

TEST_F(FleetIntruders, aDeviceAsAnother)
{
    for (const auto& options : { asB({ protocol::allToDevice("b") }), byPassword("b", b.secret) }) {
        auto own = options;
        own.filters = { protocol::allToDevice("b") };
        MqttListener intruder(own);
        ASSERT_TRUE(eventually([&] { return intruder.isConnected(); }));
        for (const char* name : { "witness", "b/../witness", "hub", "c" })
            intruder.say(fleetTopic(name, FleetTopic::Telemetry), forgedTelemetry());
        intruder.say(fleetTopic("witness", FleetTopic::Presence), protocol::encode(protocol::Presence { false }));
        intruder.say(fleetTopic("witness", FleetTopic::Desired), R"({"v":1,"version":900,"windowSeconds":1})");
        intruder.say(fleetTopic("witness", FleetTopic::Ack), R"({"v":1,"stream":")" + std::string(32, 'e') + R"(","sequence":900})");
        waitUntilHeard(intruder);
        EXPECT_TRUE(hub->device("witness").value("online", false));
        EXPECT_TRUE(hub->device("c").is_null());
        ASSERT_TRUE(witness->desired().has_value());
        EXPECT_LT(witness->desired()->version, 900);
        expectWitnessIsCounted(); // and nothing more than what it said
    }
    const json granted = hub->tell("/api/enroll", { { "device", "c" } });
    EXPECT_TRUE(TestDevice::enrol(outside(), granted.at("token"), "witness", folder / "ca.crt", folder.path()).hasError());
}

TEST_F(FleetIntruders, aWildcardSubscription)
{
    for (const char* filter : { "#", "percept/#", "percept/1/devices/+/down/#", "percept/1/devices/witness/#", "+/+/+/+/+/+",
             "$share/b/percept/#", "$SYS/#" }) {
        MqttListener spy(asB({ filter, protocol::allToDevice("b") }));
        eventually([&] { return spy.isConnected() || spy.failures() > 0; });
        expectWitnessIsCounted(); // by messages up and down
        hub->tell("/api/rules", { { "device", "witness" }, { "rules", json::object() } });
        if (spy.isConnected())
            waitUntilHeard(spy);
        for (const auto& message : spy.heard())
            EXPECT_TRUE(message.topic.starts_with("percept/1/devices/b/down/")) << filter << " hears " << message.topic;
    }
}

TEST_F(FleetIntruders, aPayloadOf300Megabytes)
{
    constexpr std::size_t kMegabyte = 1u << 20, kMostOfMqtt = 268'435'455;
    const std::int64_t hubBefore = mostMemoryOf(hub->processId()), brokerBefore = mostMemoryOf(hub->brokerProcessId());
    {
        RawConnection raw(ownBrokerPort);
        ASSERT_TRUE(raw.send(RawMqtt::connect("b", "b", b.secret)));
        ASSERT_EQ(raw.receive(4), std::string("\x20\x02\x00\x00", 4)) << "was not let in";
        raw.send(RawMqtt::publishHeader(kMostOfMqtt) + std::string("\0\x1b", 2) + fleetTopic("b", FleetTopic::Sample));
        const std::string megabyte(kMegabyte, 'x');
        int sent = 0;
        while (sent < 300 && raw.send(megabyte))
            ++sent;
        EXPECT_LT(sent, 100) << "the broker hangs up at the header";
    }
    {
        MqttListener large(asB());
        ASSERT_TRUE(eventually([&] { return large.isConnected(); }));
        large.say(fleetTopic("b", FleetTopic::Sample), std::string(255 * kMegabyte, 'x'));
        EXPECT_TRUE(eventually([&] { return large.failures() > 0; }, 60));
    }
    // What the broker lets through is no telemetry either when it is larger than that can be.
    MqttListener smaller(asB());
    ASSERT_TRUE(eventually([&] { return smaller.isConnected(); }));
    smaller.say(fleetTopic("b", FleetTopic::Telemetry), forgedTelemetry() + std::string(3 * kMegabyte, ' '));
    const auto posted = overTls(outside()).post("/enrol", std::string(300 * kMegabyte, 'x'));
    EXPECT_TRUE(posted.hasError() || posted->status == 413) << posted->status;
    expectWitnessIsCounted();
    constexpr std::int64_t kMost = 64 * kMegabyte;
    EXPECT_LT(mostMemoryOf(hub->processId()) - hubBefore, kMost);
    EXPECT_LT(mostMemoryOf(hub->brokerProcessId()) - brokerBefore, kMost);
}

TEST_F(FleetIntruders, malformedJson)
{
    MqttListener intruder(asB({ protocol::allToDevice("b") }));
    ASSERT_TRUE(eventually([&] { return intruder.isConnected(); }));
    const std::string sound = forgedTelemetry();
    std::vector<std::string> rubbish { "", "{", "null", "[]", "7", "\"\"", "{}", std::string(1, '\0'), "\xff\xfe\xfd", std::string(100'000, '['),
        R"({"v":1)", R"({"v":99})", R"({"v":1,"stream":7,"first":-1,"entries":{}})", R"({"v":1e999,"first":1e999})", R"({"v":1,"first":99999999999999999999})",
        R"({"v":1,"stream":"../../../../etc/passwd","first":1,"entries":[{"type":"window"}]})", sound + "x", sound.substr(0, sound.size() / 2) };
    for (std::size_t at = 0; at < sound.size(); at += 9) { // one byte of a sound one is another
        rubbish.push_back(sound);
        rubbish.back()[at] = '\x01';
    }
    for (const char* topic : { "telemetry", "sample", "reported", "presence", "get" })
        for (const auto& text : rubbish) {
            intruder.say(std::string("percept/1/devices/b/up/") + topic, text);
            std::this_thread::sleep_for(std::chrono::microseconds(500)); // the client itself bounds what is under way
        }
    waitUntilHeard(intruder);
    EXPECT_EQ(intruder.failures(), 0u) << "rubbish costs nobody his connection";
    for (const auto& text : rubbish)
        EXPECT_GE(overTls(outside()).post("/enrol", text)->status, 400);
}

TEST_F(FleetIntruders, aRetainedPoison)
{
    for (const int quality : { 0, 1 }) {
        RawConnection raw(ownBrokerPort);
        ASSERT_TRUE(raw.send(RawMqtt::connect("b", "b", b.secret)));
        ASSERT_EQ(raw.receive(4), std::string("\x20\x02\x00\x00", 4)) << "was not let in";
        raw.send(RawMqtt::publish(fleetTopic("b", FleetTopic::Telemetry), forgedTelemetry(), quality, /*isRetained=*/true));
        EXPECT_TRUE(raw.isCutWithin(10)) << "who wants to have something kept is thrown out";
    }
    // Nothing is there for who comes later.
    MqttListener later(asB({ protocol::allToDevice("b"), "percept/1/devices/b/up/#" }));
    eventually([&] { return later.isConnected(); }, 2);
    hub->tell("/api/rules", { { "device", "b" }, { "rules", json::object() } });
    expectWitnessIsCounted();
    for (const auto& message : later.heard())
        EXPECT_EQ(message.topic, fleetTopic("b", FleetTopic::Desired));
}

TEST_F(FleetIntruders, aTakenOverClientId)
{
    const auto before = base::readTextFile(folder / "fleet/broker/mosquitto.log").value();
    for (const std::string& id : { std::string("witness"), nameAtBroker("witness"), std::string("hub") })
        for (auto options : { asB(), byPassword("b", b.secret) }) {
            options.clientId = id;
            const MqttListener thief(options);
            EXPECT_TRUE(eventually([&] { return thief.isConnected(); })) << "as itself, under whatever name";
            expectWitnessIsCounted();
            EXPECT_EQ(thief.failures(), 0u);
        }
    const auto log = base::readTextFile(folder / "fleet/broker/mosquitto.log").value().substr(before.size());
    EXPECT_EQ(log.find("witness already connected"), std::string::npos);
    EXPECT_EQ(log.find("hub already connected"), std::string::npos) << log;
}

// In the past and in the future: the device with a real percept-edge, and the hub itself.
TEST_F(FleetIntruders, aClockThatIsTenYearsOff)
{
    constexpr long long kTenYears = 3653ll * 86'400;
    for (const auto& [name, offset] : { std::pair("past", -kTenYears), std::pair("future", kTenYears) }) {
        const std::string state = (folder / name).string(), line = hub->tell("/api/enroll", { { "device", name } }).at("line");
        ::setenv("LD_PRELOAD", PERCEPT_WRONG_CLOCK, 1);
        ::setenv("PERCEPT_CLOCK_OFFSET", std::to_string(offset).c_str(), 1);
        const auto enrolled = runProgram("percept-edge", { "enroll", "--state", state, line, "--json" });
        EdgeProcess edge({ "run", "--state", state, "--threads", "1", "--http", "127.0.0.1:0", "--grace", "0.3", "--live-wait", "1" });
        ::unsetenv("LD_PRELOAD");
        ::unsetenv("PERCEPT_CLOCK_OFFSET");
        ASSERT_EQ(enrolled.status, 0) << enrolled.err;
        EXPECT_TRUE(eventually([&, name = name] { return hub->device(name).value("online", false); }, 30)) << edge.errors();
        // When it was heard, the hub knows.
        EXPECT_LT(std::abs(hub->device(name).at("seen_ms").get<double>() - static_cast<double>(base::nowMs())), 60'000);
        expectWitnessIsCounted();
    }
    // Counts are of the day on which they came where the device's own word is impossible.
    MqttListener c(TestDevice::optionsFor(join("c"), folder / "c"));
    ASSERT_TRUE(eventually([&] { return c.isConnected(); }));
    protocol::TelemetryBatch batch { std::string(32, 'c'), 1, {} };
    for (const long long offset : { -kTenYears, kTenYears }) {
        protocol::TelemetryWindow window;
        window.packageSha256 = std::string(64, 'f');
        window.packageVersion = "1.0";
        window.toMs = base::nowMs() + offset * 1000;
        batch.entries.emplace_back(window);
    }
    c.say(fleetTopic("c", FleetTopic::Telemetry), protocol::encode(batch));
    ASSERT_TRUE(eventually([&] { return totalsOf("c").is_object() && totalsOf("c").at("windows") == 2; }));
    const auto view = fleet::FleetView::open(folder / "fleet").value();
    fleet::TelemetryCursor cursor;
    int found = 0;
    ASSERT_TRUE(view->readWindows(cursor, [&](const fleet::StoredWindow& stored) {
        found += stored.device == "c" && std::abs(stored.timeMs() - base::nowMs()) < 60'000;
        return true;
    }).hasValue());
    EXPECT_EQ(found, 2);
}

}
}
