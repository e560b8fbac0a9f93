#pragma once

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace percept::test {

// Asks a percept-edge for answers over HTTP without a pause, as a camera would, and measures how long it was without one.
class AnswerWatch {
public:
    // `state`: what edge.json says. Returns after the first good answer, or after `patienceSeconds`.
    explicit AnswerWatch(const nlohmann::json& state, double patienceSeconds = 30);
    ~AnswerWatch();

    struct Seen {
        int good = 0, failed = 0; // failed: an answer that is not one, or none
        double longestGapSeconds = 0; // between two good answers
    };
    Seen stop();
    // Since the watch began; negative when there was none.
    double firstAnswerSeconds() const { return m_firstSeconds; }

private:
    void watch(double start);

    int m_port;
    std::string m_picture;
    std::atomic<bool> m_stopping = false;
    std::atomic<double> m_firstSeconds = -1;
    Seen m_seen;
    std::thread m_thread;
};

}
