#pragma once

#include "core/dataset/project_reader.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

class QObject;

namespace percept::studio {

// One thread with its own read-only view of the project, started by the first task. What a task returns runs on the
// interface thread, as long as this object lives.
class BackgroundReader {
public:
    using Task = std::function<std::function<void()>(dataset::ProjectReader&)>;
    using Open = std::function<base::Result<std::unique_ptr<dataset::ProjectReader>>()>;

    explicit BackgroundReader(Open open);
    ~BackgroundReader(); // drops what has not begun, waits for the task that runs
    void post(Task task);

private:
    void work();

    Open m_open;
    std::unique_ptr<QObject> m_home; // dies first: results that are under way are dropped
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Task> m_tasks;
    bool m_quit = false;
    std::thread m_thread;
};

}
