#include "core/runs/decode_pool.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/runs/decode_task.h"
#include "core/runs/process.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <fmt/format.h>
#include <limits>
#include <mutex>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>
#include <utility>

namespace percept::runs {

namespace {

using protocol::DecodeAnswer;
using protocol::DecodeRequest;

constexpr int kMostWorkers = 4;
constexpr std::size_t kMostInFlight = 2; // so that a worker finds its next request without waiting for us
constexpr int kMostFailedStarts = 3;
constexpr int kDeathsToBlame = 2; // once may be the doing of somebody else, who was short of memory
constexpr double kNever = std::numeric_limits<double>::infinity();

// Callbacks of the process hold it as well, so it may be gone from the pool when they come.
struct Worker {
    std::unique_ptr<LineProcess> process;
    std::deque<DecodeTask> inFlight;
    double headSince = 0; // since when it has been at its first task
    double idleSince = 0;
    bool hasGreeted = false, isOverdue = false, isDropped = false;
    std::string fault; // what it said that a worker does not say
    std::optional<Ending> ending;

    // It has ended or is about to: what it got now would be blamed for that.
    bool isCondemned() const { return isOverdue || isDropped || !fault.empty() || ending.has_value(); }
};

std::string nameOf(const std::string& file) { return std::filesystem::path(file).filename().string(); }

std::string howItEnded(const Worker& worker)
{
    if (!worker.fault.empty())
        return worker.fault;
    return worker.ending->message.empty() ? "It ended without a word." : worker.ending->message;
}

base::Error blame(const Worker& worker, const DecodeRequest& request, double limitSeconds)
{
    const std::string name = nameOf(request.files.front());
    if (worker.isOverdue)
        return base::refused(fmt::format("{}: the decoder took longer than {:g} seconds on it; it is left out.", name, limitSeconds));
    if (worker.ending->signal == SIGXCPU)
        return base::refused(name + ": the decoder took too much processor time on it; it is left out.", worker.ending->message);
    return base::refused(name + ": the decoder crashed on it; it is left out. Open it in another program and save it anew to use it.",
        howItEnded(worker));
}

}

// The thread starts, feeds, watches and replaces workers. It alone starts them (they die with the thread that started them)
// and it alone destroys them, without the lock, because the destructor of a process waits for its callbacks.
struct DecodePool::State {
    explicit State(Options given)
        : options(std::move(given))
    {
        if (options.program.empty())
            options.program = base::sisterProgram("percept");
        if (options.workers <= 0)
            options.workers = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostWorkers);
        thread = std::thread([this] { run(); });
    }

    void run();
    void buryDead(std::unique_lock<std::mutex>& lock);
    void judge(Worker& dead);
    void judgeStart(const Worker& dead);
    bool startOne(std::unique_lock<std::mutex>& lock);
    void handOut();
    void endOverdue();
    void endIdle(std::unique_lock<std::mutex>& lock);
    double nextDeadline() const;
    void failAll(const base::Error& error);
    void onLine(Worker& worker, std::string_view line);
    void onEnd(Worker& worker, const Ending& ending);
    void greet(Worker& worker, std::string_view line);
    void takeAnswer(Worker& worker, DecodeAnswer answer);
    void misbehaves(Worker& worker, const std::string& fault);

    Options options;
    mutable std::mutex mutex; // guards what follows
    std::condition_variable changed;
    std::deque<DecodeTask> queue;
    std::vector<std::shared_ptr<Worker>> workers;
    std::optional<base::Error> broken; // why no worker can be had
    std::int64_t lastId = 0;
    int failedStarts = 0;
    bool wantsWarm = false, isStopped = false;
    std::thread thread;
};

void DecodePool::State::run()
{
    std::unique_lock lock(mutex);
    while (!isStopped) {
        buryDead(lock);
        endIdle(lock);
        do
            handOut();
        while (startOne(lock));
        endOverdue();
        // What may have changed while a worker was started or buried was noticed above or has an effect at the next look.
        if (isStopped || std::any_of(workers.begin(), workers.end(), [](const auto& w) { return w->ending.has_value(); }))
            continue;
        const double deadline = nextDeadline();
        if (deadline == kNever)
            changed.wait(lock);
        else
            changed.wait_for(lock, std::chrono::duration<double>(std::max(0.0, deadline - base::monotonicSeconds())));
    }
    failAll(base::cancelled());
    auto last = std::exchange(workers, {});
    lock.unlock();
    for (auto& worker : last)
        worker->process->kill();
    for (auto& worker : last)
        worker->process.reset();
}

