#include "core/services/run_commands.h"
#include "core/runs/run_status.h"
#include "tests/core/services/loop_fixture.h"

#include <gmock/gmock.h>

namespace percept::services {

using testing::HasSubstr;

namespace {

struct RunCommands : Loop {
    base::Result<dataset::Committed> apply(const dataset::Edit& edit, const std::string& title = "Edit")
    {
        std::promise<base::Result<dataset::Committed>> done;
        session->apply({ edit }, title, [&](const auto& result) { done.set_value(result); });
        return done.get_future().get();
    }
    void undo(bool redo = false)
    {
        std::promise<void> done;
        const auto tell = [&](const auto& result) {
            EXPECT_TRUE(result.hasValue() && result->has_value());
            done.set_value();
        };
        redo ? session->redo(tell) : session->undo(tell);
        done.get_future().wait();
    }
    std::vector<double> stored() { return readThresholds(project, run).valueOr({}); }
    void choose(const std::vector<double>& thresholds)
    {
        const auto edit = chooseThresholds(project, run, thresholds);
        ASSERT_TRUE(edit.hasValue()) << edit.error().message;
        ASSERT_TRUE(apply(edit.value()).hasValue());
    }
    void endRun(const std::string& id, const std::string& how)
    {
        runs::RunStatus status;
        status.status = how;
        ASSERT_TRUE(runs::writeStatus(runs::runFolder(project, id), status).hasValue());
    }
};

}

TEST_F(RunCommands, the_draft_follows_the_history)
{
    ASSERT_TRUE(finish().hasValue());
    const auto before = stored();
    choose({ 0.25, 0.75 });
    EXPECT_EQ(stored(), (std::vector { 0.25, 0.75 }));
    choose({ 0.9, 0.9 });
    undo();
    EXPECT_EQ(stored(), (std::vector { 0.25, 0.75 }));
    undo();
    EXPECT_EQ(stored(), before);
    undo(/*redo=*/true);
    EXPECT_EQ(stored(), (std::vector { 0.25, 0.75 }));
    EXPECT_TRUE(packaging::Package::open(runFolder() / "model").hasValue()) << "signed anew each time";
    EXPECT_TRUE(chooseThresholds(project, run, { 0.25 }).hasError());
}

// A crash between the commit and the draft is mended at the next opening; a check of the same network keeps the choice.
TEST_F(RunCommands, what_a_crash_left_is_mended_and_a_second_check_forgets_nothing)
{
    ASSERT_TRUE(finish().hasValue());
    choose({ 0.25, 0.75 });
    ASSERT_TRUE(writeThresholds(project, run, { 0.1, 0.1 }).hasValue()); // as if the draft had not been written
    session.reset();
    session = ProjectSession::open(project, "test").value();
    session->call([](dataset::ProjectStore&) { return 0; }, ProjectSession::Priority::Background);
    EXPECT_EQ(stored(), (std::vector { 0.25, 0.75 }));
    ASSERT_TRUE(finish().hasValue());
    EXPECT_EQ(stored(), (std::vector { 0.25, 0.75 }));
}

TEST_F(RunCommands, a_draft_with_other_thresholds_is_not_the_version)
{
    ASSERT_TRUE(finish().hasValue());
    EXPECT_EQ(listModels(session->reader())->at(0).version, "");
    ASSERT_TRUE(packageRun(*session, run, {}, {}, {}).hasValue());
    EXPECT_EQ(listModels(session->reader())->at(0).version, "1.0");
    EXPECT_TRUE(listModels(session->reader())->at(0).isAsPackaged);
    choose({ 0.9, 0.9 });
    EXPECT_FALSE(listModels(session->reader())->at(0).isAsPackaged);
    undo();
    EXPECT_TRUE(listModels(session->reader())->at(0).isAsPackaged);
}

TEST_F(RunCommands, a_deleted_run_is_not_listed_and_comes_back)
{
    endRun(run, "ok");
    ASSERT_TRUE(apply(trashRun(session->reader(), run).value()).hasValue());
    EXPECT_TRUE(listRuns(session->reader())->empty());
    EXPECT_TRUE(fs::exists(runFolder())) << "it is in the trash, not gone";
    undo();
    EXPECT_EQ(listRuns(session->reader())->size(), 1u);
    ASSERT_TRUE(apply(dataset::EditRun { .run = run, .name = "Night shift", .note = "blur" }).hasValue());
    EXPECT_EQ(listRuns(session->reader())->at(0).name, "Night shift");
    EXPECT_EQ(listRuns(session->reader())->at(0).note, "blur");
}

TEST_F(RunCommands, what_is_used_is_not_deleted)
{
    endRun(run, "ok");
    fs::create_directories(runFolder() / "checkpoints");
    ASSERT_TRUE(base::atomicWrite(runFolder() / "checkpoints" / "1.ckpt", std::string_view("weights")).hasValue());
    TrainRequest request;
    request.from = run;
    const std::string next = prepareRun(*session, request).value();
    EXPECT_THAT(trashRun(session->reader(), run).error().message, HasSubstr(next + " starts from this run"));
    endRun(next, "ok");
    EXPECT_TRUE(trashRun(session->reader(), run).hasValue()) << "it has its weights by now";
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, {}, {}, {}).hasValue());
    EXPECT_THAT(trashRun(session->reader(), run).error().message, HasSubstr("Model 1.0 was made of this run"));
}

TEST_F(RunCommands, the_trash_is_emptied_for_good)
{
    endRun(run, "ok");
    ASSERT_TRUE(apply(trashRun(session->reader(), run).value()).hasValue());
    EXPECT_EQ(readTrashedRuns(session->reader())->runs, 1);
    EXPECT_GT(readTrashedRuns(session->reader())->bytes, 1000u);
    ASSERT_TRUE(removeTrashedRuns(*session).hasValue());
    EXPECT_FALSE(fs::exists(runFolder()));
    EXPECT_EQ(readTrashedRuns(session->reader())->runs, 0);
    EXPECT_EQ(prepareRun(*session, {}).value(), "r0002") << "its number is not used again";
}

}
