#include "app/studio/frame/background_reader.h"

#include "core/base/log.h"

#include <QObject>

namespace percept::studio {

BackgroundReader::BackgroundReader(Open open)
    : m_open(std::move(open))
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
    }
    if (!m_thread.joinable())
        m_thread = std::thread([this] { work(); });
    m_wake.notify_one();
}

void BackgroundReader::work()
{
    auto reader = m_open();
    if (reader.hasError()) {
        spdlog::error("second view of the project: {}", reader.error().message);
        return;
    }
    for (;;) {
        Task task;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_quit || !m_tasks.empty(); });
            if (m_quit)
                return;
            task = std::move(m_tasks.front());
            m_tasks.pop_front();
        }
        std::function<void()> deliver = task(**reader);
        if (deliver)
            QMetaObject::invokeMethod(m_home.get(), std::move(deliver), Qt::QueuedConnection);
    }
}

}
