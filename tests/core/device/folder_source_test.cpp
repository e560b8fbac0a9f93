#include "core/base/files.h"
#include "core/device/folder_source.h"
#include "core/media/picture.h"
#include "core/protocol/json_fields.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"
#include "tests/support/test_package.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <gtest/gtest.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) { ASSERT_TRUE(base::atomicWrite(path, text).hasValue()); }

Supervisor::Options servingOptions()
{
    Supervisor::Options options;
    options.program = fs::path(PERCEPT_BIN_DIR) / "percept-edge";
    options.arguments = { "--serve", "--threads", "1" };
    return options;
}

TEST(FolderSource, waitsForAPictureThatIsStillBeingWritten)
{
    test::TemporaryFolder folder;
    auto source = FolderSource::parse("folder:" + folder.path().string());
    ASSERT_TRUE(source.hasValue());
    write(folder / "a.png", "half");
    EXPECT_EQ(source.value().look().size(), 0u);
    write(folder / "a.png", "half and more");
    EXPECT_EQ(source.value().look().size(), 0u);
    EXPECT_EQ(source.value().look().size(), 1u);
}

TEST(FolderSource, takesOldPicturesAtOnceAndOnlyPictures)
{
    test::TemporaryFolder folder;
    for (const char* name : { "b.JPG", "a.png", "notes.txt", ".hidden.png" }) {
        write(folder / name, "x");
        fs::last_write_time(folder / name, fs::file_time_type::clock::now() - std::chrono::hours(1));
    }
    fs::create_directory(folder / "c.png");
    auto source = FolderSource::parse(folder.path().string()).value();
    const auto pictures = source.look();
    ASSERT_EQ(pictures.size(), 2u);
    EXPECT_EQ(fs::path(pictures[0].file).filename(), "a.png");
    EXPECT_EQ(fs::path(pictures[1].file).filename(), "b.JPG");
}

TEST(FolderSource, picturesWaitForTheFirstModel)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "a.ppkg").hasValue());
    const auto png = media::encodePng(test::testPicture(96, 64, { { 16, 16, 8, 0 } })).value();
    ASSERT_TRUE(base::atomicWrite(folder / "a.png", png).hasValue());
    std::vector<FolderSource> sources { FolderSource::parse((folder / "a.png").string()).value() };
    Metrics metrics;
    Supervisor supervisor(servingOptions(), metrics);
    ASSERT_TRUE(supervisor.start({}).hasValue());
    auto log = ResultLog::open(folder / "r.jsonl").value();
    auto answered = std::async(std::launch::async, [&] { return runSources(sources, supervisor, log, metrics, {}); });
    EXPECT_EQ(answered.wait_for(std::chrono::milliseconds(400)), std::future_status::timeout) << "as if there were nothing to do";
    auto next = supervisor.load({ folder / "a.ppkg", "" }, false);
    ASSERT_TRUE(next.hasValue()) << next.error().message;
    supervisor.replace(std::move(next).value());
    ASSERT_TRUE(answered.get().hasValue());
    const auto text = base::readTextFile(folder / "r.jsonl", 1 << 20).value();
    EXPECT_EQ(nlohmann::json::parse(text).value("predictions", nlohmann::json()).size(), 1u) << text;
}

// Names are bytes, and JSON is UTF-8: an old camera's name is told readably, and its picture is answered, once.
TEST(FolderSource, answersAPictureWhoseNameIsNotUtf8)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "a.ppkg").hasValue());
    const auto png = media::encodePng(test::testPicture(96, 64, { { 16, 16, 8, 0 } })).value();
    std::vector<FolderSource> sources;
    for (const char* name : { "caf\xe9.png", "caf\xe8.png", "caf\xc3\xa9.png" }) {
        ASSERT_TRUE(base::atomicWrite(folder / name, png).hasValue());
        sources.push_back(FolderSource::parse((folder / name).string()).value());
    }
    Metrics metrics;
    Supervisor supervisor(servingOptions(), metrics);
    ASSERT_TRUE(supervisor.start({ folder / "a.ppkg", "" }).hasValue());
    for (int run = 0; run < 2; ++run) {
        auto log = ResultLog::open(folder / "r.jsonl").value();
        ASSERT_TRUE(runSources(sources, supervisor, log, metrics, {}).hasValue());
        std::ifstream file(folder / "r.jsonl");
        std::vector<std::string> names;
        for (std::string line; std::getline(file, line);) {
            const auto result = nlohmann::json::parse(line);
            EXPECT_EQ(result.value("predictions", nlohmann::json()).size(), 1u) << line;
            names.push_back(fs::path(result["file"].get<std::string>()).filename());
        }
        EXPECT_EQ(names, (std::vector<std::string> { "caf\\xe9.png", "caf\\xe8.png", "caf\xc3\xa9.png" }));
    }
}

