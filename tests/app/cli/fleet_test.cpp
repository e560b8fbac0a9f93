// percept fleet ...: keys and exit statuses of resources/help/command-line.md, on a real hub.
#include "core/base/files.h"
#include "core/fleet/hub.h"
#include "tests/app/cli/cli_fixture.h"
#include "tests/support/test_device.h"
#include "tests/support/test_package.h"

#include <csignal>
#include <gmock/gmock.h>
#include <set>
#include <thread>

namespace percept {
namespace {

using test::eventually;
using testing::HasSubstr;

struct FleetCli : Cli {
    FleetCli() { ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1); }
    ~FleetCli() override { stop(); }

    void serve()
    {
        server = std::thread([this] {
            test::RunOptions options;
            options.interruptWhen = [this] { return stopping.load(); };
            options.signal = SIGTERM;
            served = percept({ "fleet", "serve", "--state", state, "--json" }, options);
        });
        ASSERT_TRUE(eventually([&] { return fleet::readHubAddress(state).hasValue(); }, 20));
    }
    void stop()
    {
        stopping = true;
        if (server.joinable())
            server.join();
    }
    json fleetDocument(std::vector<std::string> arguments, int status = 0)
    {
        arguments.insert(arguments.begin(), "fleet");
        arguments.insert(arguments.end(), { "--state", state });
        return document(arguments, status);
    }
    std::string package(std::int64_t counter, double map50 = 0.5)
    {
        const auto file = folder / ("p" + std::to_string(counter) + ".ppkg");
        auto manifest = test::testManifest(test::testSpec(), "1." + std::to_string(counter));
        manifest.releaseCounter = counter;
        manifest.metrics["test"]["metrics"]["map50"]["value"] = map50;
        EXPECT_TRUE(packaging::writePackage(file, manifest, test::testPackageFiles(test::testSpec()), packaging::loadOrMakeUserKey().value()).hasValue());
        return file.string();
    }

