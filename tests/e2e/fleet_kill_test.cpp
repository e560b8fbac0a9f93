// kill -9 of a device while its fleet brings it packages: fetched, verified, checked, switched to, on trial, kept, refused.
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"
#include "core/device/slot_record.h"
#include "tests/core/device/edge_process.h"
#include "tests/e2e/hub_process.h"
#include "tests/support/bad_package.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <thread>

namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class FleetKill : public ::testing::Test {
protected:
    FleetKill()
    {
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
        hub.emplace(folder / "fleet");
        const auto granted = hub->tell("/api/enroll", { { "device", "t1" } });
        EXPECT_EQ(runProgram("percept-edge", { "enroll", "--state", state(), granted.at("line") }).status, 0);
    }
    std::string state() const { return (folder / "t1").string(); }
    std::unique_ptr<EdgeProcess> run()
    {
        fs::remove(folder / "t1/edge.json");
        return std::make_unique<EdgeProcess>(std::vector<std::string> { "run", "--state", state(), "--threads", "1", "--grace", "0.15", "--live-wait", "0.1" });
    }
    // To all rings. Gives the hash under which the hub gives it out.
    std::string deploy(const fs::path& file)
    {
        const json told = hub->tell("/api/deploy", { { "file", file.string() } });
        EXPECT_TRUE(told.contains("rollout")) << told;
        hub->tell("/api/promote", {});
        hub->tell("/api/promote", {});
        return told.contains("rollout") ? told["rollout"]["package"].value("sha256", "") : "";
    }
    fs::path good(int number)
    {
        const auto file = folder / "good.ppkg";
        makeVersion(file, "1." + std::to_string(number), number, packaging::loadOrMakeUserKey().value());
        return file;
    }
    std::string running() const
    {
        const auto status = device::askEdge(state(), { { "type", "status" } });
        return status.hasValue() && status->at("running").is_object() ? status->at("running").value("sha256", "") : "";
    }
    std::string momentOfDeath() const
    {
        const auto record = device::slotRecordFromText(base::readTextFile(folder / "t1/slots/record.json").valueOr(""));
        if (record.hasValue() && record->isTrial())
            return "on trial";
        if (fs::exists(folder / "t1/slots/incoming.ppkg"))
            return "copied or checked";
        std::error_code problem;
        if (!fs::is_empty(folder / "t1/fleet/download", problem) && !problem)
            return "fetched or decided";
        return "between updates";
    }

    TemporaryFolder folder;
    std::optional<HubProcess> hub;
};

// 50 kills; 1,000 with PERCEPT_NIGHTLY=1.
TEST_F(FleetKill, aGoodModelAnswersWithinFiveSecondsAndTheLastOneArrives)
{
    const int kills = std::getenv("PERCEPT_NIGHTLY") != nullptr ? 1000 : 50;
    std::map<std::string, int> moments;
    std::set<std::string> goodOnes { deploy(good(1)) };
    auto edge = run();
    ASSERT_TRUE(eventually([&] { return goodOnes.contains(running()); }, 20)) << edge->errors();
    double slowest = 0;
    for (int kill = 1; kill <= kills; ++kill) {
        if (kill % 5 == 4) {
            const auto file = folder / "bad.ppkg";
            makeBadPackage(file, kFaults[static_cast<std::size_t>(kill / 5) % std::size(kFaults)], 0, packaging::loadOrMakeUserKey().value());
            deploy(file);
        } else {
            goodOnes.insert(deploy(good(kill + 1)));
        }
        std::this_thread::sleep_for(std::chrono::duration<double>(base::Random(5, 0, static_cast<std::uint64_t>(kill)).uniform(0, 0.8)));
        edge->signal(SIGKILL);
        edge->wait();
        ++moments[momentOfDeath()];
        const double start = base::monotonicSeconds();
        edge = run();
        ASSERT_TRUE(eventually([&] { return goodOnes.contains(running()); }, 20)) << "after kill " << kill << ": " << edge->errors();
        slowest = std::max(slowest, base::monotonicSeconds() - start);
    }
    const std::string last = deploy(good(kills + 2));
    EXPECT_TRUE(eventually([&] { return running() == last; }, 20)) << edge->errors();
    for (const auto& [moment, count] : moments)
        std::printf("killed %s: %d\n", moment.c_str(), count);
    std::printf("slowest first answer %.2f s\n", slowest);
    EXPECT_LT(slowest, 5);
    EXPECT_GT(moments["copied or checked"] + moments["fetched or decided"], 0);
    EXPECT_GT(moments["on trial"], 0);
}

TEST_F(FleetKill, eightKindsOfBadPackagesAreRefusedAndReportedWithTheirStage)
{
    const std::string sha = deploy(good(1));
    const auto edge = run();
    ASSERT_TRUE(eventually([&] { return running() == sha; }, 20)) << edge->errors();
    for (const Fault fault : kFaults) {
        const auto file = folder / "bad.ppkg";
        makeBadPackage(file, fault, 0, packaging::loadOrMakeUserKey().value());
        const std::string bad = deploy(file);
        EXPECT_TRUE(eventually([&] {
            const json device = hub->device("t1");
            return device["refusal"].is_object() && device["refusal"].value("sha256", "") == bad;
        }, 30)) << nameOf(fault) << edge->errors();
        const std::string kind = hub->device("t1")["refusal"].value("kind", "");
        std::printf("%s: %s\n", nameOf(fault), kind.c_str());
        EXPECT_NE(kind, "fetch") << nameOf(fault);
        EXPECT_NE(kind, "untrusted") << nameOf(fault);
        EXPECT_EQ(running(), sha) << nameOf(fault);
    }
}

}
}
