#include "core/services/database_thread.h"

#include "core/base/log.h"

#include <algorithm>

namespace percept::services {

namespace {

constexpr auto kRetryEvery = std::chrono::seconds(5);
constexpr auto kAskForBackupEvery = std::chrono::minutes(5); // the store decides whether one is due

}

base::Result<std::unique_ptr<DatabaseThread>> DatabaseThread::start(
    const std::filesystem::path& project, const std::string& programName, std::shared_ptr<NoticeHub> hub)
{
    std::unique_ptr<DatabaseThread> thread(new DatabaseThread(std::move(hub)));
    std::promise<base::Result<void>> opened;
    auto result = opened.get_future();
    thread->m_thread = std::thread([self = thread.get(), project, programName, opened = std::move(opened)]() mutable {
        self->run(project, programName, std::move(opened));
    });
    PERCEPT_TRY(result.get());
    return thread;
}

DatabaseThread::~DatabaseThread()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_closing = true;
        m_changed.notify_all();
    }
    if (m_thread.joinable())
        m_thread.join();
}

void DatabaseThread::run(const std::filesystem::path& project, const std::string& programName, std::promise<base::Result<void>> opened)
{
    auto store = dataset::ProjectStore::open(project, programName);
    if (store.hasError()) {
        opened.set_value(store.error());
        return;
    }
    m_store = std::move(store).value();
    opened.set_value({});
    loop();
    m_store.reset(); // on its own thread, like everything else
}

void DatabaseThread::loop()
{
    while (true) {
        std::optional<Task> task;
        {
            std::unique_lock lock(m_mutex);
            task = takeTask(lock);
            if (!task && m_closing)
                break;
        }
        if (!task) {
            backUpWhenDue();
            continue;
        }
        if (task->edit.attempt)
            runEdit(std::move(*task));
        else
            runWork(task->work);
    }
    giveUpEdits();
}

// The next thing to do; nothing when it is time to look after backups or to end. Edits first; while an edit is kept back,
// other work goes on.
std::optional<DatabaseThread::Task> DatabaseThread::takeTask(std::unique_lock<std::mutex>& lock)
{
    const auto takeFrom = [](std::deque<Task>& queue, std::deque<Task>::iterator at) {
        Task task = std::move(*at);
        queue.erase(at);
        return task;
    };
    while (true) {
        const bool held = !m_failure.empty() && Clock::now() < m_retryAt && !(m_closing && !m_lastTry);
        const auto edit = std::find_if(m_edits.begin(), m_edits.end(), [&](const Task& t) { return !held || t.work; });
        if (edit != m_edits.end())
            return takeFrom(m_edits, edit);
        if (!m_background.empty())
            return takeFrom(m_background, m_background.begin());
        if (m_closing)
            return std::nullopt;
        if (Clock::now() >= m_nextBackupCheck)
            return std::nullopt;
        m_changed.wait_until(lock, m_failure.empty() ? m_nextBackupCheck : std::min(m_retryAt, m_nextBackupCheck));
    }
}

void DatabaseThread::runEdit(Task task)
{
    publish();
    Attempt result;
    try {
        result = task.edit.attempt(*m_store);
    } catch (const std::exception& e) {
        result.error = base::failed("The change could not be made.", e.what());
        task.edit.giveUp(result.error);
    }
    {
        const std::scoped_lock lock(m_mutex);
        if (result.kept) {
            m_failure = result.error.message;
            m_retryAt = Clock::now() + kRetryEvery;
            m_lastTry = m_closing;
            m_edits.push_front(std::move(task));
        } else {
            m_failure.clear();
            --m_pendingEdits;
        }
    }
    publish();
}

void DatabaseThread::runWork(const std::function<void(dataset::ProjectStore&)>& work)
{
    const auto before = m_store->readRevision();
    try {
        work(*m_store);
    } catch (const std::exception& e) {
        spdlog::error("Work on the project failed: {}", e.what());
    }
    const auto after = m_store->readRevision();
    if (before.hasError() || after.hasError() || before.value() == after.value())
        return;
    ProjectSession::Notice notice;
    notice.everything = notice.labelsChanged = true;
    notice.revision = after.value();
    if (const auto history = m_store->readHistory(1); history.hasValue() && !history->empty())
        notice.title = history->front().title;
    m_hub->addNotice(std::move(notice));
}

void DatabaseThread::giveUpEdits()
{
    std::deque<Task> left;
    std::string why;
    {
        const std::scoped_lock lock(m_mutex);
        left.swap(m_edits);
        why = m_failure;
        m_pendingEdits = 0;
    }
    for (const auto& task : left) {
        spdlog::error("A change was not saved: {}", why);
        if (task.edit.giveUp)
            task.edit.giveUp(base::failed("The change was not saved: " + why));
    }
}

void DatabaseThread::backUpWhenDue()
{
    m_nextBackupCheck = Clock::now() + kAskForBackupEvery;
    if (const auto done = m_store->maybeHourlyBackup(); done.hasError())
        spdlog::warn("The hourly backup failed: {}", done.error().message);
}

void DatabaseThread::addEdit(EditTask task)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_edits.push_back({ std::move(task), {} });
        ++m_pendingEdits;
        m_changed.notify_all();
    }
    publish(); // no attempt may tell of it soon: one is kept back, or other work is under way
}

void DatabaseThread::addWork(std::function<void(dataset::ProjectStore&)> work, Priority priority)
{
    const std::scoped_lock lock(m_mutex);
    (priority == Priority::Edit ? m_edits : m_background).push_back({ {}, std::move(work) });
    m_changed.notify_all();
}

void DatabaseThread::retry()
{
    const std::scoped_lock lock(m_mutex);
    m_retryAt = Clock::now();
    m_changed.notify_all();
}

ProjectSession::SaveState DatabaseThread::stateLocked() const { return { m_pendingEdits, m_failure, m_last, m_statesTold }; }

ProjectSession::SaveState DatabaseThread::saveState() const
{
    const std::scoped_lock lock(m_mutex);
    return stateLocked();
}

// From two threads; whoever is slower has the older state, and its lower number.
void DatabaseThread::publish()
{
    ProjectSession::SaveState state;
    {
        const std::scoped_lock lock(m_mutex);
        ++m_statesTold;
        state = stateLocked();
    }
    m_hub->publishSaveState(std::move(state));
}

void DatabaseThread::noteCommit(const dataset::Committed& committed, const std::string& title)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_last = committed;
    }
    ProjectSession::Notice notice;
    notice.items = committed.touchedItems;
    notice.everything = committed.itemsChanged && committed.touchedItems.empty(); // an import taken back: too many to name
    notice.labelsChanged = committed.labelsChanged;
    notice.revision = committed.change.value;
    notice.title = title;
    m_hub->addNotice(std::move(notice));
}

}