TEST(FolderSource, saysWhenThereIsNone)
{
    EXPECT_EQ(FolderSource::parse("folder:/nowhere").error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(FolderSource::parse("/nowhere.png").error().code, base::ErrorCode::NotFound);
}

TEST(ResultLog, remembersAcrossOpeningsAndDropsATornLine)
{
    test::TemporaryFolder folder;
    {
        auto log = ResultLog::open(folder / "r.jsonl").value();
        ASSERT_TRUE(log.add({ { "file", "a" }, { "bytes", 3 }, { "modifiedMs", 7 } }).hasValue());
        EXPECT_TRUE(log.knows("a", 3, 7));
    }
    write(folder / "r.jsonl", base::readTextFile(folder / "r.jsonl").value() + "{\"file\":\"b\",\"byt");
    auto log = ResultLog::open(folder / "r.jsonl").value();
    EXPECT_TRUE(log.knows("a", 3, 7));
    EXPECT_FALSE(log.knows("a", 4, 7)); // changed since: a new picture
    EXPECT_FALSE(log.knows("b", 0, 0));
    ASSERT_TRUE(log.add({ { "file", "c" }, { "bytes", 1 }, { "modifiedMs", 1 } }).hasValue());
    EXPECT_EQ(base::readTextFile(folder / "r.jsonl").value().find("\"b\""), std::string::npos);
}

nlohmann::json resultOf(int number) { return { { "file", std::to_string(number) }, { "bytes", number }, { "modifiedMs", 7 } }; }

// The answers go, the memory stays: also over starts, and over more than one change of the file.
TEST(ResultLog, isKeptSmallAndForgetsNoPictureByThat)
{
    test::TemporaryFolder folder;
    const ResultLog::Limits limits { 1000, 10'000 };
    {
        auto log = ResultLog::open(folder / "r.jsonl", limits).value();
        for (int i = 0; i < 200; ++i)
            ASSERT_TRUE(log.add(resultOf(i)).hasValue());
    }
    EXPECT_LE(fs::file_size(folder / "r.jsonl"), 1000u);
    EXPECT_LE(fs::file_size(folder / "r.jsonl.1"), 1000u);
    const auto log = ResultLog::open(folder / "r.jsonl", limits).value();
    for (int i = 0; i < 200; ++i)
        EXPECT_TRUE(log.knows(std::to_string(i), i, 7)) << i;
    EXPECT_FALSE(log.knows("200", 200, 7));
}

TEST(ResultLog, forgetsWhatLeftTheFolderOnceThatIsMuch)
{
    test::TemporaryFolder folder;
    const ResultLog::Limits limits { 1000, 50 };
    {
        auto log = ResultLog::open(folder / "r.jsonl", limits).value();
        for (int i = 0; i < 50; ++i)
            ASSERT_TRUE(log.add(resultOf(i)).hasValue());
        EXPECT_FALSE(log.isOverfull(0));
        for (int i = 50; i < 100; ++i)
            ASSERT_TRUE(log.add(resultOf(i)).hasValue());
        EXPECT_TRUE(log.isOverfull(2));
        EXPECT_FALSE(log.isOverfull(25)) << "the folder itself is large";
        log.keepOnly({ ResultLog::keyOf("3", 3, 7), ResultLog::keyOf("99", 99, 7) });
        EXPECT_TRUE(log.knows("3", 3, 7));
        EXPECT_FALSE(log.knows("4", 4, 7));
        for (int i = 100; i < 200; ++i) // the next file's memory is without them
            ASSERT_TRUE(log.add(resultOf(i)).hasValue());
    }
    const auto log = ResultLog::open(folder / "r.jsonl", limits).value();
    EXPECT_TRUE(log.knows("3", 3, 7));
    EXPECT_FALSE(log.knows("4", 4, 7));
    EXPECT_TRUE(log.knows("199", 199, 7));
}

TEST(ResultLog, aFullDiskLeavesWholeLinesAndCanBeOvercome)
{
    test::TemporaryFolder folder;
    auto log = ResultLog::open(folder / "r.jsonl").value();
    ASSERT_TRUE(log.add(resultOf(1)).hasValue());
    test::FullDisk full(fs::file_size(folder / "r.jsonl") + 10);
    EXPECT_TRUE(log.add(resultOf(2)).hasError());
    EXPECT_TRUE(log.knows("2", 2, 7)) << "it was answered";
    log.addOrLeaveOut(resultOf(3));
    full.makeRoom();
    ASSERT_TRUE(log.add(resultOf(4)).hasValue());
    EXPECT_EQ(base::readTextFile(folder / "r.jsonl").value(), protocol::dumpLine(resultOf(1)) + "\n" + protocol::dumpLine(resultOf(4)) + "\n");
}

// A service that watches a folder answers on when its results cannot be written, and when its disk has room again writes on.
TEST(FolderSource, goesOnAnsweringWhenResultsCannotBeWritten)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "a.ppkg").hasValue());
    const auto png = media::encodePng(test::testPicture(96, 64, { { 16, 16, 8, 0 } })).value();
    fs::create_directory(folder / "in");
    const auto put = [&](const char* name) {
        ASSERT_TRUE(base::atomicWrite(folder / "in" / name, png).hasValue());
        fs::last_write_time(folder / "in" / name, fs::file_time_type::clock::now() - std::chrono::hours(1));
    };
    for (const char* name : { "a.png", "b.png" })
        put(name);
    std::vector<FolderSource> sources { FolderSource::parse((folder / "in").string()).value() };
    Metrics metrics;
    Supervisor supervisor(servingOptions(), metrics);
    ASSERT_TRUE(supervisor.start({ folder / "a.ppkg", "" }).hasValue());
    auto log = ResultLog::open(folder / "r.jsonl").value();
    base::CancelToken cancel;
    test::FullDisk full(20);
    auto ended = std::async(std::launch::async, [&] { return runSources(sources, supervisor, log, metrics, cancel); });
    EXPECT_TRUE(test::eventually([&] { return metrics.totals().predictions == 2; }));
    full.makeRoom();
    put("c.png");
    EXPECT_TRUE(test::eventually([&] { return base::readTextFile(folder / "r.jsonl").valueOr("").find("c.png") != std::string::npos; }));
    cancel.cancel();
    const auto result = ended.get();
    EXPECT_TRUE(result.hasValue()) << result.error().message;
    EXPECT_EQ(metrics.totals().predictions, 3) << "nothing is answered twice";
}

TEST(ResultLog, saysWhenItCannotBeWritten) { EXPECT_TRUE(ResultLog::open("/nowhere/r.jsonl").hasError()); }

}
}
