#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"
#include "core/media/picture.h"
#include "tests/core/device/answer_watch.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/bad_package.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <csignal>
#include <gtest/gtest.h>

// percept-edge update: a package is brought to a percept-edge that answers all the while.
namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Update : public ::testing::Test {
protected:
    void SetUp() override { makeVersion(m_folder / "v1.ppkg", "1.0", 1); }

    std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> list { "run", "--threads", "1", "--state", state(), "--http", "127.0.0.1:0" };
        list.insert(list.end(), more.begin(), more.end());
        for (const auto& [name, value] : { std::pair("--live-wait", "2"), std::pair("--live-pictures", "4"), std::pair("--grace", "0.3"),
                 std::pair("--check-timeout", "20") })
            if (std::find(more.begin(), more.end(), name) == more.end())
                list.insert(list.end(), { name, value });
        return list;
    }
    std::vector<std::string> withPackage(std::vector<std::string> more = {}) const
    {
        more.insert(more.end(), { "--package", (m_folder / "v1.ppkg").string() });
        return arguments(more);
    }
    std::string state() const { return (m_folder / "state").string(); }
    json update(const fs::path& package)
    {
        const auto answer = device::askEdge(state(), { { "type", "update" }, { "package", package.string() } });
        return answer.hasValue() ? answer.value() : json { { "status", "failed" }, { "message", answer.error().message } };
    }
    json status() { return device::askEdge(state(), { { "type", "status" } }).value(); }
    std::string runningVersion() { return status()["running"].value("version", ""); }

    TemporaryFolder m_folder;
};

TEST_F(Update, aSoundPackageIsCheckedSwitchedToAndKept)
{
    EdgeProcess edge(withPackage());
    AnswerWatch watch(waitForState(state()));
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    const json result = update(m_folder / "v2.ppkg");
    EXPECT_EQ(result["status"], "healthy") << result << edge.errors();
    EXPECT_EQ(result["livePictures"], 4);
    const json now = status();
    EXPECT_EQ(now["running"]["version"], "2.0");
    EXPECT_EQ(now["running"]["sha256"], base::sha256OfFile(m_folder / "v2.ppkg").value());
    EXPECT_EQ(now["running"]["slot"], "b");
    EXPECT_EQ(now["slots"]["b"]["healthy"], true);
    EXPECT_EQ(now["slots"]["a"]["version"], "1.0");
    EXPECT_TRUE(now["lastRefusal"].is_null());
    EXPECT_EQ(update(m_folder / "v2.ppkg")["status"], "unchanged");
    const auto seen = watch.stop();
    EXPECT_EQ(seen.failed, 0);
    EXPECT_LT(seen.longestGapSeconds, longestGapTaken());
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(), 0) << edge.errors();
}

TEST_F(Update, aRestartGoesOnWithTheUpdateAlsoByTheOldCommandLine)
{
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    {
        EdgeProcess edge(withPackage());
        waitForState(state());
        ASSERT_EQ(update(m_folder / "v2.ppkg")["status"], "healthy");
        edge.signal(SIGTERM);
        EXPECT_EQ(edge.wait(), 0);
        fs::remove(m_folder / "state/edge.json");
    }
    {
        EdgeProcess edge(withPackage()); // --package v1.ppkg, as the service unit says
        waitForState(state());
        EXPECT_EQ(runningVersion(), "2.0");
        edge.signal(SIGTERM);
        EXPECT_EQ(edge.wait(), 0);
        fs::remove(m_folder / "state/edge.json");
    }
    EdgeProcess edge(arguments());
    waitForState(state());
    EXPECT_EQ(runningVersion(), "2.0");
}

TEST_F(Update, aPackageGivenAnewByHandWins)
{
    {
        EdgeProcess edge(withPackage());
        waitForState(state());
        edge.signal(SIGTERM);
        EXPECT_EQ(edge.wait(), 0);
        fs::remove(m_folder / "state/edge.json");
    }
    makeVersion(m_folder / "v1.ppkg", "1.5", 0); // by hand also an older release
    EdgeProcess edge(withPackage());
    waitForState(state());
    EXPECT_EQ(runningVersion(), "1.5");
}

TEST_F(Update, rollsBackByHand)
{
    EdgeProcess edge(withPackage());
    waitForState(state());
    EXPECT_EQ(device::askEdge(state(), { { "type", "rollback" } }).error().message, "There is no version before this one to go back to.");
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    ASSERT_EQ(update(m_folder / "v2.ppkg")["status"], "healthy");
    AnswerWatch watch(waitForState(state()));
    EdgeProcess asking({ "rollback", "--state", state(), "--json" });
    EXPECT_EQ(asking.wait(), 0) << asking.errors();
    EXPECT_EQ(runningVersion(), "1.0");
    EXPECT_EQ(status()["lastRefusal"]["kind"], "by-hand");
    EXPECT_EQ(status()["lastRefusal"]["version"], "2.0");
    EXPECT_LT(watch.stop().longestGapSeconds, longestGapTaken());
}

