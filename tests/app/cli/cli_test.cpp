// The contract of DESIGN 12 and resources/help/command-line.md, on the real program: keys and exit statuses.
#include "core/base/files.h"
#include "core/dataset/project_store.h"
#include "core/media/picture.h"
#include "tests/app/cli/cli_fixture.h"
#include "tests/support/test_model.h"
#include "tests/support/test_package.h"

#include <gmock/gmock.h>
#include <map>
#include <set>
#include <sstream>

namespace percept {
namespace {

using testing::HasSubstr;
// Every call of this version with its arguments: DESIGN 12 as far as detection at the desk goes, and what was added. What is not
// in this list is not there; a name that goes from it breaks somebody's script.
const std::map<std::string, std::set<std::string>> kCalls {
    { "new", { "PROJECT", "--task", "--labels" } },
    { "sample", { "PROJECT", "--task", "--items", "--seed" } },
    { "import", { "PROJECT", "PATH", "--format", "--media", "--set" } },
    { "export", { "PROJECT", "OUT", "--format" } },
    { "split", { "PROJECT", "--validation", "--test", "--groups", "--seed" } },
    { "stats", { "PROJECT" } },
    { "train", { "PROJECT", "--recipe", "--epochs", "--time-limit", "--from", "--seed", "--threads", "--size", "--detach", "--then", "--state" } },
    { "runs", { "PROJECT" } },
    { "resume", { "PROJECT", "--run" } },
    { "stop", { "PROJECT", "--run" } },
    { "evaluate", { "PROJECT", "--run", "--set" } },
    { "package", { "PROJECT", "--run", "--out" } },
    { "verify", { "FILE", "--key" } },
    { "predict", { "PACKAGE", "FILE", "--min-score" } },
    { "report", { "PROJECT", "--out", "--model", "--definitions", "--state" } },
    { "check", { "PROJECT" } },
    { "undo", { "PROJECT" } },
    { "redo", { "PROJECT" } },
    { "backups", { "PROJECT" } },
    { "restore", { "PROJECT", "BACKUP" } },
    { "decode", { "--stdio" } },
    { "compare", { "PROJECT", "MODEL", "--with" } },
    { "monitor", { "PROJECT", "--state", "--days", "--period", "--at-least", "--reference" } },
    { "fleet", {} }, // its calls: fleet_test.cpp
};

// First words of the lines below a heading of --help, "-h,--help" aside.
std::set<std::string> namesBelow(const std::string& help, const std::string& heading)
{
    std::set<std::string> names;
    std::istringstream lines(help);
    bool isBelow = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] != ' ') {
            isBelow = line == heading;
        } else if (isBelow && line.size() > 2 && line[2] != ' ') {
            const auto name = line.substr(2, line.find(' ', 2) - 2);
            if (name != "-h,--help")
                names.insert(name);
        }
    }
    return names;
}

TEST_F(Cli, help_lists_what_there_is_and_nothing_else)
{
    const auto help = percept({ "--help" });
    EXPECT_EQ(help.status, 0);
    std::set<std::string> calls;
    for (const auto& [call, arguments] : kCalls) {
        calls.insert(call);
        const auto its = percept({ call, "--help" });
        EXPECT_EQ(its.status, 0);
        auto names = namesBelow(its.out, "Options:");
        names.merge(namesBelow(its.out, "Positionals:"));
        EXPECT_EQ(names, arguments) << "percept " << call;
    }
    EXPECT_EQ(namesBelow(help.out, "Subcommands:"), calls);
    EXPECT_EQ(namesBelow(help.out, "Options:"), (std::set<std::string> { "--json", "--version" }));
}

// The page of the help says of each call what it takes, in the words of --help.
TEST_F(Cli, the_manual_names_every_call)
{
    const auto manual = base::readTextFile(PERCEPT_SOURCE_DIR "/resources/help/command-line.md").value();
    for (const auto& [call, arguments] : kCalls) {
        auto at = std::string::npos;
        for (const char* first : { " PROJECT", " FILE", " PACKAGE", " --stdio", " serve" })
            at = std::min(at, manual.find("`" + call + first));
        ASSERT_NE(at, std::string::npos) << call;
        const auto line = manual.substr(at, manual.find("` ", at) - at);
        for (const auto& argument : arguments)
            EXPECT_NE(line.find(argument), std::string::npos) << call << " " << argument;
    }
}

