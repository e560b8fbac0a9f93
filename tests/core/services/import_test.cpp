#include "core/base/hash.h"
#include "core/services/loop.h"
#include "core/services/picture_hashes.h"
#include "tests/core/interchange/set_fixture.h"
#include "tests/support/real_data.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace percept::services {

using domain::SplitSet;
using interchange::test::SetFolder;
using interchange::test::vocObject;
using interchange::test::vocXml;
using testing::HasSubstr;

namespace {

class ImportTest : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(dataset::ProjectStore::create(project(), "p", domain::Task::Detection, { "kept" }).hasValue());
        auto opened = ProjectSession::open(project(), "import_test");
        ASSERT_TRUE(opened.hasValue()) << opened.error().message;
        m_session = std::move(opened).value();
    }
    std::filesystem::path project() const { return m_folder.path() / "p.percept"; }
    base::Result<ImportReport> import(const std::filesystem::path& path, const base::CancelToken& cancel = {})
    {
        return importData(*m_session, { .path = path, .format = "auto", .mediaFolder = {}, .set = m_set }, {}, cancel);
    }
    void reopen()
    {
        m_session.reset();
        m_session = ProjectSession::open(project(), "import_test").value();
    }
    std::vector<std::string> hashes()
    {
        std::vector<std::string> all;
        const auto items = m_session->reader().readItems({}, {}, 10);
        for (const auto& item : items.value())
            all.push_back(item.contentHash);
        return all;
    }
    static bool eventually(const std::function<bool()>& isSo)
    {
        for (int i = 0; i < 500 && !isSo(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return isSo();
    }
    // Everything that a failed import could leave behind.
    std::string state()
    {
        const auto counts = m_session->reader().readCounts();
        return std::to_string(counts->items) + "/" + std::to_string(counts->boxes) + "/"
            + std::to_string(m_session->reader().readLabels()->size()) + "/" + std::to_string(m_session->reader().readRevision().value()) + "/"
            + std::to_string(m_session->reader().readHistory(100)->size());
    }
    void smallSet(const std::string& prolog = {})
    {
        for (const char* name : { "a", "b" }) {
            m_source.picture("JPEGImages/" + std::string(name) + ".png", name[0] - 'a' + 50, 48);
            m_source.write("Annotations/" + std::string(name) + ".xml",
                (name[0] == 'b' ? prolog : std::string()) + vocXml(std::string(name) + ".png", vocObject("new", "0", "1", "5", "5"), 0, 0));
        }
        m_source.write("ImageSets/Main/test.txt", std::string("a\n"));
    }

    SetFolder m_folder, m_source;
    std::optional<SplitSet> m_set;
    std::unique_ptr<ProjectSession> m_session;
};

}

TEST_F(ImportTest, BringsItemsBoxesAndSplit)
{
    smallSet();
    const auto report = import(m_source.path());
    ASSERT_TRUE(report.hasValue()) << report.error().message;
    EXPECT_EQ(report->format, "voc");
    EXPECT_EQ(report->totals.newItems, 2);
    EXPECT_EQ(report->totals.annotations, 2);
    const auto counts = m_session->reader().readCounts();
    EXPECT_EQ(counts->items, 2);
    EXPECT_EQ(counts->byState.at(domain::ItemState::Done), 2);
    EXPECT_EQ(counts->bySet.at(SplitSet::Test), 1);
    const auto items = m_session->reader().readItems({}, {}, 10);
    const auto boxes = m_session->reader().readAnnotations(items->front().id);
    ASSERT_EQ(boxes->size(), 1u);
    EXPECT_EQ(boxes->front().origin, domain::Origin::Imported);
    EXPECT_EQ(items->front().contentHash, "") << "read later";
}

