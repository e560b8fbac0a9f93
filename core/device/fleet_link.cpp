#include "core/device/fleet_link.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/device/machine.h"
#include "core/protocol/fleet_topics.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace percept::device {

using protocol::DesiredState;
using protocol::FleetTopic;
using protocol::ReportedState;

namespace {

constexpr double kTickSeconds = 0.1;
constexpr double kFirstAskSeconds = 1, kLongestAskSeconds = 60; // for the desired state, until it comes

PackageFetcher::Options fetcherOptions(const FleetLink::Options& options)
{
    PackageFetcher::Options fetcher;
    fetcher.folder = options.folder / "download";
    fetcher.server = options.access.packageServer;
    fetcher.secret = options.access.secret;
    fetcher.authority = options.access.authority;
    return fetcher;
}

// What is told at once when it changes.
bool isSameNews(const ReportedState& a, const ReportedState& b)
{
    return a.desiredVersion == b.desiredVersion && a.activity == b.activity && a.running == b.running && a.refusal == b.refusal
        && a.restarts == b.restarts;
}

}

FleetLink::FleetLink(Options options, Slots& slots, Supervisor& supervisor, Updater& updater, const Metrics& metrics, Outbox& outbox)
    : m_options(std::move(options))
    , m_slots(slots)
    , m_supervisor(supervisor)
    , m_updater(updater)
    , m_metrics(metrics)
    , m_outbox(outbox)
    , m_sender(outbox, [this](bool isSample, const std::string& payload) { return publish(isSample ? FleetTopic::Sample : FleetTopic::Telemetry, payload); })
    , m_fetcher(fetcherOptions(m_options), slots, supervisor, updater)
{
}

FleetLink::~FleetLink() { stop(); }

base::Result<void> FleetLink::start()
{
    std::error_code problem;
    if (std::filesystem::create_directories(m_options.folder, problem))
        std::filesystem::permissions(m_options.folder, std::filesystem::perms::owner_all, problem);
    readKept();
    transport::MqttEvents events;
    const auto connection = [this](bool connected) {
        const std::lock_guard lock(m_mutex);
        m_connection = connected;
        m_wake.notify_all();
    };
    events.connected = [this, connection] {
        spdlog::info("connected to the fleet as {}", m_options.access.device);
        m_lastReason.clear();
        connection(true);
    };
    events.disconnected = [this, connection](const transport::MqttProblem& problem) {
        if (problem.reason != m_lastReason)
            spdlog::warn("{}", adviceOn(problem, m_options.access));
        m_lastReason = problem.reason;
        connection(false);
    };
    events.received = [this](transport::MqttMessage message) {
        const std::lock_guard lock(m_mutex);
        (void)m_inbox.put(std::move(message));
        m_wake.notify_all();
    };
    PERCEPT_ASSIGN(client, transport::MqttClient::start(m_options.access.mqtt, std::move(events)));
    m_client = std::move(client);
    m_thread = std::thread([this] { work(); });
    return {};
}

void FleetLink::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    m_client.reset();
}

nlohmann::json FleetLink::status() const
{
    const auto fill = m_outbox.fill();
    return { { "device", m_options.access.device }, { "connected", isConnected() }, { "desiredVersion", m_desiredVersion.load() },
        { "workedThrough", m_fetcher.workedThrough() }, { "outbox", fill.last - fill.acknowledged } };
}

bool FleetLink::publish(FleetTopic topic, const std::string& payload)
{
    const auto sent = m_client->publish(protocol::fleetTopic(m_options.access.device, topic), payload);
    if (sent.hasError())
        spdlog::debug("{}", sent.error().message);
    return sent.hasValue();
}

// The rules of before hold until the hub says others.
void FleetLink::readKept()
{
    const auto text = base::readTextFile(m_options.folder / "desired.json", 1u << 20);
    if (text.hasError())
        return;
    const auto kept = protocol::decodeDesiredState(text.value());
    if (kept.hasError())
        spdlog::warn("{}: {}", (m_options.folder / "desired.json").string(), kept.error().message);
    else
        desired(kept.value());
}

void FleetLink::work()
{
    while (!m_stopping) {
        takeIn();
        if (m_options.onTick)
            m_options.onTick();
        if (isConnected()) {
            askAgainWhenDue();
            reportWhenDue();
            m_sender.tick(base::monotonicSeconds(), /*isOnItsWay=*/m_client->numUnconfirmed() > 0);
        }
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, std::chrono::duration<double>(kTickSeconds), [this] { return m_stopping || !m_inbox.isEmpty() || m_connection; });
    }
    if (isConnected())
        m_sender.tick(base::monotonicSeconds()); // the last window; acknowledged or sent again after the next start
    (void)publish(FleetTopic::Presence, protocol::encode(protocol::Presence { false }));
}

