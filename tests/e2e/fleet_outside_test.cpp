// A fleet at a broker that somebody else runs, with TLS by an authority of its own, passwords and an access list.
#include "core/base/files.h"
#include "core/device/control_socket.h"
#include "core/fleet/authority.h"
#include "core/fleet/secrets.h"
#include "core/fleet/serve_settings.h"
#include "core/media/picture.h"
#include "tests/core/device/edge_process.h"
#include "tests/e2e/hub_process.h"
#include "tests/support/bad_package.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_device.h"

#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class FleetOutside : public ::testing::Test {
protected:
    FleetOutside()
    {
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
        const auto authority = fleet::Authority::make("Factory").value();
        const auto server = authority.issueServer({ "127.0.0.1" }).value();
        put("factory.crt", authority.certificate());
        put("broker.crt", server.certificate);
        put("broker.key", server.key);
        put("hub.password", "the hub's own word\n");
        put("passwd", hubLine());
        put("acl", "");
        broker.emplace(fmt::format("allow_anonymous false\npassword_file {0}/passwd\nacl_file {0}/acl\ncafile {0}/factory.crt\ncertfile {0}/broker.crt\n"
                                   "keyfile {0}/broker.key\n", folder.path().string()));
    }
    void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(base::atomicWrite(folder / name, std::string_view(text)).hasValue()); }
    std::string hubLine() const { return fmt::format("factory-hub:{}\n", fleet::brokerPasswordHash("the hub's own word")); }
    std::string url() const { return fmt::format("mqtts://127.0.0.1:{}", broker->port()); }
    std::string path(const char* name) const { return (folder / name).string(); }
    std::string state(const std::string& name) const { return (folder / name).string(); }

    std::vector<std::string> options() const
    {
        return { "--broker", url(), "--broker-user", "factory-hub", "--broker-password-file", path("hub.password"), "--broker-ca", path("factory.crt") };
    }
    void serve(std::vector<std::string> more = {})
    {
        auto all = options();
        all.insert(all.end(), more.begin(), more.end());
        hub.emplace(folder / "fleet", all);
    }
    json brokerStatus() const { return hub->ask("/api/status").at("broker"); }
    // Of `percept fleet ...`, for who would paste it into a file.
    std::string printed(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), "fleet");
        arguments.insert(arguments.end(), { "--state", path("fleet") });
        const auto ran = runProgram("percept", arguments);
        EXPECT_EQ(ran.status, 0) << ran.err;
        return ran.out;
    }
    // What the operator does after an enrolment.
    void tellBroker()
    {
        put("passwd", hubLine() + printed({ "acl", "--passwords" }));
        put("acl", printed({ "acl" }));
        broker->reload();
    }
    void enrol(const std::string& name, std::vector<std::string> more = {})
    {
        const auto granted = hub->tell("/api/enroll", { { "device", name } });
        more.insert(more.begin(), { "enroll", "--state", state(name), granted.at("line") });
        const auto done = runProgram("percept-edge", more);
        ASSERT_EQ(done.status, 0) << done.err;
    }
    std::unique_ptr<EdgeProcess> run(const std::string& name)
    {
        fs::remove(folder / name / "edge.json");
        auto edge = std::make_unique<EdgeProcess>(std::vector<std::string> {
            "run", "--state", state(name), "--threads", "1", "--http", "127.0.0.1:0", "--grace", "0.3", "--live-wait", "0.5" });
        waitForState(folder / name);
        return edge;
    }
    bool isOnline(const std::string& name) const { return hub->device(name).value("online", false); }
    std::string runningSha(const std::string& name) const
    {
        const json device = hub->device(name);
        return device.contains("running") && device["running"].is_object() ? device["running"].value("sha256", "") : "";
    }
    bool predicts(const std::string& name)
    {
        const auto png = media::encodePng(testPicture(192, 128, { { 32, 32, 16, 0 } })).value();
        const std::string at = waitForState(folder / name)["url"];
        const auto answer = httplib::Client(at.c_str()).Post("/predict", std::string(png.begin(), png.end()), "image/png");
        return answer && answer->status == 200;
    }
    std::int64_t framesOf(const std::string& name) const
    {
        const json status = hub->ask("/api/status");
        for (const auto& entry : status.at("totals"))
            if (entry.at("device") == name)
                return entry.value("frames", std::int64_t(0));
        return 0;
    }
    std::string deploy(const std::string& version, std::int64_t counter)
    {
        const auto file = folder / (version + ".ppkg");
        makeVersion(file, version, counter, packaging::loadOrMakeUserKey().value());
        return hub->tell("/api/deploy", { { "file", file.string() } }).at("rollout").at("package").at("sha256");
    }
    // The sentence with which the hub says why it is not connected.
    std::string problem(const std::string& part) const
    {
        std::string said;
        EXPECT_TRUE(eventually([&] {
            const json status = brokerStatus();
            said = status.at("problem").is_string() ? status["problem"].get<std::string>() : "";
            return said.find(part) != std::string::npos;
        }, 30)) << said;
        EXPECT_FALSE(brokerStatus().value("connected", true));
        return said;
    }

    TemporaryFolder folder;
    std::optional<TestBroker> broker;
    std::optional<HubProcess> hub;
};

