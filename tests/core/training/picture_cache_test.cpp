#include "core/training/picture_cache.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/media/picture.h"
#include "tests/core/training/training_run.h"
#include "tests/support/temporary_folder.h"

#include "core/training/run_folder.h"

#include <fstream>
#include <gtest/gtest.h>

namespace percept::training {
namespace {

constexpr std::uint64_t kPicture = 96 * 72 * 3;

struct Cache : testing::Test {
    void SetUp() override
    {
        test::TrainingRunOptions options;
        options.pictures = 20;
        test::makeTrainingRun(folder.path(), options);
        items = readRunFolder(folder.path())->train;
        ASSERT_EQ(items.size(), 20u);
    }
    std::size_t preload(PictureCache& cache)
    {
        std::size_t read = 0;
        cache.preload([&](std::size_t done, std::size_t) { read = std::max(read, done); }, stop);
        return read;
    }
    test::TemporaryFolder folder;
    std::vector<protocol::SnapshotItem> items;
    std::atomic<bool> stop = false;
};

TEST_F(Cache, holds_all_when_it_may)
{
    PictureCache cache(items, 20 * kPicture, {});
    preload(cache);
    EXPECT_EQ(cache.bytes(), 20 * kPicture);
    std::filesystem::remove_all(folder / "pictures");
    for (std::size_t i = 0; i < items.size(); ++i)
        EXPECT_FALSE(cache.get(i).empty()) << i;
}

TEST_F(Cache, keeps_its_limit)
{
    PictureCache cache(items, 5 * kPicture + kPicture / 2, {});
    EXPECT_LT(preload(cache), 12u) << "what does not fit is not read ahead for nothing";
    for (int round = 0; round < 2; ++round)
        for (std::size_t i = 0; i < items.size(); ++i) {
            EXPECT_FALSE(cache.get(i).empty()) << "read again where it is not held";
            EXPECT_LE(cache.bytes(), 5 * kPicture + kPicture / 2);
        }
    EXPECT_EQ(cache.bytes(), 5 * kPicture);
    EXPECT_EQ(cache.badCount(), 0u);
}

TEST_F(Cache, a_bad_picture_is_told_once)
{
    std::ofstream(items[3].path) << "no picture";
    int told = 0;
    PictureCache cache(items, 4 * kPicture, [&](const protocol::SnapshotItem& item, const std::string&) {
        EXPECT_EQ(item.id, items[3].id);
        ++told;
    });
    preload(cache);
    for (int round = 0; round < 2; ++round)
        for (std::size_t i = 0; i < items.size(); ++i)
            EXPECT_EQ(cache.get(i).empty(), i == 3);
    EXPECT_EQ(told, 1);
}

TEST_F(Cache, what_reading_ahead_throws_is_thrown_to_who_asked_for_it)
{
    for (const auto& item : items) // whichever thread comes first
        std::ofstream(item.path) << "no picture";
    PictureCache cache(items, 20 * kPicture, [](const auto&, const auto&) { throw std::bad_alloc(); });
    EXPECT_THROW(preload(cache), std::bad_alloc);
}

TEST_F(Cache, a_picture_of_another_size_than_its_boxes_is_bad)
{
    const auto png = media::encodePng(cv::Mat(72, 97, CV_8UC3, cv::Scalar(1, 2, 3)));
    ASSERT_TRUE(base::atomicWrite(items[3].path, png.value()).hasValue());
    std::string told;
    PictureCache cache(items, 20 * kPicture, [&](const protocol::SnapshotItem&, const std::string& reason) { told = reason; });
    for (std::size_t i = 0; i < items.size(); ++i)
        EXPECT_EQ(cache.get(i).empty(), i == 3);
    EXPECT_EQ(told, "it is 97 x 72 now, and was 96 x 72 when its boxes were frozen");
}

// As when a camera writes over its pictures: the boxes belong to another one of the same size.
TEST_F(Cache, a_picture_that_was_replaced_by_one_of_the_same_size_is_bad)
{
    for (auto& item : items)
        item.sha256 = base::sha256OfFile(item.path).value();
    const auto png = media::encodePng(cv::Mat(72, 96, CV_8UC3, cv::Scalar(1, 2, 3)));
    ASSERT_TRUE(base::atomicWrite(items[3].path, png.value()).hasValue());
    int told = 0;
    PictureCache cache(items, 4 * kPicture, [&](const protocol::SnapshotItem& item, const std::string& reason) {
        EXPECT_EQ(item.id, items[3].id);
        EXPECT_NE(reason.find("replaced or changed"), std::string::npos) << reason;
        ++told;
    });
    preload(cache);
    for (int round = 0; round < 2; ++round)
        for (std::size_t i = 0; i < items.size(); ++i)
            EXPECT_EQ(cache.get(i).empty(), i == 3);
    EXPECT_EQ(told, 1);
}

TEST(DefaultCacheLimit, is_a_quarter_of_what_is_free_and_at_most_4_GiB)
{
    std::ifstream file("/proc/meminfo");
    std::uint64_t available = 0;
    for (std::string line; std::getline(file, line);)
        std::sscanf(line.c_str(), "MemAvailable: %lu kB", &available);
    EXPECT_LE(defaultCacheLimit(), 4ull << 30);
    EXPECT_LE(defaultCacheLimit(), available * 1024 / 4 + (256ull << 20)); // others use memory meanwhile
    EXPECT_GT(defaultCacheLimit(), 0u);
}

}
}