void DecodePool::State::buryDead(std::unique_lock<std::mutex>& lock)
{
    std::vector<std::unique_ptr<LineProcess>> dead;
    for (auto& worker : workers)
        if (worker->ending) {
            judge(*worker);
            worker->isDropped = true;
            dead.push_back(std::move(worker->process));
        }
    if (dead.empty())
        return;
    std::erase_if(workers, [](const auto& worker) { return worker->isDropped; });
    lock.unlock();
    dead.clear();
    lock.lock();
}

// Whose fault was it? Everything that was not answered goes back to the front of the queue, in its order.
void DecodePool::State::judge(Worker& dead)
{
    auto tasks = std::exchange(dead.inFlight, {});
    if (!dead.hasGreeted) {
        judgeStart(dead);
    } else if (!tasks.empty()) {
        DecodeTask head = std::move(tasks.front());
        tasks.pop_front();
        spdlog::info("a decoder ended: {}", howItEnded(dead));
        if (head.request.files.size() > 1)
            for (std::size_t i = head.request.files.size(); i-- > 0;)
                tasks.push_front(oneOf(head, i));
        else if (++head.deaths < kDeathsToBlame && !dead.isOverdue)
            tasks.push_front(std::move(head));
        else
            fill(head, { blame(dead, head.request, options.limitSeconds) });
    }
    queue.insert(queue.begin(), std::make_move_iterator(tasks.begin()), std::make_move_iterator(tasks.end()));
    if (broken)
        failAll(*broken);
}

// A start that fails is no file's fault. While others live they do the work alone; without any there is no decoding.
void DecodePool::State::judgeStart(const Worker& dead)
{
    const bool isFinal = dead.ending->kind == Ending::Kind::DidNotStart || !dead.fault.empty() || ++failedStarts >= kMostFailedStarts;
    if (!isFinal)
        return;
    const auto living = std::count_if(workers.begin(), workers.end(), [](const auto& w) { return w->hasGreeted && !w->ending; });
    if (living > 0) {
        options.workers = static_cast<int>(living);
        return;
    }
    broken = base::failed(fmt::format("Pictures cannot be decoded by {}: {} Is Percept installed completely?", options.program.string(), howItEnded(dead)));
}

// Starts a worker when there is more to do than the others can begin with.
bool DecodePool::State::startOne(std::unique_lock<std::mutex>& lock)
{
    const bool wanted = !queue.empty() || (workers.empty() && wantsWarm);
    wantsWarm = false;
    if (!wanted || broken || isStopped || workers.size() >= static_cast<std::size_t>(options.workers))
        return false;
    auto worker = std::make_shared<Worker>();
    worker->idleSince = base::monotonicSeconds();
    LineProcess::Options process;
    process.program = options.program;
    process.arguments = { "decode", "--stdio" };
    process.graceSeconds = 0.5;
    lock.unlock();
    auto started = LineProcess::start(
        process, [this, worker](std::string_view line) { onLine(*worker, line); },
        [this, worker](const Ending& ending) { onEnd(*worker, ending); });
    lock.lock();
    if (!worker->fault.empty())
        started->kill(); // it spoke before we could hear
    worker->process = std::move(started);
    workers.push_back(std::move(worker));
    return true;
}

// One task each, and a second one only when no more workers will come. A worker that starts while others work gets its first when
// it is there: whoever takes the answers in their order would wait for its start.
void DecodePool::State::handOut()
{
    const bool isOneThere = std::any_of(workers.begin(), workers.end(), [](const auto& w) { return w->hasGreeted && !w->isCondemned(); });
    const std::size_t most = workers.size() < static_cast<std::size_t>(options.workers) ? 1 : kMostInFlight;
    while (!queue.empty()) {
        const auto load = [&](const auto& worker) {
            return worker->isCondemned() || (isOneThere && !worker->hasGreeted) ? kMostInFlight : worker->inFlight.size();
        };
        const auto least = std::min_element(workers.begin(), workers.end(), [&](const auto& a, const auto& b) { return load(a) < load(b); });
        if (least == workers.end() || load(*least) >= most)
            return;
        Worker& worker = **least;
        DecodeTask task = std::move(queue.front());
        queue.pop_front();
        task.request.id = ++lastId;
        worker.process->writeLine(protocol::encode(task.request)); // not taken: it is ending, and we shall hear of that
        if (worker.inFlight.empty())
            worker.headSince = base::monotonicSeconds();
        worker.inFlight.push_back(std::move(task));
    }
}

void DecodePool::State::endOverdue()
{
    for (auto& worker : workers)
        if (!worker->inFlight.empty() && !worker->isOverdue && base::monotonicSeconds() >= worker->headSince + options.limitSeconds) {
            worker->isOverdue = true;
            worker->process->kill();
        }
}

