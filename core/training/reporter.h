#pragma once

#include "core/protocol/trainer_messages.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace percept::training {

// The one writer of stdout: a JSON object a line. A thread of its own repeats the last progress as the heartbeat, so that a
// long step, a validation or a pause never looks like a dead program; hello comes before it. Thread-safe.
class Reporter {
public:
    // `progressFile`: keeps the last progress as well, for a run that nobody listens to; empty: none.
    Reporter(int fd, double heartbeatSeconds, std::filesystem::path progressFile = {});
    ~Reporter();
    void send(const protocol::TrainerMessage& message);
    void progress(const protocol::ProgressMessage& progress); // kept for the heartbeat, which sends it
    void phase(const std::string& phase);                     // sent at once
    void finish(const protocol::FinishedMessage& message);    // once; nothing is sent afterwards

private:
    void write(const protocol::TrainerMessage& message);
    void beat(double seconds);
    void keepProgress(const std::string& line);

    const int m_fd;
    const std::filesystem::path m_progressFile;
    std::mutex m_mutex;
    std::condition_variable m_stopped;
    protocol::ProgressMessage m_progress;
    std::int64_t m_sequence = 0;
    bool m_finished = false;
    std::thread m_heartbeat;
};

// Commands from the parent on stdin, read on a thread of its own, and what signals ask for. A detached run has no parent:
// a file of the name `stop` in its directory asks it to stop and keep what it has, from wherever the directory is reached, and
// it waits while there is one of the name `pause`.
class Control {
public:
    Control(int fd, bool detached, std::filesystem::path runFolder = {});
    ~Control();
    bool shouldStop() const { return m_stop; }        // the user's stop: keep what was learnt as a model
    bool parentGone() const { return m_parentGone; }  // checkpoint and leave
    bool isPaused() const { return m_paused || m_isHeld; }
    bool takeCheckpointRequest() { return m_checkpoint.exchange(false); }
    const std::atomic<bool>& leaving() const { return m_leaving; } // either of the first two

private:
    void run(int fd, bool detached);
    void handle(std::string_view line);
    void leave(std::atomic<bool>& reason);
    void lookForFiles();

    const std::filesystem::path m_folder; // empty: there are no such files

    std::atomic<bool> m_stop = false, m_parentGone = false, m_paused = false, m_isHeld = false, m_checkpoint = false, m_leaving = false;
    std::atomic<bool> m_quit = false;
    std::thread m_thread;
};

}
