#pragma once

#include "core/base/result.h"
#include "core/transport/http_server.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace percept::device {

// `percept-edge run`. The state folder holds package.ppkg (the one that is served), results.jsonl, edge.json (process id,
// address, model) and the lock that keeps a second percept-edge out.
struct RunOptions {
    std::filesystem::path program; // what is started with --serve
    std::filesystem::path state;
    std::filesystem::path package; // empty: the one in the state folder
    std::vector<std::string> sources;
    std::optional<transport::HttpAddress> http;
    bool stdio = false;
    bool resultsToStdout = false; // instead of results.jsonl
    int threads = 0;
};

// Blocks until SIGTERM or SIGINT, or until there is nothing left to do (no --http, no folder, input at its end); then
// drains. It catches those signals. Gives a summary
// {"predictions","errors","restarts","model"}.
base::Result<nlohmann::json> runEdge(const RunOptions& options);

}
