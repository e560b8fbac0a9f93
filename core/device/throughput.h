#pragma once

#include <deque>
#include <mutex>

namespace percept::device {

// How fast answers come and how long each takes, over the last minute (at most its last 6,000 answers). Any thread; times
// are given, so that a test needs no clock.
class Throughput {
public:
    explicit Throughput(double startSeconds)
        : m_start(startSeconds)
    {
    }
    void add(double nowSeconds, double tookSeconds);

    struct Figures {
        double framesPerSecond = 0;               // answers of the last minute over the time since, or since the start
        double p50Ms = 0, p95Ms = 0, p99Ms = 0;   // nearest rank; 0 without answers
    };
    Figures figures(double nowSeconds) const;

private:
    struct Answer { double at, took; };
    static constexpr double kWindowSeconds = 60;
    static constexpr std::size_t kMaxAnswers = 6000;

    const double m_start;
    mutable std::mutex m_mutex;
    std::deque<Answer> m_answers;
};

}
