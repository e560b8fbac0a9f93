#pragma once

#include "core/base/result.h"
#include "core/protocol/fleet_enrolment.h"
#include "core/transport/mqtt_client.h"

#include <filesystem>
#include <string>
#include <vector>

namespace percept::fleet {

// A broker that somebody else runs, as an operator names it. Passwords are in files: command lines are for everybody to read.
struct OthersBrokerOptions {
    std::string url;                                // "mqtts://HOST:PORT", "mqtt://HOST:PORT"; empty: the hub's own
    std::string user;                               // of the hub; empty: none, the certificate says who it is
    std::filesystem::path passwordFile;             // its first line
    std::filesystem::path caFile;                   // PEM, who has certified the broker; empty: whom this system trusts
    std::filesystem::path certificateFile, keyFile; // of the hub; both or neither
    // One name for all devices; empty: each comes with its own name and the secret of its enrolment, and the broker has to be told them.
    std::string deviceUser;
    std::filesystem::path devicePasswordFile;
    bool allowsNoTls = false; // also beyond this machine
    bool operator==(const OthersBrokerOptions&) const = default;
};

// What the hub knows of that broker: how it logs in itself, and what it tells devices. It cannot write that broker's access list
// and starts and ends nothing. Never changes.
class OthersBroker {
public:
    // Reads the files. Usage: what is named makes no sense, or would give passwords and pictures to who is on the way.
    static base::Result<OthersBroker> read(const OthersBrokerOptions& options);

    const std::string& url() const { return m_options.url; }
    int port() const { return m_port; }
    // Usage: by one of these names devices on other machines reach the hub, and they do not reach this broker.
    base::Result<void> checkHosts(const std::vector<std::string>& hosts) const;
    const std::string& hubUser() const { return m_hubUser; } // by its name, or that in its certificate
    const std::string& deviceUser() const { return m_options.deviceUser; }
    transport::MqttOptions hubAccess() const; // host, TLS, name and password
    void tell(protocol::EnrolAnswer& answer) const;
    // A sentence with the next step for who runs the hub.
    std::string advice(const transport::MqttProblem& problem) const;

private:
    OthersBrokerOptions m_options;
    std::string m_host, m_hubUser, m_password, m_devicePassword, m_authority;
    int m_port = 0;
    bool m_usesTls = true;
};

}
