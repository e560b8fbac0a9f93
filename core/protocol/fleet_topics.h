#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace percept::protocol {

// A fleet over MQTT. A device writes only below .../up, and reads only below .../down, of its own name; that is what the
// broker's access list allows it.
//   percept/1/devices/ID/up/get         empty: the device asks for its whole desired state (after every connect, until it comes)
//   percept/1/devices/ID/up/reported    ReportedState
//   percept/1/devices/ID/up/telemetry   TelemetryBatch
//   percept/1/devices/ID/up/sample      FieldSample
//   percept/1/devices/ID/up/presence    {"v":1,"online":bool}; false is also the device's last will
//   percept/1/devices/ID/down/desired   DesiredState
//   percept/1/devices/ID/down/ack       Acknowledgement
// Nothing is retained. Messages are JSON objects with the version "v"; unknown fields are ignored, a newer version is refused.
inline constexpr int kFleetProtocolVersion = 1;
inline constexpr std::size_t kMaxFleetMessageBytes = 1u << 20;
inline constexpr std::size_t kMaxFieldSampleBytes = 4u << 20; // with the picture

enum class FleetTopic { Get, Reported, Telemetry, Sample, Presence, Desired, Ack };

// 1 to 64 letters, digits, '-' and '_', beginning with a letter or digit; not "hub". It is part of topics, of file names
// and of certificates.
bool isDeviceName(std::string_view name);

std::string fleetTopic(std::string_view device, FleetTopic topic);
std::string allFromDevices();                     // filter for the hub
std::string allToDevice(std::string_view device); // filter for a device

struct FleetAddress {
    std::string device;
    FleetTopic topic;
};
// Nothing for a topic that is not one of ours.
std::optional<FleetAddress> parseFleetTopic(std::string_view topic);

}
