#pragma once

#include "core/device/child_process.h"
#include "core/device/metrics.h"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace percept::device {

// Keeps one model process answering. The process meets every foreign byte (package, pictures); the supervisor only hands
// them on, so that what kills a decoder or an engine costs one answer. A child that dies is restarted, at most three times
// in a minute; then the supervisor gives up and says why.
class Supervisor {
public:
    struct Options {
        std::filesystem::path program;      // percept-edge
        std::vector<std::string> arguments; // of the child
        std::filesystem::path package;      // what the first child loads
        double loadTimeoutSeconds = 60, answerTimeoutSeconds = 60;
        std::size_t maxWaiting = 64; // requests beyond are turned away
    };
    Supervisor(Options options, Metrics& metrics);
    ~Supervisor();

    // Starts the child, loads the package and compares the golden answers. Gives "model" of the load answer.
    base::Result<nlohmann::json> start();
    // After the bytes of the package were put in the state folder: what later children load.
    void setPackage(const std::filesystem::path& path);

    // Any thread; waits for the answer. Errors are about the process, not about the picture.
    base::Result<nlohmann::json> ask(nlohmann::json request, std::vector<std::uint8_t> payload = {});

    bool isServing() const;
    // Why it gave up; nothing while it goes on.
    std::optional<base::Error> fatal() const;
    int childPid() const;
    nlohmann::json model() const;
    // Answers what waits, then ends the child.
    void stop();

private:
    struct Job {
        nlohmann::json request;
        std::vector<std::uint8_t> payload;
        std::promise<base::Result<nlohmann::json>> answer;
    };
    void work(std::promise<base::Result<nlohmann::json>> started);
    base::Result<nlohmann::json> launch(bool isFirst);
    base::Result<void> revive();
    base::Result<nlohmann::json> run(const Job& job);
    void giveUp(base::Error error);
    void setServing(bool serving);

    Options m_options;
    Metrics& m_metrics;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;
    bool m_stopping = false, m_serving = false;
    std::optional<base::Error> m_fatal;
    nlohmann::json m_model;
    int m_childPid = 0;
    std::unique_ptr<ChildProcess> m_child; // of the worker thread only
    std::deque<double> m_deaths;           // times of the last ones; of the worker thread only
    std::thread m_thread;
};

}