TEST_F(Cli, what_this_version_lacks_is_wrong_usage)
{
    for (const auto& line : std::vector<std::vector<std::string>> { { "fleet" }, { "fleet", "dance" }, { "monitor" }, { "monitor", "p", "--reference", "moon" }, { "decode" }, { "train", "p", "--recipe", "full", "--then", "dance" },
             { "package", "p", "--run", "r", "--out", "o", "--int8" }, { "new", "p", "--task", "segmentation" }, { "new", "p", "--task", "nonsense" }, { "new" }, { "stats" },
             { "evaluate", "p" }, { "nonsense" }, {}, { "train", "p", "--epochs", "many" }, { "evaluate", "p", "--run", "r", "--set", "train" } }) {
        const auto ran = percept(line);
        EXPECT_EQ(ran.status, 2) << (line.empty() ? "" : line[0]) << ran.err;
        EXPECT_EQ(ran.out, "");
        EXPECT_THAT(ran.err, HasSubstr("percept: "));
    }
}

TEST_F(Cli, an_empty_value_is_not_taken_as_none)
{
    makeProject(3);
    for (const auto& line : std::vector<std::vector<std::string>> { { "train", "p.percept", "--from", "" }, { "split", "p.percept", "--groups", "" },
             { "import", "p.percept", "pictures", "--set", "" }, { "import", "p.percept", "" }, { "evaluate", "p.percept", "--run", "" },
             { "report", "p.percept", "--out", "r.html", "--model", "" }, { "stats", "" } })
        EXPECT_EQ(document(line, 2).value("code", ""), "usage") << line[0];
    EXPECT_FALSE(std::filesystem::exists(folder / "p.percept/runs/r0001"));
}

// Options of a kind in a help, and what stands in the place of its other arguments.
struct NumberOptions { std::vector<std::string> names, arguments; };
NumberOptions numberOptions(const std::string& help, const std::string& type)
{
    NumberOptions found;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name, kind;
        words >> name >> kind;
        if (name.starts_with("--") && kind.starts_with(type))
            found.names.push_back(name);
        else if (line.find("REQUIRED") != std::string::npos && name.starts_with("--"))
            found.arguments.insert(found.arguments.end(), { name, "x" });
        else if (line.find("REQUIRED") != std::string::npos)
            found.arguments.push_back("x");
    }
    return found;
}

TEST_F(Cli, what_is_no_number_is_refused_by_every_option)
{
    std::vector<std::pair<std::string, std::vector<std::string>>> calls { { "percept", { "fleet", "rules" } }, { "percept", { "fleet", "deploy" } } };
    for (const auto& [call, arguments] : kCalls)
        calls.push_back({ "percept", { call } });
    if (test::hasProgram("percept-edge"))
        calls.push_back({ "percept-edge", { "run" } });
    std::size_t options = 0;
    for (const auto& [program, call] : calls) {
        auto asking = call;
        asking.push_back("--help");
        test::RunOptions here;
        here.folder = folder.path();
        const auto help = test::runProgram(program, asking, here);
        for (const auto& [type, values] : { std::pair { "FLOAT", std::vector<std::string> { "nan", "NAN", "inf", "-inf", "1e999" } },
                 std::pair { "UINT", std::vector<std::string> { "-1", "99999999999999999999" } } }) {
            const auto found = numberOptions(help.out, type);
            options += found.names.size();
            for (const auto& name : found.names)
                for (const auto& value : values) {
                    auto line = call;
                    line.insert(line.end(), found.arguments.begin(), found.arguments.end());
                    line.push_back(name + "=" + value);
                    const auto ran = test::runProgram(program, line, here);
                    EXPECT_EQ(ran.status, 2) << program << " " << call.back() << " " << name << " " << value << ran.err;
                    EXPECT_THAT(ran.err, HasSubstr(name)) << value;
                }
        }
    }
    EXPECT_GE(options, test::hasProgram("percept-edge") ? 12u : 8u) << "the help is not read as it is written";
}