TEST_F(Update, withKeysOnlyTheyMayUpdateAndNeverToAnOlderRelease)
{
    const std::string trusted = packaging::publicKeyText(testKey(2).publicKey);
    EdgeProcess edge(withPackage({ "--trust", packaging::publicKeyText(testKey(3).publicKey), "--trust", trusted }));
    waitForState(state());
    makeVersion(m_folder / "stranger.ppkg", "2.0", 2, testKey(1));
    EXPECT_EQ(update(m_folder / "stranger.ppkg")["refusal"]["kind"], "untrusted");
    makeVersion(m_folder / "v5.ppkg", "5.0", 5, testKey(2));
    EXPECT_EQ(update(m_folder / "v5.ppkg")["status"], "healthy");
    for (int counter = 0; counter < 5; ++counter) { // replayed, all rightly signed
        const auto old = m_folder / ("old" + std::to_string(counter) + ".ppkg");
        makeVersion(old, "4." + std::to_string(counter), counter, testKey(2));
        const json result = update(old);
        EXPECT_EQ(result["refusal"]["kind"], "older") << counter << result;
    }
    EXPECT_EQ(runningVersion(), "5.0");
    auto spoiled = base::readFile(m_folder / "v5.ppkg").value();
    spoiled[spoiled.size() / 2] ^= 1;
    ASSERT_TRUE(base::atomicWrite(m_folder / "spoiled.ppkg", std::span<const std::uint8_t>(spoiled)).hasValue());
    EXPECT_EQ(update(m_folder / "spoiled.ppkg")["status"], "refused");
    makeVersion(m_folder / "same.ppkg", "5.1", 5, testKey(3)); // not below the last
    EXPECT_EQ(update(m_folder / "same.ppkg")["status"], "healthy");
}

TEST_F(Update, whatCannotBeReadIsRefusedWithASentence)
{
    EdgeProcess edge(withPackage());
    waitForState(state());
    const json missing = update(m_folder / "missing.ppkg");
    EXPECT_EQ(missing["refusal"]["kind"], "unreadable") << missing;
    EXPECT_NE(missing["refusal"]["message"].get<std::string>().find("missing.ppkg"), std::string::npos);
    ASSERT_TRUE(base::atomicWrite(m_folder / "text.ppkg", std::string_view("hello")).hasValue());
    EXPECT_EQ(update(m_folder / "text.ppkg")["refusal"]["kind"], "invalid");
    EXPECT_EQ(std::distance(fs::directory_iterator(m_folder / "state/slots"), fs::directory_iterator()), 3);
}