    std::string state = (folder / "fleet").string();
    std::atomic<bool> stopping = false;
    std::thread server;
    Ran served;
};

TEST_F(FleetCli, without_a_hub_every_call_says_so)
{
    for (const auto& line : std::vector<std::vector<std::string>> { { "devices" }, { "status" }, { "enroll", "a" }, { "samples" }, { "rules" }, { "promote" }, { "stop" }, { "rollback" }, { "remove", "a" }, { "ring", "a", "test" } }) {
        const auto said = fleetDocument(line, 1);
        EXPECT_EQ(said.value("code", ""), "not-found") << line[0];
        EXPECT_THAT(said.value("error", ""), HasSubstr("percept fleet serve"));
    }
    EXPECT_FALSE(std::filesystem::exists(state)); // looking makes nothing
}

TEST_F(FleetCli, from_a_token_to_a_roll_out_and_back)
{
    serve();
    const auto granted = fleetDocument({ "enroll", "dock-1" });
    expectKeys(granted, { "token", "device", "ring", "expires_ms", "hub", "outside_hub", "authority", "line" });
    EXPECT_EQ(fleetDocument({ "enroll", "a/b" }, 2).value("code", ""), "usage");
    const auto enrolled = test::TestDevice::enrol(granted.at("hub"), granted.at("token"), "dock-1");
    ASSERT_TRUE(enrolled.hasValue());
    EXPECT_EQ(fleetDocument({ "enroll", "dock-1" }, 3).value("code", ""), "refused");
    test::TestDevice dock(test::TestDevice::optionsFor(enrolled.value()));
    protocol::ReportedState reported;
    reported.program = "0.1.0";
    ASSERT_TRUE(eventually([&] { return dock.desired().has_value(); }));
    dock.report(reported);
    dock.add(25);
    ASSERT_TRUE(eventually([&] { return dock.acknowledged() == 1; }));

    const auto deployed = fleetDocument({ "deploy", package(1) });
    expectKeys(deployed, { "rollout", "devices", "caution", "slower", "other_model", "warnings" });
    EXPECT_EQ(deployed["warnings"], json::array());
    ASSERT_TRUE(eventually([&] { return dock.desired()->package.has_value(); }));
    const auto devices = fleetDocument({ "devices" }).at("devices");
    ASSERT_EQ(devices.size(), 1u);
    expectKeys(devices[0], { "device", "ring", "online", "enrolled_ms", "seen_ms", "desired", "running", "refusal", "program", "activity", "fps", "latency_ms", "memory_bytes", "outbox" });
    EXPECT_EQ(devices[0]["desired"].value("version", ""), "1.1");
    EXPECT_EQ(fleetDocument({ "deploy", package(2) }, 3).value("code", ""), "refused"); // one is under way
    EXPECT_EQ(fleetDocument({ "promote", "--after", "90" }).value("promote_after_minutes", 0), 90);
    EXPECT_EQ(fleetDocument({ "status" }).value("promote_after_minutes", 0), 90);
    EXPECT_EQ(fleetDocument({ "promote", "--after", "0" }).at("rollout").value("ring", ""), "test") << "it was not promoted";
    EXPECT_EQ(fleetDocument({ "status" }).value("promote_after_minutes", -1), 0);
    const auto promoted = fleetDocument({ "promote" });
    EXPECT_EQ(promoted.at("rollout").value("ring", ""), "part");
    EXPECT_THAT(promoted.at("open_conditions").dump(), HasSubstr("Watched")) << "people are told what they have not waited for";
    EXPECT_EQ(fleetDocument({ "promote" }).at("rollout").value("state", ""), "done");
    EXPECT_EQ(fleetDocument({ "promote" }, 1).value("code", ""), "not-found");
    fleetDocument({ "deploy", package(2) });
    EXPECT_EQ(fleetDocument({ "rollback", "--why", "It misses cells." }).at("rollout").value("note", ""), "It misses cells.");
    ASSERT_TRUE(eventually([&] { return dock.desired()->package->version == "1.1" && dock.desired()->package->releaseCounter == 3; }));

    EXPECT_THAT(fleetDocument({ "deploy", package(3, 0.001) })["warnings"].dump(), HasSubstr("finds next to nothing on the test set: AP50 0.001"));
    EXPECT_EQ(fleetDocument({ "stop", "--why", "Too slow." }).at("rollout").value("state", ""), "stopped");

    const auto status = fleetDocument({ "status" });
    expectKeys(status, { "broker", "devices", "online", "rollouts", "alerts", "totals" });
    EXPECT_EQ(status["totals"][0].value("frames", 0), 25);
    EXPECT_THAT(percept({ "fleet", "devices", "--state", state }).out, HasSubstr("dock-1"));
    EXPECT_THAT(percept({ "fleet", "status", "--state", state }).out, HasSubstr("rolled-back"));
    EXPECT_EQ(fleetDocument({ "ring", "dock-1", "part" }).value("ring", ""), "part");
    EXPECT_EQ(fleetDocument({ "ring", "dock-1", "moon" }, 2).value("code", ""), "usage");
    EXPECT_EQ(fleetDocument({ "remove", "dock-1" }).value("device", ""), "dock-1");
    EXPECT_EQ(fleetDocument({ "remove", "dock-1" }, 1).value("code", ""), "not-found");
    ASSERT_TRUE(eventually([&] { return !dock.isConnected(); }));
}

TEST_F(FleetCli, one_hub_at_a_time_and_an_orderly_end)
{
    serve();
    EXPECT_EQ(fleetDocument({ "serve" }, 1).value("code", ""), "conflict");
    EXPECT_TRUE(fleet::readHubAddress(state).hasValue());
    stop();
    EXPECT_EQ(served.status, 0) << served.err;
    EXPECT_EQ(served.json().value("status", ""), "stopped");
    EXPECT_FALSE(fleet::readHubAddress(state).hasValue());
    EXPECT_EQ(test::findProcess("mosquitto", state + "/broker/mosquitto.conf"), 0);
}

// What is left out or misspelt leads to the help of that very call.
TEST_F(FleetCli, wrong_calls_lead_to_their_own_help)
{
    const std::pair<std::vector<std::string>, std::vector<std::string>> calls[] {
        { { "deploy" }, { "FILE", "`percept fleet deploy --help`" } },
        { { "deploy", "nothing.ppkg" }, { "nothing.ppkg", "`percept fleet deploy --help`" } },
        { { "enroll" }, { "NAME", "`percept fleet enroll --help`" } },
        { { "enroll", "dock", "--hours", "0" }, { "--hours", "`percept fleet enroll --help`" } },
        { { "ring", "dock" }, { "RING", "`percept fleet ring --help`" } },
        { { "remove" }, { "NAME", "`percept fleet remove --help`" } },
        { { "take" }, { "PROJECT", "`percept fleet take --help`" } },
        { { "rules", "--random", "2" }, { "--random", "`percept fleet rules --help`" } },
        { { "serve", "--broker-port", "0" }, { "--broker-port", "`percept fleet serve --help`" } },
        { { "serve", "--broker-user", "me" }, { "--broker mqtts://HOST:PORT" } },
        { { "serve", "--broker", "mqtt://192.0.2.1:1883", "--broker-user", "me", "--broker-password-file", "pw" }, { "--broker-without-tls" } },
        { { "deplyo", "x.ppkg" }, { "no command 'fleet deplyo'", "`percept fleet --help`" } },
        { {}, { "say which", "`percept fleet --help`" } },
    };
    ASSERT_TRUE(base::atomicWrite(folder / "pw", std::string_view("word\n")).hasValue());
    for (const auto& [call, said] : calls) {
        std::vector<std::string> line { "fleet" };
        line.insert(line.end(), call.begin(), call.end());
        const auto ran = percept(line);
        EXPECT_EQ(ran.status, 2) << ran.err;
        EXPECT_EQ(ran.out, "");
        for (const auto& part : said)
            EXPECT_THAT(ran.err, HasSubstr(part));
    }
    EXPECT_THAT(percept({ "fleets" }).err, HasSubstr("no command 'fleets'"));
    EXPECT_THAT(percept({ "fleet", "acl", "--state", state }).err, HasSubstr("percept fleet serve"));
}

TEST_F(FleetCli, a_full_disk_is_said_and_the_hub_does_not_start)
{
    test::RunOptions options;
    options.fileSizeLimit = 4096;
    const auto ran = percept({ "fleet", "serve", "--state", state }, options);
    EXPECT_EQ(ran.status, 1) << ran.err;
    EXPECT_EQ(test::findProcess("mosquitto", state + "/broker/mosquitto.conf"), 0);
}

// Every call, its arguments, and that the manual names them.
TEST_F(FleetCli, help_and_manual_say_what_there_is)
{
    const std::map<std::string, std::vector<std::string>> calls { { "serve", { "--host", "--broker-port", "--package-port" } },
        { "serve --broker", { "--broker-user", "--broker-password-file", "--broker-ca", "--broker-cert", "--broker-key", "--device-user", "--device-password-file", "--broker-without-tls" } },
        { "acl", { "--passwords" } }, { "devices", {} }, { "status", {} },
        { "enroll", { "NAME", "--ring", "--hours" } }, { "remove", { "NAME" } }, { "ring", { "NAME", "RING" } }, { "deploy", { "FILE", "--promote-after", "--project" } }, { "take", { "PROJECT", "ID", "--all", "--right", "--ignore" } }, { "promote", { "--after" } }, { "stop", { "--why" } }, { "rollback", { "--why" } } };
    const auto manual = base::readTextFile(PERCEPT_SOURCE_DIR "/resources/help/command-line.md").value();
    const auto help = percept({ "fleet", "--help" });
    EXPECT_EQ(help.status, 0);
    for (const auto& [call, arguments] : calls) {
        const std::string name = call.substr(0, call.find(' '));
        EXPECT_THAT(help.out, HasSubstr("\n  " + name + " "));
        const auto its = percept({ "fleet", name, "--help" }).out;
        const auto at = manual.find("`fleet " + call);
        ASSERT_NE(at, std::string::npos) << call;
        const auto line = manual.substr(at, manual.find("`", at + 1) - at);
        for (const auto& argument : arguments) {
            EXPECT_THAT(its, HasSubstr(argument)) << call;
            EXPECT_THAT(line, HasSubstr(argument)) << call;
        }
        EXPECT_THAT(its, HasSubstr("--state"));
        EXPECT_THAT(line, HasSubstr("--state"));
    }
}

}
}
