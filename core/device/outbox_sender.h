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
    // What is not acknowledged is sent again: at first after a tenth of `longestRetrySeconds`, later after four times as long as the
    // last answer took (but a fortieth). Each time that brought nothing doubles the time, up to the whole; each that brought
    // something halves it again.
    OutboxSender(Outbox& outbox, Send send, double longestRetrySeconds = 10);

    // What was sent before may not have arrived.
    void reconnected();
    // Sends more when everything sent so far is acknowledged, and again what was not in time. `isOnItsWay`: what was sent has not
    // left for good (a slow line); it is not sent behind itself.
    void tick(double nowSeconds, bool isOnItsWay = false);
    void acknowledged(const protocol::Acknowledgement& ack);

private:
    void noteAnswer(std::int64_t acknowledged, double nowSeconds);
    std::int64_t sendAll(const std::vector<OutboxEntry>& entries, const std::string& stream);

    Outbox& m_outbox;
    Send m_send;
    const double m_longestRetrySeconds;
    double m_retrySeconds;
    std::string m_stream;
    std::int64_t m_sentUpTo = 0; // 0: nothing
    double m_sentAt = 0, m_waitsSince = 0;
    std::int64_t m_acknowledged = 0; // so far, by answers to what was sent last
    bool m_hasAnswer = false;        // likewise: some of it was acknowledged
    bool m_isRepeat = false; // an answer may be one to what was sent before, and says nothing about how long it took
};

// The times of a window that waited are told by the clock of now, which may have been set meanwhile.
protocol::TelemetryEntry telemetryEntryOf(const OutboxEntry& entry, const Stamp& now);

}
