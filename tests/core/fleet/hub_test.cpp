// A hub with its real broker and simulated devices.
#include "core/fleet/hub.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/fleet/package_shelf.h"
#include "core/fleet/rollout_watch.h"
#include "core/fleet/secrets.h"
#include "core/protocol/fleet_topics.h"
#include "core/transport/http_client.h"
#include "tests/support/mqtt_listener.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_device.h"
#include "tests/support/test_package.h"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

namespace percept::fleet {
namespace {

using nlohmann::json;
using test::eventually;
using test::TestDevice;
using transport::HttpClient;

class HubTest : public ::testing::Test {
protected:
    HubTest()
    {
        options.folder = folder / "fleet";
        options.silentWindows = 3;
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
        start();
    }
    void start()
    {
        hub.reset();
        auto started = Hub::start(options);
        ASSERT_TRUE(started.hasValue()) << started.error().message;
        hub = std::move(started).value();
        ASSERT_TRUE(eventually([&] { return hub->isConnected(); }));
    }
    std::string server() const { return "http://127.0.0.1:" + std::to_string(hub->apiPort()); }
    HttpClient client(const std::string& token) const
    {
        HttpClient::Options http;
        http.bearerToken = token;
        return HttpClient(server(), http);
    }
    json tell(const std::string& path, const json& body) { return json::parse(client(hub->apiToken()).post(path, body.dump())->body); }
    json ask(const std::string& path) { return json::parse(client(hub->apiToken()).get(path)->body); }
    protocol::EnrolAnswer enrol(const std::string& name, const std::string& ring = "test")
    {
        return TestDevice::enrol(server(), tell("/api/enroll", { { "device", name }, { "ring", ring } }).at("token"), name).value();
    }
    std::unique_ptr<TestDevice> connect(const protocol::EnrolAnswer& enrolled)
    {
        auto device = std::make_unique<TestDevice>(TestDevice::optionsFor(enrolled));
        EXPECT_TRUE(eventually([&] { return device->isConnected() && device->desired(); }));
        return device;
    }
    std::filesystem::path package(std::int64_t counter)
    {
        const auto file = folder / ("p" + std::to_string(counter) + ".ppkg");
        const auto spec = test::testSpec();
        auto manifest = test::testManifest(spec, "1." + std::to_string(counter));
        manifest.releaseCounter = counter;
        EXPECT_TRUE(packaging::writePackage(file, manifest, test::testPackageFiles(spec), packaging::loadOrMakeUserKey().value()).hasValue());
        return file;
    }
    static protocol::ReportedState report(const std::string& refusedSha = {})
    {
        protocol::ReportedState state;
        state.program = "0.1.0";
        if (!refusedSha.empty())
            state.refusal = protocol::Refusal { 2, refusedSha, "golden", "The golden outputs differ.", 0 };
        return state;
    }
    json device(const std::string& name)
    {
        const json document = ask("/api/devices");
        for (const auto& entry : document.at("devices"))
            if (entry.at("device") == name)
                return entry;
        return {};
    }