// Over TLS also to the hub, as a device on another machine. Broker and hub die in between; every picture is counted once.
TEST_F(FleetOutside, enrolsDeploysAndCountsOverDeathsOfBrokerAndHub)
{
    serve({ "--host", "127.0.0.1", "--package-port", std::to_string(freePort()) });
    EXPECT_EQ(hub->brokerProcessId(), 0) << "it has started a broker of its own";
    enrol("dock");
    tellBroker();
    ASSERT_TRUE(eventually([&] { return brokerStatus().value("connected", false); }, 30)) << brokerStatus();
    const auto edge = run("dock");
    ASSERT_TRUE(eventually([&] { return isOnline("dock"); }, 30)) << edge->errors();
    hub->tell("/api/rules", { { "device", "dock" }, { "rules", { { "windowSeconds", 1 } } } });
    const std::string first = deploy("1.0", 1);
    ASSERT_TRUE(eventually([&] { return runningSha("dock") == first; }, 30)) << edge->errors();
    std::int64_t frames = 0;
    const auto countSome = [&] {
        for (int i = 0; i < 5; ++i)
            frames += predicts("dock");
    };
    countSome();
    EXPECT_EQ(frames, 5);
    ASSERT_TRUE(eventually([&] { return framesOf("dock") == frames; }, 30)) << framesOf("dock") << edge->errors();

    broker->kill();
    ASSERT_TRUE(eventually([&] { return !brokerStatus().value("connected", true); }, 30));
    countSome();
    broker->start();
    EXPECT_TRUE(eventually([&] { return framesOf("dock") == frames; }, 60)) << framesOf("dock") << " of " << frames << edge->errors();

    hub->kill(SIGKILL);
    countSome();
    hub->start();
    EXPECT_TRUE(eventually([&] { return framesOf("dock") == frames; }, 60)) << framesOf("dock") << " of " << frames << edge->errors();
    EXPECT_EQ(frames, 15);
    for (int ring = 0; ring < 2; ++ring)
        hub->tell("/api/promote", {});
    const std::string second = deploy("2.0", 2);
    EXPECT_TRUE(eventually([&] { return runningSha("dock") == second; }, 60)) << edge->errors();
    EXPECT_TRUE(eventually([&] { return device::askEdge(state("dock"), { { "type", "status" } })->at("fleet").value("outbox", 1) == 0; }, 30));
}

// What the operator has to do, and what happens until it is done, or is done wrongly.
TEST_F(FleetOutside, whoTheBrokerDoesNotKnowIsToldWhy)
{
    serve();
    ASSERT_TRUE(eventually([&] { return brokerStatus().value("connected", false); }, 30)) << brokerStatus();
    const std::string told = printed({ "enroll", "dock" });
    EXPECT_NE(told.find("percept fleet acl --passwords"), std::string::npos) << told;
    EXPECT_NE(printed({ "status" }).find(url()), std::string::npos);
    enrol("bench");
    auto edge = run("bench");
    EXPECT_TRUE(eventually([&] { return edge->errors().find("knows no user \"bench\"") != std::string::npos; }, 30)) << edge->errors();
    EXPECT_NE(edge->errors().find("percept fleet acl"), std::string::npos) << edge->errors();
    tellBroker();
    ASSERT_TRUE(eventually([&] { return isOnline("bench"); }, 60)) << edge->errors();
    // Thrown out of the fleet it still is at the broker, and nothing that it says is taken.
    EXPECT_NE(printed({ "remove", "bench" }).find("percept fleet acl"), std::string::npos);
    EXPECT_EQ(printed({ "acl" }).find("bench"), std::string::npos);

    hub->kill(SIGTERM);
    put("hub.password", "guess\n");
    hub->start();
    EXPECT_NE(problem("knows no user \"factory-hub\"").find("--broker-user"), std::string::npos);
    EXPECT_NE(printed({ "status" }).find("knows no user"), std::string::npos);
    hub->kill(SIGTERM);
    put("hub.password", "the hub's own word\n");
    put("factory.crt", fleet::Authority::make("Factory")->certificate()); // of the same name, and not the same; the broker has read its own
    hub->start();
    EXPECT_NE(problem("not signed by the expected authority").find("--broker-ca"), std::string::npos);
    broker->kill();
    EXPECT_NE(problem("cannot be reached").find("is the broker running"), std::string::npos);
}

// All devices by one name; or one by a name of the operator's, which the hub never hears of.
TEST_F(FleetOutside, namesOfTheOperatorsServeAsWell)
{
    put("device.password", "for all of them\n");
    serve({ "--device-user", "cameras", "--device-password-file", path("device.password") });
    put("passwd", hubLine() + fmt::format("cameras:{}\nline-7:{}\n", fleet::brokerPasswordHash("for all of them"), fleet::brokerPasswordHash("seven")));
    put("acl", printed({ "acl" }) + "\nuser line-7\ntopic write percept/1/devices/seventh/up/#\ntopic read percept/1/devices/seventh/down/#\n");
    broker->reload();
    EXPECT_EQ(printed({ "enroll", "third" }).find("percept fleet acl"), std::string::npos) << "there is nothing left to do";
    enrol("first");
    put("seven.password", "seven\n");
    enrol("seventh", { "--broker-user", "line-7", "--broker-password-file", path("seven.password") });
    const auto first = run("first"), seventh = run("seventh");
    EXPECT_TRUE(eventually([&] { return isOnline("first") && isOnline("seventh"); }, 60)) << first->errors() << seventh->errors();
    EXPECT_EQ(base::readTextFile(folder / "first/fleet/enrolment.json")->find("seven"), std::string::npos);

    // A hub that the studio starts finds the same broker.
    const auto kept = fleet::readServeSettings(folder / "fleet");
    EXPECT_EQ(kept.broker.url, url());
    EXPECT_EQ(kept.broker.deviceUser, "cameras");
    EXPECT_EQ(base::readTextFile(folder / "fleet/serve.json")->find("for all of them"), std::string::npos) << "a password lies there";
}

}
}
