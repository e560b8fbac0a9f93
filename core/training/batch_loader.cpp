#include "core/training/batch_loader.h"

#include "core/base/time.h"

#include <algorithm>
#include <numeric>

namespace percept::training {

namespace {
constexpr std::uint64_t kOrderStream = 0x4F52444552ull; // apart from the streams of the epochs' augmentation
}

std::vector<std::size_t> epochOrder(std::uint64_t seed, std::int64_t epoch, std::size_t items)
{
    std::vector<std::size_t> order(items);
    std::iota(order.begin(), order.end(), std::size_t { 0 });
    base::Random random(seed, kOrderStream, static_cast<std::uint64_t>(epoch));
    for (std::size_t i = items; i > 1; --i)
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i))]);
    return order;
}

BatchLoader::BatchLoader(PictureCache& cache, const LoaderOptions& options)
    : m_cache(cache)
    , m_options(options)
{
    const auto items = static_cast<std::int64_t>(cache.items().size());
    m_options.batchSize = static_cast<int>(std::min<std::int64_t>(options.batchSize, items));
    m_stepsPerEpoch = items / m_options.batchSize; // the last incomplete batch is dropped
}

BatchLoader::~BatchLoader()
{
    stop();
}

void BatchLoader::stop()
{
    {
        std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void BatchLoader::startAt(std::int64_t step)
{
    stop();
    m_ready.clear();
    m_nextToMake = m_nextToTake = step;
    m_stop = false;
    m_fault = nullptr;
    m_thread = std::thread([this] { run(); });
}

void BatchLoader::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [&] { return m_stop || m_ready.size() < m_options.ahead; });
        if (m_stop)
            return;
        const auto step = m_nextToMake++;
        lock.unlock();
        std::optional<Batch> batch;
        std::exception_ptr fault;
        try {
            batch = make(step);
        } catch (...) { // no memory, for example: for the thread that trains to tell
            fault = std::current_exception();
        }
        lock.lock();
        if (fault) {
            m_fault = fault;
            m_changed.notify_all();
            return;
        }
        m_ready.emplace(step, std::move(batch));
        m_changed.notify_all();
    }
}

std::optional<Batch> BatchLoader::take()
{
    const double before = base::monotonicSeconds();
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_fault || m_ready.contains(m_nextToTake); });
    m_waited += base::monotonicSeconds() - before;
    if (!m_ready.contains(m_nextToTake))
        std::rethrow_exception(m_fault);
    auto node = m_ready.extract(m_nextToTake++);
    m_changed.notify_all();
    return std::move(node.mapped());
}

std::optional<Batch> BatchLoader::make(std::int64_t step)
{
    const auto& items = m_cache.items();
    const std::int64_t epoch = step / m_stepsPerEpoch, first = step % m_stepsPerEpoch * m_options.batchSize;
    if (epoch != m_orderEpoch) {
        m_order = epochOrder(m_options.seed, epoch, items.size());
        m_orderEpoch = epoch;
    }
    const std::size_t perImage = static_cast<std::size_t>(m_options.canvas.width) * static_cast<std::size_t>(m_options.canvas.height) * 3;
    Batch batch;
    batch.step = step;
    batch.images = m_options.batchSize;
    batch.pixels.resize(perImage * static_cast<std::size_t>(batch.images));
    for (int i = 0; i < batch.images; ++i) {
        std::size_t index = m_order[static_cast<std::size_t>(first + i)];
        cv::Mat picture = m_cache.get(index);
        for (std::size_t tries = 1; picture.empty() && tries < items.size(); ++tries) {
            index = (index + 1) % items.size();
            picture = m_cache.get(index);
        }
        if (picture.empty())
            return std::nullopt;
        const base::Random random(m_options.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(first + i));
        batch.truths.push_back(augment(picture, items[index], m_options.canvas, m_options.augment, random,
            { batch.pixels.data() + perImage * static_cast<std::size_t>(i), perImage }));
    }
    return batch;
}

}
