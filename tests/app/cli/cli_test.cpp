// The contract of DESIGN 12 and resources/help/command-line.md, on the real program: keys and exit statuses.
#include "core/base/files.h"
#include "core/dataset/project_store.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"
#include "tests/support/test_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace percept {
namespace {

using test::runProgram;
using test::Ran;
using testing::HasSubstr;
using nlohmann::json;

struct Cli : testing::Test {
    Ran percept(std::vector<std::string> arguments, test::RunOptions options = {})
    {
        options.folder = folder.path();
        options.environment["PERCEPT_CONFIG_DIR"] = (folder / "config").string();
        return runProgram("percept", arguments, options);
    }
    // With --json: the document must be the whole of stdout.
    json document(std::vector<std::string> arguments, int status = 0)
    {
        arguments.push_back("--json");
        const auto ran = percept(arguments);
        EXPECT_EQ(ran.status, status) << ran.out << ran.err;
        const auto parsed = ran.json();
        EXPECT_TRUE(parsed.is_object()) << ran.out;
        return parsed.is_object() ? parsed : json::object();
    }
    void makeProject(int pictures = 12, bool withSets = true) { test::makeSquaresProject(folder / "p.percept", folder / "pictures", pictures, withSets); }
    static void expectKeys(const json& document, const std::vector<std::string>& keys)
    {
        for (const auto& key : keys)
            EXPECT_TRUE(document.contains(key)) << key << " is missing in " << document.dump();
    }
    test::TemporaryFolder folder;
};

TEST_F(Cli, help_lists_what_there_is_and_nothing_else)
{
    const auto help = percept({ "--help" });
    EXPECT_EQ(help.status, 0);
    for (const char* command : { "new", "split", "stats", "train", "resume", "runs", "evaluate", "package", "verify", "predict", "check" })
        EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + command));
    for (const char* command : { "fleet", "monitor", "decode", "--int8", "--then" })
        EXPECT_THAT(help.out, Not(HasSubstr(command)));
    EXPECT_THAT(percept({ "train", "--help" }).out, Not(HasSubstr("then")));
    EXPECT_THAT(percept({ "package", "--help" }).out, Not(HasSubstr("int8")));
}

TEST_F(Cli, what_this_version_lacks_is_wrong_usage)
{
    for (const auto& line : std::vector<std::vector<std::string>> { { "fleet", "serve" }, { "monitor", "p" }, { "decode", "--stdio" }, { "train", "p", "--recipe", "full", "--then", "deploy" },
             { "package", "p", "--run", "r", "--out", "o", "--int8" }, { "new", "p", "--task", "segmentation" }, { "new", "p", "--task", "nonsense" }, { "new" }, { "stats" },
             { "evaluate", "p" }, { "nonsense" }, {}, { "train", "p", "--epochs", "many" }, { "evaluate", "p", "--run", "r", "--set", "train" } }) {
        const auto ran = percept(line);
        EXPECT_EQ(ran.status, 2) << (line.empty() ? "" : line[0]) << ran.err;
        EXPECT_EQ(ran.out, "");
        EXPECT_THAT(ran.err, HasSubstr("percept: "));
    }
}

TEST_F(Cli, json_holds_for_errors_too)
{
    const auto unknown = document({ "fleet", "serve" }, 2);
    EXPECT_EQ(unknown.value("code", ""), "usage");
    const auto missing = document({ "stats", "nowhere" }, 1);
    EXPECT_EQ(missing.value("code", ""), "not-found");
    EXPECT_THAT(missing.value("error", ""), HasSubstr("nowhere"));
}

TEST_F(Cli, new_makes_a_project_once)
{
    const auto made = document({ "new", "cells.percept", "--task", "detection", "--labels", "red, blue" });
    expectKeys(made, { "project", "task", "labels" });
    EXPECT_EQ(made["labels"], json({ "red", "blue" }));
    EXPECT_NE(percept({ "new", "cells.percept", "--task", "detection" }).status, 0);
    EXPECT_EQ(document({ "stats", "cells" })["name"], "cells") << ".percept may be left out";
}

