// The broker as a hub configures it, attacked: each case is refused by it or leads nowhere.
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/fleet/authority.h"
#include "core/fleet/broker_config.h"
#include "core/fleet/broker_process.h"
#include "core/fleet/secrets.h"
#include "core/protocol/fleet_state.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/certificate_request.h"
#include "core/transport/loopback.h"
#include "core/transport/mqtt_client.h"
#include "tests/support/mqtt_listener.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <arpa/inet.h>
#include <csignal>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace percept::fleet {
namespace {

using protocol::FleetTopic;
using protocol::fleetTopic;
using test::eventually;
using Listener = test::MqttListener;
using transport::MqttMessage;
using transport::MqttOptions;

class BrokerTest : public ::testing::Test {
protected:
    BrokerTest()
        : authority(Authority::make("fleet").value())
        , plainPort(transport::findFreePort().value())
        , tlsPort(transport::findFreePort().value())
    {
        const auto server = authority.issueServer({ "127.0.0.1", "localhost" }).value();
        put("ca.crt", authority.certificate());
        put("server.crt", server.certificate);
        put("server.key", server.key);
        put("passwd", fmt::format("hub:{}\na:{}\nb:{}\n", brokerPasswordHash("hub-secret"), brokerPasswordHash("a-secret"), brokerPasswordHash("b-secret")));
        put("acl", accessList({ { "a", "a" }, { "b", "b" } }));
        BrokerSettings settings { folder.path(), plainPort, {} };
        settings.outside = { "127.0.0.1", tlsPort, folder / "ca.crt", folder / "server.crt", folder / "server.key" };
        put("mosquitto.conf", brokerConfig(settings, ::geteuid() == 0 ? "root" : "mosquitto"));
        broker = BrokerProcess::start(folder / "mosquitto.conf", plainPort).value();
    }
    void put(const std::string& name, const std::string& text) { ASSERT_TRUE(base::atomicWrite(folder / name, std::string_view(text)).hasValue()); }

    MqttOptions byPassword(const std::string& name, const std::string& password, std::vector<std::string> filters = {})
    {
        MqttOptions options;
        options.port = plainPort;
        options.clientId = name.empty() ? "nobody" : name;
        options.userName = name;
        options.password = password;
        options.filters = std::move(filters);
        options.maxMessageBytes = 512u << 20;
        return options;
    }
    // A device on another machine, its certificate signed by `signer`.
    MqttOptions byCertificate(const std::string& name, const Authority& signer, const Validity& validity = {}, std::vector<std::string> filters = {})
    {
        const auto request = transport::makeCertificateRequest(name).value();
        put(name + ".crt", signer.signDevice(request.request, name, validity).value());
        put(name + ".key", request.key);
        MqttOptions options;
        options.port = tlsPort;
        options.clientId = name;
        options.filters = std::move(filters);
        options.tls = transport::MqttTls { folder / "ca.crt", folder / (name + ".crt"), folder / (name + ".key") };
        options.maxMessageBytes = 512u << 20;
        return options;
    }
    MqttOptions hubOptions() { return byPassword("hub", "hub-secret", { protocol::allFromDevices() }); }
    void expectRefused(MqttOptions options)
    {
        Listener intruder(std::move(options));
        EXPECT_TRUE(eventually([&] { return intruder.failures() >= 2; }));
        EXPECT_FALSE(intruder.isConnected());
    }
    // What reaches the hub when `a` says a last word after all that was tried.
    std::vector<MqttMessage> heardByHub(Listener& hub, Listener& a)
    {
        a.say(fleetTopic("a", FleetTopic::Get), "last");
        EXPECT_TRUE(eventually([&] { return !hub.heard().empty() && hub.heard().back().payload == "last"; }));
        return hub.heard();
    }

