#include "core/device/enrolment.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/device/fleet_access.h"
#include "core/device/state_lock.h"
#include "core/fleet/hub.h"
#include "core/transport/http_client.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_broker.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using nlohmann::json;

// With a real hub.
class Enrolment : public ::testing::Test {
protected:
    Enrolment() { ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1); }
    void startHub(bool isOutside)
    {
        fleet::HubOptions options;
        options.folder = folder / "fleet";
        if (isOutside) {
            options.hosts = { "127.0.0.1" };
            options.listen = "127.0.0.1";
            options.brokerPort = test::freePort();
            options.packagePort = test::freePort();
        }
        hub = fleet::Hub::start(options).value();
    }
    json grant(const std::string& name)
    {
        transport::HttpClient::Options http;
        http.bearerToken = hub->apiToken();
        const transport::HttpClient client("http://127.0.0.1:" + std::to_string(hub->apiPort()), http);
        return json::parse(client.post("/api/enroll", json { { "device", name } }.dump())->body);
    }
    base::Result<protocol::EnrolAnswer> join(const std::string& line, bool replaces = false)
    {
        EnrolOptions options;
        options.state = state;
        options.line = line;
        options.replaces = replaces;
        return enrol(options);
    }
    static unsigned modeOf(const fs::path& path)
    {
        struct stat info { };
        return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
    }

    test::TemporaryFolder folder;
    fs::path state = folder / "state";
    std::unique_ptr<fleet::Hub> hub;
};

TEST_F(Enrolment, aLineWorksOnceAndLeavesSecretsForTheOwnerAlone)
{
    startHub(/*isOutside=*/false);
    EXPECT_FALSE(readEnrolment(state)->has_value());
    const std::string line = grant("dock-1").at("line");
    const auto joined = join(line);
    ASSERT_TRUE(joined.hasValue()) << joined.error().message;
    EXPECT_EQ(joined->device, "dock-1");
    EXPECT_EQ(readEnrolment(state).value(), joined.value());
    EXPECT_EQ(modeOf(fleetFolder(state)), 0700u);
    EXPECT_EQ(modeOf(fleetFolder(state) / "enrolment.json"), 0600u);
    state = folder / "other";
    const auto again = join(line);
    EXPECT_EQ(again.error().code, ErrorCode::Refused);
    EXPECT_NE(again.error().message.find("was used"), std::string::npos) << again.error().message;
    EXPECT_FALSE(readEnrolment(state)->has_value());
}

TEST_F(Enrolment, overTlsItMakesAKeyAndGetsACertificate)
{
    startHub(/*isOutside=*/true);
    const auto joined = join(grant("far").at("line"));
    ASSERT_TRUE(joined.hasValue()) << joined.error().message;
    EXPECT_NE(joined->certificate.find("BEGIN CERTIFICATE"), std::string::npos);
    for (const char* name : { "device.key", "device.crt", "ca.crt", "enrolment.json" })
        EXPECT_EQ(modeOf(fleetFolder(state) / name), 0600u) << name;
    const auto access = findFleet(state, {});
    ASSERT_TRUE(access.hasValue() && access.value());
    EXPECT_TRUE((*access)->mqtt.tls.has_value());
    EXPECT_EQ((*access)->mqtt.clientId, "far");
    EXPECT_LE((*access)->mqtt.keepAliveSeconds, 15) << "its will is spoken after one and a half times that";
}

TEST_F(Enrolment, aHubThatIsNotTheOneOfTheLineIsToldNothing)
{
    startHub(/*isOutside=*/true);
    auto line = protocol::parseEnrolLine(grant("far").at("line").get<std::string>()).value();
    const std::string right = line.authoritySha256;
    line.authoritySha256 = std::string(64, 'a');
    const auto refused = join(protocol::encode(line));
    EXPECT_EQ(refused.error().code, ErrorCode::Refused);
    line.authoritySha256 = right; // the token is still good
    EXPECT_TRUE(join(protocol::encode(line)).hasValue());
}

