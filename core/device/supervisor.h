#pragma once

#include "core/device/metrics.h"
#include "core/device/trial.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace percept::device {

// Keeps one model process answering. The process meets every foreign byte (package, pictures); the supervisor only hands
// them on, so that what kills a decoder or an engine costs one answer. A child that dies is restarted, at most three times
// in a minute; then it is the turn of the fallback, and without one the supervisor gives up and says why.
// A new model is on trial after adopt(): the process of the one before stays (see trial.h), and answers again (the request that
// failed too) as soon as the new one dies, is silent, or fails on a picture that the former can answer.
class Supervisor {
public:
    struct Options {
        std::filesystem::path program;      // percept-edge
        std::vector<std::string> arguments; // of the child
        double loadTimeoutSeconds = 60, answerTimeoutSeconds = 60;
        std::size_t maxWaiting = 64; // pictures beyond are turned away
        // Both are called by the worker thread.
        std::function<std::optional<ModelFile>(const base::Error& why)> fallback; // another one to go on with
        std::function<void(RefusalKind kind, const std::string& why)> onTakenBack; // the trial has failed
        // Likewise, when there is nothing to go on with: true to wait without a model for the next one, not to give up.
        std::function<bool(const base::Error& why)> staysEmpty;
    };
    Supervisor(Options options, Metrics& metrics);
    ~Supervisor();

    // Starts the child, loads the package and compares the golden answers. Gives "model" of the load answer, which is {} when
    // it begins without one: no path was given, or staysEmpty().
    base::Result<nlohmann::json> start(const ModelFile& model);
    // After the bytes of the package were put in the state folder: what later children load.
    void setModelFile(const ModelFile& file);

    // Any thread; waits for the answer. Errors are about the process, not about the picture.
    base::Result<nlohmann::json> ask(nlohmann::json request, std::vector<std::uint8_t> payload = {});

    // Pictures that were answered, as they were asked; on the worker thread. An empty function ends it.
    using Tap = std::function<void(const nlohmann::json& request, const std::vector<std::uint8_t>& payload)>;
    void setTap(Tap tap);

    // Every picture that was asked about, with what became of it; on the worker thread, before who asked gets the answer.
    struct Frame {
        const nlohmann::json& request;
        const std::vector<std::uint8_t>& payload;
        const base::Result<nlohmann::json>& answer;
        const nlohmann::json& model; // that answered
        const nlohmann::json& measured; // see "measure" in protocol/edge_messages.h; {} when it failed
        double seconds = 0;
    };
    using Observer = std::function<void(const Frame& frame)>;
    // `measures`: with `measured`, which costs a few milliseconds a picture. An empty function ends it.
    void setObserver(Observer observer, bool measures = false);

    // From other threads, not from the callbacks. The thread that started `next` must outlive this.
    void adopt(LoadedChild next, double answerTimeoutSeconds);
    // The trial is over, well. False: not yet, the new model owes an answer; ask again in a moment.
    bool settle();
    // The model before answers again; false when there was no trial. onTakenBack is not called.
    bool takeBack();
    // On the thread that calls, while the running model answers; then replace() lets it answer. Cancelled: soon after that.
    base::Result<LoadedChild> load(const ModelFile& file, bool comparesGolden, const base::CancelToken& cancel = {}) const;
    void replace(LoadedChild next);

    bool isServing() const;
    // Why it gave up; nothing while it goes on.
    std::optional<base::Error> fatal() const;
    int childPid() const;
    nlohmann::json model() const; // {}: none
    // Answers what waits, then ends the child.
    void stop();

private:
    struct Job {
        nlohmann::json request;
        std::vector<std::uint8_t> payload;
        std::promise<base::Result<nlohmann::json>> answer;
    };
    using Action = std::packaged_task<void()>;

    void work(const ModelFile& model, std::promise<base::Result<nlohmann::json>> started);
    bool workOnce(); // false: nothing is left to do
    void runOnWorker(std::function<void()> action);
    base::Result<void> launch(const ModelFile& file, bool comparesGolden);
    base::Result<void> launchFallback(base::Error why);
    void serveNothing();
    base::Result<void> revive();
    base::Result<nlohmann::json> run(const Job& job);
    base::Result<nlohmann::json> runOnTrial(const Job& job);
    base::Result<nlohmann::json> answerOf(Job& job);
    base::Result<nlohmann::json> runObserved(Job& job);
    void callTap(const Job& job, const base::Result<nlohmann::json>& answer);
    void serve(LoadedChild child);
    void useFormer();
    void failTrial(const Trial::Failure& failure);
    void lookAfterChild();
    void giveUp(base::Error error);
    void setServing(bool serving);

    Options m_options;
    Metrics& m_metrics;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;
    std::deque<Action> m_actions;
    Tap m_tap;
    Observer m_observer;
    bool m_measures = false;
    bool m_stopping = false, m_serving = false;
    std::optional<base::Error> m_fatal;
    nlohmann::json m_model = nlohmann::json::object();
    int m_childPid = 0;
    // Of the worker thread only:
    LoadedChild m_child; // without a process: there is no model
    std::optional<Trial> m_trial; // of m_child
    bool m_formerHasAnswered = false; // the last request
    std::deque<double> m_deaths; // times of the last ones
    std::thread m_thread;
};

// Asks a child to load and, where wished, to compare its golden answers.
base::Result<void> checkGoldenAnswer(const nlohmann::json& answer);

}
