// Once round the loop with the real programs, as a person would at the command line: sample, train, evaluate, package, verify,
// predict, report, check. Small pictures and few epochs: it shows that the parts fit, not that the model is good.
#include "core/services/local_fleet.h"
#include "core/services/this_computer.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <cmath>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace percept {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ran;

struct LoopOnce : testing::Test {
    void SetUp() override
    {
        for (const char* program : { "percept", "percept-trainer", "percept-edge" })
            if (!test::hasProgram(program))
                GTEST_SKIP() << program << " is not built (configure with PERCEPT_WITH_TORCH=ON and PERCEPT_WITH_EDGE=ON)";
        ASSERT_EQ(percept({ "sample", "--help" }).status, 0);
    }
    Ran percept(std::vector<std::string> arguments, test::RunOptions options = {})
    {
        options.folder = folder.path();
        options.environment["PERCEPT_CONFIG_DIR"] = (folder / "config").string();
        return test::runProgram("percept", arguments, options);
    }
    json document(std::vector<std::string> arguments, int status = 0)
    {
        arguments.push_back("--json");
        const auto ran = percept(arguments);
        EXPECT_EQ(ran.status, status) << arguments[0] << "\n" << ran.out << ran.err;
        const auto parsed = ran.json();
        EXPECT_TRUE(parsed.is_object()) << ran.out;
        return parsed.is_object() ? parsed : json::object();
    }
    fs::path anyPicture() const
    {
        for (const auto& entry : fs::recursive_directory_iterator(folder / "s.percept"))
            if (entry.path().extension() == ".jpg" || entry.path().extension() == ".png")
                return entry.path();
        return {};
    }
    test::TemporaryFolder folder;
};

TEST_F(LoopOnce, sample_train_evaluate_package_verify_predict_report)
{
    EXPECT_EQ(document({ "sample", "s.percept", "--task", "detection", "--items", "24", "--seed", "5" })["items"], 24);
    const auto trained = document({ "train", "s.percept", "--recipe", "full", "--epochs", "2", "--size", "128", "--seed", "1" });
    ASSERT_EQ(trained.value("status", ""), "ok");
    const auto run = trained.value("run", "");
    EXPECT_EQ(document({ "runs", "s.percept" })["runs"].at(0)["run"], run);

    const auto score = document({ "evaluate", "s.percept", "--run", run, "--set", "test" });
    ASSERT_TRUE(score.contains("metrics"));
    EXPECT_TRUE(score["metrics"]["map50"].contains("low"));
    EXPECT_GT(score["items"].get<int>(), 0);

    const auto packaged = document({ "package", "s.percept", "--run", run, "--out", "m.ppkg" });
    EXPECT_EQ(packaged.value("version", ""), "1.0");
    EXPECT_EQ(packaged["metrics"]["test"]["metrics"]["map50"]["value"], score["metrics"]["map50"]["value"]) << "what ships scores as the draft did";
    EXPECT_EQ(document({ "verify", "m.ppkg" })["ok"], true);

    const auto found = document({ "predict", "m.ppkg", anyPicture().string(), "--min-score", "0.02" });
    ASSERT_EQ(found["results"].size(), 1u);
    const auto report = document({ "report", "s.percept", "--out", "r.html" });
    EXPECT_EQ(report["model"], "1.0");
    EXPECT_GT(fs::file_size(folder / "r.html"), 2000u);
    EXPECT_EQ(document({ "check", "s.percept" })["ok"], true);
    EXPECT_EQ(document({ "resume", "s.percept", "--run", run })["version"], "1.0") << "a finished run has nothing to resume, and says what it became";
}

TEST_F(LoopOnce, a_training_may_go_straight_to_the_test_ring)
{
    document({ "sample", "s.percept", "--task", "detection", "--items", "24", "--seed", "5" });
    const auto fleet = folder / "fleet";
    const std::string state = fleet.string();
    const auto trained = document({ "train", "s.percept", "--epochs", "2", "--size", "128", "--then", "deploy", "--state", state });
    EXPECT_EQ(trained.value("version", ""), "1.0");
    ASSERT_TRUE(trained.contains("deployed")) << trained;
    EXPECT_EQ(trained["deployed"]["devices"], 1);
    EXPECT_TRUE(test::eventually([&] {
        const auto devices = document({ "fleet", "devices", "--state", state })["devices"];
        return devices.size() == 1 && devices[0]["running"].is_object() && devices[0]["running"]["version"] == "1.0";
    }, 120));
    // Again, while the roll-out is under way: refused with its reason, and the run is kept.
    const auto again = percept({ "train", "s.percept", "--epochs", "1", "--size", "128", "--then", "deploy", "--state", state, "--json" });
    EXPECT_EQ(again.status, 3) << again.err;
    EXPECT_EQ(document({ "runs", "s.percept" })["runs"].size(), 2u);
    EXPECT_EQ(percept({ "train", "s.percept", "--then", "deploy", "--detach" }).status, 2);
    EXPECT_TRUE(services::stopThisComputer(fleet).hasValue());
    EXPECT_TRUE(services::stopHub(fleet).hasValue());
}

TEST_F(LoopOnce, a_killed_training_is_continued)
{
    document({ "sample", "s.percept", "--task", "detection", "--items", "24", "--seed", "5" });
    const auto epochsScored = [this](std::size_t count) {
        return [this, count] {
            std::ifstream in(folder / "s.percept" / "runs" / "r0001" / "metrics.jsonl");
            const std::string text((std::istreambuf_iterator<char>(in)), {});
            std::size_t found = 0;
            for (std::size_t at = 0; (at = text.find("\"val/map50\"", at)) != std::string::npos; ++at)
                ++found;
            return found >= count;
        };
    };
    test::RunOptions killed;
    killed.interruptWhen = epochsScored(2);
    killed.signal = 9;
    const auto first = percept({ "train", "s.percept", "--epochs", "200", "--size", "128" }, killed);
    ASSERT_EQ(first.status, 137) << "it must have been killed while training: " << first.err;
    // `resume` waits for the trainer of before, which sees its parent gone, writes a checkpoint and ends.
    test::RunOptions interrupted;
    interrupted.interruptWhen = epochsScored(6);
    const auto resumed = percept({ "resume", "s.percept", "--run", "r0001", "--json" }, interrupted);
    EXPECT_EQ(resumed.status, 130) << resumed.err;
    EXPECT_EQ(resumed.json().value("status", ""), "stopped") << resumed.out << resumed.err;
    const auto again = percept({ "resume", "s.percept", "--run", "r0001" });
    EXPECT_EQ(again.status, 1) << "nothing was continued, and a script is to know";
    EXPECT_NE(again.err.find("--from r0001"), std::string::npos) << again.err;
    EXPECT_TRUE(document({ "evaluate", "s.percept", "--run", "r0001" }).contains("metrics")) << "what was learned is kept";
}

}
}
