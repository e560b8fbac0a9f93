#include "core/fleet/hub.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/fleet/fleet_database.h"
#include "core/fleet/hub_state.h"
#include "core/fleet/secrets.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/loopback.h"

#include <cstdlib>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::fleet {

namespace fs = std::filesystem;

namespace {

constexpr double kTickSeconds = 1;
constexpr double kEndSeconds = 0.02; // that a broker has for its end after its connections are gone

// A port that stays the same over restarts, because devices remember it.
base::Result<int> keptPort(FleetStore& store, const std::string& name)
{
    PERCEPT_ASSIGN(kept, store.readSetting(name));
    if (kept)
        return std::atoi(kept->c_str());
    PERCEPT_ASSIGN(port, transport::findFreePort());
    PERCEPT_TRY(store.writeSetting(name, std::to_string(port)));
    return port;
}

}

base::Result<void> Hub::State::prepare()
{
    PERCEPT_ASSIGN(opened, FleetStore::open(options.folder, "percept fleet serve"));
    store = std::move(opened);
    struct stat file {};
    if (::stat((options.folder / kFleetDatabaseName).c_str(), &file) == 0)
        memory = { file.st_dev, file.st_ino };
    core = std::make_unique<HubCore>(*store);
    core->apiToken = randomSecret();
    core->desiredChanged = [this](const std::string& device) { sendDesired(device); };
    core->isConnected = [this] { return client && client->isConnected(); };
    PERCEPT_TRY(prepareBroker());
    silence = std::make_unique<SilenceWatch>(options.silentWindows, base::monotonicSeconds());
    if (!options.hosts.empty())
        PERCEPT_TRY(prepareOutside());
    return {};
}

base::Result<void> Hub::State::prepareBroker()
{
    if (!options.broker.url.empty()) {
        PERCEPT_ASSIGN(others, OthersBroker::read(options.broker));
        PERCEPT_TRY(others.checkHosts(options.hosts));
        core->brokerPort = others.port();
        core->othersBroker = std::move(others);
        return {};
    }
    core->devicesChanged = [this] {
        if (const auto done = broker->reload(); done.hasError())
            spdlog::error("{}", done.error().message);
    };
    PERCEPT_ASSIGN(brokerPort, keptPort(*store, "broker_port"));
    core->brokerPort = brokerPort;
    broker = std::make_unique<OwnBroker>(*store, brokerPort);
    return {};
}

base::Result<void> Hub::State::prepareOutside()
{
    PERCEPT_ASSIGN(authority, Authority::loadOrMake(options.folder));
    PERCEPT_ASSIGN(server, authority.issueServer(options.hosts));
    PERCEPT_TRY(base::atomicWrite(serverFile("key"), std::string_view(server.key)));
    PERCEPT_TRY(base::atomicWrite(serverFile("crt"), std::string_view(server.certificate)));
    core->authority = std::move(authority);
    core->host = options.hosts.front();
    core->outsideBrokerPort = core->othersBroker ? core->brokerPort : options.brokerPort;
    core->outsidePackagePort = options.packagePort;
    if (broker)
        broker->openOutside({ options.listen, options.brokerPort, options.folder / "ca.crt", serverFile("crt"), serverFile("key") });
    return {};
}

base::Result<void> Hub::State::connect()
{
    transport::MqttOptions mqtt = core->othersBroker ? core->othersBroker->hubAccess() : transport::MqttOptions();
    if (broker) {
        mqtt.port = core->brokerPort;
        mqtt.userName = kHubUser;
        mqtt.password = broker->hubPassword();
    }
    mqtt.clientId = broker ? kHubUser : "percept-hub";
    mqtt.filters = { protocol::allFromDevices() };
    mqtt.maxMessageBytes = protocol::kMaxFieldSampleBytes;
    mqtt.maxUnconfirmed = 10'000;
    mqtt.firstRetrySeconds = 0.1;
    mqtt.longestRetrySeconds = broker ? 1 : 15; // our own is on the same machine
    transport::MqttEvents events;
    events.received = [this](transport::MqttMessage message) { inbox.put(std::move(message)); };
    events.connected = [this] { core->setBrokerProblem({}); };
    events.disconnected = [this](const transport::MqttProblem& problem) { brokerIsLost(problem); };
    PERCEPT_ASSIGN(started, transport::MqttClient::start(std::move(mqtt), std::move(events)));
    client = std::move(started);
    return {};
}

