#pragma once

#include "core/base/result.h"
#include "core/protocol/run_config.h"
#include "core/protocol/trainer_messages.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::runs {

// What is on disk about a run. Status: "prepared", "running" (its process lives), "ok", "stopped", "failed",
// "crashed" (its process died without a word: can be resumed).
struct RunInfo {
    std::string id;
    std::filesystem::path folder;
    protocol::RunConfig config;
    std::string status, message;
    std::int64_t createdMs = 0, startedMs = 0, endedMs = 0;
    std::optional<protocol::ProgressMessage> progress; // last one
    std::optional<double> bestMap50, lastMap50, bestMap; // on the validation set, epoch by epoch while it trained
    std::optional<double> scoredMap50; // of its model on the validation set, as `evaluate` and Validate have it; none: not scored, or not over
    std::string modelVersion;  // "1.2" when packaged (filled by services)
    std::string name, note;    // what people call it and say about it (filled by services)
    bool hasModel = false;
};
base::Result<RunInfo> readRun(const std::filesystem::path& runFolder);
// "r" and digits: what people and files name a run by. Any other name could lead out of the project.
bool isRunId(std::string_view id);
// A run that somebody names. Not found: there is none, or it is no name of a run.
base::Result<RunInfo> findRun(const std::filesystem::path& project, const std::string& id);
std::vector<RunInfo> readAllRuns(const std::filesystem::path& project); // newest first; unreadable ones have status "failed"
std::filesystem::path runFolder(const std::filesystem::path& project, const std::string& id);

// metrics.jsonl up to its last complete line; from `offset` on, which is advanced: live plots read only what is new.
base::Result<std::vector<protocol::MetricMessage>> readMetrics(const std::filesystem::path& runFolder, std::uint64_t& offset);
// samples/*.json by epoch.
base::Result<std::vector<protocol::SampleMessage>> readSamples(const std::filesystem::path& runFolder);

}
