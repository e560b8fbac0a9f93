// What must never happen to a project, whatever is done to it: a sentence, an exit status, nothing changed.
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/dataset/project_store.h"
#include "tests/support/full_disk.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_project.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace percept {
namespace {

namespace fs = std::filesystem;
using test::Ran;
using testing::HasSubstr;

struct Hostile : testing::Test {
    Hostile() { test::makeSquaresProject(project, folder / "pictures", 30, /*withSets=*/false); }
    Ran percept(std::vector<std::string> arguments, test::RunOptions options = {}) { return test::runProgram("percept", arguments, options); }
    std::string databaseHash() const { return base::sha256OfFile(project / "project.db").valueOr("gone"); }
    void patch(std::streamoff at, const std::string& bytes) const
    {
        std::fstream file(project / "project.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(at);
        file << bytes;
    }
    void expectRefusedUnchanged(const std::string& word)
    {
        const auto before = databaseHash();
        for (const auto& line : std::vector<std::vector<std::string>> { { "stats", project.string() }, { "split", project.string() }, { "train", project.string() }, { "check", project.string() } }) {
            const auto ran = percept(line);
            EXPECT_EQ(ran.status, 3) << line[0] << ": " << ran.err;
            EXPECT_THAT(ran.err + ran.out, HasSubstr(word)) << line[0];
        }
        EXPECT_EQ(databaseHash(), before);
    }
    test::TemporaryFolder folder;
    const fs::path project = folder / "p.percept";
};

TEST_F(Hostile, a_database_of_another_program)
{
    patch(68, std::string("GPKG"));
    expectRefusedUnchanged("not a Percept project");
}

TEST_F(Hostile, a_newer_project)
{
    patch(60, std::string("\0\0\x27\x0f", 4));
    expectRefusedUnchanged("newer");
}

TEST_F(Hostile, a_file_that_is_no_database)
{
    std::ofstream(project / "project.db") << std::string(20000, 'x');
    expectRefusedUnchanged("not a Percept project");
}

TEST_F(Hostile, a_folder_without_a_database)
{
    fs::remove(project / "project.db");
    const auto ran = percept({ "stats", project.string() });
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, HasSubstr("not a Percept project"));
    EXPECT_FALSE(fs::exists(project / "project.db"));
}

TEST_F(Hostile, a_project_that_another_program_has_open)
{
    auto store = dataset::ProjectStore::open(project, "percept-studio");
    ASSERT_TRUE(store.hasValue());
    for (const auto& line : std::vector<std::vector<std::string>> { { "split", project.string() }, { "undo", project.string() }, { "train", project.string() } }) {
        const auto ran = percept(line);
        EXPECT_EQ(ran.status, 1) << line[0] << ran.err;
        EXPECT_THAT(ran.err, HasSubstr("percept-studio"));
    }
    for (const auto& line : std::vector<std::vector<std::string>> { { "stats", project.string() }, { "runs", project.string() }, { "check", project.string() }, { "backups", project.string() } })
        EXPECT_EQ(percept(line).status, 0) << line[0];
}

TEST_F(Hostile, a_result_is_not_written_over_something_else)
{
    const auto before = databaseHash();
    const auto database = (project / "project.db").string();
    for (const auto& line : std::vector<std::vector<std::string>> {
             { "package", project.string(), "--run", "r0001", "--out", database }, { "report", project.string(), "--out", database } }) {
        const auto ran = percept(line);
        EXPECT_EQ(ran.status, 2) << line[0] << ": " << ran.err;
        EXPECT_THAT(ran.err, HasSubstr("the name must end in")) << line[0];
    }
    ASSERT_EQ(::mkfifo((folder / "pipe.html").c_str(), 0600), 0);
    const auto ran = percept({ "report", project.string(), "--out", (folder / "pipe.html").string() });
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.err, HasSubstr("not a regular file"));
    EXPECT_TRUE(fs::is_fifo(folder / "pipe.html"));
    EXPECT_EQ(databaseHash(), before);
}

TEST_F(Hostile, a_list_without_end_or_a_name_that_the_system_refuses)
{
    for (const auto& line : std::vector<std::vector<std::string>> { { "split", project.string(), "--groups", "/dev/zero" },
             { "split", project.string(), "--groups", folder.path().string() }, { "new", std::string(300, 'n'), "--task", "detection" },
             { "stats", std::string(300, 'n') } }) {
        auto withJson = line;
        withJson.push_back("--json");
        const auto ran = percept(withJson);
        EXPECT_EQ(ran.status, 1) << line[0] << ": " << ran.err;
        EXPECT_THAT(ran.json().value("error", ""), testing::AnyOf(HasSubstr("not a regular file"), HasSubstr("ame too long"), HasSubstr("name is too long"))) << ran.out;
    }
}

TEST_F(Hostile, a_full_disk_changes_nothing)
{
    test::RunOptions full;
    full.fileSizeLimit = 1000;
    const auto ran = percept({ "split", project.string() }, full);
    EXPECT_EQ(ran.status, 1) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("percept: "));
    const auto stats = percept({ "stats", project.string(), "--json" }).json();
    EXPECT_EQ(stats["sets"]["none"], 30);
    EXPECT_EQ(percept({ "check", project.string() }).status, 0);
    EXPECT_EQ(percept({ "new", (folder / "q.percept").string(), "--task", "detection" }, full).status, 1);
}

TEST_F(Hostile, a_full_file_system)
{
    const auto small = folder / "small";
    const test::SmallDisk disk(small, 400);
    if (!disk.isMounted())
        GTEST_SKIP() << "a small tmpfs cannot be mounted here; run the test as root";
    fs::create_directories(small / "p.percept");
    fs::copy_file(project / "project.db", small / "p.percept" / "project.db");
    disk.fill();
    const auto ran = percept({ "split", (small / "p.percept").string() });
    EXPECT_EQ(ran.status, 1) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("full"));
    disk.makeRoom();
    EXPECT_EQ(percept({ "stats", (small / "p.percept").string(), "--json" }).json()["sets"]["none"], 30);
}

TEST_F(Hostile, a_read_only_folder_can_be_read)
{
    for (const auto& entry : fs::recursive_directory_iterator(project))
        fs::permissions(entry, entry.is_directory() ? fs::perms(0555) : fs::perms(0444));
    fs::permissions(project, fs::perms(0555));
    fs::permissions(folder.path(), fs::perms(0755));
    test::RunOptions nobody;
    nobody.asNobody = true;
    if (percept({ "--version" }, nobody).status == 127)
        GTEST_SKIP() << "the program cannot be run without root's rights here";
    const auto stats = percept({ "stats", project.string(), "--json" }, nobody);
    EXPECT_EQ(stats.status, 0) << stats.err;
    EXPECT_EQ(stats.json()["items"], 30);
    const auto split = percept({ "split", project.string() }, nobody);
    EXPECT_EQ(split.status, 1) << split.err;
    fs::permissions(project, fs::perms(0755));
    for (const auto& entry : fs::recursive_directory_iterator(project))
        fs::permissions(entry, fs::perms(0755));
}

}
}