// Each cause is said once.
void Hub::State::brokerIsLost(const transport::MqttProblem& problem)
{
    if (broker)
        spdlog::warn("broker: {}", problem.reason);
    else if (const std::string advice = core->othersBroker->advice(problem); core->setBrokerProblem(advice))
        spdlog::warn("{}", advice);
    isCutOff = true;
    inbox.wake();
}

base::Result<void> Hub::State::serve()
{
    api = std::make_unique<transport::HttpServer>(transport::HttpServer::Options { 1u << 20, 8, {} });
    addApiRoutes(*api, *core);
    addRuleRoutes(*api, *core);
    addSampleRoutes(*api, *core);
    addAccessRoutes(*api, *core);
    addDeviceRoutes(*api, *core, /*isOutside=*/false);
    int port = options.apiPort;
    if (port == 0) {
        PERCEPT_ASSIGN(kept, keptPort(*store, "api_port"));
        port = kept;
    }
    PERCEPT_ASSIGN(bound, api->start({ "127.0.0.1", port }));
    core->apiPort = bound;
    if (core->authority) {
        outside = std::make_unique<transport::HttpServer>(
            transport::HttpServer::Options { 1u << 20, 16, transport::HttpServer::Tls { serverFile("crt"), serverFile("key") } });
        addDeviceRoutes(*outside, *core, /*isOutside=*/true);
        PERCEPT_TRY(outside->start({ options.listen, options.packagePort }));
    }
    return writeHubAddress(options.folder, { fmt::format("http://127.0.0.1:{}", bound), core->apiToken, ::getpid() });
}

base::Result<void> Hub::State::setUp()
{
    PERCEPT_TRY(prepare());
    if (broker)
        PERCEPT_TRY(broker->start());
    PERCEPT_TRY(connect());
    return serve();
}

void Hub::State::run(std::promise<base::Result<void>> ready)
{
    auto started = setUp();
    const bool failed = started.hasError();
    if (failed)
        tearDown();
    ready.set_value(std::move(started));
    if (failed)
        return;
    double nextTick = base::monotonicSeconds() + kTickSeconds;
    while (!stopping && !hasEnded) {
        handle(inbox.take(std::max(0.0, nextTick - base::monotonicSeconds())));
        if (isCutOff.exchange(false))
            nextTick = std::min(nextTick, base::monotonicSeconds() + kEndSeconds);
        if (base::monotonicSeconds() >= nextTick) {
            tick();
            nextTick = base::monotonicSeconds() + kTickSeconds;
        }
    }
    tearDown();
}

// On the thread that started the broker, in the order in which they need each other.
void Hub::State::tearDown()
{
    if (api && !hasEnded) // else the file belongs to another hub, or is gone
        removeHubAddress(options.folder);
    if (outside)
        outside->stop();
    if (api)
        api->stop();
    client.reset();
    if (broker)
        broker->stop();
}

Hub::Hub(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}

base::Result<std::unique_ptr<Hub>> Hub::start(HubOptions options)
{
    std::error_code error;
    options.folder = fs::absolute(options.folder, error);
    auto state = std::make_unique<State>(std::move(options));
    std::promise<base::Result<void>> ready;
    auto started = ready.get_future();
    state->thread = std::thread([raw = state.get(), promise = std::move(ready)]() mutable { raw->run(std::move(promise)); });
    std::unique_ptr<Hub> hub(new Hub(std::move(state)));
    PERCEPT_TRY(started.get());
    return hub;
}

Hub::~Hub()
{
    m_state->stopping = true;
    m_state->inbox.wake();
    m_state->thread.join();
}

bool Hub::hasEnded() const { return m_state->hasEnded; }

FleetStore& Hub::store() { return *m_state->store; }
int Hub::apiPort() const { return m_state->core->apiPort; }
int Hub::brokerPort() const { return m_state->core->brokerPort; }
const std::string& Hub::apiToken() const { return m_state->core->apiToken; }
bool Hub::isConnected() const { return m_state->core->isConnected(); }

}
