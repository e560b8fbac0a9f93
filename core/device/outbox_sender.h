#pragma once

#include "core/device/outbox.h"
#include "core/protocol/fleet_telemetry.h"

#include <functional>

namespace percept::device {

// Sends what waits in an outbox, in order, until the hub has acknowledged it. One thread.
class OutboxSender {
public:
    // Hands a message to the connection; false: not now.
    using Send = std::function<bool(bool isSample, const std::string& payload)>;
    OutboxSender(Outbox& outbox, Send send, double retrySeconds = 10);

    // What was sent before may not have arrived.
    void reconnected() { m_sentUpTo = 0; }
    // Sends more when everything sent so far is acknowledged, and again what was not in time.
    void tick(double nowSeconds);
    void acknowledged(const protocol::Acknowledgement& ack);

private:
    std::int64_t sendAll(const std::vector<OutboxEntry>& entries, const std::string& stream);

    Outbox& m_outbox;
    Send m_send;
    const double m_retrySeconds;
    std::string m_stream;
    std::int64_t m_sentUpTo = 0; // 0: nothing
    double m_sentAt = 0;
};

// The times of a window that waited are told by the clock of now, which may have been set meanwhile.
protocol::TelemetryEntry telemetryEntryOf(const OutboxEntry& entry, const Stamp& now);

}