TEST_F(ImportTest, HashesAreReadAfterIt)
{
    smallSet();
    m_source.picture("JPEGImages/a2.png", 50, 48); // the bytes of a.png
    m_source.write("Annotations/a2.xml", vocXml("a2.png", ""));
    ASSERT_TRUE(import(m_source.path()).hasValue());
    EXPECT_EQ(hashes(), std::vector<std::string>(3));
    const auto unread = checkProject(project(), {});
    ASSERT_EQ(unread->size(), 1u);
    EXPECT_FALSE(unread->at(0).isError);
    EXPECT_THAT(unread->at(0).what, HasSubstr("3 pictures were not read as a whole yet"));
    base::CancelToken cancelled;
    cancelled.cancel();
    EXPECT_EQ(readMissingHashes(*m_session, m_session->reader(), {}, {}, cancelled).error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(readMissingHashes(*m_session, m_session->reader(), {}, {}, {})->read, 3);
    EXPECT_TRUE(checkProject(project(), {})->empty());
    const auto items = m_session->reader().readItems({}, {}, 10).value();
    for (const auto& item : items)
        EXPECT_EQ(item.contentHash, base::sha256OfFile(m_session->reader().mediaPath(item)).value());
    EXPECT_EQ(items[0].group, items[1].group) << "equal bytes";
    EXPECT_NE(items[0].group, items[2].group);
    EXPECT_EQ(readMissingHashes(*m_session, m_session->reader(), {}, {}, {})->read, 0);
    const auto again = import(m_source.path());
    EXPECT_EQ(again->totals.newItems, 0);
    EXPECT_EQ(again->totals.annotations, 0);
}

TEST_F(ImportTest, HashesFollowInTheBackgroundAndAfterARestart)
{
    smallSet();
    ASSERT_TRUE(import(m_source.path()).hasValue());
    const auto missing = [this] { return m_session->reader().readFact(dataset::kMissingHashesFact)->value_or(""); };
    EXPECT_NE(missing(), "");
    reopen(); // before it had begun
    EXPECT_NE(missing(), "");
    {
        HashKeeper keeper(*m_session, 0);
        EXPECT_TRUE(eventually([&] { return missing().empty(); }));
    }
    for (const std::string& hash : hashes())
        EXPECT_EQ(hash.size(), 64u);
    // What an import brings again may have other bytes meanwhile.
    const auto before = hashes();
    std::filesystem::copy_file(m_source.path() / "JPEGImages/a.png", m_source.path() / "JPEGImages/b.png", std::filesystem::copy_options::overwrite_existing);
    ASSERT_TRUE(import(m_source.path()).hasValue());
    EXPECT_NE(missing(), "");
    HashKeeper keeper(*m_session, 0);
    EXPECT_TRUE(eventually([&] { return missing().empty(); }));
    EXPECT_EQ(hashes(), (std::vector<std::string> { before[0], before[0] }));
}

TEST_F(ImportTest, WhileHashesAreHeldNoneIsRead)
{
    smallSet();
    ASSERT_TRUE(import(m_source.path()).hasValue());
    HashKeeper keeper(*m_session, 0.2);
    auto held = keeper.hold();
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    EXPECT_EQ(hashes(), std::vector<std::string>(2));
    held.reset();
    EXPECT_TRUE(eventually([&] { return hashes()[1].size() == 64; }));
}

// A disk that is not plugged in is no fault of its pictures.
TEST_F(ImportTest, PicturesThatAreAwayAreReadWhenTheyAreBack)
{
    smallSet();
    ASSERT_TRUE(import(m_source.path()).hasValue());
    const auto picture = m_source.path() / "JPEGImages/a.png", away = m_source.path() / "away.png";
    std::filesystem::rename(picture, away);
    {
        HashKeeper keeper(*m_session, 0);
        EXPECT_TRUE(eventually([&] { return hashes()[1].size() == 64; }));
    }
    EXPECT_EQ(m_session->reader().readItems({ .unreadable = true }, {}, 10)->size(), 0u);
    EXPECT_NE(m_session->reader().readFact(dataset::kMissingHashesFact)->value_or(""), "");
    std::filesystem::rename(away, picture);
    HashKeeper keeper(*m_session, 0);
    EXPECT_TRUE(eventually([&] { return hashes()[0].size() == 64; }));
}

TEST_F(ImportTest, APictureThatHasGoneIsMarkedAndTheRestRead)
{
    smallSet();
    ASSERT_TRUE(import(m_source.path()).hasValue());
    std::filesystem::remove(m_source.path() / "JPEGImages/a.png");
    EXPECT_EQ(readMissingHashes(*m_session, m_session->reader(), {}, {}, {})->read, 1);
    EXPECT_EQ(hashes()[1].size(), 64u);
    EXPECT_EQ(m_session->reader().readItems({ .unreadable = true }, {}, 10)->size(), 1u);
}

TEST_F(ImportTest, TheSameSetAgainAddsNothing)
{
    smallSet();
    ASSERT_TRUE(import(m_source.path()).hasValue());
    const auto again = import(m_source.path());
    ASSERT_TRUE(again.hasValue());
    EXPECT_EQ(again->totals.items, 2);
    EXPECT_EQ(again->totals.newItems, 0);
    EXPECT_EQ(again->totals.annotations, 0);
    EXPECT_EQ(again->totals.duplicateBoxes, 2);
}

TEST_F(ImportTest, HostileFilesChangeNothing)
{
    smallSet("<!DOCTYPE x [<!ENTITY a 'b'>]>");
    const std::string before = state();
    const auto report = import(m_source.path());
    ASSERT_TRUE(report.hasError());
    EXPECT_EQ(report.error().code, base::ErrorCode::Refused);
    EXPECT_THAT(report.error().message, HasSubstr("DOCTYPE"));
    EXPECT_EQ(state(), before);
    m_source.write("coco/set.json", std::string("{\"images\": [{\"id\": 1, \"file_name\": \"../JPEGImages/a.png\"}], \"annotations\": [], \"categories\": []}"));
    EXPECT_EQ(import(m_source.path() / "coco").error().code, base::ErrorCode::Refused);
    m_source.write("coco/set.json", std::string("{\"images\": [{\"id\": 1,"));
    EXPECT_EQ(import(m_source.path() / "coco").error().code, base::ErrorCode::Refused);
    EXPECT_EQ(state(), before);
    // And the next import is not in the way of the failed one.
    m_source.write("Annotations/b.xml", vocXml("b.png", ""));
    EXPECT_TRUE(import(m_source.path()).hasValue());
}

TEST_F(ImportTest, CancelledImportsLeaveNothing)
{
    smallSet();
    const std::string before = state();
    base::CancelToken cancel;
    cancel.cancel();
    EXPECT_EQ(import(m_source.path(), cancel).error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(state(), before);
}

TEST_F(ImportTest, ASetThatIsAskedForWins)
{
    smallSet();
    m_set = SplitSet::Reserve;
    ASSERT_TRUE(import(m_source.path()).hasValue());
    EXPECT_EQ(m_session->reader().readCounts()->bySet.at(SplitSet::Reserve), 2);
}

TEST_F(ImportTest, UnknownFormatsAreUsage)
{
    EXPECT_EQ(importData(*m_session, { .path = m_source.path(), .format = "yolo", .mediaFolder = {}, .set = {} }, {}, {}).error().code, base::ErrorCode::Usage);
    EXPECT_EQ(import(m_source.path() / "absent").error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(exportData(m_session->reader(), m_folder.path() / "out", "yolo", {}, {}).error().code, base::ErrorCode::Usage);
}

TEST_F(ImportTest, TheBloodCellsGoInAndOut)
{
    const auto data = test::findRealData("bccd");
    if (!data)
        GTEST_SKIP() << "bccd is not here; set PERCEPT_TEST_DATA to the folder that holds it";
    const auto report = import(*data);
    ASSERT_TRUE(report.hasValue()) << report.error().message;
    EXPECT_TRUE(report->problems.empty());
    EXPECT_EQ(report->totals.items, 364);
    EXPECT_EQ(report->totals.annotations + report->totals.duplicateBoxes, 4888);
    EXPECT_EQ(report->totals.emptyAreaBoxes, 2);
    const auto counts = m_session->reader().readCounts();
    EXPECT_EQ(counts->bySet.at(SplitSet::Train), 205);
    EXPECT_EQ(counts->bySet.at(SplitSet::Validation), 87);
    EXPECT_EQ(counts->bySet.at(SplitSet::Test), 72);
    for (const char* format : { "voc", "coco" }) {
        const auto exported = exportData(m_session->reader(), m_folder.path() / format, format, {}, {});
        ASSERT_TRUE(exported.hasValue()) << exported.error().message;
        EXPECT_EQ(exported->items, 364);
        EXPECT_EQ(exported->annotations, counts->boxes);
    }
}

}
