#pragma once

#include "core/base/result.h"
#include "core/protocol/run_config.h"
#include "core/protocol/trainer_messages.h"
#include "core/training/plan.h"

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace percept::training {

// How the trainer works, not what it learns: optional "trainer" object of config.json.
struct TrainerTuning {
    double checkpointSeconds = 60;       // between checkpoints
    double heartbeatSeconds = 2;         // between progress messages
    double roomSeconds = 5;              // between looks whether a full disk has room again
    std::uint64_t cacheBytes = 0;        // decoded pictures held in memory; 0: a quarter of what is free, at most 4 GiB
};

// A run directory as the trainer finds it (layout: core/protocol/run_config.h). The snapshot never changes; the trainer
// writes "plan" into config.json, metrics.jsonl, samples/, checkpoints/ and model/.
struct RunFolder {
    std::filesystem::path path;
    protocol::RunConfig config;
    TrainerTuning tuning;
    std::vector<protocol::SpecLabel> labels;
    std::vector<protocol::SnapshotItem> train, validation; // sorted by id
    std::optional<Plan> plan;

    std::filesystem::path checkpoints() const { return path / "checkpoints"; }
    std::filesystem::path model() const { return path / "model"; }
};
base::Result<RunFolder> readRunFolder(const std::filesystem::path& path);
// Of config.json alone, the snapshot may be large; what cannot be read is as it is by itself.
TrainerTuning readTrainerTuning(const std::filesystem::path& run);
// finished.json: how the trainer ended, also for a run that nobody follows: the message, and its time. A run that can be
// continued has none.
base::Result<void> writeFinished(const std::filesystem::path& run, const protocol::FinishedMessage& finished);
void removeFinished(const std::filesystem::path& run);
// Puts the plan into config.json and leaves everything else there as it is.
base::Result<void> writePlan(const RunFolder& run, const Plan& plan);
base::Result<void> writeSample(const RunFolder& run, const protocol::SampleMessage& sample);

// metrics.jsonl. A run that goes on from step N drops what was logged after N, and a validation that it will do again, so that
// nothing appears twice.
class MetricsLog {
public:
    MetricsLog() = default;
    ~MetricsLog();
    MetricsLog(const MetricsLog&) = delete;
    MetricsLog& operator=(const MetricsLog&) = delete;
    base::Result<void> open(const RunFolder& run, std::int64_t lastStep, std::int64_t lastValidated);
    base::Result<void> append(const protocol::MetricMessage& metric);

private:
    int m_fd = -1;
    std::filesystem::path m_path;
};

}
