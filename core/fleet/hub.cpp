#include "core/fleet/hub.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/fleet/hub_core.h"
#include "core/fleet/inbox.h"
#include "core/fleet/own_broker.h"
#include "core/fleet/rollout_watch.h"
#include "core/fleet/secrets.h"
#include "core/fleet/silence.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/mqtt_client.h"

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <future>
#include <spdlog/spdlog.h>
#include <thread>
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
    PERCEPT_ASSIGN(port, findFreePort());
    PERCEPT_TRY(store.writeSetting(name, std::to_string(port)));
    return port;
}

}

struct Hub::State {
    explicit State(HubOptions hubOptions)
        : options(std::move(hubOptions))
    {
    }

    HubOptions options;
    std::unique_ptr<FleetStore> store;
    std::unique_ptr<HubCore> core;
    std::unique_ptr<OwnBroker> broker;
    std::unique_ptr<transport::MqttClient> client;
    std::unique_ptr<transport::HttpServer> api, outside;
    Inbox inbox;
    std::unique_ptr<SilenceWatch> silence;
    std::atomic<bool> stopping = false, isCutOff = false; // from the broker, a moment ago
    std::thread thread;

    base::Result<void> prepare();
    base::Result<void> prepareOutside();
    base::Result<void> connect();
    base::Result<void> serve();
    base::Result<void> setUp();
    void run(std::promise<base::Result<void>> ready);
    void tearDown();

    void handle(const std::vector<transport::MqttMessage>& messages);
    void sort(const transport::MqttMessage& message, std::vector<Incoming>& incoming, std::vector<std::string>& asking);
    void sendDesired(const std::string& device);
    void tick();
    void watchSilence();
    void promoteWhatIsProven();
    fs::path serverFile(const char* ending) const { return options.folder / (std::string("server.") + ending); }
};

base::Result<void> Hub::State::prepare()
{
    PERCEPT_ASSIGN(opened, FleetStore::open(options.folder, "percept fleet serve"));
    store = std::move(opened);
    core = std::make_unique<HubCore>(*store);
    core->apiToken = randomSecret();
    core->desiredChanged = [this](const std::string& device) { sendDesired(device); };
    core->devicesChanged = [this] {
        if (const auto done = broker->reload(); done.hasError())
            spdlog::error("{}", done.error().message);
    };
    core->isConnected = [this] { return client && client->isConnected(); };
    PERCEPT_ASSIGN(brokerPort, keptPort(*store, "broker_port"));
    core->brokerPort = brokerPort;
    broker = std::make_unique<OwnBroker>(*store, brokerPort);
    silence = std::make_unique<SilenceWatch>(options.silentWindows, base::monotonicSeconds());
    if (!options.hosts.empty())
        PERCEPT_TRY(prepareOutside());
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
    core->outsideBrokerPort = options.brokerPort;
    core->outsidePackagePort = options.packagePort;
    broker->openOutside({ options.listen, options.brokerPort, options.folder / "ca.crt", serverFile("crt"), serverFile("key") });
    return {};
}

base::Result<void> Hub::State::connect()
{
    transport::MqttOptions mqtt;
    mqtt.port = core->brokerPort;
    mqtt.clientId = mqtt.userName = kHubUser;
    mqtt.password = broker->hubPassword();
    mqtt.filters = { protocol::allFromDevices() };
    mqtt.maxMessageBytes = protocol::kMaxFieldSampleBytes;
    mqtt.maxUnconfirmed = 10'000;
    mqtt.firstRetrySeconds = 0.1;
    mqtt.longestRetrySeconds = 1; // it is on the same machine
    transport::MqttEvents events;
    events.received = [this](transport::MqttMessage message) { inbox.put(std::move(message)); };
    events.disconnected = [this](const std::string& reason) {
        spdlog::warn("broker: {}", reason);
        isCutOff = true;
        inbox.wake();
    };
    PERCEPT_ASSIGN(started, transport::MqttClient::start(std::move(mqtt), std::move(events)));
    client = std::move(started);
    return {};
}

