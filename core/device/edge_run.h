#pragma once

#include "core/base/result.h"
#include "core/device/candidate_check.h"
#include "core/device/fleet_access.h"
#include "core/transport/http_server.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace percept::device {

// `percept-edge run`. The state folder holds slots/ (see slots.h), results.jsonl and videos.jsonl (answers for sources), edge.json (process id, address, model at
// the start), control (see control_socket.h), fleet/ (see enrolment.h), outbox/ (see outbox.h) and the lock that keeps a second percept-edge out.
// A package that is given is taken over when it is another than was given last; else the slots decide, so that a service
// that always starts with the same command line goes on with what it was updated to.
struct RunOptions {
    std::filesystem::path program; // what is started with --serve
    std::filesystem::path state;
    std::filesystem::path package; // empty: the one in the state folder. A draft's folder is served where it is
    std::vector<std::string> trusted; // keys that are trusted from now on
    GateOptions gate;
    double graceSeconds = 30;
    std::vector<std::string> sources; // see sources.h
    bool loops = false;               // videos among them begin again at their end
    std::optional<transport::HttpAddress> http;
    bool stdio = false;
    bool resultsToStdout = false; // instead of these two files
    int threads = 0;
    FleetOptions fleet;
    std::string version; // of percept-edge
};

// With a fleet (see fleet_access.h) it may begin without a package: the first one comes from there.
//
// Blocks until SIGTERM or SIGINT, or until there is nothing left to do (no fleet, no --http, no folder, input at its end);
// then drains. It catches those signals. Gives a summary
// {"predictions","errors","restarts","model","videos"}.
base::Result<nlohmann::json> runEdge(const RunOptions& options);

}
