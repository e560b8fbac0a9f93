#pragma once

#include "core/protocol/fleet_enrolment.h"

#include <filesystem>
#include <optional>
#include <string>

namespace percept::device {

// STATE/fleet, for its owner only: what makes this device a member of a fleet.
//   device.key, device.crt, ca.crt   its key, made here and never sent; its certificate; the fleet's authority (over TLS only)
//   broker-ca.crt                    who has certified a broker that is not the hub's own, where the hub has named it
//   enrolment.json                   EnrolAnswer; without it the device is in no fleet
//   desired.json                     the desired state that came last; download/: a package that is being fetched
std::filesystem::path fleetFolder(const std::filesystem::path& state);

struct EnrolOptions {
    std::filesystem::path state;
    std::string line;                // as `percept fleet enroll` prints it; or a token, with `hub`
    std::string hub;                 // "https://HOST:PORT"
    std::string device;              // for a token that was made for no name
    std::filesystem::path authority; // with https and a token: the certificate of the fleet's authority
    // By which a broker that is not the hub's own knows this device, in the place of what the hub gives; the hub never hears of it.
    std::string brokerUser;
    std::filesystem::path brokerPasswordFile; // its first line
    bool replaces = false;           // another enrolment of this folder
};
// Uses the token up. What was there stays when it fails. The folder must not be in use by a percept-edge. Refused: by the hub, with its sentence.
base::Result<protocol::EnrolAnswer> enrol(const EnrolOptions& options);

// Nothing when the folder is in no fleet.
base::Result<std::optional<protocol::EnrolAnswer>> readEnrolment(const std::filesystem::path& state);

}
