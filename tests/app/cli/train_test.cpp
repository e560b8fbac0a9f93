// train, resume, stop and Ctrl+C on the real programs, on the generated sample with small pictures.
#include "tests/app/cli/cli_fixture.h"

#include <cmath>
#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <thread>

namespace percept {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::size_t filesIn(const fs::path& folder)
{
    std::error_code ec;
    std::size_t count = 0;
    for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
        ++count;
    return count;
}

// Of an export or a sample that is not complete.
std::size_t filesOf(const std::string& what, const fs::path& beside)
{
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(beside, ec))
        if (entry.path().filename().string().starts_with("percept-" + what + "-"))
            return 1 + filesIn(entry.path());
    return 0;
}

struct Train : Cli {
    void SetUp() override
    {
        for (const char* program : { "percept", "percept-trainer", "percept-edge" })
            if (!test::hasProgram(program))
                GTEST_SKIP() << program << " is not built (configure with PERCEPT_WITH_TORCH=ON and PERCEPT_WITH_EDGE=ON)";
        document({ "sample", "s.percept", "--task", "detection", "--items", "20", "--seed", "5" });
    }
    json train(std::vector<std::string> more, int status = 0)
    {
        std::vector<std::string> line { "train", "s.percept", "--size", "96", "--seed", "1" };
        line.insert(line.end(), more.begin(), more.end());
        return document(line, status);
    }
    json newestRun() { return document({ "runs", "s.percept" })["runs"].at(0); }
    json waitUntil(const std::function<bool(const json&)>& isSo)
    {
        auto run = newestRun();
        for (int i = 0; i < 300 && !isSo(run); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
            run = newestRun();
        }
        EXPECT_TRUE(isSo(run)) << run;
        return run;
    }
    // Loss of the first validation.
    double firstLoss(const std::string& run) const
    {
        std::ifstream in(folder / "s.percept" / "runs" / run / "metrics.jsonl");
        for (std::string line; std::getline(in, line);)
            if (const auto metric = json::parse(line, nullptr, false); metric.is_object() && metric["name"] == "val/loss")
                return metric["value"].get<double>();
        return NAN;
    }
};

TEST_F(Train, a_detached_training_that_nobody_follows_reads_as_it_ended)
{
    const auto started = train({ "--epochs", "2", "--detach" });
    expectKeys(started, { "run", "status", "message", "recipe", "seed", "dataset_version", "epoch", "epochs", "map50", "map", "version", "has_model", "created", "seconds" });
    EXPECT_EQ(started["status"], "running");
    const auto run = waitUntil([](const json& r) { return r["status"] != "running"; });
    EXPECT_EQ(run["status"], "ok") << run;
    EXPECT_EQ(run["epoch"], 2);
    EXPECT_EQ(run["has_model"], true);
    EXPECT_NE(percept({ "evaluate", "s.percept", "--run", "r0001" }).status, 0) << "its model was not checked yet";
    EXPECT_EQ(percept({ "resume", "s.percept", "--run", "r0001" }).status, 0);
    EXPECT_EQ(percept({ "evaluate", "s.percept", "--run", "r0001" }).status, 0);
    EXPECT_EQ(document({ "check", "s.percept" })["ok"], true);
}

TEST_F(Train, a_damaged_model_is_written_anew_from_the_last_checkpoint)
{
    train({ "--epochs", "1" });
    const auto model = folder / "s.percept" / "runs" / "r0001" / "model";
    for (const char* name : { "spec.json", "model.onnx" }) {
        std::ofstream(model / name) << "damaged";
        EXPECT_EQ(percept({ "resume", "s.percept", "--run", "r0001" }).status, 0) << name;
        EXPECT_EQ(percept({ "evaluate", "s.percept", "--run", "r0001" }).status, 0) << name;
        EXPECT_EQ(document({ "check", "s.percept" })["ok"], true) << name;
    }
    std::ofstream(model / "spec.json") << "";
    fs::remove_all(folder / "s.percept" / "runs" / "r0001" / "checkpoints");
    const auto ran = percept({ "resume", "s.percept", "--run", "r0001" });
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, testing::AllOf(HasSubstr("no checkpoint"), HasSubstr("percept train")));
}

