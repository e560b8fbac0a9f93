// A broker of somebody else's as an operator names it: what is refused, what devices are told, and how it is remembered.
#include "core/fleet/others_broker.h"

#include "core/base/files.h"
#include "core/fleet/authority.h"
#include "core/fleet/serve_settings.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace percept::fleet {
namespace {

using testing::HasSubstr;

class OthersBrokerTest : public ::testing::Test {
protected:
    OthersBrokerTest()
    {
        put("password", "sesame\nsecond line\n");
        put("empty", "\n");
        const auto authority = Authority::make("Factory").value();
        put("ca.crt", authority.certificate());
        const auto own = authority.issueServer({ "hub.example" }).value();
        put("hub.crt", own.certificate);
        put("hub.key", own.key);
    }
    void put(const char* name, const std::string& text) { ASSERT_TRUE(base::atomicWrite(folder / name, std::string_view(text)).hasValue()); }
    OthersBrokerOptions named(const std::string& url)
    {
        OthersBrokerOptions options;
        options.url = url;
        options.user = "hub-7";
        options.passwordFile = folder / "password";
        return options;
    }
    static std::string refusal(const OthersBrokerOptions& options)
    {
        const auto read = OthersBroker::read(options);
        EXPECT_TRUE(read.hasError() && read.error().code == base::ErrorCode::Usage) << options.url;
        return read.hasError() ? read.error().message : "";
    }

    test::TemporaryFolder folder;
};

TEST_F(OthersBrokerTest, whatMakesNoSenseIsSaid)
{
    for (const char* url : { "", "broker.example:8883", "http://broker.example:1", "mqtts://broker.example", "mqtts://:8883", "mqtts://broker.example:0", "mqtt://" })
        EXPECT_THAT(refusal(named(url)), HasSubstr("mqtts://HOST:PORT")) << url;
    EXPECT_THAT(refusal(named("mqtts://hub:secret@broker.example:8883")), HasSubstr("--broker-password-file"));
    auto options = named("mqtts://broker.example:8883");
    options.user.clear();
    EXPECT_THAT(refusal(options), HasSubstr("belong together"));
    options.passwordFile.clear();
    EXPECT_THAT(refusal(options), HasSubstr("show the broker who it is"));
    options.certificateFile = folder / "hub.crt";
    EXPECT_THAT(refusal(options), HasSubstr("--broker-key"));
    options = named("mqtts://broker.example:8883");
    options.passwordFile = folder / "empty";
    EXPECT_THAT(refusal(options), HasSubstr("first line"));
    options = named("mqtts://broker.example:8883");
    options.caFile = folder / "password";
    EXPECT_THAT(refusal(options), HasSubstr("holds no certificate"));
    options.caFile = folder / "nothing";
    EXPECT_TRUE(OthersBroker::read(options).hasError());
    put("large.crt", std::string(70'000, 'x'));
    options.caFile = folder / "large.crt";
    EXPECT_THAT(refusal(options), HasSubstr("the one authority"));
}

TEST_F(OthersBrokerTest, withoutTlsOnlyThisMachineUnlessThatIsAccepted)
{
    EXPECT_TRUE(OthersBroker::read(named("mqtt://127.0.0.1:1883")).hasValue());
    auto options = named("mqtt://broker.example:1883");
    EXPECT_THAT(refusal(options), HasSubstr("--broker-without-tls"));
    options.allowsNoTls = true;
    const auto broker = OthersBroker::read(options);
    ASSERT_TRUE(broker.hasValue()) << broker.error().message;
    EXPECT_FALSE(broker->hubAccess().tls.has_value());
    options.caFile = folder / "ca.crt";
    EXPECT_THAT(refusal(options), HasSubstr("Use mqtts://")) << "a certificate that nobody would look at";
}

TEST_F(OthersBrokerTest, devicesAreToldWhereItIsWhomToTrustAndHowToLogIn)
{
    auto options = named("mqtts://broker.example:8883");
    options.caFile = folder / "ca.crt";
    const auto broker = OthersBroker::read(options).value();
    EXPECT_EQ(broker.hubAccess().password, "sesame");
    EXPECT_EQ(broker.hubAccess().tls->caFile, folder / "ca.crt");
    protocol::EnrolAnswer answer { "dock", "its secret", "127.0.0.1", 1, {}, {}, "http://127.0.0.1:1", { "key" } };
    broker.tell(answer);
    EXPECT_EQ(answer.brokerHost, "broker.example");
    EXPECT_EQ(answer.brokerPort, 8883);
    EXPECT_EQ(*answer.othersBroker, (protocol::BrokerOfOthers { true, base::readTextFile(folder / "ca.crt").value(), "dock", "its secret" }));
    options.deviceUser = "all";
    options.devicePasswordFile = folder / "password";
    OthersBroker::read(options)->tell(answer);
    EXPECT_EQ(answer.othersBroker->user, "all");
    EXPECT_EQ(answer.othersBroker->password, "sesame");
}

TEST_F(OthersBrokerTest, byItsCertificateTheHubIsCalledAsThatSays)
{
    auto options = named("mqtts://broker.example:8883");
    options.user.clear();
    options.passwordFile.clear();
    options.certificateFile = folder / "hub.crt";
    options.keyFile = folder / "hub.key";
    const auto broker = OthersBroker::read(options);
    ASSERT_TRUE(broker.hasValue()) << broker.error().message;
    EXPECT_EQ(broker->hubUser(), "percept-hub");
    options.certificateFile = folder / "password";
    EXPECT_THAT(refusal(options), HasSubstr("is no certificate"));
}

TEST_F(OthersBrokerTest, oneOnThisMachineIsNotForDevicesOnOthers)
{
    const auto here = OthersBroker::read(named("mqtts://127.0.0.1:8883")).value();
    EXPECT_TRUE(here.checkHosts({}).hasValue());
    EXPECT_TRUE(here.checkHosts({ "127.0.0.1" }).hasValue());
    EXPECT_TRUE(here.checkHosts({ "127.0.0.1", "192.168.1.5" }).hasError());
    EXPECT_TRUE(OthersBroker::read(named("mqtts://broker.example:8883"))->checkHosts({ "192.168.1.5" }).hasValue());
}

TEST_F(OthersBrokerTest, howAHubRanIsRememberedWithoutPasswords)
{
    EXPECT_EQ(readServeSettings(folder.path()), ServeSettings());
    ServeSettings settings;
    settings.hosts = { "192.168.1.5" };
    settings.packagePort = 9000;
    settings.broker = named("mqtts://broker.example:8883");
    settings.broker.caFile = folder / "ca.crt";
    settings.broker.allowsNoTls = true;
    ASSERT_TRUE(keepServeSettings(folder.path(), settings).hasValue());
    EXPECT_EQ(readServeSettings(folder.path()), settings);
    EXPECT_THAT(base::readTextFile(folder / "serve.json").value(), testing::Not(HasSubstr("sesame")));
    const auto arguments = serveArguments(settings);
    for (const char* one : { "--host", "192.168.1.5", "9000", "--broker", "mqtts://broker.example:8883", "hub-7", "--broker-without-tls" })
        EXPECT_THAT(arguments, testing::Contains(one));
    EXPECT_THAT(arguments, testing::Not(testing::Contains("--broker-cert")));
    // By hand with its own broker again; by which names it is reached stays.
    ASSERT_TRUE(keepServeSettings(folder.path(), {}).hasValue());
    settings.broker = {};
    EXPECT_EQ(readServeSettings(folder.path()), settings);
}

}
}
