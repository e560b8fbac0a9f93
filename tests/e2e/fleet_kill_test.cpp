// kill -9 of a device while packages come to it through a real hub and broker, over TLS; and a hub whose memory was put back.
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"
#include "tests/core/device/answer_watch.h"
#include "tests/core/device/edge_process.h"
#include "tests/core/device/slots_on_disk.h"
#include "tests/e2e/hub_process.h"
#include "tests/e2e/update_stages.h"
#include "tests/support/bad_package.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_device.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const bool kNightly = std::getenv("PERCEPT_NIGHTLY") != nullptr;

// The limit of the contract where the machine has nothing else to do; elsewhere only what cannot be waiting for a processor.
constexpr double kQuietSeconds = 5, kBusySeconds = 60;
const double kAnswerSeconds = kNightly ? kQuietSeconds : kBusySeconds;

class FleetKill : public ::testing::Test {
protected:
    FleetKill()
    {
        ::setenv("PERCEPT_CONFIG_DIR", (m_folder / "config").c_str(), 1);
        m_hub.emplace(fleet(), std::vector<std::string> { "--host", "127.0.0.1", "--broker-port", std::to_string(freePort()), "--package-port",
                                   std::to_string(freePort()) });
        const auto granted = m_hub->tell("/api/enroll", { { "device", "t1" }, { "ring", "test" } });
        const auto done = runProgram("percept-edge", { "enroll", "--state", state().string(), granted.at("line"), "--json" });
        EXPECT_EQ(done.status, 0) << done.err;
        EXPECT_TRUE(done.json().value("broker", "").size() > 0 && fs::exists(state() / "fleet/device.crt")) << "not over TLS";
    }
    fs::path fleet() const { return m_folder / "fleet"; }
    fs::path state() const { return m_folder / "t1"; }

    void startEdge()
    {
        fs::remove(state() / "edge.json");
        m_edge.emplace(std::vector<std::string> { "run", "--state", state().string(), "--threads", "1", "--http", "127.0.0.1:0", "--grace", "0.15",
            "--live-pictures", "2", "--live-wait", "0.1" });
        m_edgeState = waitForState(state());
    }
    // Some megabytes of ballast: else nothing would be seen of the download.
    fs::path package(const std::string& version, std::int64_t counter)
    {
        const fs::path file = m_folder / (version + ".ppkg");
        const auto spec = testSpec();
        auto manifest = testManifest(spec, version);
        manifest.releaseCounter = counter;
        auto files = testPackageFiles(spec);
        files["ballast.bin"].resize(6u << 20, static_cast<std::uint8_t>(version.front()));
        EXPECT_TRUE(packaging::writePackage(file, manifest, files, packaging::loadOrMakeUserKey().value()).hasValue());
        return file;
    }
    // The next one for the ring "test"; the hub signs it as a newer release than all before. Gives its hash.
    std::string deploy(const fs::path& file)
    {
        for (int ring = 0; ring < 2 && m_hub->ask("/api/status").at("rollouts").at(0).at("state") == "running"; ++ring)
            m_hub->tell("/api/promote", {});
        return deployFirst(file);
    }
    std::string deployFirst(const fs::path& file)
    {
        const json told = m_hub->tell("/api/deploy", { { "file", file.string() } });
        EXPECT_TRUE(told.contains("rollout")) << told;
        return told.contains("rollout") ? told.at("rollout").at("package").at("sha256").get<std::string>() : "";
    }
    json status() const
    {
        const auto answer = device::askEdge(state(), { { "type", "status" } });
        return answer.hasValue() ? answer.value() : json { { "running", nullptr }, { "activity", answer.error().message } };
    }
    std::string runningSha() const
    {
        const json running = status().at("running");
        return running.is_object() ? running.value("sha256", "") : "";
    }
    bool comesToRestOn(const std::string& sha256, double seconds = 60)
    {
        return eventually([&] {
            const json device = m_hub->device("t1");
            const json running = device.value("running", json());
            return running.is_object() && running.value("sha256", "") == sha256 && device.value("activity", "") == "idle";
        }, seconds);
    }

    TemporaryFolder m_folder;
    std::optional<HubProcess> m_hub;
    std::optional<EdgeProcess> m_edge;
    json m_edgeState;
};

// It is gone, or is a corpse that waits for somebody to look.
bool isDead(int pid)
{
    std::string stat;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), stat);
    const auto name = stat.rfind(')');
    return name == std::string::npos || name + 2 >= stat.size() || stat[name + 2] == 'Z' || stat[name + 2] == 'X';
}