void DecodePool::State::endIdle(std::unique_lock<std::mutex>& lock)
{
    std::vector<std::unique_ptr<LineProcess>> idle;
    for (auto& worker : workers)
        if (worker->inFlight.empty() && queue.empty() && !worker->ending && base::monotonicSeconds() >= worker->idleSince + options.idleSeconds) {
            worker->isDropped = true;
            idle.push_back(std::move(worker->process));
        }
    if (idle.empty())
        return;
    std::erase_if(workers, [](const auto& worker) { return worker->isDropped; });
    lock.unlock();
    idle.clear();
    lock.lock();
}

double DecodePool::State::nextDeadline() const
{
    double next = kNever;
    for (const auto& worker : workers) {
        if (worker->inFlight.empty())
            next = std::min(next, worker->idleSince + options.idleSeconds);
        else if (!worker->isOverdue)
            next = std::min(next, worker->headSince + options.limitSeconds);
    }
    return next;
}

void DecodePool::State::failAll(const base::Error& error)
{
    for (const DecodeTask& task : queue)
        fail(task, error);
    queue.clear();
    for (auto& worker : workers) {
        for (const DecodeTask& task : worker->inFlight)
            fail(task, error);
        worker->inFlight.clear();
    }
}

void DecodePool::State::onLine(Worker& worker, std::string_view line)
{
    if (!worker.hasGreeted) { // only this thread writes it before it is true
        greet(worker, line);
        return;
    }
    auto answer = protocol::decodeAnswerFromLine(line);
    const std::scoped_lock lock(mutex);
    if (answer.hasError())
        misbehaves(worker, answer.error().message);
    else
        takeAnswer(worker, std::move(answer).value());
    changed.notify_all();
}

void DecodePool::State::greet(Worker& worker, std::string_view line)
{
    const auto hello = protocol::decodeHelloFromLine(line);
    const std::scoped_lock lock(mutex);
    if (hello.hasError() || hello->protocol != protocol::kDecodeProtocolVersion) {
        misbehaves(worker, "It is of another version than this program.");
        return;
    }
    worker.hasGreeted = true;
    worker.headSince = base::monotonicSeconds(); // its start is not the first file's fault
    failedStarts = 0;
    if (hello->confined == "nothing")
        spdlog::warn("this system lets a decoder be kept from memory without end but not from the network");
    changed.notify_all();
}

void DecodePool::State::takeAnswer(Worker& worker, DecodeAnswer answer)
{
    if (worker.isCondemned())
        return; // its time is over, whatever it says
    if (worker.inFlight.empty() || worker.inFlight.front().request.id != answer.id
        || worker.inFlight.front().request.files.size() != answer.pictures.size()) {
        misbehaves(worker, "It answered something that was not asked.");
        return;
    }
    fill(worker.inFlight.front(), std::move(answer.pictures));
    worker.inFlight.pop_front();
    worker.headSince = worker.idleSince = base::monotonicSeconds();
}

// Taken over or confused: it ends, and what it was at is judged like a crash.
void DecodePool::State::misbehaves(Worker& worker, const std::string& fault)
{
    worker.fault = fault;
    if (worker.process)
        worker.process->kill();
}

void DecodePool::State::onEnd(Worker& worker, const Ending& ending)
{
    const std::scoped_lock lock(mutex);
    worker.ending = ending;
    changed.notify_all();
}

DecodePool::DecodePool() : DecodePool(Options {}) { }

DecodePool::DecodePool(const Options& options) : m_state(std::make_unique<State>(options)) { }

DecodePool::~DecodePool()
{
    stop();
    m_state->thread.join();
}

std::future<DecodePool::Answer> DecodePool::ask(DecodeRequest request)
{
    DecodeTask task = newTask(std::move(request));
    auto future = task.job->promise.get_future();
    const std::scoped_lock lock(m_state->mutex);
    if (m_state->isStopped || m_state->broken) {
        fail(task, m_state->isStopped ? base::cancelled() : *m_state->broken);
    } else if (task.request.files.empty()) {
        fill(task, {});
    } else {
        m_state->queue.push_back(std::move(task));
        m_state->changed.notify_all();
    }
    return future;
}

void DecodePool::warmUp()
{
    const std::scoped_lock lock(m_state->mutex);
    m_state->wantsWarm = true;
    m_state->changed.notify_all();
}

void DecodePool::stop()
{
    const std::scoped_lock lock(m_state->mutex);
    m_state->isStopped = true;
    m_state->changed.notify_all();
}

std::vector<int> DecodePool::workerPids() const
{
    const std::scoped_lock lock(m_state->mutex);
    std::vector<int> pids;
    for (const auto& worker : m_state->workers)
        if (worker->process)
            pids.push_back(worker->process->pid());
    return pids;
}

}
