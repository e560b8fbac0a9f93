// A fleet of real parts on loopback: broker, hub and three percept-edge processes, over TLS.
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"
#include "core/media/picture.h"
#include "tests/core/device/edge_process.h"
#include "tests/e2e/hub_process.h"
#include "tests/support/bad_package.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_device.h"

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <httplib.h>

namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class FleetDevices : public ::testing::Test {
protected:
    FleetDevices()
    {
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
        hub.emplace(folder / "fleet", std::vector<std::string> { "--host", "127.0.0.1", "--broker-port", std::to_string(freePort()), "--package-port",
                                          std::to_string(freePort()) });
    }
    std::string state(const std::string& name) const { return (folder / name).string(); }
    void enrol(const std::string& name, const std::string& ring)
    {
        const auto granted = hub->tell("/api/enroll", { { "device", name }, { "ring", ring } });
        const auto done = runProgram("percept-edge", { "enroll", "--state", state(name), granted.at("line"), "--json" });
        ASSERT_EQ(done.status, 0) << done.err;
        EXPECT_EQ(done.json().value("device", ""), name);
    }
    std::unique_ptr<EdgeProcess> run(const std::string& name, std::vector<std::string> more = {})
    {
        fs::remove(folder / name / "edge.json");
        more.insert(more.begin(), { "run", "--state", state(name), "--threads", "1", "--http", "127.0.0.1:0", "--grace", "0.3", "--live-wait", "1" });
        auto edge = std::make_unique<EdgeProcess>(more);
        waitForState(folder / name);
        return edge;
    }
    // Signed by the user whose fleet it is.
    std::string package(const std::string& version, std::int64_t counter)
    {
        const auto file = folder / (version + ".ppkg");
        makeVersion(file, version, counter, packaging::loadOrMakeUserKey().value());
        return file.string();
    }
    // That the device itself says it runs, as the hub knows it.
    std::string reportedSha(const std::string& name) const
    {
        const json device = hub->device(name);
        return device.contains("running") && device["running"].is_object() ? device["running"].value("sha256", "") : "";
    }
    bool predicts(const std::string& name, const std::string& path = "/predict")
    {
        const auto png = media::encodePng(testPicture(192, 128, { { 32, 32, 16, 0 } })).value();
        const std::string url = waitForState(folder / name)["url"];
        const auto answer = httplib::Client(url.c_str()).Post(path, std::string(png.begin(), png.end()), "image/png");
        return answer && answer->status == 200;
    }

    TemporaryFolder folder;
    std::optional<HubProcess> hub;
};

TEST_F(FleetDevices, fromEnrolmentToAPackageOnAllAndOverARestartOfTheHub)
{
    const std::pair<const char*, const char*> members[] { { "t1", "test" }, { "p1", "part" }, { "a1", "all" } };
    std::vector<std::unique_ptr<EdgeProcess>> edges;
    for (const auto& [name, ring] : members) {
        enrol(name, ring);
        edges.push_back(run(name));
    }
    for (const auto& [name, ring] : members) {
        ASSERT_TRUE(eventually([&, name = name] { return hub->device(name).value("online", false); })) << edges[0]->errors();
        EXPECT_FALSE(predicts(name)); // its first package has not come
    }
    const auto first = hub->tell("/api/deploy", { { "file", package("1.0", 1) } });
    const std::string sha = first.at("rollout").at("package").at("sha256");
    ASSERT_TRUE(eventually([&] { return reportedSha("t1") == sha; })) << edges[0]->errors();
    EXPECT_EQ(sha, base::sha256OfFile(folder / "t1/slots/a.ppkg").value());
    EXPECT_TRUE(predicts("t1"));
    EXPECT_EQ(reportedSha("p1"), "");
    hub->tell("/api/promote", {});
    ASSERT_TRUE(eventually([&] { return reportedSha("p1") == sha; })) << edges[1]->errors();
    EXPECT_EQ(reportedSha("a1"), "");
    hub->tell("/api/promote", {});
    ASSERT_TRUE(eventually([&] { return reportedSha("a1") == sha; })) << edges[2]->errors();

    // Without the hub everything goes on, and afterwards the next package comes.
    hub->kill(SIGKILL);
    EXPECT_TRUE(eventually([&] { return !device::askEdge(state("t1"), { { "type", "status" } })->at("fleet").value("connected", true); }));
    for (const auto& [name, ring] : members)
        EXPECT_TRUE(predicts(name));
    hub->start();
    const auto second = hub->tell("/api/deploy", { { "file", package("2.0", 2) } });
    const std::string newer = second.at("rollout").at("package").at("sha256");
    ASSERT_TRUE(eventually([&] { return reportedSha("t1") == newer; }, 20)) << edges[0]->errors();
    ASSERT_TRUE(eventually([&] { return hub->device("t1").value("activity", "") == "idle"; }));
    // Taken back: the version before, as a newer release.
    hub->tell("/api/rollback", { { "why", "It misses cells." } });
    ASSERT_TRUE(eventually([&] { return hub->device("t1")["running"].value("version", "") == "1.0"; })) << edges[0]->errors();
    EXPECT_NE(reportedSha("t1"), sha);
    edges[1]->signal(SIGTERM);
    EXPECT_EQ(edges[1]->wait(), 0) << edges[1]->errors();
    EXPECT_TRUE(eventually([&] { return !hub->device("p1").value("online", true); }));
}

