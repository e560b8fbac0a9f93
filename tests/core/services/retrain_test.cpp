#include "core/services/retrain.h"
#include "tests/core/services/loop_fixture.h"

#include <fstream>
#include <gmock/gmock.h>

namespace percept::services {
namespace {

using testing::HasSubstr;

struct Retrain : Loop {
    void package()
    {
        ASSERT_TRUE(finish().hasValue());
        ASSERT_TRUE(packageRun(*session, run, {}, {}, {}).hasValue());
    }
    RetrainAdvice advise() { return adviseRetraining(session->reader()).value().value(); }
    void correctAllTrainingPictures()
    {
        std::vector<dataset::Edit> edits;
        dataset::ItemFilter filter;
        filter.sets = { SplitSet::Train };
        const auto items = session->reader().readItemIds(filter).value();
        for (const auto item : items) {
            auto boxes = session->reader().readAnnotations(item).value();
            if (boxes.empty())
                continue;
            boxes[0].box.w += 1;
            edits.push_back(dataset::UpdateAnnotation { boxes[0] });
        }
        ASSERT_TRUE(session->call([&](dataset::ProjectStore& store) { return store.apply(edits, "Corrected"); }).hasValue());
    }
    void gatherFinished(int pictures)
    {
        ASSERT_TRUE(session->call([&](dataset::ProjectStore& store) -> base::Result<dataset::ImportTotals> {
            PERCEPT_ASSIGN(batch, store.beginImport("More"));
            std::vector<dataset::ImportItem> items(pictures);
            for (int i = 0; i < pictures; ++i) {
                items[i].name = "new" + std::to_string(i) + ".png";
                items[i].file = folder / items[i].name;
                std::ofstream(items[i].file) << i;
                items[i].sizeBytes = 1;
                items[i].width = items[i].height = 50;
                items[i].labeled = true;
            }
            PERCEPT_TRY(store.addToImport(batch, items));
            return store.finishImport(batch);
        }).hasValue());
    }
};

TEST_F(Retrain, without_a_version_there_is_nothing_to_compare_with)
{
    EXPECT_FALSE(adviseRetraining(session->reader())->has_value());
}

TEST_F(Retrain, is_proposed_when_enough_is_new)
{
    package();
    EXPECT_EQ(advise().trainedOn, 10);
    EXPECT_EQ(advise().fresh(), 0);
    EXPECT_EQ(inWords(advise()), "");
    correctAllTrainingPictures(); // nine: one shows nothing
    EXPECT_EQ(advise().changed, 9);
    EXPECT_FALSE(advise().isDue) << "nine are fewer than twenty";
    EXPECT_THAT(inWords(advise()), HasSubstr("9 pictures corrected (it learned from 10)."));
    gatherFinished(10);
    EXPECT_FALSE(advise().isDue);
    gatherFinished(11); // ten of them are there already
    EXPECT_EQ(advise().added, 11);
    EXPECT_TRUE(advise().isDue);
    EXPECT_THAT(inWords(advise()), HasSubstr("Since version 1.0: 11 pictures labeled, 9 pictures corrected"));
    EXPECT_THAT(inWords(advise()), HasSubstr("Time to train again."));
}

TEST_F(Retrain, a_run_that_is_gone_is_named)
{
    package();
    fs::remove_all(runFolder());
    EXPECT_EQ(adviseRetraining(session->reader()).error().code, base::ErrorCode::NotFound);
}

}
}
