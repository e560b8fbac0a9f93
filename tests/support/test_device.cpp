#include "tests/support/test_device.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/certificate_request.h"
#include "core/transport/http_client.h"

#include <algorithm>
#include <fmt/format.h>
#include <random>

namespace percept::test {

namespace fs = std::filesystem;

bool eventually(const std::function<bool()>& isTrue, double seconds)
{
    for (const double end = base::monotonicSeconds() + seconds; base::monotonicSeconds() < end;) {
        if (isTrue())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return isTrue();
}

base::Result<protocol::EnrolAnswer> TestDevice::enrol(
    const std::string& server, const std::string& token, const std::string& name, const fs::path& caFile, const fs::path& folder)
{
    transport::HttpClient::Options options;
    options.caFile = caFile;
    protocol::EnrolRequest request { token, name, {} };
    if (!caFile.empty()) {
        PERCEPT_ASSIGN(made, transport::makeCertificateRequest(name));
        request.certificateRequest = made.request;
        PERCEPT_TRY(base::atomicWrite(folder / "device.key", std::string_view(made.key)));
    }
    PERCEPT_ASSIGN(answer, transport::HttpClient(server, options).post("/enrol", protocol::encode(request)));
    if (answer.status != 200)
        return base::refused(answer.body);
    PERCEPT_ASSIGN(enrolled, protocol::decodeEnrolAnswer(answer.body));
    if (!enrolled.certificate.empty()) {
        PERCEPT_TRY(base::atomicWrite(folder / "device.crt", std::string_view(enrolled.certificate)));
        PERCEPT_TRY(base::atomicWrite(folder / "ca.crt", std::string_view(enrolled.authority)));
    }
    return enrolled;
}

transport::MqttOptions TestDevice::optionsFor(const protocol::EnrolAnswer& enrolled, const fs::path& folder)
{
    transport::MqttOptions options;
    options.host = enrolled.brokerHost;
    options.port = enrolled.brokerPort;
    options.clientId = enrolled.device;
    options.filters = { protocol::allToDevice(enrolled.device) };
    options.will = transport::MqttMessage { protocol::fleetTopic(enrolled.device, protocol::FleetTopic::Presence), protocol::encode(protocol::Presence { false }) };
    options.firstRetrySeconds = 0.05;
    options.longestRetrySeconds = 0.5;
    if (enrolled.certificate.empty()) {
        options.userName = enrolled.device;
        options.password = enrolled.secret;
    } else {
        options.tls = transport::MqttTls { folder / "ca.crt", folder / "device.crt", folder / "device.key" };
    }
    return options;
}

TestDevice::TestDevice(transport::MqttOptions options)
    : m_name(options.clientId)
{
    std::random_device random;
    m_stream = fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
    transport::MqttEvents events;
    events.received = [this](const transport::MqttMessage& message) { received(message); };
    m_client = transport::MqttClient::start(std::move(options), events).value();
    m_thread = std::thread([this] { pump(); });
}

TestDevice::~TestDevice()
{
    m_stopping = true;
    m_thread.join();
    m_client.reset();
}

void TestDevice::add(std::int64_t frames)
{
    std::lock_guard lock(m_mutex);
    m_frames.push_back(frames);
}

void TestDevice::report(const protocol::ReportedState& state)
{
    (void)m_client->publish(protocol::fleetTopic(m_name, protocol::FleetTopic::Reported), protocol::encode(state)).hasValue();
}

std::optional<protocol::DesiredState> TestDevice::desired() const
{
    std::lock_guard lock(m_mutex);
    return m_desired;
}

void TestDevice::received(const transport::MqttMessage& message)
{
    const auto address = protocol::parseFleetTopic(message.topic);
    std::lock_guard lock(m_mutex);
    if (address && address->topic == protocol::FleetTopic::Ack) {
        const auto ack = protocol::decodeAcknowledgement(message.payload);
        if (ack.hasValue() && ack->stream == m_stream)
            m_acknowledged = std::max(m_acknowledged.load(), ack->sequence);
    } else if (address && address->topic == protocol::FleetTopic::Desired) {
        if (auto state = protocol::decodeDesiredState(message.payload); state.hasValue() && (!m_desired || state->version > m_desired->version))
            m_desired = std::move(state).value();
    }
}

void TestDevice::pump()
{
    bool wasConnected = false;
    while (!m_stopping) {
        const bool connected = m_client->isConnected();
        if (connected && !wasConnected) {
            (void)m_client->publish(protocol::fleetTopic(m_name, protocol::FleetTopic::Presence), protocol::encode(protocol::Presence { true })).hasValue();
            (void)m_client->publish(protocol::fleetTopic(m_name, protocol::FleetTopic::Get), "").hasValue();
            m_sentAt = 0;
        }
        wasConnected = connected;
        if (connected)
            sendBatch();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void TestDevice::sendBatch()
{
    constexpr std::size_t kEntries = 20;
    protocol::TelemetryBatch batch { m_stream, m_acknowledged + 1, {} };
    {
        std::lock_guard lock(m_mutex);
        const bool isWaiting = m_acknowledged < m_upTo && base::monotonicSeconds() - m_sentAt < 0.5;
        if (isWaiting)
            return;
        for (auto i = static_cast<std::size_t>(m_acknowledged); i < m_frames.size() && batch.entries.size() < kEntries; ++i) {
            protocol::TelemetryWindow window;
            window.packageSha256 = std::string(64, 'f');
            window.packageVersion = "1.0";
            window.frames = m_frames[i];
            batch.entries.emplace_back(window);
        }
    }
    if (batch.entries.empty() || m_client->publish(protocol::fleetTopic(m_name, protocol::FleetTopic::Telemetry), protocol::encode(batch)).hasError())
        return;
    m_upTo = batch.first + static_cast<std::int64_t>(batch.entries.size()) - 1;
    m_sent += static_cast<std::int64_t>(batch.entries.size());
    m_sentAt = base::monotonicSeconds();
}

}
