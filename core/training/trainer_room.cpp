#include "core/training/trainer_run.h"

#include "core/training/disk_room.h"

#include <chrono>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <thread>
#include <utility>

namespace percept::training {

namespace {

std::string megabytes(std::uint64_t bytes) { return fmt::format("{} MB", (bytes + 999'999) / 1'000'000); }

}

// Two checkpoints are kept while a third is written, and a model comes at the end: what cannot be held is said now.
base::Result<void> Trainer::checkRoomAhead() const
{
    constexpr std::uint64_t kCheckpointsToCome = 2;
    const auto bytes = kCheckpointsToCome * m_checkpointBytes;
    if (hasRoom(m_run.path, bytes))
        return {};
    return base::failed(fmt::format("There is no room for the checkpoints of this training: {} must be free in {}. Free some space, "
                                    "then resume the run.", megabytes(bytes), m_run.path.string()));
}

// A full disk costs time, not the run: nothing is trained that could not be kept, and it goes on when there is room again.
base::Result<void> Trainer::whenThereIsRoom(std::uint64_t bytes, const std::function<base::Result<void>()>& write)
{
    bool again = true; // room that came back between the attempt and the look at the disk
    while (true) {
        auto written = write();
        if (written.hasValue() || !m_mayWait)
            return written;
        const bool hadRoom = hasRoom(m_run.path, bytes);
        if (hadRoom ? !std::exchange(again, false) : !waitForRoom(bytes))
            return written; // something else is wrong with the disk, or the run is left
    }
}

bool Trainer::waitForRoom(std::uint64_t bytes)
{
    const auto need = fmt::format("The disk is full: {} must be free in {}.", megabytes(bytes), m_run.path.string());
    spdlog::warn("{} Waiting at step {}.", need, m_state->step);
    m_reporter.send(protocol::WarningMessage { "disk", need + " Training waits, nothing is lost; it goes on by itself when there is room." });
    m_reporter.phase("waiting for disk space");
    const double before = base::monotonicSeconds();
    while (!m_control.leaving() && !hasRoom(m_run.path, bytes)) {
        const double next = base::monotonicSeconds() + m_run.tuning.roomSeconds;
        while (!m_control.leaving() && base::monotonicSeconds() < next)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    m_paused += base::monotonicSeconds() - before;
    if (m_control.leaving())
        return false;
    spdlog::info("There is room again.");
    m_reporter.send(protocol::WarningMessage { "disk", "There is room on the disk again; training goes on." });
    m_reporter.phase("training");
    return true;
}

}
