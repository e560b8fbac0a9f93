// From the hub's memory into the project: the order of the queue, what becomes of a verdict, and what is left alone.
#include "core/services/field_samples.h"
#include "core/fleet/fleet_store.h"
#include "core/media/picture.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_model.h"
#include "tests/support/test_package.h"
#include "tests/support/test_project.h"

#include <fstream>
#include <gmock/gmock.h>

namespace percept::services {
namespace {

namespace fs = std::filesystem;
using domain::ItemState;
using domain::SplitSet;
using testing::HasSubstr;

class FieldSamples : public testing::Test {
protected:
    FieldSamples()
    {
        test::makeSquaresProject(project, folder / "pictures", 3);
        session = ProjectSession::open(project, "test").value();
        name = session->reader().readInfo()->name;
        store = fleet::FleetStore::open(fleet, "test").value();
        store->enrol(store->makeToken("cam-1", "all", 1, 1000).value(), "cam-1", 2).value();
        send({});
    }
    // A picture with a square of its own, and the answers to it.
    std::string send(const std::vector<double>& scores, const std::string& reason = "unsure", const std::string& label = "red", const std::string& package = "")
    {
        const std::string sha(64, package.empty() ? 'f' : package[0]);
        const bool isKnown = store->readPackage(sha).value().has_value();
        EXPECT_TRUE(isKnown || store->writePackage({ sha, 10, package.empty() ? name : package, "1.0", 1, "signer" }, 1).hasValue());
        const int n = ++sent;
        const auto png = media::encodePng(test::testPicture(80, 60, { { n % 60, n / 60, 16, 0 } })).value();
        std::string id = std::to_string(n);
        id = std::string(32 - id.size(), '0') + id;
        protocol::FieldSample sample { std::string(32, 'a'), n, id, timeMs != 0 ? timeMs : 60'000 * n, sha, "1.0", reason, 80, 60, {}, "png", png };
        for (const double score : scores)
            sample.predictions.push_back({ label, score, { 70, 50, 16, 16 } });
        const fleet::Incoming message { "cam-1", sample };
        EXPECT_TRUE(store->ingest({ &message, 1 }, 5000 + n).hasValue());
        return id;
    }
    FieldQueue queue() { return readFieldQueue(session->reader(), fleet).value(); }
    FieldPicture waiting(const std::string& id)
    {
        for (const auto& picture : queue().waiting)
            if (picture.sample.id == id)
                return picture;
        ADD_FAILURE() << id << " does not wait";
        return {};
    }
    domain::Item item(ItemId id) { return session->reader().readItem(id).value().value(); }

    test::TemporaryFolder folder;
    fs::path project = folder / "p.percept", fleet = folder / "fleet";
    std::unique_ptr<ProjectSession> session;
    std::unique_ptr<fleet::FleetStore> store;
    std::string name;
    int sent = 0;
    std::int64_t timeMs = 0; // of what is sent; 0: each a moment of its own
};

TEST_F(FieldSamples, RightBecomesBoxesAndWhatChanceChoseTests)
{
    const auto id = send({ 0.8 }, "random");
    const auto taken = takeFieldSample(*session, waiting(id), FieldVerdict::Right);
    ASSERT_TRUE(taken.hasValue()) << taken.error().message;
    EXPECT_FALSE(taken->wasThere);
    EXPECT_EQ(item(taken->item).set, SplitSet::Test);
    EXPECT_EQ(item(taken->item).state, ItemState::Done);
    const auto boxes = session->reader().readAnnotations(taken->item).value();
    ASSERT_EQ(boxes.size(), 1u);
    EXPECT_EQ(boxes[0].origin, domain::Origin::ProposalAccepted);
    EXPECT_EQ(boxes[0].box, (domain::Box { 70, 50, 10, 10 })) << "clipped to the picture";
    const auto file = session->reader().mediaPath(item(taken->item));
    EXPECT_EQ(file.parent_path(), fs::canonical(project) / "media/field");
    EXPECT_TRUE(media::readPictureInfo(file).hasValue());
}

TEST_F(FieldSamples, WrongIsToBeLabeledAndTeaches)
{
    const auto id = send({ 0.8 }, "edge");
    const auto taken = takeFieldSample(*session, waiting(id), FieldVerdict::Wrong).value();
    EXPECT_EQ(item(taken.item).set, SplitSet::Train);
    EXPECT_EQ(item(taken.item).state, ItemState::ToDo);
    EXPECT_TRUE(session->reader().readAnnotations(taken.item)->empty());
    EXPECT_EQ(session->reader().readFieldSample(taken.item).value()->answers.at(0).label, "red") << "to be shown as a proposal";
}

TEST_F(FieldSamples, AnEmptyOneThatIsRightIsBackground)
{
    const auto taken = takeFieldSample(*session, waiting(send({}, "random")), FieldVerdict::Right).value();
    EXPECT_EQ(item(taken.item).state, ItemState::Done);
    EXPECT_EQ(item(taken.item).boxCount, 0);
}

TEST_F(FieldSamples, OneThatTheProjectHasSaysSoBeforeItIsTaken)
{
    const auto first = waiting(send({ 0.8 }));
    const auto other = send({ 0.7 });
    EXPECT_TRUE(first.sameAs.empty());
    const auto id = send({ 0.8 });
    fs::copy_file(first.file, waiting(id).file, fs::copy_options::overwrite_existing); // the camera stood still
    takeFieldSample(*session, first, FieldVerdict::Right).value();
    const auto twin = waiting(id);
    EXPECT_EQ(twin.sameAs, "cam-1 " + first.file.filename().string());
    EXPECT_TRUE(waiting(other).sameAs.empty());
    EXPECT_EQ(takeFieldSample(*session, twin, FieldVerdict::Right).error().code, base::ErrorCode::Conflict);
    session->call([](dataset::ProjectStore& s) { return s.undo(); }).value();
    EXPECT_TRUE(waiting(id).sameAs.empty()) << "what lies in the trash is not there";
}

TEST_F(FieldSamples, WhatShowsTheMomentOfATestIsSaidToBeKeptOut)
{
    timeMs = 1'000'000;
    const auto chance = waiting(send({ 0.8 }, "random"));
    timeMs += 8000;
    const auto hard = send({ 0.3 });
    timeMs += 8000;
    const auto next = send({ 0.2 });
    timeMs += 11'000;
    const auto later = send({ 0.1 });
    EXPECT_FALSE(waiting(hard).isBesideTest);
    EXPECT_EQ(takeFieldSample(*session, chance, FieldVerdict::Right)->set, SplitSet::Test);
    EXPECT_TRUE(waiting(hard).isBesideTest);
    EXPECT_FALSE(waiting(next).isBesideTest) << "16 s after it, and nothing between them was taken";
    EXPECT_FALSE(waiting(later).isBesideTest);
    EXPECT_EQ(takeFieldSample(*session, waiting(hard), FieldVerdict::Wrong)->set, SplitSet::Reserve);
    EXPECT_TRUE(waiting(next).isBesideTest) << "there is now";
    EXPECT_EQ(takeFieldSample(*session, waiting(later), FieldVerdict::Wrong)->set, SplitSet::Train);
}

TEST_F(FieldSamples, WhatIsSaidToBeKeptOutEndsWithTheMinuteAsTheStoreEndsIt)
{
    timeMs = 1'000'000;
    takeFieldSample(*session, waiting(send({ 0.8 }, "random")), FieldVerdict::Right).value();
    for (int i = 1; i <= 8; ++i) {
        timeMs += 8000;
        const auto hard = waiting(send({ 0.3 }));
        EXPECT_EQ(hard.isBesideTest, i < 8) << i;
        EXPECT_EQ(takeFieldSample(*session, hard, FieldVerdict::Wrong)->set, i < 8 ? SplitSet::Reserve : SplitSet::Train) << i;
    }
}

TEST_F(FieldSamples, APictureThatTestsSetsItsNeighboursAside)
{
    timeMs = 1'000'000;
    const auto hard = takeFieldSample(*session, waiting(send({ 0.3 })), FieldVerdict::Wrong).value();
    EXPECT_EQ(hard.set, SplitSet::Train);
    EXPECT_EQ(hard.setAside, 0);
    timeMs += 5000;
    EXPECT_EQ(takeFieldSample(*session, waiting(send({ 0.8 }, "random")), FieldVerdict::Right)->setAside, 1);
    EXPECT_EQ(item(hard.item).set, SplitSet::Reserve);
}

TEST_F(FieldSamples, OnceOnlyAndBackInTheQueueAfterUndo)
{
    const auto picture = waiting(send({ 0.8 }));
    const auto first = takeFieldSample(*session, picture, FieldVerdict::Right).value();
    const auto again = takeFieldSample(*session, picture, FieldVerdict::Wrong).value();
    EXPECT_TRUE(again.wasThere);
    EXPECT_EQ(again.item, first.item);
    EXPECT_EQ(item(first.item).state, ItemState::Done);
    EXPECT_EQ(queue().waiting.size(), 1u); // the one of the beginning
    EXPECT_EQ(queue().taken, 1);
    session->call([](dataset::ProjectStore& s) { return s.undo(); }).value();
    EXPECT_EQ(queue().waiting.size(), 2u);
    EXPECT_EQ(queue().taken, 0);
}

TEST_F(FieldSamples, TheLeastSureComeFirstAndEveryTenthIsOfChance)
{
    for (int i = 0; i < 25; ++i)
        send({ 0.9, 0.5 + 0.01 * i });
    const auto chance = send({ 0.1 }, "random"), second = send({ 0.01 }, "random");
    const auto waiting = queue().waiting;
    ASSERT_EQ(waiting.size(), 28u); // with the one without an answer
    EXPECT_EQ(queue().random, 2);
    EXPECT_EQ(waiting[0].sample.id, chance) << "in the order in which they came, whatever their score";
    EXPECT_TRUE(waiting[1].sample.answers.empty());
    EXPECT_DOUBLE_EQ(waiting[2].sample.answers.at(1).score, 0.5);
    EXPECT_EQ(waiting[10].sample.id, second);
    EXPECT_EQ(std::count_if(waiting.begin() + 11, waiting.end(), [](const auto& p) { return p.sample.isRandom(); }), 0);
}

TEST_F(FieldSamples, IgnoredOnesAndThoseOfOtherProjectsDoNotWait)
{
    const auto ignored = send({ 0.8 });
    send({ 0.7 }, "edge", "red", "other project");
    ASSERT_TRUE(store->markSample(ignored, fleet::SampleState::Ignored).hasValue());
    EXPECT_EQ(queue().waiting.size(), 1u);
    EXPECT_EQ(queue().ignored, 1);
    ASSERT_TRUE(store->markSample(ignored, fleet::SampleState::Waiting).hasValue());
    EXPECT_EQ(queue().waiting.size(), 2u);
    EXPECT_EQ(store->markSample(std::string(32, 'c'), fleet::SampleState::Ignored).error().code, base::ErrorCode::NotFound);
    EXPECT_TRUE(readFieldQueue(session->reader(), folder / "no fleet")->waiting.empty());
}

// They would be labeled here, and test a model that never saw such pictures.
TEST_F(FieldSamples, ThoseOfAnotherProjectOfTheSameNameDoNotWait)
{
    send({ 0.8 });
    EXPECT_EQ(queue().waiting.size(), 2u);
    ASSERT_TRUE(test::makeTestPackage(fleet / "packages" / (std::string(64, 'f') + ".ppkg")).hasValue()); // it lies in no project of ours
    EXPECT_EQ(queue().waiting.size(), 0u);
}

// However many came since, of other projects or ignored: what waits is found, page by page.
TEST_F(FieldSamples, OldPicturesWaitBehindAnyNumberOfOthers)
{
    const auto old = send({ 0.8 }), older = queue().waiting.front().sample.id;
    for (int i = 0; i < 7; ++i)
        send({ 0.7 }, "edge", "red", "other project");
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(store->markSample(send({ 0.7 }), fleet::SampleState::Ignored).hasValue());
    const auto read = [&](FieldQueueLimits limits) { return readFieldQueue(session->reader(), fleet, limits).value(); };
    for (const std::int64_t page : { 1, 2, 3 }) {
        EXPECT_EQ(read({ 20'000, page }).waiting.size(), 2u) << page;
        EXPECT_EQ(read({ 20'000, page }).ignored, 5) << page;
        EXPECT_FALSE(read({ 20'000, page }).hasMore);
        EXPECT_FALSE(read({ 2, page }).hasMore);
    }
    const auto newest = read({ 1, 2 });
    ASSERT_EQ(newest.waiting.size(), 1u);
    EXPECT_EQ(newest.waiting.front().sample.id, old);
    EXPECT_TRUE(newest.hasMore);
    takeFieldSample(*session, waiting(old), FieldVerdict::Right).value();
    EXPECT_EQ(read({ 1, 2 }).waiting.front().sample.id, older) << "the place is free";
}

TEST_F(FieldSamples, WhatCannotBeTakenSaysWhyAndChangesNothing)
{
    const auto before = session->reader().readCounts()->items;
    const auto unknown = waiting(send({ 0.8 }, "edge", "zebra"));
    const auto refused = takeFieldSample(*session, unknown, FieldVerdict::Right);
    ASSERT_TRUE(refused.hasError());
    EXPECT_THAT(refused.error().message, HasSubstr("zebra"));
    const auto broken = waiting(send({ 0.8 }));
    std::ofstream(broken.file) << "no picture";
    EXPECT_TRUE(takeFieldSample(*session, broken, FieldVerdict::Wrong).hasError());
    EXPECT_EQ(session->reader().readCounts()->items, before);
    EXPECT_TRUE(takeFieldSample(*session, unknown, FieldVerdict::Wrong).hasValue());
}

}
}