TEST_F(Cli, json_holds_for_errors_too)
{
    const auto unknown = document({ "fleet", "dance" }, 2);
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

TEST_F(Cli, new_refuses_two_classes_that_differ_in_capitals_alone)
{
    const auto refused = document({ "new", "cells.percept", "--task", "detection", "--labels", "RBC,rbc" }, 3);
    EXPECT_THAT(refused.value("error", ""), HasSubstr("rbc differs from it in capitals alone"));
    EXPECT_FALSE(std::filesystem::exists(folder / "cells.percept")) << "nothing is left over";
}

// "\u202e" turns the text after it around, "&e;" looks like an entity: neither may do anything.
TEST_F(Cli, class_names_are_plain_text)
{
    const std::string turned = "cat\xe2\x80\xaegpj", shown = "cat\xef\xbf\xbdgpj";
    EXPECT_THAT(document({ "new", "t.percept", "--task", "detection", "--labels", turned }, 3).value("error", ""), HasSubstr("turn its text around"));
    document({ "new", "n.percept", "--task", "detection", "--labels", "&e;" });
    std::filesystem::create_directories(folder / "set");
    ASSERT_TRUE(base::atomicWrite(folder / "set" / "a.png", media::encodePng(test::testPicture(96, 64, {})).value()).hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "set" / "set.json", R"({"images":[{"id":1,"file_name":"a.png"}],"categories":[{"id":1,"name":"&e;"},
        {"id":2,"name":"cat\u202egpj"},{"id":3,"name":"\u2067x"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4]},
        {"id":2,"image_id":1,"category_id":2,"bbox":[1,2,3,4]},{"id":3,"image_id":1,"category_id":3,"bbox":[1,2,3,4]}]})").hasValue());
    EXPECT_EQ(document({ "import", "n.percept", "set" })["annotations"], 3);
    const auto second = document({ "import", "n.percept", "set" });
    EXPECT_EQ(second["annotations"], 0);
    EXPECT_EQ(second["already_there"], json({ { "items", 1 }, { "annotations", 3 } }));
    EXPECT_THAT(percept({ "import", "n.percept", "set" }).out, HasSubstr("0 pictures and 0 boxes came in; 1 picture and 3 boxes were there already"));
    std::vector<std::string> names;
    const auto stats = document({ "stats", "n.percept" });
    for (const auto& label : stats["labels"])
        names.push_back(label.value("label", label.value("name", "")));
    EXPECT_THAT(names, testing::ElementsAre("&e;", shown, "\xef\xbf\xbdx"));
    const auto text = percept({ "stats", "n.percept" }).out;
    EXPECT_THAT(text, testing::AllOf(HasSubstr("&e;"), HasSubstr(shown), testing::Not(HasSubstr("\xe2\x80\xae"))));
    for (const char* format : { "voc", "coco" }) {
        const std::string out = std::string("out-") + format, again = std::string(format) + ".percept";
        EXPECT_EQ(document({ "export", "n.percept", out, "--format", format })["annotations"], 3);
        document({ "new", again, "--task", "detection" });
        EXPECT_EQ(document({ "import", again, out })["annotations"], 3);
        EXPECT_THAT(percept({ "stats", again }).out, testing::AllOf(HasSubstr("&e;"), HasSubstr(shown)));
    }
}

// A file's name keeps its bytes; what is said of it turns nothing around.
TEST_F(Cli, names_that_turn_text_around_are_said_harmlessly)
{
    document({ "new", "n.percept", "--task", "detection" });
    std::filesystem::create_directories(folder / "set");
    ASSERT_TRUE(base::atomicWrite(folder / "set" / "a\xe2\x80\xaegnp.png", "no picture").hasValue());
    const auto ran = percept({ "import", "n.percept", "set" });
    EXPECT_THAT(ran.out + ran.err, testing::AllOf(HasSubstr("a?gnp.png"), testing::Not(HasSubstr("\xe2\x80\xae"))));
}

TEST_F(Cli, stats)
{
    makeProject();
    const auto d = document({ "stats", "p.percept" });
    expectKeys(d, { "name", "task", "items", "annotations", "to_do", "to_review", "done", "trashed", "empty_boxes", "sets", "labels", "since_version" });
    EXPECT_TRUE(d["since_version"].is_null()) << "nothing was packaged";
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
    const auto words = percept({ "check", "p.percept" }).out;
    EXPECT_THAT(words, testing::AllOf(HasSubstr("train it again, or delete the run"), testing::Not(HasSubstr("percept backups")))) << "they hold no run";
}

