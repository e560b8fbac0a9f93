#pragma once

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace percept::bench {

inline double secondsOf(clockid_t clock)
{
    timespec t {};
    clock_gettime(clock, &t);
    return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

// Milliseconds that the calling thread was ready to run and another program had the processor.
inline double queuedMs()
{
    std::ifstream file("/proc/thread-self/schedstat");
    double ran = 0, queued = 0;
    file >> ran >> queued;
    return queued / 1e6;
}

// p50, p95, p99 and the worst, as JSON.
inline std::string percentiles(std::vector<double> ms)
{
    std::sort(ms.begin(), ms.end());
    const auto at = [&](double p) { return ms[std::min(ms.size() - 1, std::size_t(p * double(ms.size())))]; };
    char text[160];
    std::snprintf(text, sizeof text, R"({"n": %zu, "p50": %.2f, "p95": %.2f, "p99": %.2f, "max": %.2f})", ms.size(), at(0.5), at(0.95),
        at(0.99), ms.back());
    return text;
}

// What steps of one thread cost, four ways: wall time; wall time without the time that the thread stood in the queue for a
// processor, which is what a quiet machine would have shown (what it waits for in other threads still counts, their queue
// included); processor time of the thread; and of the whole process.
class FrameClock {
public:
    template <typename Step>
    void measure(Step step)
    {
        const double process = secondsOf(CLOCK_PROCESS_CPUTIME_ID), queued = queuedMs();
        const double cpu = secondsOf(CLOCK_THREAD_CPUTIME_ID), wall = secondsOf(CLOCK_MONOTONIC);
        step();
        const double wallMs = (secondsOf(CLOCK_MONOTONIC) - wall) * 1e3;
        m_cpu.push_back((secondsOf(CLOCK_THREAD_CPUTIME_ID) - cpu) * 1e3);
        m_process.push_back((secondsOf(CLOCK_PROCESS_CPUTIME_ID) - process) * 1e3);
        m_wall.push_back(wallMs);
        m_unqueued.push_back(std::max(wallMs - (queuedMs() - queued), 0.0));
    }
    std::string json() const
    {
        return "{\"wall\": " + percentiles(m_wall) + ", \"wall_without_queue\": " + percentiles(m_unqueued) + ", \"cpu\": "
            + percentiles(m_cpu) + ", \"process_cpu\": " + percentiles(m_process) + "}";
    }

private:
    std::vector<double> m_wall, m_unqueued, m_cpu, m_process;
};

}