// Each kill is aimed at one stage of an update, all five in turn (a bad package has only the first two), at a random moment of
// it: the kernel tells when the stage begins (StageWatch), and from then on the delay is uniform over about the stage's length.
// Every third is aimed at nothing and falls anywhere within a second. What it has hit is read from the files that are left. Of
// four kills three are of the supervisor, one is of a model process: the one that answers or the candidate.
class KillLoop : public FleetKill {
protected:
    struct Aim {
        UpdateStage stage;
        double seconds; // about its length
    };
    static constexpr Aim kAims[] { { UpdateStage::Download, 0.05 }, { UpdateStage::Verify, 0.4 }, { UpdateStage::Switch, 0.004 },
        { UpdateStage::Health, 0.15 }, { UpdateStage::Commit, 0.004 } };

    void waitForTheMoment(int kill, StageWatch& stages)
    {
        base::Random random(11, 0, static_cast<std::uint64_t>(kill));
        const Aim& aim = kAims[isBad(kill) ? kill % 2 : kill % static_cast<int>(std::size(kAims))];
        const bool isAimed = kill % 3 != 2 && stages.waitFor(aim.stage, 4);
        const double delay = random.uniform(0, isAimed ? aim.seconds : 1);
        // The short ones have a few steps; half of the kills come at their first.
        if (aim.seconds > 0.01 || !isAimed || random.uniform() < 0.5)
            std::this_thread::sleep_for(std::chrono::duration<double>(delay));
    }
    static bool isBad(int number) { return number % 7 == 5; }
    void deploySomething(int number)
    {
        const auto sha256 = deploy(isBad(number) ? m_folder / "bad.ppkg" : m_folder / (std::to_string(1 + number % 3) + ".0.ppkg"));
        if (!isBad(number))
            m_good.insert(sha256);
    }
    void killEdge(AnswerWatch& watch)
    {
        const auto children = childrenOf(m_edge->pid());
        m_edge->signal(SIGKILL);
        m_edge->wait();
        watch.stop();
        ++m_hit[stageAtDeath(state())];
        EXPECT_EQ(faultOfSlots(state()), "");
        for (const int child : children) // they never outlive their supervisor
            EXPECT_TRUE(eventually([&] { return isDead(child); })) << "a model process has outlived it";
    }
    void killChild(int kill, const AnswerWatch& watch)
    {
        const auto children = childrenOf(m_edge->pid());
        if (children.empty())
            return;
        const int answers = watch.good();
        const double start = base::monotonicSeconds();
        ::kill(children[base::Random(12, 0, static_cast<std::uint64_t>(kill)).below(children.size())], SIGKILL);
        ++m_childKills;
        EXPECT_TRUE(eventually([&] { return watch.good() > answers + 1; }, kAnswerSeconds)) << "no answer after a model process died";
        m_slowestSeconds = std::max(m_slowestSeconds, base::monotonicSeconds() - start);
    }
    void expectOneGoodModel(int kill)
    {
        std::string sha256;
        EXPECT_TRUE(eventually([&] { return !(sha256 = runningSha()).empty(); }, kAnswerSeconds)) << "kill " << kill << status();
        EXPECT_TRUE(m_good.contains(sha256)) << "kill " << kill << ": " << sha256 << " answers";
        m_answered.insert(sha256);
    }

    void TearDown() override // also after a failure
    {
        for (const auto& [stage, count] : m_hit)
            std::printf("percept-edge killed, %s: %d\n", nameOf(stage), count);
        std::printf("model processes killed: %d\n%zu of %zu good packages were found answering; slowest first answer %.2f s\n", m_childKills,
            m_answered.size(), m_good.size(), m_slowestSeconds);
    }

    std::set<std::string> m_good, m_answered;
    std::map<UpdateStage, int> m_hit;
    int m_childKills = 0;
    double m_slowestSeconds = 0;
};

int numKills()
{
    if (const char* kills = std::getenv("PERCEPT_KILLS"))
        return std::atoi(kills);
    return kNightly ? 1000 : 20;
}

