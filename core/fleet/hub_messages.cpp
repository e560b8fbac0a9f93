#include "core/base/time.h"
#include "core/fleet/hub_state.h"
#include "core/protocol/fleet_topics.h"

#include <spdlog/spdlog.h>

namespace percept::fleet {

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

}
