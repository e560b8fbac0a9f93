#pragma once

#include "core/base/result.h"
#include "core/protocol/run_config.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <opencv2/core/mat.hpp>
#include <set>
#include <vector>

namespace percept::training {

// Decoded pictures of a set, each read once while the memory limit lasts and again on each use after that. Thread-safe.
// A picture that cannot be read, or is not the one that was labeled (by size and content), is told once to onBad and stays bad.
class PictureCache {
public:
    using BadFn = std::function<void(const protocol::SnapshotItem& item, const std::string& reason)>;
    PictureCache(const std::vector<protocol::SnapshotItem>& items, std::uint64_t limitBytes, BadFn onBad);

    // Reads ahead on two threads until all are read or the limit is reached; progress(done, of). Throws what either of them threw.
    void preload(const std::function<void(std::size_t, std::size_t)>& progress, const std::atomic<bool>& stop);
    // Empty when the picture is bad.
    cv::Mat get(std::size_t index);
    std::size_t badCount() const;
    std::uint64_t bytes() const; // held in memory
    const std::vector<protocol::SnapshotItem>& items() const { return m_items; }

private:
    cv::Mat decode(std::size_t index);
    bool isToBeChecked(std::size_t index);

    const std::vector<protocol::SnapshotItem>& m_items;
    const std::uint64_t m_limit;
    const BadFn m_onBad;
    mutable std::mutex m_mutex;
    std::vector<cv::Mat> m_pictures;
    std::vector<char> m_isChecked; // whether its content is that of the snapshot was looked at
    std::set<std::size_t> m_bad;
    std::uint64_t m_bytes = 0;
    bool m_isFull = false; // a picture did not fit any more
};

// A quarter of the memory that is free, for this machine and for the container or job that we run in; at most 4 GiB.
std::uint64_t defaultCacheLimit();

}
