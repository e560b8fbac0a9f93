// The command that makes the pictures of all pages refuses a project in which a page would show nothing, and names the page.
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/dataset/project_store.h"
#include "core/evaluation/evaluation_document.h"
#include "core/protocol/run_config.h"
#include "core/runs/run_status.h"
#include "tests/app/studio/shot_checks.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"
#include "tests/support/test_project.h"

#include <fstream>
#include <gtest/gtest.h>

namespace percept::test {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

// A project that is filled page by page.
class Shots : public ::testing::Test {
protected:
    fs::path project() const { return m_folder / "squares.percept"; }
    fs::path run() const { return project() / "runs" / "r0001"; }

    void addRun()
    {
        protocol::RunConfig config;
        config.run = "r0001";
        config.datasetVersion = 1;
        config.epochs = 1;
        write(run() / "config.json", protocol::toJson(config).dump());
        runs::RunStatus status;
        status.status = "ok";
        status.createdMs = status.startedMs = status.endedMs = base::nowMs();
        ASSERT_TRUE(runs::writeStatus(run(), status).hasValue());
    }
    void addCurve()
    {
        write(run() / "metrics.jsonl", R"({"name":"val/map50","step":1,"epoch":1,"value":0.5})" "\n");
        write(run() / "samples" / "0001.json", R"({"epoch":1,"items":[{"item":1,"path":"a.png","detections":[]}]})");
    }
    Ran shoot() { return runProgram("percept-studio-shots", { project().string(), (m_folder / "out").string(), "0.1" }); }
    bool refuses(const std::string& page) const { return emptyPage(project()).rfind(page + ": ", 0) == 0; }

    TemporaryFolder m_folder;
};

}

TEST_F(Shots, EveryPageThatWouldBeEmptyIsNamed)
{
    EXPECT_TRUE(refuses("Start")) << emptyPage(project()); // no project at all
    {
        auto store = dataset::ProjectStore::create(project(), "Squares", domain::Task::Detection, { "red", "blue" });
        ASSERT_TRUE(store.hasValue());
    }
    EXPECT_TRUE(refuses("Gather")) << emptyPage(project());
    fs::remove_all(project());
    makeSquaresProject(project(), m_folder / "pictures", 30);
    EXPECT_TRUE(refuses("Train")) << emptyPage(project());
    addRun();
    EXPECT_TRUE(refuses("Train")) << "a run that has not begun: " << emptyPage(project());
    addCurve();
    EXPECT_TRUE(refuses("Validate")) << emptyPage(project());
}

TEST_F(Shots, PicturesWithoutABoxAreNothingForLabel)
{
    makeSquaresProject(project(), m_folder / "pictures", 4);
    {
        auto store = dataset::ProjectStore::open(project(), "shots_test");
        ASSERT_TRUE(store.hasValue());
        const auto items = (*store)->readItems({}, {}, 10);
        std::vector<dataset::Edit> edits;
        for (const auto& item : *items) {
            const auto boxes = (*store)->readAnnotations(item.id);
            for (const auto& box : *boxes)
                edits.push_back(dataset::DeleteAnnotation { box.id });
        }
        ASSERT_TRUE((*store)->apply(edits, "Deleted all boxes").hasValue());
    }
    EXPECT_TRUE(refuses("Label")) << emptyPage(project());
}

TEST_F(Shots, TheProgramFailsAndMakesNoPicture)
{
    makeSquaresProject(project(), m_folder / "pictures", 30);
    const Ran ran = shoot();
    EXPECT_EQ(ran.status, 1) << ran.err;
    EXPECT_NE(ran.err.find("Train: "), std::string::npos) << ran.err;
    EXPECT_FALSE(fs::exists(m_folder / "out"));
}

}
