#pragma once

#include "core/base/hash.h"
#include "core/protocol/fleet_state.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/http_server.h"
#include "core/transport/mqtt_client.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/bad_package.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_device.h"

#include <gtest/gtest.h>

namespace percept::test {

// percept-edge run --mqtt with a real broker and a real package server; the hub is the test, which may lie.
class FleetLink : public ::testing::Test {
protected:
    FleetLink()
    {
        m_packages.get("/packages/([0-9a-f]{64})", [this](const transport::HttpRequest& request) {
            ++m_fetches;
            return m_isBroken ? transport::httpError(500, "broken") : transport::HttpResponse { 200, {}, "application/octet-stream", m_folder / request.parts.at(0) };
        });
        m_packagePort = m_packages.start({}).value();
        connectHub();
        makeVersion(m_folder / "v1.ppkg", "1.0", 5, testKey(1));
    }
    void connectHub()
    {
        transport::MqttOptions options;
        options.port = m_broker.port();
        options.clientId = "hub";
        options.filters = { protocol::allFromDevices() };
        options.firstRetrySeconds = 0.05;
        options.longestRetrySeconds = 0.2;
        transport::MqttEvents events;
        events.received = [this](const transport::MqttMessage& message) { received(message); };
        m_hub = transport::MqttClient::start(std::move(options), std::move(events)).value();
        ASSERT_TRUE(eventually([this] { return m_hub->isConnected(); }));
    }
    void received(const transport::MqttMessage& message)
    {
        const std::lock_guard lock(m_mutex);
        const auto address = protocol::parseFleetTopic(message.topic);
        if (address && address->topic == protocol::FleetTopic::Get)
            ++m_asked;
        if (address && address->topic == protocol::FleetTopic::Presence)
            m_isOnline = protocol::decodePresence(message.payload)->online;
        if (address && address->topic == protocol::FleetTopic::Reported)
            m_reported = protocol::decodeReportedState(message.payload).value();
    }
    std::vector<std::string> arguments(std::vector<std::string> more = {}) const
    {
        more.insert(more.begin(), { "run", "--threads", "1", "--state", (m_folder / "state").string(), "--mqtt", "mqtt://127.0.0.1:" + std::to_string(m_broker.port()),
                                      "--device", "d1", "--trust", packaging::publicKeyText(testKey(1).publicKey), "--packages",
                                      "http://127.0.0.1:" + std::to_string(m_packagePort), "--grace", m_grace, "--live-wait", "0.2" });
        return more;
    }
    void startEdge(std::vector<std::string> more = {})
    {
        more.insert(more.end(), { "--package", (m_folder / "v1.ppkg").string() });
        m_edge.emplace(arguments(more));
        ASSERT_TRUE(eventually([this] { return asked() > 0; })) << m_edge->errors();
        ASSERT_TRUE(eventually([this] { return reported().has_value(); }));
    }
    int asked() const
    {
        const std::lock_guard lock(m_mutex);
        return m_asked;
    }
    std::optional<protocol::ReportedState> reported() const
    {
        const std::lock_guard lock(m_mutex);
        return m_reported;
    }
    void send(protocol::FleetTopic topic, const std::string& payload) { ASSERT_TRUE(m_hub->publish(protocol::fleetTopic("d1", topic), payload).hasValue()); }
    // What the fleet wants, served under the hash of the file.
    protocol::DesiredState want(const std::filesystem::path& file, std::int64_t version)
    {
        protocol::DesiredState state;
        state.version = version;
        state.liveFrames = 0;
        protocol::DesiredPackage package;
        package.sha256 = base::sha256OfFile(file).value();
        package.bytes = static_cast<std::int64_t>(std::filesystem::file_size(file));
        package.path = "/packages/" + package.sha256;
        package.name = "x";
        package.version = "x";
        state.package = package;
        std::error_code ignored;
        std::filesystem::copy_file(file, m_folder / package.sha256, ignored);
        return state;
    }
    void tell(const protocol::DesiredState& state) { send(protocol::FleetTopic::Desired, protocol::encode(state)); }
    // How the device reports the refusal of this version of the desired state.
    std::string refusedAs(const protocol::DesiredState& state)
    {
        tell(state);
        EXPECT_TRUE(eventually([&] { return reported()->refusal && reported()->refusal->desiredVersion == state.version; })) << m_edge->errors();
        EXPECT_EQ(reported()->running->version, "1.0");
        return reported()->refusal ? reported()->refusal->kind : "";
    }
    std::filesystem::path version(const std::string& name, std::int64_t counter, int key = 1)
    {
        makeVersion(m_folder / (name + ".ppkg"), name, counter, testKey(static_cast<std::uint8_t>(key)));
        return m_folder / (name + ".ppkg");
    }
    bool runsVersion(const std::string& name)
    {
        return eventually([&] { return reported()->running && reported()->running->version == name && reported()->activity == "idle"; });
    }

    TemporaryFolder m_folder;
    std::string m_grace = "0.2";
    TestBroker m_broker;
    transport::HttpServer m_packages;
    int m_packagePort = 0;
    std::atomic<int> m_fetches = 0;
    std::atomic<bool> m_isBroken = false;
    mutable std::mutex m_mutex;
    int m_asked = 0;
    std::optional<bool> m_isOnline;
    std::optional<protocol::ReportedState> m_reported;
    std::unique_ptr<transport::MqttClient> m_hub;
    std::optional<EdgeProcess> m_edge;
};

}
