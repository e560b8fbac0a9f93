#include "core/base/files.h"
#include "core/device/folder_source.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <filesystem>
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
