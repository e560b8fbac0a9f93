#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace percept::test {

// What a program said and how it ended (exit status, or 128 + signal).
struct Ran {
    int status = -1;
    std::string out, err;
    // stdout as exactly one JSON document; discarded when it is not.
    nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, /*allow_exceptions=*/false); }
};

struct RunOptions {
    std::filesystem::path folder;                     // working directory
    std::map<std::string, std::string> environment;   // added to ours
    std::uint64_t fileSizeLimit = 0;                  // bytes that a file may grow to: what a full disk does
    bool asNobody = false;                            // when we are root: without root's rights
    std::function<bool()> interruptWhen;              // asked ten times a second; true: `signal` is sent, once
    int signal = 2;                                   // SIGINT
};

// Runs a program of the build (PERCEPT_BIN_DIR) or one with a path, to its end.
Ran runProgram(const std::string& program, const std::vector<std::string>& arguments, const RunOptions& options = {});
bool hasProgram(const std::string& program);
// A running program with this name and this argument; 0: none.
int findProcess(const std::string& name, const std::string& argument);

}