// 20 kills; 1,000 with PERCEPT_NIGHTLY=1; others with PERCEPT_KILLS.
TEST_F(KillLoop, oneGoodModelAnswersWithinFiveSecondsAndTheFleetComesToRest)
{
    const int kills = numKills();
    for (int i = 1; i <= 3; ++i)
        package(std::to_string(i) + ".0", i);
    makeBadPackage(m_folder / "bad.ppkg", Fault::WrongGolden, 0, packaging::loadOrMakeUserKey().value());
    startEdge();
    m_good.insert(deployFirst(m_folder / "1.0.ppkg"));
    ASSERT_TRUE(comesToRestOn(*m_good.begin())) << m_edge->errors();
    std::optional<AnswerWatch> watch(std::in_place, m_edgeState, kAnswerSeconds);
    std::optional<StageWatch> stages(std::in_place, state());
    for (int kill = 0; kill < kills && !HasFailure(); ++kill) {
        deploySomething(kill);
        waitForTheMoment(kill, *stages);
        if (kill % 4 == 3) {
            killChild(kill, *watch);
        } else {
            killEdge(*watch);
            const double start = base::monotonicSeconds();
            startEdge();
            watch.emplace(m_edgeState, kAnswerSeconds);
            ASSERT_GE(watch->firstAnswerSeconds(), 0) << "no answer after kill " << kill << m_edge->errors();
            m_slowestSeconds = std::max(m_slowestSeconds, base::monotonicSeconds() - start);
            stages.emplace(state());
        }
        expectOneGoodModel(kill);
    }
    const std::string last = deploy(m_folder / "3.0.ppkg");
    EXPECT_TRUE(comesToRestOn(last, 120)) << m_hub->device("t1") << m_edge->errors();
    EXPECT_EQ(runningSha(), last);
    EXPECT_EQ(childrenOf(m_edge->pid()).size(), 1u);
    EXPECT_TRUE(m_hub->device("t1").at("refusal").is_null());
    EXPECT_LT(m_slowestSeconds, kAnswerSeconds);
    EXPECT_GT(m_answered.size(), 1u) << "no update ever came through";
    for (const auto stage : { UpdateStage::Download, UpdateStage::Verify, UpdateStage::Health })
        EXPECT_GT(m_hit[stage], 0) << nameOf(stage);
    for (const auto stage : { UpdateStage::Switch, UpdateStage::Commit }) // milliseconds: by luck, and with enough tries for certain
        EXPECT_TRUE(kills < 500 || m_hit[stage] > 0) << nameOf(stage);
}

// A hub that has forgotten what it has released (its memory was put back from a backup) signs and sends releases that are older
// than what the device had: all rightly signed, and none is installed. 5 of them; 40 with PERCEPT_NIGHTLY=1.
TEST_F(FleetKill, aHubWhoseMemoryWasPutBackBringsNoOlderReleaseToADevice)
{
    const int replays = kNightly ? 40 : 5;
    startEdge();
    ASSERT_TRUE(comesToRestOn(deployFirst(package("1.0", 1)))) << m_edge->errors();
    m_hub->kill(SIGTERM);
    fs::copy(fleet(), m_folder / "backup", fs::copy_options::recursive);
    m_hub->start();
    const std::string newest = deploy(package("2.0", 2 + replays));
    ASSERT_TRUE(comesToRestOn(newest)) << m_edge->errors();
    AnswerWatch watch(m_edgeState, kAnswerSeconds);
    m_hub->kill(SIGTERM);
    fs::remove_all(fleet());
    fs::copy(m_folder / "backup", fleet(), fs::copy_options::recursive);
    m_hub->start();

    const auto isRefused = [&](const std::string& sha256) {
        return eventually([&] {
            const json refusal = m_hub->device("t1").value("refusal", json());
            return refusal.is_object() && refusal.value("sha256", "") == sha256 && refusal.value("kind", "") == "older";
        }, 60);
    };
    // First the very package that the device had run before, then ever newer ones below the newest.
    EXPECT_TRUE(isRefused(m_hub->ask("/api/status").at("rollouts").at(0).at("package").at("sha256"))) << m_hub->device("t1") << m_edge->errors();
    for (int i = 0; i < replays && !HasFailure(); ++i) {
        EXPECT_TRUE(isRefused(deploy(m_folder / "1.0.ppkg"))) << i << m_hub->device("t1") << m_edge->errors();
        EXPECT_EQ(runningSha(), newest);
    }
    const auto seen = watch.stop();
    EXPECT_EQ(seen.failed, 0);
    EXPECT_LT(seen.longestGapSeconds, longestGapTaken());
    // One that is not older comes through.
    EXPECT_TRUE(comesToRestOn(deploy(m_folder / "1.0.ppkg"))) << m_hub->device("t1") << m_edge->errors();
}

}
}
