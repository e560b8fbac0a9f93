#include "core/base/random.h"
#include "core/interchange/writer.h"
#include "tests/core/interchange/set_fixture.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

namespace percept::interchange {

using namespace test;
using domain::SplitSet;
using testing::HasSubstr;

namespace {

// A project of random boxes on small pictures, with names and labels that formats trip over.
class ExportTest : public testing::TestWithParam<std::string> {
protected:
    void fill(std::uint64_t seed)
    {
        base::Random random(seed);
        m_store = std::move(dataset::ProjectStore::create(m_folder.path() / "p.percept", "p", domain::Task::Detection, {})).value();
        const auto batch = m_store->beginImport("Import");
        ASSERT_TRUE(batch.hasValue());
        const char* const names[] = { "a.png", "sub/a.png", "A.png", "b & <c>.png", "\"quoted\".png", "ünï.png", "d.x.png", "e.png" };
        std::vector<dataset::ImportItem> items;
        for (const char* name : names) {
            dataset::ImportItem item;
            item.width = 40 + static_cast<int>(random.below(30));
            item.height = 40 + static_cast<int>(random.below(30));
            m_folder.picture("media/" + std::string(name), item.width, item.height);
            item.file = m_folder.path() / "media" / name;
            item.set = static_cast<SplitSet>(random.below(5));
            item.labeled = true;
            for (std::uint64_t i = random.below(6); i > 0; --i)
                item.boxes.push_back(randomBox(random, item.width, item.height));
            items.push_back(item);
        }
        ASSERT_TRUE(m_store->addToImport(*batch, items).hasValue());
        ASSERT_TRUE(m_store->finishImport(*batch).hasValue());
    }

    static dataset::ImportBox randomBox(base::Random& random, int width, int height)
    {
        static const char* const kLabels[] = { "cat", "a < b & \"c\"", "größer", "'); DROP TABLE a;--", "no" };
        domain::Box box = domain::boxFromCorners(random.uniform(0, width), random.uniform(0, height), random.uniform(0, width), random.uniform(0, height));
        if (random.below(3) == 0)
            box = { std::floor(box.x), std::floor(box.y), width - std::floor(box.x), height - std::floor(box.y) };
        if (random.below(8) == 0)
            box.w = 0;
        const auto flag = [&] { return random.below(4) == 0; };
        return { kLabels[random.below(std::size(kLabels))], box, { .occluded = flag(), .truncated = flag(), .crowd = flag(), .difficult = flag() } };
    }

    // Where an export that is not complete is written.
    std::filesystem::path underWay() const
    {
        for (const auto& entry : std::filesystem::directory_iterator(m_folder.path()))
            if (entry.path().filename().string().starts_with("percept-export-"))
                return entry.path();
        return {};
    }

