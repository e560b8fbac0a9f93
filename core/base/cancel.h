#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace percept::base {

// A flag that long work polls. Copies share the flag; any thread may cancel.
class CancelToken {
public:
    void cancel() const { m_flag->store(true, std::memory_order_relaxed); }
    bool isCancelled() const { return m_flag->load(std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> m_flag = std::make_shared<std::atomic<bool>>(false);
};

// How far long work has come. total 0 means: not known.
struct Progress {
    std::int64_t done = 0;
    std::int64_t total = 0;
    std::string what; // "Reading annotations"
};
using ProgressFn = std::function<void(const Progress&)>;

}
