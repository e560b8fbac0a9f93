#include "app/studio/label/item_loader.h"

#include "core/media/picture.h"

#include <algorithm>

namespace percept::studio {

namespace {
    constexpr std::size_t kCacheBytes = 640u << 20; // three 36 MP pictures with their levels
    constexpr std::size_t kCacheCount = 8;

    ItemLoader::Picture decode(const std::filesystem::path& file)
    {
        auto decoded = media::decodePicture(file);
        if (decoded.hasError())
            return { nullptr, QString::fromStdString(decoded.error().message) };
        const cv::Mat& mat = *decoded;
        const QImage view(mat.data, mat.cols, mat.rows, static_cast<qsizetype>(mat.step), QImage::Format_RGB888);
        return { canvas::PictureLevels::build(view.convertToFormat(QImage::Format_RGB32)), {} };
    }
}

ItemLoader::ItemLoader(QObject* parent)
    : QObject(parent)
    , m_thread([this] { work(); })
{
}

ItemLoader::~ItemLoader()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

void ItemLoader::want(std::vector<Wanted> wanted)
{
    std::erase_if(wanted, [this](const Wanted& w) {
        return std::any_of(m_cache.begin(), m_cache.end(), [&](const Entry& e) { return e.item == w.item; });
    });
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(wanted, [this](const Wanted& w) { return m_running == w.item; });
        m_wanted = std::move(wanted);
    }
    m_wake.notify_one();
}

std::optional<ItemLoader::Picture> ItemLoader::cached(ItemId item)
{
    const auto it = std::find_if(m_cache.begin(), m_cache.end(), [item](const Entry& e) { return e.item == item; });
    if (it == m_cache.end())
        return std::nullopt;
    m_cache.splice(m_cache.begin(), m_cache, it);
    return m_cache.front().picture;
}

void ItemLoader::clear()
{
    const std::lock_guard lock(m_mutex);
    m_wanted.clear();
    m_cache.clear();
    ++m_times.generation;
}

void ItemLoader::forgetProblems()
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_cache, [](const Entry& e) { return !e.picture.levels; });
    ++m_times.tries;
}

void ItemLoader::work()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return m_quit || !m_wanted.empty(); });
        if (m_quit)
            return;
        const Wanted next = m_wanted.front();
        m_wanted.erase(m_wanted.begin());
        m_running = next.item;
        const Times begun = m_times;
        lock.unlock();
        Picture picture = decode(next.file);
        lock.lock();
        m_running.reset();
        QMetaObject::invokeMethod(this, [this, item = next.item, picture = std::move(picture), begun]() mutable {
            take(item, std::move(picture), begun);
        }, Qt::QueuedConnection);
    }
}

void ItemLoader::take(ItemId item, Picture picture, Times begun)
{
    if (begun.generation != m_times.generation)
        return;
    if (!picture.levels && begun.tries != m_times.tries) {
        Q_EMIT loaded(item);
        return;
    }
    m_cache.push_front({ item, std::move(picture) });
    std::size_t bytes = 0, count = 0;
    for (auto it = m_cache.begin(); it != m_cache.end();) {
        bytes += it->picture.levels ? it->picture.levels->bytes() : 0;
        // The current picture and one beside it always stay.
        if (++count > 2 && (bytes > kCacheBytes || count > kCacheCount))
            it = m_cache.erase(it);
        else
            ++it;
    }
    Q_EMIT loaded(item);
}

}
