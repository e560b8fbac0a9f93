#pragma once

#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_project.h"

#include <gtest/gtest.h>

namespace percept {

using nlohmann::json;
using test::Ran;
using test::runProgram;

// The real program in a folder of its own.
struct Cli : testing::Test {
    Ran percept(std::vector<std::string> arguments, test::RunOptions options = {})
    {
        options.folder = folder.path();
        options.environment["PERCEPT_CONFIG_DIR"] = (folder / "config").string();
        return runProgram("percept", arguments, options);
    }
    // With --json: the document must be the whole of stdout.
    json document(std::vector<std::string> arguments, int status = 0)
    {
        arguments.push_back("--json");
        const auto ran = percept(arguments);
        EXPECT_EQ(ran.status, status) << ran.out << ran.err;
        const auto parsed = ran.json();
        EXPECT_TRUE(parsed.is_object()) << ran.out;
        return parsed.is_object() ? parsed : json::object();
    }
    void makeProject(int pictures = 12, bool withSets = true) { test::makeSquaresProject(folder / "p.percept", folder / "pictures", pictures, withSets); }
    static void expectKeys(const json& document, const std::vector<std::string>& keys)
    {
        for (const auto& key : keys)
            EXPECT_TRUE(document.contains(key)) << key << " is missing in " << document.dump();
    }
    test::TemporaryFolder folder;
};

}
