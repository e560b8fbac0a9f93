#include "core/protocol/fleet_topics.h"

#include <algorithm>
#include <array>
#include <utility>

namespace percept::protocol {

namespace {

constexpr std::string_view kRoot = "percept/1/devices/";
constexpr std::array<std::pair<FleetTopic, std::string_view>, 7> kEndings { {
    { FleetTopic::Get, "up/get" },
    { FleetTopic::Reported, "up/reported" },
    { FleetTopic::Telemetry, "up/telemetry" },
    { FleetTopic::Sample, "up/sample" },
    { FleetTopic::Presence, "up/presence" },
    { FleetTopic::Desired, "down/desired" },
    { FleetTopic::Ack, "down/ack" },
} };

bool isAsciiAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}

bool isDeviceName(std::string_view name)
{
    const auto allowed = [](char c) { return isAsciiAlnum(c) || c == '-' || c == '_'; };
    return !name.empty() && name.size() <= 64 && isAsciiAlnum(name.front()) && std::all_of(name.begin(), name.end(), allowed)
        && name != "hub";
}

std::string fleetTopic(std::string_view device, FleetTopic topic)
{
    const auto* ending = std::find_if(kEndings.begin(), kEndings.end(), [&](const auto& entry) { return entry.first == topic; });
    return std::string(kRoot).append(device).append("/").append(ending->second);
}

std::string allFromDevices() { return std::string(kRoot) + "+/up/#"; }

std::string allToDevice(std::string_view device) { return std::string(kRoot).append(device).append("/down/#"); }

std::optional<FleetAddress> parseFleetTopic(std::string_view topic)
{
    if (!topic.starts_with(kRoot))
        return std::nullopt;
    topic.remove_prefix(kRoot.size());
    const std::size_t slash = topic.find('/');
    if (slash == std::string_view::npos || !isDeviceName(topic.substr(0, slash)))
        return std::nullopt;
    for (const auto& [which, ending] : kEndings)
        if (topic.substr(slash + 1) == ending)
            return FleetAddress { std::string(topic.substr(0, slash)), which };
    return std::nullopt;
}

}