    test::TemporaryFolder folder;
    HubOptions options;
    std::unique_ptr<Hub> hub;
};

TEST_F(HubTest, itsInterfaceAsksForTheToken)
{
    for (const char* path : { "/api/status", "/api/devices" }) {
        EXPECT_EQ(client("").get(path)->status, 401);
        EXPECT_EQ(client("guess").get(path)->status, 401);
        EXPECT_EQ(client(hub->apiToken()).get(path)->status, 200);
    }
    for (const char* path : { "/api/enroll", "/api/remove", "/api/ring", "/api/deploy", "/api/promote", "/api/rollback" })
        EXPECT_EQ(client("").post(path, "{}")->status, 401) << path;
    EXPECT_EQ(client(hub->apiToken()).post("/api/enroll", "garbage")->status, 403);
    EXPECT_EQ(client(hub->apiToken()).post("/api/enroll", R"({"device":7})")->status, 400);
    EXPECT_EQ(client(hub->apiToken()).post("/api/promote", "")->status, 404);
    const auto address = readHubAddress(options.folder).value();
    EXPECT_EQ(address.token, hub->apiToken());
    EXPECT_EQ(address.server, server());
    hub.reset();
    EXPECT_EQ(readHubAddress(options.folder).error().code, base::ErrorCode::NotFound);
    for (const char* text : { "", "[]", "{}", R"({"server":1,"token":"t"})", R"({"server":"s","token":"t","pid":"many"})", R"({"server":"s","token":"t","pid":1e300})" }) {
        ASSERT_TRUE(base::atomicWrite(options.folder / "hub.json", std::string_view(text)).hasValue());
        EXPECT_EQ(readHubAddress(options.folder).error().code, base::ErrorCode::NotFound) << text;
    }
}

TEST_F(HubTest, aSecondHubOfTheFolderIsToldWhoHasIt)
{
    const auto second = Hub::start(options);
    ASSERT_TRUE(second.hasError());
    EXPECT_EQ(second.error().code, base::ErrorCode::Conflict);
    EXPECT_TRUE(readHubAddress(options.folder).hasValue()); // the first one's is still there
}

TEST_F(HubTest, aTokenLetsOneDeviceInOnce)
{
    const std::string token = tell("/api/enroll", { { "device", "dock-1" } }).at("token");
    EXPECT_TRUE(TestDevice::enrol(server(), "guess", "dock-1").hasError());
    const auto enrolled = TestDevice::enrol(server(), token, "dock-1");
    ASSERT_TRUE(enrolled.hasValue());
    EXPECT_EQ(enrolled->trust.size(), 1u);
    EXPECT_TRUE(TestDevice::enrol(server(), token, "dock-1").hasError());
    const auto dock = connect(enrolled.value());
    EXPECT_TRUE(device("dock-1").at("online").get<bool>());
    tell("/api/remove", { { "device", "dock-1" } });
    EXPECT_TRUE(eventually([&] { return !dock->isConnected(); }));
    EXPECT_TRUE(device("dock-1").is_null());
}

TEST_F(HubTest, countsAreAcknowledgedAfterTheyAreKept)
{
    const auto dock = connect(enrol("dock-1"));
    for (int i = 1; i <= 100; ++i)
        dock->add(i);
    ASSERT_TRUE(eventually([&] { return dock->acknowledged() == 100; }));
    const auto totals = hub->store().readTotals().value();
    ASSERT_EQ(totals.size(), 1u);
    EXPECT_EQ(totals[0].frames, 5050);
    EXPECT_EQ(totals[0].windows, 100);
}

TEST_F(HubTest, rubbishOfOneDeviceDoesNotHoldUpTheOthers)
{
    const auto bad = connect(enrol("bad")), good = connect(enrol("good"));
    for (const char* payload : { "garbage", "{}", "[[[[[[[[[[[[[[[[[[[[", "{\"v\":99}", "{\"v\":1,\"stream\":\"x\"}" })
        for (const auto topic : { protocol::FleetTopic::Telemetry, protocol::FleetTopic::Sample, protocol::FleetTopic::Reported, protocol::FleetTopic::Presence })
            ASSERT_TRUE(bad->client().publish(protocol::fleetTopic("bad", topic), payload).hasValue());
    ASSERT_TRUE(bad->client().publish("percept/1/devices/bad/up/unknown", "x").hasValue());
    good->add(7);
    ASSERT_TRUE(eventually([&] { return good->acknowledged() == 1; }));
    bad->add(8);
    ASSERT_TRUE(eventually([&] { return bad->acknowledged() == 1; }));
}

TEST_F(HubTest, aPackageReachesRingAfterRingAndComesBack)
{
    const auto t1 = connect(enrol("t1", "test")), a1 = connect(enrol("a1", "all"));
    const auto first = tell("/api/deploy", { { "file", package(1).string() } });
    ASSERT_EQ(first.at("devices"), json({ "t1" })) << first.dump();
    ASSERT_TRUE(eventually([&] { return t1->desired()->package.has_value(); }));
    EXPECT_EQ(t1->desired()->package->version, "1.1");
    EXPECT_FALSE(a1->desired()->package.has_value());
    EXPECT_EQ(tell("/api/rollback", { { "why", "x" } }).at("code"), "refused"); // there was nothing before
    tell("/api/promote", {});
    tell("/api/promote", {});
    ASSERT_TRUE(eventually([&] { return a1->desired()->package.has_value(); }));
    tell("/api/deploy", { { "file", package(2).string() } });
    ASSERT_TRUE(eventually([&] { return t1->desired()->package->version == "1.2"; }));
    const auto back = tell("/api/rollback", { { "why", "It misses cells." } });
    EXPECT_EQ(back.at("rollout").at("state"), "rolled-back");
    ASSERT_TRUE(eventually([&] { return t1->desired()->package->version == "1.1"; }));
    EXPECT_EQ(t1->desired()->package->releaseCounter, 3); // a newer release of the older model
    EXPECT_EQ(a1->desired()->package->releaseCounter, 1);
    // Once more, in haste: the bad one does not come back.
    EXPECT_EQ(tell("/api/rollback", { { "why", "It misses cells." } }).at("code"), "refused");
    EXPECT_EQ(t1->desired()->package->version, "1.1");
    EXPECT_EQ(t1->desired()->package->releaseCounter, 3);
    // The project goes on counting where the hub has been already: it is signed as the next one.
    tell("/api/deploy", { { "file", package(3).string() } });
    ASSERT_TRUE(eventually([&] { return t1->desired()->package->version == "1.3"; }));
    EXPECT_EQ(t1->desired()->package->releaseCounter, 4);
}

TEST_F(HubTest, ofManyDeploymentsAtOnceOneBeginsAndItsPackageIsItsOwn)
{
    const auto t1 = connect(enrol("t1", "test"));
    constexpr int kAtOnce = 6;
    std::vector<std::string> files;
    for (int i = 1; i <= kAtOnce; ++i)
        files.push_back(package(i).string());
    std::vector<json> answers(kAtOnce);
    {
        std::vector<std::jthread> people;
        for (int i = 0; i < kAtOnce; ++i)
            people.emplace_back([&, i] { answers[static_cast<std::size_t>(i)] = tell("/api/deploy", { { "file", files[static_cast<std::size_t>(i)] } }); });
    }
    int begun = 0;
    for (const auto& answer : answers) {
        begun += answer.contains("rollout");
        const auto error = answer.value("error", std::string("is being rolled out"));
        EXPECT_NE(error.find("is being rolled out"), std::string::npos) << answer.dump();
    }
    EXPECT_EQ(begun, 1);
    ASSERT_TRUE(eventually([&] { return t1->desired()->package.has_value(); }));
    const auto desired = t1->desired()->package.value();
    const auto file = options.folder / "packages" / (desired.sha256 + ".ppkg");
    EXPECT_EQ(base::sha256OfFile(file).value(), desired.sha256);
    const auto opened = packaging::Package::open(file, PackageShelf::publicKey().value());
    ASSERT_TRUE(opened.hasValue());
    EXPECT_EQ(opened->manifest().version, desired.version);
    EXPECT_EQ(opened->manifest().releaseCounter, desired.releaseCounter);
}

TEST_F(HubTest, onlyThisUsersPackagesAreRolledOut)
{
    const auto stranger = folder / "stranger.ppkg";
    ASSERT_TRUE(test::makeTestPackage(stranger).hasValue()); // signed by the key of the tests
    EXPECT_EQ(tell("/api/deploy", { { "file", stranger.string() } }).at("code"), "refused");
    EXPECT_EQ(tell("/api/deploy", { { "file", "relative.ppkg" } }).at("code"), "usage");
    std::ofstream(folder / "broken.ppkg") << "no package";
    EXPECT_EQ(tell("/api/deploy", { { "file", (folder / "broken.ppkg").string() } }).at("code"), "refused");
    EXPECT_TRUE(ask("/api/status").at("rollouts").empty());
}

TEST_F(HubTest, aPackageIsFetchedByItsDevicesAndGoesOnWhereItWasCut)
{
    const auto enrolled = enrol("dock-1");
    tell("/api/deploy", { { "file", package(1).string() } });
    const auto desired = connect(enrolled)->desired()->package.value();
    EXPECT_EQ(client("").get(desired.path)->status, 401);
    EXPECT_EQ(client(hub->apiToken()).get(desired.path)->status, 401); // not for the interface's token
    EXPECT_EQ(client(enrolled.secret).get("/packages/" + std::string(64, '0'))->status, 404);
    EXPECT_EQ(client(enrolled.secret).get("/packages/../fleet.db")->status, 404);
    const auto target = folder / "incoming.ppkg";
    ASSERT_TRUE(client(enrolled.secret).fetch(desired.path, target, desired.bytes).hasValue());
    EXPECT_EQ(base::sha256OfFile(target).value(), desired.sha256);
    for (const std::int64_t have : { std::int64_t { 0 }, std::int64_t { 1 }, desired.bytes / 2, desired.bytes - 1, desired.bytes }) {
        std::filesystem::resize_file(target, static_cast<std::uintmax_t>(have));
        ASSERT_TRUE(client(enrolled.secret).fetch(desired.path, target, desired.bytes).hasValue()) << have;
        EXPECT_EQ(base::sha256OfFile(target).value(), desired.sha256) << have;
    }
    std::filesystem::remove(target);
    const auto otherSize = client(enrolled.secret).fetch(desired.path, target, desired.bytes - 1);
    EXPECT_EQ(otherSize.error().code, base::ErrorCode::Refused);
    EXPECT_FALSE(std::filesystem::exists(target));
    EXPECT_EQ(client("").fetch(desired.path, target, desired.bytes).error().code, base::ErrorCode::Refused);
}

TEST_F(HubTest, aRollOutThatDevicesRefuseStopsByItself)
{
    const auto dock = connect(enrol("dock-1"));
    tell("/api/deploy", { { "file", package(1).string() } });
    ASSERT_TRUE(eventually([&] { return dock->desired()->package.has_value(); }));
    dock->report(report(std::string(64, '0'))); // of another package
    dock->report(report(dock->desired()->package->sha256));
    ASSERT_TRUE(eventually([&] { return ask("/api/status").at("rollouts").at(0).at("state") == "stopped"; }));
    EXPECT_NE(ask("/api/status").at("rollouts").at(0).at("note").get<std::string>().find("golden outputs"), std::string::npos);
    EXPECT_EQ(device("dock-1").at("refusal").at("kind"), "golden");
}

// Planned to wait a minute, and begun two ago: when its device runs it, the hub brings it to the next ring and tells those there.
TEST_F(HubTest, whatHasProvenItselfGoesOnByItself)
{
    const auto dock = connect(enrol("dock-1")), gate = connect(enrol("gate-1", "part"));
    const StoredPackage cells { std::string(64, 'a'), 10, "cells", "1.0", 1, "signer" };
    ASSERT_TRUE(hub->store().writePackage(cells, 1).hasValue());
    const auto begun = hub->store().beginRollout(cells.sha256, base::nowMs() - 120'000).value();
    ASSERT_TRUE(planPromotion(hub->store(), begun.rollout.id, 1).hasValue());
    protocol::ReportedState state = report();
    state.running = protocol::RunningModel { cells.sha256, cells.name, cells.version, "a", cells.releaseCounter };
    dock->report(state);
    EXPECT_TRUE(eventually([&] { return ask("/api/status").at("rollouts").at(0).at("ring") == "part"; }));
    EXPECT_TRUE(eventually([&] { return gate->desired()->package && gate->desired()->package->sha256 == cells.sha256; }));
    EXPECT_EQ(ask("/api/status").at("rollouts").at(0).at("state"), "running") << "the next ring has its own minute";
}

TEST_F(HubTest, aSilentDeviceIsAnAlertUntilItSpeaksAgain)
{
    const auto enrolled = enrol("dock-1");
    hub->store().changeDesired("dock-1", { { "windowSeconds", 1 } }).value();
    auto dock = connect(enrolled);
    dock->report(report());
    ASSERT_TRUE(eventually([&] { return !device("dock-1").at("seen_ms").is_null(); }));
    dock.reset();
    ASSERT_TRUE(eventually([&] { return ask("/api/status").at("alerts").size() == 1; }, 15));
    EXPECT_EQ(ask("/api/status").at("alerts").at(0).at("kind"), "silent");
    dock = connect(enrolled);
    dock->report(report());
    EXPECT_TRUE(eventually([&] { return ask("/api/status").at("alerts").empty(); }, 15));
}

TEST_F(HubTest, wordsAboutAnAbsenceDoNotPutItsAlertOff)
{
    const auto enrolled = enrol("dock-1");
    hub->store().changeDesired("dock-1", { { "windowSeconds", 1 } }).value();
    const auto dock = connect(enrolled);
    dock->report(report());
    ASSERT_TRUE(eventually([&] { return !device("dock-1").at("seen_ms").is_null(); }));
    const auto topic = protocol::fleetTopic("dock-1", protocol::FleetTopic::Presence);
    EXPECT_TRUE(eventually(
        [&] {
            (void)dock->client().publish(topic, protocol::encode(protocol::Presence { false })).hasValue();
            return ask("/api/status").at("alerts").size() == 1;
        },
        15));
}

// mosquitto overlooks the signal that comes while it reads its files. That moment cannot be hit on purpose: here the files change
// without a signal, after the one for an enrolment, and have to be read all the same.
TEST_F(HubTest, theBrokerReadsItsFilesOnceMoreAfterAnEnrolment)
{
    const auto file = options.folder / "broker/passwd";
    transport::MqttOptions probe;
    probe.port = hub->brokerPort();
    probe.clientId = probe.userName = "probe";
    probe.password = "secret";
    bool isLetIn = false;
    for (int i = 0; i < 10 && !isLetIn; ++i) { // again where the second reading came before the change
        enrol("d" + std::to_string(i));
        std::this_thread::sleep_for(std::chrono::milliseconds(200)); // for the first reading
        const std::string changed = base::readTextFile(file).value() + "probe:" + brokerPasswordHash(probe.password) + "\n";
        ASSERT_TRUE(base::atomicWrite(file, std::string_view(changed)).hasValue());
        const test::MqttListener client(probe);
        isLetIn = eventually([&] { return client.isConnected(); }, 3);
    }
    EXPECT_TRUE(isLetIn);
}

TEST_F(HubTest, aBrokerThatDiesIsStartedAgain)
{
    const auto dock = connect(enrol("dock-1"));
    const pid_t broker = test::findProcess("mosquitto", options.folder / "broker/mosquitto.conf");
    ASSERT_GT(broker, 0);
    ::kill(broker, SIGKILL);
    ASSERT_TRUE(eventually([&] { return !hub->isConnected(); }));
    ASSERT_TRUE(eventually([&] { return hub->isConnected() && dock->isConnected(); }));
    dock->add(5);
    EXPECT_TRUE(eventually([&] { return dock->acknowledged() == 1; }));
}

TEST_F(HubTest, aRestartedHubKnowsItsDevicesAtTheSamePorts)
{
    const auto enrolled = enrol("dock-1");
    const auto dock = connect(enrolled);
    dock->add(5);
    ASSERT_TRUE(eventually([&] { return dock->acknowledged() == 1; }));
    const int apiPort = hub->apiPort(), brokerPort = hub->brokerPort();
    start();
    EXPECT_EQ(hub->apiPort(), apiPort);
    EXPECT_EQ(hub->brokerPort(), brokerPort);
    dock->add(6);
    EXPECT_TRUE(eventually([&] { return dock->acknowledged() == 2; }));
}

TEST_F(HubTest, devicesOnOtherMachinesComeByCertificate)
{
    hub.reset();
    options.hosts = { "127.0.0.1", "localhost" };
    options.listen = "127.0.0.1";
    options.brokerPort = test::freePort();
    options.packagePort = test::freePort();
    start();
    const auto outside = "https://127.0.0.1:" + std::to_string(options.packagePort);
    const auto granted = tell("/api/enroll", { { "device", "far" } });
    EXPECT_EQ(granted.at("outside_hub"), outside);
    ASSERT_TRUE(base::atomicWrite(folder / "fleet-ca.crt", std::string_view(granted.at("authority").get<std::string>())).hasValue());
    const auto enrolled = TestDevice::enrol(outside, granted.at("token"), "far", folder / "fleet-ca.crt", folder.path());
    ASSERT_TRUE(enrolled.hasValue()) << enrolled.error().message;
    EXPECT_EQ(enrolled->brokerPort, options.brokerPort);
    TestDevice far(TestDevice::optionsFor(enrolled.value(), folder.path()));
    far.add(9);
    ASSERT_TRUE(eventually([&] { return far.acknowledged() == 1; }));
    // Its packages come over TLS, from nobody else, and the interface is not there.
    tell("/api/deploy", { { "file", package(1).string() } });
    ASSERT_TRUE(eventually([&] { return far.desired() && far.desired()->package; }));
    HttpClient::Options http;
    http.caFile = folder / "fleet-ca.crt";
    http.bearerToken = enrolled->secret;
    ASSERT_TRUE(HttpClient(outside, http).fetch(far.desired()->package->path, folder / "far.ppkg", far.desired()->package->bytes).hasValue());
    http.bearerToken = hub->apiToken();
    EXPECT_EQ(HttpClient(outside, http).get("/api/devices")->status, 404);
    http.caFile = options.folder / "server.crt"; // not the authority
    EXPECT_TRUE(HttpClient(outside, http).get("/packages/" + std::string(64, '0')).hasError());
    EXPECT_TRUE(HttpClient(outside, {}).get("/packages/" + std::string(64, '0')).hasError());
    EXPECT_TRUE(HttpClient("http://127.0.0.1:" + std::to_string(options.packagePort), {}).get("/").hasError());
}

TEST_F(HubTest, theCertificateOfARemovedDeviceIsWorthlessWhenItsNameIsEnrolledAgain)
{
    hub.reset();
    options.hosts = { "127.0.0.1" };
    options.listen = "127.0.0.1";
    options.brokerPort = test::freePort();
    options.packagePort = test::freePort();
    start();
    const auto outside = "https://127.0.0.1:" + std::to_string(options.packagePort);
    const auto enrolIn = [&](const std::filesystem::path& place) {
        std::filesystem::create_directories(place);
        const auto token = tell("/api/enroll", { { "device", "far" } }).at("token");
        return TestDevice::enrol(outside, token, "far", options.folder / "ca.crt", place).value();
    };
    const auto first = enrolIn(folder / "stolen");
    tell("/api/remove", { { "device", "far" } });
    const auto second = enrolIn(folder / "new");
    TestDevice stolen(TestDevice::optionsFor(first, folder / "stolen")), present(TestDevice::optionsFor(second, folder / "new"));
    ASSERT_TRUE(eventually([&] { return present.isConnected() && present.desired(); }));
    stolen.add(1000);
    eventually([&] { return stolen.sent() > 0; }, 2);
    present.add(9);
    ASSERT_TRUE(eventually([&] { return present.acknowledged() == 1; }));
    EXPECT_EQ(stolen.acknowledged(), 0);
    EXPECT_FALSE(stolen.desired().has_value()) << "nothing is told to it";
    EXPECT_EQ(hub->store().readTotals()->at(0).frames, 9);
}

TEST_F(HubTest, aDeviceOnAnotherMachineNeedsARequestAndItsTokenStays)
{
    hub.reset();
    options.hosts = { "127.0.0.1" };
    options.listen = "127.0.0.1";
    options.brokerPort = test::freePort();
    options.packagePort = test::freePort();
    start();
    const auto granted = tell("/api/enroll", { { "device", "far" } });
    HttpClient::Options http;
    http.caFile = options.folder / "ca.crt";
    const HttpClient outside("https://127.0.0.1:" + std::to_string(options.packagePort), http);
    protocol::EnrolRequest request { granted.at("token"), "far", {} };
    EXPECT_EQ(outside.post("/enrol", protocol::encode(request))->status, 400);
    request.certificateRequest = "nonsense";
    EXPECT_EQ(outside.post("/enrol", protocol::encode(request))->status, 403);
    EXPECT_TRUE(TestDevice::enrol("https://127.0.0.1:" + std::to_string(options.packagePort), request.token, "far", options.folder / "ca.crt", folder.path()).hasValue());
}

TEST_F(HubTest, rulesReachTheDevicesAndNothingElseCanBeChangedThatWay)
{
    const auto one = connect(enrol("one")), two = connect(enrol("two"));
    const auto all = tell("/api/rules", { { "rules", { { "windowSeconds", 5 } } } });
    ASSERT_EQ(all.at("devices").size(), 2u) << all;
    ASSERT_TRUE(eventually([&] { return one->desired()->windowSeconds == 5 && two->desired()->windowSeconds == 5; }));
    tell("/api/rules", { { "device", "two" }, { "rules", { { "sampling", { { "perDay", 7 } } } } } });
    ASSERT_TRUE(eventually([&] { return two->desired()->sampling.perDay == 7; }));
    EXPECT_EQ(two->desired()->windowSeconds, 5); // what is not named stays
    EXPECT_EQ(one->desired()->sampling.perDay, 200);
    EXPECT_EQ(tell("/api/rules", { { "rules", json::object() } }).at("devices").at(1).at("per_day"), 7);
    for (const json& rules : { json { { "package", nullptr } }, json { { "version", 9 } }, json { { "windowSeconds", 0 } }, json { { "sampling", { { "randomShare", 2 } } } } })
        EXPECT_EQ(tell("/api/rules", { { "rules", rules } }).at("code"), "usage") << rules;
    EXPECT_EQ(tell("/api/rules", { { "device", "three" }, { "rules", json::object() } }).at("code"), "not-found");
    EXPECT_EQ(tell("/api/rules", json::object()).at("code"), "usage");
}

TEST_F(HubTest, samplesAreListedNewestFirst)
{
    const auto dock = connect(enrol("dock-1"));
    protocol::FieldSample sample;
    sample.stream = std::string(32, 'a');
    sample.packageSha256 = std::string(64, 'f');
    sample.packageVersion = "1.0";
    sample.reason = "edge";
    sample.width = 40;
    sample.height = 30;
    sample.predictions = { { "red", 0.75, { 1, 2, 3, 4 } } };
    for (int i = 1; i <= 3; ++i) {
        sample.sequence = i;
        sample.id = std::string(31, 'b') + std::to_string(i);
        sample.picture = { 1, 2, static_cast<std::uint8_t>(i) };
        ASSERT_TRUE(dock->client().publish(protocol::fleetTopic("dock-1", protocol::FleetTopic::Sample), protocol::encode(sample)).hasValue());
    }
    ASSERT_TRUE(eventually([&] { return ask("/api/samples").at("total") == 3; }));
    const json listed = ask("/api/samples?device=dock-1&most=2");
    EXPECT_EQ(listed.at("total"), 3);
    ASSERT_EQ(listed.at("samples").size(), 2u);
    const json& newest = listed["samples"][0];
    EXPECT_EQ(newest["id"], sample.id);
    EXPECT_EQ(newest["reason"], "edge");
    EXPECT_EQ(newest["state"], "waiting");
    EXPECT_EQ(newest["predictions"][0]["score"], 0.75);
    EXPECT_EQ(base::readFile(newest["file"].get<std::string>()).value(), sample.picture);
    EXPECT_EQ(ask("/api/samples?device=other").at("total"), 0);
    EXPECT_EQ(client("").get("/api/samples")->status, 401);
    EXPECT_EQ(ask("/api/samples?most=x").at("code"), "usage");
    EXPECT_EQ(ask("/api/samples?skip=2").at("samples").at(0).at("id"), std::string(31, 'b') + "1");
    EXPECT_EQ(ask("/api/samples?package=cells").at("total"), 0) << "no such package was rolled out";
    EXPECT_EQ(ask("/api/samples?state=ignored").at("total"), 0);
    EXPECT_EQ(tell("/api/samples", { { "id", sample.id }, { "state", "ignored" } }).at("state"), "ignored");
    EXPECT_EQ(ask("/api/samples?state=ignored").at("samples").at(0).at("id"), sample.id);
    EXPECT_EQ(ask("/api/samples?waiting=1").at("total"), 2);
    EXPECT_EQ(ask("/api/samples?state=lost").at("code"), "usage");
    ASSERT_TRUE(hub->store().writePackage({ sample.packageSha256, 10, "cells", "1.0", 1, "signer" }, 1).hasValue());
    EXPECT_EQ(ask("/api/samples?package=cells").at("total"), 3);
    EXPECT_EQ(ask("/api/samples?package=parts").at("total"), 0);
}

// Nobody stops the hub of a folder that was thrown away: it would take in what devices say, and keep it nowhere.
TEST_F(HubTest, endsWhenItsFolderIsDeleted)
{
    EXPECT_FALSE(hub->hasEnded());
    std::filesystem::remove_all(folder / "fleet");
    EXPECT_TRUE(eventually([&] { return hub->hasEnded(); }, 60));
    hub.reset();
    EXPECT_FALSE(std::filesystem::exists(folder / "fleet")) << "it leaves nothing behind";
}

TEST_F(HubTest, leavesAFolderThatIsAnothersByNow)
{
    std::filesystem::rename(folder / "fleet", folder / "moved");
    std::filesystem::copy(folder / "moved", folder / "fleet", std::filesystem::copy_options::recursive);
    EXPECT_TRUE(eventually([&] { return hub->hasEnded(); }, 60));
    hub.reset();
    EXPECT_TRUE(readHubAddress(folder / "fleet").hasValue()) << "that address is not this one's to remove";
}

}
}
