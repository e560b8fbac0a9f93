// percept-edge dies at each step on the disk of an update in turn (die_at_step.cpp): a kill at random seldom falls between two of
// them, and what it has left is mended by the next start before a test can see it. So the folder is looked at first.
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"
#include "core/device/slots.h"
#include "tests/core/device/answer_watch.h"
#include "tests/core/device/edge_process.h"
#include "tests/core/device/slots_on_disk.h"
#include "tests/support/bad_package.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <thread>

namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const bool kNightly = std::getenv("PERCEPT_NIGHTLY") != nullptr;
constexpr double kAnswerSeconds = 60; // what cannot be waiting for a processor

class UpdateSteps : public ::testing::Test {
protected:
    void SetUp() override
    {
        for (int i = 1; i <= 3; ++i)
            makeVersion(good(i), std::to_string(i) + ".0", i);
        makeBadPackage(m_folder / "bad.ppkg", Fault::WrongGolden, 0);
        // Both slots are taken: 2.0 runs, and 1.0 was before it.
        EdgeProcess edge(arguments());
        waitForState(state());
        ASSERT_EQ(tell({ { "type", "update" }, { "package", good(2).string() } }).value("status", ""), "healthy");
        edge.signal(SIGTERM);
        ASSERT_EQ(edge.wait(), 0) << edge.errors();
        keepAs("rest");
    }
    fs::path good(int number) const { return m_folder / ("v" + std::to_string(number) + ".ppkg"); }
    fs::path state() const { return m_folder / "state"; }
    std::vector<std::string> arguments(const std::string& grace = "0.05") const
    {
        return { "run", "--threads", "1", "--state", state().string(), "--package", good(1).string(), "--http", "127.0.0.1:0", "--live-pictures", "0",
            "--live-wait", "0", "--grace", grace };
    }
    json tell(const json& request) const
    {
        const auto answer = device::askEdge(state(), request);
        return answer.hasValue() ? answer.value() : json { { "error", answer.error().message } };
    }
    device::SlotRecord record() const { return device::slotRecordFromText(base::readTextFile(state() / "slots/record.json").valueOr("")).valueOr({}); }
    std::string recorded() const { return record().running() ? record().running()->version : ""; }

    void keepAs(const char* moment)
    {
        fs::remove(state() / "control"); // sockets cannot be copied
        fs::copy(state(), m_folder / moment, fs::copy_options::recursive);
    }
    // The folder as it was at `moment`.
    void putBack(const char* moment)
    {
        fs::remove_all(state());
        fs::copy(m_folder / moment, state(), fs::copy_options::recursive);
        fs::remove(state() / "edge.json");
        fs::remove(m_folder / "steps");
    }
    // Dies at that step of its life; 0: never.
    std::unique_ptr<EdgeProcess> startDyingAt(int step, const std::string& grace = "0.05")
    {
        const std::string variables[][2] { { "LD_PRELOAD", PERCEPT_DIE_AT_STEP }, { "PERCEPT_DIE_AT", std::to_string(step) },
            { "PERCEPT_DIE_FOLDER", state().string() }, { "PERCEPT_DIE_LOG", (m_folder / "steps").string() } };
        for (const auto& [name, value] : variables)
            ::setenv(name.c_str(), value.c_str(), 1);
        auto edge = std::make_unique<EdgeProcess>(arguments(grace));
        for (const auto& variable : variables)
            ::unsetenv(variable[0].c_str());
        return edge;
    }
    // False: it died before.
    bool hasStarted(EdgeProcess& edge) const
    {
        return eventually([&] { return fs::exists(state() / "edge.json") || edge.wait(0) >= 0; }, kAnswerSeconds) && edge.wait(0) < 0;
    }
    std::vector<std::string> stepsDone() const
    {
        std::vector<std::string> steps;
        std::ifstream log(m_folder / "steps");
        for (std::string line; std::getline(log, line);)
            steps.push_back(line);
        return steps;
    }
    // A start without a death, to its orderly end: gives the version that answered.
    std::string startAndRest()
    {
        fs::remove(state() / "edge.json");
        EdgeProcess edge(arguments());
        AnswerWatch watch(waitForState(state()), kAnswerSeconds);
        EXPECT_GE(watch.firstAnswerSeconds(), 0) << "no answer " << edge.errors();
        const std::string version = tell({ { "type", "status" } })["running"].value("version", "");
        EXPECT_TRUE(eventually([&] { return !record().isTrial() && tell({ { "type", "status" } }).value("activity", "") == "idle"; }, kAnswerSeconds));
        EXPECT_EQ(watch.stop().failed, 0);
        edge.signal(SIGTERM);
        EXPECT_EQ(edge.wait(), 0) << edge.errors();
        EXPECT_EQ(faultOfSlots(state()), "");
        return version;
    }

