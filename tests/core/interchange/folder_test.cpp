#include "tests/core/interchange/set_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace percept::interchange {

using namespace test;
using testing::HasSubstr;

TEST(FolderReader, TakesPicturesBelowAndSaysWhatItLeft)
{
    const SetFolder set, outside;
    outside.picture("secret.png");
    set.picture("a.png");
    set.picture("deep/er/Ä b.JPG", 30, 20); // a PNG by content
    set.write("deep/notes.txt", std::string("x"));
    set.write("old.gif", std::string("GIF89a"));
    set.write("bad.jpg", std::string("\xff\xd8\xff\xe0 cut"));
    set.write(".hidden/c.png", std::string("x"));
    set.write("._a.png", std::string("x"));
    std::filesystem::create_symlink(outside.path() / "secret.png", set.path() / "link.png");
    std::filesystem::create_directory_symlink(set.path(), set.path() / "deep/loop");
    EXPECT_EQ(*detectFormat(set.path()), "folder");
    const ReadBack back = readSet("folder", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    EXPECT_EQ(back.items.size(), 2u);
    EXPECT_EQ(back.items.at("Ä b.JPG").width, 30);
    EXPECT_FALSE(back.items.at("a.png").labeled);
    EXPECT_THAT(back.problems(), HasSubstr("GIF"));
    EXPECT_THAT(back.problems(), HasSubstr("bad.jpg"));
    EXPECT_THAT(back.notes(), HasSubstr("1 file that is no picture was left out"));
    EXPECT_THAT(back.notes(), HasSubstr("2 links were not followed"));
}

TEST(FolderReader, TakesASingleFile)
{
    const SetFolder set;
    set.picture("a.png");
    set.picture("b.png");
    EXPECT_EQ(*detectFormat(set.path() / "a.png"), "folder");
    EXPECT_EQ(readSet("folder", set.path() / "a.png").items.size(), 1u);
}

TEST(FolderReader, FollowsALinkThatIsTheFolderOrItsPictures)
{
    const SetFolder disk, set, elsewhere;
    disk.picture("a.png");
    std::filesystem::create_directory_symlink(disk.path(), set.path() / "images");
    std::filesystem::create_directory_symlink(set.path(), elsewhere.path() / "link");
    for (const auto& source : { set.path(), elsewhere.path() / "link" }) {
        EXPECT_EQ(*detectFormat(source), "folder");
        EXPECT_EQ(readSet("folder", source).items.size(), 1u);
    }
    // Any other link is named and not followed.
    const auto refused = detectFormat(elsewhere.path());
    ASSERT_TRUE(refused.hasError());
    EXPECT_THAT(refused.error().message, HasSubstr("1 link was not followed: import what it leads to."));
}

TEST(FolderReader, PicturesThatEndEarlyAreNamedInEveryFormat)
{
    using namespace media::test;
    const cv::Mat rgb = makePicture(64, 48);
    const std::pair<const char*, ByteVector> kinds[] = { { "jpg", jpegBytes(rgb) }, { "png", pngBytes(rgb) }, { "webp", webpBytes(rgb) },
        { "lossy.webp", webpBytes(rgb, false) }, { "tif", tiffBytes(rgb) }, { "lzw.tif", tiffBytes(rgb, 8, 1, 5) }, { "bmp", bmpBytes(rgb) } };
    const SetFolder set;
    set.picture("sound.png");
    std::vector<std::string> cut;
    for (const auto& [name, bytes] : kinds) {
        set.write(std::string("sound.") + name, bytes);
        for (const std::size_t percent : { 3, 50, 98 }) {
            cut.push_back("cut" + std::to_string(percent) + "." + name);
            set.write(cut.back(), ByteVector(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * percent / 100)));
        }
    }
    const ReadBack back = readSet("folder", set.path());
    EXPECT_EQ(back.items.size(), std::size(kinds)) << back.problems();
    for (const std::string& name : cut)
        EXPECT_THAT(back.problems(), HasSubstr(name));
}

TEST(FolderReader, AnEmptyFolderIsRefused)
{
    const SetFolder set;
    EXPECT_EQ(detectFormat(set.path()).error().code, base::ErrorCode::Refused);
    EXPECT_EQ(detectFormat(set.path() / "absent").error().code, base::ErrorCode::NotFound);
    EXPECT_TRUE(readSet("folder", set.path()).isRefused);
}

TEST(FolderReader, NamesThatAreNotUtf8AreAProblem)
{
    const SetFolder set;
    set.picture("a.png");
    set.picture("caf\xe9.png");
    const ReadBack back = readSet("folder", set.path());
    EXPECT_EQ(back.items.size(), 1u);
    EXPECT_THAT(back.problems(), HasSubstr("caf\\xe9.png in /"));
}

TEST(FolderReader, StopsWhenCancelled)
{
    const SetFolder set;
    set.picture("a.png");
    ReadRequest request { .source = set.path(), .mediaFolder = {}, .hashContent = false, .progress = {}, .cancel = {} };
    request.cancel.cancel();
    const auto result = folderReader().read(request, [](std::vector<dataset::ImportItem>) -> base::Result<void> { return {}; });
    EXPECT_EQ(result.error().code, base::ErrorCode::Cancelled);
}

}
