#include "core/device/outbox_sender.h"

#include "core/protocol/fleet_sample.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;
using Kind = OutboxEntry::Kind;

namespace {

constexpr std::size_t kMostEntries = 100, kMostBytes = 512u << 10; // under way at once

// The message of one sample; nothing where it cannot be read any more.
std::string sampleMessage(const OutboxEntry& entry, const std::string& stream, const Stamp& now)
{
    json description = entry.body;
    if (!description.is_object())
        return {};
    description["stream"] = stream;
    description["sequence"] = entry.number;
    description["timeMs"] = wallMsOf(entry.stamp, now);
    std::string payload = protocol::dumpLine(description) + "\n";
    payload.append(reinterpret_cast<const char*>(entry.picture.data()), entry.picture.size());
    return protocol::decodeFieldSample(payload).hasValue() ? payload : std::string(); // what no hub takes would hold up all
}

}

protocol::TelemetryEntry telemetryEntryOf(const OutboxEntry& entry, const Stamp& now)
{
    auto window = entry.kind == Kind::Window ? protocol::decodeTelemetryWindow(protocol::dumpLine(entry.body))
                                             : base::Result<protocol::TelemetryWindow>(base::notFound(""));
    if (window.hasError())
        return protocol::DroppedSample {};
    const std::int64_t shift = wallMsOf(entry.stamp, now) - entry.stamp.wallMs;
    window->fromMs += shift;
    window->toMs += shift;
    return std::move(window).value();
}

OutboxSender::OutboxSender(Outbox& outbox, Send send, double longestRetrySeconds)
    : m_outbox(outbox)
    , m_send(std::move(send))
    , m_longestRetrySeconds(longestRetrySeconds)
    , m_retrySeconds(longestRetrySeconds / 10)
{
}

void OutboxSender::reconnected()
{
    m_sentUpTo = 0;
    m_retrySeconds = m_longestRetrySeconds / 10;
}

// A hub that answers slowly is not asked twice as often.
void OutboxSender::noteAnswer(std::int64_t acknowledged, double nowSeconds)
{
    if (acknowledged == m_acknowledged)
        return;
    m_acknowledged = acknowledged;
    m_hasAnswer = true;
    if (!m_isRepeat)
        m_retrySeconds = std::clamp(4 * (nowSeconds - m_sentAt), m_longestRetrySeconds / 40, m_longestRetrySeconds);
    else
        m_retrySeconds = std::max(m_longestRetrySeconds / 40, m_retrySeconds / 2);
}

void OutboxSender::tick(double nowSeconds, bool isOnItsWay)
{
    const auto fill = m_outbox.fill();
    const bool isAwaited = m_sentUpTo > 0 && fill.stream == m_stream;
    if (isAwaited)
        noteAnswer(fill.acknowledged, nowSeconds);
    const bool isOwed = isAwaited && fill.acknowledged < m_sentUpTo;
    if (isOnItsWay)
        m_waitsSince = nowSeconds;
    if (fill.last <= fill.acknowledged || (isOwed && nowSeconds - m_waitsSince < m_retrySeconds))
        return;
    if (isOwed && !m_hasAnswer)
        m_retrySeconds = std::min(2 * m_retrySeconds, m_longestRetrySeconds);
    const auto entries = m_outbox.handOut(fill.acknowledged, kMostEntries, kMostBytes);
    if (entries.hasError()) {
        spdlog::error("{}", entries.error().message);
        return;
    }
    m_stream = fill.stream;
    m_acknowledged = fill.acknowledged;
    m_hasAnswer = false;
    m_isRepeat = isOwed;
    m_sentUpTo = sendAll(entries.value(), fill.stream);
    m_sentAt = m_waitsSince = nowSeconds;
}

// Neighbouring windows share a message. Gives the last number that was handed to the connection.
std::int64_t OutboxSender::sendAll(const std::vector<OutboxEntry>& entries, const std::string& stream)
{
    const Stamp now = stampNow();
    protocol::TelemetryBatch batch { stream, 0, {} };
    std::int64_t sent = 0;
    const auto sendBatch = [&] {
        const auto last = batch.first + static_cast<std::int64_t>(batch.entries.size()) - 1;
        const bool done = batch.entries.empty() || m_send(/*isSample=*/false, protocol::encode(batch));
        sent = done && !batch.entries.empty() ? last : sent;
        batch.entries.clear();
        return done;
    };
    for (const auto& entry : entries) {
        const std::string sample = entry.kind == Kind::Sample ? sampleMessage(entry, stream, now) : std::string();
        if (sample.empty()) {
            if (batch.entries.empty())
                batch.first = entry.number;
            batch.entries.push_back(telemetryEntryOf(entry, now));
            continue;
        }
        if (!sendBatch() || !m_send(/*isSample=*/true, sample))
            return sent;
        sent = entry.number;
    }
    (void)sendBatch();
    return sent;
}

void OutboxSender::acknowledged(const protocol::Acknowledgement& ack)
{
    const auto fill = m_outbox.fill();
    if (ack.stream != fill.stream)
        return;
    const bool hasForgotten = ack.sequence < fill.acknowledged; // its memory was lost or put back from a backup
    if (hasForgotten)
        spdlog::warn("The hub has {} of {} entries that it had acknowledged; what waits goes on as a new stream.", ack.sequence, fill.acknowledged);
    const auto done = hasForgotten ? m_outbox.beginAnew() : m_outbox.acknowledge(ack.sequence);
    if (done.hasError())
        spdlog::error("{}", done.error().message);
}

}
