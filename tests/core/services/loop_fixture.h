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
        putModel();
    }
    fs::path runFolder() const { return runs::runFolder(project, run); }
    // What the trainer leaves: model.onnx, spec.json, golden/.
    void putModel()
    {
        spec = test::testSpec();
        const auto labels = json::parse(base::readTextFile(runFolder() / "snapshot" / "labels.json").value());
        for (std::size_t i = 0; i < spec.labels.size(); ++i)
            spec.labels[i] = { LabelId { labels.at(i).at("id").get<std::int64_t>() }, labels.at(i).at("name").get<std::string>(), 0.5 };
        for (const auto& [name, bytes] : test::testPackageFiles(spec)) {
            const auto file = runFolder() / "model" / name;
            fs::create_directories(file.parent_path());
            ASSERT_TRUE(base::atomicWrite(file, bytes).hasValue());
        }
        ASSERT_TRUE(base::atomicWrite(runFolder() / "model" / "spec.json", protocol::toJson(spec).dump()).hasValue());
    }
    base::Result<void> finish() { return finishRun(project, run, {}, {}); }
    base::Result<json> evaluate(SplitSet set) { return evaluateRun(project, run, set, {}, {}); }

    test::TemporaryFolder folder;
    fs::path project = folder / "p.percept";
    std::unique_ptr<ProjectSession> session;
    std::string run;
    protocol::ModelSpec spec;
};

}