    TemporaryFolder m_folder;
};

struct Way {
    const char* name;
    const char* package; // empty: back to the version before
    std::set<std::string> before, after;
    const char* done; // the status that is answered when it is all on the disk
    int few;          // every how many steps, without PERCEPT_NIGHTLY
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

class EveryStep : public UpdateSteps, public ::testing::WithParamInterface<Way> {
protected:
    // From the start to an orderly end, or the death; the answer, where one came.
    json goThrough(int deadly)
    {
        putBack("rest");
        const auto edge = startDyingAt(deadly);
        json answer;
        if (hasStarted(*edge)) {
            const std::string package = GetParam().package;
            answer = tell(package.empty() ? json { { "type", "rollback" } } : json { { "type", "update" }, { "package", (m_folder / package).string() } });
            edge->signal(SIGTERM);
        }
        m_died = edge->wait(kAnswerSeconds) == 128 + SIGKILL;
        return answer;
    }
    // All of them; or every few, the last, and some of those that put a file in its place.
    std::vector<int> stepsToTry()
    {
        goThrough(0);
        const auto steps = stepsDone();
        std::vector<int> chosen;
        for (int i = 0; i < static_cast<int>(steps.size()); ++i) {
            const std::string& step = steps[static_cast<std::size_t>(i)];
            if (kNightly || i % GetParam().few == 0 || i + 1 == static_cast<int>(steps.size()) || (step.find(" rename /slots/") != std::string::npos && i % 2 == 0))
                chosen.push_back(i + 1);
        }
        std::printf("%zu of %zu steps\n", chosen.size(), steps.size());
        return chosen;
    }

    bool m_died = false;
};

TEST_P(EveryStep, leavesAFolderFromWhichOneGoodModelAnswers)
{
    const Way& way = GetParam();
    bool isSwitched = false;
    for (const int step : stepsToTry()) {
        const json answer = goThrough(step);
        const auto done = stepsDone();
        ASSERT_TRUE(m_died) << "it has not come to step " << step;
        SCOPED_TRACE(done.back());
        ASSERT_EQ(faultOfSlots(state()), "");
        // Once it was switched to, no later death brings the version before back.
        EXPECT_TRUE(way.before.contains(recorded()) || way.after.contains(recorded())) << recorded();
        EXPECT_FALSE(isSwitched && !way.after.contains(recorded())) << recorded();
        isSwitched = isSwitched || (way.before != way.after && way.after.contains(recorded()));
        const std::string answers = startAndRest();
        EXPECT_TRUE(way.before.contains(answers) || way.after.contains(answers)) << answers;
        EXPECT_TRUE(!isSwitched || way.after.contains(answers)) << answers;
        if (answer.is_object() && answer.value("status", answer.contains("model") ? "rolled-back" : "") == way.done)
            EXPECT_TRUE(way.after.contains(answers)) << "what was said to be done was lost";
        if (HasFailure())
            break;
    }
    EXPECT_TRUE(isSwitched || way.before == way.after) << "no step came after the switch";
}

// A kill takes nothing that was written; a loss of power takes what nobody has asked to be on the disk: the content of a file before
// it takes its place, and the place before the next step counts on it.
TEST_P(EveryStep, isOnTheDiskBeforeTheNextOne)
{
    goThrough(0);
    std::vector<std::string> steps;
    for (const std::string& step : stepsDone())
        if (const auto call = step.find(' '); step.find(" /slots") != std::string::npos)
            steps.push_back(step.substr(call + 1));
    int renamed = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!steps[i].starts_with("rename "))
            continue;
        ++renamed;
        EXPECT_TRUE(i + 1 < steps.size() && steps[i + 1] == "fsync /slots") << steps[i];
        const bool isRecord = steps[i].find("record") != std::string::npos; // what was staged lies on the disk for long
        EXPECT_TRUE(!isRecord || (i > 0 && steps[i - 1].starts_with("fsync /slots/"))) << steps[i];
    }
    EXPECT_GE(renamed, 2);
}

