#pragma once

#include "core/domain/annotation.h"
#include "core/runs/decode_pool.h"

#include <QCache>
#include <QImage>
#include <QObject>
#include <QSet>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

namespace percept::studio {

// Small pictures of items, newest request first, kept on disk in cache/thumbnails and the last few in memory. Confined
// processes decode them (runs/decode_pool.h), so that a picture that crashes its decoder costs its thumbnail alone; background
// threads here wait for those, and read and write the cache. The interface thread asks again whenever it paints; a request that
// was never served is dropped when newer ones push it out.
class Thumbnails : public QObject {
    Q_OBJECT
public:
    static constexpr int kLongSide = 256;

    explicit Thumbnails(const std::filesystem::path& cacheFolder, QObject* parent = nullptr);
    ~Thumbnails() override;

    // The thumbnail, or a null image: then it is made and thumbnailReady() follows. `file` is the picture itself.
    QImage thumbnail(const domain::Item& item, const std::filesystem::path& file);
    // Why an item has none; empty when it has or is not known yet.
    QString problem(ItemId item) const { return m_problems.value(item.value); }
    void forgetProblems() { m_problems.clear(); } // the files may be there now
    int pending() const;
    void setMemoryLimit(int bytes) { m_images.setMaxCost(bytes); }

Q_SIGNALS:
    void thumbnailReady(percept::ItemId item);
    void pendingChanged();

private:
    struct Request { ItemId item; std::int64_t sizeBytes; std::filesystem::path file; };
    struct Made { ItemId item; QImage image; QString problem; };
    void startThreads();
    void work();
    Made make(const Request& request);
    base::Result<QImage> decode(const std::filesystem::path& file);
    std::filesystem::path cachedFile(const Request& request) const;
    void take();

    std::filesystem::path m_folder;
    runs::DecodePool m_decoders;
    QCache<qint64, QImage> m_images;
    QHash<qint64, QString> m_problems;
    QSet<qint64> m_asked;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<Request> m_stack;
    std::vector<Made> m_made;
    bool m_quit = false;
    std::vector<std::thread> m_threads;
};

}
