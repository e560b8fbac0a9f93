#include "app/studio/frame/thumbnails.h"

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

QImage readKept(const std::filesystem::path& cached)
{
    constexpr media::DecodeLimits kLimits { .maxPixels = Thumbnails::kLongSide * Thumbnails::kLongSide, .maxFileBytes = 1 << 20 };
    std::error_code none;
    if (!std::filesystem::exists(cached, none))
        return {};
    const auto picture = media::decodePicture(cached, kLimits);
    return picture.hasValue() ? imageOf(*picture) : QImage();
}

// A thumbnail that is lost is made again: no fsync, and a failure to write costs time only.
void keep(const QImage& image, const std::filesystem::path& cached)
{
    const QImage rgb = image.convertToFormat(QImage::Format_RGB888);
    const cv::Mat picture(rgb.height(), rgb.width(), CV_8UC3, const_cast<uchar*>(rgb.constBits()), static_cast<std::size_t>(rgb.bytesPerLine()));
    const auto bytes = media::encodeJpeg(picture, kJpegQuality);
    if (bytes.hasError())
        return;
    std::error_code none;
    std::filesystem::create_directories(cached.parent_path(), none);
    const std::filesystem::path part = cached.string() + ".part";
    std::FILE* out = std::fopen(part.c_str(), "wbe");
    if (!out)
        return;
    const bool whole = std::fwrite(bytes->data(), 1, bytes->size(), out) == bytes->size();
    if (std::fclose(out) == 0 && whole)
        std::filesystem::rename(part, cached, none);
    else
        std::filesystem::remove(part, none);
}

runs::DecodePool::Options decoderOptions()
{
    runs::DecodePool::Options options;
    options.idleSeconds = 60; // people scroll, look and scroll on
    return options;
}

}

Thumbnails::Thumbnails(const std::filesystem::path& cacheFolder, QObject* parent)
    : QObject(parent)
    , m_folder(cacheFolder / "thumbnails")
    , m_decoders(decoderOptions())
    , m_images(kMemoryBytes)
{
    std::error_code none;
    if (!std::filesystem::exists(m_folder, none))
        m_decoders.warmUp(); // every thumbnail is still to be made
}

Thumbnails::~Thumbnails()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_wake.notify_all();
    m_decoders.stop();
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
    if (m_threads.empty())
        startThreads();
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

// Two for each decoder: while it is at one picture, the next waits for it, and the last one is written.
void Thumbnails::startThreads()
{
    const unsigned count = 2 * std::clamp(std::thread::hardware_concurrency(), 1u, 4u);
    for (unsigned i = 0; i < count; ++i)
        m_threads.emplace_back([this] { work(); });
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

std::filesystem::path Thumbnails::cachedFile(const Request& request) const
{
    const auto name = std::to_string(request.item.value) + "-" + std::to_string(request.sizeBytes) + ".jpg";
    return m_folder / std::to_string(request.item.value / 1000) / name;
}

// Runs on a background thread; touches nothing that changes.
Thumbnails::Made Thumbnails::make(const Request& request)
{
    const std::filesystem::path cached = cachedFile(request);
    if (const QImage kept = readKept(cached); !kept.isNull())
        return { request.item, kept, {} };
    const auto image = decode(request.file);
    if (image.hasError())
        return { request.item, {}, QString::fromStdString(image.error().message) };
    keep(image.value(), cached);
    return { request.item, image.value(), {} };
}

base::Result<QImage> Thumbnails::decode(const std::filesystem::path& file)
{
    protocol::DecodeRequest request;
    request.type = protocol::DecodeRequest::Type::Thumbnail;
    request.longSide = kLongSide;
    request.files = { file.string() };
    PERCEPT_ASSIGN(pictures, m_decoders.ask(std::move(request)).get());
    PERCEPT_ASSIGN(picture, std::move(pictures.front()));
    if (picture.rgb.empty() || std::max(picture.width, picture.height) > kLongSide)
        return base::refused(file.filename().string() + ": the decoder gave no thumbnail of it.");
    return imageOf(cv::Mat(picture.height, picture.width, CV_8UC3, picture.rgb.data()));
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
