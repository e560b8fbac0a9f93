#include "app/studio/frame/background_reader.h"

#include "app/studio/frame/attempt.h"

#include <QObject>
#include <chrono>
#include <utility>

namespace percept::studio {

BackgroundReader::BackgroundReader(Open open, Report report)
    : m_open(std::move(open))
    , m_report(std::move(report))
    , m_home(std::make_unique<QObject>())
{
}

BackgroundReader::~BackgroundReader()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
        m_tasks.clear();
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    m_home.reset();
}

void BackgroundReader::post(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
        ++m_posted;
    }
    if (!m_thread.joinable())
        m_thread = std::thread([this] { work(); });
    m_wake.notify_one();
}

void BackgroundReader::deliver(std::function<void()> run)
{
    if (run)
        QMetaObject::invokeMethod(m_home.get(), std::move(run), Qt::QueuedConnection);
}

// The next one, which stays where it is while it cannot be done; nothing: the thread ends.
std::optional<BackgroundReader::Task> BackgroundReader::takeTask(bool canRead)
{
    std::unique_lock lock(m_mutex);
    m_wake.wait(lock, [this] { return m_quit || !m_tasks.empty(); });
    if (m_quit)
        return std::nullopt;
    if (!canRead)
        return Task();
    Task task = std::move(m_tasks.front());
    m_tasks.pop_front();
    return task;
}

void BackgroundReader::open()
{
    constexpr std::chrono::seconds kTryAgain { 5 };
    std::unique_lock lock(m_mutex);
    const std::size_t posted = m_posted;
    lock.unlock();
    auto opened = *attempt<base::Result<std::unique_ptr<dataset::ProjectReader>>>(m_open);
    if (opened.hasValue()) {
        m_reader = std::move(opened).value();
        m_isReported = false;
        return;
    }
    if (!std::exchange(m_isReported, true))
        deliver([report = m_report, error = opened.error()] { report(error); });
    lock.lock();
    m_wake.wait_for(lock, kTryAgain, [&] { return m_quit || m_posted != posted; });
}

void BackgroundReader::work()
{
    while (const auto task = takeTask(m_reader != nullptr)) {
        if (!m_reader) {
            open();
            continue;
        }
        auto result = *attempt<base::Result<std::function<void()>>>([&] { return (*task)(*m_reader); });
        if (result.hasValue())
            deliver(std::move(result).value());
        else
            deliver([report = m_report, error = result.error()] { report(error); });
    }
}

}
