#include "core/base/files.h"
#include "core/device/folder_source.h"
#include "core/media/picture.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) { ASSERT_TRUE(base::atomicWrite(path, text).hasValue()); }

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
    Supervisor::Options options;
    options.program = fs::path(PERCEPT_BIN_DIR) / "percept-edge";
    options.arguments = { "--serve", "--threads", "1" };
    Supervisor supervisor(options, metrics);
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

TEST(ResultLog, saysWhenItCannotBeWritten) { EXPECT_TRUE(ResultLog::open("/nowhere/r.jsonl").hasError()); }

}
}
