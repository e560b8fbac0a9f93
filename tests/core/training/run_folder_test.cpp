#include "core/training/run_folder.h"

#include "core/base/files.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <csignal>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace percept::training {
namespace {

void write(const std::filesystem::path& file, const std::string& text)
{
    std::filesystem::create_directories(file.parent_path());
    ASSERT_TRUE(base::atomicWrite(file, text).hasValue());
}

class RunFolderTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        write(folder / "config.json", R"({"run":"r1","recipe":"full","task":"detection","epochs":2,"extra":[1]})");
        write(folder / "snapshot/labels.json", R"([{"id":4,"name":"a"}])");
        write(folder / "snapshot/items.jsonl", itemLine("train", 0) + itemLine("validation", 0));
    }
    static std::string itemLine(const std::string& set, int label)
    {
        return R"({"id":1,"group":1,"path":"/x.png","sha256":"","set":")" + set + R"(","width":8,"height":8,"boxes":[{"label":)"
            + std::to_string(label) + R"(,"box":[1,1,2,2]}]})" + "\n";
    }
    std::string problem() const
    {
        const auto run = readRunFolder(folder.path());
        return run.hasError() ? run.error().message : "";
    }
    test::TemporaryFolder folder;
};

TEST_F(RunFolderTest, keepsWhatItDoesNotKnowWhenThePlanIsWritten)
{
    auto run = readRunFolder(folder.path());
    ASSERT_TRUE(run.hasValue()) << run.error().message;
    EXPECT_EQ(run->train.size(), 1u);
    EXPECT_EQ(run->labels[0].id.value, 4);
    Plan plan;
    plan.stages = { { 0, 12 } };
    ASSERT_TRUE(writePlan(*run, plan).hasValue());
    EXPECT_EQ(readRunFolder(folder.path())->plan, plan);
    EXPECT_NE(base::readTextFile(folder / "config.json")->find("extra"), std::string::npos);
}

TEST_F(RunFolderTest, namesWhatIsWrong)
{
    write(folder / "snapshot/items.jsonl", itemLine("train", 1));
    EXPECT_NE(problem().find("line 1"), std::string::npos);
    write(folder / "snapshot/items.jsonl", itemLine("validation", 0));
    EXPECT_NE(problem().find("no training pictures"), std::string::npos);
    write(folder / "snapshot/items.jsonl", itemLine("test", 0));
    EXPECT_FALSE(problem().empty());
    write(folder / "config.json", R"({"run":"r1","recipe":"quick","epochs":2})");
    EXPECT_NE(problem().find("recipe"), std::string::npos);
    write(folder / "config.json", "{");
    EXPECT_NE(problem().find("not JSON"), std::string::npos);
}

TEST_F(RunFolderTest, dropsMetricsAfterTheStepItGoesOnFrom)
{
    write(folder / "metrics.jsonl", "{\"name\":\"a\",\"step\":1}\n{\"name\":\"a\",\"step\":2}\n{\"name\":\"a\",\"step\":3}\n{\"name\":\"val/map\",\"step\":2}\n{\"name\":\"a\",\"st");
    const auto run = readRunFolder(folder.path());
    MetricsLog log;
    ASSERT_TRUE(log.open(*run, 2, 1).hasValue());
    ASSERT_TRUE(log.append({ "a", 3, 0.5, std::nullopt }).hasValue());
    const auto text = base::readTextFile(folder / "metrics.jsonl").value();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_NE(text.find("\"value\":null"), std::string::npos);
}

TEST_F(RunFolderTest, aMetricThatFoundNoRoomLeavesNoTornLine)
{
    const auto run = readRunFolder(folder.path());
    MetricsLog log;
    ASSERT_TRUE(log.open(*run, -1, -1).hasValue());
    ASSERT_TRUE(log.append({ "a", 1, 0.5, 1.0 }).hasValue());
    const auto file = folder / "metrics.jsonl";
    rlimit before {};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight { std::filesystem::file_size(file) + 10, before.rlim_max };
    ::setrlimit(RLIMIT_FSIZE, &tight);
    const auto refused = log.append({ "a", 2, 1.0, 2.0 });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_TRUE(refused.hasError());
    ASSERT_TRUE(log.append({ "a", 3, 1.5, 3.0 }).hasValue());
    const auto text = base::readTextFile(file).value();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
    EXPECT_EQ(text.find("{\"", 1), text.find('\n') + 1) << text;
}

}
}