INSTANTIATE_TEST_SUITE_P(Ways, EveryStep,
    ::testing::Values(Way { "update", "v3.ppkg", { "2.0" }, { "3.0" }, "healthy", 4 }, Way { "refused", "bad.ppkg", { "2.0" }, { "2.0" }, "refused", 9 },
        Way { "rollBack", "", { "2.0" }, { "1.0" }, "rolled-back", 9 }),
    [](const auto& info) { return std::string(info.param.name); });

// Version 3.0 on trial for a long time, killed at one moment of its start again and again.
class TrialStarts : public UpdateSteps {
protected:
    void SetUp() override
    {
        UpdateSteps::SetUp();
        putBack("rest");
        auto edge = startDyingAt(0, "600");
        ASSERT_TRUE(hasStarted(*edge)) << edge->errors();
        std::thread updating([this] { tell({ { "type", "update" }, { "package", good(3).string() } }); });
        EXPECT_TRUE(eventually([this] { return tell({ { "type", "status" } }).value("activity", "") == "trial"; }, kAnswerSeconds));
        edge->signal(SIGKILL);
        edge->wait();
        updating.join();
        keepAs("trial");
    }
    std::vector<std::string> stepsOfStart()
    {
        putBack("trial");
        const auto edge = startDyingAt(0, "600");
        EXPECT_TRUE(hasStarted(*edge)) << edge->errors();
        edge->signal(SIGKILL);
        edge->wait();
        return stepsDone();
    }
    void dieAt(int step)
    {
        fs::remove(state() / "edge.json");
        const auto edge = startDyingAt(step, "600");
        EXPECT_EQ(edge->wait(kAnswerSeconds), 128 + SIGKILL) << step;
        EXPECT_EQ(faultOfSlots(state()), "") << step;
    }
};

TEST_F(TrialStarts, isOnTrialUntilItsTimeIsOver)
{
    EXPECT_EQ(recorded(), "3.0");
    EXPECT_TRUE(record().isTrial()) << "it was called healthy before it was";
    EXPECT_EQ(record().starts, 1);
    EXPECT_EQ(record().other()->version, "2.0");
    EXPECT_TRUE(record().other()->isHealthy);
    EXPECT_EQ(record().releaseFloor, 2);
}

// A package that takes the whole machine down, say. Two moments; all of them with PERCEPT_NIGHTLY=1.
TEST_F(TrialStarts, thatNeverComeToAnythingAreCountedWhereverTheyDie)
{
    const auto steps = stepsOfStart();
    int counted = 0; // the step that has put the count in its place
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (steps[i].find(" rename /slots/record.json") != std::string::npos)
            counted = static_cast<int>(i) + 1;
    const int last = static_cast<int>(steps.size());
    ASSERT_GT(counted, 0) << "a start of a trial is not counted";
    ASSERT_LT(counted, last);
    for (int step = counted + 1; step <= last && !HasFailure(); step += kNightly ? 1 : std::max(1, last - counted - 1)) {
        SCOPED_TRACE(steps[static_cast<std::size_t>(step) - 1]);
        putBack("trial");
        for (int start = 0; start < device::kMaxTrialStarts - 1; ++start) {
            dieAt(step);
            EXPECT_EQ(recorded(), "3.0") << "it has its three starts";
        }
        EXPECT_EQ(startAndRest(), "2.0");
        const auto refusal = record().lastRefusal;
        EXPECT_TRUE(refusal && refusal->version == "3.0") << "it was not left";
    }
}

}
}
