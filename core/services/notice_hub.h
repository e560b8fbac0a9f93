#pragma once

#include "core/services/project_session.h"

#include <map>
#include <memory>
#include <mutex>

namespace percept::services {

// Gathers what committed changes touched and hands it to subscribers in as few notices as possible: while one waits to be
// delivered, later changes are merged into it. Thread-safe; the database thread adds, the owner's thread receives.
class NoticeHub : public std::enable_shared_from_this<NoticeHub> {
public:
    using Notice = ProjectSession::Notice;
    using SaveState = ProjectSession::SaveState;

    explicit NoticeHub(ProjectSession::Deliver deliver) : m_deliver(std::move(deliver)) { }

    std::unique_ptr<ProjectSession::Subscription> subscribe(std::function<void(const Notice&)> onChange);
    std::unique_ptr<ProjectSession::Subscription> subscribeSaveState(std::function<void(const SaveState&)> onState);

    void addNotice(Notice notice);
    // One that comes after a later one is dropped.
    void publishSaveState(SaveState state);
    // Runs `function` where the owner wants its callbacks.
    void deliver(std::function<void()> function) const;
    // Nothing is handed to subscribers any more.
    void close();

private:
    struct Handle;
    void scheduleFlush();
    void flush();
    void remove(int id);

    const ProjectSession::Deliver m_deliver;
    mutable std::mutex m_mutex; // guards what waits
    std::optional<Notice> m_notice;
    std::optional<SaveState> m_state;
    bool m_scheduled = false;

    std::recursive_mutex m_callMutex; // held while subscribers run: a handle that was dropped is not called again
    std::map<int, std::function<void(const Notice&)>> m_onNotice;
    std::map<int, std::function<void(const SaveState&)>> m_onState;
    int m_lastId = 0;
    std::int64_t m_lastState = 0; // number of the one that was handed out last
    bool m_closed = false;
};

}