TEST_F(Cli, stats)
{
    makeProject();
    const auto d = document({ "stats", "p.percept" });
    expectKeys(d, { "name", "task", "items", "annotations", "to_do", "to_review", "done", "trashed", "empty_boxes", "sets", "labels" });
    EXPECT_EQ(d["items"], 12);
    EXPECT_EQ(d["done"], 12);
    EXPECT_EQ(d["sets"]["train"], 4);
    ASSERT_EQ(d["labels"].size(), 2u);
    EXPECT_EQ(d["labels"][0]["annotations"].get<int>() + d["labels"][1]["annotations"].get<int>(), d["annotations"].get<int>());
}

TEST_F(Cli, split_assigns_once)
{
    makeProject(20, false);
    const auto d = document({ "split", "p.percept", "--validation", "0.25", "--test", "0.25", "--seed", "3" });
    expectKeys(d, { "assigned", "groups", "torn_groups" });
    EXPECT_EQ(d["assigned"]["validation"], 5);
    EXPECT_EQ(d["assigned"]["test"], 5);
    EXPECT_EQ(d["assigned"]["train"], 10);
    const auto before = document({ "stats", "p.percept" });
    EXPECT_EQ(document({ "split", "p.percept", "--seed", "4" })["assigned"]["train"], 0);
    EXPECT_EQ(document({ "stats", "p.percept" }), before);
    EXPECT_EQ(percept({ "split", "p.percept", "--validation", "0.9", "--test", "0.9" }).status, 2);
}

TEST_F(Cli, split_keeps_groups_of_a_list_together)
{
    makeProject(20, false);
    std::string csv = "name,group\n";
    for (int i = 0; i < 20; ++i)
        csv += "p" + std::to_string(i) + ".png,g" + std::to_string(i / 10) + "\r\n";
    ASSERT_TRUE(base::atomicWrite(folder / "groups.csv", csv).hasValue());
    const auto d = document({ "split", "p.percept", "--groups", "groups.csv" });
    EXPECT_EQ(d["groups"], 2);
    ASSERT_TRUE(base::atomicWrite(folder / "bad.csv", "p0.png\n").hasValue());
    EXPECT_EQ(percept({ "split", "p.percept", "--groups", "bad.csv" }).status, 3);
}

TEST_F(Cli, undo_and_redo)
{
    makeProject(3);
    EXPECT_EQ(document({ "redo", "p.percept" })["redone"], nullptr);
    EXPECT_TRUE(document({ "undo", "p.percept" })["undone"].is_string());
    EXPECT_EQ(document({ "stats", "p.percept" })["items"], 0);
    document({ "redo", "p.percept" });
    EXPECT_EQ(document({ "stats", "p.percept" })["items"], 3);
}

TEST_F(Cli, runs_and_check_of_a_project_without_runs)
{
    makeProject(3);
    EXPECT_EQ(document({ "runs", "p.percept" })["runs"], json::array());
    const auto check = document({ "check", "p.percept" });
    EXPECT_EQ(check["ok"], true);
    EXPECT_TRUE(check["problems"].is_array());
}

TEST_F(Cli, check_names_a_damaged_picture_and_run)
{
    makeProject(3);
    std::filesystem::create_directories(folder / "p.percept" / "runs" / "r0001");
    ASSERT_TRUE(base::atomicWrite(folder / "p.percept" / "runs" / "r0001" / "config.json", "{").hasValue());
    const auto check = document({ "check", "p.percept" }, 3);
    EXPECT_EQ(check["ok"], false);
    EXPECT_THAT(check["problems"].dump(), HasSubstr("r0001"));
}

TEST_F(Cli, training_without_data_is_refused_with_a_reason)
{
    document({ "new", "e.percept", "--task", "detection" });
    const auto d = document({ "train", "e.percept", "--recipe", "full" }, 3);
    EXPECT_THAT(d.value("error", ""), HasSubstr("No picture is finished"));
    EXPECT_EQ(document({ "runs", "e.percept" })["runs"], json::array());
    EXPECT_EQ(percept({ "train", "e.percept", "--recipe", "quick" }).status, 2);
}