TEST_F(Update, theCommandLineAsksTheOneThatRuns)
{
    EdgeProcess alone({ "update", "--state", state(), "--package", (m_folder / "v1.ppkg").string() });
    EXPECT_EQ(alone.wait(), 1);
    EXPECT_NE(alone.errors().find("No percept-edge runs"), std::string::npos);
    EdgeProcess edge(withPackage());
    waitForState(state());
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    EdgeProcess good({ "update", "--state", state(), "--package", (m_folder / "v2.ppkg").string(), "--json" });
    const json result = json::parse(good.readLine().value_or("{}"));
    EXPECT_EQ(good.wait(), 0) << good.errors();
    EXPECT_EQ(result["status"], "healthy");
    makeBadPackage(m_folder / "bad.ppkg", Fault::WrongGolden, 0);
    EdgeProcess bad({ "update", "--state", state(), "--package", (m_folder / "bad.ppkg").string() });
    EXPECT_EQ(bad.wait(), 3);
    EXPECT_NE(bad.errors().find("refused"), std::string::npos) << bad.errors();
    EdgeProcess asked({ "status", "--state", state() });
    std::string text;
    while (const auto line = asked.readLine())
        text += *line + "\n";
    EXPECT_EQ(asked.wait(), 0);
    for (const char* part : { "Coloured squares 2.0 answers", "MiB", "version 9.9: ", "(golden)" })
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(Update, oneUpdateAtATime)
{
    EdgeProcess edge(withPackage());
    waitForState(state());
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    EdgeProcess first({ "update", "--state", state(), "--package", (m_folder / "v2.ppkg").string() });
    for (int i = 0; i < 200 && status()["activity"] == "idle"; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_NE(update(m_folder / "v2.ppkg").value("message", "").find("Try again"), std::string::npos);
    EXPECT_EQ(first.wait(), 0) << first.errors();
}

TEST_F(Update, sigtermEndsACheckSoon)
{
    LineProgram edge(PERCEPT_FAULTY_EDGE, withPackage());
    waitForState(state());
    makeVersion(m_folder / "hangs.ppkg", "2.0", 2, testKey(), "hang 1");
    EdgeProcess asking({ "update", "--state", state(), "--package", (m_folder / "hangs.ppkg").string() });
    for (int i = 0; i < 200 && status()["activity"] == "idle"; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const double start = base::monotonicSeconds();
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(), 0) << edge.errors();
    EXPECT_LT(base::monotonicSeconds() - start, 3);
    EXPECT_EQ(asking.wait(), 1);
}

// The eight kinds of bad packages, one each; ten each with PERCEPT_NIGHTLY=1.
TEST_F(Update, badPackagesAreRefusedWhileTheOldModelAnswers)
{
    EdgeProcess edge(withPackage());
    AnswerWatch watch(waitForState(state()));
    const int variants = std::getenv("PERCEPT_NIGHTLY") != nullptr ? 10 : 1;
    for (const auto fault : kFaults) {
        for (int variant = 0; variant < variants; ++variant) {
            makeBadPackage(m_folder / "bad.ppkg", fault, variant);
            const json result = update(m_folder / "bad.ppkg");
            EXPECT_EQ(result["status"], "refused") << nameOf(fault) << variant << result;
            const std::string expected = fault == Fault::TenTimesSlower ? "slow" : fault == Fault::WrongGolden ? "golden" : "invalid";
            EXPECT_EQ(result["refusal"]["kind"], expected) << nameOf(fault) << variant << result;
            const json now = status();
            EXPECT_EQ(now["running"]["version"], "1.0");
            EXPECT_EQ(now["lastRefusal"]["sha256"], base::sha256OfFile(m_folder / "bad.ppkg").value());
            EXPECT_GT(now["lastRefusal"]["message"].get<std::string>().size(), 20u);
            if (variant == 0)
                std::printf("%s: %s\n", nameOf(fault), now["lastRefusal"]["message"].get<std::string>().c_str());
        }
    }
    const auto seen = watch.stop();
    std::printf("%d packages, %d answers, longest gap %.2f s\n", 8 * variants, seen.good, seen.longestGapSeconds);
    EXPECT_EQ(seen.failed, 0);
    EXPECT_LT(seen.longestGapSeconds, longestGapTaken());
    // How many fit depends on the machine's speed; that there was no silence is what the gap says.
    EXPECT_GE(seen.good, 8 * variants);
}

struct Misbehaviour { const char* backbone; const char* status; const char* kind; };

class Misbehaving : public Update, public ::testing::WithParamInterface<Misbehaviour> { };

TEST_P(Misbehaving, isRefusedOrTakenBackWithoutAGap)
{
    // A short limit only for what hangs within it: a busy machine may take longer to load what does not.
    const std::string how = GetParam().backbone;
    const bool hangsInCheck = how == "hang 0" || how == "hang 1";
    LineProgram edge(PERCEPT_FAULTY_EDGE, withPackage({ "--check-timeout", hangsInCheck ? "1.5" : "60", "--grace", "20" }));
    AnswerWatch watch(waitForState(state()));
    makeVersion(m_folder / "bad.ppkg", "2.0", 2, testKey(), GetParam().backbone);
    const json result = update(m_folder / "bad.ppkg");
    EXPECT_EQ(result["status"], GetParam().status) << result;
    EXPECT_EQ(result["refusal"]["kind"], GetParam().kind) << result;
    std::printf("%s: %s\n", GetParam().backbone, result["refusal"].value("message", "").c_str());
    EXPECT_EQ(status()["running"]["version"], "1.0");
    EXPECT_EQ(status()["lastRefusal"]["kind"], GetParam().kind);
    EXPECT_EQ(childrenOf(edge.pid()).size(), 1u);
    const auto seen = watch.stop();
    std::printf("%d answers, longest gap %.2f s\n", seen.good, seen.longestGapSeconds);
    EXPECT_EQ(seen.failed, 0) << "a request was lost";
    EXPECT_LT(seen.longestGapSeconds, longestGapTaken());
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(), 0) << edge.errors();
}

INSTANTIATE_TEST_SUITE_P(Ways, Misbehaving,
    ::testing::Values(Misbehaviour { "crash 0", "refused", "crash" }, Misbehaviour { "crash 1", "refused", "crash" },
        Misbehaviour { "crash 10", "refused", "crash" }, Misbehaviour { "crash 30", "rolled-back", "crash" },
        Misbehaviour { "hang 0", "refused", "hang" }, Misbehaviour { "hang 1", "refused", "hang" },
        Misbehaviour { "hang 30", "rolled-back", "hang" }, Misbehaviour { "fail 10", "refused", "live" },
        Misbehaviour { "fail 30", "rolled-back", "live" }),
    [](const auto& info) {
        std::string name = info.param.backbone;
        name[name.find(' ')] = '_';
        return name;
    });

// A package that dies at once whenever it is asked is left after its third start, however percept-edge ended before.
TEST_F(Update, aTrialThatNeverBecomesHealthyIsLeftAfterItsStarts)
{
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    const auto run = [&] { return arguments({ "--package", (m_folder / "v1.ppkg").string(), "--grace", "60", "--live-wait", "0" }); };
    std::vector<std::string> versions;
    for (int start = 0; start < 5; ++start) {
        fs::remove(m_folder / "state/edge.json");
        EdgeProcess edge(run());
        waitForState(state());
        versions.push_back(runningVersion());
        if (start == 0) {
            EdgeProcess asking({ "update", "--state", state(), "--package", (m_folder / "v2.ppkg").string() });
            for (int i = 0; i < 1000 && status()["activity"] != "trial"; ++i)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        edge.signal(SIGKILL);
        edge.wait();
    }
    EXPECT_EQ(versions, (std::vector<std::string> { "1.0", "2.0", "2.0", "1.0", "1.0" }));
}

TEST_F(Update, aTrialThatARestartGoesOnWithCanBeRolledBackByHand)
{
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    const auto longTrial = withPackage({ "--grace", "60", "--live-wait", "0" });
    {
        EdgeProcess edge(longTrial);
        waitForState(state());
        EdgeProcess asking({ "update", "--state", state(), "--package", (m_folder / "v2.ppkg").string() });
        for (int i = 0; i < 1000 && status()["activity"] != "trial"; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        edge.signal(SIGTERM);
        EXPECT_EQ(edge.wait(), 0);
        EXPECT_EQ(asking.wait(), 1);
        EXPECT_NE(asking.errors().find("on trial"), std::string::npos) << asking.errors();
    }
    fs::remove(m_folder / "state/edge.json");
    EdgeProcess edge(longTrial);
    waitForState(state());
    EXPECT_EQ(runningVersion(), "2.0");
    EXPECT_EQ(status()["activity"], "trial");
    EXPECT_TRUE(device::askEdge(state(), { { "type", "rollback" } }).hasValue());
    EXPECT_EQ(runningVersion(), "1.0");
    EXPECT_EQ(status()["activity"], "idle");
    EXPECT_EQ(status()["lastRefusal"]["kind"], "by-hand");
}

TEST_F(Update, aSlotWhoseFileIsDamagedIsLeftForTheOther)
{
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    {
        EdgeProcess edge(withPackage());
        waitForState(state());
        ASSERT_EQ(update(m_folder / "v2.ppkg")["status"], "healthy");
        edge.signal(SIGKILL);
        edge.wait();
    }
    fs::remove(m_folder / "state/edge.json");
    auto bytes = base::readFile(m_folder / "state/slots/b.ppkg").value();
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(base::atomicWrite(m_folder / "state/slots/b.ppkg", std::span<const std::uint8_t>(bytes)).hasValue());
    EdgeProcess edge(arguments());
    waitForState(state());
    EXPECT_EQ(runningVersion(), "1.0");
    EXPECT_EQ(status()["lastRefusal"]["kind"], "unhealthy");
    EXPECT_EQ(status()["lastRefusal"]["version"], "2.0");
}

TEST_F(Update, aModelThatDiesAgainAndAgainIsLeftForTheOther)
{
    makeVersion(m_folder / "v2.ppkg", "2.0", 2);
    EdgeProcess edge(withPackage());
    waitForState(state());
    ASSERT_EQ(update(m_folder / "v2.ppkg")["status"], "healthy");
    for (int i = 0; i < 600 && runningVersion() != "1.0"; ++i) {
        for (const int child : childrenOf(edge.pid()))
            if (runningVersion() == "2.0")
                ::kill(child, SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(runningVersion(), "1.0");
    EXPECT_EQ(status()["lastRefusal"]["kind"], "unhealthy");
}

TEST_F(Update, aStrangersFolderKeepsOthersOut)
{
    EdgeProcess edge(withPackage());
    waitForState(state());
    EXPECT_EQ(fs::status(m_folder / "state/control").permissions() & fs::perms::mask, fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_TRUE(device::askEdge(state(), { { "type", "fly" } }).hasError());
    EXPECT_TRUE(device::askEdge(state(), json::array()).hasError());
    EXPECT_EQ(runningVersion(), "1.0");
}

}
}
