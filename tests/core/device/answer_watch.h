#pragma once

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace percept::test {

// How long an AnswerWatch may be without an answer while packages come and go: 2 s, the contract, where the machine has nothing
// else to do (PERCEPT_NIGHTLY); elsewhere what cannot be waiting for a processor.
double longestGapTaken();

// Asks a percept-edge for answers over HTTP, fifty a second at most, as a camera would, and measures how long it was without one.
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
    int good() const { return m_good; } // answers so far

private:
    void watch(double start);

    int m_port;
    std::string m_picture;
    std::atomic<bool> m_stopping = false;
    std::atomic<double> m_firstSeconds = -1;
    std::atomic<int> m_good = 0;
    Seen m_seen;
    std::thread m_thread;
};

}
