// Hostile input through `percept import` and `percept predict`: each with a clear sentence and its exit status (DESIGN 12),
// and nothing changed in the project. 0: the sound part came in and the rest is listed; 1: the disk; 3: refused as a whole.
#include "core/base/files.h"
#include "core/media/picture.h"
#include "tests/support/faulty_picture.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"
#include "tests/support/test_project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace percept {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

Bytes soundPng() { return media::encodePng(test::testPicture(96, 64, { { 16, 16, 16, 0 } })).value(); }
Bytes soundJpeg() { return media::encodeJpeg(test::testPicture(96, 64, { { 16, 16, 16, 0 } }), 90).value(); }
Bytes bytesOf(const std::string& text) { return { text.begin(), text.end() }; }
Bytes cut(Bytes bytes)
{
    bytes.resize(bytes.size() * 2 / 3);
    return bytes;
}

// A PNG whose header says 30,000 x 30,000, with a sound checksum.
Bytes hugePng()
{
    Bytes png = soundPng();
    for (const std::size_t at : { 16u, 20u })
        for (int i = 0; i < 4; ++i)
            png[at + std::size_t(i)] = static_cast<std::uint8_t>(30000u >> (24 - 8 * i));
    const auto sum = crc32(0, png.data() + 12, 17);
    for (int i = 0; i < 4; ++i)
        png[29 + std::size_t(i)] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    return png;
}

std::string coco(const std::string& fileName, const std::string& box)
{
    return R"({"images": [{"id": 1, "file_name": "a.png", "width": 96, "height": 64}, {"id": 2, "file_name": ")" + fileName
        + R"("}], "categories": [{"id": 1, "name": "red"}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [16, 16, 16, 16]},)"
        + R"({"id": 2, "image_id": 1, "category_id": 1, "bbox": )" + box + "}]}";
}

std::string voc(const std::string& prolog, const std::string& xmax)
{
    return prolog + "<annotation><filename>a.png</filename><size><width>96</width><height>64</height><depth>3</depth></size>"
        + "<object><name>red</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>" + xmax + "</xmax><ymax>20</ymax></bndbox></object></annotation>";
}

