// Parts of a project go out, and what was said to be written is what is there.
#include "core/services/loop.h"
#include "tests/support/disk_log.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_project.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace percept::services {
namespace {

namespace fs = std::filesystem;
using domain::ItemState;
using domain::SplitSet;

class ExportTest : public testing::Test {
protected:
    void SetUp() override
    {
        test::makeSquaresProject(m_folder / "s.percept", m_folder / "pictures", 12);
        m_session = ProjectSession::open(m_folder / "s.percept", "test").value();
        m_ids = reader().readItemIds({}).value();
        const std::vector<dataset::Edit> edits { dataset::SetItemState { m_ids[1], ItemState::ToDo }, dataset::SetItemSet { m_ids[4], SplitSet::None } };
        ASSERT_TRUE(m_session->call([&](dataset::ProjectStore& store) { return store.apply(edits, "Changed"); }).hasValue());
    }
    dataset::ProjectReader& reader() { return m_session->reader(); }
    // Exports and checks that each file of the outline is there with what the outline says of it, and no other.
    void exportAsOutlined(const std::string& format, const ExportScope& scope, std::int64_t items)
    {
        const fs::path out = m_folder / (format + std::to_string(++m_number));
        const auto outline = outlineExport(reader(), format, scope);
        ASSERT_TRUE(outline.hasValue()) << outline.error().message;
        const auto report = exportData(reader(), out, format, {}, {}, scope);
        ASSERT_TRUE(report.hasValue()) << report.error().message;
        EXPECT_EQ(report->items, items);
        EXPECT_EQ(outline->items, items);
        EXPECT_EQ(outline->annotations, report->annotations);
        std::set<fs::path> said, there;
        for (const auto& file : outline->files) {
            const fs::path path = out / file.path;
            if (file.path.back() == '/') {
                for (const auto& entry : fs::directory_iterator(path))
                    said.insert(entry.path());
                EXPECT_EQ(std::distance(fs::directory_iterator(path), {}), file.items) << file.path;
            } else {
                said.insert(path);
            }
            if (path.extension() == ".json")
                expectJson(path, file);
        }
        for (const auto& entry : fs::recursive_directory_iterator(out))
            if (entry.is_regular_file())
                there.insert(entry.path());
        EXPECT_EQ(said, there);
    }
    static void expectJson(const fs::path& path, const ExportOutline::File& file)
    {
        std::ifstream in(path);
        const auto json = nlohmann::json::parse(in);
        EXPECT_EQ(json["images"].size(), static_cast<std::size_t>(file.items)) << file.path;
        EXPECT_EQ(json["annotations"].size(), static_cast<std::size_t>(file.annotations)) << file.path;
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<ProjectSession> m_session;
    std::vector<ItemId> m_ids;
    int m_number = 0;
};

}

TEST_F(ExportTest, NothingGoesIntoAProject)
{
    fs::create_directories(m_folder / "t.percept/runs");
    fs::copy_file(m_folder / "s.percept/project.db", m_folder / "t.percept/project.db");
    fs::create_directory_symlink(m_folder / "s.percept/packages", m_folder / "link");
    for (const char* out : { "s.percept/runs/r0001", "s.percept/packages/coco", "s.percept/media", "s.percept/new/deep", "link/coco", "t.percept/runs/x", "a/../s.percept/cache/y" }) {
        const auto report = exportData(reader(), m_folder / out, "coco", {}, {});
        ASSERT_TRUE(report.hasError()) << out;
        EXPECT_EQ(report.error().code, base::ErrorCode::Usage) << out;
        EXPECT_FALSE(fs::exists(m_folder / out)) << out;
    }
    EXPECT_TRUE(exportData(reader(), m_folder / "beside", "coco", {}, {}).hasValue());
}

TEST_F(ExportTest, WritesWhatTheOutlineSays)
{
    for (const char* format : { "coco", "voc" }) {
        exportAsOutlined(format, {}, 11);
        exportAsOutlined(format, { .filter = { .sets = { SplitSet::Validation } } }, 2); // of 4, one is not done and one has no set
        exportAsOutlined(format, { .filter = {}, .only = { m_ids[0], m_ids[1], m_ids[4], m_ids[8] } }, 3);
        exportAsOutlined(format, { .filter = { .sets = { SplitSet::Test } }, .only = { m_ids[0], m_ids[8] } }, 1);
    }
    EXPECT_EQ(outlineExport(reader(), "coco", {})->notDone, 1);
    EXPECT_EQ(outlineExport(reader(), "coco", { .filter = {}, .only = { m_ids[0] } })->notDone, 0);
    EXPECT_EQ(outlineExport(reader(), "yolo", {}).error().code, base::ErrorCode::Usage);
}

// "Exported" is said when a power cut takes nothing of it any more.
TEST_F(ExportTest, IsOnDiskBeforeItGetsItsNameAndItsNameToo)
{
    for (const std::string format : { "voc", "coco" }) {
        test::clearDiskLog();
        const fs::path out = m_folder / format;
        ASSERT_TRUE(exportData(reader(), out, format, {}, {}).hasValue());
        const auto log = test::diskLog();
        const auto named = std::find_if(log.begin(), log.end(), [&](const auto& entry) { return entry.starts_with("rename ") && entry.ends_with(" " + out.string()); });
        ASSERT_NE(named, log.end());
        const std::string work = named->substr(7, named->size() - 8 - out.string().size());
        EXPECT_NE(std::find(log.begin(), named, "sync all " + work), named) << format;
        EXPECT_NE(std::find(named, log.end(), "sync " + out.parent_path().string()), log.end()) << format;
    }
}

// Somebody goes on labeling: a class and a box of it, made while pictures are looked at and while they are written.
TEST_F(ExportTest, AClassThatIsMadeMeanwhileEndsNothing)
{
    int number = 0;
    const auto label = [&](ItemId item) {
        dataset::AddLabel made;
        made.label.name = "made " + std::to_string(++number);
        const auto added = m_session->call([&](dataset::ProjectStore& store) { return store.apply(std::vector<dataset::Edit> { made }, "Class"); });
        ASSERT_TRUE(added.hasValue()) << added.error().message;
        domain::Annotation box;
        box.item = item;
        box.label = added->addedLabels.at(0);
        box.box = { 4, 4, 12, 12 };
        const auto drawn = m_session->call([&](dataset::ProjectStore& store) { return store.apply(std::vector<dataset::Edit> { dataset::AddAnnotation { box } }, "Box"); });
        ASSERT_TRUE(drawn.hasValue()) << drawn.error().message;
    };
    for (const char* format : { "voc", "coco" })
        for (const char* when : { "Looking at pictures", "Writing" }) {
            const std::int64_t before = outlineExport(reader(), format, {})->annotations;
            bool isDone = false;
            const auto progress = [&](const base::Progress& p) {
                if (p.what == when && !std::exchange(isDone, true))
                    label(m_ids.back());
            };
            const auto report = exportData(reader(), m_folder / (std::string(format) + std::to_string(++m_number)), format, progress, {});
            ASSERT_TRUE(report.hasValue()) << report.error().message;
            EXPECT_TRUE(isDone);
            EXPECT_EQ(report->annotations, before + (std::string_view(when) == "Writing" ? 0 : 1)) << format << ", " << when;
        }
}

}
