#pragma once

#include "core/base/result.h"
#include "core/protocol/trainer_messages.h"
#include "core/runs/process_identity.h"

#include <filesystem>
#include <optional>
#include <string>

namespace percept::runs {

// status.json of a run directory, written atomically by whoever follows the run.
struct RunStatus {
    std::string status = "prepared"; // as stored; readRun() turns "running" of a dead process into "crashed"
    std::string message;
    std::int64_t createdMs = 0, startedMs = 0, endedMs = 0;
    ProcessIdentity process;  // the trainer's
    ProcessIdentity follower; // of the program that started it and writes this file
    std::string device;
    int threads = 0;
    std::optional<protocol::ProgressMessage> progress;
    std::optional<protocol::FinishedMessage> finished;
};
base::Result<RunStatus> readStatus(const std::filesystem::path& runFolder);
// The trainer lives, the program that followed it does not: unless it is detached it will write a checkpoint and end.
bool isOrphaned(const std::filesystem::path& runFolder);
base::Result<void> writeStatus(const std::filesystem::path& runFolder, const RunStatus& status);

}
