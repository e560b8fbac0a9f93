#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::protocol {

// Device -> hub, POST /enrol, once: a token that somebody made for it.
struct EnrolRequest {
    std::string token;
    std::string device;             // its name; may be empty when the token was made for one
    std::string certificateRequest; // PEM; empty for a hub on the same machine
};

// A broker that is not the hub's own, as a device has to meet it.
struct BrokerOfOthers {
    bool usesTls = true;
    std::string authority;      // PEM: who has certified it; empty: one that the device's system trusts
    std::string user, password; // empty: no name is asked for
    bool operator==(const BrokerOfOthers&) const = default;
};

// Hub -> device: all that it needs from now on, to be kept where only it can read.
struct EnrolAnswer {
    std::string device;
    std::string secret; // password at a broker without TLS, and bearer token at the package server
    std::string brokerHost;
    int brokerPort = 0;
    std::string authority, certificate; // PEM: of the fleet, and the device's own; empty: a hub on the same machine, without TLS
    std::string packageServer;          // "http://127.0.0.1:8080", "https://..."
    std::vector<std::string> trust;     // public keys that packages must be signed by
    std::optional<BrokerOfOthers> othersBroker {}; // in "broker"; nothing: the hub's own, met as `certificate` says
    bool operator==(const EnrolAnswer&) const = default;
};

// What somebody pastes on a device; a line of characters that no shell takes for its own:
//   http://127.0.0.1:PORT/enrol/DEVICE/TOKEN              hub on the same machine
//   https://HOST:PORT/enrol/DEVICE/TOKEN/SHA256           SHA256: of the PEM text at GET /authority, which is how the device
//                                                         knows the hub before it has a certificate
// DEVICE is "-" for a token that was made for no name.
struct EnrolLine {
    std::string server, device, token, authoritySha256;
    bool operator==(const EnrolLine&) const = default;
};
std::string encode(const EnrolLine& line);
base::Result<EnrolLine> parseEnrolLine(std::string_view text);

std::string encode(const EnrolRequest& request);
std::string encode(const EnrolAnswer& answer);
base::Result<EnrolRequest> decodeEnrolRequest(std::string_view text);
base::Result<EnrolAnswer> decodeEnrolAnswer(std::string_view text);

}
