#include "core/training/batch_loader.h"

#include "core/training/run_folder.h"
#include "tests/core/training/training_run.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gtest/gtest.h>

namespace percept::training {
namespace {

struct Loading : testing::Test {
    void SetUp() override
    {
        test::TrainingRunOptions run;
        run.pictures = 20;
        test::makeTrainingRun(folder.path(), run);
        items = readRunFolder(folder.path())->train;
        options.seed = 3;
        options.batchSize = 4;
        options.canvas = { 64, 64 };
    }
    test::TemporaryFolder folder;
    std::vector<protocol::SnapshotItem> items;
    LoaderOptions options;
};

TEST_F(Loading, begins_at_the_step_that_it_is_told)
{
    PictureCache cache(items, 1 << 30, {});
    BatchLoader ahead(cache, options), alone(cache, options);
    ahead.startAt(7); // as after a checkpoint, in the second epoch
    for (std::int64_t step = 7; step < 12; ++step) {
        const auto batch = ahead.take();
        ASSERT_TRUE(batch.has_value());
        EXPECT_EQ(batch->step, step);
        EXPECT_EQ(batch->pixels, alone.make(step)->pixels) << step;
    }
}

// One picture under all names: its batches differ by their random numbers alone.
TEST_F(Loading, no_place_of_a_training_repeats_the_augmentation_of_another)
{
    for (auto& item : items) {
        item.path = items[0].path;
        item.boxes = items[0].boxes;
    }
    PictureCache cache(items, 1 << 30, {});
    BatchLoader loader(cache, options);
    const auto first = loader.make(0)->pixels;
    EXPECT_NE(first, loader.make(1)->pixels);
    EXPECT_NE(first, loader.make(loader.stepsPerEpoch())->pixels) << "the same place of the next epoch";
    EXPECT_EQ(first, loader.make(0)->pixels);
}

TEST_F(Loading, what_a_batch_throws_is_thrown_where_it_is_taken)
{
    const auto bad = epochOrder(options.seed, 0, items.size())[5];
    std::ofstream(items[bad].path) << "no picture";
    PictureCache cache(items, 1 << 30, [](const auto&, const auto&) { throw std::bad_alloc(); });
    BatchLoader loader(cache, options);
    loader.startAt(0);
    EXPECT_TRUE(loader.take().has_value());
    EXPECT_THROW(loader.take(), std::bad_alloc);
    EXPECT_THROW(loader.take(), std::bad_alloc);
    loader.startAt(2); // the picture is known as bad now
    EXPECT_TRUE(loader.take().has_value());
}

TEST_F(Loading, a_bad_picture_is_replaced_and_none_left_is_said)
{
    const auto bad = epochOrder(options.seed, 0, items.size())[0];
    std::ofstream(items[bad].path) << "no picture";
    {
        PictureCache cache(items, 1 << 30, {});
        const auto batch = BatchLoader(cache, options).make(0);
        ASSERT_TRUE(batch.has_value());
        EXPECT_EQ(batch->truths.size(), 4u);
    }
    std::filesystem::remove_all(folder / "pictures");
    PictureCache cache(items, 1 << 30, {});
    EXPECT_FALSE(BatchLoader(cache, options).make(0).has_value());
}

}
}
