#pragma once

#include "core/dataset/project_reader.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

class QObject;

namespace percept::studio {

// One thread with its own read-only view of the project, started by the first task. What a task returns runs on the
// interface thread, as long as this object lives. While the project cannot be opened tasks wait, and `report` has said so once, on
// the interface thread; it is tried again with the next task, and every few seconds.
class BackgroundReader {
public:
    using Task = std::function<std::function<void()>(dataset::ProjectReader&)>;
    using Open = std::function<base::Result<std::unique_ptr<dataset::ProjectReader>>()>;

    using Report = std::function<void(const base::Error&)>;

    BackgroundReader(Open open, Report report);
    ~BackgroundReader(); // drops what has not begun, waits for the task that runs
    void post(Task task);

private:
    void work();
    std::optional<Task> takeTask(bool canRead);
    void open();
    void deliver(std::function<void()> run);

    Open m_open;
    Report m_report;
    std::unique_ptr<dataset::ProjectReader> m_reader; // of the thread
    bool m_isReported = false;                        // likewise: that there is none
    std::unique_ptr<QObject> m_home; // dies first: results that are under way are dropped
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Task> m_tasks;
    std::size_t m_posted = 0;
    bool m_quit = false;
    std::thread m_thread;
};

}