TEST_F(Enrolment, whatFailsLeavesTheFolderAsItWas)
{
    startHub(/*isOutside=*/false);
    const auto first = join(grant("dock-1").at("line")).value();
    const std::string second = grant("dock-2").at("line");
    EXPECT_EQ(join(second).error().code, ErrorCode::Refused); // without --replace
    EXPECT_TRUE(join(second.substr(0, second.size() - 1) + "x", /*replaces=*/true).hasError());
    EXPECT_EQ(readEnrolment(state).value(), first);
    {
        const auto lock = StateLock::take(state); // a percept-edge runs there
        EXPECT_TRUE(join(second, /*replaces=*/true).hasError());
    }
    EXPECT_EQ(join(second, /*replaces=*/true)->device, "dock-2");
    EXPECT_EQ(readEnrolment(state).value()->device, "dock-2");
    EXPECT_FALSE(fs::exists(fleetFolder(state).string() + ".new"));
    ASSERT_TRUE(base::atomicWrite(fleetFolder(state) / "enrolment.json", std::string_view("{")).hasValue());
    EXPECT_EQ(readEnrolment(state).error().code, ErrorCode::Refused);
    EXPECT_EQ(join(grant("dock-3").at("line"), /*replaces=*/true)->device, "dock-3");
}

TEST_F(Enrolment, linesAndPlacesThatMakeNoSense)
{
    for (const char* line : { "", "x", "http://127.0.0.1:1/enrol/", "http://127.0.0.1:1/enrol/dock", "http://127.0.0.1:1/enrol/dock/t/more/parts",
             "https://h:1/enrol/dock/token", "https://h:1/enrol/dock/token/short", "ftp://h:1/enrol/dock/token", "http://h:1/enrol/a b/token" })
        EXPECT_EQ(join(line).error().code, ErrorCode::Usage) << line;
    EXPECT_TRUE(join("http://127.0.0.1:1/enrol/dock/token").hasError()); // nobody is there
    EXPECT_FALSE(fs::exists(fleetFolder(state)));
}

TEST(FleetAccess, withoutTlsOnlyThisMachineIsSpokenTo)
{
    const test::TemporaryFolder folder;
    const auto find = [&](const std::string& broker, const std::string& device = "d", const std::string& packages = "") {
        FleetOptions options;
        options.broker = broker;
        options.device = device;
        options.packages = packages;
        return findFleet(folder.path(), options);
    };
    EXPECT_FALSE(find("", "")->has_value());
    EXPECT_EQ(find("", "d").error().code, ErrorCode::Usage); // in no fleet
    for (const char* broker : { "127.0.0.1:1883", "http://127.0.0.1:1883", "mqtt://127.0.0.1", "mqtt://10.0.0.1:1883", "mqtt://broker.example:1883" })
        EXPECT_EQ(find(broker).error().code, ErrorCode::Usage) << broker;
    for (const char* name : { "", "a/b", "#", "hub" })
        EXPECT_EQ(find("mqtt://127.0.0.1:1883", name).error().code, ErrorCode::Usage) << name;
    for (const char* packages : { "http://10.0.0.1:80", "ftp://127.0.0.1:1", "127.0.0.1:80" })
        EXPECT_EQ(find("mqtt://127.0.0.1:1883", "d", packages).error().code, ErrorCode::Usage) << packages;
    const auto plain = find("mqtt://127.0.0.1:1883", "d", "http://127.0.0.1:80");
    ASSERT_TRUE(plain.hasValue());
    EXPECT_FALSE((*plain)->mqtt.tls.has_value());
    const auto far = find("mqtts://me:secret@broker.example:8883");
    ASSERT_TRUE(far.hasValue()) << far.error().message;
    EXPECT_TRUE((*far)->mqtt.tls.has_value());
    EXPECT_EQ((*far)->mqtt.userName, "me");
    EXPECT_EQ((*far)->mqtt.password, "secret");
    EXPECT_EQ((*far)->mqtt.host, "broker.example");
}

}
}
