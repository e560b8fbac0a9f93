#pragma once

#include "core/device/fleet_access.h"
#include "core/device/link_inbox.h"
#include "core/device/metrics.h"
#include "core/device/outbox_sender.h"
#include "core/device/package_fetcher.h"
#include "core/protocol/fleet_topics.h"

namespace percept::device {

// A device's end of its fleet: keeps connected to the broker, takes the desired state, reports its own, and sends what waits
// in the outbox. Nothing that answers pictures waits for it. What came last is kept in FOLDER/desired.json, so that rules
// and package are known after a restart without the hub.
class FleetLink {
public:
    struct Options {
        std::filesystem::path folder; // STATE/fleet
        std::string program;          // version of percept-edge
        FleetAccess access;
        // A new desired state: length of the windows, rules for samples. On the link's thread.
        std::function<void(const protocol::DesiredState& state)> onDesired;
        std::function<void()> onTick; // several times a second, likewise
    };
    FleetLink(Options options, Slots& slots, Supervisor& supervisor, Updater& updater, const Metrics& metrics, Outbox& outbox);
    ~FleetLink();
    base::Result<void> start();
    // Says goodbye. The updater was interrupted.
    void stop();

    bool isConnected() const { return m_client && m_client->isConnected(); }
    // {"device","connected","desiredVersion","workedThrough","outbox"}
    nlohmann::json status() const;

private:
    void work();
    void readKept();
    void takeIn();
    void onConnected();
    void sayHello();
    void askAgainWhenDue();
    void received(const transport::MqttMessage& message);
    void desired(const protocol::DesiredState& state);
    void reportWhenDue();
    protocol::ReportedState news() const;
    void addFigures(protocol::ReportedState& state) const;
    std::optional<protocol::RunningModel> running() const;
    bool publish(protocol::FleetTopic topic, const std::string& payload);

    const Options m_options;
    Slots& m_slots;
    Supervisor& m_supervisor;
    Updater& m_updater;
    const Metrics& m_metrics;
    Outbox& m_outbox;
    OutboxSender m_sender;
    PackageFetcher m_fetcher;

    std::mutex m_mutex;
    std::condition_variable m_wake;
    LinkInbox m_inbox;
    std::optional<bool> m_connection; // changed to
    std::string m_lastReason;         // of the client's thread
    std::atomic<bool> m_stopping = false;
    // Of the link's thread:
    protocol::DesiredState m_desired;
    std::atomic<std::int64_t> m_desiredVersion = 0;
    bool m_isFirstSinceConnect = true;
    protocol::ReportedState m_lastReported;
    double m_reportedAt = -1e9;
    double m_askedAt = 0, m_askSeconds = 1;

    std::unique_ptr<transport::MqttClient> m_client;
    std::thread m_thread;
};

}
