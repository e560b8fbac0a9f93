// Pictures that were moved are found again by place, size and content, and never taken for others.
#include "core/services/loop.h"
#include "core/runs/run_store.h"
#include "core/services/relink_media.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_project.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

namespace percept::services {
namespace {

namespace fs = std::filesystem;

class RelinkTest : public testing::Test {
protected:
    void SetUp() override
    {
        test::makeSquaresProject(m_folder / "s.percept", m_folder / "pictures", 12);
        m_session = ProjectSession::open(m_folder / "s.percept", "test").value();
        m_ids = reader().readItemIds({}).value();
    }
    dataset::ProjectReader& reader() { return m_session->reader(); }
    fs::path place(std::size_t index) { return reader().mediaPath(**reader().readItem(m_ids[index])); }
    std::size_t missing() { return findMissingMedia(reader())->items.size(); }
    base::Result<RelinkReport> relink(const fs::path& folder, const base::CancelToken& cancel = {}) { return relinkMedia(*m_session, folder, {}, cancel); }
    static void write(const fs::path& file, const std::string& text)
    {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<ProjectSession> m_session;
    std::vector<ItemId> m_ids;
};

}

TEST_F(RelinkTest, WhatWasFrozenBeforeIsReadFromTheNewPlace)
{
    const std::string run = prepareRun(*m_session, {}).value();
    const auto folder = runs::runFolder(m_session->folder(), run);
    const auto pathsOf = [&] {
        std::set<std::string> paths;
        std::ifstream lines(folder / "snapshot" / "items.jsonl");
        for (std::string line; std::getline(lines, line);)
            paths.insert(nlohmann::json::parse(line).at("path").get<std::string>());
        return paths;
    };
    const auto before = pathsOf();
    EXPECT_EQ(findMovedPictures(reader(), folder).value(), 0);
    EXPECT_EQ(pathsOf(), before);
    fs::create_directories(m_folder / "disk");
    fs::rename(m_folder / "pictures", m_folder / "disk" / "moved");
    ASSERT_EQ(relink(m_folder / "disk")->found, 12);

    const auto versions = reader().readVersions();
    const auto frozenItems = reader().readVersionItems(versions->back().id, std::nullopt);
    for (const auto& frozen : *frozenItems)
        EXPECT_TRUE(fs::is_regular_file(reader().mediaPath(frozen.item))) << frozen.item.path;
    EXPECT_EQ(findMovedPictures(reader(), folder).value(), static_cast<int>(before.size()));
    for (const std::string& path : pathsOf())
        EXPECT_TRUE(fs::is_regular_file(path)) << path;
    EXPECT_EQ(pathsOf().size(), before.size());
}

TEST_F(RelinkTest, AMovedFolderIsFoundAndTheWayBackIsKept)
{
    EXPECT_EQ(missing(), 0u);
    const auto boxes = reader().readCounts()->boxes;
    const auto steps = reader().readHistory(100)->size();
    fs::create_directories(m_folder / "disk");
    fs::rename(m_folder / "pictures", m_folder / "disk" / "moved");
    const auto lost = findMissingMedia(reader());
    EXPECT_EQ(lost->items, m_ids);
    EXPECT_EQ(lost->folder, fs::weakly_canonical(m_folder.path()) / "pictures");

    const auto report = relink(m_folder / "disk");
    ASSERT_TRUE(report.hasValue()) << report.error().message;
    EXPECT_EQ(report->missing, 12);
    EXPECT_EQ(report->found, 12);
    EXPECT_EQ(missing(), 0u);
    EXPECT_EQ(place(3), fs::weakly_canonical(m_folder / "disk/moved/p3.png"));
    EXPECT_EQ(reader().readCounts()->boxes, boxes);
    EXPECT_EQ(reader().readHistory(100)->size(), steps) << "no step";
    const auto back = moveMedia(*m_session, report->before);
    ASSERT_TRUE(back.hasValue());
    EXPECT_EQ(back->size(), 12u);
    EXPECT_EQ(missing(), 12u);
}

// Whatever is called alike and is as large: content decides, or the place where the content is not known.
TEST_F(RelinkTest, AnotherPictureOfThatNameIsNotTaken)
{
    const auto size = fs::file_size(place(5));
    const fs::path five = m_folder / "away" / "p5.png";
    fs::create_directories(five.parent_path());
    fs::rename(place(5), five);
    write(m_folder / "other/pictures/p5.png", std::string(size, 'x'));
    auto report = relink(m_folder / "other");
    ASSERT_TRUE(report.hasValue());
    EXPECT_EQ(report->found, 0);
    EXPECT_EQ(report->changed, 1);
    EXPECT_EQ(missing(), 1u);
    report = relink(m_folder.path()); // both are there
    EXPECT_EQ(report->found, 1);
    EXPECT_EQ(place(5), fs::weakly_canonical(five));
}

TEST_F(RelinkTest, WithoutAHashThePlaceTells)
{
    const auto batch = m_session->call([&](dataset::ProjectStore& store) { return store.beginImport("More"); });
    std::vector<dataset::ImportItem> items;
    for (const char* name : { "a/x.png", "b/x.png" }) {
        write(m_folder / "late" / name, "12345678");
        dataset::ImportItem item;
        item.file = m_folder / "late" / name;
        item.name = "x.png";
        item.sizeBytes = 8;
        items.push_back(item);
    }
    ASSERT_TRUE(m_session->call([&](dataset::ProjectStore& store) { return store.addToImport(*batch, items); }).hasValue());
    ASSERT_TRUE(m_session->call([&](dataset::ProjectStore& store) { return store.finishImport(*batch); }).hasValue());
    fs::rename(m_folder / "late", m_folder / "later");
    ASSERT_EQ(missing(), 2u);
    auto report = relink(m_folder / "later/b"); // one file for two: the place is that of the second
    ASSERT_TRUE(report.hasValue());
    EXPECT_EQ(report->found, 1);
    report = relink(m_folder / "later");
    EXPECT_EQ(missing(), 0u);
    m_ids = reader().readItemIds({}).value();
    EXPECT_EQ(place(12), fs::weakly_canonical(m_folder / "later/a/x.png"));
    EXPECT_EQ(place(13), fs::weakly_canonical(m_folder / "later/b/x.png"));
}

TEST_F(RelinkTest, ACancelledSearchChangesNothing)
{
    fs::rename(m_folder / "pictures", m_folder / "moved");
    base::CancelToken cancel;
    cancel.cancel();
    EXPECT_EQ(relink(m_folder / "moved", cancel).error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(missing(), 12u);
    EXPECT_EQ(relink(m_folder / "nowhere").error().code, base::ErrorCode::Failed);
}

}