    test::TemporaryFolder folder;
    Authority authority;
    int plainPort, tlsPort;
    std::unique_ptr<BrokerProcess> broker;
};

TEST_F(BrokerTest, devicesAndHubReachEachOther)
{
    Listener hub(hubOptions()), a(byPassword("a", "a-secret", { protocol::allToDevice("a") })), b(byCertificate("b", authority, {}, { protocol::allToDevice("b") }));
    ASSERT_TRUE(eventually([&] { return hub.isConnected() && a.isConnected() && b.isConnected(); }));
    a.say(fleetTopic("a", FleetTopic::Get), "1");
    b.say(fleetTopic("b", FleetTopic::Get), "2");
    ASSERT_TRUE(eventually([&] { return hub.heard().size() == 2; }));
    hub.say(fleetTopic("a", FleetTopic::Desired), "3");
    hub.say(fleetTopic("b", FleetTopic::Desired), "4");
    ASSERT_TRUE(eventually([&] { return a.heard().size() == 1 && b.heard().size() == 1; }));
    EXPECT_EQ(a.heard()[0].payload, "3");
    EXPECT_EQ(b.heard()[0].payload, "4");
}

TEST_F(BrokerTest, theAnonymousAndTheWrongPasswordAreRefused)
{
    expectRefused(byPassword("", ""));
    expectRefused(byPassword("a", "guess"));
    expectRefused(byPassword("a", ""));
    expectRefused(byPassword("hub", "a-secret"));
    MqttOptions withoutCertificate = byCertificate("a", authority);
    withoutCertificate.tls->certificateFile.clear();
    withoutCertificate.tls->keyFile.clear();
    expectRefused(withoutCertificate);
    withoutCertificate.tls.reset(); // not even TLS
    expectRefused(withoutCertificate);
}

TEST_F(BrokerTest, expiredFutureAndForeignCertificatesAreRefused)
{
    expectRefused(byCertificate("a", authority, { "20000101000000Z", "20010101000000Z" }));
    expectRefused(byCertificate("a", authority, { "29000101000000Z", "29010101000000Z" }));
    expectRefused(byCertificate("a", Authority::make("fleet").value())); // another authority of the same name
}

TEST_F(BrokerTest, aDeviceRefusesABrokerThatIsNotItsHub)
{
    // Another fleet's authority.
    put("other.crt", Authority::make("fleet")->certificate());
    MqttOptions options = byCertificate("a", authority);
    options.tls->caFile = folder / "other.crt";
    expectRefused(options);
    // The right authority, but a certificate for another host.
    options = byCertificate("a", authority);
    options.host = "127.0.0.2";
    expectRefused(options);
    // A device's certificate does not make a server: a device cannot play the hub for others.
    broker.reset();
    const auto request = transport::makeCertificateRequest("b").value();
    put("server.crt", authority.signDevice(request.request, "b").value());
    put("server.key", request.key);
    broker = BrokerProcess::start(folder / "mosquitto.conf", plainPort).value();
    expectRefused(byCertificate("a", authority));
}

TEST_F(BrokerTest, aDeviceCannotSpeakAsAnother)
{
    Listener hub(hubOptions()), a(byPassword("a", "a-secret")), b(byCertificate("b", authority));
    ASSERT_TRUE(eventually([&] { return hub.isConnected() && a.isConnected() && b.isConnected(); }));
    b.say(fleetTopic("a", FleetTopic::Telemetry), "forged");
    b.say(fleetTopic("b", FleetTopic::Desired), "forged");
    b.say("percept/1/devices/c/up/get", "forged");
    b.say("$SYS/broker/uptime", "forged");
    b.say(fleetTopic("b", FleetTopic::Get), "own");
    ASSERT_TRUE(eventually([&] { return !hub.heard().empty(); }));
    for (const auto& message : heardByHub(hub, a))
        EXPECT_NE(message.payload, "forged") << message.topic;
}

TEST_F(BrokerTest, aWildcardHearsNothingOfOthers)
{
    Listener hub(hubOptions()), a(byPassword("a", "a-secret")),
        spy(byCertificate("b", authority, {}, { "#", "percept/1/devices/+/down/#", "percept/1/devices/a/#", "$SYS/#" }));
    eventually([&] { return hub.isConnected() && a.isConnected() && spy.isConnected(); });
    ASSERT_TRUE(hub.isConnected() && a.isConnected());
    a.say(fleetTopic("a", FleetTopic::Telemetry), "private");
    hub.say(fleetTopic("a", FleetTopic::Desired), "private");
    heardByHub(hub, a);
    hub.say(fleetTopic("b", FleetTopic::Desired), "own");
    eventually([&] { return !spy.heard().empty(); }, 1);
    for (const auto& message : spy.heard())
        EXPECT_EQ(message.topic, fleetTopic("b", FleetTopic::Desired)) << message.payload;
}

TEST_F(BrokerTest, aHugeMessageReachesNobodyAndCostsTheOthersNothing)
{
    Listener hub(hubOptions()), a(byPassword("a", "a-secret")), b(byCertificate("b", authority));
    ASSERT_TRUE(eventually([&] { return hub.isConnected() && a.isConnected() && b.isConnected(); }));
    b.say(fleetTopic("b", FleetTopic::Sample), std::string(255u << 20, 'x')); // MQTT itself ends at 256 MiB
    EXPECT_TRUE(eventually([&] { return b.failures() > 0; }, 30)); // the broker hangs up at the header
    EXPECT_EQ(heardByHub(hub, a).size(), 1u);
    EXPECT_TRUE(broker->isRunning());
}

TEST_F(BrokerTest, nothingIsRetained)
{
    // Retaining is not offered by our client: a hand-made one asks for it.
    const std::string topic = fleetTopic("b", FleetTopic::Desired), payload = "poison";
    std::string packet { "\x31" };
    packet += static_cast<char>(2 + topic.size() + payload.size());
    packet += '\0';
    packet += static_cast<char>(topic.size());
    packet += topic + payload;
    constexpr char kHello[] = "\x10\x20\x00\x04MQTT\x04\xc2\x00\x3c\x00\x03hub\x00\x03hub\x00\x0ahub-secret"; // CONNECT
    const std::string hello(kHello, sizeof(kHello) - 1);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(plainPort));
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(::send(fd, hello.data(), hello.size(), 0), static_cast<ssize_t>(hello.size()));
    char answer[4] = {};
    ASSERT_EQ(::recv(fd, answer, 4, MSG_WAITALL), 4);
    ASSERT_EQ(answer[3], 0) << "the hand-made client was not let in";
    ASSERT_EQ(::send(fd, packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
    EXPECT_LE(::recv(fd, answer, 4, 0), 0); // hung up
    ::close(fd);
    Listener b(byPassword("b", "b-secret", { protocol::allToDevice("b") }));
    ASSERT_TRUE(eventually([&] { return b.isConnected(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_TRUE(b.heard().empty());
}

TEST_F(BrokerTest, aBorrowedClientIdThrowsNobodyOut)
{
    Listener a(byPassword("a", "a-secret"));
    ASSERT_TRUE(eventually([&] { return a.isConnected(); }));
    MqttOptions thief = byPassword("b", "b-secret"), thiefOutside = byCertificate("b", authority);
    thief.clientId = "a";
    Listener b(thief);
    ASSERT_TRUE(eventually([&] { return b.isConnected(); }));
    b.client.reset();
    thiefOutside.clientId = "a";
    Listener c(thiefOutside);
    ASSERT_TRUE(eventually([&] { return c.isConnected(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_TRUE(a.isConnected());
    EXPECT_EQ(a.failures(), 0u);
}

TEST_F(BrokerTest, whoIsThrownOutIsOutAtOnce)
{
    Listener hub(hubOptions()), a(byPassword("a", "a-secret")), b(byCertificate("b", authority));
    ASSERT_TRUE(eventually([&] { return hub.isConnected() && a.isConnected() && b.isConnected(); }));
    b.say(fleetTopic("b", FleetTopic::Get), "here");
    ASSERT_TRUE(eventually([&] { return hub.heard().size() == 1; }));
    put("passwd", fmt::format("hub:{}\n", brokerPasswordHash("hub-secret")));
    put("acl", accessList({}));
    broker->reload();
    EXPECT_TRUE(eventually([&] { return !a.isConnected(); }));
    // A certificate cannot be taken back, but whoever holds it has no topic left.
    b.say(fleetTopic("b", FleetTopic::Get), "still here");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_TRUE(hub.isConnected()) << "or it would have heard nothing anyway";
    EXPECT_EQ(hub.heard().size(), 1u);
}

TEST_F(BrokerTest, diesWithTheProcessThatStartedIt)
{
    broker.reset();
    int tell[2];
    ASSERT_EQ(::pipe(tell), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto started = BrokerProcess::start(folder / "mosquitto.conf", plainPort);
        const pid_t pid = started.hasValue() ? started.value()->processId() : 0;
        const ssize_t written = ::write(tell[1], &pid, sizeof(pid));
        ::kill(::getpid(), written == sizeof(pid) ? SIGKILL : SIGABRT);
    }
    pid_t pid = 0;
    ASSERT_EQ(::read(tell[0], &pid, sizeof(pid)), static_cast<ssize_t>(sizeof(pid)));
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(eventually([&] { return !transport::isAnswering(plainPort); }, 3));
}

TEST_F(BrokerTest, aPortThatIsTakenIsSaid)
{
    const auto second = BrokerProcess::start(folder / "mosquitto.conf", plainPort);
    ASSERT_TRUE(second.hasError());
    EXPECT_NE(second.error().message.find(std::to_string(plainPort)), std::string::npos);
    put("bad.conf", "listener nonsense\n");
    EXPECT_NE(BrokerProcess::start(folder / "bad.conf", transport::findFreePort().value()).error().message.find("does not start"), std::string::npos);
}

}
}