void FleetLink::takeIn()
{
    std::deque<transport::MqttMessage> messages;
    std::optional<bool> connection;
    {
        const std::lock_guard lock(m_mutex);
        messages = m_inbox.take();
        std::swap(connection, m_connection);
    }
    if (connection) {
        m_fetcher.setConnected(*connection);
        if (*connection)
            onConnected();
    }
    for (const auto& message : messages)
        received(message);
}

void FleetLink::onConnected()
{
    m_isFirstSinceConnect = true;
    m_reportedAt = -1e9;
    m_sender.reconnected();
    m_askSeconds = kFirstAskSeconds;
    sayHello();
}

void FleetLink::sayHello()
{
    m_askedAt = base::monotonicSeconds();
    (void)publish(FleetTopic::Presence, protocol::encode(protocol::Presence { true }));
    (void)publish(FleetTopic::Get, "");
}

// A broker that was started anew may have us before it has the hub: what was said until then nobody has heard.
void FleetLink::askAgainWhenDue()
{
    if (!m_isFirstSinceConnect || base::monotonicSeconds() - m_askedAt < m_askSeconds)
        return;
    m_askSeconds = std::min(2 * m_askSeconds, kLongestAskSeconds);
    m_reportedAt = -1e9;
    sayHello();
}

// What makes no sense is left: a broker can stall a device, and nothing else.
void FleetLink::received(const transport::MqttMessage& message)
{
    const auto address = protocol::parseFleetTopic(message.topic);
    if (!address || address->device != m_options.access.device)
        return;
    if (address->topic == FleetTopic::Ack) {
        if (const auto ack = protocol::decodeAcknowledgement(message.payload); ack.hasValue())
            m_sender.acknowledged(ack.value());
        return;
    }
    if (address->topic != FleetTopic::Desired)
        return;
    const auto state = protocol::decodeDesiredState(message.payload);
    if (state.hasError()) {
        spdlog::warn("{}", state.error().message);
        return;
    }
    if (!m_isFirstSinceConnect && state->version <= m_desired.version)
        return;
    m_isFirstSinceConnect = false;
    if (state.value() == m_desired && m_desiredVersion != 0)
        return;
    if (const auto kept = base::atomicWrite(m_options.folder / "desired.json", protocol::encode(state.value()) + "\n"); kept.hasError())
        spdlog::warn("{}", kept.error().message);
    desired(state.value());
}

void FleetLink::desired(const DesiredState& state)
{
    m_desired = state;
    m_desiredVersion = state.version;
    m_fetcher.want(state);
    if (m_options.onDesired)
        m_options.onDesired(state);
}

void FleetLink::reportWhenDue()
{
    auto state = news();
    const double now = base::monotonicSeconds();
    if (isSameNews(state, m_lastReported) && now - m_reportedAt < m_desired.windowSeconds)
        return;
    addFigures(state);
    if (!publish(FleetTopic::Reported, protocol::encode(state)))
        return;
    m_lastReported = state;
    m_reportedAt = now;
}

std::optional<protocol::RunningModel> FleetLink::running() const
{
    const auto model = m_supervisor.model();
    if (model.empty() || !m_supervisor.isServing())
        return std::nullopt;
    protocol::RunningModel running { model.value("sha256", ""), model.value("name", ""), model.value("version", ""), {},
        model.value("releaseCounter", std::int64_t(0)) };
    const auto record = m_slots.record();
    const auto& other = record.other();
    const bool isOther = other && other->sha256 == running.sha256 && (!record.running() || record.running()->sha256 != running.sha256);
    running.slot = slotName(isOther ? 1 - record.active : record.active);
    return running;
}

// Cheap, because it is asked for ten times a second.
ReportedState FleetLink::news() const
{
    ReportedState state;
    state.desiredVersion = m_fetcher.workedThrough();
    state.activity = m_fetcher.isFetching() ? "fetching" : m_updater.phase();
    state.running = running();
    state.refusal = m_fetcher.refusal();
    state.restarts = static_cast<int>(m_metrics.totals().restarts);
    return state;
}

void FleetLink::addFigures(ReportedState& state) const
{
    state.program = m_options.program;
    const auto speed = m_metrics.throughput();
    state.framesPerSecond = speed.framesPerSecond;
    state.latencyMs = speed.p50Ms;
    state.memoryBytes = residentBytesOfAll();
    state.temperatureC = machineTemperatureC();
    const auto fill = m_outbox.fill();
    state.outboxEntries = fill.last - fill.acknowledged;
    state.outboxBytes = fill.pictureBytes + fill.windowBytes;
    state.uptimeSeconds = m_metrics.uptimeSeconds();
    state.timeMs = base::nowMs();
}

}
