#include "tests/core/interchange/set_fixture.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace percept::interchange {

using namespace test;
using domain::Box;
using domain::SplitSet;
using testing::HasSubstr;

namespace {

std::filesystem::path testData()
{
    if (const char* given = std::getenv("PERCEPT_TEST_DATA"))
        return given;
    const std::filesystem::path source = PERCEPT_SOURCE_DIR;
    for (const auto& place : { source.parent_path() / "shared/data", source.parent_path().parent_path() / "shared/data" })
        if (std::filesystem::exists(place))
            return place;
    return {};
}

}

TEST(Voc, OneBasedNumbersAreFoundByTheEdge)
{
    const SetFolder set;
    set.picture("JPEGImages/a.png");
    set.write("Annotations/a.xml", vocXml("a.png", vocObject("cat", "1", "1", "64", "48") + vocObject("dog", "5", "6", "10", "12")));
    const ReadBack back = readSet("voc", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    const auto& boxes = back.items.at("a.png").boxes;
    EXPECT_EQ(boxes[0].box, (Box { 0, 0, 64, 48 }));
    EXPECT_EQ(boxes[1].box, (Box { 4, 5, 6, 7 }));
    EXPECT_THAT(back.notes(), HasSubstr("1-based"));
    EXPECT_TRUE(back.items.at("a.png").labeled);
}

TEST(Voc, ZeroOrDecimalsMeanZeroBased)
{
    for (const char* x0 : { "0", "3.0", "3.5" }) {
        const SetFolder set;
        set.picture("JPEGImages/a.png");
        set.write("Annotations/a.xml", vocXml("a.png", vocObject("cat", x0, "2", "64", "48")));
        const ReadBack back = readSet("voc", set.path());
        EXPECT_EQ(back.items.at("a.png").boxes[0].box, domain::boxFromCorners(std::atof(x0), 2, 64, 48));
        EXPECT_THAT(back.notes(), HasSubstr("0-based"));
    }
}

TEST(Voc, KeepsFlagsAndPicturesWithoutObjects)
{
    const SetFolder set;
    set.picture("JPEGImages/a.png");
    set.picture("JPEGImages/empty.png");
    set.picture("JPEGImages/extra.png");
    set.write("Annotations/a.xml",
        vocXml("a.png", vocObject("cat", "0", "2", "9", "9", "<difficult>1</difficult><truncated>1</truncated><occluded>1</occluded>")));
    set.write("Annotations/empty.xml", vocXml("empty.png", ""));
    const ReadBack back = readSet("voc", set.path());
    const auto flags = back.items.at("a.png").boxes[0].flags;
    EXPECT_TRUE(flags.difficult && flags.truncated && flags.occluded && !flags.crowd);
    EXPECT_TRUE(back.items.at("empty.png").labeled);  // background: somebody looked
    EXPECT_FALSE(back.items.at("extra.png").labeled); // nobody did
}

TEST(Voc, KeepsTheSourcesSplit)
{
    const SetFolder set;
    for (const char* name : { "a", "b", "c", "d", "e" }) {
        set.picture("JPEGImages/" + std::string(name) + ".png");
        set.write("Annotations/" + std::string(name) + ".xml", vocXml(std::string(name) + ".png", vocObject("x", "0", "1", "5", "5")));
    }
    set.write("ImageSets/Main/train.txt", "a\r\ne\r\n");
    set.write("ImageSets/Main/val.txt", "b\n");
    set.write("ImageSets/Main/test.txt", "c\ne\nabsent\n");
    set.write("ImageSets/Main/trainval.txt", "a\nb\n");
    const ReadBack back = readSet("voc", set.path());
    EXPECT_EQ(back.items.at("a.png").set, SplitSet::Train);
    EXPECT_EQ(back.items.at("b.png").set, SplitSet::Validation);
    EXPECT_EQ(back.items.at("c.png").set, SplitSet::Test);
    EXPECT_EQ(back.items.at("d.png").set, SplitSet::None);
    EXPECT_EQ(back.items.at("e.png").set, SplitSet::Test); // what is tested never trains
    EXPECT_THAT(back.notes(), HasSubstr("more than one list"));
    EXPECT_THAT(back.problems(), HasSubstr("absent is listed"));
}

TEST(Voc, ReportsWhatIsWrongAndTakesTheRest)
{
    const SetFolder set;
    set.picture("JPEGImages/a.png");
    set.write("JPEGImages/html.png", std::string("<html></html>"));
    set.write("Annotations/a.xml",
        vocXml("a.png",
            vocObject("nan", "nan", "2", "9", "9") + vocObject("big", "1e400", "2", "9", "9") + vocObject("word", "x", "2", "9", "9")
                + vocObject("far", "500", "500", "600", "600") + vocObject("out", "-5", "2", "90", "9") + vocObject("flat", "4", "2", "4", "9")
                + "<object><name>bare</name></object><object><bndbox/></object>",
            0, 0));
    set.write("Annotations/html.xml", vocXml("html.png", ""));
    set.write("Annotations/missing.xml", vocXml("missing.png", ""));
    set.write("Annotations/out.xml", vocXml("../../etc/passwd", ""));
    set.write("Annotations/broken.xml", std::string("<annotation><object>"));
    const ReadBack back = readSet("voc", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    ASSERT_EQ(back.items.size(), 1u);
    const auto& item = back.items.at("a.png");
    ASSERT_EQ(item.boxes.size(), 2u);
    EXPECT_EQ(item.boxes[0].box, (Box { 0, 2, 64, 7 })); // clipped, and said
    EXPECT_FALSE(item.boxes[1].box.hasArea());           // kept, and counted
    EXPECT_FALSE(item.labeled);                          // boxes are missing: not to train as complete
    EXPECT_THAT(back.notes(), HasSubstr("clipped"));
    EXPECT_THAT(back.notes(), HasSubstr("no area"));
    for (const char* part : { "(\"nan\")", "(\"big\")", "\"x\"", "outside of a.png", "(\"bare\")", "no usable class name", "HTML page",
             "missing.png is not in", "leads out of the set", "broken.xml is damaged" })
        EXPECT_THAT(back.problems(), HasSubstr(part));
}

TEST(Voc, RefusesADoctypeAsAWhole)
{
    for (const char* prolog : { "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'>]>", "<!doctype x SYSTEM 'file:///etc/passwd'>" }) {
        const SetFolder set;
        set.picture("JPEGImages/a.png");
        set.picture("JPEGImages/b.png");
        set.write("Annotations/a.xml", vocXml("a.png", ""));
        set.write("Annotations/b.xml", prolog + vocXml("b.png", ""));
        const ReadBack back = readSet("voc", set.path());
        ASSERT_TRUE(back.isRefused);
        EXPECT_EQ(back.error.code, base::ErrorCode::Refused);
        EXPECT_THAT(back.error.message, HasSubstr("b.xml declares a DOCTYPE"));
        EXPECT_TRUE(back.items.empty());
    }
}

TEST(Voc, SurvivesDepthAndOtherEncodings)
{
    const SetFolder set;
    set.picture("a.png");
    std::string deep;
    for (int i = 0; i < 100000; ++i)
        deep += "<a>";
    set.write("a.xml", "<annotation>" + deep + std::string());
    EXPECT_TRUE(readSet("voc", set.path()).isRefused);
    std::string closing;
    for (int i = 0; i < 100000; ++i)
        closing += "</a>";
    set.write("a.xml", "<annotation>" + deep + closing + "</annotation>");
    const ReadBack back = readSet("voc", set.path());
    ASSERT_TRUE(back.isRefused);
    EXPECT_THAT(back.error.message, HasSubstr("nested deeper"));
    set.write("a.xml", std::string("\xff\xfe<\0a\0", 6));
    EXPECT_TRUE(readSet("voc", set.path()).isRefused);
}

TEST(Voc, FindsPicturesByStemAndInSubfolders)
{
    const SetFolder set;
    set.picture("JPEGImages/one/a.png");
    set.picture("JPEGImages/two/a.png");
    set.picture("JPEGImages/two/b.PNG");
    set.write("Annotations/two/a.xml", vocXml("a.png", vocObject("x", "0", "1", "5", "5")));
    set.write("Annotations/two/b.xml", vocXml("b.jpg", ""));
    set.write("Annotations/c.xml", vocXml("a.png", ""));
    const ReadBack back = readSet("voc", set.path());
    EXPECT_THAT(back.items.at("b.PNG").file.string(), HasSubstr("two/b.PNG"));
    EXPECT_THAT(back.problems(), HasSubstr("a.png may be one/a.png and two/a.png"));
}

TEST(Voc, DoesNotFollowLinksOutOfTheSet)
{
    const SetFolder outside, set;
    outside.picture("secret.png");
    std::filesystem::create_directories(set.path() / "JPEGImages");
    std::filesystem::create_symlink(outside.path() / "secret.png", set.path() / "JPEGImages/secret.png");
    std::filesystem::create_directory_symlink(outside.path(), set.path() / "JPEGImages/more");
    set.write("Annotations/secret.xml", vocXml("secret.png", ""));
    set.write("Annotations/other.xml", vocXml("more/secret.png", ""));
    EXPECT_TRUE(readSet("voc", set.path()).isRefused);
}

TEST(Voc, FollowsALinkedFolderOfPictures)
{
    const SetFolder disk, set;
    disk.picture("a.png");
    std::filesystem::create_directory_symlink(disk.path(), set.path() / "JPEGImages");
    set.write("Annotations/a.xml", vocXml("a.png", ""));
    const ReadBack back = readSet("voc", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    EXPECT_EQ(back.items.size(), 1u);
}

TEST(Voc, ReadsTheBloodCells)
{
    const auto data = testData() / "bccd";
    if (!std::filesystem::exists(data / "Annotations"))
        GTEST_SKIP() << "bccd is not here; set PERCEPT_TEST_DATA to the folder that holds it";
    EXPECT_EQ(*detectFormat(data), "voc");
    const ReadBack back = readSet("voc", data);
    ASSERT_FALSE(back.isRefused) << back.error.message;
    EXPECT_EQ(back.problems(), "");
    EXPECT_EQ(back.items.size(), 364u);
    std::map<SplitSet, int> sets;
    std::map<std::string, int> labels;
    int flat = 0;
    for (const auto& [name, item] : back.items) {
        ++sets[item.set];
        EXPECT_TRUE(item.labeled);
        EXPECT_EQ(item.contentHash.size(), 64u);
        for (const auto& box : item.boxes) {
            ++labels[box.label];
            flat += box.box.hasArea() ? 0 : 1;
        }
    }
    EXPECT_EQ(sets[SplitSet::Train], 205);
    EXPECT_EQ(sets[SplitSet::Validation], 87);
    EXPECT_EQ(sets[SplitSet::Test], 72);
    EXPECT_EQ(labels, (std::map<std::string, int> { { "Platelets", 361 }, { "RBC", 4155 }, { "WBC", 372 } })); // 4,888, counted apart
    EXPECT_EQ(flat, 2);
    EXPECT_THAT(back.notes(), HasSubstr("1-based"));
}

}