base::Result<void> Hub::State::serve()
{
    api = std::make_unique<transport::HttpServer>(transport::HttpServer::Options { 1u << 20, 8, {} });
    addApiRoutes(*api, *core);
    addRuleRoutes(*api, *core);
    addSampleRoutes(*api, *core);
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
    while (!stopping) {
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
    if (api) // else the file belongs to another hub
        removeHubAddress(options.folder);
    if (outside)
        outside->stop();
    if (api)
        api->stop();
    client.reset();
    if (broker)
        broker->stop();
}

void Hub::State::sort(const transport::MqttMessage& message, std::vector<Incoming>& incoming, std::vector<std::string>& asking)
{
    const auto address = protocol::parseFleetTopic(message.topic);
    if (!address)
        return;
    const auto presence = address->topic == protocol::FleetTopic::Presence
        ? protocol::decodePresence(message.payload)
        : base::Result<protocol::Presence>(protocol::Presence { true });
    if (presence.hasError() || presence->online) // an absence is the broker's word, not the device's
        silence->heard(address->device, base::monotonicSeconds());
    const auto keep = [&](auto decoded) {
        if (decoded.hasValue())
            incoming.push_back({ address->device, std::move(decoded).value() });
        else
            spdlog::warn("{}: {}", address->device, decoded.error().message);
    };
    switch (address->topic) {
    case protocol::FleetTopic::Get:
        return asking.push_back(address->device);
    case protocol::FleetTopic::Reported:
        return keep(protocol::decodeReportedState(message.payload));
    case protocol::FleetTopic::Telemetry:
        return keep(protocol::decodeTelemetryBatch(message.payload));
    case protocol::FleetTopic::Sample:
        return keep(protocol::decodeFieldSample(message.payload));
    case protocol::FleetTopic::Presence:
        return keep(presence);
    case protocol::FleetTopic::Desired:
    case protocol::FleetTopic::Ack:
        return; // ours
    }
}

// All that has come meanwhile is one commit: the more there is, the fewer commits it costs.
void Hub::State::handle(const std::vector<transport::MqttMessage>& messages)
{
    std::vector<Incoming> incoming;
    std::vector<std::string> asking;
    for (const auto& message : messages)
        sort(message, incoming, asking);
    if (!incoming.empty()) {
        const auto answers = store->ingest(incoming, base::nowMs());
        if (answers.hasError())
            spdlog::error("{}", answers.error().message); // nothing is acknowledged: devices keep it and send it again
        else
            for (const auto& answer : answers.value())
                (void)client->publish(protocol::fleetTopic(answer.device, protocol::FleetTopic::Ack), protocol::encode(answer.ack)).hasValue();
    }
    for (const auto& device : asking)
        sendDesired(device);
}

// Who is not there to hear it asks for it when it comes back.
void Hub::State::sendDesired(const std::string& device)
{
    const auto row = store->readDevice(device);
    if (row.hasValue() && row.value() && client)
        (void)client->publish(protocol::fleetTopic(device, protocol::FleetTopic::Desired), protocol::encode(row.value()->desired)).hasValue();
}

void Hub::State::tick()
{
    if (!broker->isRunning()) {
        spdlog::warn("The broker ended and is started again.");
        if (const auto started = broker->start(); started.hasError())
            spdlog::error("{}", started.error().message);
    }
    broker->reloadOnceMore();
    watchSilence();
    if (const auto watched = stopRefusedRollout(*store); watched.hasError())
        spdlog::error("{}", watched.error().message);
    promoteWhatIsProven();
}

void Hub::State::promoteWhatIsProven()
{
    const std::unique_lock lock(core->rollouts, std::try_to_lock); // somebody deploys: the next tick looks again
    if (!lock)
        return;
    const auto proven = hasProvenItself(*store, base::nowMs());
    if (proven.hasError() || !*proven)
        return;
    const auto change = store->promoteRollout(base::nowMs());
    if (change.hasError()) {
        spdlog::error("{}", change.error().message);
        return;
    }
    spdlog::info("Version {} has run without trouble and goes to ring {}.", change->rollout.package.version, change->rollout.ring);
    for (const auto& device : change->devices)
        sendDesired(device);
}

void Hub::State::watchSilence()
{
    const auto devices = store->readAllDevices();
    if (devices.hasError())
        return;
    for (const auto& change : silence->check(devices.value(), base::monotonicSeconds())) {
        const std::int64_t since = base::nowMs() - static_cast<std::int64_t>(change.seconds * 1000);
        const auto done = change.isSilent
            ? store->raiseAlert(change.device, "silent", fmt::format("{} has not been heard of since {}.", change.device, base::isoUtc(since)), since)
            : store->endAlert(change.device, "silent", base::nowMs());
        if (done.hasError())
            spdlog::error("{}", done.error().message); // told again at the next tick
        else
            silence->confirm(change);
    }
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

FleetStore& Hub::store() { return *m_state->store; }
int Hub::apiPort() const { return m_state->core->apiPort; }
int Hub::brokerPort() const { return m_state->core->brokerPort; }
const std::string& Hub::apiToken() const { return m_state->core->apiToken; }
bool Hub::isConnected() const { return m_state->core->isConnected(); }

}
