#pragma once

#include "core/services/notice_hub.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace percept::services {

// Owns the project's one writer and the thread that it lives on. Two queues: edits (in order) and background chunks, which
// run only while no edit waits. An edit that failed for want of disk space and the like stays at the head of its queue and
// holds back the edits behind it, which may build on it; it is tried again by itself every few seconds and by retry().
class DatabaseThread {
public:
    using Priority = ProjectSession::Priority;

    static base::Result<std::unique_ptr<DatabaseThread>> start(
        const std::filesystem::path& project, const std::string& programName, std::shared_ptr<NoticeHub> hub);
    // Runs all that waits; edits that still fail are reported to their owners as errors.
    ~DatabaseThread();

    // One attempt at an edit. Kept: a passing failure, to be tried again.
    struct Attempt { bool kept = false; base::Error error; };
    struct EditTask {
        std::function<Attempt(dataset::ProjectStore&)> attempt;
        std::function<void(const base::Error&)> giveUp;
    };
    void addEdit(EditTask task);
    void addWork(std::function<void(dataset::ProjectStore&)> work, Priority priority);
    void retry();
    ProjectSession::SaveState saveState() const;
    // Called by attempts on this thread.
    void noteCommit(const dataset::Committed& committed, const std::string& title);

private:
    struct Task { EditTask edit; std::function<void(dataset::ProjectStore&)> work; };
    using Clock = std::chrono::steady_clock;

    explicit DatabaseThread(std::shared_ptr<NoticeHub> hub) : m_hub(std::move(hub)) { }
    void run(const std::filesystem::path& project, const std::string& programName, std::promise<base::Result<void>> opened);
    void loop();
    std::optional<Task> takeTask(std::unique_lock<std::mutex>& lock);
    void runEdit(Task task);
    void runWork(const std::function<void(dataset::ProjectStore&)>& work);
    void giveUpEdits();
    void backUpWhenDue();
    ProjectSession::SaveState stateLocked() const;
    void publish();

    const std::shared_ptr<NoticeHub> m_hub;
    std::unique_ptr<dataset::ProjectStore> m_store; // database thread only
    Clock::time_point m_nextBackupCheck = Clock::now();

    mutable std::mutex m_mutex; // guards all below
    std::condition_variable m_changed;
    std::deque<Task> m_edits;
    std::deque<Task> m_background;
    int m_pendingEdits = 0;
    std::int64_t m_statesTold = 0;
    std::string m_failure;
    dataset::Committed m_last;
    Clock::time_point m_retryAt {};
    bool m_closing = false, m_lastTry = false;
    std::thread m_thread;
};

}
