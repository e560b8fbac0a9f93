#pragma once

#include "core/fleet/authority.h"
#include "tests/e2e/hub_process.h"
#include "tests/support/mqtt_listener.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <gtest/gtest.h>
#include <optional>

namespace percept::test {

// A hub process with its own broker, open to other machines over TLS; the device "witness", whose counts must come in whatever
// happens, and the device "b", whose certificate and password the intruder has. After each case: the witness is counted, nobody
// counts for "b" or for the witness what they did not say, and hub and broker are the processes of before.
class IntrudedFleet : public ::testing::Test {
protected:
    IntrudedFleet();
    void TearDown() override;

    // Enrols over TLS; the certificate lies in folder/NAME.
    protocol::EnrolAnswer join(const std::string& name);
    transport::MqttOptions asB(std::vector<std::string> filters = {}) const; // over TLS
    // On the hub's own machine, without TLS.
    transport::MqttOptions byPassword(const std::string& name, const std::string& password) const;
    // What the intruder's certificate is made of: signed by `signer` for the name that "b" has at the broker.
    transport::MqttOptions withCertificate(const fleet::Authority& signer, const fleet::Validity& validity = {});
    std::string nameAtBroker(const std::string& device) const; // that its certificate shows

    void expectRefused(transport::MqttOptions options);
    // One more window of the witness is acknowledged, and counted.
    void expectWitnessIsCounted();
    nlohmann::json totalsOf(const std::string& device) const; // null: it never told anything
    std::int64_t mostMemoryOf(int process) const;             // bytes, ever so far
    std::string outside() const { return "https://127.0.0.1:" + std::to_string(packagePort); }
    void put(const std::string& name, const std::string& text);

    TemporaryFolder folder;
    int brokerPort, packagePort; // for other machines
    std::optional<HubProcess> hub;
    int ownBrokerPort = 0; // of this machine
    protocol::EnrolAnswer b;
    std::optional<TestDevice> witness;

private:
    int m_hubProcess = 0, m_brokerProcess = 0;
    std::int64_t m_windows = 0, m_frames = 0;
};

}
