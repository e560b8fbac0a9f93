#include "core/transport/mqtt_client.h"

#include "core/base/time.h"
#include "tests/support/test_broker.h"

#include <arpa/inet.h>
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace percept::transport {
namespace {

using test::TestBroker;

// Until `isTrue`, at most ten seconds.
template <typename Condition>
bool eventually(Condition isTrue, double seconds = 10)
{
    for (const double end = base::monotonicSeconds() + seconds; base::monotonicSeconds() < end;) {
        if (isTrue())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return isTrue();
}

// A client that keeps what it heard.
struct Listener {
    std::mutex mutex;
    std::vector<MqttMessage> messages;
    std::vector<std::string> reasons;
    std::atomic<int> connects = 0;
    std::unique_ptr<MqttClient> client;

    Listener(const std::string& name, int port, std::vector<std::string> filters, const std::function<void(MqttOptions&)>& change = {})
    {
        MqttOptions options;
        options.clientId = name;
        options.port = port;
        options.filters = std::move(filters);
        options.firstRetrySeconds = 0.05;
        options.longestRetrySeconds = 0.4;
        if (change)
            change(options);
        MqttEvents events;
        events.connected = [this] { ++connects; };
        events.disconnected = [this](const MqttProblem& problem) {
            std::lock_guard lock(mutex);
            reasons.push_back(problem.reason);
        };
        events.received = [this](MqttMessage message) {
            std::lock_guard lock(mutex);
            messages.push_back(std::move(message));
        };
        client = MqttClient::start(options, events).value();
    }
    ~Listener() { client.reset(); }

    std::size_t count()
    {
        std::lock_guard lock(mutex);
        return messages.size();
    }
    std::string lastReason()
    {
        std::lock_guard lock(mutex);
        return reasons.empty() ? std::string() : reasons.back();
    }
    bool connected() const { return client->isConnected(); }
};

TEST(MqttOptions, sayWhatIsWrong)
{
    MqttOptions options;
    EXPECT_EQ(MqttClient::start(options, {}).error().code, base::ErrorCode::Usage); // no name
    options.clientId = "a";
    options.filters = { "a/#/b" };
    EXPECT_NE(options.check().error().message.find("a/#/b"), std::string::npos);
    options.filters = {};
    EXPECT_TRUE(options.check().hasValue());
    options.tls = MqttTls { "ca.crt", "me.crt", {} };
    EXPECT_TRUE(options.check().hasError());
    options.tls = MqttTls { "/no/such/ca.crt", {}, {} };
    EXPECT_TRUE(MqttClient::start(options, {}).hasError());
}

TEST(MqttClient, deliversInOrder)
{
    TestBroker broker;
    Listener hub("hub-1", broker.port(), { "t/+/up/#" }), device("a", broker.port(), {});
    ASSERT_TRUE(eventually([&] { return hub.connected() && device.connected(); }));
    for (int i = 0; i < 300; ++i)
        ASSERT_TRUE(eventually([&] { return device.client->publish("t/a/up/x", std::to_string(i)).hasValue(); }));
    ASSERT_TRUE(eventually([&] { return hub.count() == 300; })) << hub.count();
    for (int i = 0; i < 300; ++i)
        EXPECT_EQ(hub.messages[static_cast<std::size_t>(i)].payload, std::to_string(i));
    EXPECT_EQ(hub.messages[0].topic, "t/a/up/x");
}

TEST(MqttClient, isHeldUpByABrokerThatDoesNotConfirm)
{
    TestBroker broker;
    Listener device("a", broker.port(), {}, [](auto& options) { options.maxUnconfirmed = 5; });
    ASSERT_TRUE(eventually([&] { return device.connected(); }));
    broker.freeze();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(device.client->publish("t", "x").hasValue());
    EXPECT_TRUE(device.client->publish("t", "x").hasError());
    broker.thaw();
    EXPECT_TRUE(eventually([&] { return device.client->publish("t", "x").hasValue(); }));
}

// Else it would come after what was said meanwhile, as if it were news.
TEST(MqttClient, whatOneConnectionDidNotConfirmIsNotSaidOnTheNext)
{
    TestBroker broker;
    Listener device("a", broker.port(), {}, [](auto& options) {
        options.maxUnconfirmed = 5;
        options.firstRetrySeconds = options.longestRetrySeconds = 1; // the other one is there first
    });
    ASSERT_TRUE(eventually([&] { return device.connected(); }));
    broker.freeze();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(device.client->publish("t", "old").hasValue());
    broker.kill();
    broker.start();
    Listener hub("hub-1", broker.port(), { "t" });
    ASSERT_TRUE(eventually([&] { return hub.connected() && device.connects == 2; }));
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(device.client->publish("t", "new").hasValue()) << "nothing of before counts as unconfirmed";
    ASSERT_TRUE(eventually([&] { return hub.count() > 0 && hub.messages.back().payload == "new"; }));
    for (const auto& message : hub.messages)
        EXPECT_EQ(message.payload, "new");
}

TEST(MqttClient, comesBackAfterTheBrokerDiedAndListensAgain)
{
    TestBroker broker;
    Listener hub("hub-1", broker.port(), { "t" }), device("a", broker.port(), {});
    for (int round = 1; round <= 3; ++round) {
        ASSERT_TRUE(eventually([&] { return hub.connects == round && hub.connected() && device.connects == round && device.connected(); }));
        ASSERT_TRUE(device.client->publish("t", "x").hasValue());
        ASSERT_TRUE(eventually([&] { return hub.count() >= static_cast<std::size_t>(round); }));
        broker.kill();
        ASSERT_TRUE(eventually([&] { return !hub.connected() && !device.connected(); }));
        EXPECT_TRUE(device.client->publish("t", "x").hasError());
        broker.start();
    }
}

TEST(MqttClient, waitsLongerAndLonger)
{
    const int port = test::freePort();
    Listener device("a", port, {}, [](auto& options) {
        options.firstRetrySeconds = 0.1;
        options.longestRetrySeconds = 10;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(1800));
    std::lock_guard lock(device.mutex);
    EXPECT_GE(device.reasons.size(), 3u);
    EXPECT_LE(device.reasons.size(), 7u); // 0.1 0.2 0.4 0.8 1.6, each less a random part of up to a half
    EXPECT_EQ(device.reasons[0], "Connection refused");
}

TEST(MqttClient, theBrokerSpeaksForWhoFellSilentButNotForWhoSaidGoodbye)
{
    TestBroker broker;
    Listener hub("hub-1", broker.port(), { "t/#" });
    ASSERT_TRUE(eventually([&] { return hub.connected(); }));
    const auto withWill = [](auto& options) { options.will = MqttMessage { "t/gone", "a" }; };
    {
        Listener polite("a", broker.port(), {}, withWill);
        ASSERT_TRUE(eventually([&] { return polite.connected(); }));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(hub.count(), 0u);
    Listener first("a", broker.port(), {}, withWill);
    ASSERT_TRUE(eventually([&] { return first.connected(); }));
    Listener second("a", broker.port(), {}); // takes the name over: the broker hangs up on the first
    ASSERT_TRUE(eventually([&] { return hub.count() > 0; }));
    EXPECT_EQ(hub.messages[0].payload, "a");
}

TEST(MqttClient, sendsNothingTooLargeAndDropsWhatIs)
{
    TestBroker broker;
    Listener hub("hub-1", broker.port(), { "t" }, [](auto& options) { options.maxMessageBytes = 1000; });
    Listener device("a", broker.port(), {}, [](auto& options) { options.maxMessageBytes = 2000; });
    ASSERT_TRUE(eventually([&] { return hub.connected() && device.connected(); }));
    EXPECT_EQ(device.client->publish("t", std::string(2001, 'x')).error().code, base::ErrorCode::Refused);
    EXPECT_TRUE(device.client->publish("t", std::string(1001, 'x')).hasValue());
    EXPECT_TRUE(device.client->publish("t", std::string(1000, 'y')).hasValue());
    ASSERT_TRUE(eventually([&] { return hub.count() > 0; }));
    EXPECT_EQ(hub.messages[0].payload, std::string(1000, 'y'));
}

TEST(MqttClient, wrongPasswordsAreNamed)
{
    TestBroker broker("allow_anonymous false\n");
    Listener device("a", broker.port(), {}, [](auto& options) {
        options.userName = "a";
        options.password = "guess";
    });
    ASSERT_TRUE(eventually([&] { return !device.lastReason().empty(); }));
    EXPECT_NE(device.lastReason().find("not authorised"), std::string::npos) << device.lastReason();
    EXPECT_FALSE(device.connected());
}

// A port that takes connections and never says a word.
class SilentPort {
public:
    SilentPort()
        : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        ::bind(m_fd, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(m_fd, 10);
        ::getsockname(m_fd, reinterpret_cast<sockaddr*>(&address), &size);
        m_port = ntohs(address.sin_port);
    }
    ~SilentPort() { ::close(m_fd); }
    int port() const { return m_port; }

private:
    int m_fd, m_port = 0;
};

TEST(MqttClient, givesASilentBrokerUpAndStopsAtOnce)
{
    SilentPort silent;
    auto device = std::make_unique<Listener>("a", silent.port(), std::vector<std::string> {}, [](auto& options) { options.connectSeconds = 0.3; });
    ASSERT_TRUE(eventually([&] { return !device->lastReason().empty(); }));
    EXPECT_EQ(device->lastReason(), "it does not answer");
    const double before = base::monotonicSeconds();
    device.reset();
    EXPECT_LT(base::monotonicSeconds() - before, 1);
}

TEST(MqttClient, aFrozenBrokerIsNoticedByItsSilence)
{
    TestBroker broker;
    Listener device("a", broker.port(), {}, [](auto& options) { options.keepAliveSeconds = 5; });
    ASSERT_TRUE(eventually([&] { return device.connected(); }));
    broker.freeze();
    EXPECT_TRUE(eventually([&] { return !device.connected(); }, 20));
    broker.thaw();
    EXPECT_TRUE(eventually([&] { return device.connected(); }));
}

}
}
