#include "tests/e2e/intruded_fleet.h"

#include "core/base/files.h"
#include "core/transport/certificate_request.h"
#include "tests/support/test_broker.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace percept::test {

using nlohmann::json;

IntrudedFleet::IntrudedFleet()
    : brokerPort(freePort())
    , packagePort(freePort())
{
    ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
    hub.emplace(folder / "fleet", std::vector<std::string> { "--host", "127.0.0.1", "--broker-port", std::to_string(brokerPort), "--package-port",
                                      std::to_string(packagePort) });
    ownBrokerPort = hub->ask("/api/status").at("broker").at("port");
    b = join("b");
    witness.emplace(TestDevice::optionsFor(join("witness"), folder / "witness"));
    m_hubProcess = hub->processId();
    m_brokerProcess = hub->brokerProcessId();
    expectWitnessIsCounted();
}

void IntrudedFleet::TearDown()
{
    expectWitnessIsCounted();
    EXPECT_TRUE(totalsOf("b").is_null() || totalsOf("b").at("frames") == 0) << totalsOf("b");
    EXPECT_TRUE(hub->isAnswering());
    EXPECT_EQ(hub->processId(), m_hubProcess);
    EXPECT_EQ(hub->brokerProcessId(), m_brokerProcess) << "the broker was started anew";
}

protocol::EnrolAnswer IntrudedFleet::join(const std::string& name)
{
    const auto place = folder / name;
    std::filesystem::create_directories(place);
    const json granted = hub->tell("/api/enroll", { { "device", name } });
    put("ca.crt", granted.at("authority"));
    const auto enrolled = TestDevice::enrol(outside(), granted.at("token"), name, folder / "ca.crt", place);
    EXPECT_TRUE(enrolled.hasValue()) << enrolled.error().message;
    return enrolled.value();
}

transport::MqttOptions IntrudedFleet::asB(std::vector<std::string> filters) const
{
    auto options = TestDevice::optionsFor(b, folder / "b");
    if (!filters.empty())
        options.filters = std::move(filters);
    options.will.reset();
    options.maxMessageBytes = 512u << 20;
    return options;
}

transport::MqttOptions IntrudedFleet::byPassword(const std::string& name, const std::string& password) const
{
    transport::MqttOptions options;
    options.port = ownBrokerPort;
    options.clientId = name.empty() ? "nobody" : name;
    options.userName = name;
    options.password = password;
    return options;
}

transport::MqttOptions IntrudedFleet::withCertificate(const fleet::Authority& signer, const fleet::Validity& validity)
{
    const std::string name = nameAtBroker("b");
    const auto request = transport::makeCertificateRequest(name).value();
    put("intruder.crt", signer.signDevice(request.request, name, validity).value());
    put("intruder.key", request.key);
    auto options = asB();
    options.tls = transport::MqttTls { folder / "ca.crt", folder / "intruder.crt", folder / "intruder.key" };
    return options;
}

std::string IntrudedFleet::nameAtBroker(const std::string& device) const
{
    std::istringstream lines(base::readTextFile(folder / "fleet/broker/acl").value());
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("user " + device + "."))
            return line.substr(5);
    ADD_FAILURE() << device << " has no name at the broker";
    return {};
}

void IntrudedFleet::expectRefused(transport::MqttOptions options)
{
    const MqttListener intruder(std::move(options));
    EXPECT_TRUE(eventually([&] { return intruder.failures() >= 2; }));
    EXPECT_FALSE(intruder.isConnected());
}

void IntrudedFleet::expectWitnessIsCounted()
{
    ++m_windows;
    m_frames += 100 + m_windows;
    witness->add(100 + m_windows);
    EXPECT_TRUE(eventually([&] { return witness->acknowledged() == m_windows; }, 30)) << witness->acknowledged() << " of " << m_windows;
    const json totals = totalsOf("witness");
    ASSERT_TRUE(totals.is_object());
    EXPECT_EQ(totals.at("frames"), m_frames);
}

json IntrudedFleet::totalsOf(const std::string& device) const
{
    const json status = hub->ask("/api/status");
    for (const auto& entry : status.at("totals"))
        if (entry.at("device") == device)
            return entry;
    return nullptr;
}

std::int64_t IntrudedFleet::mostMemoryOf(int process) const
{
    std::ifstream lines("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("VmHWM:"))
            return std::atoll(line.c_str() + 6) * 1024;
    ADD_FAILURE() << process << " does not run";
    return 0;
}

void IntrudedFleet::put(const std::string& name, const std::string& text)
{
    EXPECT_TRUE(base::atomicWrite(folder / name, std::string_view(text)).hasValue());
}

}
