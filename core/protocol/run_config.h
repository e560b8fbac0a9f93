#pragma once

#include "core/base/result.h"
#include "core/protocol/model_spec.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace percept::protocol {

// A run directory (runs/ID/):
//   config.json            RunConfig; the trainer adds the step plan, threads and device under "plan" when they are known
//   snapshot/labels.json   [{"id", "name"}], in class order
//   snapshot/items.jsonl   one SnapshotItem a line, sorted by item id; snapshot/version.json {"version", "manifestSha256"}
//   metrics.jsonl          {"name", "step", "epoch", "value", "time"} a line; the last line may be torn: ignore it
//   samples/E.json         predictions on the fixed validation items after epoch E (SampleFrame)
//   checkpoints/           step-N.ckpt, two good ones
//   log.txt                stderr of the trainer
//   status.json            RunStatus, written by whoever follows the run; "finished" message of the trainer verbatim
//   model/                 model.onnx, spec.json, golden/{N.png, N.json}, then what makes it a draft package
//   evaluation-SET.json, predictions-SET.jsonl   written by `evaluate`
struct RunConfig {
    std::string run;             // "r0001"
    std::string recipe = "full"; // detection: "full"
    domain::Task task = domain::Task::Detection;
    std::int64_t datasetVersion = 0;
    std::uint64_t seed = 0;
    int threads = 0;             // 0: the trainer decides and stores it
    std::optional<int> epochs;   // one of both is set; with both, the plan ends at whichever comes first
    std::optional<double> timeLimitMinutes;
    int batchSize = 4;
    double learningRate = 1.5e-3;
    int longSide = 416;          // canvas long side, rounded up to 32
    std::string backbone = "efficientnet-lite0";
    std::string weights;         // safetensors file; empty: random initialisation
    std::string startFrom;       // checkpoint or model of an earlier run; empty: none
    bool operator==(const RunConfig&) const = default;
};
nlohmann::json toJson(const RunConfig& config);
base::Result<RunConfig> runConfigFromJson(const nlohmann::json& json); // names the bad field

struct SnapshotBox {
    int label = 0; // index into labels.json
    domain::Box box;
    bool crowd = false, difficult = false;
    bool operator==(const SnapshotBox&) const = default;
};
struct SnapshotItem {
    std::int64_t id = 0;
    std::int64_t group = 0;
    std::string path; // absolute
    std::string sha256;
    domain::SplitSet set = domain::SplitSet::Train; // Train or Validation; test items are in the version, never in a snapshot
    int width = 0, height = 0;
    std::vector<SnapshotBox> boxes; // only boxes with area
    bool operator==(const SnapshotItem&) const = default;
};
nlohmann::json toJson(const SnapshotItem& item);
base::Result<SnapshotItem> snapshotItemFromJson(const nlohmann::json& json);

}
