#include "app/studio/frame/thumbnails.h"

#include "core/base/files.h"
#include "core/media/picture.h"

#include <algorithm>
#include <opencv2/core.hpp>

namespace percept::studio {
namespace {

constexpr int kMemoryBytes = 24 << 20;
constexpr std::size_t kMaxPending = 512;
constexpr int kJpegQuality = 85;

QImage imageOf(const cv::Mat& rgb)
{
    return QImage(rgb.data, rgb.cols, rgb.rows, static_cast<qsizetype>(rgb.step), QImage::Format_RGB888)
        .convertToFormat(QImage::Format_RGB32);
}

}

Thumbnails::Thumbnails(const std::filesystem::path& cacheFolder, QObject* parent)
    : QObject(parent)
    , m_folder(cacheFolder / "thumbnails")
    , m_images(kMemoryBytes)
{
}

Thumbnails::~Thumbnails()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_wake.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
}

int Thumbnails::pending() const { return static_cast<int>(m_asked.size()); }

QImage Thumbnails::thumbnail(const domain::Item& item, const std::filesystem::path& file)
{
    if (const QImage* image = m_images.object(item.id.value))
        return *image;
    if (m_asked.contains(item.id.value) || m_problems.contains(item.id.value))
        return {};
    if (m_threads.empty()) {
        const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1u, 4u);
        for (unsigned i = 0; i < count; ++i)
            m_threads.emplace_back([this] { work(); });
    }
    m_asked.insert(item.id.value);
    {
        const std::lock_guard lock(m_mutex);
        m_stack.push_back({ item.id, item.sizeBytes, file });
        if (m_stack.size() > kMaxPending) { // the oldest were scrolled away
            m_asked.remove(m_stack.front().item.value);
            m_stack.erase(m_stack.begin());
        }
    }
    m_wake.notify_one();
    Q_EMIT pendingChanged();
    return {};
}

void Thumbnails::work()
{
    for (;;) {
        Request request;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_quit || !m_stack.empty(); });
            if (m_quit)
                return;
            request = std::move(m_stack.back());
            m_stack.pop_back();
        }
        Made made = make(request);
        bool first = false;
        {
            const std::lock_guard lock(m_mutex);
            first = m_made.empty();
            m_made.push_back(std::move(made));
        }
        if (first)
            QMetaObject::invokeMethod(this, [this] { take(); }, Qt::QueuedConnection);
    }
}

// Runs on a worker thread; touches nothing that changes.
Thumbnails::Made Thumbnails::make(const Request& request) const
{
    const std::string name = std::to_string(request.item.value) + "-" + std::to_string(request.sizeBytes) + ".jpg";
    const std::filesystem::path folder = m_folder / std::to_string(request.item.value / 1000), cached = folder / name;
    std::error_code none;
    if (std::filesystem::exists(cached, none)) {
        auto picture = media::decodePicture(cached);
        if (picture.hasValue())
            return { request.item, imageOf(*picture), {} };
    }
    auto picture = media::decodeThumbnail(request.file, kLongSide);
    if (picture.hasError())
        return { request.item, {}, QString::fromStdString(picture.error().message) };
    const auto bytes = media::encodeJpeg(*picture, kJpegQuality);
    if (bytes.hasValue()) {
        // A thumbnail that is lost is made again: no fsync, and a failure to write costs time only.
        std::filesystem::create_directories(folder, none);
        const std::filesystem::path part = folder / (name + ".part");
        if (std::FILE* out = std::fopen(part.c_str(), "wb")) {
            const bool whole = std::fwrite(bytes->data(), 1, bytes->size(), out) == bytes->size();
            if (std::fclose(out) == 0 && whole)
                std::filesystem::rename(part, cached, none);
            else
                std::filesystem::remove(part, none);
        }
    }
    return { request.item, imageOf(*picture), {} };
}

void Thumbnails::take()
{
    std::vector<Made> made;
    {
        const std::lock_guard lock(m_mutex);
        made.swap(m_made);
    }
    for (Made& one : made) {
        m_asked.remove(one.item.value);
        if (one.image.isNull())
            m_problems.insert(one.item.value, one.problem);
        else
            m_images.insert(one.item.value, new QImage(one.image), static_cast<int>(one.image.sizeInBytes()));
        Q_EMIT thumbnailReady(one.item);
    }
    Q_EMIT pendingChanged();
}

}