TEST_F(Cli, a_run_that_is_not_there_is_named)
{
    makeProject(3);
    for (const char* name : { "r0007", "../r0001", "/etc", "" }) {
        const auto ran = percept({ "evaluate", "p.percept", "--run", name });
        EXPECT_NE(ran.status, 0) << name;
        EXPECT_EQ(ran.out, "");
    }
}

TEST_F(Cli, verify_accepts_a_package_and_refuses_each_changed_byte)
{
    const auto file = folder / "m.ppkg";
    ASSERT_TRUE(test::makeTestPackage(file).hasValue());
    const auto d = document({ "verify", "m.ppkg" });
    expectKeys(d, { "file", "ok", "name", "version", "run", "labels", "signer", "trusted", "release_counter", "sha256" });
    EXPECT_EQ(d["trusted"], false);
    const auto signer = d["signer"].get<std::string>();
    EXPECT_EQ(document({ "verify", "m.ppkg", "--key", signer })["trusted"], true);
    const auto other = packaging::publicKeyText(test::testKey(2).publicKey);
    EXPECT_EQ(percept({ "verify", "m.ppkg", "--key", other }).status, 3);
    EXPECT_EQ(percept({ "verify", "m.ppkg", "--key", "no key" }).status, 2);

    auto bytes = base::readFile(file).value();
    for (std::size_t i = 1; i < 12; ++i) {
        auto changed = bytes;
        changed[changed.size() * i / 12] ^= 1;
        ASSERT_TRUE(base::atomicWrite(folder / "c.ppkg", changed).hasValue());
        const auto ran = percept({ "verify", "c.ppkg" });
        EXPECT_EQ(ran.status, 3) << ran.err;
        EXPECT_THAT(ran.err, HasSubstr("c.ppkg"));
    }
}

TEST_F(Cli, predict)
{
    if (!test::hasProgram("percept-edge"))
        GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
    makeProject(4);
    ASSERT_TRUE(test::makeTestPackage(folder / "m.ppkg").hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "text.jpg", "<html>no picture</html>").hasValue());
    const auto d = document({ "predict", "m.ppkg", "pictures/p0.png", "text.jpg", "pictures/p1.png" });
    expectKeys(d, { "results", "problems" });
    ASSERT_EQ(d["results"].size(), 2u);
    EXPECT_EQ(d["results"][0]["file"], "pictures/p0.png");
    ASSERT_FALSE(d["results"][0]["predictions"].empty());
    const auto& first = d["results"][0]["predictions"][0];
    expectKeys(first, { "label", "score", "box" });
    EXPECT_EQ(first["box"].size(), 4u);
    ASSERT_EQ(d["problems"].size(), 1u);
    EXPECT_EQ(d["problems"][0]["file"], "text.jpg");
    EXPECT_EQ(percept({ "predict", "m.ppkg", "text.jpg" }).status, 3) << "nothing could be read";
    EXPECT_NE(percept({ "predict", "m.ppkg", "nowhere.jpg" }).status, 0);
    EXPECT_EQ(document({ "predict", "m.ppkg", "pictures/p0.png", "--min-score", "1" })["results"][0]["predictions"], json::array());
    EXPECT_EQ(percept({ "predict", "m.ppkg", "pictures/p0.png", "--min-score", "7" }).status, 2);
}

TEST_F(Cli, backups_and_restore)
{
    makeProject(3);
    {
        auto store = dataset::ProjectStore::open(folder / "p.percept", "test");
        ASSERT_TRUE(store.hasValue());
        ASSERT_TRUE(store.value()->backup("before").hasValue());
    }
    document({ "undo", "p.percept" });
    const auto backups = document({ "backups", "p.percept" })["backups"];
    ASSERT_GE(backups.size(), 1u);
    document({ "restore", "p.percept", backups[0]["file"] });
    EXPECT_EQ(document({ "stats", "p.percept" })["items"], 3);
}

}
}
