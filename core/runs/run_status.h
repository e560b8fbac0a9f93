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
    bool detached = false;    // goes on without its follower
    std::optional<protocol::ProgressMessage> progress;
    std::optional<protocol::FinishedMessage> finished;
};
base::Result<RunStatus> readStatus(const std::filesystem::path& runFolder);
// finished.json, which the trainer itself leaves when it has ended other than by being left: what status.json cannot tell of
// a detached run, or of one whose follower was killed at the last moment.
struct TrainerEnd { protocol::FinishedMessage message; std::int64_t timeMs = 0; };
std::optional<TrainerEnd> readTrainerEnd(const std::filesystem::path& runFolder);
// The file that a trainer looks for, whoever follows it, if anybody: it then stops and keeps what was learnt.
base::Result<void> askToStop(const std::filesystem::path& runFolder);
void withdrawStop(const std::filesystem::path& runFolder);
// It waits while this is so, whoever follows it; the next sitting begins without.
base::Result<void> setHeld(const std::filesystem::path& runFolder, bool isHeld);
bool isHeld(const std::filesystem::path& runFolder);
// How far a detached trainer says it is, with the time left; nullopt: it has not said.
std::optional<protocol::ProgressMessage> readProgress(const std::filesystem::path& runFolder);
void forgetProgress(const std::filesystem::path& runFolder);
// The trainer lives and is not detached, the program that followed it does not: it will write a checkpoint and end.
bool isOrphaned(const std::filesystem::path& runFolder);
base::Result<void> writeStatus(const std::filesystem::path& runFolder, const RunStatus& status);

}