TEST_F(Train, stop_ends_a_detached_training_and_keeps_its_model)
{
    EXPECT_EQ(percept({ "stop", "s.percept", "--run", "r0001" }).status, 1) << "there is no such run";
    train({ "--epochs", "2000", "--detach" });
    waitUntil([](const json& r) { return r["epoch"].get<int>() >= 2; });
    EXPECT_EQ(percept({ "resume", "s.percept", "--run", "r0001" }).status, 1) << "it is being trained";
    const auto stopped = document({ "stop", "s.percept", "--run", "r0001" });
    EXPECT_EQ(stopped["status"], "stopped");
    EXPECT_EQ(percept({ "evaluate", "s.percept", "--run", "r0001" }).status, 0) << "it was checked and scored";
    EXPECT_EQ(percept({ "stop", "s.percept", "--run", "r0001" }).status, 1) << "it has ended";
    EXPECT_FALSE(fs::exists(folder / "s.percept" / "runs" / "r0001" / "stop"));
}

TEST_F(Train, stop_reaches_a_training_of_another_terminal)
{
    Ran followed;
    std::thread other([&] { followed = percept({ "train", "s.percept", "--size", "96", "--epochs", "2000", "--json" }); });
    for (int i = 0; i < 300 && filesIn(folder / "s.percept" / "runs" / "r0001" / "samples") == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_EQ(percept({ "stop", "s.percept", "--run", "r0001" }).status, 0);
    other.join();
    EXPECT_EQ(followed.status, 0) << followed.err;
    EXPECT_EQ(followed.json()["status"], "stopped");
}

TEST_F(Train, from_begins_with_what_a_run_has_learned)
{
    train({ "--epochs", "20" });
    train({ "--epochs", "1" });
    train({ "--epochs", "1", "--from", "r0001" });
    EXPECT_LT(firstLoss("r0003"), firstLoss("r0002") * 0.95);
    EXPECT_EQ(percept({ "package", "s.percept", "--run", "r0001", "--out", "m.ppkg" }).status, 0);
    train({ "--epochs", "1", "--from", "m.ppkg" });
    EXPECT_LT(firstLoss("r0004"), firstLoss("r0002") * 0.95);
    // One more class: the others keep what was learned.
    EXPECT_EQ(percept({ "export", "s.percept", "set", "--format", "voc" }).status, 0);
    for (const auto& entry : fs::directory_iterator(folder / "set" / "Annotations")) {
        std::ifstream in(entry.path());
        std::string text((std::istreambuf_iterator<char>(in)), {});
        const auto at = text.find("<name>");
        if (at != std::string::npos)
            std::ofstream(entry.path()) << text.replace(at, text.find("</name>", at) - at, "<name>another");
    }
    EXPECT_EQ(percept({ "import", "s.percept", "set" }).status, 0);
    const auto labels = document({ "stats", "s.percept" })["labels"].size();
    train({ "--epochs", "1" });
    train({ "--epochs", "1", "--from", "r0001" });
    EXPECT_LT(firstLoss("r0006"), firstLoss("r0005") * 0.95) << labels << " classes";
    for (const char* name : { "r0099", "../r0001", "nowhere.ppkg" }) {
        const auto ran = percept({ "train", "s.percept", "--from", name });
        EXPECT_EQ(ran.status, 1) << name << ran.err;
        EXPECT_THAT(ran.err, HasSubstr(fs::path(name).filename().string()));
    }
    EXPECT_EQ(document({ "runs", "s.percept" })["runs"].size(), 6u) << "a start that is not there makes no run";
    const auto larger = percept({ "train", "s.percept", "--size", "192", "--seed", "1", "--epochs", "1" });
    EXPECT_EQ(larger.status, 0) << larger.err;
    EXPECT_THAT(larger.err, HasSubstr("Caution: Devices take about 4 times as long for an answer as with version 1.0, which looks at 96 pixels. They may refuse it"));
}

// Ctrl+C of what takes long: status 130, a document that says so, and nothing half done.
struct Interrupted : Cli {
    // A machine with other work may send the signal after the end: then the work is taken back and done again.
    void interrupt(std::vector<std::string> line, const std::function<bool()>& when, const std::function<void()>& takeBack)
    {
        constexpr int kTries = 20;
        line.push_back("--json");
        for (const int signal : { SIGINT, SIGTERM }) {
            test::RunOptions options;
            options.interruptWhen = when;
            options.signal = signal;
            auto ran = percept(line, options);
            for (int i = 0; ran.status == 0 && i < kTries; ++i) {
                takeBack();
                ran = percept(line, options);
            }
            EXPECT_EQ(ran.status, 130) << line[0] << ran.out << ran.err;
            EXPECT_EQ(ran.json().value("code", ""), "cancelled") << line[0] << ran.out;
        }
    }
};

TEST_F(Interrupted, sample)
{
    interrupt({ "sample", "s.percept", "--task", "detection", "--items", "5000" }, [this] { return filesOf("sample", folder.path()) > 12; },
        [this] { fs::remove_all(folder / "s.percept"); });
    EXPECT_FALSE(fs::exists(folder / "s.percept"));
    EXPECT_EQ(filesOf("sample", folder.path()), 0u);
}

// What is left of it has another name: the next one finds its place free.
TEST_F(Interrupted, a_killed_sample_is_in_nobodys_way)
{
    test::RunOptions options;
    options.interruptWhen = [this] { return filesOf("sample", folder.path()) > 12; };
    options.signal = SIGKILL;
    const auto killed = percept({ "sample", "s.percept", "--task", "detection", "--items", "5000" }, options);
    ASSERT_EQ(killed.status, 128 + SIGKILL) << killed.err;
    EXPECT_FALSE(fs::exists(folder / "s.percept"));
    const auto next = percept({ "sample", "s.percept", "--task", "detection", "--items", "6" });
    EXPECT_EQ(next.status, 0) << next.err;
    EXPECT_EQ(document({ "stats", "s.percept" })["items"], 6);
    EXPECT_EQ(document({ "check", "s.percept" })["ok"], true);
}

TEST_F(Interrupted, export_and_import)
{
    ASSERT_EQ(percept({ "sample", "s.percept", "--task", "detection", "--items", "900" }).status, 0);
    for (const char* format : { "voc", "coco" }) {
        interrupt({ "export", "s.percept", "out", "--format", format }, [this] { return filesOf("export", folder.path()) > 20; },
            [this] { fs::remove_all(folder / "out"); });
        EXPECT_FALSE(fs::exists(folder / "out"));
        EXPECT_EQ(filesOf("export", folder.path()), 0u);
    }
    // The same bytes under many names: an import that takes a while.
    fs::create_directories(folder / "many");
    int number = 0;
    for (int round = 0; round < 10; ++round)
        for (const auto& entry : fs::directory_iterator(folder / "s.percept" / "media"))
            fs::create_hard_link(entry.path(), folder / "many" / (std::to_string(++number) + entry.path().extension().string()));
    ASSERT_EQ(percept({ "new", "n.percept", "--task", "detection" }).status, 0);
    const auto before = document({ "stats", "n.percept" });
    interrupt({ "import", "n.percept", "many", "--format", "folder" }, [this] {
        std::error_code ec;
        return fs::file_size(folder / "n.percept" / "project.db-wal", ec) > 20'000 && !ec;
    }, [this] {
        fs::remove_all(folder / "n.percept");
        EXPECT_EQ(percept({ "new", "n.percept", "--task", "detection" }).status, 0);
    });
    EXPECT_EQ(document({ "stats", "n.percept" }), before);
    EXPECT_EQ(document({ "check", "n.percept" })["ok"], true);
    EXPECT_EQ(document({ "undo", "n.percept" })["undone"], nullptr) << "what did not happen cannot be undone";
}

}
}