    SetFolder m_folder;
    std::unique_ptr<dataset::ProjectStore> m_store;
};

class VocExport : public ExportTest { };
class CocoExport : public ExportTest { };

}

TEST_P(ExportTest, ComesBackTheSame)
{
    fill(GetParam() == "voc" ? 1 : 2);
    const auto counts = m_store->readCounts();
    const Writer* writer = findWriter(GetParam());
    ASSERT_NE(writer, nullptr);
    // write() reads back and compares by itself; here the counts are compared once more, by an import into another project.
    const auto outcome = writer->write({ *m_store, m_folder.path() / "out", {}, {} });
    ASSERT_TRUE(outcome.hasValue()) << outcome.error().message;
    EXPECT_EQ(outcome->items, 8);
    EXPECT_EQ(outcome->annotations, counts->boxes);
    EXPECT_EQ(*detectFormat(m_folder.path() / "out"), GetParam());
    const ReadBack back = readSet(GetParam(), m_folder.path() / "out");
    ASSERT_FALSE(back.isRefused) << back.error.message;
    std::int64_t boxes = 0;
    std::map<SplitSet, std::int64_t> sets;
    for (const auto& [name, item] : back.items) {
        boxes += static_cast<std::int64_t>(item.boxes.size());
        ++sets[item.set];
    }
    EXPECT_EQ(back.items.size(), 8u);
    EXPECT_EQ(boxes, counts->boxes);
    for (const auto& [set, n] : sets)
        EXPECT_EQ(n, counts->bySet.at(set));
}

TEST_P(ExportTest, RandomProjectsComeBackTheSame)
{
    for (std::uint64_t seed = 10; seed < 16; ++seed) {
        fill(seed);
        const auto outcome = findWriter(GetParam())->write({ *m_store, m_folder.path() / "out", {}, {} });
        ASSERT_TRUE(outcome.hasValue()) << seed << ": " << outcome.error().message;
        m_store.reset();
        for (const char* part : { "out", "p.percept", "media" })
            std::filesystem::remove_all(m_folder.path() / part);
    }
}

TEST_P(ExportTest, NothingIsOverwrittenAndFailuresLeaveNothing)
{
    fill(3);
    m_folder.write("full/mine.txt", std::string("mine"));
    const auto taken = findWriter(GetParam())->write({ *m_store, m_folder.path() / "full", {}, {} });
    EXPECT_EQ(taken.error().code, base::ErrorCode::Usage);
    EXPECT_TRUE(std::filesystem::exists(m_folder.path() / "full/mine.txt"));
    base::CancelToken cancel;
    cancel.cancel();
    EXPECT_EQ(findWriter(GetParam())->write({ *m_store, m_folder.path() / "new", {}, cancel }).error().code, base::ErrorCode::Cancelled);
    EXPECT_FALSE(std::filesystem::exists(m_folder.path() / "new"));
}

TEST_P(ExportTest, SaysWhatWasLeftOut)
{
    fill(4);
    const auto items = m_store->readItems({}, {}, 100);
    std::filesystem::remove(m_store->mediaPath(items->at(0)));
    const dataset::Edit edit = dataset::SetItemState { items->at(1).id, domain::ItemState::ToDo };
    ASSERT_TRUE(m_store->apply(std::span(&edit, 1), "Not done").hasValue());
    const auto outcome = findWriter(GetParam())->write({ *m_store, m_folder.path() / "out", {}, {} });
    ASSERT_TRUE(outcome.hasValue()) << outcome.error().message;
    EXPECT_EQ(outcome->items, 6);
    EXPECT_EQ(outcome->problems.total(), 2);
    EXPECT_THAT(outcome->problems.listed().back().what, HasSubstr("1 picture that is not done was left out"));
}

TEST_P(ExportTest, ABoxOutsideOfItsPictureIsNamedAndTheRestExported)
{
    fill(5);
    const auto items = m_store->readItems({}, {}, 1);
    domain::Annotation outside;
    outside.item = items->front().id;
    outside.label = m_store->readLabels()->front().id;
    outside.box = { 500, 500, 10, 10 };
    const dataset::Edit edit = dataset::AddAnnotation { outside };
    ASSERT_TRUE(m_store->apply(std::span(&edit, 1), "Drew").hasValue());
    const auto outcome = findWriter(GetParam())->write({ *m_store, m_folder.path() / "out", {}, {} });
    ASSERT_TRUE(outcome.hasValue()) << outcome.error().message;
    EXPECT_EQ(outcome->items, 8);
    EXPECT_THAT(outcome->problems.listed().front().what, HasSubstr("lies outside of " + items->front().name));
}

// As if the disk gave back other bytes than were written.
TEST_P(VocExport, WhatReadsBackOtherwiseIsNotExported)
{
    fill(1);
    const auto out = m_folder.path() / "out";
    const auto spoil = [&](const base::Progress& progress) {
        if (progress.what != "Reading annotations")
            return;
        for (const auto& entry : std::filesystem::directory_iterator(underWay() / "Annotations")) {
            std::ifstream in(entry.path());
            std::string text((std::istreambuf_iterator<char>(in)), {});
            if (const auto at = text.find("<name>"); at != std::string::npos)
                std::ofstream(entry.path()) << text.insert(at + 6, "not ");
        }
    };
    const auto outcome = findWriter("voc")->write({ *m_store, out, spoil, {} });
    ASSERT_TRUE(outcome.hasError());
    EXPECT_EQ(outcome.error().code, base::ErrorCode::Failed);
    EXPECT_THAT(outcome.error().message, HasSubstr("came back with other boxes"));
    EXPECT_FALSE(std::filesystem::exists(out));
}

// Some readers take 0 for "none", others for the background.
TEST_P(CocoExport, EveryIdStartsAtOne)
{
    fill(2);
    ASSERT_TRUE(findWriter("coco")->write({ *m_store, m_folder.path() / "out", {}, {} }).hasValue());
    int annotations = 0;
    for (const auto& entry : std::filesystem::directory_iterator(m_folder.path() / "out/annotations")) {
        std::ifstream in(entry.path());
        const auto set = nlohmann::json::parse(in);
        for (const char* list : { "images", "annotations", "categories" })
            for (const auto& one : set[list])
                EXPECT_GE(one["id"].get<int>(), 1) << list;
        for (const auto& one : set["annotations"]) {
            EXPECT_GE(std::min(one["image_id"].get<int>(), one["category_id"].get<int>()), 1);
            ++annotations;
        }
    }
    EXPECT_GT(annotations, 0);
}

// A killed export leaves nothing under its name: until the read-back is done, nothing is there.
TEST_P(ExportTest, AppearsUnderItsNameOnlyWhenItIsComplete)
{
    fill(5);
    const auto out = m_folder.path() / "out";
    bool wasEarly = false;
    std::int64_t calls = 0;
    const auto look = [&](const base::Progress&) {
        ++calls;
        wasEarly = wasEarly || std::filesystem::exists(out);
    };
    const auto outcome = findWriter(GetParam())->write({ *m_store, out, look, {} });
    ASSERT_TRUE(outcome.hasValue()) << outcome.error().message;
    EXPECT_GT(calls, 8);
    EXPECT_FALSE(wasEarly);
    EXPECT_TRUE(std::filesystem::exists(out));
    std::set<std::string> beside;
    for (const auto& entry : std::filesystem::directory_iterator(m_folder.path()))
        beside.insert(entry.path().filename().string());
    EXPECT_EQ(beside, (std::set<std::string> { "media", "out", "p.percept" }));
}

TEST_P(ExportTest, AnEmptyFolderAndALinkToOneAreFilled)
{
    fill(6);
    std::filesystem::create_directory(m_folder.path() / "empty");
    std::filesystem::create_directory_symlink("empty", m_folder.path() / "link");
    const auto outcome = findWriter(GetParam())->write({ *m_store, m_folder.path() / "link", {}, {} });
    ASSERT_TRUE(outcome.hasValue()) << outcome.error().message;
    EXPECT_TRUE(std::filesystem::is_symlink(m_folder.path() / "link"));
    EXPECT_FALSE(std::filesystem::is_empty(m_folder.path() / "empty"));
    const auto slash = findWriter(GetParam())->write({ *m_store, m_folder.path() / "new/below/", {}, {} });
    ASSERT_TRUE(slash.hasValue()) << slash.error().message;
    EXPECT_FALSE(std::filesystem::is_empty(m_folder.path() / "new/below"));
}

TEST_P(ExportTest, AFailedExportLeavesALinkAlone)
{
    fill(7);
    std::filesystem::create_symlink("loop", m_folder.path() / "loop");
    std::filesystem::create_symlink("nowhere", m_folder.path() / "dangling");
    for (const char* name : { "loop", "dangling" }) {
        EXPECT_EQ(findWriter(GetParam())->write({ *m_store, m_folder.path() / name, {}, {} }).error().code, base::ErrorCode::Usage);
        EXPECT_TRUE(std::filesystem::is_symlink(m_folder.path() / name));
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, ExportTest, testing::Values("voc", "coco"));
INSTANTIATE_TEST_SUITE_P(Formats, VocExport, testing::Values("voc"));
INSTANTIATE_TEST_SUITE_P(Formats, CocoExport, testing::Values("coco"));

}