struct Case {
    std::string name;
    std::map<std::string, Bytes> files; // of the set that is imported
    int status = 3;
    std::vector<std::string> words;     // of the sentence
    int items = 0, boxes = 0;           // that came in
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::vector<Case> cases()
{
    const std::string outside = "../outside.png";
    return {
        { "TruncatedJpegAlone", { { "cut.jpg", cut(soundJpeg()) } }, 3, { "cut.jpg", "the file ends early", "Copy it again" } },
        { "TruncatedPngAlone", { { "cut.png", cut(soundPng()) } }, 3, { "cut.png", "the file ends early" } },
        { "TruncatedAmongOthers", { { "cut.jpg", cut(soundJpeg()) }, { "a.png", soundPng() } }, 0, { "cut.jpg", "the file ends early" }, 1 },
        { "WebPageNamedJpeg", { { "page.jpg", bytesOf("<html>no picture</html>") } }, 3, { "page.jpg", "HTML page" } },
        { "WebPageAmongOthers", { { "page.jpg", bytesOf("<html>no picture</html>") }, { "a.png", soundPng() } }, 0, { "page.jpg", "HTML page" }, 1 },
        { "PngNamedJpegIsAPicture", { { "a.jpg", soundPng() } }, 0, {}, 1 },
        { "HugePng", { { "huge.png", hugePng() } }, 3, { "huge.png", "30000 x 30000", "over the limit of 256 megapixels" } },
        { "HugePngAmongOthers", { { "huge.png", hugePng() }, { "a.png", soundPng() } }, 0, { "30000 x 30000" }, 1 },
        { "VocWithDoctype", { { "a.png", soundPng() }, { "a.xml", bytesOf(voc("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "20")) } }, 3, { "a.xml", "DOCTYPE", "Nothing was imported" } },
        { "CocoThatLeavesTheSet", { { "a.json", bytesOf(R"({"images": [{"id": 1, "file_name": "../outside.png"}], "annotations": [], "categories": []})") } }, 3, { outside, "leads out of the set" } },
        { "CocoThatLeavesTheSetInPart", { { "a.png", soundPng() }, { "a.json", bytesOf(coco(outside, "[1, 1, 5, 5]")) } }, 0, { outside, "leads out of the set" }, 1, 2 },
        { "CocoWithAbsolutePath", { { "a.json", bytesOf(R"({"images": [{"id": 1, "file_name": "/etc/passwd"}], "annotations": [], "categories": []})") } }, 3, { "passwd" } },
        { "CocoBoxNan", { { "a.png", soundPng() }, { "a.json", bytesOf(coco("b.png", "[NaN, 1, 5, 5]")) }, { "b.png", soundJpeg() } }, 0, { "a.json", "NaN" }, 2, 1 },
        { "CocoBox1e400", { { "a.png", soundPng() }, { "a.json", bytesOf(coco("b.png", "[1, 1, 1e400, 5]")) }, { "b.png", soundJpeg() } }, 0, { "a.json", "1e400" }, 2, 1 },
        { "CocoCutOff", { { "a.png", soundPng() }, { "a.json", cut(bytesOf(coco("b.png", "[1, 1, 5, 5]"))) } }, 3, { "a.json", "is cut off" } },
        { "VocBoxNan", { { "a.png", soundPng() }, { "a.xml", bytesOf(voc("", "nan")) } }, 0, { "a.xml", "red" }, 1 },
        { "VocBox1e400", { { "a.png", soundPng() }, { "a.xml", bytesOf(voc("", "1e400")) } }, 0, { "a.xml", "red" }, 1 },
    };
}

class HostileImport : public testing::TestWithParam<Case> {
protected:
    HostileImport()
    {
        test::makeSquaresProject(project, folder / "pictures", 6);
        write("outside.png", soundPng());
        for (const auto& [name, bytes] : GetParam().files)
            write("set/" + name, bytes);
    }
    void write(const std::string& name, const Bytes& bytes) const
    {
        fs::create_directories((folder / name).parent_path());
        ASSERT_TRUE(base::atomicWrite(folder / name, bytes).hasValue());
    }
    test::Ran percept(std::vector<std::string> arguments) const { return test::runProgram("percept", arguments); }
    json stats() const { return percept({ "stats", project.string(), "--json" }).json(); }

    test::TemporaryFolder folder;
    const fs::path project = folder / "p.percept";
};

TEST_P(HostileImport, IsRefusedOrNamed)
{
    const auto& [name, files, status, words, items, boxes] = GetParam();
    const json before = stats();
    const auto ran = percept({ "import", project.string(), (folder / "set").string(), "--json" });
    EXPECT_EQ(ran.status, status) << ran.out << ran.err;
    const json answer = ran.json();
    const std::string said = status == 0 ? answer["problems"].dump() : answer.value("error", "");
    for (const auto& word : words)
        EXPECT_THAT(said, HasSubstr(word));
    const json after = stats();
    EXPECT_EQ(after["items"].get<int>() - before["items"].get<int>(), items);
    EXPECT_EQ(after["annotations"].get<int>() - before["annotations"].get<int>(), boxes);
    if (status == 0)
        return;
    EXPECT_EQ(after, before);
    EXPECT_EQ(percept({ "check", project.string() }).status, 0);
    EXPECT_THAT(percept({ "undo", project.string() }).out, Not(HasSubstr("Imported set"))) << "nor a step of the history";
}

INSTANTIATE_TEST_SUITE_P(Sets, HostileImport, testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

struct HostileDisk : testing::Test {
    HostileDisk()
    {
        test::makeSquaresProject(project, folder / "pictures", 6);
        fs::create_directories(folder / "more");
        for (int i = 0; i < 200; ++i) {
            const auto bytes = soundPng();
            EXPECT_TRUE(base::atomicWrite(folder / "more" / ("m" + std::to_string(i) + ".png"), bytes).hasValue());
        }
    }
    test::Ran import(const test::RunOptions& options = {}) const { return test::runProgram("percept", { "import", project.string(), (folder / "more").string(), "--json" }, options); }
    json stats() const { return test::runProgram("percept", { "stats", project.string(), "--json" }).json(); }
    test::TemporaryFolder folder;
    const fs::path project = folder / "p.percept";
};

TEST_F(HostileDisk, AnImportIntoAFullDiskLeavesNothing)
{
    const json before = stats();
    test::RunOptions full;
    full.fileSizeLimit = 64 << 10; // of each file, so of the log of changes: enough to open, not for 200 pictures
    const auto ran = import(full);
    EXPECT_EQ(ran.status, 1) << ran.out << ran.err;
    EXPECT_THAT(ran.json().value("error", ""), testing::AnyOf(HasSubstr("disk"), HasSubstr("full")));
    EXPECT_EQ(stats(), before);
    EXPECT_EQ(test::runProgram("percept", { "check", project.string() }).status, 0);
    EXPECT_EQ(import().json()["new_items"], 200) << "and with room it works";
}

TEST_F(HostileDisk, AReadOnlyProjectTakesNothing)
{
    const json before = stats();
    fs::permissions(folder.path(), fs::perms(0755));
    for (const auto& entry : fs::recursive_directory_iterator(project))
        fs::permissions(entry, entry.is_directory() ? fs::perms(0555) : fs::perms(0444));
    fs::permissions(project, fs::perms(0555));
    test::RunOptions nobody;
    nobody.asNobody = true;
    const bool runs = test::runProgram("percept", { "--version" }, nobody).status != 127;
    const auto ran = import(nobody);
    fs::permissions(project, fs::perms(0755));
    for (const auto& entry : fs::recursive_directory_iterator(project))
        fs::permissions(entry, fs::perms(0755));
    if (!runs)
        GTEST_SKIP() << "the program cannot be run without root's rights here";
    EXPECT_EQ(ran.status, 1) << ran.out << ran.err;
    EXPECT_THAT(ran.json().value("error", ""), HasSubstr(project.string()));
    EXPECT_EQ(stats(), before);
}

// A decoder with a hole, and pictures that find it: each costs itself and nothing else.
TEST(HostileDecoding, APictureThatCrashesItsDecoderIsLeftOut)
{
    test::TemporaryFolder folder;
    const fs::path project = folder / "p.percept";
    test::makeSquaresProject(project, folder / "pictures", 6);
    fs::create_directories(folder / "set");
    for (int i = 0; i < 40; ++i)
        ASSERT_TRUE(base::atomicWrite(folder / ("set/" + std::to_string(i) + ".png"), soundPng()).hasValue());
    for (const char* what : { "crash", "exit", "babble" })
        ASSERT_TRUE(base::atomicWrite(folder / ("set/" + std::to_string(7) + what + ".jpg"), test::faultyJpeg(what)).hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "set/sound.jpg", soundJpeg()).hasValue());
    test::RunOptions faulty;
    faulty.environment["LD_PRELOAD"] = DECODE_FAULT;
    const auto ran = test::runProgram("percept", { "import", project.string(), (folder / "set").string(), "--json" }, faulty);
    ASSERT_EQ(ran.status, 0) << ran.out << ran.err;
    const json answer = ran.json();
    EXPECT_EQ(answer["items"], 41);
    ASSERT_EQ(answer["problems"].size(), 3u);
    EXPECT_THAT(answer["problems"].dump(), HasSubstr("7crash.jpg: the decoder crashed on it; it is left out."));
    EXPECT_EQ(test::runProgram("percept", { "check", project.string() }).status, 0);
}

TEST(HostileDecoding, AFolderOfNothingElseIsRefused)
{
    test::TemporaryFolder folder;
    const fs::path project = folder / "p.percept";
    test::makeSquaresProject(project, folder / "pictures", 6);
    fs::create_directories(folder / "set");
    ASSERT_TRUE(base::atomicWrite(folder / "set/a.jpg", test::faultyJpeg("crash")).hasValue());
    test::RunOptions faulty;
    faulty.environment["LD_PRELOAD"] = DECODE_FAULT;
    const auto ran = test::runProgram("percept", { "import", project.string(), (folder / "set").string() }, faulty);
    EXPECT_EQ(ran.status, 3) << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("a.jpg: the decoder crashed on it"));
}

// One picture at a time, as a device would meet them.
TEST(HostilePredict, EachPictureIsNamedAndTheRestAnswered)
{
    if (!test::hasProgram("percept-edge"))
        GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "m.ppkg").hasValue());
    const std::map<std::string, std::pair<Bytes, std::string>> bad {
        { "cut.jpg", { cut(soundJpeg()), "the file ends early" } }, { "cut.png", { cut(soundPng()), "ends early" } },
        { "page.png", { bytesOf("<html></html>"), "HTML page" } }, { "huge.png", { hugePng(), "30000 x 30000" } }, { "empty.png", { {}, "empty" } },
    };
    std::vector<std::string> all { "predict", "m.ppkg", "--json", "good.png" };
    ASSERT_TRUE(base::atomicWrite(folder / "good.png", soundPng()).hasValue());
    test::RunOptions here;
    here.folder = folder.path();
    for (const auto& [name, what] : bad) {
        ASSERT_TRUE(base::atomicWrite(folder / name, what.first).hasValue());
        all.push_back(name);
        const auto alone = test::runProgram("percept", { "predict", "m.ppkg", name }, here);
        EXPECT_EQ(alone.status, 3) << name << alone.err;
        EXPECT_THAT(alone.err, HasSubstr(what.second)) << name;
    }
    const auto ran = test::runProgram("percept", all, here);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.json()["results"].size(), 1u);
    EXPECT_EQ(ran.json()["problems"].size(), bad.size());
}

TEST(HostilePredict, ANameThatIsNotUtf8IsSaid)
{
    if (!test::hasProgram("percept-edge"))
        GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "m.ppkg").hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "good.png", soundPng()).hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "caf\xe9.png", soundPng()).hasValue());
    test::RunOptions here;
    here.folder = folder.path();
    const auto alone = test::runProgram("percept", { "predict", "m.ppkg", "caf\xe9.png" }, here);
    EXPECT_EQ(alone.status, 3) << alone.err;
    EXPECT_THAT(alone.err, HasSubstr("\"caf\xef\xbf\xbd.png\" is not valid UTF-8. Rename the file"));
    const auto both = test::runProgram("percept", { "predict", "m.ppkg", "--json", "caf\xe9.png", "good.png" }, here);
    EXPECT_EQ(both.status, 0) << both.err;
    EXPECT_EQ(both.json()["results"].size(), 1u);
    ASSERT_EQ(both.json()["problems"].size(), 1u);
    EXPECT_THAT(both.json()["problems"][0].value("what", ""), HasSubstr("is not valid UTF-8"));
    std::filesystem::rename(folder / "m.ppkg", folder / "m\xe9.ppkg");
    EXPECT_THAT(test::runProgram("percept", { "predict", "m\xe9.ppkg", "good.png" }, here).err, HasSubstr("is not valid UTF-8"));
}

}
}
