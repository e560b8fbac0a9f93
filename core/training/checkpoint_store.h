#pragma once

#include "core/base/result.h"
#include "core/training/tensor_file.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace percept::training {

// checkpoints/step-N.ckpt: a safetensors file, then its sha256 and a mark. Written under a temporary name, synced, read again
// and compared, renamed, folder synced; only then older ones go. The two newest good ones are kept, so a crash at any moment
// leaves at least one. Nothing in a checkpoint is code.
class CheckpointStore {
public:
    explicit CheckpointStore(std::filesystem::path folder);
    ~CheckpointStore(); // waits for the writer

    base::Result<void> write(std::int64_t step, std::vector<std::uint8_t> tensorFile);
    // The same on a thread of its own. waitForWriter() first: it tells how the one before ended.
    void writeInBackground(std::int64_t step, std::vector<std::uint8_t> tensorFile);
    base::Result<void> waitForWriter();
    bool hasFailed() const { return m_failed; } // the one in the background has; waitForWriter() tells how

    struct Found { std::int64_t step = 0; TensorFile file; };
    // The newest that verifies; damaged ones are passed over and told to onDamaged.
    std::optional<Found> newest(
        const std::function<void(const std::filesystem::path& file, const std::string& sentence)>& onDamaged) const;
    static base::Result<TensorFile> read(const std::filesystem::path& file);

private:
    std::vector<std::int64_t> stepsOnDisk() const; // newest first
    std::filesystem::path fileOf(std::int64_t step) const;

    std::filesystem::path m_folder;
    std::thread m_writer;
    base::Result<void> m_lastResult;
    std::atomic<bool> m_failed = false;
};

}
