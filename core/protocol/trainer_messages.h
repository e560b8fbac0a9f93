#pragma once

#include "core/base/result.h"
#include "core/domain/annotation.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace percept::protocol {

// Trainer -> parent, one JSON object a line on stdout: {"v":1, "seq":N, "type":...}. Unknown types and fields are ignored.
inline constexpr int kTrainerProtocolVersion = 1;

struct HelloMessage { std::string version, device; int threads = 0; };
struct ProgressMessage { // also the heartbeat, at least every five seconds
    int epoch = 0, epochs = 0;
    std::int64_t step = 0, steps = 0; // of the whole run; steps 0: not planned yet
    double imagesPerSecond = 0;
    double secondsLeft = -1, secondsLeftLow = -1, secondsLeftHigh = -1; // -1: not known yet
    std::string phase; // "loading", "measuring", "training", "validating", "exporting"
};
struct MetricMessage { std::string name; std::int64_t step = 0; double epoch = 0; std::optional<double> value; };
// Names used: "train/loss", "train/loss_class", "train/loss_box", "train/loss_dfl", "train/lr", "val/loss", "val/map50",
// "val/map". A value that is not finite is null.
struct SampleItem { std::int64_t item = 0; std::string path; std::vector<domain::Detection> detections; };
struct SampleMessage { int epoch = 0; std::vector<SampleItem> items; };
struct WarningMessage { std::string field, message; }; // field: file or config key it is about
struct FinishedMessage { std::string status, message; }; // status: "ok", "stopped", "failed"

using TrainerMessage = std::variant<HelloMessage, ProgressMessage, MetricMessage, SampleMessage, WarningMessage, FinishedMessage>;
std::string encode(const TrainerMessage& message, std::int64_t seq); // one line, without the newline
base::Result<TrainerMessage> decodeTrainerMessage(std::string_view line); // NotFound for an unknown type

// Parent -> trainer, a line each: {"type":"stop"|"pause"|"resume"|"checkpoint"}.
enum class TrainerCommand { Stop, Pause, Resume, Checkpoint };
std::string encode(TrainerCommand command);
base::Result<TrainerCommand> decodeTrainerCommand(std::string_view line);

// Exit status of percept-trainer.
enum class TrainerExit { Ok = 0, Failed = 1, BadConfig = 2, OutOfMemory = 3 };

}