TEST_F(FleetDevices, aPackageThatIsRefusedIsReportedWithItsStageAndStopsTheRollOut)
{
    enrol("t1", "test");
    const auto edge = run("t1");
    const std::string good = hub->tell("/api/deploy", { { "file", package("1.0", 1) } }).at("rollout").at("package").at("sha256");
    ASSERT_TRUE(eventually([&] { return reportedSha("t1") == good; })) << edge->errors();
    ASSERT_TRUE(eventually([&] { return hub->device("t1").value("activity", "") == "idle"; }));
    hub->tell("/api/promote", {});
    hub->tell("/api/promote", {});
    const auto bad = folder / "bad.ppkg";
    makeBadPackage(bad, Fault::WrongGolden, 0, packaging::loadOrMakeUserKey().value());
    hub->tell("/api/deploy", { { "file", bad.string() } });
    ASSERT_TRUE(eventually([&] { return hub->device("t1")["refusal"].is_object(); })) << edge->errors();
    EXPECT_EQ(hub->device("t1")["refusal"].value("kind", ""), "golden");
    EXPECT_EQ(reportedSha("t1"), good);
    EXPECT_TRUE(predicts("t1"));
    EXPECT_TRUE(eventually([&] { return hub->ask("/api/status").at("rollouts").at(0).at("state") == "stopped"; }));
    // The next one goes past it.
    const std::string next = hub->tell("/api/deploy", { { "file", package("2.0", 2000) } }).at("rollout").at("package").at("sha256");
    ASSERT_TRUE(eventually([&] { return reportedSha("t1") == next; })) << edge->errors();
    EXPECT_TRUE(hub->device("t1")["refusal"].is_null());
}

// Certificates of a fleet are good for ever, so that a device without a battery for its clock finds its hub.
TEST_F(FleetDevices, aClockThatIsWrongByYearsKeepsNobodyOut)
{
    constexpr long long kYear = 366 * 86'400;
    for (const auto& [name, years] : { std::pair("past", -40), std::pair("future", 40) }) {
        ::setenv("LD_PRELOAD", PERCEPT_WRONG_CLOCK, 1);
        ::setenv("PERCEPT_CLOCK_OFFSET", std::to_string(years * kYear).c_str(), 1);
        enrol(name, "test");
        const auto edge = run(name);
        ::unsetenv("LD_PRELOAD");
        ::unsetenv("PERCEPT_CLOCK_OFFSET");
        ASSERT_TRUE(eventually([&, name = name] { return hub->device(name).value("online", false); })) << edge->errors();
        const auto status = device::askEdge(state(name), { { "type", "status" } });
        EXPECT_GT(std::abs(status->at("timeMs").get<double>() - static_cast<double>(base::nowMs())), 39.0 * kYear * 1000) << "the clock is right";
        if (years < 0)
            hub->tell("/api/deploy", { { "file", package("1.0", 1) } });
        ASSERT_TRUE(eventually([&, name = name] { return !reportedSha(name).empty(); })) << edge->errors();
    }
}

TEST_F(FleetDevices, aWindowThatWaitedForTheHubIsCountedOnceAndAPictureComesHome)
{
    enrol("t1", "test");
    hub->tell("/api/rules", { { "device", "t1" }, { "rules", { { "windowSeconds", 1 }, { "sampling", { { "randomShare", 1.0 }, { "perDay", 1'000'000 } } } } } });
    const std::string sha = hub->tell("/api/deploy", { { "file", package("1.0", 1) } }).at("rollout").at("package").at("sha256");
    auto edge = run("t1", { "--collect" });
    ASSERT_TRUE(eventually([&] { return reportedSha("t1") == sha; })) << edge->errors();
    const auto totals = [&] {
        const json all = hub->ask("/api/status").at("totals");
        return all.empty() ? json { { "frames", 0 }, { "samples", 0 }, { "objects", 0 } } : all.at(0);
    };
    int frames = 0;
    ASSERT_TRUE(predicts("t1", "/predict?probe=1")); // somebody tries it: answered, and counted nowhere
    for (; frames < 5; ++frames)
        ASSERT_TRUE(predicts("t1"));
    ASSERT_TRUE(eventually([&] { return totals().value("frames", 0) == frames; })) << totals();
    hub->kill(SIGKILL);
    for (; frames < 12; ++frames)
        ASSERT_TRUE(predicts("t1"));
    edge->signal(SIGTERM); // the window that is open is kept as well
    ASSERT_EQ(edge->wait(), 0) << edge->errors();
    hub->start();
    edge = run("t1", { "--collect" });
    ASSERT_TRUE(eventually([&] { return totals().value("frames", 0) == frames; })) << totals() << edge->errors();
    // By now the budget has grown by a picture or more.
    ASSERT_TRUE(eventually([&] {
        frames += predicts("t1") ? 1 : 0;
        return totals().value("samples", 0) > 0;
    }, 20)) << edge->errors();
    const auto listed = runProgram("percept", { "fleet", "samples", "--state", (folder / "fleet").string(), "--device", "t1", "--json" });
    ASSERT_EQ(listed.status, 0) << listed.err;
    const json sample = listed.json().at("samples").at(0);
    EXPECT_EQ(sample["version"], "1.0");
    EXPECT_EQ(sample["reason"], "random");
    EXPECT_EQ(sample["width"], 192);
    EXPECT_EQ(sample["predictions"].size(), 1u);
    EXPECT_EQ(media::readPictureInfo(sample["file"].get<std::string>())->height, 128);
    ASSERT_TRUE(eventually([&] { return totals().value("frames", 0) == frames; })) << totals() << " of " << frames;
}

}
}
