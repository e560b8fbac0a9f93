#include "core/interchange/item_assembler.h"
#include "core/media/picture.h"
#include "tests/core/interchange/set_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>

namespace percept::interchange {

using namespace test;
using domain::Box;
using domain::SplitSet;
using testing::HasSubstr;

namespace {

std::string coco(const std::string& images, const std::string& annotations,
    const std::string& categories = R"({"id": 1, "name": "cat"}, {"id": 90, "name": "dog"})")
{
    return "{\"info\": {\"year\": 2026}, \"annotations\": [" + annotations + "], \"images\": [" + images + "], \"categories\": [" + categories + "]}";
}

const std::string kImage = R"({"id": 7, "file_name": "a.png", "width": 64, "height": 48})";

std::string box(const std::string& bbox, const std::string& more = {})
{
    static int id = 100;
    return "{\"id\": " + std::to_string(++id) + ", \"image_id\": 7, \"category_id\": 1, \"bbox\": " + bbox + more + "}";
}

}

TEST(Coco, ReadsBoxesWhateverTheOrder)
{
    const SetFolder set;
    set.picture("images/a.png");
    set.picture("images/b.png");
    set.write("annotations/instances_train2017.json",
        coco(kImage + R"(, {"height": 48, "width": 64, "file_name": "b.png", "id": 3})",
            R"({"id": 1, "image_id": 7, "category_id": 90, "bbox": [1.5, 2, 10, 20], "iscrowd": 1, "segmentation": {"size": [48, 64], "counts": "abc"}},
               {"segmentation": [[1, 2, 3, 4, 5, 6]], "bbox": [0, 0, 64, 48], "category_id": 1, "image_id": 7, "id": 2, "attributes": {"occluded": true}})"));
    EXPECT_EQ(*detectFormat(set.path()), "coco");
    const ReadBack back = readSet("coco", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    const auto& item = back.items.at("a.png");
    ASSERT_EQ(item.boxes.size(), 2u);
    EXPECT_EQ(item.boxes[0].label, "dog");
    EXPECT_EQ(item.boxes[0].box, (Box { 1.5, 2, 10, 20 }));
    EXPECT_TRUE(item.boxes[0].flags.crowd);
    EXPECT_TRUE(item.boxes[1].flags.occluded);
    EXPECT_EQ(item.set, SplitSet::Train);
    EXPECT_TRUE(back.items.at("b.png").labeled); // listed without objects: background
    EXPECT_TRUE(back.items.at("b.png").boxes.empty());
    EXPECT_THAT(back.notes(), HasSubstr("crowd"));
    EXPECT_EQ(back.problems(), "");
}

TEST(Coco, TakesTheSplitFromNames)
{
    const SetFolder set;
    for (const char* part : { "train", "val", "test" }) {
        set.picture("images/" + std::string(part) + "/" + part + ".png");
        const std::string image = R"({"id": 1, "file_name": ")" + std::string(part) + R"(.png", "width": 64, "height": 48})";
        set.write("annotations/instances_" + std::string(part) + ".json", coco(image, ""));
        set.write("annotations/captions_" + std::string(part) + ".json", coco(image, R"({"id": 1, "image_id": 1, "caption": "x"})"));
    }
    const ReadBack back = readSet("coco", set.path());
    EXPECT_EQ(back.items.at("train.png").set, SplitSet::Train);
    EXPECT_EQ(back.items.at("val.png").set, SplitSet::Validation);
    EXPECT_EQ(back.items.at("test.png").set, SplitSet::Test);
    EXPECT_EQ(back.problems(), ""); // captions are not boxes and were not read
}

TEST(Coco, CategoryZeroAndSparseIds)
{
    const SetFolder set;
    set.picture("a.png");
    set.write("set.json", coco(R"({"id": 0, "file_name": "a.png"})", R"({"id": 0, "image_id": 0, "category_id": 0, "bbox": [1, 2, 3, 4]},
        {"id": 5, "image_id": "0", "category_id": 4000000000.0, "bbox": [1, 2, 3, 5]})",
        R"({"id": 0, "name": "zero"}, {"id": 4000000000, "name": " far "})"));
    const ReadBack back = readSet("coco", set.path() / "set.json");
    ASSERT_FALSE(back.isRefused) << back.error.message;
    const auto& boxes = back.items.at("a.png").boxes;
    ASSERT_EQ(boxes.size(), 2u);
    EXPECT_EQ(boxes[0].label, "zero");
    EXPECT_EQ(boxes[1].label, "far");
    EXPECT_THAT(back.notes(), HasSubstr("from 0"));
}

TEST(Coco, BoxesThatAreNone)
{
    const SetFolder set;
    set.picture("a.png");
    const char* const bad[] = { "[NaN, 1, 2, 3]", "[1, 2, 1e400, 4]", "[1, 2, -3, 4]", "[1, 2, 3, -4]", "[1, 2, 3]", "[1, 2, 3, 4, 5]", "\"x\"", "null", "{}",
        "[Infinity, 0, 1, 1]", "[1, 2, null, 4]", "[[1], 2, 3, 4]", "[1e20, 0, 1, 1]" };
    std::string annotations;
    for (const char* bbox : bad)
        annotations += box(bbox) + ", ";
    annotations += box("[1, 2, 3, 4]") + "," + box("[5, 5, 0, 9]") + "," + box("[60, 40, 10, 4]");
    set.write("set.json", coco(kImage, annotations));
    const ReadBack back = readSet("coco", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    EXPECT_EQ(back.outcome.problems.total(), static_cast<int>(std::size(bad))) << back.problems();
    const auto& item = back.items.at("a.png");
    ASSERT_EQ(item.boxes.size(), 3u);
    EXPECT_EQ(item.boxes[0].box, (Box { 1, 2, 3, 4 }));
    EXPECT_FALSE(item.boxes[1].box.hasArea());
    EXPECT_EQ(item.boxes[2].box, (Box { 60, 40, 4, 4 }));
    EXPECT_FALSE(item.labeled); // boxes were lost
    EXPECT_THAT(back.notes(), HasSubstr("clipped"));
}

TEST(Coco, ACrowdThatIsNeitherYesNorNoIsNamed)
{
    const SetFolder set;
    set.picture("a.png");
    std::string annotations;
    for (const char* crowd : { "0", "1", "false", "true", "null", "\"0\"", "\"1\"" })
        annotations += box("[1, 2, 3, 4]", std::string(", \"iscrowd\": ") + crowd) + ", ";
    for (const char* crowd : { "\"yes\"", "[1]", "{}" })
        annotations += box("[1, 2, 3, 4]", std::string(", \"iscrowd\": ") + crowd) + ", ";
    set.write("set.json", coco(kImage, annotations + box("[9, 9, 3, 4]")));
    const ReadBack back = readSet("coco", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    EXPECT_EQ(back.outcome.problems.total(), 3) << back.problems();
    EXPECT_THAT(back.problems(), HasSubstr("has an iscrowd that is neither 0 nor 1."));
    const auto& item = back.items.at("a.png");
    ASSERT_EQ(item.boxes.size(), 8u);
    const bool crowds[] = { false, true, false, true, false, false, true, false };
    for (std::size_t i = 0; i < item.boxes.size(); ++i)
        EXPECT_EQ(item.boxes[i].flags.crowd, crowds[i]) << i;
    EXPECT_FALSE(item.labeled) << "a box was lost";
}

// While boxes are read, the pictures are looked at already: each once, also when the file is in an order that does not help.
TEST(Coco, PicturesAreLookedAtOnceWhateverTheOrder)
{
    constexpr int kPictures = 100; // three bunches and a rest
    const SetFolder set;
    std::string images, boxes;
    for (int i = 0; i < kPictures; ++i) {
        const std::string name = "p" + std::to_string(100 + i) + ".png", id = std::to_string(i + 1);
        set.picture(name, 20 + i, 30);
        images += (i > 0 ? "," : "") + std::string("{\"id\": ") + id + ", \"file_name\": \"" + name + "\"}";
        boxes += (i > 0 ? "," : "") + std::string("{\"id\": ") + id + ", \"image_id\": " + id + ", \"category_id\": 1, \"bbox\": [1, 2, 3, " + id + "]}";
    }
    const std::string imageList = "\"images\": [" + images + "]", boxList = "\"annotations\": [" + boxes + "]", labels = "\"categories\": [{\"id\": 1, \"name\": \"cat\"}]";
    const auto read = [&](const std::string& text) {
        set.write("set.json", "{" + text + "}");
        std::map<std::string, int> looked;
        std::mutex mutex;
        std::size_t items = 0;
        const PictureProbe probe = [&](const std::vector<std::filesystem::path>& files, bool hash) {
            const std::scoped_lock lock(mutex);
            for (const auto& file : files)
                ++looked[file.filename().string()];
            return probeHere()(files, hash);
        };
        const ReadRequest request { .source = set.path(), .mediaFolder = {}, .hashContent = false, .probe = probe, .progress = {}, .cancel = {} };
        const auto done = cocoReader().read(request, [&](std::vector<dataset::ImportItem> some) -> base::Result<void> {
            for (const auto& item : some) {
                const int number = std::stoi(item.name.substr(1)) - 100;
                EXPECT_EQ(item.width, 20 + number) << item.name;
                EXPECT_EQ(item.boxes.size(), 1u) << item.name;
            }
            items += some.size();
            return {};
        });
        EXPECT_TRUE(done.hasValue());
        EXPECT_EQ(items, static_cast<std::size_t>(kPictures));
        return looked;
    };
    for (const std::string& text : { imageList + "," + boxList + "," + labels, boxList + "," + labels + "," + imageList, labels + "," + imageList + "," + boxList }) {
        const auto looked = read(text);
        EXPECT_EQ(looked.size(), static_cast<std::size_t>(kPictures));
        for (const auto& [name, times] : looked)
            EXPECT_EQ(times, 1) << name;
    }
    // An id that comes twice: what was asked before does not fit, and nothing is lost.
    const auto looked = read("\"images\": [{\"id\": 1, \"file_name\": \"p100.png\"}," + images + "]," + boxList + "," + labels);
    EXPECT_EQ(looked.size(), static_cast<std::size_t>(kPictures));
}

TEST(Coco, OutlineStandsInForAMissingBox)
{
    const SetFolder set;
    set.picture("a.png");
    set.write("set.json", coco(kImage, R"({"id": 1, "image_id": 7, "category_id": 1, "segmentation": [[5, 6, 20, 8, 9, 30], [2, 7, 3, 8]]})"));
    EXPECT_EQ(readSet("coco", set.path()).items.at("a.png").boxes.at(0).box, (Box { 2, 6, 18, 24 }));
}

TEST(Coco, ReportsReferencesToNothing)
{
    const SetFolder set;
    set.picture("a.png");
    set.picture("a2.png");
    set.write("set.json",
        coco(kImage + "," + R"({"id": 7, "file_name": "a2.png"}, {"id": 8, "file_name": "gone.png"}, {"id": 9}, 5, {"file_name": "x.png"})",
            R"({"id": 1, "image_id": 99, "category_id": 1, "bbox": [1, 2, 3, 4]}, {"id": 1, "image_id": 7, "category_id": 77, "bbox": [1, 2, 3, 4]},
               {"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4]}, {"image_id": 9223372036854775808, "category_id": 1, "bbox": [1, 2, 3, 4]})"));
    const ReadBack back = readSet("coco", set.path());
    ASSERT_FALSE(back.isRefused);
    for (const char* part : { "image 99", "category 77", "Two images have the id 7", "gone.png is not in", "no usable file_name", "is no object",
             "no usable id", "no usable image_id" })
        EXPECT_THAT(back.problems(), HasSubstr(part));
    EXPECT_THAT(back.notes(), HasSubstr("used before"));
    EXPECT_FALSE(back.items.contains("a2.png")) << "whose boxes nobody knows";
    EXPECT_FALSE(back.items.at("a.png").labeled) << "a box of it was left out";
}

TEST(Coco, APictureThatLosesABoxIsNotComplete)
{
    const SetFolder set;
    set.picture("a.png");
    set.write("set.json", coco(kImage, box("[1, 2, 3, 4]") + "," + box("[500, 500, 10, 10]")));
    const ReadBack back = readSet("coco", set.path());
    EXPECT_THAT(back.problems(), HasSubstr("lies outside of a.png"));
    EXPECT_EQ(back.items.at("a.png").boxes.size(), 1u);
    EXPECT_FALSE(back.items.at("a.png").labeled) << "it would train as background where the box was";
}

TEST(Coco, PathsCannotLeaveTheSet)
{
    const SetFolder outside;
    outside.picture("secret.png");
    outside.write("set/readme.txt", std::string("x"));
    std::filesystem::create_directories(outside.path() / "set/images");
    std::filesystem::create_symlink(outside.path() / "secret.png", outside.path() / "set/images/link.png");
    const std::string absolute = (outside.path() / "secret.png").string();
    int id = 10;
    std::string images;
    for (const std::string& name : { std::string("../secret.png"), std::string("images/../../secret.png"), absolute, std::string("..\\\\secret.png"),
             std::string("file:///etc/passwd"), std::string("C:\\\\x\\\\y.png"), std::string("images/link.png") })
        images += (images.empty() ? "" : ", ") + std::string("{\"id\": ") + std::to_string(++id) + ", \"file_name\": \"" + name + "\"}";
    outside.write("set/set.json", coco(images, ""));
    const ReadBack refused = readSet("coco", outside.path() / "set");
    ASSERT_TRUE(refused.isRefused); // nothing was left
    EXPECT_EQ(refused.error.code, base::ErrorCode::Refused);
    outside.picture("set/images/a.png");
    outside.write("set/set.json", coco(images + "," + kImage, ""));
    const ReadBack back = readSet("coco", outside.path() / "set");
    ASSERT_FALSE(back.isRefused);
    EXPECT_EQ(back.items.size(), 1u);
    EXPECT_EQ(back.outcome.problems.total(), 7);
    EXPECT_THAT(back.problems(), HasSubstr("leads out of the set"));
}

TEST(Coco, FollowsALinkThatIsTheSetOrItsFolderOfPictures)
{
    for (const char* folder : { "images", "val2017", "images/val2017" }) {
        const SetFolder disk, set, elsewhere;
        disk.picture("a.png");
        elsewhere.picture("secret.png");
        std::filesystem::create_directory_symlink(elsewhere.path(), disk.path() / "more");
        set.write("annotations/instances_val2017.json", coco(std::string(kImage) + R"(, {"id": 9, "file_name": "more/secret.png"})", ""));
        std::filesystem::create_directories((set.path() / folder).parent_path());
        std::filesystem::create_directory_symlink(disk.path(), set.path() / folder);
        std::filesystem::create_directory_symlink(set.path(), elsewhere.path() / "link");
        for (const auto& source : { set.path(), elsewhere.path() / "link" }) {
            const ReadBack back = readSet("coco", source);
            ASSERT_FALSE(back.isRefused) << folder << back.error.message;
            EXPECT_EQ(back.items.size(), 1u) << folder;
            EXPECT_THAT(back.problems(), HasSubstr("more/secret.png is not in"));
            EXPECT_THAT(back.notes(), HasSubstr("1 link was not followed: import what it leads to."));
        }
    }
}

TEST(Coco, DoesNotFollowALinkedFolderBackIntoTheSet)
{
    const SetFolder set;
    set.picture("a.png");
    set.write("set.json", coco(kImage, ""));
    std::filesystem::create_directory_symlink(set.path(), set.path() / "images");
    const ReadBack back = readSet("coco", set.path());
    ASSERT_FALSE(back.isRefused) << back.error.message;
    EXPECT_EQ(back.problems(), "");
}

TEST(Coco, FindsPicturesByBaseNameUnlessAmbiguous)
{
    const SetFolder set;
    set.picture("images/one/a.png");
    set.picture("images/two/a.png");
    set.picture("images/two/b.png");
    set.write("set.json", coco(R"({"id": 1, "file_name": "/data/upload/b.png"}, {"id": 2, "file_name": "three/a.png"}, {"id": 3, "file_name": "one/a.png"})", ""));
    const ReadBack back = readSet("coco", set.path());
    EXPECT_THAT(back.items.at("b.png").file.string(), HasSubstr("images/two/b.png"));
    EXPECT_THAT(back.items.at("a.png").file.string(), HasSubstr("images/one/a.png"));
    EXPECT_THAT(back.problems(), HasSubstr("three/a.png may be"));
}

TEST(Coco, DamagedFilesAreRefusedAsAWhole)
{
    const SetFolder set;
    set.picture("a.png");
    const std::string good = coco(kImage, box("[1, 2, 3, 4]"));
    for (std::size_t size = 1; size + 1 < good.size(); size += 3) {
        set.write("set.json", good.substr(0, size));
        const ReadBack back = readSet("coco", set.path() / "set.json");
        EXPECT_TRUE(back.isRefused) << good.substr(0, size);
        EXPECT_EQ(back.error.code, base::ErrorCode::Refused);
    }
    std::string deep(100000, '[');
    for (const std::string& text : { "{\"images\": [" + deep, "{\"x\": " + deep, std::string("[{\"image_id\": 1}]"), std::string("{}"), good + "x",
             std::string("{\"images\": [{\"id\": 1, \"file_name\": \"\xff\xfe\"}]}"), std::string("\xff\xfe{\0", 4),
             std::string("{\"images\": [{\"id\": 1]}}") }) {
        set.write("set.json", text);
        EXPECT_TRUE(readSet("coco", set.path() / "set.json").isRefused) << text.substr(0, 60);
    }
    set.write("set.json", "\xef\xbb\xbf" + good);
    EXPECT_FALSE(readSet("coco", set.path() / "set.json").isRefused);
}

// What must not happen: the pictures come in as a plain folder, and nobody hears of the annotations.
TEST(Coco, AnnotationsThatCannotBeReadAreNotTakenForAPlainFolder)
{
    const std::string coco = R"({"images": [{"id": 1, "file_name": "a.png"}], "annotations": [], "categories": []})";
    std::string wide = "\xff\xfe";
    for (const char c : coco)
        wide += { c, '\0' };
    const std::pair<std::string, const char*> cases[] = { { "", "is empty" }, { wide, "is UTF-16 text. Save it as UTF-8" },
        { "[]", "does not begin with {" }, { "null", "does not begin with {" }, { std::string(100'000, '['), "does not begin with {" },
        { "{}", "has no list of images" } };
    for (const auto& [text, why] : cases) {
        const SetFolder set;
        set.picture("a.png");
        set.write("annotations.json", text);
        EXPECT_EQ(*detectFormat(set.path()), "coco") << why;
        for (const auto& source : { set.path(), set.path() / "annotations.json" }) {
            const ReadBack back = readSet("coco", source);
            EXPECT_TRUE(back.isRefused) << why;
            EXPECT_TRUE(back.items.empty());
            EXPECT_THAT(back.error.message, HasSubstr("annotations.json"));
        }
        EXPECT_THAT(readSet("coco", set.path()).error.message, HasSubstr(why));
    }
    const SetFolder other; // the text tells when the name does not
    other.picture("a.png");
    other.write("data.json", wide);
    EXPECT_EQ(*detectFormat(other.path()), "coco");
}

TEST(Coco, OtherJsonFilesAreNamed)
{
    const SetFolder set;
    set.picture("a.png");
    set.write("camera.json", std::string("{\"exposure\": 3}"));
    EXPECT_EQ(*detectFormat(set.path()), "folder");
    const ReadBack plain = readSet("folder", set.path());
    EXPECT_EQ(plain.items.size(), 1u);
    EXPECT_THAT(plain.problems(), HasSubstr("camera.json is no COCO data set"));
    set.write("train.json", std::string(R"({"images": [{"id": 1, "file_name": "a.png"}], "annotations": [], "categories": []})"));
    set.write("val.json", std::string());
    EXPECT_EQ(*detectFormat(set.path()), "coco");
    const ReadBack back = readSet("coco", set.path());
    EXPECT_EQ(back.items.size(), 1u);
    EXPECT_THAT(back.problems(), HasSubstr("val.json is empty. It was left out."));
}

TEST(Coco, TurnsBoxesOfPicturesAnnotatedWithoutTheirRotation)
{
    const SetFolder set;
    const cv::Mat stored = media::test::makePicture(64, 48); // seen: 48 x 64
    set.write("a.jpg", media::test::jpegBytes(stored, 90, false, media::test::exifBlock(6)));
    set.write("set.json", coco(R"({"id": 7, "file_name": "a.jpg", "width": 64, "height": 48})", box("[10, 5, 20, 8]")));
    const ReadBack unaware = readSet("coco", set.path());
    EXPECT_EQ(unaware.items.at("a.jpg").width, 48);
    EXPECT_EQ(unaware.items.at("a.jpg").boxes[0].box, (Box { 48 - 13, 10, 8, 20 }));
    EXPECT_THAT(unaware.notes(), HasSubstr("without its EXIF rotation"));
    for (const int orientation : { 5, 7, 8 }) { // the others that exchange the axes
        set.write("a.jpg", media::test::jpegBytes(stored, 90, false, media::test::exifBlock(orientation)));
        EXPECT_EQ(readSet("coco", set.path()).items.at("a.jpg").boxes[0].box, boxInSeen({ 10, 5, 20, 8 }, orientation, 64, 48)) << orientation;
    }
    set.write("a.jpg", media::test::jpegBytes(stored, 90, false, media::test::exifBlock(6)));
    set.write("set.json", coco(R"({"id": 7, "file_name": "a.jpg", "width": 48, "height": 64})", box("[10, 5, 20, 8]")));
    EXPECT_EQ(readSet("coco", set.path()).items.at("a.jpg").boxes[0].box, (Box { 10, 5, 20, 8 }));
    set.write("set.json", coco(R"({"id": 7, "file_name": "a.jpg", "width": 640, "height": 480})", box("[10, 5, 20, 8]")));
    EXPECT_THAT(readSet("coco", set.path()).notes(), HasSubstr("another size"));
}

TEST(Coco, BoxesTurnLikeTheirPictures)
{
    // A box of the stored picture, turned, bounds the same bright corner in the picture as it is seen.
    const cv::Mat stored = media::test::makePicture(64, 48);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const auto seen = media::decodePicture(media::test::pngBytes(stored, { .orientation = orientation }), "a.png");
        ASSERT_TRUE(seen.hasValue());
        const Box box = boxInSeen({ 0, 0, 16, 12 }, orientation, 64, 48);
        for (int y = 0; y < seen->rows; ++y)
            for (int x = 0; x < seen->cols; ++x)
                EXPECT_EQ(box.contains(x + .5, y + .5), seen->at<cv::Vec3b>(y, x)[0] == 250 && seen->at<cv::Vec3b>(y, x)[1] == 240) << orientation;
    }
}

TEST(Coco, PicturesOnlyAreStillToDo)
{
    const SetFolder set;
    set.picture("a.png");
    set.write("image_info_test2017.json", "{\"images\": [" + kImage + "], \"categories\": []}");
    const ReadBack back = readSet("coco", set.path());
    EXPECT_FALSE(back.items.at("a.png").labeled);
    EXPECT_EQ(back.items.at("a.png").set, SplitSet::Test);
}

}
