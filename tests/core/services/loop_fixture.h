#pragma once

#include "core/base/files.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"
#include "tests/support/test_project.h"

#include <gtest/gtest.h>

namespace percept::services {

namespace fs = std::filesystem;
using domain::SplitSet;
using nlohmann::json;

// A project of 30 pictures of squares with a run that the trainer has just left.
struct Loop : testing::Test {
    void SetUp() override
    {
        if (!test::hasProgram("percept-edge"))
            GTEST_SKIP() << "percept-edge is not built (configure with PERCEPT_WITH_EDGE=ON)";
        ::setenv("PERCEPT_BIN_DIR", PERCEPT_BIN_DIR, 1);
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
        test::makeSquaresProject(project, folder / "pictures", 30);
        session = ProjectSession::open(project, "test").value();
        run = prepareRun(*session, {}).value();
        spec = test::putTestModel(runFolder()).value();
    }
    fs::path runFolder() const { return runs::runFolder(project, run); }
    base::Result<void> finish() { return finishRun(project, run, {}, {}); }
    base::Result<json> evaluate(SplitSet set) { return evaluateRun(project, run, set, {}, {}); }

    test::TemporaryFolder folder;
    fs::path project = folder / "p.percept";
    std::unique_ptr<ProjectSession> session;
    std::string run;
    protocol::ModelSpec spec;
};

}