TEST_F(Cli, a_run_that_does_not_say_when_it_was_made_is_not_of_1970)
{
    makeProject(3);
    std::filesystem::create_directories(folder / "p.percept" / "runs" / "r0001");
    ASSERT_TRUE(base::atomicWrite(folder / "p.percept" / "runs" / "r0001" / "config.json", "{").hasValue());
    EXPECT_EQ(document({ "runs", "p.percept" })["runs"][0]["created"], nullptr);
    EXPECT_THAT(percept({ "runs", "p.percept" }).out, testing::Not(HasSubstr("1970")));
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

TEST_F(Cli, the_edge_program_prints_no_controls_either)
{
    if (!test::hasProgram("percept-edge"))
        GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
    const auto ran = test::runProgram("percept-edge", { "status", "--state", "no\x1b[2Jfolder" }, {});
    EXPECT_NE(ran.status, 0);
    EXPECT_THAT(ran.err, HasSubstr("no?[2Jfolder"));
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("\x1b")));
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

TEST_F(Cli, an_empty_key_or_picture_is_no_pass)
{
    if (!test::hasProgram("percept-edge"))
        GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
    ASSERT_TRUE(test::makeTestPackage(folder / "m.ppkg").hasValue());
    EXPECT_EQ(percept({ "verify", "m.ppkg" }).status, 0);
    EXPECT_EQ(percept({ "verify", "m.ppkg", "--key", "" }).status, 2);
    const auto failed = document({ "predict", "m.ppkg", "nowhere.jpg" }, 1);
    expectKeys(failed, { "results", "problems", "error", "code" });
    EXPECT_EQ(percept({ "predict", "m.ppkg", "" }).status, 2);
    makeProject(1);
    const auto rest = document({ "predict", "m.ppkg", "", "pictures/p0.png" });
    EXPECT_EQ(rest["results"].size(), 1u);
    ASSERT_EQ(rest["problems"].size(), 1u);
    EXPECT_EQ(rest["problems"][0]["file"], "");
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

TEST_F(Cli, restore_takes_no_database_of_another_project)
{
    makeProject(3);
    document({ "new", "other.percept", "--task", "detection" });
    const auto ran = percept({ "restore", "p.percept", "other.percept/project.db" });
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, testing::AllOf(HasSubstr("of the project \"other\""), HasSubstr("Nothing was changed")));
    EXPECT_EQ(document({ "stats", "p.percept" })["items"], 3);
    // One that was carried elsewhere is still this project's.
    std::filesystem::path backup;
    {
        auto store = dataset::ProjectStore::open(folder / "p.percept", "test");
        backup = store.value()->backup("before").value();
    }
    std::filesystem::rename(backup, folder / "carried.db");
    document({ "restore", "p.percept", "carried.db" });
    EXPECT_EQ(document({ "stats", "p.percept" })["items"], 3);
}

TEST_F(Cli, a_lost_database_names_the_backup_that_helps_and_takes_it_by_its_name)
{
    makeProject(3);
    std::string name;
    {
        auto store = dataset::ProjectStore::open(folder / "p.percept", "test");
        name = std::filesystem::path(store.value()->backup("before").value()).filename().string();
    }
    const auto database = folder / "p.percept" / "project.db";
    for (const char* content : { "", "damaged", "-" }) {
        if (content == std::string("-"))
            std::filesystem::remove(database);
        else
            ASSERT_TRUE(base::atomicWrite(database, content).hasValue());
        for (const char* suffix : { "-wal", "-shm" })
            std::filesystem::remove(database.string() + suffix);
        for (const char* call : { "stats", "undo", "check" }) {
            const auto ran = percept({ call, "p.percept" });
            EXPECT_EQ(ran.status, 3) << call << ran.err;
            EXPECT_THAT(ran.err, HasSubstr("percept restore")) << call;
            EXPECT_THAT(ran.err, HasSubstr(name)) << call;
        }
        document({ "restore", "p.percept", name });
        EXPECT_EQ(document({ "stats", "p.percept" })["items"], 3);
    }
}

}
}
