#include "core/media/picture.h"
#include "core/services/loop.h"
#include "core/services/sample_scene.h"
#include "tests/core/media/fixtures.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>

namespace percept::services {

using domain::SplitSet;
using media::test::TemporaryFolder;

TEST(Sample, TheSameSeedDrawsTheSameScene)
{
    const SampleScene a = drawSampleScene(1, 5), b = drawSampleScene(1, 5), c = drawSampleScene(2, 5);
    EXPECT_EQ(cv::norm(a.rgb, b.rgb, cv::NORM_INF), 0);
    EXPECT_GT(cv::norm(a.rgb, c.rgb, cv::NORM_INF), 0);
    ASSERT_EQ(a.parts.size(), b.parts.size());
    for (std::size_t i = 0; i < a.parts.size(); ++i)
        EXPECT_EQ(a.parts[i].box, b.parts[i].box);
}

TEST(Sample, BoxesLieInThePictureAndHaveArea)
{
    std::map<std::string, int> labels;
    int occluded = 0;
    for (std::uint64_t i = 0; i < 20; ++i) {
        const SampleScene scene = drawSampleScene(3, i);
        EXPECT_GE(scene.parts.size(), 2u);
        for (const SamplePart& part : scene.parts) {
            ++labels[part.label];
            occluded += part.isOccluded ? 1 : 0;
            EXPECT_GE(part.box.w, 8);
            EXPECT_GE(part.box.h, 8);
            EXPECT_EQ(domain::clipped(part.box, 480, 360), part.box);
            const bool touchesEdge = part.box.x == 0 || part.box.y == 0 || part.box.right() == 480 || part.box.bottom() == 360;
            EXPECT_TRUE(touchesEdge || !part.isTruncated || part.isOccluded);
        }
    }
    EXPECT_EQ(labels.size(), 4u);
    EXPECT_GT(occluded, 3); // overlaps do happen
}

TEST(Sample, MakesAProjectThatIsReadyToTrain)
{
    const TemporaryFolder folder;
    const auto project = folder.path() / "sample.percept";
    const auto made = makeSample(project, domain::Task::Detection, 10, 0, {});
    ASSERT_TRUE(made.hasValue()) << made.error().message;
    const auto reader = dataset::ProjectReader::open(project);
    ASSERT_TRUE(reader.hasValue());
    const auto counts = (*reader)->readCounts();
    EXPECT_EQ(counts->items, 10);
    EXPECT_EQ(counts->byState.at(domain::ItemState::Done), 10);
    EXPECT_EQ(counts->bySet.at(SplitSet::Train), 6);
    EXPECT_EQ(counts->bySet.at(SplitSet::Validation), 2);
    EXPECT_EQ(counts->bySet.at(SplitSet::Test), 2);
    EXPECT_GT(counts->boxes, 30);
    const auto labels = (*reader)->readLabels();
    EXPECT_EQ(labels->size(), 4u);
    const auto items = (*reader)->readItems({}, {}, 100);
    for (const domain::Item& item : *items) {
        EXPECT_EQ(item.path, "media/" + item.name); // moves with the project
        const auto picture = media::decodePicture((*reader)->mediaPath(item));
        ASSERT_TRUE(picture.hasValue()) << picture.error().message;
        EXPECT_EQ(picture->size(), cv::Size(480, 360));
    }
}

TEST(Sample, RefusesWhatItCannotDraw)
{
    const TemporaryFolder folder;
    EXPECT_EQ(makeSample(folder.path() / "a.percept", domain::Task::SoundEvents, 10, 0, {}).error().code, base::ErrorCode::Usage);
    EXPECT_EQ(makeSample(folder.path() / "a.percept", domain::Task::Detection, 0, 0, {}).error().code, base::ErrorCode::Usage);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.percept"));
}

}
