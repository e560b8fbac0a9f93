#include "core/training/picture_cache.h"

#include "core/media/picture.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <thread>
#include <utility>

namespace percept::training {

PictureCache::PictureCache(const std::vector<protocol::SnapshotItem>& items, std::uint64_t limitBytes, BadFn onBad)
    : m_items(items)
    , m_limit(limitBytes)
    , m_onBad(std::move(onBad))
    , m_pictures(items.size())
    , m_isChecked(items.size())
{
}

void PictureCache::preload(const std::function<void(std::size_t, std::size_t)>& progress, const std::atomic<bool>& stop)
{
    std::atomic<std::size_t> next = 0;
    const auto work = [&](bool reports) {
        for (std::size_t i = next++; i < m_items.size() && !stop; i = next++) {
            {
                std::lock_guard lock(m_mutex);
                if (m_isFull) // the others are read when they are needed
                    return;
            }
            get(i);
            if (reports)
                progress(i + 1, m_items.size());
        }
    };
    std::exception_ptr fault;
    const auto guarded = [&](bool reports) {
        try {
            work(reports);
        } catch (...) {
            std::lock_guard lock(m_mutex);
            fault = std::current_exception();
            next = m_items.size(); // nothing more for the other thread
        }
    };
    {
        const std::jthread other([&] { guarded(false); });
        guarded(true);
    }
    if (fault)
        std::rethrow_exception(fault);
}

cv::Mat PictureCache::get(std::size_t index)
{
    {
        std::lock_guard lock(m_mutex);
        if (!m_pictures[index].empty() || m_bad.contains(index))
            return m_pictures[index];
    }
    const cv::Mat picture = decode(index);
    const std::uint64_t bytes = picture.total() * picture.elemSize();
    std::lock_guard lock(m_mutex);
    if (picture.empty() || !m_pictures[index].empty())
        return picture;
    if (m_bytes + bytes > m_limit) {
        m_isFull = true;
        return picture;
    }
    m_pictures[index] = picture;
    m_bytes += bytes;
    return picture;
}

// Once each: what does not fit into memory is decoded again in every epoch.
bool PictureCache::isToBeChecked(std::size_t index)
{
    std::lock_guard lock(m_mutex);
    return !std::exchange(m_isChecked[index], char { 1 });
}

cv::Mat PictureCache::decode(std::size_t index)
{
    const auto& item = m_items[index];
    std::string reason;
    cv::Mat picture;
    const bool isFirst = !item.sha256.empty() && isToBeChecked(index);
    std::string sha256;
    auto decoded = media::decodePicture(item.path, isFirst ? &sha256 : nullptr);
    if (decoded.hasError())
        reason = decoded.error().message;
    else if (decoded->cols != item.width || decoded->rows != item.height)
        reason = fmt::format("it is {} x {} now, and was {} x {} when its boxes were frozen", decoded->cols, decoded->rows,
            item.width, item.height);
    else if (isFirst && sha256 != item.sha256) // of the same size, as the next one of the same camera
        reason = "it is not the picture any more that its boxes were drawn on; its file was replaced or changed";
    else
        picture = *decoded;
    if (picture.empty()) {
        bool isNew = false;
        {
            std::lock_guard lock(m_mutex);
            isNew = m_bad.insert(index).second;
        }
        if (isNew && m_onBad)
            m_onBad(item, reason);
    }
    return picture;
}

std::size_t PictureCache::badCount() const
{
    std::lock_guard lock(m_mutex);
    return m_bad.size();
}

std::uint64_t PictureCache::bytes() const
{
    std::lock_guard lock(m_mutex);
    return m_bytes;
}

namespace {

std::optional<std::uint64_t> freeOnThisMachine()
{
    std::ifstream file("/proc/meminfo");
    for (std::string line; std::getline(file, line);) {
        std::uint64_t kilobytes = 0;
        if (std::sscanf(line.c_str(), "MemAvailable: %lu kB", &kilobytes) == 1)
            return kilobytes * 1024;
    }
    return std::nullopt;
}

// Files that are only cached go as soon as somebody needs the memory.
std::uint64_t cachedFiles(const std::string& folder)
{
    std::uint64_t bytes = 0, value = 0;
    std::string name;
    for (std::ifstream statistics(folder + "/memory.stat"); statistics >> name >> value;)
        if (name == "active_file" || name == "inactive_file")
            bytes += value;
    return bytes;
}

// The least that any group of control above this process leaves it. Empty without a limit; what the kernel says of the
// machine does not hold for a container or a job of a cluster.
std::optional<std::uint64_t> freeInItsGroups()
{
    const std::string root = "/sys/fs/cgroup";
    std::string path;
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);)
        if (line.starts_with("0::"))
            path = line.substr(3);
    std::optional<std::uint64_t> least;
    for (auto folder = root + (path == "/" ? "" : path); folder.size() >= root.size(); folder.resize(folder.rfind('/'))) {
        std::uint64_t most = 0, used = 0;
        if (!(std::ifstream(folder + "/memory.max") >> most) || !(std::ifstream(folder + "/memory.current") >> used))
            continue; // "max", or a root group, which has neither file
        used -= std::min(used, cachedFiles(folder));
        const auto left = most > used ? most - used : 0;
        least = std::min(left, least.value_or(left));
    }
    return least;
}

}

std::uint64_t defaultCacheLimit()
{
    constexpr std::uint64_t kLargest = 4ull << 30, kUnknown = 2ull << 30;
    const auto machine = freeOnThisMachine().value_or(kUnknown);
    return std::min(kLargest, std::min(machine, freeInItsGroups().value_or(machine)) / 4);
}

}
