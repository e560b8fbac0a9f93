#pragma once

#include "core/training/augment.h"
#include "core/training/picture_cache.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace percept::training {

struct Batch {
    std::int64_t step = 0;
    int images = 0;
    std::vector<float> pixels; // images x height x width x 3, normalised
    std::vector<std::vector<CanvasTruth>> truths;
};

struct LoaderOptions {
    std::uint64_t seed = 0;
    int batchSize = 4;
    CanvasSize canvas;
    AugmentOptions augment;
    std::size_t ahead = 4; // batches made before they are asked for
};

// Order of the items in an epoch: a function of (seed, epoch), whatever was drawn before.
std::vector<std::size_t> epochOrder(std::uint64_t seed, std::int64_t epoch, std::size_t items);

// Makes batches ahead of the training on a thread of its own. The batch of a step is a function of (seed, step), so a run that
// goes on from a checkpoint sees what it would have seen. A bad picture is replaced by the next good one of the set.
class BatchLoader {
public:
    BatchLoader(PictureCache& cache, const LoaderOptions& options);
    ~BatchLoader();
    std::int64_t stepsPerEpoch() const { return m_stepsPerEpoch; }
    int batchSize() const { return m_options.batchSize; } // at most the number of items
    void startAt(std::int64_t step);
    // Steps must be taken in order from startAt(). Empty when no picture of the set can be read. Throws what making it threw.
    std::optional<Batch> take();
    // Made here and now, without the thread.
    std::optional<Batch> make(std::int64_t step);
    double waitedSeconds() const { return m_waited; }

private:
    void run();
    void stop();

    PictureCache& m_cache;
    LoaderOptions m_options;
    std::int64_t m_stepsPerEpoch = 1;
    std::thread m_thread;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::map<std::int64_t, std::optional<Batch>> m_ready;
    std::int64_t m_nextToMake = 0, m_nextToTake = 0;
    bool m_stop = false;
    std::exception_ptr m_fault; // what ended the thread
    double m_waited = 0;
    std::int64_t m_orderEpoch = -1;
    std::vector<std::size_t> m_order;
};

}
